"""What the first reader of a page would have waited for: its templates, and the array libraries that stays are told by.

Done beside the serving, so that the service answers at once. Nothing here reads the store.
"""

import gc
from importlib import import_module
from threading import Thread
from typing import Final

from service.ui.language import languages
from service.ui.rendering import environment

_COLLECT: Final = (10_000, 20, 20)
"""A page of a hundred rows makes some ten thousand objects and no cycles: not ten walks for each."""


def warm_in_background() -> Thread:
    """Begin to warm; the thread ends by itself."""
    thread = Thread(target=_warm, name="warming")
    thread.start()
    return thread


def _warm() -> None:
    import_module("models.truth.episodes")
    for language in languages().values():
        templates = environment(language)
        for name in templates.list_templates():
            templates.get_template(name)
    gc.collect()
    gc.freeze()  # all this stays until the end; walking it at each collection made one page in a hundred 100 ms slower
    gc.set_threshold(*_COLLECT)
