# %% [markdown]
# # 1. The data
#
# What a municipality sends becomes events, each with two times: when it happened, and from when it was known.
# Everything here is invented. Run it cell by cell (percent format), as a script, or paired with an `.ipynb`
# (`jupytext --to ipynb notebooks/1_the_data.py`). The notebooks after this one use what it makes.

# %%
import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from models.home import Home
from models.windows import day_of
from service.intake.loading import load_path
from service.snapshots import bring_up_to_date
from service.storage.database import Database
from service.storage.times import stored
from training.synthetic.town import LAST_MONDAY, danish_town
from training.synthetic.write import synthesise

os.environ.setdefault("OMHU_HOME", str(Path(tempfile.gettempdir()) / "omhu-notebooks"))
home = Home.of(os.environ)
town = home.folder / "town"

# %% [markdown]
# ## An invented municipality
# The drop has the form every real one has; `truth.parquet` beside it holds what no real one can tell: true risks.

# %%
if not (town / "truth.parquet").exists():
    synthesise(danish_town(citizens=90, weeks=46, seed=7), town)
pd.read_parquet(town / "drop" / "notes.parquet").head()

# %% [markdown]
# ## Loading it as history
# `history` takes every row as known from when it was written down, so past weeks can be rebuilt as they were. Loading
# it again would change nothing.

# %%
received = stored(pd.Timestamp(LAST_MONDAY, tz="UTC").to_pydatetime())
with Database.open(home.database_url) as database:
    database.migrate()
    report = load_path(database, town / "drop", "history", received)
    snapshot = bring_up_to_date(database, home.snapshot)
print({table: counts.read for table, counts in report.tables.items()})
print(f"snapshot {snapshot.hash[:12]}, months {snapshot.manifest.months()[0]} to {snapshot.manifest.months()[-1]}")

# %% [markdown]
# ## Events, and how late they are
# One stream for everything. What is written down days after it happened is what makes a naive back-test lie.

# %%
events = snapshot.read(0)
late = events.known_day - events.day
stream = np.array([code.startswith(("visit:", "note:", "sign:", "mention:")) for code in events.codes])[events.code]
print(f"{len(events):,} events of an eighth of the citizens, {len(events.codes)} codes")
print(pd.Series(np.clip(late[stream], 0, 8)).value_counts(normalize=True).sort_index().rename("days late, 8 or more"))

# %% [markdown]
# ## What is written, week by week
# A citizen without a word for two weeks is no quiet citizen: nobody knows. Look for holes before you train.

# %%
week = pd.Series([day_of(int(day)) for day in events.day[stream] // 7 * 7])
print(week.value_counts().sort_index().describe())
