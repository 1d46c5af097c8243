"""The catalogue written out: one line a feature for machines and searching, and a page in which over a thousand of them
stay readable, by group and by what is looked at.
"""

import json
from collections.abc import Iterable, Sequence
from io import StringIO

from rich.console import Console
from rich.table import Table

from models.errors import NotFound
from models.features.phrases import phrase, window
from models.features.spec import Aggregate, Catalogue, Compared, Definition, Feature, Season

_HEAD = """# Features

Written by `omhu features --format markdown`; a test keeps it current. {features} features of {signals} signals in
{groups} groups. A feature's name tells all: `fall.count.30d` is how many falls there were in the 30 days before the
list's date; `fall.count.7d.log_ratio.fall.count.8_90d` is the last week against the citizen's own usual. `omhu
features` prints them one by one, with a phrase each, and `--group` those of one group.

Windows are whole local days before the date. "Halving in 10 days" is a count in which an event weighs half as much
after each ten days. Sources are sections of [the field](field.md), or of [the drop](interchange.md).
"""


def chosen(catalogue: Catalogue, group: str | None) -> tuple[Feature, ...]:
    """The features of a group, or all. Raises `NotFound` for a group there is not."""
    found = tuple(feature for feature in catalogue.features if group in {None, feature.group})
    if not found:
        raise NotFound(f"There is no feature group {group!r}.", f"There are: {', '.join(groups(catalogue.features))}.")
    return found


def groups(features: Iterable[Feature]) -> tuple[str, ...]:
    """The features' groups in order of first use."""
    return tuple(dict.fromkeys(feature.group for feature in features))


def as_json(features: Sequence[Feature], catalogue: Catalogue) -> str:
    """A list of objects, one a feature."""
    return json.dumps([_told(feature, catalogue) for feature in features], ensure_ascii=False, indent=1) + "\n"


def as_table(features: Sequence[Feature], catalogue: Catalogue, width: int) -> str:
    """A table for the terminal, `width` columns wide."""
    table = Table()
    for head in ("name", "group", "phrase", "unit", "window", "source"):
        table.add_column(head, overflow="fold")
    for feature in features:
        told = _told(feature, catalogue)
        table.add_row(*(told[key] for key in ("name", "group", "phrase_da", "unit", "window", "source")))
    text = StringIO()
    Console(file=text, width=width).print(table)
    return text.getvalue()


def as_markdown(features: Sequence[Feature], catalogue: Catalogue) -> str:
    """The page: a section a group, a line for each thing that is computed, with all its windows and signals."""
    head = _HEAD.format(
        features=len(features), signals=len({s for f in features for s in _signals(f)}), groups=len(groups(features))
    )
    return head + "".join(_section(group, features, catalogue) for group in groups(features))


def _told(feature: Feature, catalogue: Catalogue) -> dict[str, str]:
    danish, english = phrase(feature.definition, catalogue)
    return {
        "name": feature.name,
        "group": feature.group,
        "phrase_da": danish,
        "phrase_en": english,
        "unit": feature.unit,
        "window": window(feature.definition)[1],
        "source": feature.source,
    }


def _signals(feature: Feature) -> tuple[str, ...]:
    definition = feature.definition
    if isinstance(definition, Season):
        return ()
    if isinstance(definition, Aggregate):
        return (definition.signal,)
    return definition.left.signal, definition.right.signal


def _section(group: str, features: Sequence[Feature], catalogue: Catalogue) -> str:
    of_group = [feature for feature in features if feature.group == group]
    signals = dict.fromkeys(_signals(feature)[0] for feature in of_group if _signals(feature))
    named = [f"- `{name}`: {catalogue.signal(name).danish} / {catalogue.signal(name).english}" for name in signals]
    lines = [
        f"| {' | '.join((what, _code(names), _listed(windows), unit or '-', source))} |"
        for (what, windows, unit, source), names in _families(of_group).items()
    ]
    head = "| what | signals | windows | unit | source |\n|---|---|---|---|---|\n"
    words = "\n".join(named) + "\n\n" if named else ""
    return f"\n## {group} ({len(of_group)})\n\n{words}{head}" + "\n".join(lines) + "\n"


def _code(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "-"


def _listed(windows: Sequence[str]) -> str:
    """The windows in one phrase: plain lengths share their word."""
    plain = [each.removesuffix(" days") for each in windows]
    if all(each.isdigit() for each in plain):
        return ", ".join(plain) + " days"
    return ", ".join(windows)


_Family = tuple[str, tuple[str, ...], str, str]


def _families(features: Sequence[Feature]) -> dict[_Family, list[str]]:
    """What is computed, over which windows, in which unit, after which source; and the signals it is computed of."""
    windows: dict[tuple[str, str, str, str], list[str]] = {}
    for feature in features:
        signal = (*_signals(feature), "")[0]
        key = (signal, _what(feature.definition), feature.unit, feature.source)
        windows.setdefault(key, []).append(window(feature.definition)[1])
    found: dict[_Family, list[str]] = {}
    for (signal, what, unit, source), over in windows.items():
        found.setdefault((what, tuple(over), unit, source), []).extend([signal] if signal else [])
    return found


def _what(definition: Definition) -> str:
    if isinstance(definition, Season):
        return definition.value
    if isinstance(definition, Aggregate):
        return definition.aggregation.value
    return _compared(definition)


def _compared(pair: Compared) -> str:
    left, right = pair.left.aggregation.value, pair.right.aggregation.value
    against = right if pair.left.signal == pair.right.signal else f"`{pair.right.signal}` {right}"
    words = {"difference": "minus", "ratio": "per", "log_ratio": "relative to (log)"}[pair.comparison.value]
    return f"{left} {words} {against}"
