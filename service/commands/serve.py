"""`omhu serve`: the pages and the API, until stopped; of all municipalities, where there are several."""

import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console

from service.settings import Settings
from service.storage.database import Database


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    behind_tls: Annotated[
        bool, typer.Option("--behind-tls", help="A proxy before it ends TLS and sets X-Forwarded-Proto.")
    ] = False,
) -> None:
    """Serve the pages and the API."""
    # The web is imported when it is served, so that every other command answers at once.
    import uvicorn  # noqa: PLC0415

    from service.logs import set_up  # noqa: PLC0415
    from service.security.heads import BoundedHeads  # noqa: PLC0415
    from service.ui.warming import warm_in_background  # noqa: PLC0415

    several = bool(os.environ.get("OMHU_MUNICIPALITIES"))
    app = _of_all(behind_tls=behind_tls) if several else _of_one(behind_tls=behind_tls)
    set_up()
    Console(stderr=True).print(f"Omhu answers on http://{host}:{port} (Ctrl-C stops it)", highlight=False)
    warm_in_background()
    # A page talks to the store some ten times, and after each waited five milliseconds for the thread that loads.
    sys.setswitchinterval(0.0005)
    uvicorn.run(
        app,
        host=host,
        port=port,
        http=BoundedHeads,
        access_log=False,  # it writes addresses, and those may hold a one-time code; service.api.shield logs patterns
        log_config=None,
        server_header=False,
        proxy_headers=behind_tls,
    )


def _of_one(*, behind_tls: bool) -> Callable[..., Any]:
    from service.app import create_app  # noqa: PLC0415

    settings = Settings.read()
    with Database.open(settings.state.database_url) as database:
        database.require_migrated(create=True)  # a container that is only tried out has no step before this one
    return create_app(settings, behind_tls=behind_tls)


def _of_all(*, behind_tls: bool) -> Callable[..., Any]:
    """Wrong settings of one stop all, since somebody is here to mend them; a store that is away stops its own only."""
    from service.app import create_front  # noqa: PLC0415
    from service.municipalities.apart import every  # noqa: PLC0415

    return create_front(every(os.environ), behind_tls=behind_tls)
