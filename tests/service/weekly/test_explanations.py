"""Explanations of the entries a nurse sees: quoted from what was known, drawn week by week, and faithful."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest

from models.cohort import Status
from models.engines.local import matrix
from models.events import Events, matches
from models.features.build import build
from models.features.catalogue import CATALOGUE
from models.features.signals import MEASURED
from models.reasons.courses import WEEKS
from models.reasons.proving import prove
from models.reasons.telling import Explained
from models.windows import day_number, midnight
from service.storage.times import stored
from service.weekly.lists import ListHead, Reason
from service.weekly.making import QUOTED_DAYS
from tests.service.tiny_town import SECOND, TinyTown, TwoLists

MEASURED_ON = 40
"""Citizens highest on the second list, of whom nearly all are to be told a reason that is true of the score."""


@pytest.fixture(params=["first", "second"])
def head(request: pytest.FixtureRequest, two_lists: TwoLists) -> ListHead:
    """Each of the two lists."""
    return {"first": two_lists.first, "second": two_lists.second}[request.param]


@pytest.fixture(scope="session")
def written(tiny_town: TinyTown) -> pd.DataFrame:
    """The notes of the drop."""
    return pd.read_parquet(tiny_town.drop / "notes.parquet")


def standing_texts(written: pd.DataFrame, citizen_id: str, head: ListHead) -> list[str]:
    """The texts of a citizen's notes of the last days, as they stood when the list's day began."""
    # The drop tells local time, so that its midnight is the list's.
    before = pd.Timestamp(head.as_of)
    since = before - timedelta(days=QUOTED_DAYS)
    of_citizen = written[(written.citizen_id == citizen_id) & (written.recorded_at < before)]
    last = of_citizen.sort_values("recorded_at", kind="stable").groupby("note_id").tail(1)
    told = last[(last.observed_at >= since) & (last.observed_at < before)]
    return told.text.tolist()


def test_quotes_are_sentences_of_notes_that_stood_on_the_date(
    two_lists: TwoLists, head: ListHead, written: pd.DataFrame
):
    entries = [entry for entry in two_lists.entries(head) if entry.shown]
    ids = two_lists.ids(entries)
    quoted = [(ids[entry.citizen], quote) for entry in entries for reason in entry.reasons for quote in reason.quotes]
    assert len(quoted) > 20
    for citizen_id, quote in quoted:
        assert any(quote.text in text for text in standing_texts(written, citizen_id, head)), quote
        assert stored(quote.observed_at) < midnight(head.as_of)


def test_marks_lie_in_the_sentence_in_order_and_hold_words(two_lists: TwoLists, head: ListHead):
    for entry in two_lists.entries(head):
        for quote in (quote for reason in entry.reasons for quote in reason.quotes):
            assert quote.text == quote.text.strip()
            assert quote.marks
            assert list(quote.marks) == sorted(quote.marks)
            for start, end in quote.marks:
                assert 0 <= start < end <= len(quote.text)
                assert quote.text[start:end].strip()


def test_every_reason_has_its_own_course_of_whole_weeks(two_lists: TwoLists, head: ListHead):
    told = [reason for entry in two_lists.entries(head) for reason in entry.reasons]
    assert told
    for reason in told:
        assert reason.trend is not None
        assert len(reason.trend) == WEEKS
        assert reason.group in MEASURED or None not in reason.trend
    assert all(reason.trend is None for entry in two_lists.entries(head) for reason in entry.against)


def number_in(reason: Reason, before: str, after: str) -> int:
    """The number between two stretches of a phrase."""
    return int(reason.da.split(before)[1].split(after)[0])


def test_the_course_ends_with_the_number_the_words_tell(two_lists: TwoLists, head: ListHead):
    told = [reason for entry in two_lists.entries(head) for reason in entry.reasons]
    weekly = [reason for reason in told if "noteret" in reason.da and "på 7 dage" in reason.da]
    assert weekly
    for reason in weekly:
        assert reason.trend is not None
        # An event of both of two named signals is one event of the course.
        assert 1 <= (reason.trend[-1] or 0) <= number_in(reason, "noteret ", " gang")
    care = [reason for reason in told if reason.da.startswith("Hjemmeplejen bruger mere tid")]
    assert care
    for reason in care:
        assert reason.trend is not None
        assert (reason.trend[-1] or 0) > np.mean([week or 0 for week in reason.trend])


@pytest.fixture(scope="session")
def own_events(tiny_town: TinyTown) -> Callable[[int], Events]:
    """All events of a citizen; each bucket is read once."""
    read = cache(tiny_town.snapshot.read)

    def of(citizen: int) -> Events:
        events = read(citizen % tiny_town.snapshot.manifest.buckets)
        return events.where(events.citizen == citizen)

    return of


def score_without(town: TinyTown, own: Events, signals: Sequence[str]) -> float:
    """A citizen's score on the second list's date if the events of these signals had never been."""
    codes = [code for name in signals for code in CATALOGUE.signal(name).codes]
    removed = np.array([matches(code, codes) for code in own.codes])[own.code]
    day = np.array([day_number(SECOND)], np.int32)
    values = build(own.where(~removed), own.citizen[:1], day, CATALOGUE)
    return float(town.model.model.score(values)[0])


def test_without_what_the_first_reason_names_the_score_falls(tiny_town: TinyTown, own_events: Callable[[int], Events]):
    model, rows = tiny_town.model.model, matrix(tiny_town.snapshot, [day_number(SECOND)])
    scores = np.where(rows.status == Status.RANKED, model.score(rows.values), 0.0)
    highest = np.argsort(-scores, kind="stable")[:MEASURED_ON]
    told = 0
    for at, contributions in zip(highest.tolist(), model.contributions(rows.values[highest]), strict=True):
        row, own = Explained(rows.values[at], contributions, CATALOGUE), own_events(int(rows.citizen[at]))
        (proven,) = prove([row], rows.citizen[[at]], rows.as_of[[at]], own, model.log_odds)
        for reason in proven.told[:1]:
            assert score_without(tiny_town, own, reason.signals) < float(scores[at])
        told += bool(proven.told)
    assert told >= 0.9 * MEASURED_ON


def test_the_reasons_on_the_list_are_those_that_are_true_of_the_score(
    tiny_town: TinyTown, two_lists: TwoLists, own_events: Callable[[int], Events]
):
    """The list reads only what it needs of the shown citizens' events, and comes to the same as all of them would."""
    model, rows = tiny_town.model.model, matrix(tiny_town.snapshot, [day_number(SECOND)])
    shown = {entry.citizen: entry for entry in two_lists.entries(two_lists.second) if entry.shown}
    places = np.flatnonzero(np.isin(rows.citizen, list(shown)))
    for at, contributions in zip(places.tolist(), model.contributions(rows.values[places]), strict=True):
        citizen = int(rows.citizen[at])
        row = Explained(rows.values[at], contributions, CATALOGUE)
        (proven,) = prove([row], rows.citizen[[at]], rows.as_of[[at]], own_events(citizen), model.log_odds)
        assert [reason.danish for reason in proven.told] == [reason.da for reason in shown[citizen].reasons]
