"""`omhu serve`, as a process of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.children import answered, free_port


def test_the_service_answers_until_it_is_stopped_and_needs_nothing_set_up(tmp_path: Path) -> None:
    port = free_port()
    program = "from service.commands.serve import serve; import sys; serve(port=int(sys.argv[1]))"
    surroundings = os.environ | {"OMHU_HOME": str(tmp_path), "OMHU_DATABASE_URL": ""}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(port)], env=surroundings, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert answered(f"http://127.0.0.1:{port}/login") == 200
        finally:
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=30)
    assert f"http://127.0.0.1:{port}" in told
    assert '"route": "/login"' in told
    assert "Traceback" not in told
