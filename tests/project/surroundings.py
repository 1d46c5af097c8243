"""A pytest plugin: the same surroundings for every test on every machine.

Loaded before anything of the project is imported, because a library reads its environment once.
"""

import os
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, settings

# Nothing may depend on where the machine stands, so it stands on the other side of the globe, with a summer time
# that is Denmark's winter.
os.environ["TZ"] = "Pacific/Auckland"
time.tzset()

# Settings of the person who runs the tests are no part of a test, and never is a real store.
for name in [name for name in os.environ if name.startswith(("OMHU_", "MLFLOW_", "PG"))]:
    del os.environ[name]

os.environ |= {
    # A test that forgets to say where its store is meets a place where nothing can be made, not somebody's data.
    "OMHU_HOME": str(Path(__file__) / "a-test-must-name-its-own-home"),
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MPLBACKEND": "agg",  # plots go to files
    "COLUMNS": "120",  # the width of what the command line prints
}
# The workers share the cores; a numeric library that takes them all would only wait for itself.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Tests start many programs, and one that may not keep what it compiled compiles all its libraries again: six minutes of
# a run. Who wants no bytecode beside the sources has it with the rest of what pytest keeps.
if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).resolve().parents[2] / ".pytest_cache" / "bytecode")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

# Every day the same few examples, so that a change is what made a test fail. At night many, and new ones.
settings.register_profile("everyday", derandomize=True, max_examples=25, deadline=None, database=None)
settings.register_profile(
    "long", max_examples=2_000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("everyday")
