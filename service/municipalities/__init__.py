"""Several municipalities in one installation: whose settings are whose, that they share nothing, and which is meant."""
