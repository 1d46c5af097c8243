"""The two questions of a load balancer, open to everyone and telling nothing: alive, and ready to show lists."""

import json
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from models.errors import SystemWrong
from service.api.requests import wiring_of
from service.wiring import Wiring

router: Final = APIRouter()
_UNREADY: Final = 503


@router.get("/healthz")
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """Whether the store can be reached and is of this version, and a model is there; 503 names what is missing."""
    wiring = wiring_of(request)
    checks = {"store": _store(wiring), "model": _model(wiring)}
    everything = all(checks.values())
    told = {name: "ok" if fine else "missing" for name, fine in checks.items()}
    return JSONResponse({"status": "ok" if everything else "unready", **told}, 200 if everything else _UNREADY)


def _store(wiring: Wiring) -> bool:
    try:
        wiring.database.require_migrated()
    except SystemWrong:
        return False
    return True


def _model(wiring: Wiring) -> bool:
    """Whether a champion's bundle lies where `models.champion` keeps it; that it scores as it did is for its loading.

    Read by hand, since that module would bring LightGBM into a process that only shows lists.
    """
    bundles = wiring.settings.state.bundles
    try:
        version = json.loads((bundles / "champion.json").read_bytes())["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return (bundles / str(version) / "manifest.json").exists()
