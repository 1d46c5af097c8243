"""How far the words around a term reach: which places of a note are negated, uncertain, past and so on.

Works on word ids and found cues only. Reach is bounded, so a note costs time in proportion to its length.
"""

from collections.abc import Sequence
from functools import cached_property

from models.notes.compiled import ScopeIds
from models.notes.lexicon import CueKind
from models.notes.senses import CueSense, PersonSense, Sense
from models.notes.trie import Found


class Mark:
    """What the cues around a place say of it: bits of an int, for an enum's arithmetic costs ten times as much."""

    NEGATED = 1
    UNCERTAIN = 2
    OTHER = 4
    PAST = 8
    PLANNED = 16
    WORSE = 32
    BETTER = 64
    BASELINE = 128
    ACTION_PLANNED = 256
    NEGATED_CLOSELY = 512


_REACH = 12
_CHANGE_REACH = 6
_CONDITION_REACH = 40
_LIST_ITEM = 3
_AFTER_REACH = 6

_FORWARD: dict[CueKind, int] = {
    "negation": Mark.NEGATED,
    "uncertain": Mark.UNCERTAIN,
    "past": Mark.PAST,
    "plan": Mark.PLANNED,
    "worse": Mark.WORSE,
    "better": Mark.BETTER,
    "baseline": Mark.BASELINE,
}
_BACKWARD: dict[CueKind, int] = {
    "worse_after": Mark.WORSE,
    "better_after": Mark.BETTER,
    "baseline_after": Mark.BASELINE,
    "plan_after": Mark.PLANNED,
}
_CLOSE = 2
_CHANGES = Mark.WORSE | Mark.BETTER | Mark.BASELINE
_ENDS_AT_NEW_STATEMENT = Mark.NEGATED | Mark.UNCERTAIN | _CHANGES


