"""Fitting: the additive view, the boosted trees, and the calibration of what they say together."""
