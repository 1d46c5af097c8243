"""The oracle of cohort and label: who is listed on a date and why not, and what came of it, in plain sentences."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from models.truth.label import LabelPolicy
from tests.models.happenings import Happening
from tests.models.oracle.times import days_before, is_visible, midnight

SEEN_BY_NOBODY = (
    *("citizen:", "district:", "team:", "sex:", "granted", "monitoring", "stay:", "review:"),
    "visit:planned",
)

Place = tuple[str, str | None]
"""Status and district."""


def listed(found: Iterable[Happening], as_of: date) -> dict[int, Place]:
    """Every citizen in care on the date, with the status and the district known on it."""
    known = sorted(
        (each for each in found if is_visible(each, as_of)),
        key=lambda each: (each.occurred_at, each.known_from, each.sequence),
    )
    citizens = {each.citizen for each in known}
    of_each = {citizen: [each for each in known if each.citizen == citizen] for citizen in citizens}
    return {
        citizen: (_status(own, as_of), _district(own))
        for citizen, own in sorted(of_each.items())
        if _is_in_care(own, as_of)
    }


def _last(own: Sequence[Happening], *codes: str) -> Happening | None:
    return next((each for each in reversed(own) if each.code in codes), None)


def _is_in_care(own: Sequence[Happening], as_of: date) -> bool:
    start, end = _last(own, "citizen:care_start"), _last(own, "citizen:care_end")
    death = _last(own, "citizen:death", "stay:death")
    tomorrow = midnight(as_of + timedelta(days=1))
    if start is None or start.occurred_at >= tomorrow:
        return False
    if end is not None and end.occurred_at < tomorrow:
        return False
    return death is None or death.occurred_at >= midnight(as_of)


def _status(own: Sequence[Happening], as_of: date) -> str:
    if _is_in_hospital(own, as_of):
        return "IN_HOSPITAL"
    terminal = _last(own, "citizen:terminal")
    if terminal is not None and (terminal.value or 0) > 0:
        return "TERMINAL"
    seen = [
        each
        for each in own
        if not each.code.startswith(SEEN_BY_NOBODY) and days_before(as_of, 14) <= each.occurred_at < midnight(as_of)
    ]
    return "RANKED" if seen else "NO_DATA"


def _is_in_hospital(own: Sequence[Happening], as_of: date) -> bool:
    past = [each for each in own if each.occurred_at < midnight(as_of)]
    left, came = _last(past, "stay:end"), _last(past, "stay:start")
    bed = _last(past, "stay:acute", "stay:untagged", "stay:planned")
    return _is_open(bed, left, days_before(as_of, 60)) or _is_open(came, left, days_before(as_of, 2))


def _is_open(begun: Happening | None, left: Happening | None, earliest: datetime) -> bool:
    if begun is None or begun.occurred_at < earliest:
        return False
    return left is None or left.occurred_at < begun.occurred_at


def _district(own: Sequence[Happening]) -> str | None:
    districts = [each.code.removeprefix("district:") for each in own if each.code.startswith("district:")]
    return districts[-1] if districts else None


def outcome(
    found: Iterable[Happening], citizen: int, as_of: date, policy: LabelPolicy, known_before: date
) -> int | None:
    """1 when a counted stay began in `[T, T + horizon)` as known before a date, 0 when none did, None untold."""
    horizon_ends = as_of + timedelta(days=policy.horizon_days)
    if horizon_ends + timedelta(days=policy.settled_days) > known_before:
        return None
    inside = [
        each.code
        for each in found
        if each.citizen == citizen
        and is_visible(each, known_before)
        and midnight(as_of) <= each.occurred_at < midnight(horizon_ends)
    ]
    if any(code in policy.counted for code in inside):
        return 1
    ended = any(code in ("citizen:care_end", "citizen:death", "stay:death") for code in inside)
    return None if ended and not policy.competing_is_negative else 0
