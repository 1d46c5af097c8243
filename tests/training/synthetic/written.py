"""An invented municipality as it stands on disk."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from training.synthetic.town import Town


@dataclass(frozen=True)
class Written:
    """A town, the folder it was written to, and what was told of the progress."""

    town: Town
    folder: Path
    told: tuple[tuple[float, str], ...]

    def table(self, name: str) -> pd.DataFrame:
        """A table of the drop, or `truth`."""
        path = self.folder / "truth.parquet" if name == "truth" else self.folder / "drop" / f"{name}.parquet"
        return pd.read_parquet(path)
