"""The service as a web application: the API, the pages, the two questions of a load balancer, and what guards all.

Nothing happens at import, and nothing is opened before the application starts. Models are not loaded here: a page
shows stored lists only.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from models.errors import OmhuError, SystemWrong
from service.api import health
from service.api.front import RETRY_SECONDS, Door, Front
from service.api.hosts import host_of_address
from service.api.routes import api_router, standard_router
from service.api.shield import Shield
from service.clock import Clock, utc_now
from service.errors import problem_answer
from service.intake.received import Received
from service.logs import speaking_for
from service.municipalities.environments import Municipality
from service.municipalities.stores import Stores
from service.operation.model_check import ModelCheck
from service.operation.request_counts import Requests
from service.security.bodies import PromptBodies
from service.security.headers import SecurityHeaders
from service.settings import Settings
from service.ui.app import create_away_ui, create_ui
from service.wiring import State, wired


def create_app(settings: Settings, *, clock: Clock = utc_now, behind_tls: bool = False) -> FastAPI:
    """The application for these settings. It opens the store when it starts and closes it when it stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[State]:
        load = Received(settings.state.mapping)
        with speaking_for(settings.state.municipality), wired(settings, clock, load) as wiring:
            yield {"wiring": wiring}

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(health.router)
    app.include_router(api_router())
    app.include_router(standard_router())
    app.mount("/", create_ui())
    for kind in (OmhuError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, problem_answer)
    app.state.requests = Requests(settings.state.municipality)
    app.state.model_check = ModelCheck(settings.state.bundles)
    app.add_middleware(PromptBodies)
    app.add_middleware(Shield, note=app.state.requests.note, municipality=settings.state.municipality)
    app.add_middleware(SecurityHeaders, behind_tls=behind_tls)
    return app


def create_front(
    those: Sequence[Municipality],
    *,
    clock: Clock = utc_now,
    behind_tls: bool = False,
    retry_seconds: float = RETRY_SECONDS,
) -> Front:
    """The applications of several municipalities, each under the host of its own public address.

    Raises `SystemWrong` for one that has none, and for two that have the same.
    """
    stores, doors = Stores(), dict[str, Door]()
    for one in those:
        host = host_of_address(one.settings.public_address)
        if host is None:
            raise SystemWrong(f"The municipality {one.name} has no host.", "Set OMHU_PUBLIC_ADDRESS in its file.")
        if host in doors:
            raise SystemWrong(
                f"The municipalities {doors[host].name} and {one.name} have the same host.",
                "Give each its own: the host is what tells them apart, whatever the port.",
            )
        app = create_app(one.settings, clock=clock, behind_tls=behind_tls)
        doors[host] = Door(one.name, app, partial(stores.require_own, one.settings))
    return Front(doors, create_away_ui(), behind_tls=behind_tls, retry_seconds=retry_seconds)
