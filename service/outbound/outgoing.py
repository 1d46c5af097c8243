"""Where a webhook may be: over TLS, on the open network, and at the very address that was looked at.

A name is resolved once and the connection made to what it resolved to, so that it cannot mean another machine a moment
later. Settings may allow plain HTTP and addresses of one's own network, for a receiver beside this service.
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final

import httpx

from models.errors import RequestWrong
from service.settings import Settings

LONGEST: Final = 20.0
"""Seconds a receiver has for all of it: a worker that waits for one makes no list meanwhile."""
_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses as NAT64 writes them: what they stand for is what counts."""
_SUCCESS: Final = range(200, 300)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(RequestWrong):
    """An address that nothing is sent to."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one attempt; `told` names neither the address nor what was answered."""

    taken: bool
    told: str


def require_allowed(url: str, settings: Settings) -> httpx.URL:
    """The address, if something may be sent there as far as it can be told without resolving a name."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise AddressRefused("The address cannot be read.", "Write it as https://host/path.") from None
    schemes = {"https", "http"} if settings.webhook_plain_http else {"https"}
    if parsed.scheme not in schemes or not parsed.host:
        raise AddressRefused("Webhooks are told over https only.", "Or set OMHU_WEBHOOK_PLAIN_HTTP.")
    if parsed.userinfo:
        raise AddressRefused("A password in an address ends in logs.", "The signature proves who sent it.")
    literal = _literal(parsed.host)
    if literal is not None:
        _require_open(literal, settings)
    return parsed


def send(url: str, headers: dict[str, str], body: bytes, settings: Settings) -> Sent:
    """Send once, follow no redirect, and read no answer but its status; wait for that no longer than `LONGEST`."""
    try:
        parsed = require_allowed(url, settings)
        address = _resolved(parsed, settings)
        status = asyncio.run(_status(parsed, address, headers, body))
    except AddressRefused as error:
        return Sent(False, error.message)
    except TimeoutError:
        return Sent(False, "No answer in time.")
    except OSError:
        return Sent(False, "The name cannot be resolved.")
    except httpx.HTTPError as error:
        return Sent(False, f"No answer ({type(error).__name__}).")
    return Sent(status in _SUCCESS, f"HTTP {status}")


async def _status(url: httpx.URL, address: Address, headers: dict[str, str], body: bytes) -> int:
    """The status of the answer, or `TimeoutError`: a head may come letter by letter, each in time, and never end."""
    named = headers | {"Host": url.netloc.decode("ascii")}
    server = {"sni_hostname": url.raw_host.decode("ascii")}
    async with (
        asyncio.timeout(LONGEST),
        httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False, follow_redirects=False) as client,
        client.stream(
            "POST", url.copy_with(host=str(address)), headers=named, content=body, extensions=server
        ) as answer,
    ):
        return answer.status_code


def _resolved(url: httpx.URL, settings: Settings) -> Address:
    """The first of the addresses a name stands for, none of which may be a closed one."""
    port = url.port or (443 if url.scheme == "https" else 80)
    found = socket.getaddrinfo(url.raw_host.decode("ascii").strip("[]"), port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    for address in addresses:
        _require_open(address, settings)
    return addresses[0]


def _require_open(address: Address, settings: Settings) -> None:
    meant = _meant(address)
    if settings.webhook_private_addresses and not meant.is_multicast and not meant.is_unspecified:
        return
    if not meant.is_global or meant.is_multicast or meant.is_reserved:
        raise AddressRefused(
            "The address is not on the open network.", "For one of your own, set OMHU_WEBHOOK_PRIVATE_ADDRESSES."
        )


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 address only carries, or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