class Context:
    """The marks of one note. `marks(term)` is what its cues say of a found term."""

    def __init__(
        self,
        scope: ScopeIds,
        ids: Sequence[int],
        cues: Sequence[Found[Sense]],
        terms: Sequence[Found[Sense]],
    ) -> None:
        self._scope = scope
        self._ids = ids
        self._stops = scope.stops
        self._painted = [0] * len(ids)
        self._pointed: dict[int, int] = {}
        self._asks = scope.question in ids
        self._cues = cues
        self._terms = terms
        for cue in cues:
            if isinstance(cue.sense, PersonSense):
                self._apply_person(cue)
            elif isinstance(cue.sense, CueSense) and not self._is_flag(cue):
                self._apply_cue(cue, cue.sense.kind)

    # Few cues ask for these three.
    @cached_property
    def _starts(self) -> set[int]:
        return {term.start for term in self._terms}

    @cached_property
    def _ends(self) -> set[int]:
        return {term.end for term in self._terms}

    @cached_property
    def _now(self) -> set[int]:
        return {cue.start for cue in self._cues if isinstance(cue.sense, CueSense) and cue.sense.kind == "now"}

    def marks(self, term: Found[Sense]) -> int:
        """Everything the cues say of a term: those whose reach holds its first word, and those pointing back at it."""
        question = self._question(term) if self._asks else 0
        return self._painted[term.start] | self._pointed.get(term.end, 0) | question

    def _question(self, term: Found[Sense]) -> int:
        """Uncertain, where a question mark ends the clause the term stands in."""
        end = self._segment_end(term.end)
        asked = end < len(self._ids) and self._ids[end] == self._scope.question
        return Mark.UNCERTAIN if asked else 0

    def _apply_cue(self, cue: Found[Sense], kind: CueKind) -> None:
        if kind in _FORWARD:
            self._look_forward(cue, _FORWARD[kind])
        elif kind in _BACKWARD:
            self._look_back(cue, _BACKWARD[kind])
        elif kind == "negation_after":
            self._negate_what_stands_before(cue)
        elif kind == "past_anywhere":
            self._paint(self._segment_start(cue.start), self._segment_end(cue.end), Mark.PAST)
        elif kind == "condition" or (kind == "condition_after_request" and self._in_request(cue.start)):
            self._apply_condition(cue, whole_sentence=kind == "condition")

    def _look_forward(self, cue: Found[Sense], mark: int) -> None:
        limit = _CHANGE_REACH if mark & _CHANGES else _REACH
        end = self._reach(cue.end, cue.end + limit, mark)
        self._paint(cue.start, end, mark)  # a term may begin among the cue's words: "problemer med ..."
        if mark == Mark.NEGATED:
            self._paint(cue.start, min(end, cue.end + _CLOSE), Mark.NEGATED_CLOSELY)

    def _look_back(self, cue: Found[Sense], mark: int) -> None:
        """Points at the nearest term before the cue; a change also spoken of what follows belongs to that."""
        if mark & _CHANGES and not self._starts.isdisjoint((cue.end, cue.end + 1)):
            return
        for place in range(cue.start, max(cue.start - _AFTER_REACH, 0), -1):
            if place in self._ends:
                self._point(place, mark)
                return
            if self._ids[place - 1] in self._stops:
                return

    def _negate_what_stands_before(self, cue: Found[Sense]) -> None:
        if not self._starts.isdisjoint((cue.end, cue.end + 1)):
            return  # "svimmel ikke forvirret": the "ikke" belongs to what follows
        place = cue.start
        while place > 0 and place not in self._ends and self._ids[place - 1] in self._scope.after_fillers:
            place -= 1
        self._point(place, Mark.NEGATED)

    def _apply_condition(self, cue: Found[Sense], *, whole_sentence: bool) -> None:
        if whole_sentence:
            end = self._until(self._scope.enders, cue.end, cue.end + _CONDITION_REACH)
        else:
            end = self._reach(cue.end, cue.end + _REACH, Mark.PLANNED)
        self._paint(cue.end, end, Mark.PLANNED)
        self._paint(self._segment_start(cue.start), cue.start, Mark.ACTION_PLANNED)

    def _apply_person(self, person: Found[Sense]) -> None:
        """Somebody else is the subject where a clause begins with him and he does not merely report."""
        before = self._segment_start(person.start)
        if not self._scope.before_subject.issuperset(self._ids[before : person.start]):
            return
        if not self._scope.reports.isdisjoint(self._ids[person.end : person.end + 3]):
            return
        end = self._reach(person.end, person.end + _REACH, Mark.OTHER)
        self._paint(person.end, self._until(self._scope.subject_returns, person.end, end), Mark.OTHER)

    def _is_flag(self, cue: Found[Sense]) -> bool:
        """Whether the cue is the mere flag of "obs!" or "OBS:"."""
        if self._ids[cue.start] not in self._scope.flags:
            return False
        following = self._ids[cue.end : cue.end + 1]
        return not self._scope.flag_marks.isdisjoint(following)

    def _in_request(self, place: int) -> bool:
        enders = self._scope.enders
        start = self._back_until(enders, place, place - _CONDITION_REACH)
        end = self._until(enders, place, place + _CONDITION_REACH)
        return not self._scope.requests.isdisjoint(self._ids[start:end])

    def _reach(self, start: int, limit: int, mark: int) -> int:
        """Where a cue's say ends: at the clause's end, or at the end of the list it opens."""
        limit = min(limit, len(self._ids))
        pauses = self._scope.pauses
        now = self._now if mark == Mark.PAST else ()
        for place, word in enumerate(self._ids[start:limit], start):
            if word in pauses or place in now:
                if word in self._scope.commas:
                    return self._list_end(place, limit, mark)
                if word in self._stops or place in now:
                    return place
                if mark & _ENDS_AT_NEW_STATEMENT and self._new_statement(place):
                    return place
        return limit

    def _new_statement(self, place: int) -> bool:
        """Whether a verb follows the joiner at a place."""
        return not self._scope.verbs.isdisjoint(self._ids[place + 1 : place + 2])

    def _list_end(self, comma: int, limit: int, mark: int) -> int:
        """The end of a list whose first item stands before `comma`, or `comma` where no list follows.

        A "not" runs on only through "eller": "ingen feber, hoste eller slim", but "ingen feber, træt og svimmel".
        """
        closers = self._scope.negation_closers if mark == Mark.NEGATED else self._scope.list_closers
        words_in_item = 0
        for place in range(comma + 1, limit):
            word = self._ids[place]
            if word in closers:
                return self._until(self._scope.item_stops, place + 1, min(limit, place + 1 + _LIST_ITEM))
            words_in_item = 0 if word in self._scope.commas else words_in_item + 1
            if words_in_item > _LIST_ITEM or word in self._scope.no_item:
                return comma
        return comma

    def _segment_start(self, place: int) -> int:
        return self._back_until(self._stops, place, place - _REACH)

    def _segment_end(self, place: int) -> int:
        return self._until(self._stops, place, place + _REACH)

    def _until(self, stops: frozenset[int], start: int, limit: int) -> int:
        for place, word in enumerate(self._ids[start:limit], start):
            if word in stops:
                return place
        return min(limit, len(self._ids))

    def _back_until(self, stops: frozenset[int], end: int, limit: int) -> int:
        limit = max(limit, 0)
        for place in range(end - 1, limit - 1, -1):
            if self._ids[place] in stops:
                return place + 1
        return limit

    def _paint(self, start: int, end: int, mark: int) -> None:
        for place in range(start, end):
            self._painted[place] |= mark

    def _point(self, end: int, mark: int) -> None:
        self._pointed[end] = self._pointed.get(end, 0) | mark
