"""Fixtures of the service's tests: a store with an invented town, the running application, and who visits it."""

import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
