"""`omhu user` and `omhu token`: who may log in, and which machines may ask the API."""

import sys
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console

from models.errors import NotFound, RequestWrong
from service.clock import utc_now
from service.commands.store import opened_store
from service.security import second_factor
from service.security.login import ONE_TIME_LIFE, one_time_code
from service.security.passwords import hashed
from service.security.rights import SCOPES, Permission, Role
from service.security.secrets import fingerprint, new_token
from service.storage import sessions, tokens, users

_OUT = Console(highlight=False, markup=False, soft_wrap=True)
_LISTS_NEED_DISTRICTS = frozenset({Permission.READ_LISTS, Permission.READ_SCORES})

Name = Annotated[str, typer.Argument(help="The name to log in with.")]
Districts = Annotated[list[str] | None, typer.Option("--district", help="A district it reaches; repeat for more.")]
Teams = Annotated[
    list[str] | None, typer.Option("--team", help="A team its right is limited to; repeat for more. None: all.")
]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def register(app: typer.Typer) -> None:
    """Add the command groups."""
    user = typer.Typer(no_args_is_help=True, help="Who may log in to the pages.")
    user.command("add", help="Add a user with a role and districts.")(add_user)
    user.command("password", help="Give a user a new password, and end the sessions.")(new_password)
    user.command("one-time-login", help="Print an address that logs a user in once.")(one_time_login)
    user.command("reset-second-factor", help="Take a lost second factor away, and end the sessions.")(reset_factor)
    user.command("end", help="End a user's access, at once.")(end_user)
    app.add_typer(user, name="user")
    token = typer.Typer(no_args_is_help=True, help="Which machines may ask the API.")
    token.command("add", help="Make a token and print it, this once.")(add_token)
    token.command("end", help="End a token, at once.")(end_token)
    app.add_typer(token, name="token")


def add_user(
    name: Name,
    role: Annotated[Role, typer.Option(help="What the user is here.")] = Role.NURSE,
    district: Districts = None,
    team: Teams = None,
    *,
    password_stdin: FromStdin = False,
) -> None:
    """Add a user. Without a password, asked for on a terminal, only a one-time login opens the account."""
    if role in {Role.NURSE, Role.LEADER} and not district:
        raise RequestWrong(f"A {role.value} without a district would see nothing.", "Give --district, once for each.")
    password = _password(from_stdin=password_stdin)
    with opened_store() as database, database.write() as session:
        kept = hashed(password) if password else None
        users.add_user(session, name, role, district or [], kept, utc_now(), teams=team or ())
    _OUT.print(f"{name}: added as {role.value}" + (f" of {', '.join(district)}." if district else "."))
    if not password:
        _OUT.print(f"No password is set: log in with `omhu user one-time-login {name}`.")


def new_password(name: Name, *, password_stdin: FromStdin = False) -> None:
    """Replace the password and end every session."""
    password = _password(from_stdin=password_stdin)
    if not password:
        raise RequestWrong("No password was given.", "Run it on a terminal, or use --password-stdin.")
    with opened_store() as database, database.write() as session:
        user = users.user_called(session, name)
        if user is None:
            raise NotFound(f"There is no user called {name}.")
        users.set_password(session, user.number, hashed(password))
        users.count_failure(session, user.number, 0, None)
        sessions.end_sessions_of(session, user.number, utc_now())
    _OUT.print(f"{name}: the password is new, every session has ended.")


def one_time_login(
    name: Name,
    address: Annotated[str, typer.Option(help="Where the service answers.")] = "http://127.0.0.1:8000",
) -> None:
    """Print an address that opens one session, for a short time."""
    with opened_store() as database:
        code = one_time_code(database, name, utc_now())
    minutes = int(ONE_TIME_LIFE.total_seconds() // 60)
    _OUT.print(f"{address.rstrip('/')}/login/kode?kode={code}")
    Console(stderr=True).print(f"Works once, within {minutes} minutes.", highlight=False)


def reset_factor(name: Name) -> None:
    """For somebody who lost phone and recovery codes: the password alone opens the account again."""
    with opened_store() as database, database.write() as session:
        user = users.user_called(session, name)
        if user is None:
            raise NotFound(f"There is no user called {name}.")
        second_factor.reset(session, user.number, utc_now())
    _OUT.print(f"{name}: no second factor, every session has ended.")


def end_user(name: Name) -> None:
    """End the account; what it did stays on record."""
    with opened_store() as database, database.write() as session:
        users.end_user(session, name, utc_now())
    _OUT.print(f"{name}: ended.")


def add_token(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[list[Permission], typer.Option(help=f"What it may do: {', '.join(SCOPES)}; repeat for more.")],
    district: Districts = None,
    team: Teams = None,
    days: Annotated[int, typer.Option(min=1, max=730, help="How long it is in force.")] = 365,
) -> None:
    """Make a token and print it; only its fingerprint is stored."""
    if any(one not in SCOPES for one in scope):
        raise RequestWrong("That is no scope of a token.", f"Choose among {', '.join(SCOPES)}.")
    if _LISTS_NEED_DISTRICTS & set(scope) and not district:
        raise RequestWrong("A token that reads lists needs districts.", "Give --district, once for each.")
    if team and not district:
        raise RequestWrong("A team is one of a district.", "Give --district too.")
    secret, now = new_token(), utc_now()
    ends: datetime = now + timedelta(days=days)
    with opened_store() as database, database.write() as session:
        number = tokens.add_token(
            session, fingerprint(secret), name, scope, district or [], now, ends, teams=team or ()
        )
    _OUT.print(secret)
    Console(stderr=True).print(f"Token {number}, in force until {ends:%Y-%m-%d}. Not shown again.", highlight=False)


def end_token(number: Annotated[int, typer.Argument(help="The token's number, told when it was made.")]) -> None:
    """End a token."""
    with opened_store() as database, database.write() as session:
        tokens.end_token(session, number, utc_now())
    _OUT.print(f"Token {number}: ended.")


def _password(*, from_stdin: bool) -> str:
    """The password from standard input or asked for twice on a terminal; empty where there is neither."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        return ""
    return str(typer.prompt("Password (empty: one-time login only)", default="", hide_input=True, show_default=False))
