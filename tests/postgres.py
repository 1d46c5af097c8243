"""A private PostgreSQL for a test session: a new cluster on a unix socket in a temporary folder, gone afterwards.

It is the real server of the distribution, never somebody's running one. It refuses to run as root, so that under root
it runs as the account `postgres` that its package made.
"""

import os
import pwd
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
OWNER = "omhu"
# Nothing has to survive the session, so nothing waits for a disk.
_QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "listen_addresses=", "max_wal_size=2GB")
# As it comes: what is committed is on the disk.
_DURABLE = ("listen_addresses=",)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server: `folder` holds its socket."""

    folder: Path

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://{OWNER}@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template0") -> str:
        """Make a database, empty or as a copy of another, and return its address."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'.encode())
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)'.encode())


@dataclass(slots=True)
class DurableServer:
    """A server that keeps what it said it had committed, and can be stopped in the middle of anything."""

    cluster: Cluster
    as_owner: list[str]
    process: "subprocess.Popen[bytes]"

    def stop_at_once(self) -> None:
        """Immediate shutdown, as a machine that goes down: every connection is cut, nothing is written any more."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=30)

    def start(self) -> None:
        """Start again, which recovers what was committed, and come back when it answers."""
        self.process = _start(self.as_owner, self.cluster.folder, _DURABLE)
        _wait_until_ready(self.cluster, self.process)


@contextmanager
def running_cluster() -> Generator[Cluster]:
    """A cluster for as long as the context lasts. Raises `RuntimeError` when PostgreSQL is not installed."""
    with _folder() as (folder, as_owner):
        server = _start(as_owner, folder, _QUICK)
        try:
            _wait_until_ready(Cluster(folder), server)
            yield Cluster(folder)
        finally:
            server.terminate()
            server.wait(timeout=30)


@contextmanager
def durable_server() -> Generator[DurableServer]:
    """A cluster that may be stopped at once and started again. Raises `RuntimeError` as the other."""
    with _folder() as (folder, as_owner):
        server = DurableServer(Cluster(folder), as_owner, _start(as_owner, folder, _DURABLE))
        try:
            _wait_until_ready(server.cluster, server.process)
            yield server
        finally:
            server.process.send_signal(signal.SIGINT)
            server.process.wait(timeout=30)


@contextmanager
def _folder() -> Generator[tuple[Path, list[str]]]:
    """A folder with an empty cluster, and how to run a program as its owner."""
    if not PROGRAMS:
        raise RuntimeError("PostgreSQL is needed by these tests: apt-get install postgresql")
    # A socket's path may have 107 bytes, so the folder is made where paths are short.
    with tempfile.TemporaryDirectory(prefix="omhu-pg-", dir="/tmp") as name:
        folder = Path(name)
        as_owner = _become_owner(folder)
        _run(as_owner, "initdb", "-A", "trust", "-N", "-E", "UTF8", "-U", OWNER, "-D", f"{folder / 'data'}")
        yield folder, as_owner


def _become_owner(folder: Path) -> list[str]:
    """The beginning of a command that runs as somebody the server allows, who owns the folder."""
    if os.geteuid() != 0:
        return []
    account = pwd.getpwnam("postgres")
    os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o755)
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]


def _run(as_owner: list[str], program: str, *arguments: str) -> None:
    command = [*as_owner, str(PROGRAMS[0] / program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr}")


def _start(as_owner: list[str], folder: Path, settings: tuple[str, ...]) -> subprocess.Popen[bytes]:
    # Fast shutdown is SIGINT, immediate SIGQUIT.
    command = [*as_owner, str(PROGRAMS[0] / "postgres"), "-D", f"{folder / 'data'}", "-k", str(folder)]
    command += [part for setting in settings for part in ("-c", setting)]
    log = (folder / "log").open("wb")
    try:
        return subprocess.Popen(command, stdout=log, stderr=log, env=_environment())
    finally:
        log.close()


def _environment() -> dict[str, str]:
    return {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "TZ": "UTC"}


def _wait_until_ready(cluster: Cluster, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            psycopg.connect(cluster.url("postgres")).close()
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start: {(cluster.folder / 'log').read_text()}")
