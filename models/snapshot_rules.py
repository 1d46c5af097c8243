"""By which rules events were made: a snapshot made by others is not added to, but made again.

The lexicon has a hash of its own (`models.notes.lexicon`).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

from models import projection, thinning
from models.truth import episodes
from models.vocabulary import vocabulary

RULES_VERSION: Final = "1"
"""Raised when the code would make other events of the same rows by the same rules, so that all are made again."""


def rules_hash(acted: Iterable[str]) -> str:
    """A digest of every rule that is data, and of the reviews that count as `acted` (`models.truth.acting`)."""
    rules = {
        "version": RULES_VERSION,
        "projection": {table: [asdict(rule) for rule in of_table] for table, of_table in projection.RULES.items()},
        "tables": (projection.STANDING, projection.STREAM),
        "visits": (projection.VISIT_KINDS, projection.OTHER),
        "dense": vocabulary().dense,
        "thinning": (str(thinning.NIGHT_ENDS), str(thinning.NIGHT_BEGINS), thinning.PARTS, thinning.STATISTICS),
        "stays": (episodes.TRANSFER, episodes.EMERGENCY_BEFORE),
        "acted": sorted(acted),
    }
    # A set has no order of its own.
    return hashlib.sha256(json.dumps(rules, default=sorted).encode()).hexdigest()
