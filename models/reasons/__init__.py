"""Reasons: why a citizen ranks high, in words, as far as the citizen's own numbers show it."""
