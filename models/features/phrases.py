"""What a feature is, in words, made of its definition: for the catalogue's page and whoever reads a matrix.

Not what a nurse is told: that is `models.reasons.wording`, which knows the citizen's numbers.
"""

from models.features.spec import (
    EVER,
    Aggregate,
    Aggregation,
    Catalogue,
    Comparison,
    Definition,
    Season,
    Window,
)

Phrase = tuple[str, str]
"""In Danish and in English."""

_SAID: dict[Aggregation, Phrase] = {
    Aggregation.COUNT: ("antal", "number"),
    Aggregation.SUM: ("sum", "sum"),
    Aggregation.DAYS: ("antal dage med", "days with any"),
    Aggregation.DECAYED: ("antal, hvor ældre tæller mindre", "number, older ones counting less"),
    Aggregation.MEAN: ("gennemsnit", "mean"),
    Aggregation.MIN: ("mindste værdi", "least value"),
    Aggregation.MAX: ("største værdi", "greatest value"),
    Aggregation.STD: ("spredning", "spread"),
    Aggregation.LAST: ("seneste værdi", "last value"),
    Aggregation.SINCE: ("dage siden seneste", "days since the last"),
    Aggregation.SLOPE: ("udvikling pr. dag", "trend per day"),
}
_COMPARED: dict[Comparison, Phrase] = {
    Comparison.DIFFERENCE: ("minus", "minus"),
    Comparison.RATIO: ("pr.", "per"),
    Comparison.LOG_RATIO: ("i forhold til", "relative to"),
}


def phrase(definition: Definition, catalogue: Catalogue) -> Phrase:
    """The definition in a phrase."""
    if isinstance(definition, Season):
        return "årstid", "time of year"
    if isinstance(definition, Aggregate):
        return _aggregate(definition, catalogue)
    left, right = _aggregate(definition.left, catalogue), _aggregate(definition.right, catalogue)
    between = _COMPARED[definition.comparison]
    return f"{left[0]} {between[0]} {right[0]}", f"{left[1]} {between[1]} {right[1]}"


def window(definition: Definition) -> Phrase:
    """The days a definition looks at; of a comparison those of its left side and of its right."""
    if isinstance(definition, Season):
        return "opgørelsesdatoen", "the as-of date"
    if isinstance(definition, Aggregate):
        return _reach(definition)
    left, right = _reach(definition.left), _reach(definition.right)
    return (f"{left[0]} mod {right[0]}", f"{left[1]} against {right[1]}") if left != right else left


def _aggregate(part: Aggregate, catalogue: Catalogue) -> Phrase:
    signal, said, reach = catalogue.signal(part.signal), _SAID[part.aggregation], _reach(part)
    return f"{signal.danish}: {said[0]} ({reach[0]})", f"{signal.english}: {said[1]} ({reach[1]})"


def _reach(part: Aggregate) -> Phrase:
    if part.half_life:
        return f"halveres på {part.half_life} dage", f"halving in {part.half_life} days"
    return _days(part.window)


def _days(window: Window) -> Phrase:
    if window.end == EVER:
        return "alle dage", "all days"
    if window.first:
        return f"{window.first + 1}.-{window.end}. dag før", f"days {window.first + 1} to {window.end} before"
    return f"{window.end} dage", f"{window.end} days"
