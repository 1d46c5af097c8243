"""The training matrix: which weeks there are, their rows of features and outcomes, and how time divides them."""
