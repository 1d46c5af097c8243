"""Prometheus' figures, for a token that may read them and nothing else."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.api.requests import MetricsReader
from service.operation import metrics

router: Final = APIRouter()


@router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
def figures(call: MetricsReader, request: Request) -> Response:
    """Requests of this process, and the state of the store; a right of its own (`metrics:read`)."""
    requests: metrics.Requests = request.app.state.requests
    told = requests.written() + metrics.of_store(call.wiring.database, call.wiring.settings.state, call.wiring.clock())
    return Response(told, media_type=metrics.CONTENT_TYPE)
