# %% [markdown]
# # 3. A retraining with MLflow, from start to registered challenger
#
# The same steps as `omhu train`, one by one. Run notebook 1 first. Small numbers make it a matter of seconds; what a
# training needs in earnest stands in `training/config/default.toml`.

# %%
import os
import tempfile
from pathlib import Path

import pandas as pd
from mlflow import MlflowClient, pyfunc

from models.home import Home
from models.snapshot import Snapshot
from training import pipeline, tracking, tuning
from training.release import publishing
from training.settings import read

os.environ.setdefault("OMHU_HOME", str(Path(tempfile.gettempdir()) / "omhu-notebooks"))
home = Home.of(os.environ)
snapshot = Snapshot.open(home.snapshot)

# %% [markdown]
# ## Settings
# A file names only what it changes. `omhu tune` writes such a file, from a search on weeks before the test weeks.

# %%
config = home.folder / "quick.toml"
config.write_text(
    "[trees]\nbags = 2\nmost_rounds = 8\nrows_in_leaf = 20\n"
    "[additive]\npenalties = [300]\n"
    "[evaluation]\nresamples = 30\n"
)
chosen = read(config)
print(f"what tuning may change: {', '.join(tuning.SPACE)}")

# %% [markdown]
# ## Learn from the past, settle on a later slice, measure on a still later one, fit again on everything
# A stage is told of its steps; here nobody shows them.

# %%
trained = pipeline.train(snapshot, chosen, None, lambda: None, lambda _words, _steps: lambda: None)
print(trained.findings.dates)
print(trained.findings.evaluation.figures["auroc"])

# %% [markdown]
# ## Log and register
# The run holds settings, figures, pictures, the report, the bundle, and the model as MLflow serves it. What the gate
# would say comes with it; only the gate moves the champion (`omhu promote`).

# %%
challenger, objections = publishing.publish(home, trained, None)
print(f"run {challenger.run_id}, version {challenger.version} of the model")
for objection in objections:
    print(f"- {objection.kind}: {objection.words}")

# %% [markdown]
# ## What MLflow keeps
# The data set is named by the snapshot's hash, with the columns of the matrix and nobody's row.

# %%
client = MlflowClient(home.tracking_uri, home.tracking_uri)
run = client.get_run(challenger.run_id)
print({name: round(value, 3) for name, value in sorted(run.data.metrics.items()) if name.startswith("top_5_percent")})
print([entry.path for entry in client.list_artifacts(challenger.run_id)])
print(run.inputs.dataset_inputs[0].dataset.digest)

# %% [markdown]
# ## The model as MLflow loads it
# `mlflow models serve -m models:/omhu@champion --env-manager local` serves the same over HTTP.

# %%
served = pyfunc.load_model(client.download_artifacts(challenger.run_id, tracking.SERVED))
nobody = pd.DataFrame({"fall.count.30d": [0.0, 2.0], "acute_admission.count.365d": [0.0, 3.0]})
print(served.predict(nobody))

# %% [markdown]
# ## Beside the champion, in silence
# Once there is a champion, `omhu shadow --as-of DATE` scores both and keeps how far their lists agree.
