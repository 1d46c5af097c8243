"""`omhu demo`: the main job from beginning to end on an invented municipality, by the same commands a user types.

What was finished is remembered step by step, so a demonstration that was stopped goes on where it stood, and one that
was made before is served at once. Its lists reach back a quarter, so that a leader sees what was done and what came.
"""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from models.errors import SystemWrong
from service.clock import danish_date, utc_now
from service.commands.demo_child import run_in_child
from service.settings import Settings

_OUT = Console(stderr=True, highlight=False, soft_wrap=True)
_WEEKS: Final = 12
"""Lists made: this week's, and a quarter of those before it. What became of one can be told after five weeks."""
_PLAN: Final = 2
"""Goes up when the steps change: one that was begun by other steps cannot go on."""
_DISTRICTS: Final = ("Nord", "Syd")
_USERS: Final = (("demo", "a nurse"), ("leder", "a leader"))
_NURSE: Final = "anne"
_ROLES: Final = (("demo", "nurse"), (_NURSE, "nurse"), ("leder", "leader"))
_INVENTED: Final = "an invented municipality, for demonstration"


@dataclass(frozen=True, slots=True)
class Step:
    """Commands of the demonstration, and what they are for; or the days whose lists the `nurse` goes through."""

    purpose: str
    commands: tuple[tuple[str, ...], ...] = ()
    nurse: tuple[str, ...] = ()


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
            _OUT.print(f"\n[bold]{number}/{len(steps)} {step.purpose}[/bold]")
            for arguments in step.commands:
                _OUT.print(f"[dim]$ omhu {shlex.join(arguments)}[/dim]")
            _run(step)
            progress = progress.after(number)
    for name, who in _USERS:
        _OUT.print(f"\n[bold]Log in as {who}, once, at this address:[/bold]")
        _run(Step("", (("user", "one-time-login", name, "--address", f"http://{host}:{port}"),)))
    _run(Step("", (("serve", "--host", host, "--port", str(port)),)))


def _steps(folder: Path, monday: date, citizens: int) -> Iterator[Step]:
    days = [(monday - timedelta(weeks=back)).isoformat() for back in reversed(range(_WEEKS))]
    invent = ("synthesise", str(folder), "--citizens", str(citizens), "--weeks", "104", "--end", monday.isoformat())
    yield Step("Create the store", (("init",),))
    yield Step(f"Invent a municipality of {citizens} citizens", (invent,))
    yield Step("Load its drop, as a real one", (("load", str(folder / "drop"), "--history"),))
    yield Step("Make the snapshot that training reads", (("snapshot",),))
    yield Step("Put on record why its lists may be shown", (_legal(days[0]),))
    # The model knows nothing of the weeks whose lists are shown, as in life.
    yield Step("Train a model, knowing nothing of the weeks to come", (("train", "--until", days[0]),))
    yield Step("Let it through the gate", (("promote", "--accept", _INVENTED),))
    yield Step("Add two nurses and a leader", tuple(_user(name, role) for name, role in _ROLES))
    yield Step(f"Make the lists of {_WEEKS} weeks", tuple(("list", "--as-of", day, "--top", "1") for day in days))
    yield Step("Let a nurse go through those of past weeks", nurse=tuple(days[:-1]))
    yield Step("Tell what became of those on them", (("outcomes",),))


def _user(name: str, role: str) -> tuple[str, ...]:
    return ("user", "add", name, "--role", role, *(part for one in _DISTRICTS for part in ("--district", one)))


def _legal(first: str) -> tuple[str, ...]:
    return ("legal", "set", "operate", "--basis", _INVENTED, "--document", "demo", "--from", first)


def _run(step: Step) -> None:
    if step.nurse:
        program = ("-m", "service.commands.demo_nurse", _NURSE, *step.nurse)
    elif len(step.commands) == 1:
        program = ("-m", "service.cli", *step.commands[0])
    else:
        program = ("-m", "service.commands.demo_steps", json.dumps(step.commands))
    if run_in_child(program):
        what = f"`omhu {step.commands[0][0]}`" if step.commands else "the nurse"
        raise SystemWrong(f"The demonstration stopped: {what} failed.", "Run `omhu demo` again to go on from here.")


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
            if kept.get("plan") != _PLAN:
                raise SystemWrong("The demonstration is of another version.", "Set OMHU_HOME to an empty folder.")
            return cls(path, date.fromisoformat(kept["monday"]), int(kept["citizens"]), int(kept["done"]))
        except FileNotFoundError:
            return cls(path, monday, citizens, 0)
        except (ValueError, KeyError, TypeError):
            raise SystemWrong(f"{path.name} is damaged.", "Set OMHU_HOME to an empty folder.") from None

    def after(self, number: int) -> "_Progress":
        """The progress with one more step done, written down."""
        kept = {"plan": _PLAN, "monday": self.monday.isoformat(), "citizens": self.citizens, "done": number}
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps(kept), encoding="utf-8")
        draft.replace(self.path)
        return _Progress(self.path, self.monday, self.citizens, number)
