"""How fast hospital notifications are loaded on one worker, beside `json.loads` of the same files.

The messages are the published examples with ids of their own, each a file, as a municipality receives them.
`OMHU_BENCH_MESSAGES` sets another number of them.
"""

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from service.intake.loading import load_path
from service.storage.database import Database
from tests.drops import RECEIVED
from tests.postgres import running_cluster

MESSAGES = int(os.environ.get("OMHU_BENCH_MESSAGES", "4000"))
EXAMPLES = Path(__file__).resolve().parents[1] / "data" / "hospital_notifications"


def main() -> None:
    """Measure both engines, files of JSON and one file of lines."""
    with tempfile.TemporaryDirectory(prefix="omhu-bench-") as name, running_cluster() as cluster:
        folder = Path(name)
        write(folder / "files", folder / "lines")
        floor = timed(lambda: [json.loads(file.read_bytes()) for file in (folder / "files").iterdir()])
        print(f"json.loads  {floor:6.2f} s  {MESSAGES / floor:8,.0f} messages a second")
        for form in ("files", "lines"):
            for engine, url in (("sqlite", f"sqlite:///{folder / form}.db"), ("postgresql", cluster.create(form))):
                measure(engine, url, folder / form, floor)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def measure(engine: str, url: str, drop: Path, floor: float) -> None:
    """Load, and load again; print both."""
    with Database.open(url) as database:
        database.migrate()
        load_path(database, EXAMPLES / "HospitalNotification_Ex_STIN_A.json", "history", RECEIVED)  # compiles
        for what in ("new", "the same"):
            seconds = timed(lambda: load_path(database, drop, "history", RECEIVED))
            rate = f"{MESSAGES / seconds:8,.0f} messages a second  {seconds / floor:4.1f} x json.loads"
            print(f"{engine:11} {drop.name} {what:8} {seconds:6.2f} s  {rate}")


def write(files: Path, lines: Path) -> None:
    """Messages as files of their own, and the same as one file of lines."""
    files.mkdir()
    lines.mkdir()
    examples = [file.read_text(encoding="utf-8") for file in sorted(EXAMPLES.glob("*.json"))]
    with (lines / "messages.ndjson").open("w", encoding="utf-8") as sink:
        for number in range(MESSAGES):
            message = json.loads(examples[number % len(examples)])
            message["id"] = f"{number:08x}-0000-4000-8000-000000000000"
            for entry in message["entry"]:
                for episode in entry["resource"].get("episodeOfCare", []):
                    episode["identifier"]["value"] = f"episode-{number // len(examples)}-{number % 7}"
                if entry["resource"]["resourceType"] == "Patient":
                    entry["resource"]["identifier"][0]["value"] = f"0101{number % 30 + 40:02}{number % 3000 + 1000:04}"
            (files / f"{number:06}.json").write_text(json.dumps(message, indent=1), encoding="utf-8")
            sink.write(json.dumps(message) + "\n")


def timed(work: Callable[[], object]) -> float:
    """Seconds some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
