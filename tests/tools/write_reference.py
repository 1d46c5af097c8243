"""Writes what the documents say of commands, settings and errors, from the code itself: `make docs`.

Tests compare what lies there with what this would write, so that neither is changed alone.
"""

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterator
from enum import Enum
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import typer
from pydantic import SecretStr

from models import home
from models.errors import OmhuError
from service.api.routes import described
from service.app import create_app
from service.cli import build
from service.errors import status_of
from service.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[2]
_PACKAGES: Final = ("models", "service", "training")
_TYPE: Final = re.compile(r"<([^>]+)>")
_WORDS: Final = {"int": "N", "float": "N", "%Y": "DATE", "str": "TEXT"}
_WRITTEN: Final = "Written by `make docs` from the code; a test keeps it current.\n"

_SETTINGS: Final = f"""\
# Settings

{_WRITTEN}
Settings are environment variables, read when a command or the service starts; a variable without a value is as if it
were not there. `.env.example` has them all, ready to be copied. What belongs to a municipality's work (users,
districts, capacities, the legal switch, the mapping) is no setting: commands change it.

| variable | meaning | default |
|---|---|---|"""
_IN_FILES: Final = """\
A secret may stand in a file instead, whose path the variable with `_FILE` behind its name holds: {secrets}. The line
end the file ends with is no part of it; both ways at once are refused.
"""
_EXAMPLE: Final = """\
# Every setting of Omhu, each with its meaning. Written by `make docs` from the code.
# Copy it to .env, and take away the # before what you set. What is not set has its default.
"""
_ERRORS: Final = f"""\
# Errors and exit codes

{_WRITTEN}
A command that ends well ends with 0; stopped by Ctrl-C, with 130; told an option it does not know, with 2. Otherwise
the exit code is the error's. The API answers an error with a problem document (RFC 9457, `application/problem+json`)
whose `detail` says what was wrong and whose `remedy` says what to do. No message holds a citizen's data. An error of
the branch `SystemWrong` is told outwards in general words only; the log has its class and where it came from.

| error | meaning | exit code | HTTP status |
|---|---|---|---|"""


def files() -> dict[str, str]:
    """Each file this writes, relative to the root, with its text."""
    return {
        "docs/reference/commands.md": commands_page(),
        "docs/reference/settings.md": settings_page(),
        "docs/reference/errors.md": errors_page(),
        ".env.example": env_example(),
        "tests/service/api/openapi.json": openapi(),
    }


