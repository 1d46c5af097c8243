"""An invented municipality's lists, stored through the real functions: what tests of pages and API look at.

All names, notes and numbers are made up; every name that must never be in a log holds the word Sentinel.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import sin
from random import Random

from sqlalchemy import insert

from service.legal import LegalBasis, Purpose
from service.storage import legal, lists
from service.storage.database import Database, WriteSession
from service.storage.tables import FACTS, IDENTITIES
from service.weekly.lists import Band, Entry, Quote, Reason, Standing, Status, WeeklyList, compared

MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CAPACITY = 20

_FIRST = [
    "Inger",
    "Kirsten",
    "Else",
    "Karen",
    "Birthe",
    "Bent",
    "Jørgen",
    "Poul",
    "Knud",
    "Ruth",
    "Gerda",
    "Aase",
    "Svend",
    "Ole",
    "Grethe",
    "Edith",
    "Viggo",
    "Tove",
]
_LAST = [
    "Sørensen",
    "Møller",
    "Kristoffersen",
    "Østergaard",
    "Nørgaard",
    "Bach",
    "Thomsen",
    "Dam",
    "Riis",
    "Juhl",
    "Lund",
    "Frandsen",
    "Ågård",
]
_REASONS = (
    (
        "fluids",
        "Drikker mindre: noteret 5 gange på 7 dage, ikke i de tre måneder før",
        "Drinks less: noted 5 times in 7 days, not in the three months before",
        (
            (
                "Har kun drukket et halvt glas saft til frokost, tør mund. Opfordret til mere væske.",
                ("kun drukket et halvt glas", "tør mund"),
                "SSH",
            ),
            ("Skal nødes til at drikke, vil helst sove.", ("nødes til at drikke",), "SSA"),
            ("Drak en kop kaffe, resten står urørt.", ("resten står urørt",), "SSH"),
        ),
        (0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 2, 5),
    ),
    (
        "confusion",
        "Forvirring: noteret 3 gange på 4 dage, før ca. hver 60. dag",
        "Confusion: noted 3 times in 4 days, before about every 60 days",
        (
            (
                "Spurgte flere gange hvilken dag det er, kunne ikke finde badeværelset.",
                ("Spurgte flere gange hvilken dag det er",),
                "SSA",
            ),
        ),
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3),
    ),
    (
        "care_time",
        "Hjemmeplejen bruger mere tid: 15,8 t den seneste uge mod sædvanligt 14,0 t",
        "Home care takes more time: 15.8 h last week, usually 14.0 h",
        (),
        (14.0, 14.2, 13.8, 14.1, 14.0, 13.9, 14.4, 14.0, 14.1, 14.6, 15.0, 15.8),
    ),
    (
        "weight",
        "Vægt: 71,4 kg for 2 dage siden, 2,1 kg over det sædvanlige",
        "Weight: 71.4 kg, 2 days ago, 2.1 kg above the usual",
        (("Kompressionsstrømper strammer, hævede ben begge sider.", ("hævede ben",), "SSH"),),
        (69.3, None, 69.1, 69.4, None, 69.2, 69.5, 69.3, None, 70.0, 70.6, 71.4),
    ),
    (
        "falls",
        "Fald: 2 gange på 10 dage, før ca. hver 90. dag",
        "Falls: twice in 10 days, before about every 90 days",
        (),
        None,
    ),
    (
        "breath",
        "Åndenød: noteret 2 gange på 7 dage",
        "Short of breath: noted twice in 7 days",
        (("Forpustet efter få skridt, må holde pause på vej til køkkenet.", ("Forpustet efter få skridt",), "SPL"),),
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2),
    ),
)
_AGAINST = (
    Reason("calls", -0.1, "Ingen nødkald: i 90 dage", "No emergency calls: in 90 days"),
    Reason(
        "eating", -0.05, "Spiser som sædvanligt: intet noteret i 90 dage", "Eats as usual: nothing noted in 90 days"
    ),
)


@dataclass(frozen=True, slots=True)
class Town:
    """How many districts, citizens in each, and weekly lists."""

    districts: tuple[str, ...] = ("Nord", "Syd")
    citizens: int = 60
    weeks: int = 8
    silent: bool = False
    capacity: int = CAPACITY


def switch_on(database: Database, purpose: Purpose = Purpose.OPERATE, since: date = date(2020, 1, 1)) -> None:
    """Put a legal basis for a purpose on record, in force from a day long past."""
    with database.write() as session:
        legal.add(session, LegalBasis(purpose, "an invented town", "test", since, None, "test", LONG_AGO))


def fill(database: Database, town: Town, last: date = MONDAY) -> tuple[date, ...]:
    """Store the citizens and the weekly lists of a town, the last one dated `last`, and why; gives the dates."""
    dates = tuple(last - timedelta(weeks=back) for back in reversed(range(town.weeks)))
    switch_on(database, Purpose.SILENT if town.silent else Purpose.OPERATE)
    with database.write() as session:
        _store_citizens(session, town)
        before: dict[int, Standing] = {}
        for as_of in dates:
            weekly = weekly_list(town, as_of, before)
            before = dict(lists.standings(session, lists.store_list(session, weekly)))
    return dates


def weekly_list(town: Town, as_of: date, before: dict[int, Standing]) -> WeeklyList:
    """The list of a date: risks wander from week to week, and a few citizens cannot be ranked."""
    entries = [entry for number, name in enumerate(town.districts) for entry in _district(town, number, name, as_of)]
    return WeeklyList(
        as_of=as_of,
        made_at=datetime(as_of.year, as_of.month, as_of.day, 3, 10, tzinfo=UTC),
        model_version="1",
        snapshot_hash="0" * 64,
        data_until=datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC) - timedelta(hours=1, minutes=10),
        silent=town.silent,
        entries=compared(entries, before),
    )


def key(district: int, place: int) -> int:
    """The pseudonymous key of a citizen: the district's thousand and a running number from 1."""
    return 1000 * (district + 1) + place


