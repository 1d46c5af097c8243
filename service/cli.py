"""The command `omhu`: one door, whose subcommands the packages register under the entry-point group `omhu.commands`.

A mistake of the user is answered in one message that says what was wrong and what to do; `--debug` shows where it came
from. Where an installation serves several municipalities, a command is for one of them.
"""

import atexit
import gc
import os
import sys
from importlib.metadata import entry_points
from itertools import takewhile
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
    # What is imported stays to the end, and is a quarter of a million objects: looking through them for garbage again
    # and again, and once more before the end, is half a second of a command.
    gc.set_threshold(10_000)
    atexit.register(gc.freeze)
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
    municipality: Annotated[
        str | None,
        typer.Option("--municipality", metavar="NAME", help="Which of several municipalities the command is for."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
) -> None:
    """Take the options that stand before the subcommand; `main` has read `--debug` already."""
    _ = debug
    if "--help" in takewhile(lambda word: word != "--", sys.argv[1:]):
        return
    if municipality or os.environ.get("OMHU_MUNICIPALITIES") or os.environ.get("OMHU_MUNICIPALITY"):
        from service.municipalities.choosing import acting_for, chosen  # noqa: PLC0415 - nobody else needs SQL here

        which = chosen(context.invoked_subcommand or "", municipality, os.environ)
        context.with_resource(acting_for(which))
    if context.invoked_subcommand == "train":
        # Training knows nothing of the store, so what stands in it is looked up here, where both packages meet.
        from service.commands.legal import warn_before_training  # noqa: PLC0415 - SQL for nobody else

        warn_before_training()


def _tell(message: str, remedy: str) -> None:
    console = Console(stderr=True, highlight=False, markup=False)
    whose = os.environ.get("OMHU_MUNICIPALITY")  # among lines of several, as those of `omhu worker`, it says whose
    console.print(f"{whose}: {message}" if whose else message, style="red", soft_wrap=True)
    if remedy:
        console.print(remedy, soft_wrap=True)


if __name__ == "__main__":
    main()
