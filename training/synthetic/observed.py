"""Observations before they are written down: what, of whom, when, and the rows of the drop they become."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from training.synthetic.chance import Floats, Ints
from training.synthetic.recording import in_time, moment, recorded, written_again
from training.synthetic.scene import Block, Scene
from training.synthetic.tables import SCHEMAS, identifiers, numbers, times, words
from training.synthetic.wording import concepts

ROLES: Final = ("SSH", "SSA", "SPL", "TER", "citizen", "device")
SSH, SSA, SPL, TER, CITIZEN, DEVICE = range(6)
TEXTS: Final = ("neg", "+", "++", "+++")
_UNITS: Final = {
    "NPU08676": "Cel", "NPU21692": "/min", "MCS88122": "/min", "NPU03011": "%", "DNK05472": "mm[Hg]",
    "DNK05473": "mm[Hg]",
    "MCS88125": "", "MCS88126": "", "NPU03804": "kg", "NPU19748": "mg/L", "NPU22089": "mmol/L", "NPU03987": "",
    "NPU21578": "",
    "sensor:inactivity_hours": "h",
}  # fmt: skip
CODES: Final = (
    *_UNITS,
    "event:fall", "event:emergency_call", "event:medication_missed", "event:refusal",
    "triage:green", "triage:yellow", "triage:red",
    "questionnaire:CAT/total", "questionnaire:WHO5/total", "sensor:bed_exit", "sensor:door_night",
    *(f"sign:{concept}" for concept in concepts()),
)  # fmt: skip
"""Every code an invented town can send; NPU and MedCom codes for values, the project's own for the rest."""
FIRST_SIGN: Final = CODES.index(f"sign:{concepts()[0]}")
_UNIT_WORDS: Final = tuple(_UNITS.get(code, "") for code in CODES)


@dataclass(frozen=True, slots=True)
class Observed:
    """Observations of a block: positions of citizen, code, role, text (-1: none), day, minute, value (NaN: none)."""

    citizen: Ints
    day: Ints
    minute: Ints
    code: Ints
    value: Floats
    text: Ints
    role: Ints


def observed(
    citizen: Ints,
    day: Ints,
    minute: Ints,
    code: str | Ints,
    value: float | Floats,
    role: int | Ints,
    text: Ints | None = None,
) -> Observed:
    """Observations of a kind; single codes, values and roles are those of all."""
    size = len(citizen)
    position = np.full(size, CODES.index(code)) if isinstance(code, str) else code
    return Observed(
        citizen=citizen,
        day=day,
        minute=minute.astype(np.int64),
        code=position,
        value=np.broadcast_to(np.asarray(value, np.float64), size),
        text=np.full(size, -1) if text is None else text,
        role=np.broadcast_to(np.asarray(role, np.int64), size),
    )


def joined(parts: list[Observed]) -> Observed:
    """All of them, in the order in which they were made."""
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Observed.__dataclass_fields__}
    order = np.lexsort((columns["code"], columns["citizen"], columns["minute"], columns["day"]))
    return Observed(**{name: values[order] for name, values in columns.items()})


def kept(made: Observed, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Observed:
    """Those to be kept."""
    return Observed(**{name: getattr(made, name)[keep] for name in Observed.__dataclass_fields__})


def table_of(rng: np.random.Generator, scene: Scene, block: Block, made: Observed, first: int) -> pa.Table:
    """The rows of those made at home, numbered from `first`; some measured values are written again, mended."""
    town = scene.town
    made = kept(made, block.at_home(made.citizen, made.day, made.minute))
    happened = moment(town, made.day, made.minute * 60 + rng.integers(0, 60, len(made.minute)))
    # What a device or the citizen sends arrives by itself within the minute.
    written = np.where(made.role >= CITIZEN, happened + 45, recorded(rng, town, happened))
    mended, mended_at = written_again(rng, town, written, town.recording.corrected_share)
    again = np.concatenate([np.arange(len(happened)), mended])
    value = made.value[again]
    value[len(happened) :] = np.round(value[len(happened) :] * 1.02, 1)
    codes = made.code[again]
    signs_or_counts = (codes >= FIRST_SIGN) | np.isnan(value)
    value[signs_or_counts] = made.value[again][signs_or_counts]
    moments = np.concatenate([written, mended_at])
    units = words(_UNIT_WORDS, codes)
    table = pa.Table.from_arrays(
        [
            identifiers("o", again + first),
            scene.citizen_ids(made.citizen[again]),
            times(happened[again]),
            times(moments),
            words(CODES, codes),
            numbers(value),
            words(TEXTS, made.text[again]),
            pa.compute.if_else(pa.compute.equal(units, ""), pa.scalar(None, pa.string()), units),
            words(ROLES, made.role[again]),
        ],
        schema=SCHEMAS["observations"],
    )
    return table.filter(pa.array(in_time(town, moments)))
