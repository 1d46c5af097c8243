"""Sheets: the tables of a report, once as data, shown as HTML in a page that stands alone or on the terminal."""

from collections.abc import Iterable, Sequence
from html import escape

from rich.table import Table

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 } th, td { border-bottom: 1px solid #ccc; padding: .3rem .8rem;
text-align: left } caption { text-align: left; font-weight: 600; padding: .3rem 0 } img { max-width: 26rem; width: 49% }
.warn { border-left: .4rem solid #b35900; padding: .1rem 1rem; background: #fff6ec }
"""

Sheet = tuple[str, tuple[str, ...], list[tuple[str, ...]]]
"""A table's title, its columns and its rows."""


def document(title: str, body: str) -> str:
    """A page that needs nothing from elsewhere, of a body in HTML."""
    return (
        "<!doctype html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>\n"
    )


def html(sheets: Iterable[Sheet]) -> str:
    """The sheets one under the other."""
    return "".join(_html(sheet) for sheet in sheets)


def listed(sentences: Sequence[str]) -> str:
    """Sentences as a list."""
    return f"<ul>{''.join(f'<li>{escape(words)}</li>' for words in sentences)}</ul>"


def rich(sheet: Sheet) -> Table:
    """A sheet for the terminal."""
    title, columns, rows = sheet
    table = Table(*columns, title=title, title_justify="left", expand=False)
    for row in rows:
        table.add_row(*row)
    return table


def _html(sheet: Sheet) -> str:
    title, columns, rows = sheet
    return (
        f"<table><caption>{escape(title)}</caption><thead>{_html_row('th', columns)}</thead>"
        f"<tbody>{''.join(_html_row('td', row) for row in rows)}</tbody></table>"
    )


def _html_row(tag: str, cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
