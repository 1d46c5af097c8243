"""`omhu serve`, as a process of its own, and as several."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from service.clock import utc_now
from service.security.rights import Permission
from service.security.secrets import fingerprint, new_token
from service.settings import Settings
from service.storage import tokens
from service.storage.database import Database
from tests.children import Child, answered, free_port, is_spawned, surroundings


def test_the_service_answers_until_it_is_stopped_and_needs_nothing_set_up(tmp_path: Path) -> None:
    port = free_port()
    program = "from service.commands.serve import serve; import sys; serve(port=int(sys.argv[1]))"
    surroundings = os.environ | {"OMHU_HOME": str(tmp_path), "OMHU_DATABASE_URL": ""}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(port)], env=surroundings, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert answered(f"http://127.0.0.1:{port}/login") == 200
        finally:
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=30)
    assert f"http://127.0.0.1:{port}" in told
    assert '"route": "/login"' in told
    assert "Traceback" not in told


def test_several_processes_answer_and_count_as_one_and_one_that_dies_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, kept = free_port(), tmp_path / "kept"
    kept.mkdir()
    two, around = ("serve", "--port", str(port), "--processes", "2"), surroundings(tmp_path / "home")
    with Child(two, around | {"TMPDIR": str(kept)}, tmp_path / "serve.log") as serve:
        answered(f"http://127.0.0.1:{port}/healthz")
        children = serving(serve, 2)
        monkeypatch.setenv("OMHU_HOME", str(tmp_path / "home"))
        token = metrics_token()
        before = healthy(port, token)
        for _ in range(20):
            asked(port, "/healthz")
        counted(port, token, before + 20)
        assert {healthy(port, token) for _ in range(10)} == {before + 20}  # whichever process is asked
        os.kill(children[0], signal.SIGKILL)
        asked(port, "/healthz")
        replaced = serving(serve, 2)
        assert children[1] in replaced
        assert children[0] not in replaced
        counted(port, token, before + 21)  # what the dead one counted is not forgotten
        serve_anew(serve, port)
        anew = serving(serve, 2)
        assert not set(replaced) & set(anew)
    told = serve.told()
    assert f"Child process [{children[0]}] died" in told
    assert "Traceback" not in told
    assert not any(map(is_spawned, anew))
    assert not list(kept.iterdir())


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_port_that_is_taken_is_told_at_once(tmp_path: Path, processes: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        around = surroundings(tmp_path / "home")
        command = [sys.executable, "-m", "service.cli", "serve", "--processes", processes, "--port", port]
        done = subprocess.run(command, env=around, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"port {port} of 127.0.0.1" in done.stderr
    assert "answers" not in done.stderr
    assert "Traceback" not in done.stderr


def test_one_process_counts_for_itself_whatever_others_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port, nowhere = free_port(), str(tmp_path / "nowhere")
    around = surroundings(tmp_path / "home") | {"PROMETHEUS_MULTIPROC_DIR": nowhere}
    with Child(("serve", "--port", str(port)), around, tmp_path / "serve.log"):
        answered(f"http://127.0.0.1:{port}/healthz")
        monkeypatch.setenv("OMHU_HOME", str(tmp_path / "home"))
        assert healthy(port, metrics_token()) >= 1


def test_processes_end_with_the_one_that_began_them(tmp_path: Path) -> None:
    port = free_port()
    two = ("serve", "--port", str(port), "--processes", "2")
    with Child(two, surroundings(tmp_path / "home"), tmp_path / "serve.log") as serve:
        answered(f"http://127.0.0.1:{port}/healthz")
        children = serving(serve, 2)
        os.kill(serve.number, signal.SIGKILL)
        for _ in range(300):
            if not any(map(is_spawned, children)):
                return
            time.sleep(0.1)
    raise AssertionError("the port stays taken")


@pytest.mark.parametrize("folder", ["", "counts"])
def test_requests_of_each_municipality_are_told_apart_however_they_are_counted(tmp_path: Path, folder: str) -> None:
    program = (
        "from service.operation.metrics import written\n"
        "from service.operation.request_counts import Requests\n"
        "ours, theirs = Requests('aarhus'), Requests('odense')\n"
        "ours.note('GET', '/a', 200, 0.01), ours.note('GET', '/a', 200, 0.01), theirs.note('GET', '/b', 200, 0.01)\n"
        "print((written(ours.figures()) + b'== theirs' + written(theirs.figures())).decode())"
    )
    (tmp_path / "counts").mkdir()
    around = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / folder)} if folder else os.environ
    done = subprocess.run([sys.executable, "-c", program], env=around, capture_output=True, text=True, check=True)
    ours, theirs = done.stdout.split("== theirs")
    assert 'omhu_requests_total{method="GET",route="/a",status="200"} 2.0' in ours
    assert 'omhu_request_seconds_count{route="/a"} 2.0' in ours
    assert 'omhu_requests_total{method="GET",route="/b",status="200"} 1.0' in theirs
    assert "/b" not in ours
    assert "/a" not in theirs
    assert "municipality" not in done.stdout


def test_what_is_wrong_is_told_once_whatever_the_number_of_processes(tmp_path: Path) -> None:
    around = surroundings(tmp_path / "home", "mysql://somewhere/omhu")
    command = [sys.executable, "-m", "service.cli", "serve", "--processes", "2", "--port", str(free_port())]
    done = subprocess.run(command, env=around, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.count("mysql") == 1
    assert "Traceback" not in done.stderr


def asked(port: int, address: str, token: str = "") -> str:
    """The answer to a connection of its own, so that any process may take it; once more where that one just ended."""
    for _ in range(2):
        with suppress(http.client.RemoteDisconnected):
            return answer_of(port, address, token)
    raise AssertionError("the connection is cut")


def answer_of(port: int, address: str, token: str) -> str:
    """The answer of whichever process takes the connection."""
    with closing(http.client.HTTPConnection(f"127.0.0.1:{port}", timeout=30)) as line:
        line.request("GET", address, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = line.getresponse()
        text = answer.read().decode()
    assert answer.status == 200, text
    return text


def metrics_token() -> str:
    """A token to read the figures of the installation the environment names."""
    secret, now = new_token(), utc_now()
    with Database.open(Settings.read().state.database_url) as database, database.write() as session:
        ends = now + timedelta(days=1)
        tokens.add_token(session, fingerprint(secret), "test", (Permission.READ_METRICS,), (), now, ends)
    return secret


def healthy(port: int, token: str) -> float:
    """How many requests for `/healthz` have been counted."""
    lines = asked(port, "/metrics", token).splitlines()
    found = [line for line in lines if line.startswith("omhu_requests_total{") and 'route="/healthz"' in line]
    return float(found[0].rsplit(" ", 1)[1]) if found else 0.0


def counted(port: int, token: str, number: float) -> None:
    """Wait until so many requests for `/healthz` are counted: one is when its answer has left."""
    for _ in range(100):
        if healthy(port, token) == number:
            return
        time.sleep(0.05)
    raise AssertionError("they are not counted")


def serving(serve: Child, number: int) -> list[int]:
    """The processes that answer, when there are so many."""
    for _ in range(600):
        found = serve.answering()
        if len(found) == number:
            return found
        time.sleep(0.1)
    raise AssertionError("there are never so many processes")


def serve_anew(serve: Child, port: int) -> None:
    """Have the processes replaced one after the other; meanwhile every request is answered."""
    before = serving(serve, 2)
    os.kill(serve.number, signal.SIGHUP)
    for _ in range(600):
        asked(port, "/healthz")
        if not any(map(is_spawned, before)):
            return
        time.sleep(0.05)
    raise AssertionError("they are not replaced")
