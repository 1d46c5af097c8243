"""The hospital's messages as they stand: which reports of an episode hold, once changes and cancellations are taken in.

Nothing here knows what a stay is (`models.truth.episodes`). No answer depends on the order messages came in: they are
put in order of writing, and two that cannot be told apart by it say the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from models.events import instants

INPATIENT = "admit-inpatient"
EMERGENCY = "admit-emergency"
LEFT_INPATIENT = "discharge-inpatient-home"
LEFT_EMERGENCY = "discharge-emergency-home"
DECEASED = "deceased"


@dataclass(frozen=True, slots=True)
class Message:
    """One version of one notification; times are instants in microseconds UTC."""

    citizen: int
    episode: str
    activity: str
    planned: bool | None
    occurred_at: int
    recorded_at: int
    known_from: int
    superseded_at: int

    @property
    def about(self) -> str:
        """The activity it is about, whether it reports, revises or cancels it."""
        return self.activity.removeprefix("revise-").removeprefix("cancel-")

    @property
    def cancels(self) -> bool:
        """Whether it says that an earlier one is void."""
        return self.activity.startswith("cancel-")

    @property
    def revises(self) -> bool:
        """Whether it takes the place of an earlier one."""
        return self.activity.startswith("revise-")

    @property
    def place(self) -> tuple[int, int, int, str, int]:
        """Its place among messages, whichever came first: by when it was written, and a change after what it changes.

        Two that are alike in all of this say the same.
        """
        verb = 2 if self.cancels else int(self.revises)
        tag = 0 if self.planned is None else 1 + self.planned
        return self.recorded_at, verb, self.occurred_at, self.about, tag


def messages_of(rows: pa.Table) -> tuple[Message, ...]:
    """The rows of `hospital_notifications`, with what every version has (see `models.projection`), in their order."""
    columns = (
        rows["citizen"].to_pylist(),
        rows["episode_id"].to_pylist(),
        rows["activity"].to_pylist(),
        rows["planned"].to_pylist(),
        *(instants(rows[name]).tolist() for name in ("occurred_at", "recorded_at", "known_from", "superseded_at")),
    )
    return tuple(Message(*values) for values in zip(*columns, strict=True))


def standing(messages: Iterable[Message]) -> Mapping[str, Sequence[Message]]:
    """By activity, the reports that still hold, of messages in order of `place`.

    A revision takes the place of all reports of its activity. A cancellation takes away the report of its own time;
    when there is none, which of them it means cannot be told, and none is left.
    """
    reports: defaultdict[str, list[Message]] = defaultdict(list)
    for message in messages:
        before = reports[message.about]
        if message.cancels:
            others = [report for report in before if report.occurred_at != message.occurred_at]
            reports[message.about] = others if len(others) < len(before) else []
        else:
            reports[message.about] = [message] if message.revises else [*before, message]
    return reports
