"""The truth of an invented municipality, as the file lies beside its drop: with the drop's own ids.

Only the store knows whose key an id is, and training never touches the store: the command that exchanges the one for
the other is the service's, and is run as a step, as a user would.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from models.errors import RequestWrong
from training.evaluation.oracle import KEY, OWN_ID, Oracle, columns


def oracle_of(path: Path | None) -> Oracle | None:
    """The oracle of a truth file, if one was given. Raises `FileRefused` for a file that holds no truth."""
    if path is None:
        return None
    known = columns(path)
    if KEY in known or OWN_ID not in known:
        return Oracle.read(path)
    with TemporaryDirectory() as folder:
        keyed = Path(folder) / path.name
        _exchange(path, keyed)
        return Oracle.read(keyed)


def _exchange(path: Path, keyed: Path) -> None:
    arguments = [sys.executable, "-m", "service.cli", "pseudonymise", str(path.absolute()), str(keyed)]
    done = subprocess.run(arguments, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise RequestWrong(
            f"The ids of {path.name} could not be exchanged for keys: {done.stderr.strip()[-300:]}",
            "Load the drop the truth belongs to, into this installation's store.",
        )
