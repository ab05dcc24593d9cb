"""The ground for the tests of SH01_reference.sh: a folder with small fake commands, and what is found in it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path


def missing() -> str:
    """Return what this machine lacks for the script, or nothing."""

    def answer(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout

    for tool in ("bash", "flock", "timeout", "sha256sum", "awk"):
        if shutil.which(tool) is None:
            return f"SH01 needs {tool}, which is not installed here"
    if int(answer("bash", "-c", "echo $BASH_VERSINFO") or 0) < 5:
        return "SH01 needs bash 5 or later"
    for tool in ("timeout", "mv", "sync", "stat", "date"):  # some systems have GNU's timeout and their own mv
        if "GNU coreutils" not in answer(tool, "--version"):
            return f"SH01 needs {tool} of the GNU coreutils"
    return ""


SCRIPT = Path(__file__).with_name("SH01_reference.sh")
ROWS = 40
LAST_DAY = date(2026, 3, 28)
SETTINGS = {
    "FETCH_TRIES": "3",
    "FETCH_PAUSE": "0.01",
    "FETCH_LIMIT": "5",
    "TRAIN_LIMIT": "5",
    "EVAL_LIMIT": "5",
    "KILL_AFTER": "0.2",
    "KEEP": "3",
    "MIN_BYTES": "100",
    "MIN_ROWS": "38",
    "MAX_ROWS": "42",
    "EXPECT_DAY": str(LAST_DAY),
}

# A fake reads what it should do from files in its folder: <name>.does is a piece of bash.
FAKE = (
    f"#!{shutil.which('bash')}"
    + """
echo "$0 $*" >>"$FAKES/calls"
does=$FAKES/${0##*/}.does
die() { kill -KILL "$(<"$ROOT/lock")"; }
write_export() { cp "$FAKES/export" "$FAKES/export.info" "${1%/*}"; }
write_model() { echo "$2" >"$1/weights"; echo "$2" >"$1/scales"; }
source "$does"
"""
)
# Takes the place of a tool that the script calls itself: dies with the script before or after the work.
TOOL = (
    f"#!{shutil.which('bash')}"
    + """
PATH=${PATH#*:}
echo x >>"$FAKES/%(name)s.count"
mapfile -t uses <"$FAKES/%(name)s.count"
mine=${#uses[@]}
if [[ $mine -eq %(call)d && %(when)s == before ]]; then kill -KILL $PPID; exit 1; fi
%(name)s "$@"
if [[ $mine -eq %(call)d && %(when)s == after ]]; then kill -KILL $PPID; fi
"""
)


class Machine:
    """A folder with a live model "old", three fake commands, and the script."""

    def __init__(self, folder: Path) -> None:
        self.root, self.fakes, self.tools = folder / "forecast", folder / "fakes", folder / "tools"
        for path in (self.fakes, self.tools, self.root / "versions" / "20200101T000000-1"):
            path.mkdir(parents=True)
        for name in ("weights", "scales"):
            (self.root / "versions" / "20200101T000000-1" / name).write_text("old\n")
        (self.root / "live").symlink_to("versions/20200101T000000-1")
        for name in ("fetch", "train", "evaluate", "ping"):
            self.script(self.fakes / name, FAKE)
        self.script(self.tools / "sync", "#!/bin/sh\n")  # waiting for the disk proves nothing here
        self.export(ROWS)
        self.does("fetch", 'write_export "$1"')
        self.does("train", 'write_model "$2" new')
        self.does("evaluate", 'case $(<"$1/weights") in old) echo 6.20 ;; new) echo 6.10 ;; esac')
        self.does("ping", ":")
        self.env = {
            "PATH": f"{self.tools}:{os.environ['PATH']}",
            "ROOT": str(self.root),
            "FAKES": str(self.fakes),
            **{f"{name}_CMD": str(self.fakes / fake) for name, fake in self.commands().items()},
            **SETTINGS,
        }

    @staticmethod
    def commands() -> dict[str, str]:
        return {"FETCH": "fetch", "TRAIN": "train", "EVAL": "evaluate", "PING": "ping"}

    @staticmethod
    def script(path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def does(self, command: str, text: str) -> None:
        (self.fakes / f"{command}.does").write_text(text + "\n")

    def export(self, rows: int, newest: date = LAST_DAY) -> None:
        """Lay out what the fake download copies, with a companion file that fits it."""
        text = "".join(f"{newest - timedelta(days=i // 4)},KUIVASTU,{i}\n" for i in range(rows))
        (self.fakes / "export").write_text(text)
        (self.fakes / "export.info").write_text(f"{rows} {hashlib.sha256(text.encode()).hexdigest()}\n")

    def dies_at(self, name: str, call: int, when: str) -> None:
        """Let the script be killed right before or after its `call`-th use of a tool."""
        self.script(self.tools / name, TOOL % {"name": name, "call": call, "when": when})

    def real_tools(self) -> None:
        self.env["PATH"] = os.environ["PATH"]

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", str(SCRIPT)], env=self.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self) -> int:
        process = self.start()
        process.communicate(timeout=20)
        return process.returncode

    def run_when_free(self) -> int:
        """Run; a child of a killed run may hold the lock for a moment longer."""
        for _ in range(100):
            status = self.run()
            if status != 75:
                return status
            time.sleep(0.05)
        return 75

    def model(self) -> str:
        """Return which model a reader finds; it must be whole."""
        folder = (self.root / "live").resolve(strict=True)
        weights, scales = ((folder / name).read_text().strip() for name in ("weights", "scales"))
        assert weights == scales
        return weights

    def versions(self) -> list[str]:
        return sorted(path.name for path in (self.root / "versions").iterdir())

    def leftovers(self) -> list[str]:
        known = {"versions", "runs", "live", "lock", "retrain.log"}
        return [p.name for p in self.root.iterdir() if p.name not in known] + [
            p.name for p in (self.root / "runs").iterdir()
        ]

    def calls(self, command: str) -> int:
        path = self.fakes / "calls"
        return path.read_text().count(f"/{command} ") if path.exists() else 0

    def log(self) -> str:
        return (self.root / "retrain.log").read_text()


def wait_for(path: Path) -> None:
    for _ in range(400):
        if path.exists():
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} never came")


@contextlib.contextmanager
def reading(machine: Machine) -> Iterator[list[str]]:
    """Read the live model all the time, as the service does; yield what was found."""
    found: list[str] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                found.append(machine.model())
            except (AssertionError, OSError) as error:
                found.append(repr(error))
            time.sleep(0.0002)  # leaves the script some of the processor

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()
