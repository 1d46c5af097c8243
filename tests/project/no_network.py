"""A pytest plugin: tests reach this machine and nothing else.

An audit hook sees every connection and every name look-up of this process before it happens, whichever library
asks for it. It cannot be taken off again, and a library that swallows the error does not hide the attempt: the test
under way fails as well. Programs the tests start are outside its reach; the browser has a rule of its own.
"""

import ipaddress
import socket
import sys
from collections.abc import Iterator

import pytest

_attempts: list[str] = []


class NetworkForbidden(RuntimeError):
    """A test tried to reach something that is not this machine."""


def is_this_machine(host: object) -> bool:
    """Whether a host, as text, bytes or None, is the loopback address or a name of this very machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in {"", "localhost", socket.gethostname()}:
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse(host: object) -> None:
    if not is_this_machine(host):
        _attempts.append(str(host))
        raise NetworkForbidden(f"A test tried to reach {host}: tests may reach the loopback address only.")


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        # A unix socket's address is a path, not a pair.
        if isinstance(address, tuple):
            _refuse(address[0])
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        _refuse(arguments[0])


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def _no_attempt_went_unseen() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]  # pytest finds it
    """Fail the test during which something tried to reach out, even where the error was swallowed."""
    _attempts.clear()
    yield
    if _attempts:
        pytest.fail(f"tried to reach {', '.join(sorted(set(_attempts)))}")
