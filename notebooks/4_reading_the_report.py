# %% [markdown]
# # 4. Reading the report
#
# The figures of the newest training, and what they allow one to say. Run notebook 3 first. The page itself is
# `report/report.html` of the run; here the same findings are read as data.

# %%
import os
import tempfile
from pathlib import Path

import pandas as pd

from models.home import Home
from training import tracking
from training.evaluation import findings
from training.evaluation.evaluate import REFERENCE
from training.report.words import verdicts

os.environ.setdefault("OMHU_HOME", str(Path(tempfile.gettempdir()) / "omhu-notebooks"))
home = Home.of(os.environ)
newest = tracking.registered(home, None)
with tracking.artifacts(home, newest.run_id) as folder:
    found = findings.read(folder / tracking.REPORT / "findings.json")
    card = (folder / tracking.BUNDLE / "card.md").read_text(encoding="utf-8")

# %% [markdown]
# ## In words
# The report says it in sentences first, so that no figure is read as better than it is.

# %%
for words in verdicts(found):
    print(f"- {words}")

# %% [markdown]
# ## At the length of the list
# What nurses get. Where equal scores meet at the list's end, precision lies between the worst luck and the best.

# %%
pd.DataFrame(
    {
        "list": [at.capacity.name for at in found.evaluation.capacities],
        "precision": [str(at.precision) for at in found.evaluation.capacities],
        "recall": [str(at.recall) for at in found.evaluation.capacities],
        "lift": [str(at.lift) for at in found.evaluation.capacities],
    }
)

# %% [markdown]
# ## Against simple rules
# A gain whose interval holds zero has not been shown.

# %%
pd.DataFrame(
    [(rival.words, str(rival.recall), str(rival.recall_gain), rival.verdict) for rival in found.evaluation.comparisons],
    columns=["rule", f"recall, top {REFERENCE.name}", "the model's gain", ""],
)

# %% [markdown]
# ## Honesty checks, reasons, decisions
# A check that failed ends the matter. Reasons are faithful when the score falls without what they name.

# %%
for check in found.checks:
    print(f"{'held' if check.passed else 'FAILED':7}{check.name}: {check.words}")
if found.faithfulness:
    print(f"lower without the first reason: {found.faithfulness.lowered} of {found.faithfulness.reasoned}")
print(pd.Series({at.threshold: str(at.gain) for at in found.decision}, name="gain in net benefit"))

# %% [markdown]
# ## Whom it serves less well
# A small part neither vanishes nor looks fair by being small: it says that there is not enough evidence.

# %%
pd.DataFrame(
    [
        (part.dimension, part.name, part.rows, str(part.recall) if part.told else "not enough evidence")
        for part in found.parts
    ],
    columns=["", "part", "rows", "recall"],
)

# %% [markdown]
# ## What is not known
# The card's last heading, and the one to read aloud.

# %%
print(card.split("## What is not known")[1].strip())
