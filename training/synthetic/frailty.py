"""The slow frailty of each citizen: an autoregression of order one, standard normal on any day.

It is latent: records show it only through rates. The truth uses `decay` to say how it may go on.
"""

import numpy as np
from numpy.typing import NDArray

from training.synthetic.chance import stream
from training.synthetic.town import Town


def decay(town: Town) -> float:
    """The share of today's frailty that is left tomorrow."""
    return float(0.5 ** (1 / town.risk.frailty_half_life_days))


def draw_frailty(town: Town, citizens: int) -> NDArray[np.float32]:
    """Citizens x days (one day more than the town has: the state on the morning of `end`)."""
    rng = stream(town.seed, "frailty", citizens)
    keep = decay(town)
    noise = (1 - keep**2) ** 0.5
    path = np.empty((citizens, town.days + 1), np.float32)
    path[:, 0] = rng.standard_normal(citizens)
    for day in range(1, town.days + 1):
        path[:, day] = keep * path[:, day - 1] + noise * rng.standard_normal(citizens)
    return path
