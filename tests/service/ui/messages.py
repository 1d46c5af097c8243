"""Every text of the pages, as Babel finds them in templates and presenters."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

import service.ui

FOLDER = Path(service.ui.__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "count": (1, 2)}


def texts() -> Iterator[str | tuple[str, str]]:
    """The texts to translate, each once; those with a plural as a pair."""
    options = {"templates/**.html": {"silent": "false", "trimmed": "false"}}
    found = extract_from_dir(FOLDER, METHODS, options, KEYWORDS)
    yield from dict.fromkeys(
        message if isinstance(message, str) else (message[0], message[1]) for _, _, message, _, _ in found
    )
