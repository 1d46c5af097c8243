"""What an installation can set, read from the environment when asked and never at import.

Every setting is `OMHU_` and its name, with its meaning below it: docs/reference/settings.md and .env.example are
written from here. Where files and stores are comes from `models.home`, which training reads too. A secret may stand
in a file instead, which the variable with `_FILE` behind its name names.

What is not in the environment one reads from has its default. Nothing looks further into that of the process: it may
serve several municipalities, and no one's settings may become another's.
"""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr

from models.home import Home
from service.secret_files import read_secrets
from service.security.rights import Role


def _taken_apart(value: object) -> object:
    """What stands as JSON in a variable; a text that is none stays one, and is refused as such."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


_AsJson = BeforeValidator(_taken_apart)


class Settings(BaseModel):
    """The settings of one municipality; frozen, so that nothing can change them behind another part's back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Home
    """Where files and stores are: `OMHU_HOME`, `OMHU_DATABASE_URL`, `MLFLOW_TRACKING_URI`."""

    retention_audit_months: int = 24
    """How many months `omhu retention apply` keeps the look-up log: from 6 to 60."""
    retention_list_months: int | None = None
    """How many months lists are kept, with their reviews; empty: for good."""
    retention_fact_months: int | None = None
    """How many months after care ended what is known of a citizen is kept; empty: for good."""

    second_factor: Literal["optional", "required"] = "optional"
    """Whether users with a password must have a second factor: `required` leads one without to it before all else."""

    public_address: str = ""
    """Where browsers reach the service, such as `https://omhu.example.dk`; login by OIDC comes back to it."""
    oidc_issuer: str = ""
    """The identity provider's issuer; empty: no login by OIDC."""
    oidc_client_id: str = ""
    """The name the identity provider knows this installation by."""
    oidc_client_secret: SecretStr = SecretStr("")
    """What this installation proves to the identity provider that it is itself with."""
    oidc_scope: str = "openid profile"
    """What the identity provider is asked for, with spaces between."""
    oidc_name_claim: str = "preferred_username"
    """The claim that holds the user's name."""
    oidc_role_claim: str = "roles"
    """The claim that holds the user's roles."""
    oidc_roles: Annotated[dict[str, Role], _AsJson] = {}
    """Which role a value of the role claim is, as JSON: `{"omhu-sygeplejerske": "nurse"}`. Others are none."""
    oidc_district_claim: str = "districts"
    """The claim that holds the user's districts."""
    oidc_districts: Annotated[dict[str, str], _AsJson] = {}
    """Which district a value of that claim is, as JSON; without any entry the values are the districts themselves."""
    oidc_team_claim: str = "teams"
    """The claim that holds the teams a user's right is limited to; without it, all."""

    webhook_plain_http: bool = False
    """Whether a webhook may be told over plain HTTP too: for a receiver on a network of one's own."""
    webhook_private_addresses: bool = False
    """Whether a webhook may be at a private or a loopback address: for a receiver on a network of one's own."""

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """The settings in an environment, that of this process unless told.

        Raises pydantic's `ValidationError` naming the variable that is wrong, `SystemWrong` for a secret's file.
        """
        found = {**environ, **read_secrets(environ, cls.secrets())}
        own = {name: found[variable] for name, variable in cls.variables() if found.get(variable)}
        return cls.model_validate({"state": Home.of(found), **own})

    @classmethod
    def variables(cls) -> Iterator[tuple[str, str]]:
        """Each setting with the variable it is read from, but for where files and stores are."""
        return ((name, _variable(name)) for name in cls.model_fields if name != "state")

    @classmethod
    def secrets(cls) -> tuple[str, ...]:
        """The variables whose value may stand in a file: the store's address, which holds a password, and secrets."""
        own = [_variable(name) for name, field in cls.model_fields.items() if field.annotation is SecretStr]
        return ("OMHU_DATABASE_URL", *own)


def _variable(name: str) -> str:
    return f"OMHU_{name.upper()}"
