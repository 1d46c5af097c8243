"""How fast the list page of 100 citizens is on one worker, with 200,000 stored scores, beside a route that says hello.

The page is asked for by `wrk` on one connection, so that a time is the server's and not a queue's, logged in, with
every look logged as always; the floor is `/healthz` of the same process in the same run. Fails above the bounds.
`OMHU_BENCH_SECONDS` sets how long each is asked for.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from service.security.login import one_time_code
from service.security.rights import Role
from service.storage import lists, reviews, users
from service.storage.database import Database
from service.weekly.reviews import Action, Draft
from tests.postgres import running_cluster
from tests.service.invented_lists import Town, fill
from tests.service.running import proof_in

ROOT: Final = Path(__file__).resolve().parents[2]
SECONDS: Final = int(os.environ.get("OMHU_BENCH_SECONDS", "15"))
TOWN: Final = Town(districts=("Nord", "Syd"), citizens=1000, weeks=2, capacity=100)
LISTS: Final = 100
P50_MS, P99_MS = 40.0, 150.0
_SCRIPT: Final = """
done = function(summary, latency, requests)
  io.write(string.format("omhu %d %d %d %d\\n", latency:percentile(50), latency:percentile(99), latency.max,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""


def main() -> int:
    """Measure both stores; 1 when a bound is broken."""
    subprocess.run([str(ROOT / "tests/tools/debian_packages.sh"), "the page's bench", "wrk:wrk"], check=True)
    with tempfile.TemporaryDirectory(prefix="omhu-bench-") as name, running_cluster() as cluster:
        folder = Path(name)
        (folder / "report.lua").write_text(_SCRIPT, encoding="utf-8")
        urls = {"sqlite": f"sqlite:///{folder / 'omhu.db'}", "postgresql": cluster.create("omhu")}
        kept = [measure(engine, url, folder) for engine, url in urls.items()]
    return 0 if all(kept) else 1


def measure(engine: str, url: str, folder: Path) -> bool:
    """Fill a store, serve it, and ask; whether the bounds were kept."""
    with Database.open(url) as database:
        database.migrate()
        scores = fill_with_scores(database)
        code = one_time_code(database, "anna", datetime.now(UTC))
    with serving(url, folder) as address:
        cookie = logged_in(address, code)
        size = len(httpx.get(address, headers={"Cookie": cookie}, timeout=60).content)
        hello = asked(f"{address}/healthz", "", folder)
        page = asked(f"{address}/", cookie, folder)
    for what, (p50, p99, worst) in (("hello", hello), ("page", page)):
        print(f"{engine:10} {what:5}  p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  longest {worst:7.2f} ms")
    ratio = f"{page[0] / hello[0]:.0f} x hello at p50, {page[1] / hello[1]:.0f} x at p99"
    print(f"{engine:10} page   {ratio}; 100 rows, {size / 1024:.0f} kB, {scores:,} stored scores")
    return page[0] < P50_MS and page[1] < P99_MS


def fill_with_scores(database: Database) -> int:
    """Two lists through the real way, the rest of two years as copies of the first; a fifth reviewed."""
    now = datetime.now(UTC)
    monday = now.date() - timedelta(days=now.weekday())
    fill(database, TOWN, monday)
    with database.write() as session:
        user = users.add_user(session, "anna", Role.NURSE, ("Nord",), None, now)
        head, oldest = lists.list_heads(session, limit=2)
        copied = "citizen, district, team, status, rank, overall_rank, probability, band, shown, change, previous_rank"
        copied += ", weeks, discharged_on, weekly_minutes, reasons, against"
        for back in range(1, LISTS - 1):
            as_of = oldest.as_of - timedelta(weeks=back)
            values = f"'{as_of}', made_at - {back}, model_version, snapshot_hash, data_until, silent"
            session.exec_driver_sql(
                f"INSERT INTO lists (as_of, made_at, model_version, snapshot_hash, data_until, silent) "
                f"SELECT {values} FROM lists WHERE list_id = {oldest.number}"
            )
            session.exec_driver_sql(
                f"INSERT INTO list_entries (list_id, {copied}) SELECT (SELECT list_id FROM lists "
                f"WHERE as_of = '{as_of}'), {copied} FROM list_entries WHERE list_id = {oldest.number}"
            )
        shown = lists.entries(session, head.number, ["Nord"], shown=True)
        for entry in shown[::5]:
            reviews.add_review(session, entry.citizen, head.number, user, Draft(Action.PHONED), now)
        return session.exec_driver_sql("SELECT count(*) FROM list_entries").scalar_one()


@contextmanager
def serving(url: str, folder: Path) -> Generator[str]:
    """`omhu serve` on a free port, until done with."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    surroundings = os.environ | {"OMHU_HOME": str(folder), "OMHU_DATABASE_URL": url}
    command = [sys.executable, "-m", "service.cli", "serve", "--port", str(port)]
    with (folder / "serve.log").open("ab") as log, subprocess.Popen(command, env=surroundings, stderr=log) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(address, server)
            yield address
        finally:
            server.terminate()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Until the service answers. Raises `RuntimeError` when it ended instead."""
    while server.poll() is None:
        try:
            httpx.get(f"{address}/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the service did not start")


def logged_in(address: str, code: str) -> str:
    """The cookie of a session opened by a one-time code."""
    with httpx.Client(base_url=address) as browser:
        page = browser.get("/login/kode", params={"kode": code})
        browser.post("/login/kode", data={"kode": code, "bevis": proof_in(page.text)})
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def asked(address: str, cookie: str, folder: Path) -> tuple[float, float, float]:
    """Median, 99th percentile and longest time in milliseconds. Raises `RuntimeError` when an answer was an error."""
    command = [
        "wrk",
        "-t1",
        "-c1",
        f"-d{SECONDS}s",
        "-s",
        str(folder / "report.lua"),
        "-H",
        f"Cookie: {cookie}",
        address,
    ]
    subprocess.run([*command[:3], "-d2s", *command[4:]], check=True, capture_output=True)  # not while it warms up
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"^omhu (\d+) (\d+) (\d+) (\d+)$", told, re.MULTILINE)
    if found is None or found[4] != "0":
        raise RuntimeError(f"wrk did not get what it asked for:\n{told}")
    p50, p99, worst = (int(found[at]) / 1000 for at in (1, 2, 3))
    return p50, p99, worst


if __name__ == "__main__":
    sys.exit(main())
