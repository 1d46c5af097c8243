"""What the commands of training show while they work, and how they read a date. On the error stream, to be piped."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from models.errors import RequestWrong

Stage = Callable[[str, int], Callable[[], None]]


def date_of(option: str, text: str | None) -> date | None:
    """The date an option gives; none where it is not given, or empty as MLflow hands on what was not given."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RequestWrong(f"{option} {text!r} is not a date.", "Write it as 2025-02-24.") from None


@contextmanager
def one_bar(beginning: str) -> Generator[Callable[[float, str], None]]:
    """One bar from nothing to everything, with a word on what is being made."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(beginning, total=1.0)
        yield lambda share, words: shown.update(task, completed=share, description=f"{beginning}: {words}")


@contextmanager
def stages() -> Generator[Stage]:
    """Stages shown one under the other."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:

        def stage(words: str, steps: int) -> Callable[[], None]:
            task = shown.add_task(words, total=steps)
            return lambda: shown.advance(task)

        yield stage