def name_of(citizen: int) -> str:
    """The invented name of a citizen."""
    chance = Random(citizen)
    return (
        f"{chance.choice(_FIRST)} {chance.choice(_LAST)}-Sentinel"
        if citizen % 7 == 0
        else (f"{chance.choice(_FIRST)} {chance.choice(_LAST)}")
    )


def _store_citizens(session: WriteSession, town: Town) -> None:
    keys = [key(number, place) for number in range(len(town.districts)) for place in range(1, town.citizens + 1)]
    people = [{"citizen": one, "citizen_id": f"id-{one}", "name": name_of(one), "named_at": 0} for one in keys]
    session.execute(insert(IDENTITIES), people)
    session.execute(insert(FACTS["citizens"]), [_born(one) for one in keys])


def _born(citizen: int) -> dict[str, object]:
    year = 1928 + citizen % 25
    born = datetime(year, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return {
        "sequence": citizen,
        "load_id": 1,
        "source_id": str(citizen),
        "source_key": citizen,
        "content": 0,
        "citizen": citizen,
        "known_from": 0,
        "retracted": 0,
        "birth_date": int(born.total_seconds()) * 1_000_000 - 3_600_000_000,
    }


def _district(town: Town, number: int, name: str, as_of: date) -> Iterator[Entry]:
    chance = Random(f"{name} {as_of}")
    drawn = [_drawn(key(number, place), place, name, as_of, chance) for place in range(1, town.citizens + 1)]
    ranked = sorted((one for one in drawn if one.status is Status.RANKED), key=lambda one: -(one.probability or 0))
    for rank, entry in enumerate(ranked, start=1):
        shown = rank <= town.capacity
        told = {"reasons": _reasons(entry.citizen, as_of), "against": _AGAINST} if shown else {}
        yield replace(entry, rank=rank, overall_rank=rank * len(town.districts) + number, shown=shown, **told)
    yield from (one for one in drawn if one.status is not Status.RANKED)


def _drawn(citizen: int, place: int, district: str, as_of: date, chance: Random) -> Entry:
    team, minutes = f"Team {1 + citizen % 3}", float(60 + 37 * citizen % 900)
    status = {11: Status.IN_HOSPITAL, 17: Status.NO_DATA, 23: Status.TERMINAL, 29: Status.NO_DATA}.get(place)
    if status:
        return Entry(citizen, district, team, status, weekly_minutes=minutes)
    wave = 1 + 0.9 * sin(place + (as_of - MONDAY).days / 18)
    probability = min(0.62, 0.22 * 0.955**place * wave * chance.lognormvariate(0, 0.12) + 0.012)
    home = as_of - timedelta(days=5) if place % 9 == 4 else None
    return Entry(
        citizen, district, team, Status.RANKED, probability=probability, band=band(probability),
        weekly_minutes=minutes, discharged_on=home,
    )  # fmt: skip


def band(probability: float) -> Band:
    """The band of a probability in this town."""
    bounds = ((0.25, Band.VERY_HIGH), (0.14, Band.HIGH), (0.07, Band.RAISED))
    return next((name for bound, name in bounds if probability >= bound), Band.USUAL)


def _reasons(citizen: int, as_of: date) -> tuple[Reason, ...]:
    chance = Random(citizen)
    chosen = chance.sample(range(len(_REASONS)), 1 + citizen % 3 if citizen % 5 else 3)
    return tuple(_reason(at, 0.6 - 0.15 * place, as_of) for place, at in enumerate(sorted(chosen)))


def _reason(at: int, strength: float, as_of: date) -> Reason:
    group, danish, english, quotes, trend = _REASONS[at]
    seen = datetime(as_of.year, as_of.month, as_of.day, 7, 40, tzinfo=UTC)
    return Reason(
        group,
        strength,
        danish,
        english,
        tuple(
            _quote(text, marked, role, seen - timedelta(days=n + 2)) for n, (text, marked, role) in enumerate(quotes)
        ),
        None if trend is None else tuple(None if value is None else float(value) for value in trend),
    )


def _quote(text: str, marked: tuple[str, ...], role: str, at: datetime) -> Quote:
    starts = tuple((text.index(words), len(words)) for words in marked)
    return Quote(text, tuple((start, start + length) for start, length in starts), role, at)
