"""LightGBM without what it would import to please others."""

import subprocess
import sys

ALONE = """
import sys
from models.scoring.boosting import lgb
import numpy as np
assert not {"sklearn", "pandas", "matplotlib"} & set(sys.modules), sorted(sys.modules)
booster = lgb.train({"verbosity": -1, "min_data_in_leaf": 1}, lgb.Dataset(np.eye(8), label=np.arange(8.0)), 2)
assert booster.predict(np.eye(8)).shape == (8,)
import sklearn.base, pandas
print(sklearn.base.__name__, pandas.DataFrame({"a": [1]}).shape)
"""


def test_lightgbm_comes_alone_and_others_can_still_come() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", ALONE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "sklearn.base (1, 1)\n"), done.stderr
