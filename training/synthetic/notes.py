"""Notes in Danish: everyday sentences, findings, findings denied, findings of others, copies, slips of the keys.

How much a team writes has nothing to do with risk. After an admission a note may be written up and dated back to before
it; such a note says "indlagt" and is the trap for whoever forgets when things became known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from training.synthetic.chance import Floats, Ints, choose, stream
from training.synthetic.findings import DECLINE, HABIT, ILLNESS, Findings, findings_of
from training.synthetic.recording import HOUR, existing, in_time, moment, recorded, written_again
from training.synthetic.scene import Block, Scene, blocks
from training.synthetic.tables import SCHEMAS, identifiers, times, words
from training.synthetic.typing_slips import with_slip
from training.synthetic.wording import ABSENT, CHANGED, HABITUAL, PRESENT, Wording, concepts, headings, wording_of

ROLES = ("SSH", "SSA", "SPL", "TER", "LEADER")
_ROLE_WEIGHTS = np.array([0.58, 0.28, 0.11, 0.02, 0.01])  # assumption
_MOST_FINDINGS = 4
_CHANGED_SHARE = 0.7  # findings of illness or decline worded as a change
_ROUTINE_SHARE = 0.4  # notes with a finding that hold an everyday sentence too
_PLAN, _PAST = 0.03, 0.02  # plans and past illnesses, a note
_OF_MEN = tuple(
    (re.compile(rf"\b{word}\b"), instead)
    for word, instead in (
        ("hun", "han"),
        ("Hun", "Han"),
        ("hende", "ham"),
        ("sin mand", "sin kone"),
        ("manden er", "konen er"),
    )
)
_DISCHARGE_NOTE = 0.5  # discharges with a note on the first day at home


@dataclass(slots=True)
class _Notes:
    """Notes of a block; `happened` and `written` are moments, `heading` a concept or -1."""

    citizen: Ints
    happened: Ints
    written: Ints
    heading: Ints
    role: Ints
    text: list[str]


def note_tables(scene: Scene) -> Iterator[pa.Table]:
    """The notes of the town, a block of days at a time."""
    wording, findings = wording_of(scene.town), findings_of(scene)
    count = 0
    for block in blocks(scene):
        rng = stream(scene.town.seed, "notes", block.start)
        ordinary = _ordinary(rng, scene, block, wording, findings)
        made = _joined(
            [ordinary, _of_admissions(rng, scene, block, wording), _of_discharges(rng, scene, block, wording)]
        )
        yield _table(rng, scene, made, count)
        count += len(made.text)


def _ordinary(rng: np.random.Generator, scene: Scene, block: Block, wording: Wording, findings: Findings) -> _Notes:
    habit = scene.town.documentation
    team = scene.team_notes[scene.people.team][:, None]
    rate = habit.notes_per_day * team * (1 + habit.notes_per_prodrome * block.illness) * np.exp(0.15 * block.frailty)
    citizen, day = np.nonzero(rng.random(rate.shape) < 1 - np.exp(-rate))
    minute = np.clip(rng.normal(12.5 * 60, 4.5 * 60, len(citizen)), 5, 1435).astype(np.int64)
    home = block.at_home(citizen, day + block.start, minute)
    citizen, day, minute = citizen[home], day[home], minute[home]
    note, concept, sentences = _findings(rng, scene, block, wording, findings, citizen, day)
    text = _composed(rng, wording, minute, note, sentences)
    text = [_of_sex(said, female) for said, female in zip(text, scene.people.female[citizen].tolist(), strict=True)]
    text = _copied(rng, scene, citizen, text)
    slips = np.flatnonzero(rng.random(len(text)) < habit.typo_share)
    for row in slips.tolist():
        text[row] = with_slip(rng, text[row])
    happened = moment(scene.town, day + block.start, minute * 60 + rng.integers(0, 60, len(minute)))
    heading = np.full(len(citizen), -1)
    heading[note] = concept
    heading[rng.random(len(citizen)) >= habit.heading_share] = -1
    role = choose(rng, _ROLE_WEIGHTS, len(citizen))
    return _Notes(citizen, happened, recorded(rng, scene.town, happened), heading, role, text)


def _findings(
    rng: np.random.Generator,
    scene: Scene,
    block: Block,
    wording: Wording,
    findings: Findings,
    citizen: Ints,
    day: Ints,
) -> tuple[Ints, Ints, list[str]]:
    """Which note, which concept and the sentence, for every finding of the notes."""
    habit = scene.town.documentation
    slope = np.exp(habit.frailty_slope * block.frailty[citizen, day])
    rates: list[Floats] = [np.full(len(citizen), habit.mentions_chronic), habit.mentions_frailty * slope]
    rates += [habit.mentions_prodrome * level[citizen, day] for level in block.level]
    rates += [np.full(len(citizen), habit.negated)]
    note_parts: list[Ints] = []
    source_parts: list[Ints] = []
    for source, rate in enumerate(rates):
        number = np.minimum(rng.poisson(rate), _MOST_FINDINGS)
        note_parts.append(np.repeat(np.arange(len(citizen)), number))
        source_parts.append(np.full(int(number.sum()), source))
    note, source = np.concatenate(note_parts), np.concatenate(source_parts)
    order = np.lexsort((rng.random(len(note)), note))
    note, source = note[order], source[order]
    denied = source == len(rates) - 1
    why = np.where(denied, HABIT, np.minimum(source, ILLNESS))
    concept = findings.concept(rng, citizen[note], why, source - ILLNESS)
    concept = np.where(denied, rng.integers(0, len(concepts()), len(note)), concept)
    # A note says each thing once: what was found is not denied a sentence later.
    _, once = np.unique(note * len(concepts()) + concept, return_index=True)
    once = np.sort(once)
    note, concept, why, denied = note[once], concept[once], why[once], denied[once]
    form = _forms(rng, why, denied, habit.baseline_share)
    return note, concept, wording.findings(rng, concept, form)


def _forms(
    rng: np.random.Generator, why: Ints, denied: np.ndarray[tuple[int], np.dtype[np.bool_]], share: float
) -> Ints:
    drawn = rng.random(len(why))
    said = np.where((why == HABIT) & (drawn < share), HABITUAL, PRESENT)
    said = np.where((why >= DECLINE) & (drawn < _CHANGED_SHARE), CHANGED, said)
    return np.where(denied, ABSENT, said)


def _composed(rng: np.random.Generator, wording: Wording, minute: Ints, note: Ints, sentences: list[str]) -> list[str]:
    """Put the findings of each note together with what else a note holds."""
    count = len(minute)
    ends = np.searchsorted(note, np.arange(count + 1)).tolist()
    drawn = rng.random((5, count)).tolist()
    routine = wording.about(rng, "routine", count)
    plan, past = wording.about(rng, "plan", count), wording.about(rng, "past", count)
    texts: list[str] = []
    for row, at in enumerate(minute.tolist()):
        said = sentences[ends[row] : min(ends[row + 1], ends[row] + _MOST_FINDINGS)]
        if not said or drawn[0][row] < _ROUTINE_SHARE:
            said = [routine[row], *said] if drawn[0][row] < _ROUTINE_SHARE / 2 else [*said, routine[row]]
        if drawn[1][row] < _PLAN:
            said = [*said, plan[row]]
        if drawn[2][row] < _PAST:
            said = [past[row], *said]
        separator = wording.separators[int(drawn[3][row] * len(wording.separators))]
        texts.append(wording.opening(said[0], at, drawn[4][row]) + separator.join(said) + ".")
    return _with_others(rng, wording, texts)


def _of_sex(text: str, female: bool) -> str:
    """The books word everything about a woman; her spouse is a husband there, and a wife in what is said of others."""
    if female:
        return text.replace("hustru", "ægtefælle").replace("Hustru", "Ægtefælle")
    for word, instead in _OF_MEN:
        text = word.sub(instead, text)
    return text


def _with_others(rng: np.random.Generator, wording: Wording, texts: list[str]) -> list[str]:
    rows = np.flatnonzero(rng.random(len(texts)) < wording.other_person)
    for row, said in zip(rows.tolist(), wording.about(rng, "other_person", len(rows)), strict=True):
        texts[row] = f"{texts[row]} {said[:1].upper()}{said[1:]}."
    return texts


def _copied(rng: np.random.Generator, scene: Scene, citizen: Ints, text: list[str]) -> list[str]:
    """Some notes are the citizen's note before, word for word; rows are sorted by citizen and day."""
    same = np.append(False, citizen[1:] == citizen[:-1]) if len(citizen) else np.zeros(0, bool)
    for row in np.flatnonzero(same & (rng.random(len(text)) < scene.town.documentation.copied_share)).tolist():
        text[row] = text[row - 1]
    return text


