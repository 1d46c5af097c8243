"""The pages as an application of their own: every view but a few needs a session, and errors are pages.

Mounted by `service.app`; it has no API description, and its answers are never a problem document.
"""

from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from models.errors import OmhuError
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
    ui = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    ui.state.pages = Pages()
    for views in (entry, week, citizen, leader, export, texts, account, administration, log, pseudonyms):
        ui.include_router(views.router)
    ui.mount("/static", _Static(directory=STATIC), name="static")
    for kind in (OmhuError, HTTPException, RequestValidationError, Exception):
        ui.add_exception_handler(kind, error_page)
    return ui
