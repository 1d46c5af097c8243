"""Put into a child process before anything else: every way out but the loopback and files is refused and written down.

Run as `python -c` by a test's own start line; the file named by OMHU_TEST_OUTBOUND gets a line for each attempt.
"""

import ipaddress
import os
import sys


def _is_loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    host: object = None
    if event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        host = arguments[0]
    elif event == "socket.getnameinfo":
        host = arguments[0][0] if isinstance(arguments[0], tuple) else arguments[0]
    if not _is_loopback(host):
        written = os.open(os.environ["OMHU_TEST_OUTBOUND"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(written, f"{event} {host}\n".encode())
        os.close(written)
        raise OSError("no way out from here")


sys.addaudithook(_watch)
