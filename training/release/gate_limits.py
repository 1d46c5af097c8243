"""The borders between a figure that passes, one that does not, and one that is not known well enough.

Apart from the gate because the report words its sentences by the same borders.
"""

SLOPE_LOW, SLOPE_HIGH = 0.8, 1.25
WIDEST_SLOPE = 1.0
"""A slope known no better than this has not been measured."""
FEW_ADMISSIONS = 50
"""With fewer admissions on the test weeks nothing is clear, neither good nor bad."""
UNDERSTATED = 1.5
"""Admissions for each expected one, at least, from which a part of the citizens is clearly harmed."""
FAITHFUL = 0.9
"""The share of first reasons without whose evidence the score must fall."""
FEW_REASONS = 30
"""With fewer first reasons measured, nothing is said of how faithful they are."""
MOSTLY = 0.5
"""Clearly fewer first reasons than this being true of the score, and nobody may accept it."""
