"""Prometheus' figures, for a token that may read them and nothing else."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.api.requests import MetricsReader
from service.operation import metrics
from service.operation.request_counts import Requests

router: Final = APIRouter()


@router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
def figures(call: MetricsReader, request: Request) -> Response:
    """Requests answered since the start, and the state of the store; a right of its own (`metrics:read`)."""
    requests: Requests = request.app.state.requests
    store = metrics.of_store(call.wiring.database, call.wiring.settings.state, call.wiring.clock())
    return Response(metrics.written([*requests.figures(), *store]), media_type=metrics.CONTENT_TYPE)
