"""Which host a request is for, where each of several municipalities has its own.

The header is whatever the sender wrote. It chooses whose login page is seen and nothing more: a session and a token are
looked for in that municipality's store, where another's are unknown. Nothing else a sender may write is believed, such
as X-Forwarded-Host.
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?)(?::[0-9]{0,5})?")


def host_asked_for(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The host of a request's one Host header, in small letters, without port and final dot.

    Nothing where there is none, or more than one, even of the same words, or one that cannot be a host.
    """
    named = [value for name, value in headers if name.lower() == b"host"]
    return _plain(named[0].decode("latin-1").strip(" \t")) if len(named) == 1 else None


def host_of_address(address: str) -> str | None:
    """The host of a public address in the same form, as a browser would write it; nothing for what is no address."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        host = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        return None
    return _plain(host) if parts.scheme in {"http", "https"} else None


def _plain(authority: str) -> str | None:
    found = _AUTHORITY.fullmatch(authority)
    return found[1].lower().removesuffix(".") if found else None
