"""What an installation can set, read from the environment when asked and never at import.

Every setting is `OMHU_` and its name. Where files and stores are comes from `models.home`, which training reads too.
"""

import os
from collections.abc import Mapping

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.home import Home
from service.security.rights import Role


class Settings(BaseSettings):
    """The settings of one process; frozen, so that nothing can change them behind another part's back."""

    model_config = SettingsConfigDict(env_prefix="OMHU_", frozen=True, extra="ignore")

    state: Home
    """Where files and stores are: `OMHU_HOME`, `OMHU_DATABASE_URL`, `MLFLOW_TRACKING_URI`."""

    retention_audit_months: int = 24
    retention_list_months: int | None = None
    retention_fact_months: int | None = None
    """How long `omhu retention apply` keeps the look-up log, lists, and facts after care ended; empty: for good."""

    public_address: str = ""
    """Where browsers reach the service, such as `https://omhu.example.dk`; login by OIDC comes back to it."""
    oidc_issuer: str = ""
    """The identity provider; empty: no login by OIDC. The rest says how it knows us, and what its claims mean here."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_scope: str = "openid profile"
    oidc_name_claim: str = "preferred_username"
    oidc_role_claim: str = "roles"
    oidc_roles: dict[str, Role] = {}
    """Which role a value of the role claim is, as JSON: `{"omhu-sygeplejerske": "nurse"}`. Others are none."""
    oidc_district_claim: str = "districts"
    oidc_districts: dict[str, str] = {}
    """Which district a value of that claim is, as JSON; without any entry the values are the districts themselves."""
    oidc_team_claim: str = "teams"

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """The settings of this process. Raises pydantic's `ValidationError` naming the variable that is wrong."""
        return cls(state=Home.of(environ))
