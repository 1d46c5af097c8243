"""The answer for a municipality that could not be started yet: a page to a browser, a problem document to a program."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import not_served, problem_answer


def closed_to_all(pages: ASGIApp) -> ASGIApp:
    """An application that answers everything so; `pages` tells it to whoever looks at one."""

    async def closed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1013})
        elif _of_a_browser(scope):
            await pages(scope, receive, send)
        else:
            await problem_answer(Request(scope), not_served())(scope, receive, send)

    return closed


def _of_a_browser(scope: Scope) -> bool:
    """Whether a page is asked for, or what pages are made with: a style sheet is asked for by another name."""
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return b"text/html" in accepted.lower() or str(scope["path"]).startswith("/static/")
