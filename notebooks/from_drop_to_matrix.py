# %% [markdown]
# # From a drop to the matrix
#
# What a municipality sends becomes events, events become features, and every number is as it was known on its date.
# Everything here is invented; run it cell by cell (percent format), or as a script.

# %%
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from models.cohort import Status
from models.engines.local import labels, matrix
from models.features.catalogue import CATALOGUE
from models.label import DEFAULT_POLICY
from models.windows import day_number, weekly
from service.intake.loading import load_path
from service.snapshots import bring_up_to_date
from service.storage.database import Database
from service.storage.times import stored
from training.synthetic.town import LAST_MONDAY, danish_town
from training.synthetic.write import synthesise

folder = Path(tempfile.mkdtemp())

# %% [markdown]
# ## An invented municipality
# The drop has the form every real one has; `truth.parquet` holds what no real one can tell: everybody's true risk.

# %%
synthesise(danish_town(citizens=150, weeks=40, seed=7), folder)
pd.read_parquet(folder / "drop" / "notes.parquet").head()

# %% [markdown]
# ## Loading it as history
# `history` takes every row as known from when it was written down, so past weeks can be rebuilt as they were.

# %%
received = stored(pd.Timestamp(LAST_MONDAY, tz="UTC").to_pydatetime())
with Database.open(f"sqlite:///{folder / 'omhu.db'}") as database:
    database.migrate()
    report = load_path(database, folder / "drop", "history", received)
    snapshot = bring_up_to_date(database, folder / "snapshot")
print({table: counts.read for table, counts in report.tables.items()})
print(f"snapshot {snapshot.hash[:12]}, months {snapshot.manifest.months()[0]} to {snapshot.manifest.months()[-1]}")

# %% [markdown]
# ## Features of eight Mondays
# One row a citizen and week. A row knows nothing that was written down on its date or later.

# %%
mondays = weekly(date(2025, 4, 1), date(2025, 5, 26))
rows = matrix(snapshot, [day_number(monday) for monday in mondays])
print(f"{len(rows)} rows, {len(rows.names)} features, {np.isnan(rows.values).mean():.0%} missing")
print({status.name: int((rows.status == status).sum()) for status in Status})

# %% [markdown]
# ## What a feature is
# A definition, its unit, the group its reason belongs to, and where the idea comes from.

# %%
chosen = [CATALOGUE.feature(name) for name in ("minutes.sum.7d", "fall.count.90d", "discharge.since.ever")]
print(
    pd.DataFrame(
        {"feature": [f.name for f in chosen], "unit": [f.unit for f in chosen], "group": [f.group for f in chosen]}
    )
)

# %% [markdown]
# ## The outcome, once it can be told
# Admitted within 30 days; `-1` where the horizon was not over yet on the day the answer was given.

# %%
outcome = labels(snapshot, rows.citizen, rows.as_of, DEFAULT_POLICY, known_before=day_number(LAST_MONDAY))
print(pd.Series(outcome).value_counts().rename({0: "not admitted", 1: "admitted", -1: "cannot be told"}))