def _of_admissions(rng: np.random.Generator, scene: Scene, block: Block, wording: Wording) -> _Notes:
    """Written up after an acute admission and dated back to the hours before it."""
    stays = scene.course.stays
    near = np.flatnonzero(stays.acute & (stays.start >= block.start) & (stays.start < block.start + block.days))
    near = near[rng.random(len(near)) < scene.town.recording.backdated_share]
    arrival = moment(scene.town, stays.start[near], scene.stay_minute[near] * 60)
    happened = existing(arrival - (rng.uniform(0.3, 14, len(near)) * HOUR).astype(np.int64))
    started = moment(
        scene.town, np.maximum(scene.people.care_start[stays.citizen[near]], 0), np.zeros(len(near), np.int64)
    )
    happened = np.maximum(happened, started)
    written = existing(arrival + (rng.uniform(1, 60, len(near)) * HOUR).astype(np.int64))
    before, gone = wording.about(rng, "before_admission", len(near)), wording.about(rng, "admitted", len(near))
    text = [f"{b[:1].upper()}{b[1:]}, {g}." for b, g in zip(before, gone, strict=True)]
    role = choose(rng, _ROLE_WEIGHTS, len(near))
    return _Notes(stays.citizen[near], happened, written, np.full(len(near), -1), role, text)


