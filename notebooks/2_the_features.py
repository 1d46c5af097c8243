# %% [markdown]
# # 2. The features
#
# Events become numbers, each as it was known on its date. The same kernel computes them for training and for the
# week's list. Run notebook 1 first.

# %%
import os
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from models.cohort import Status
from models.engines.local import labels, matrix
from models.features.catalogue import CATALOGUE
from models.home import Home
from models.snapshot import Snapshot
from models.truth.label import DEFAULT_POLICY
from models.windows import day_number, weekly
from training.synthetic.town import LAST_MONDAY

os.environ.setdefault("OMHU_HOME", str(Path(tempfile.gettempdir()) / "omhu-notebooks"))
snapshot = Snapshot.open(Home.of(os.environ).snapshot)

# %% [markdown]
# ## Features of eight Mondays
# One row a citizen and week. A row knows nothing that was written down on its date or later.

# %%
mondays = weekly(date(2025, 5, 1), date(2025, 6, 23))
rows = matrix(snapshot, [day_number(monday) for monday in mondays])
print(f"{len(rows)} rows, {len(rows.names)} features, {np.isnan(rows.values).mean():.0%} missing")
print({status.name: int((rows.status == status).sum()) for status in Status})

# %% [markdown]
# ## What a feature is
# A definition, its unit, the group its reason belongs to, and where the idea comes from.

# %%
chosen = [CATALOGUE.feature(name) for name in ("minutes.sum.7d", "fall.count.90d", "discharge.since.ever")]
pd.DataFrame(
    {
        "feature": [feature.name for feature in chosen],
        "unit": [feature.unit for feature in chosen],
        "group": [feature.group for feature in chosen],
        "source": [feature.source for feature in chosen],
    }
)

# %% [markdown]
# ## How many features each group has
# A reason is told by group; the number of columns says nothing of how much a group counts.

# %%
print(pd.Series([feature.group for feature in CATALOGUE.features]).value_counts().head(12))

# %% [markdown]
# ## The outcome, once it can be told
# Admitted within 30 days; `-1` where the horizon was not over yet on the day the answer was given.

# %%
outcome = labels(snapshot, rows.citizen, rows.as_of, DEFAULT_POLICY, known_before=day_number(LAST_MONDAY))
print(pd.Series(outcome).value_counts().rename({0: "not admitted", 1: "admitted", -1: "cannot be told"}))

# %% [markdown]
# ## One feature against the outcome
# Weekly rows of a citizen say nearly the same, so this is a look and no figure to quote.

# %%
told = outcome >= 0
falls = np.minimum(rows.values[told, CATALOGUE.column("fall.count.90d")], 3)
admitted = pd.DataFrame({"falls in 90 days": falls, "admitted": outcome[told]})
print(admitted.groupby("falls in 90 days").agg(["mean", "size"]))
