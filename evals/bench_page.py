"""The first page beside a bare Streamlit page: each drawn once in a new process, as after a start of the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BARE = 'import streamlit as st\n\nst.title("Hello")\nst.write("A page with two lines.")\n'
_DRAW = """
import json, resource, sys, time
began = time.perf_counter()
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(sys.argv[1], default_timeout=300).run()
assert not app.exception, app.exception
seconds = time.perf_counter() - began
from pathlib import Path
status = Path("/proc/self/status")  # ru_maxrss would begin with what the process had that started this one
if status.is_file():
    megabytes = next(int(l.split()[1]) for l in status.read_text().splitlines() if l.startswith("VmHWM")) / 1024
else:
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)
print(json.dumps([seconds, megabytes]))
"""


@dataclass(frozen=True)
class Drawn:
    """What drawing a page once took: seconds from the first import, and the process's largest memory in MB."""

    seconds: float
    megabytes: float


def ours() -> Drawn:
    """The app's first page, with an empty data folder."""
    return _draw(ROOT / "app.py")


def bare() -> Drawn:
    """A Streamlit page with two lines."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "bare.py"
        script.write_text(BARE, encoding="utf-8")
        return _draw(script)


def _draw(script: Path) -> Drawn:
    with tempfile.TemporaryDirectory() as data:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GREENROOM_")}
        ran = subprocess.run(
            [sys.executable, "-c", _DRAW, str(script)],
            cwd=ROOT,
            env={**kept, "GREENROOM_DATA": data},
            capture_output=True,
            text=True,
            check=True,
        )
    return Drawn(*json.loads(ran.stdout.splitlines()[-1]))
