"""LightGBM by itself, for those who only want trees.

`import lightgbm` also imports scikit-learn, pandas and more wherever they are installed, to offer estimators and take
frames that nothing here uses: two seconds of every command that scores. Told that they are not there, it does without;
whoever wants them still imports them. What was imported before is left as it is.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

_NOT_NEEDED = ("sklearn", "pandas", "matplotlib", "graphviz", "dask")


def _alone() -> Any:
    modules: dict[str, Any] = sys.modules
    hidden = [name for name in _NOT_NEEDED if name not in modules]
    modules.update(dict.fromkeys(hidden))  # nothing under a name: importing it fails as if it were not installed
    try:
        return import_module("lightgbm")
    finally:
        for name in hidden:
            del modules[name]


if TYPE_CHECKING:
    import lightgbm as lgb
else:
    lgb = _alone()

__all__ = ["lgb"]
