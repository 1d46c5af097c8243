"""What a first reader would have waited for is there before they come."""

import subprocess
import sys

PROGRAM = """
import sys, time
from service.ui.warming import warm_in_background
warm_in_background().join()
import service.ui.rendering as rendering
from jinja2 import Environment
def refuse(*_, **__): raise AssertionError('compiled again')
Environment.compile = refuse
pages = rendering.Pages()
for environment in pages._environments.values():
    for name in environment.list_templates():
        environment.get_template(name)
print("models.truth.episodes" in sys.modules)
"""


def test_after_warming_no_template_is_compiled_and_no_library_is_missing() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "True", done.stderr
