"""Is anything lost when the process dies? Kills whole interviews at random instants and goes on with what is left.

The interview runs unattended in a process of its own (`python -m agents interview --answers`). A second process takes
it over with the command that the first had printed, and must end with the log and the scorecard of an undisturbed run.
"""

from __future__ import annotations

import random
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from evals.candidates import ANSWERS

QUESTION, MINUTES = "SD02", "20"
PATIENCE = 300.0
"""Seconds for one interview."""


@dataclass(frozen=True)
class Kill:
    """One interview that was killed after `seconds`; `lines` of its log had been printed. `same`: nothing was lost."""

    seconds: float
    lines: int
    same: bool
    note: str = ""


def run(n: int, seed: int) -> list[Kill]:
    """`n` kills at instants that are spread evenly at random over the time an undisturbed interview takes."""
    chance = random.Random(seed)
    began = time.monotonic()
    whole = _finished(_start(None))
    length = time.monotonic() - began
    found = []
    for i in range(n):
        found.append(_kill(chance.uniform(0, length), whole))
        print(f"\rkilled {i + 1}/{n}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def _start(folder: Path | None, *arguments: str) -> subprocess.Popen[str]:
    file = ANSWERS / QUESTION / "good.jsonl"
    kept = ["--data", str(folder)] if folder else []
    begin = ["interview", "--question", QUESTION, "--minutes", MINUTES, "--answers", str(file), "--json", *kept]
    return subprocess.Popen(
        [sys.executable, "-m", "agents", *(arguments or begin)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def _finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=PATIENCE)
    if process.returncode:
        raise ValueError(f"an interview failed with exit code {process.returncode}:\n{err}")
    return out


def _kill(seconds: float, whole: str) -> Kill:
    with tempfile.TemporaryDirectory() as scratch:
        process = _start(Path(scratch))
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, err = process.communicate()
        lines = out.count("\n")
        command = err.partition("go on with: python -m agents ")[2].splitlines()[:1]
        if not command:  # it died before the interview was in the log: nothing was said, and nothing can be lost
            again = _finished(_start(Path(scratch)))
            return Kill(seconds, lines, not out and again == whole, "before it began")
        again = _finished(_start(None, *shlex.split(command[0])))
    # What had been printed must be how the whole begins, and the log that is printed from its start must be the whole.
    return Kill(seconds, lines, again == whole and whole.startswith(out))


def table(kills: list[Kill]) -> str:
    """How many interviews came through, and those that did not."""
    whole = sum(k.same for k in kills)
    before = sum(bool(k.note) for k in kills)
    lines = [
        f"{whole} of {len(kills)} interviews killed at random instants ended with the log and scorecard of an "
        f"undisturbed run ({before} of them were killed before they had begun)"
    ]
    lines += [f"  not: killed after {k.seconds:.2f} s, {k.lines} lines printed" for k in kills if not k.same]
    return "\n".join(lines)
