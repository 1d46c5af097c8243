"""Training's subcommands of `omhu` that are more than a few lines; `training.cli` registers them."""
