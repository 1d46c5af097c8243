"""The borders between a figure that passes, one that does not, and one that is not known well enough.

Apart from the gate because the report words its sentences by the same borders.
"""

SUSPICIOUS_AUROC = 0.85
"""Honest 30-day discrimination from home-care data is 0.68-0.78; above it is a vendor's figure or a leak (field 2)."""
SLOPE_LOW, SLOPE_HIGH = 0.8, 1.25
WIDEST_SLOPE = 1.0
"""A slope known no better than this has not been measured."""
FEW_ADMISSIONS = 50
"""With fewer admissions on the test weeks nothing is clear, neither good nor bad."""
UNDERSTATED = 1.5
"""Admissions for each expected one, at least, from which a part of the citizens is clearly harmed."""
FAITHFUL = 0.9
"""The share of the listed who must be told a first reason without whose evidence their score falls."""
FEW_REASONS = 30
"""With fewer listed measured, nothing is said of how faithful their reasons are."""
MOSTLY = 0.5
"""Clearly fewer of the listed than this being told a true first reason, and nobody may accept it."""
