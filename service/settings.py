"""What an installation can set, read from the environment when asked and never at import.

Every setting is `OMHU_` and its name. Where files and stores are comes from `models.home`, which training reads too.
"""

import os
from collections.abc import Mapping

from pydantic_settings import BaseSettings, SettingsConfigDict

from models.home import Home


class Settings(BaseSettings):
    """The settings of one process; frozen, so that nothing can change them behind another part's back."""

    model_config = SettingsConfigDict(env_prefix="OMHU_", frozen=True, extra="ignore")

    state: Home
    """Where files and stores are: `OMHU_HOME`, `OMHU_DATABASE_URL`, `MLFLOW_TRACKING_URI`."""

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """The settings of this process. Raises pydantic's `ValidationError` naming the variable that is wrong."""
        return cls(state=Home.of(environ))
