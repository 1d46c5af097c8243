"""The two questions of a load balancer, open to everyone and telling nothing: alive, and ready to show lists."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from models.errors import SystemWrong
from service.api.requests import wiring_of
from service.operation.model_check import ModelCheck
from service.wiring import Wiring

router: Final = APIRouter()
_UNREADY: Final = 503
_PATIENCE_SECONDS: Final = 8.0


@router.get("/healthz")
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """Whether the store can be reached and is of this version, and the champion loads and scores as it did.

    503 names what is wrong. A new champion is checked when it is first asked for, which takes some seconds.
    """
    wiring = wiring_of(request)
    check: ModelCheck = request.app.state.model_check
    told = {"store": "ok" if _store(wiring) else "missing", "model": check.found(_PATIENCE_SECONDS)}
    everything = set(told.values()) == {"ok"}
    return JSONResponse({"status": "ok" if everything else "unready", **told}, 200 if everything else _UNREADY)


def _store(wiring: Wiring) -> bool:
    try:
        wiring.database.require_migrated()
    except SystemWrong:
        return False
    return True
