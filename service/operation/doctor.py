"""What is wrong with this installation, in words: each check looks at one thing and says what to do about it.

Checks change nothing and name no person. One that cannot look because something before it is missing says so by not
being there: what is missing was said already.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from models.errors import OmhuError, SnapshotRefused
from models.snapshot import FileEntry, Snapshot
from service.audit import first_broken
from service.clock import danish_date
from service.intake.mapping.file import mapping_in_use
from service.legal import Purpose, in_force
from service.operation.jobs import JOBS
from service.operation.worker import last_due
from service.quality.feeds import feeds
from service.registry import load_copy
from service.security.rights import Role
from service.settings import Settings
from service.storage import audit, clients, counters, legal, lists, loads, runs, users, webhooks
from service.storage.database import Database
from service.storage.runs import State

_ROOM: Final = 5 * 2**30
"""Bytes that should be free where the store and the snapshot grow."""
_LATE: Final = timedelta(hours=2)


class Level(StrEnum):
    """How bad it is."""

    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: `remedy` says what to do, and is empty when there is nothing to do."""

    about: str
    level: Level
    told: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """The installation looked at, and the moment (UTC)."""

    settings: Settings
    database: Database
    now: datetime


Check = Callable[[Patient], Iterator[Finding]]


def examine(patient: Patient) -> Iterator[Finding]:
    """Look at everything, one check after the other; without a usable store only at what does not need one."""
    for about, check in _WITHOUT_STORE:
        yield from _looked(about, check, patient)
    store = list(_looked("store", _store, patient))
    yield from store
    if all(finding.level is not Level.WRONG for finding in store):
        for about, check in _WITH_STORE:
            yield from _looked(about, check, patient)


def _looked(about: str, check: Check, patient: Patient) -> Iterator[Finding]:
    try:
        yield from check(patient)
    except OmhuError as error:
        yield Finding(about, Level.WRONG, error.message, error.remedy)


def _room(patient: Patient) -> Iterator[Finding]:
    folder = patient.settings.state.folder
    free = shutil.disk_usage(next(there for there in (folder, *folder.parents) if there.exists())).free
    told = f"{free / 2**30:,.0f} GB free below OMHU_HOME."
    yield _judged("disk", free >= _ROOM, told, "Make room: loads and snapshots are refused when it is full.")


def _privacy(patient: Patient) -> Iterator[Finding]:
    folder = patient.settings.state.folder
    if not folder.exists():
        return
    others = stat.S_IMODE(folder.stat().st_mode) & stat.S_IRWXO
    mine = folder.stat().st_uid == os.getuid()
    if others:
        yield Finding("home", Level.NOTE, "Others on this machine may look into OMHU_HOME.", f"Run chmod o= {folder}.")
    elif not mine:
        yield Finding("home", Level.NOTE, "OMHU_HOME belongs to another user.", "Run Omhu as the user it belongs to.")
    else:
        yield Finding("home", Level.FINE, "OMHU_HOME is closed to others.")


