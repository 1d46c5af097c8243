"""The invented municipality: a home-care record with known truth, for demonstration, tests and measurement."""
