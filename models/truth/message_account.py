"""What each hospital notification did to what is believed: opened a stay, ended it, changed it, or nothing, and why.

It tells what `models.truth.episodes` decides and decides nothing itself: what a message did is read off the reports
that stand in its part of the episode and the stay they tell of.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Literal

from models.truth.episodes import EMERGENCY_BEFORE, Stay, parts_of, stay_of
from models.truth.notifications import DECEASED, EMERGENCY, INPATIENT, Message, standing

Did = Literal["opened", "ended", "revised", "cancelled", "ignored"]


@dataclass(frozen=True, slots=True)
class Deed:
    """What a message did, and why."""

    did: Did
    why: str


def deeds(messages: Sequence[Message], known_before: int) -> tuple[Deed, ...]:
    """What each message of one citizen did, in their order, as known before an instant (microseconds UTC)."""
    seen = [message for message in messages if message.known_from < known_before <= message.superseded_at]
    # One that says the same as another is told of once: the same message sent twice.
    once = {(message.episode, message.place): message for message in seen}
    ordered = [once[key] for key in sorted(once)]
    done: dict[int, Deed] = {}
    for _, episode in groupby(ordered, attrgetter("episode")):
        for part in parts_of(episode):
            done |= {id(message): deed for message, deed in zip(part, _of_part(part), strict=True)}
    return tuple(done.get(id(message)) or _unseen(message, known_before) for message in messages)


def _unseen(message: Message, known_before: int) -> Deed:
    if message.known_from >= known_before:
        return Deed("ignored", "it was not known yet")
    if message.superseded_at < known_before:
        return Deed("ignored", "a later version of it, or its retraction, took its place")
    return Deed("ignored", "it says the same as another message")


def _of_part(part: Sequence[Message]) -> Iterator[Deed]:
    stay, reports = stay_of(part), standing(part)
    for place, message in enumerate(part):
        earlier = standing(part[:place]).get(message.about, ())
        if message.cancels:
            yield _cancellation(message, earlier)
        elif message not in reports[message.about]:
            yield Deed("ignored", "a later message revised or cancelled it")
        elif message.revises:
            yield Deed("revised", f"it takes the place of {len(earlier)} earlier reports of this activity")
        else:
            yield _report(message, stay, reports)


def _cancellation(message: Message, earlier: Sequence[Message]) -> Deed:
    if not earlier:
        return Deed("ignored", "nothing of this activity stood that it could cancel")
    if any(report.occurred_at == message.occurred_at for report in earlier):
        return Deed("cancelled", "it takes the report of its time away")
    return Deed("cancelled", "no report is of its time, so it takes all of this activity away")


def _report(message: Message, stay: Stay | None, reports: Mapping[str, Sequence[Message]]) -> Deed:
    if "leave" in message.about:
        return Deed("ignored", "leave is not discharge")
    if stay is None:
        return Deed("ignored", "no admission of the episode stands")
    if message.about == INPATIENT:
        return _inpatient(message, stay)
    if message.about == EMERGENCY:
        return _contact(message, stay)
    return _end(message, stay, reports)


def _inpatient(message: Message, stay: Stay) -> Deed:
    if message.occurred_at != stay.inpatient:
        return Deed("ignored", "reported again, as by the next hospital: the earliest report holds")
    kind = {True: "tagged as planned", False: "tagged as not planned", None: "not tagged"}[message.planned]
    return Deed("opened", f"the inpatient admission, {kind}: {stay.admission}")


def _contact(message: Message, stay: Stay) -> Deed:
    if stay.inpatient is None:
        return Deed("opened", f"the emergency ward, without an inpatient admission: {stay.admission}")
    if 0 <= stay.inpatient - message.occurred_at <= EMERGENCY_BEFORE:
        return Deed("opened", "the emergency ward within a day before the inpatient admission makes it acute")
    return Deed("ignored", "the emergency ward, but not within the day before the inpatient admission")


def _end(message: Message, stay: Stay, reports: Mapping[str, Sequence[Message]]) -> Deed:
    if message != reports[message.about][-1]:
        return Deed("ignored", "of several reports of this activity the one written last holds")
    if message.occurred_at == stay.end:
        return Deed("ended", "death ends the stay" if message.about == DECEASED else "it ends the stay")
    return Deed("ignored", "it lies before the admission, or a later message ends the stay")
