"""How tests open pages: at which widths, and as whom."""

from typing import Final, Protocol

from playwright.sync_api import Page

WIDTHS: Final = {"desktop": 1280, "tablet": 820, "phone": 390, "zoomed to 400 %": 320}


class Open(Protocol):
    """Opens a page as a user of this name, or of nobody; with a finger instead of a pointer where said so."""

    def __call__(
        self, name: str, path: str = "/", width: int = 1280, *, scripts: bool = True, finger: bool = False
    ) -> Page: ...
