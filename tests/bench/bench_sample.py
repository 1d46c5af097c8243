"""The sample drop from file to list, each step as the command a user types: it works, and how long it takes.

Two hundred citizens are far too few to tell whether a model is good, so the gate needs `--accept` and says why. A part
of the same drop as CSV is taken as far as the load. Ends with an error when a step does not do as it should.
"""

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
AS_OF = "2025-02-24"
COLUMNS = {"rank", "citizen_id", "probability", "band", "district", "reason_1", "reason_2", "reason_3"}


def main() -> None:
    """Walk the whole way and print each step."""
    with tempfile.TemporaryDirectory(prefix="omhu-bench-") as name:
        folder = Path(name)
        here = {**os.environ, "OMHU_HOME": str(folder / "home"), "MLFLOW_DISABLE_TELEMETRY": "true"}
        typed(("load", str(DATA / "drop_sample"), "--history", "--report", str(folder / "parquet.json")), here)
        typed(("snapshot",), here)
        typed(("train",), here)
        typed(("promote",), here, code=3)
        typed(("promote", "--accept", "sample"), here)
        made = ("list", "--as-of", AS_OF, "--all", "--format", "csv")
        typed(made, here, code=4)
        typed(("legal", "set", "operate", "--basis", "a bench", "--document", "bench", "--from", "2025-01-01"), here)
        first = typed(made, here)
        rows = list(csv.DictReader(io.StringIO(first)))
        require(bool(rows) and set(rows[0]) >= COLUMNS, "the list has its columns")
        require([int(row["rank"]) for row in rows] == list(range(1, len(rows) + 1)), "the list is ranked")
        require(typed(made, here) == first, "the list made before is the same")
        print(f"  {len(rows)} citizens ranked")
        elsewhere = {**here, "OMHU_HOME": str(folder / "csv")}
        typed(("load", str(DATA / "drop_sample_csv"), "--history", "--report", str(folder / "csv.json")), elsewhere)
        require(bool(json.loads((folder / "csv.json").read_text(encoding="utf-8"))["tables"]), "CSV is reported")


def typed(arguments: tuple[str, ...], here: Mapping[str, str], code: int = 0) -> str:
    """What the command prints, having ended with `code`."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", *arguments], env=here, check=False, capture_output=True, text=True
    )
    shown = " ".join(Path(part).name if part.startswith("/") else part for part in arguments)
    print(f"  {time.perf_counter() - started:6.1f} s  exit {done.returncode}  omhu {shown}", flush=True)
    require(done.returncode == code, f"exit code {code}: {done.stderr[-1000:]}")
    return done.stdout


def require(holds: bool, what: str) -> None:
    """End the bench where something does not hold."""
    if not holds:
        sys.exit(f"It does not hold: {what}")


if __name__ == "__main__":
    main()