def _address(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    if settings.public_address:
        yield from _of_address(settings.public_address)
        return
    with patient.database.read() as session:
        needs = [
            ("login by OIDC comes back to it", bool(settings.oidc_issuer)),
            ("a client's proof by key has to name it", bool(clients.every(session))),
            ("whom a webhook tells fetches the list there", bool(webhooks.every(session))),
        ]
    for why, needed in needs:
        if needed:
            told = f"OMHU_PUBLIC_ADDRESS is not set, although {why}."
            yield Finding("address", Level.WRONG, told, "Set it to where browsers reach the service, with https://.")


def _of_address(address: str) -> Iterator[Finding]:
    """Only behind TLS is the address one that nobody between can read along at."""
    told = urlsplit(address)
    if told.scheme not in {"http", "https"} or not told.hostname:
        yield Finding("address", Level.WRONG, "OMHU_PUBLIC_ADDRESS is no address.", "Write it as https://host.")
    elif told.scheme == "http" and told.hostname not in {"localhost", "127.0.0.1", "::1"}:
        remedy = "Put a proxy with TLS before it, start with --behind-tls, and write it with https://."
        yield Finding("address", Level.WRONG, "OMHU_PUBLIC_ADDRESS is without TLS.", remedy)
    else:
        yield Finding("address", Level.FINE, "OMHU_PUBLIC_ADDRESS is set.")


def _mapping(patient: Patient) -> Iterator[Finding]:
    if patient.settings.state.mapping.exists():
        mapping_in_use(patient.settings.state.mapping)
        yield Finding("mapping", Level.FINE, "The mapping file in use is valid.")


def _store(patient: Patient) -> Iterator[Finding]:
    patient.database.require_migrated()
    yield Finding("store", Level.FINE, "The store can be reached and is of this version.")


def _loads(patient: Patient) -> Iterator[Finding]:
    with patient.database.read() as session:
        latest = loads.latest(session, 1)
    if not latest:
        yield Finding("loads", Level.NOTE, "Nothing was loaded yet.", "Run `omhu load PATH`.")
        return
    (last,) = latest
    fine = last.status in {"loaded", "running"}
    remedy = f"Run `omhu rejects {last.load_id}` and read its report; load it again when it is mended."
    yield _judged("loads", fine, f"The last load, number {last.load_id}, is {last.status}.", remedy)


def _snapshot(patient: Patient) -> Iterator[Finding]:
    snapshot = Snapshot.open(patient.settings.state.snapshot)
    refused = [error for file in snapshot.manifest.files if (error := _refused(snapshot, file))]
    if refused:
        told = f"{len(refused)} of its files are damaged or gone. {refused[0].message}"
        yield Finding("snapshot", Level.WRONG, told, refused[0].remedy)
        return
    with patient.database.read() as session:
        behind = counters.current(session, "sequence") - snapshot.manifest.watermark
    if behind:
        yield Finding("snapshot", Level.NOTE, f"{behind:,} changes are not in it yet.", "Run `omhu snapshot`.")
    else:
        yield Finding("snapshot", Level.FINE, "The snapshot holds what the store holds.")
    stale = [feed for feed in feeds(snapshot, danish_date(patient.now)) if feed.is_stale]
    for feed in stale:
        yield Finding("data", Level.WRONG, f"A feed stopped: {feed}.", "Ask its sender, then load what is missing.")


def _refused(snapshot: Snapshot, file: FileEntry) -> SnapshotRefused | None:
    try:
        snapshot.table(file)
    except SnapshotRefused as error:
        return error
    return None


def _model(patient: Patient) -> Iterator[Finding]:
    loaded = load_copy(patient.settings.state)
    yield Finding("model", Level.FINE, f"Champion {loaded.version} is here and scores as it did when it was made.")


def _legal(patient: Patient) -> Iterator[Finding]:
    with patient.database.read() as session:
        entries = legal.entries(session)
    today = danish_date(patient.now)
    operate = in_force(entries, Purpose.OPERATE, today)
    if operate is None:
        remedy = "Run `omhu legal set operate --basis … --document … --from …` when there is a legal basis."
        yield Finding("legal", Level.NOTE, "Operation is switched off: lists are shown to nobody.", remedy)
        return
    until = f" until {operate.valid_to}" if operate.valid_to else ""
    yield Finding("legal", Level.FINE, f"Operation is switched on{until}.")


def _list(patient: Patient) -> Iterator[Finding]:
    today = danish_date(patient.now)
    with patient.database.read() as session:
        head = lists.latest_list(session, today)
    if head is None:
        yield Finding("list", Level.NOTE, "No list was made yet.", "Run `omhu list --as-of DATE`, or `omhu worker`.")
        return
    fresh = today - head.as_of < timedelta(days=8)
    yield _judged("list", fresh, f"The latest list is of {head.as_of}.", "Run `omhu worker`, or `omhu list`.")


def _work(patient: Patient) -> Iterator[Finding]:
    with patient.database.read() as session:
        latest = runs.latest(session)
    if not latest:
        yield Finding("worker", Level.NOTE, "No worker has run yet.", "Run `omhu worker` beside the service.")
        return
    for job in JOBS:
        due, run = last_due(job.crontab, patient.now - _LATE), latest.get(job.name)
        if run and run.state is State.FAILED:
            yield Finding(
                "worker", Level.WRONG, f"The job {job.name} failed: {run.told}", "It is tried again by itself."
            )
        elif due and (run is None or run.due_at < due):
            yield Finding("worker", Level.WRONG, f"The job {job.name} was not done.", "See that `omhu worker` runs.")
        else:
            yield Finding("worker", Level.FINE, f"The job {job.name} was done when it was due last.")


def _people(patient: Patient) -> Iterator[Finding]:
    with patient.database.read() as session:
        present = users.every_user(session)
    if not present:
        yield Finding("users", Level.NOTE, "Nobody can log in.", "Run `omhu user add NAME --role administrator`.")
        return
    told = f"{len(present)} users, {sum(user.role is Role.ADMINISTRATOR for user in present)} of them administrators."
    yield Finding("users", Level.FINE, told)


def _log(patient: Patient) -> Iterator[Finding]:
    with patient.database.read() as session:
        broken = first_broken(audit.records(session), audit.start(session))
    remedy = "Keep the store as it is and call your security officer: `omhu audit verify` says more."
    told = "The look-up log is unbroken." if broken is None else f"The look-up log is broken at record {broken}."
    yield _judged("log", broken is None, told, remedy)


def _judged(about: str, fine: bool, told: str, remedy: str) -> Finding:
    return Finding(about, Level.FINE, told) if fine else Finding(about, Level.WRONG, told, remedy)


_WITHOUT_STORE: Final[tuple[tuple[str, Check], ...]] = (("disk", _room), ("home", _privacy), ("mapping", _mapping))
_WITH_STORE: Final[tuple[tuple[str, Check], ...]] = (
    ("address", _address),
    ("loads", _loads),
    ("snapshot", _snapshot),
    ("model", _model),
    ("legal", _legal),
    ("list", _list),
    ("worker", _work),
    ("users", _people),
    ("log", _log),
)
