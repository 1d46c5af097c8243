"""The command `omhu`: one door, whose subcommands the packages register under the entry-point group `omhu.commands`.

A mistake of the user is answered in one message that says what was wrong and what to do; `--debug` shows where it came
from.
"""

import sys
from importlib.metadata import entry_points
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from models.errors import OmhuError

GROUP = "omhu.commands"


def build() -> typer.Typer:
    """The root command with everything that is registered."""
    app = typer.Typer(
        name="omhu",
        help="Omhu: a weekly list of home-care citizens by their risk of an acute admission within 30 days.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        entry.load()(app)
    return app


def main() -> None:
    """Run the command line; the exit code is the error's own, 130 after Ctrl-C."""
    debug = "--debug" in sys.argv[1:]
    try:
        build()()
    except OmhuError as error:
        _tell(error.message, error.remedy)
        if debug:
            raise
        sys.exit(error.exit_code)
    except ValidationError as error:
        wrong = ", ".join(".".join(str(part) for part in fault["loc"]) for fault in error.errors())
        _tell(f"A setting is wrong: {wrong}.", "Correct the OMHU_ variable of that name.")
        if debug:
            raise
        sys.exit(2)
    except KeyboardInterrupt:
        _tell("Stopped.", "What was finished stands; run the same command again to go on.")
        sys.exit(130)


def _root(
    context: typer.Context,
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
) -> None:
    """Take the options that stand before the subcommand; `main` has read them already."""
    _ = debug
    asks_for_help = "--help" in sys.argv[1:]
    if context.invoked_subcommand == "train" and not asks_for_help:
        # Training knows nothing of the store, so what stands in it is looked up here, where both packages meet.
        from service.commands.legal import warn_before_training  # noqa: PLC0415 - SQL for nobody else

        warn_before_training()


def _tell(message: str, remedy: str) -> None:
    console = Console(stderr=True, highlight=False, markup=False)
    console.print(message, style="red", soft_wrap=True)
    if remedy:
        console.print(remedy, soft_wrap=True)


if __name__ == "__main__":
    main()
