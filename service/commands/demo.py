"""`omhu demo`: the main job from beginning to end on an invented municipality, by the same commands a user types.

Each step is a command of its own. What was finished is remembered, so a demonstration that was stopped goes on where it
stood, and one that was made before is served at once.
"""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from models.errors import SystemWrong
from service.clock import danish_date, utc_now
from service.settings import Settings

_OUT = Console(stderr=True, highlight=False, soft_wrap=True)
_WEEKS: Final = 5
"""Lists made: this week's, and those before it, so that there is something for it to differ from."""
_DISTRICTS: Final = ("Nord", "Syd")
_INVENTED: Final = "an invented municipality, for demonstration"


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the demonstration, and what it is for."""

    purpose: str
    arguments: tuple[str, ...]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", help="Show all of it on an invented municipality, then serve the pages.")(demo)


def demo(
    citizens: Annotated[int, typer.Option(min=300, help="How large the invented municipality is.")] = 1000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
) -> None:
    """Invent, load, train, promote, list, and serve."""
    folder = Settings.read().state.folder
    folder.mkdir(parents=True, exist_ok=True)
    progress = _Progress.read(folder / "demo.json", _monday(danish_date(utc_now())), citizens)
    steps = list(_steps(folder / "demo", progress.monday, progress.citizens))
    for number, step in enumerate(steps, start=1):
        if number > progress.done:
            _OUT.print(
                f"\n[bold]{number}/{len(steps)} {step.purpose}[/bold]\n[dim]$ omhu {shlex.join(step.arguments)}[/dim]"
            )
            _run(step.arguments)
            progress = progress.after(number)
    _OUT.print("\n[bold]Log in, once, at this address:[/bold]")
    _run(("user", "one-time-login", "demo", "--address", f"http://{host}:{port}"))
    _run(("serve", "--host", host, "--port", str(port)))


def _steps(folder: Path, monday: date, citizens: int) -> Iterator[Step]:
    first = monday - timedelta(weeks=_WEEKS - 1)
    drop = str(folder / "drop")
    yield Step("Create the store", ("init",))
    yield Step(
        f"Invent a municipality of {citizens} citizens",
        ("synthesise", str(folder), "--citizens", str(citizens), "--weeks", "104", "--end", monday.isoformat()),
    )
    yield Step("Load its drop, as a real one", ("load", drop, "--history"))
    yield Step("Make the snapshot that training reads", ("snapshot",))
    yield Step("Put on record why its lists may be shown", _legal(first))
    # The model knows nothing of the weeks whose lists are shown, as in life.
    yield Step("Train a model, knowing nothing of the weeks to come", ("train", "--until", first.isoformat()))
    yield Step("Let it through the gate", ("promote", "--accept", _INVENTED))
    yield Step("Add a nurse", ("user", "add", "demo", *(part for name in _DISTRICTS for part in ("--district", name))))
    for week in range(_WEEKS):
        day = first + timedelta(weeks=week)
        yield Step(f"Make the list of {day}", ("list", "--as-of", day.isoformat(), "--top", "5"))


def _legal(first: date) -> tuple[str, ...]:
    return ("legal", "set", "operate", "--basis", _INVENTED, "--document", "demo", "--from", first.isoformat())


def _run(arguments: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-m", "service.cli", *arguments], check=False, stdin=subprocess.DEVNULL)  # noqa: S603
    if done.returncode:
        raise SystemWrong(
            f"The demonstration stopped: `omhu {arguments[0]}` failed.", "Run `omhu demo` again to go on from here."
        )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far the demonstration of one Monday has come, kept in a file."""

    path: Path
    monday: date
    citizens: int
    done: int

    @classmethod
    def read(cls, path: Path, monday: date, citizens: int) -> "_Progress":
        """What was begun before goes on with its own Monday and size; otherwise a new one begins."""
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, date.fromisoformat(kept["monday"]), int(kept["citizens"]), int(kept["done"]))
        except FileNotFoundError:
            return cls(path, monday, citizens, 0)
        except (ValueError, KeyError, TypeError):
            raise SystemWrong(f"{path.name} is damaged.", "Run `make clean` and begin anew.") from None

    def after(self, number: int) -> "_Progress":
        """The progress with one more step done, written down."""
        kept = {"monday": self.monday.isoformat(), "citizens": self.citizens, "done": number}
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps(kept), encoding="utf-8")
        draft.replace(self.path)
        return _Progress(self.path, self.monday, self.citizens, number)