def openapi() -> str:
    """The API as it describes itself, wherever its state lies."""
    app = create_app(Settings.read({"OMHU_HOME": "/nowhere"}))
    return json.dumps(described(app), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def commands_page() -> str:
    """Every command with its usage, arguments and options."""
    root = typer.main.get_command(build())
    context = root.context_class(root, info_name="omhu")
    return f"# Commands\n\n{_WRITTEN}\n" + "\n".join(_command(root, context)).rstrip() + "\n"


def _command(command: Any, context: Any) -> Iterator[str]:
    yield f"## {context.command_path}\n"
    yield f"{inspect.cleandoc(command.help or '')}\n"
    yield f"```\n{_usage(command, context)}\n```\n"
    rows = [row for parameter in command.get_params(context) if (row := _parameter(parameter, context))]
    if rows:
        yield "\n".join(("| | meaning | default |", "|---|---|---|", *rows)) + "\n"
    for name, below in getattr(command, "commands", {}).items():
        yield from _command(below, below.context_class(below, info_name=name, parent=context))


def _usage(command: Any, context: Any) -> str:
    pieces = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    return re.sub(r"\{(\w+)\}", lambda found: found[1].upper(), pieces)


def _parameter(parameter: Any, context: Any) -> str | None:
    record = None if parameter.name == "help" else parameter.get_help_record(context)
    if record is None:
        return None
    default = "required" if parameter.required else _default(parameter.default)
    is_argument = parameter.param_type_name == "argument"
    name = record[0].split(" <")[0].upper() if is_argument else _TYPE.sub(_kind(parameter.default), record[0])
    return f"| `{name.replace('|', '/')}` | {parameter.help or ''} | {default} |"


def _kind(default: object) -> Callable[[re.Match[str]], str]:
    """What is written instead of a type: the words of a closed list, or a letter for a number."""
    if isinstance(default, Enum):
        return lambda _: "/".join(str(one.value) for one in type(default))
    return lambda found: next((word for sign, word in _WORDS.items() if sign in found[1]), found[1].upper())


def _default(value: object) -> str:
    if value is None or value is False or value in ("", (), []):
        return ""
    return f"`{getattr(value, 'value', value)}`"


def settings_page() -> str:
    """Every variable the code reads, with what it means and what holds without it."""
    lines = [f"| `{name}` | {meaning} | {default} |" for name, (meaning, default) in home.VARIABLES.items()]
    lines += [f"| `{name}` | {meaning} | {default or 'empty'} |" for name, meaning, default in _own_settings()]
    secrets = ", ".join(f"`{name}_FILE`" for name in Settings.secrets())
    return "\n".join((_SETTINGS, *lines, "", _IN_FILES.format(secrets=secrets)))


def env_example() -> str:
    """A file of settings to copy: each explained, all switched off, with its default where it has one."""
    parts = [_EXAMPLE]
    for name, (meaning, default) in home.VARIABLES.items():
        parts.append(f"# {meaning.replace('`', '')}\n# Default: {default.replace('`', '')}.\n#{name}=\n")
    for name, meaning, default in _own_settings():
        parts.append(f"# {meaning.replace('`', '')}\n#{name}={default.strip('`')}\n")
    parts += [
        f"# The file that holds {name}, instead of the variable itself.\n#{name}_FILE=\n" for name in Settings.secrets()
    ]
    return "\n".join(parts)


def _own_settings() -> Iterator[tuple[str, str, str]]:
    """The settings of the service: variable, meaning, default; the meaning is the text below each field."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(Settings)).body if isinstance(node, ast.ClassDef))
    for field, told in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.target.id != "state":
            said = told.value if isinstance(told, ast.Expr) else None
            meaning = " ".join(str(said.value).split()) if isinstance(said, ast.Constant) else ""
            yield f"OMHU_{field.target.id.upper()}", meaning, _setting_default(field.target.id)


def _setting_default(name: str) -> str:
    value = Settings.model_fields[name].default
    if value is None or value == "" or isinstance(value, SecretStr):
        return ""
    if isinstance(value, (str, bool, int, float)):
        return f"`{json.dumps(value) if isinstance(value, bool) else value}`"
    return f"`{json.dumps(value)}`"


def errors_page() -> str:
    """Every error Omhu raises on purpose, with the exit code of a command and the status of an answer."""
    lines: list[str] = []
    for depth, kind in _tree(OmhuError, 0):
        meaning = inspect.cleandoc(kind.__doc__ or "").splitlines()[0]
        indent = "&nbsp;" * 4 * depth
        lines.append(
            f"| {indent}`{kind.__name__}` | {meaning} | {kind.exit_code} | {status_of(kind.__new__(kind)):d} |"
        )
    return "\n".join((_ERRORS, *lines, ""))


def _tree(kind: type[OmhuError], depth: int) -> Iterator[tuple[int, type[OmhuError]]]:
    if depth == 0:
        _import_errors()
    yield depth, kind
    for below in sorted({one.__name__: one for one in kind.__subclasses__() if one.__name__[0] != "_"}.items()):
        yield from _tree(below[1], depth + 1)


def _import_errors() -> None:
    """Import the modules that define errors, and no others: a class nobody imported is not in the tree."""
    sources = {path: ast.parse(path.read_text(encoding="utf-8")) for path in _modules()}
    known, grows = {"OmhuError"}, True
    while grows:
        found = {node.name for tree in sources.values() for node in tree.body if _derives(node, known)}  # pyright: ignore[reportAttributeAccessIssue]
        grows, known = not found <= known, known | found
    for path, tree in sources.items():
        if any(_derives(node, known) for node in tree.body):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def _modules() -> Iterator[Path]:
    for package in _PACKAGES:
        yield from (path for path in sorted((ROOT / package).rglob("*.py")) if path.name != "__init__.py")


def _derives(node: ast.stmt, known: set[str]) -> bool:
    return isinstance(node, ast.ClassDef) and any(
        isinstance(base, ast.Name) and base.id in known for base in node.bases
    )


def main() -> None:
    """Write each file that is not current, and say so."""
    for name, text in files().items():
        file = ROOT / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print(f"Wrote {name}")


if __name__ == "__main__":
    main()
