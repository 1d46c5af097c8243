"""Commands of the demonstration one after the other in one process, each as if it were typed.

A list takes two seconds to be made and as long to be begun: twelve of them share the beginning.
"""

import json
import sys

from service.cli import main


def run_all(commands: list[list[str]]) -> None:
    """Run each command; the first that fails ends all, with its own exit code."""
    for arguments in commands:
        sys.argv = ["omhu", *arguments]
        try:
            main()
        except SystemExit as done:
            if done.code:
                raise


if __name__ == "__main__":
    run_all(json.loads(sys.argv[1]))
