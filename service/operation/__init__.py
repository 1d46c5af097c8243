"""Keeping an installation going: what is done by itself, what is kept safe, and what is wrong with it."""
