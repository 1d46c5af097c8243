"""Bands: a calibrated probability as a word.

The borders are risks a nurse can weigh, told against the 3.8-4.6 % of home-care recipients who are acutely admitted in
any 30 days: about twice, three times and five times that. They are fixed, so that a word means the same every week.
"""

from typing import Final

from service.weekly.lists import Band

BORDERS: Final = ((0.20, Band.VERY_HIGH), (0.12, Band.HIGH), (0.07, Band.RAISED))


def band_of(probability: float) -> Band:
    """The band of a calibrated probability."""
    return next((band for border, band in BORDERS if probability >= border), Band.USUAL)
