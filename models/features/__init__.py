"""Features: definitions as data, and the one kernel that computes them all."""
