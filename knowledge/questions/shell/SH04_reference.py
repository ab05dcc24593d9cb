"""Tests of SH04_reference.sh on a machine of files: versions that count, a share, and ways to break."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_suffix(".sh")
TOOLS = ("bash", "flock", "timeout", "sync")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {MISSING}")

# Each command notes its call. A file fail-COMMAND holds how often it still fails; a file hang makes counts hang.
# Shell built-ins only: what starts no further program is quick.
HEAD = """#!/bin/sh
cd "$MACHINE" || exit 9
me=${0##*/} left=0
echo "$me $*" >>calls
[ ! -e /proc/self/fd/9 ] || echo "$me holds the lock" >>harm
[ ! -e "fail-$me" ] || read -r left <"fail-$me"
if [ "$left" -gt 0 ]; then echo $((left - 1)) >"fail-$me"; exit 1; fi
"""
COMMANDS = {
    "start": ': >"up-$1"',
    "stop": """
read -r new percent old <share
read -r drained <drained
[ "$drained" = yes ] || echo "requests under way were cut off" >>harm
case "$1 $percent" in "$new 0" | "$old 100") ;; *) echo "stopped under load" >>harm ;; esac
exec rm -f "up-$1\"""",
    "ready": '[ -e "up-$1" ] && [ ! -e "slow-$1" ]',
    "samples": 'said=1; [ ! -e "samples-$1" ] || read -r said <"samples-$1"; echo "$said"',
    "share": """
echo "$1 $2 $3" >share; echo no >drained
[ ! -e "kill-at-$2" ] || { read -r pid <script.pid; kill -KILL "$pid"; }""",
    "counts": """
[ ! -e hang ] || exec sleep 60
[ ! -e "say-$1" ] || exec cat "say-$1"
read -r r e u <"total-$1"
read -r dr de du <"rate-$1"
read -r new percent old <share
[ "$1" = "$new" ] || percent=$((100 - percent))
[ "$percent" = 0 ] || { r=$((r + dr)) e=$((e + de)) u=$((u + du)); echo "$r $e $u" >"total-$1"; }
echo "$r $e $u\"""",
}

# Three seconds are the wait for requests under way: noted here instead of waited for.
SLEEP = """#!/bin/sh
case $1 in 0) ;; 3) echo yes >"$MACHINE/drained" ;; *) PATH=/usr/bin:/bin exec sleep "$1" ;; esac
"""


