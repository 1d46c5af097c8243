"""Evaluation: every figure of a ranking, beside baselines, with its interval; and the checks that it is honest."""
