"""Who sits at the terminal, for the look-up log, and the log of what a command shows of a citizen."""

import getpass

from models.errors import SystemWrong
from service.audit import Look, LookAction, Result
from service.clock import utc_now
from service.storage import audit
from service.storage.database import Database


def at_the_terminal() -> str:
    """How the log names who runs a command: by their name on this machine."""
    return f"local:{getpass.getuser()}"


def log_look(
    database: Database, action: LookAction, citizens: tuple[int, ...], *, search: str = "", result: Result = "shown"
) -> None:
    """Log a look before its answer leaves; raises `SystemWrong` when it cannot be written (decision 10)."""
    look = Look(utc_now(), at_the_terminal(), "operator", action, "administration", search, citizens, "", result)
    try:
        with database.write() as session:
            audit.append(session, look)
    except Exception as error:
        # Whatever the reason: what cannot be logged is not shown.
        raise SystemWrong("The look-up log cannot be written.", "Check the store.") from error
