"""Following up: how much of each list was looked at in time, and what was done about it; counts that add up.

Only reviews that were not taken back count. Handing a citizen over is not looking, and one who was stepped back on an
earlier list is counted apart: nobody was to look this week.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from service.clock import danish_date
from service.weekly.lists import ListHead, ListId
from service.weekly.reviews import Action, Review

IN_TIME: Final = timedelta(days=7)
"""A week's list is to be seen in its week (field 7: measure the process)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A citizen shown on a list."""

    list_number: ListId
    district: str
    citizen: int


@dataclass(frozen=True, slots=True)
class Work:
    """What was done about lists: of `listed` citizens so many seen in time, later, or stepped back from before."""

    listed: int = 0
    in_time: int = 0
    late: int = 0
    stepped_back: int = 0
    done: Mapping[Action, int] = field(default_factory=dict[Action, int])

    @property
    def unseen(self) -> int:
        """Nobody has looked, and nobody said that it could wait."""
        return self.listed - self.in_time - self.late - self.stepped_back

    @property
    def expected_to_be_seen(self) -> int:
        """Those of the listed whom nobody had stepped back."""
        return self.listed - self.stepped_back

    def __add__(self, other: "Work") -> "Work":
        """Both together."""
        return Work(
            self.listed + other.listed,
            self.in_time + other.in_time,
            self.late + other.late,
            self.stepped_back + other.stepped_back,
            Counter(self.done) + Counter(other.done),
        )


Place = tuple[ListId, str]


def work(heads: Iterable[ListHead], listed: Sequence[Listed], reviews: Sequence[Review]) -> Mapping[Place, Work]:
    """What was done, by list and district; `reviews` are those of these lists that were not taken back."""
    of_citizen: dict[int, list[Review]] = {}
    for review in reviews:
        of_citizen.setdefault(review.citizen, []).append(review)
    dates = {head.number: head.as_of for head in heads}
    found: dict[Place, Work] = {}
    for one in listed:
        place, as_of = (one.list_number, one.district), dates[one.list_number]
        found[place] = found.get(place, Work()) + _work(one, as_of, of_citizen.get(one.citizen, ()))
    return found


def _work(one: Listed, as_of: date, reviews: Sequence[Review]) -> Work:
    own = [review for review in reviews if review.list_number == one.list_number]
    looks = [danish_date(review.made_at) for review in own if review.draft.action is not Action.HANDED_OVER]
    in_time = any(day < as_of + IN_TIME for day in looks)
    stepped_back = not looks and any(
        review.list_number != one.list_number and _steps(review, as_of) for review in reviews
    )
    return Work(
        listed=1,
        in_time=int(in_time),
        late=int(bool(looks) and not in_time),
        stepped_back=int(stepped_back),
        done=Counter({review.draft.action for review in own}),
    )


def _steps(review: Review, as_of: date) -> bool:
    """Whether an earlier review says that the citizen need not be looked at on a list of this date."""
    return danish_date(review.made_at) <= as_of and review.snoozes(as_of)
