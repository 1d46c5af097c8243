"""Scoring: a bundle of plain data, from a row of features to a calibrated probability."""
