"""Fixtures of the service's tests: a store with an invented town, the running application, and who visits it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
