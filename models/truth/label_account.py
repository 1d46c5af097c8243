"""Why a label is what it is: the same functions that make it, with every boundary and every fact they looked at.

For one citizen on one as-of date. It tells what `models.cohort` and `models.truth.label` say and decides nothing.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np

from models.cohort import Absence, Status, absence, cohort
from models.events import Events
from models.truth import episodes
from models.truth.label import UNTOLD, LabelPolicy, label
from models.windows import Days, day_of, local_time, visible

Outcome = Literal["1", "0", "censored", "not in cohort"]

_ABSENT: Final = {
    Absence.UNKNOWN: "no start of home care was known before the date",
    Absence.NOT_BEGUN: "home care begins after the date",
    Absence.ENDED: "home care had ended by the date",
    Absence.DEAD: "the citizen had died before the date",
}
_UNRANKED: Final = {
    Status.IN_HOSPITAL: "in hospital on the date",
    Status.TERMINAL: "declared terminal",
    Status.NO_DATA: "nothing was written about the citizen for 14 days",
}
_LOOKED_AT: Final = ("stay:*", "citizen:care_start", "citizen:care_end", "citizen:death")


@dataclass(frozen=True, slots=True)
class Fact:
    """An event the label may rest on: its code, its local time with offset, and what it meant for the label."""

    code: str
    occurred_at: str
    meant: str


@dataclass(frozen=True, slots=True)
class LabelAccount:
    """The label and all it rests on.

    `horizon` is half-open: its first day counts, its end does not. `told_from` is the first day `known_before` may be
    for the outcome to be told: the horizon is over and late messages are in.
    """

    outcome: Outcome
    why: str
    as_of: date
    policy: str
    counted: tuple[str, ...]
    horizon_first: date
    horizon_end: date
    told_from: date
    known_before: date
    facts: tuple[Fact, ...]


def label_account(events: Events, citizen: int, as_of: int, policy: LabelPolicy, known_before: int) -> LabelAccount:
    """The account of one citizen on the as-of day, both day numbers; `events` are all of the citizen's."""
    outcome, why = _outcome(events, citizen, as_of, policy, known_before)
    horizon = Days.horizon(as_of, policy.horizon_days)
    return LabelAccount(
        outcome=outcome,
        why=why,
        as_of=day_of(as_of),
        policy=policy.id,
        counted=policy.counted,
        horizon_first=day_of(horizon.first),
        horizon_end=day_of(horizon.end),
        told_from=day_of(horizon.end + policy.settled_days),
        known_before=day_of(known_before),
        facts=_facts(events, horizon, policy, known_before),
    )


def _outcome(events: Events, citizen: int, as_of: int, policy: LabelPolicy, known_before: int) -> tuple[Outcome, str]:
    absent = absence(events, citizen, as_of)
    if absent is not None:
        return "not in cohort", f"Not in home care: {_ABSENT[absent]}."
    rows = cohort(events, [as_of])
    status = Status(int(rows.status[rows.citizen == citizen][0]))
    if status is not Status.RANKED:
        return "not in cohort", f"In home care but not ranked: {_UNRANKED[status]}."
    told = int(label(events, np.array([citizen], np.int32), np.array([as_of], np.int32), policy, known_before)[0])
    if told == UNTOLD:
        return "censored", _censored(as_of, policy, known_before)
    if told == 1:
        return "1", "An admission that the policy counts lies within the horizon."
    return "0", "No admission that the policy counts lies within the horizon."


def _censored(as_of: int, policy: LabelPolicy, known_before: int) -> str:
    told_from = as_of + policy.horizon_days + policy.settled_days
    if told_from > known_before:
        return (
            f"It cannot be told before {day_of(told_from)}, when the horizon is over and late messages are in; only "
            f"what was known before {day_of(known_before)} is looked at."
        )
    return "Home care ended, or the citizen died, within the horizon, and the policy leaves such rows out."


def _facts(events: Events, horizon: Days, policy: LabelPolicy, known_before: int) -> tuple[Fact, ...]:
    told = events.where(visible(events.known_day, events.superseded_day, known_before)).with_codes(_LOOKED_AT)
    inside = horizon.hold(told.day)
    return tuple(
        Fact(told.codes[code], local_time(int(at)).isoformat(), _meant(told.codes[code], policy, within=bool(within)))
        for code, at, within in zip(told.code, told.occurred_at, inside, strict=True)
    )


def _meant(code: str, policy: LabelPolicy, *, within: bool) -> str:
    if not within:
        return "outside the horizon"
    if code in policy.counted:
        return "counts"
    if code in (episodes.BEGAN, episodes.ENDED, "citizen:care_start"):
        return "no outcome by itself"
    if code in (episodes.DIED, "citizen:death", "citizen:care_end"):
        return "no admission" if policy.competing_is_negative else "leaves the row out"
    return f"not counted by {policy.id}"
