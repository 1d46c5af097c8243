"""The service's subcommands of `omhu`, each file a few of them; what they do stands in the modules they call."""

import typer

from service.commands import (
    audit,
    backup,
    capacity,
    citizens,
    clients,
    data,
    demo,
    doctor,
    drift,
    label,
    legal,
    lists,
    loads,
    mapping,
    outcomes,
    people,
    pseudonyms,
    quality,
    retention,
    serve,
    watch,
    webhooks,
    worker,
)


def register(app: typer.Typer) -> None:
    """Add the service's commands to the root command."""
    app.command("init")(data.init)
    app.command("load")(data.load)
    loads.register(app)
    app.command("watch")(watch.watch)
    app.command("snapshot")(data.snapshot)
    app.command("erase")(data.erase)
    lists.register(app)
    capacity.register(app)
    label.register(app)
    legal.register(app)
    people.register(app)
    clients.register(app)
    audit.register(app)
    citizens.register(app)
    mapping.register(app)
    outcomes.register(app)
    drift.register(app)
    pseudonyms.register(app)
    quality.register(app)
    retention.register(app)
    worker.register(app)
    webhooks.register(app)
    backup.register(app)
    doctor.register(app)
    demo.register(app)
    app.command("serve", help="Serve the pages and the API.")(serve.serve)
