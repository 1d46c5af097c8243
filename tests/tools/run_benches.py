"""Run every measurement under tests/bench, one after another, so that none disturbs the next.

A bench is a program of its own, `tests/bench/bench_*.py`, that prints each measure as a time and as a multiple of its
floor and ends with another code than 0 when it could not measure. Names given on the command line choose among them.
"""

import subprocess
import sys
import time
from pathlib import Path

BENCHES = Path(__file__).resolve().parent.parent / "bench"


def chosen(names: list[str]) -> list[Path]:
    """The benches to run, in the order of their names; all when none is named."""
    found = sorted(BENCHES.glob("bench_*.py"))
    return [bench for bench in found if not names or bench.stem.removeprefix("bench_") in names]


def run(bench: Path) -> bool:
    """Run one bench in a process of its own, so that its peak memory is its own too."""
    print(f"== {bench.stem.removeprefix('bench_')}", flush=True)
    started = time.perf_counter()
    done = subprocess.run([sys.executable, str(bench)], check=False)
    print(f"   {time.perf_counter() - started:.1f} s in all, exit code {done.returncode}", flush=True)
    return done.returncode == 0


def main() -> int:
    """Run them; 1 when one failed or none was found."""
    benches = chosen(sys.argv[1:])
    if not benches:
        print(f"No bench named {sys.argv[1:] or 'bench_*.py'} in {BENCHES.name}/.", file=sys.stderr)
        return 1
    failed = [bench.stem for bench in benches if not run(bench)]
    if failed:
        print(f"Could not measure: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
