"""Moving the champion: through the gate, or back to the one before. Every move is recorded with who, when, why and
figures.

The alias in the registry is what counts; the copy on this machine is put in place at once, so that the next list need
not ask.
"""

import getpass
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models.errors import RequestWrong
from models.features.catalogue import CATALOGUE
from models.home import Home
from models.scoring import bundle, champion
from training import tracking
from training.evaluation import findings
from training.release import gate
from training.release.gate import Kind, Objection
from training.tracking import Registered


@dataclass(frozen=True, slots=True)
class Promoted:
    """The new champion, the one before, and what was accepted though it could not be told."""

    version: str
    run_id: str
    before: str | None
    accepted: tuple[Objection, ...]


def promote(home: Home, run_id: str | None, accept: str | None, now: datetime) -> Promoted:
    """Let the run's model, or the newest, through the gate and make it champion.

    `accept` is the reason for taking what too little data cannot tell. Raises `GateRefused` with the objections.
    """
    if accept is not None and not accept.strip():
        raise RequestWrong("--accept needs a reason.", 'For example: --accept "pilot, 250 citizens only".')
    candidate = tracking.registered(home, run_id)
    before = tracking.champion(home)
    with tracking.artifacts(home, candidate.run_id) as folder:
        objections = _objections(folder)
        gate.decide(objections, accept)
        bundle.load(folder / tracking.BUNDLE)
        untold = tuple(objection for objection in objections if objection.kind is Kind.UNTOLD)
        record = _record(untold, accept, before, now)
        _move(home, candidate, before, record, folder / tracking.BUNDLE, "accepted" if untold else "passed")
    return Promoted(candidate.version, candidate.run_id, before.version if before else None, untold)


def roll_back(home: Home, reason: str, now: datetime) -> Promoted:
    """Make the champion before this one champion again. Raises `RequestWrong` when there was none."""
    present = tracking.champion(home)
    earlier = present.tags.get("champion_before", "") if present else ""
    if present is None or not earlier:
        raise RequestWrong("There is no earlier champion to go back to.", "Train and promote another model.")
    former = tracking.of_version(home, earlier)
    with tracking.artifacts(home, former.run_id) as folder:
        bundle.load(folder / tracking.BUNDLE)
        tags = {"rolled_back_to_at": now.isoformat(timespec="seconds"), "rolled_back_to_by": getpass.getuser()}
        tags |= {"rolled_back_to_reason": reason, "rolled_back_from": present.version}
        _move(home, former, present, tags, folder / tracking.BUNDLE, "returned")
    return Promoted(former.version, former.run_id, present.version, ())


def _objections(folder: Path) -> tuple[Objection, ...]:
    manifest = bundle.read_manifest(folder / tracking.BUNDLE)
    card = folder / tracking.BUNDLE / "card.md"
    found = findings.read(folder / tracking.REPORT / findings.FILE)
    text = card.read_text(encoding="utf-8") if card.exists() else ""
    return gate.objections(found, text, manifest.fingerprint, CATALOGUE.fingerprint)


def _record(
    untold: tuple[Objection, ...], accept: str | None, before: Registered | None, now: datetime
) -> dict[str, str]:
    tags = {
        "promoted_at": now.isoformat(timespec="seconds"),
        "promoted_by": getpass.getuser(),
        "champion_before": before.version if before else "",
    }
    if accept is not None and untold:
        tags |= {"accepted_reason": accept, "accepted": " ".join(objection.words for objection in untold)[:4900]}
    return tags


def _move(
    home: Home,
    to: Registered,
    present: Registered | None,
    tags: Mapping[str, str],
    source: Path,
    through: champion.Gate,
) -> None:
    if present is not None and present.version == to.version:
        tags = {key: value for key, value in tags.items() if key != "champion_before"}
    tracking.make_champion(home, to.version, tags)
    home.bundles.mkdir(parents=True, exist_ok=True)
    stamp = champion.registry_stamp(home.tracking_uri)
    copy = champion.Champion(
        version=to.version,
        run_id=to.run_id,
        tracking_uri=home.tracking_uri,
        registry_stamp=stamp,
        model=home.model,
        gate=through,
    )
    champion.install(home.bundles, copy, source)