class Machine:
    def __init__(self, folder: Path, programs: Path) -> None:
        self.root, self.state, self.bin = folder / "root", folder / "state", programs
        self.root.mkdir()
        self.state.mkdir()
        (self.root / "live").write_text("v8\n")
        self.set("share", "v8 100 v7")
        self.set("up-v8", "")
        self.set("total-v8", "9000000 900000 360000")  # a bad spring lies behind it; only what is new counts
        self.set("total-v9", "200 0 8")  # the samples
        self.set("rate-v8", "11400 23 456")
        self.set("rate-v9", "600 1 24")
        self.settings = {
            "POLL": "0",
            "READY_POLL": "0",
            "KEEP_OLD": "3",
            "LOOKS": "2",
            "READY_LOOKS": "2",
            "PAGE": "page",
        }

    def set(self, name: str, text: str) -> None:
        (self.state / name).write_text(text + "\n")

    def get(self, name: str) -> str:
        path = self.state / name
        return path.read_text().strip() if path.exists() else ""

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}", "MACHINE": str(self.state)}
        environment |= {"ROOT": str(self.root), **self.settings}
        process = subprocess.Popen(
            ["bash", SCRIPT, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.set("script.pid", str(process.pid))
        return process

    def run(self, *arguments: str) -> tuple[int, str]:
        return finish(self.start(*arguments))

    def in_charge(self, version: str, others: Sequence[str]) -> None:
        assert (self.root / "live").read_text() == f"{version}\n"
        new, percent, old = self.get("share").split()
        assert version == (new if percent == "100" else old) and percent in ("0", "100")
        assert (self.state / f"up-{version}").exists()
        assert not any((self.state / f"up-{other}").exists() for other in others)
        assert not (self.root / "trial").exists()
        assert self.get("harm") == ""


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=30)
    return process.returncode, said


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bin")
    others = {"page": '#!/bin/sh\necho "$*" >>"$MACHINE/pages"\n', "sleep": SLEEP}
    for name, text in ({name: HEAD + body + "\n" for name, body in COMMANDS.items()} | others).items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def new_machine(tmp_path: Path, programs: Path) -> Callable[[], Machine]:
    return lambda: Machine(Path(tempfile.mkdtemp(dir=tmp_path)), programs)


@pytest.fixture
def machine(new_machine: Callable[[], Machine]) -> Machine:
    return new_machine()


Changes = Sequence[tuple[str, str]]


def side_by_side(new_machine: Callable[[], Machine], cases: Changes) -> list[tuple[Machine, int, str]]:
    """One machine for each changed file, all releasing v9 at the same time."""
    running = []
    for name, text in cases:
        machine = new_machine()
        machine.set(name, text)
        running.append((machine, machine.start("v9")))
    return [(machine, *finish(process)) for machine, process in running]


def test_a_good_version_takes_over_in_steps(machine: Machine) -> None:
    status, said = machine.run("v9")
    assert status == 0, said
    machine.in_charge("v9", ["v8"])
    calls = [call for call in machine.get("calls").splitlines() if call.startswith(("share", "stop", "samples"))]
    assert calls == ["samples v9", "share v9 5 v8", "share v9 25 v8", "share v9 100 v8", "stop v8"]
    assert machine.run("v9")[0] == 0  # nothing to do
    assert machine.get("calls").count("start") == 1


def test_refused_before_a_customer_sees_it(new_machine: Callable[[], Machine]) -> None:
    cases = [("fail-start", "1"), ("slow-v9", ""), ("samples-v9", "5"), ("samples-v9", "nan"), ("fail-samples", "1")]
    for machine, status, said in side_by_side(new_machine, cases):
        assert status == 10, said
        machine.in_charge("v8", ["v9"])
        assert not [c for c in machine.get("calls").splitlines() if c.startswith("share") and c != "share v9 0 v8"]


def test_goes_back_by_itself(new_machine: Callable[[], Machine]) -> None:
    rates = {
        "60 60 0": "errors",
        "600 12 24": "errors",
        "600 1 60": "unknown addresses",
        "15 0 0": "too few requests",
        "-50 0 0": "restarted",
    }
    results = side_by_side(new_machine, [("rate-v9", rate) for rate in rates])
    for (machine, status, said), why in zip(results, rates.values(), strict=True):
        assert status == 20 and why in said, said
        machine.in_charge("v8", ["v9"])
        assert "share v9 25" not in machine.get("calls")


def test_a_few_errors_by_chance_are_no_reason(machine: Machine) -> None:
    machine.settings["STEPS"] = "5"
    machine.set("rate-v9", "600 4 27")  # eight of 1,200 are thrice the usual, but nobody judges eight
    assert machine.run("v9")[0] == 0


def test_both_failing_is_not_the_new_one_being_good(machine: Machine) -> None:
    machine.set("rate-v8", "11400 400 456")
    machine.set("rate-v9", "600 21 24")
    status, said = machine.run("v9")
    assert status == 20 and "nothing can be judged" in said
    machine.in_charge("v8", ["v9"])


def test_a_restart_of_the_old_one_does_not_speak_for_the_new_one(machine: Machine) -> None:
    machine.set("rate-v8", "-3000000 -300000 -120000")  # its numbers fall, so every share of them is nonsense
    machine.set("rate-v9", "1200 0 100")
    status, said = machine.run("v9")
    assert status == 20 and "restarted" in said
    machine.in_charge("v8", ["v9"])


def test_no_numbers_are_no_good_numbers(new_machine: Callable[[], Machine]) -> None:
    cases = [("say-v9", answer) for answer in ("", "many 0 0", "1200 0 0 0")]
    for machine, status, said in side_by_side(new_machine, cases):
        assert status == 20 and "no counts of the new version" in said
        machine.in_charge("v8", ["v9"])


def test_a_command_that_hangs_is_ended(machine: Machine) -> None:
    machine.set("hang", "")
    machine.settings["LIMIT"] = "0.2"
    assert machine.run("v9")[0] == 20
    machine.in_charge("v8", ["v9"])


def test_the_way_back_is_tried_again(machine: Machine) -> None:
    machine.set("rate-v9", "60 60 0")
    machine.settings["LOOKS"] = "1"
    machine.set("fail-share", "3")  # the first step and two ways back
    assert machine.run("v9")[0] == 20
    machine.in_charge("v8", ["v9"])


def test_no_way_back_leaves_the_new_version_running_and_wakes_somebody(machine: Machine) -> None:
    machine.set("fail-share", "99")
    status, said = machine.run("v9")
    assert status == 30 and "NOT GONE BACK" in said
    assert (machine.state / "up-v9").exists() and "stop" not in machine.get("calls")
    assert "cannot go back" in machine.get("pages")
    machine.set("fail-share", "0")
    machine.settings["STEPS"] = "5"
    assert machine.run("v9")[0] == 0  # goes back first, then tries once more
    assert machine.get("calls").count("share v9 0 v8\nstop v9\nstart v9") == 1
    assert (machine.root / "live").read_text() == "v9\n"


@pytest.mark.parametrize("percent", ["5", "100"])
def test_a_dead_release_is_undone_by_the_next_start(machine: Machine, percent: str) -> None:
    machine.settings["STEPS"] = "5 100"
    machine.set(f"kill-at-{percent}", "")
    assert machine.run("v9")[0] == -signal.SIGKILL
    assert machine.get("share") == f"v9 {percent} v8"
    (machine.state / f"kill-at-{percent}").unlink()
    assert machine.run("--return")[0] == 0
    machine.in_charge("v8", ["v9"])
    calls = machine.get("calls")
    assert machine.run("--return")[0] == 0
    assert machine.get("calls") == calls  # nothing is left to do


def test_dying_after_the_rename_keeps_the_new_version(machine: Machine) -> None:
    machine.set("up-v9", "")
    machine.set("share", "v9 100 v8")
    (machine.root / "live").write_text("v9\n")
    (machine.root / "trial").write_text("v9 v8\n")
    assert machine.run("--return")[0] == 0
    assert machine.get("calls").splitlines() == ["share v9 100 v8", "stop v8"]
    machine.in_charge("v9", ["v8"])


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_lost_connection_or_ctrl_c_goes_back(machine: Machine, number: signal.Signals) -> None:
    machine.set("rate-v9", "0 0 0")
    machine.settings |= {"LOOKS": "1000", "POLL": "0.02"}
    process = machine.start("v9")
    while "share v9 5" not in machine.get("calls"):
        time.sleep(0.01)
    assert machine.run("v10")[0] == 75  # one at a time
    process.send_signal(number)
    while "share v9 0" not in machine.get("calls"):
        time.sleep(0.01)
    process.send_signal(number)  # people press again when nothing seems to happen
    process.communicate(timeout=20)
    assert process.returncode == 20
    machine.in_charge("v8", ["v9"])


def test_a_connection_that_nobody_reads_ends_nothing(machine: Machine) -> None:
    machine.settings["STEPS"] = "50 100"
    process = machine.start("v9")
    assert process.stdout
    process.stdout.close()
    assert process.wait(timeout=20) == 0
    machine.in_charge("v9", ["v8"])
    assert "v8 stays ready" in (machine.root / "log").read_text()


def test_wrong_use_is_told(machine: Machine) -> None:
    wrong: list[tuple[str, ...]] = [(), ("v9", "v10"), ("../v9",), ("",), ("-x",)]
    for process in [machine.start(*arguments) for arguments in wrong]:
        status, said = finish(process)
        assert status == 64 and "release.sh VERSION" in said
    assert machine.get("calls") == ""
