"""The guard itself: a test that reaches out fails, and one that hides the error fails as well."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import no_network
from tests.project.no_network import NetworkForbidden, is_this_machine

REACHING_OUT = """
import contextlib, socket, urllib.request

def test_connects_by_address():
    socket.create_connection(("192.0.2.1", 80), timeout=1)

def test_looks_a_name_up():
    urllib.request.urlopen("http://example.com", timeout=1)

def test_hides_the_error():
    with contextlib.suppress(Exception):
        socket.create_connection(("192.0.2.1", 80), timeout=1)

def test_stays_on_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
"""


def test_reaching_out_fails_even_where_the_error_is_swallowed(tmp_path: Path) -> None:
    (tmp_path / "test_reaching_out.py").write_text(REACHING_OUT, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.project.no_network", "-p", "no:cacheprovider", "-rA"]
    run = subprocess.run([*command, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "PASSED test_reaching_out.py::test_stays_on_this_machine" in run.stdout
    assert "FAILED test_reaching_out.py::test_connects_by_address" in run.stdout
    assert "FAILED test_reaching_out.py::test_looks_a_name_up" in run.stdout
    assert "ERROR test_reaching_out.py::test_hides_the_error" in run.stdout


@pytest.mark.parametrize("host", ["127.0.0.1", b"localhost", "::1", "127.0.1.1", None])
def test_the_loopback_address_is_this_machine(host: object) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "example.com", "0.0.0.1", "fe80::1%eth0", b"example.com"])
def test_any_other_address_is_not(host: object) -> None:
    assert not is_this_machine(host)


def test_the_guard_stands_in_this_very_run() -> None:
    with pytest.raises(NetworkForbidden, match="loopback"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    no_network._attempts.clear()
