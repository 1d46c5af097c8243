"""Quantities in words: counts, lengths and days ago, each as a Danish and an English phrase.

A list is read for a whole week, so no word here depends on the day of reading: it is "1 day ago", never "yesterday".
"""

Said = tuple[str, str]
"""The same in Danish and in English."""

WEEKS_BEFORE = 83 / 7
"""The 8th to the 90th day before T, in weeks: what "usually" is measured on."""
_COMMON = 0.95
"""Times a week from which something is told by the week, and not as a count over the three months."""


def decimal(value: float, digits: int = 0) -> str:
    """A number as Danish writes it."""
    return f"{value:.{digits}f}".replace(".", ",")


def number(value: float, digits: int = 0) -> Said:
    """A number in both."""
    return decimal(value, digits), f"{value:.{digits}f}"


def times(count: float) -> Said:
    """How often."""
    whole = round(count)
    return (f"{whole} {'gang' if whole == 1 else 'gange'}", {1: "once", 2: "twice"}.get(whole, f"{whole} times"))


def ago(days: float) -> Said:
    """How long before the list's date."""
    whole = round(days)
    return f"for {whole} {'dag' if whole == 1 else 'dage'} siden", f"{whole} {'day' if whole == 1 else 'days'} ago"


def length(days: float) -> Said:
    """How long a stay was."""
    whole = round(days)
    if days < 1:
        return "under et døgn", "less than a day"
    return f"{whole} {'dag' if whole == 1 else 'dage'}", f"{whole} {'day' if whole == 1 else 'days'}"


def care(minutes: float) -> Said:
    """An amount of care: in minutes below an hour, so that little is not told as "0,0 t"."""
    if round(minutes) < 60:
        return f"{round(minutes)} min", f"{round(minutes)} min"
    return f"{decimal(minutes / 60, 1)} t", f"{minutes / 60:.1f} h"


def before(a_week: float, *, numbered: bool = False) -> Said:
    """What there was before the last week: by the week where it is common, else counted over the three months.

    Told as "2 times", or as the bare number where the words before it were `numbered` too.
    """
    if a_week >= _COMMON:
        return f"sædvanligt {decimal(a_week)} om ugen", f"usually {a_week:.0f} a week"
    count = round(a_week * WEEKS_BEFORE)
    if not count:
        return "ikke i de tre måneder før", "not in the three months before"
    danish, english = number(count) if numbered else times(count)
    return f"{danish} i de tre måneder før", f"{english} in the three months before"
