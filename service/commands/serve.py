"""`omhu serve`: the pages and the API, until stopped; of all municipalities, where there are several."""

import os
from contextlib import closing
from typing import Annotated, Final

import typer
from rich.console import Console

_MOST_SILENT_SECONDS: Final = 30
"""After so long without a sign of life one of several processes is replaced; a new one has as long to begin."""
_COUNTING: Final = ("PROMETHEUS_MULTIPROC_DIR", "prometheus_multiproc_dir")
"""Where processes count requests together: ours alone, never those of whatever else is told of it here."""


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    processes: Annotated[
        int, typer.Option(min=1, max=32, help="How many processes answer: as many as there are cores, for a busy site.")
    ] = 1,
    behind_tls: Annotated[
        bool, typer.Option("--behind-tls", help="A proxy before it ends TLS and sets X-Forwarded-Proto.")
    ] = False,
) -> None:
    """Serve the pages and the API."""
    for name in _COUNTING:
        os.environ.pop(name, None)  # before the library that looks at it is imported
    # The web is imported when it is served, so that every other command answers at once.
    import uvicorn  # noqa: PLC0415

    from service import serving  # noqa: PLC0415
    from service.security.heads import BoundedHeads  # noqa: PLC0415

    app = serving.application(behind_tls=behind_tls)  # what is wrong is told here, once, and not by each process
    each = f"{serving.__name__}:{(serving.behind_tls if behind_tls else serving.plain).__name__}"
    config = uvicorn.Config(
        app if processes == 1 else each,
        factory=processes > 1,
        workers=processes,
        timeout_worker_healthcheck=_MOST_SILENT_SECONDS,
        http=BoundedHeads,
        access_log=False,  # it writes addresses, and those may hold a one-time code; service.api.shield logs patterns
        log_config=None,
        server_header=False,
        proxy_headers=behind_tls,
    )
    with closing(serving.listening(host, port)) as listener:
        Console(stderr=True).print(f"Omhu answers on http://{host}:{port} (Ctrl-C stops it)", highlight=False)
        if processes == 1:
            serving.serve_alone(config, listener)
        else:
            serving.serve_with_others(config, listener)
