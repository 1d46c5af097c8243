"""The pages as an application of their own: every view but a few needs a session, and errors are pages.

Mounted by `service.app`; it has no API description, and its answers are never a problem document.
"""

from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from models.errors import OmhuError
from service.errors import not_served
from service.ui.error_pages import error_page
from service.ui.rendering import STATIC, Pages
from service.ui.views import account, administration, citizen, entry, export, leader, log, pseudonyms, texts, week

_A_YEAR: Final = "public, max-age=31536000, immutable"


class _Static(StaticFiles):
    """Files of the pages; their addresses change with their content, so a browser may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = _A_YEAR
        return answer


def create_ui() -> FastAPI:
    """The pages, ready to be mounted."""
    ui = _framed()
    for views in (entry, week, citizen, leader, export, texts, account, administration, log, pseudonyms):
        ui.include_router(views.router)
    for kind in (OmhuError, HTTPException, RequestValidationError, Exception):
        ui.add_exception_handler(kind, error_page)
    return ui


def create_away_ui() -> FastAPI:
    """The pages where the store cannot be used yet: those that need none, and that Omhu is not ready."""
    ui = _framed()
    ui.get("/tilgaengelighed")(texts.accessibility)
    ui.post("/sprog")(entry.choose_language)
    for kind in (OmhuError, HTTPException):
        ui.add_exception_handler(kind, _away)
    return ui


def _framed() -> FastAPI:
    """What every page stands in: the templates, and the files they name."""
    ui = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    ui.state.pages = Pages()
    ui.mount("/static", _Static(directory=STATIC), name="static")
    return ui


async def _away(request: Request, _: Exception) -> Response:
    """Not ready, whatever was asked for: without a store nobody is logged in, so nothing is told of what there is."""
    return await error_page(request, not_served())