def _of_discharges(rng: np.random.Generator, scene: Scene, block: Block, wording: Wording) -> _Notes:
    stays, course = scene.course.stays, scene.course
    first = stays.end + 1
    near = np.flatnonzero((stays.cause >= -1) & (first >= block.start) & (first < block.start + block.days))
    near = near[(course.care_end[stays.citizen[near]] > first[near]) & (rng.random(len(near)) < _DISCHARGE_NOTE)]
    minute = rng.integers(8 * 60, 14 * 60, len(near))
    home = block.at_home(stays.citizen[near], first[near], minute)
    near, minute = near[home], minute[home]
    happened = moment(scene.town, first[near], minute * 60)
    text = [f"{said[:1].upper()}{said[1:]}." for said in wording.about(rng, "discharged", len(near))]
    role = choose(rng, _ROLE_WEIGHTS, len(near))
    citizen = stays.citizen[near]
    return _Notes(citizen, happened, recorded(rng, scene.town, happened), np.full(len(near), -1), role, text)


def _joined(parts: list[_Notes]) -> _Notes:
    columns = [
        np.concatenate([getattr(p, name) for p in parts])
        for name in ("citizen", "happened", "written", "heading", "role")
    ]
    text = [said for part in parts for said in part.text]
    order = np.lexsort((columns[0], columns[1]))
    citizen, happened, written, heading, role = (column[order] for column in columns)
    return _Notes(citizen, happened, written, heading, role, [text[row] for row in order.tolist()])


def _table(rng: np.random.Generator, scene: Scene, made: _Notes, first: int) -> pa.Table:
    """Notes as written, then those written again with a sentence more."""
    mended, mended_at = written_again(rng, scene.town, made.written, scene.town.recording.corrected_share)
    again = np.concatenate([np.arange(len(made.text)), mended])
    written = np.concatenate([made.written, mended_at])
    text = made.text + [f"{made.text[row]} Rettet." for row in mended.tolist()]
    table = pa.Table.from_arrays(
        [
            identifiers("n", again + first),
            scene.citizen_ids(made.citizen[again]),
            times(made.happened[again]),
            times(written),
            pa.array(text, pa.string()),
            words(ROLES, made.role[again]),
            words(headings(), made.heading[again]),
        ],
        schema=SCHEMAS["notes"],
    )
    return table.filter(pa.array(in_time(scene.town, written)))
