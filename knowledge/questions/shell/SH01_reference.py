"""Tests of SH01_reference.sh: the script runs in a temporary folder with small fake commands.

What is asked after every disaster is the same: does a reader still find one whole model?
"""

from __future__ import annotations

import os
import signal
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from knowledge.questions.shell.SH01_machine import LAST_DAY, ROWS, Machine, missing, reading, wait_for

REASON = missing()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_happy_path(machine: Machine) -> None:
    machine.real_tools()
    with reading(machine) as found:
        assert machine.run() == 0
    assert machine.model() == "new"
    assert set(found) <= {"old", "new"}
    assert len(machine.versions()) == 2 and machine.leftovers() == []
    assert "score new=6.10 live=6.20 limit=6.51" in machine.log()
    assert "status=0" in machine.log().splitlines()[-1]
    assert machine.calls("ping") == 1


def test_first_night_has_no_live_model(machine: Machine) -> None:
    (machine.root / "live").unlink()
    assert machine.run() == 0
    assert machine.model() == "new"


def test_fetch_fails_once_and_is_tried_again(machine: Machine) -> None:
    machine.does("fetch", 'if mkdir "$FAKES/seen" 2>/dev/null; then echo half >"$1"; exit 1; fi; write_export "$1"')
    assert machine.run() == 0
    assert machine.calls("fetch") == 2


def test_fetch_fails_every_time(machine: Machine) -> None:
    machine.does("fetch", "exit 7")
    assert machine.run() == 20
    assert machine.calls("fetch") == 3 and machine.calls("train") == 0 and machine.calls("ping") == 0
    assert machine.model() == "old" and machine.leftovers() == []
    assert "step=fetch FAILED" in machine.log()


def test_fetch_hangs(machine: Machine) -> None:
    machine.env |= {"FETCH_LIMIT": "0.1", "FETCH_TRIES": "2"}
    machine.does("fetch", "sleep 30")
    began = time.monotonic()
    assert machine.run() == 20
    assert time.monotonic() - began < 5
    assert "try 2 of 2 gave no complete export, status 124" in machine.log()
    assert machine.model() == "old"


def test_what_a_failed_download_left_is_gone_before_the_next(machine: Machine) -> None:
    """The first try fails with everything in place; the others write nothing and say that all went well."""
    look = 'ls -A "${1%/*}" >>"$FAKES/lay_there"'
    fail_once = 'if mkdir "$FAKES/seen" 2>/dev/null; then write_export "$1"; exit 7; fi'
    machine.does("fetch", f"{look}; {fail_once}; exit 0")
    assert machine.run() == 20
    assert (machine.fakes / "lay_there").read_text() == ""
    assert machine.calls("fetch") == 3 and machine.calls("train") == 0
    assert machine.model() == "old" and machine.leftovers() == []


DAMAGES = [
    'head -n 20 "$FAKES/export" >"$1"',  # half the rows
    'head -c -1 "$FAKES/export" >"$1"',  # the last byte is missing
    'sed "s/KUIVASTU/KUIVASTA/" "$FAKES/export" >"$1"',  # the number of rows is as promised
    'rm "$1.info"',
    'echo "a[\\$(>\\$FAKES/pwned)] x" >"$1.info"',
]


def test_truncated_file_with_status_zero(machine: Machine) -> None:
    """Every try is damaged in another way; none may pass."""
    machine.env["FETCH_TRIES"] = str(len(DAMAGES))
    cases = " ".join(f"{number}) {damage} ;;" for number, damage in enumerate(DAMAGES, start=1))
    machine.does("fetch", f'write_export "$1"; case $(grep -c /fetch "$FAKES/calls") in {cases} esac; exit 0')
    assert machine.run() == 20
    assert machine.calls("fetch") == len(DAMAGES) == machine.log().count("gave no complete export, status 0")
    assert machine.calls("train") == 0 and machine.model() == "old"
    assert not (machine.fakes / "pwned").exists()


def test_complete_file_that_makes_no_sense(machine: Machine) -> None:
    machine.export(ROWS // 2)
    assert machine.run() == 21
    machine.export(ROWS, newest=LAST_DAY - timedelta(days=1))  # last night's file once more
    assert machine.run() == 21
    assert machine.calls("fetch") == 2  # trying again would not help
    assert machine.calls("train") == 0 and machine.model() == "old"


@pytest.mark.parametrize(("rows", "status"), [(37, 21), (38, 0), (42, 0), (43, 21), (2 * ROWS, 21)])
def test_too_few_and_too_many_rows(machine: Machine, rows: int, status: int) -> None:
    machine.export(rows)
    assert machine.run() == status
    assert machine.calls("fetch") == 1
    assert machine.calls("train") == (1 if status == 0 else 0)
    assert machine.model() == ("new" if status == 0 else "old")


@pytest.mark.parametrize(("age", "status"), [(0, 0), (3, 21)])
def test_yesterday_is_expected_unless_told_otherwise(machine: Machine, age: int, status: int) -> None:
    del machine.env["EXPECT_DAY"]
    machine.export(ROWS, newest=date.today() - timedelta(days=age))
    assert machine.run() == status


@pytest.mark.parametrize(
    ("ending", "limit", "reason"),
    [
        ('echo new >"$2/weights"; kill -KILL $$', "5", "status 137"),  # the kernel needed the memory
        ('echo new >"$2/weights"; exit 0', "5", "left no scales"),  # and nobody says so
        ('write_model "$2" new; : >"$2/scales"', "5", "left no scales"),
        ('write_model "$2" new; sleep 30', "0.1", "status 124"),  # too slow
    ],
)
def test_training_killed_or_incomplete(machine: Machine, ending: str, limit: str, reason: str) -> None:
    machine.env["TRAIN_LIMIT"] = limit
    machine.does("train", ending)
    assert machine.run() == 22
    assert reason in machine.log()
    assert machine.model() == "old" and machine.leftovers() == [] and len(machine.versions()) == 1


@pytest.mark.parametrize(("new", "status"), [("6.51", 0), ("6.52", 24), ("10.2", 24), ("nan", 23), ("-1", 23)])
def test_worse_model_is_refused(machine: Machine, new: str, status: int) -> None:
    machine.does("evaluate", f'case $(<"$1/weights") in old) echo 6.20 ;; new) echo "{new}" ;; esac')
    assert machine.run() == status
    assert machine.model() == ("new" if status == 0 else "old")
    assert machine.calls("ping") == (1 if status == 0 else 0)
    assert machine.leftovers() == []


def test_small_steps_down_end_at_a_fixed_limit(machine: Machine) -> None:
    machine.does("evaluate", "echo 7.6")  # no worse than the live model
    assert machine.run() == 24


def test_live_model_without_a_score(machine: Machine) -> None:
    machine.does("evaluate", 'case $(<"$1/weights") in old) echo ;; new) echo 6.1 ;; esac')
    assert machine.run() == 23
    assert machine.model() == "old"


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("fetch", 'head -n 20 "$FAKES/export" >"$1"; die'),
        ("train", 'echo new >"$2/weights"; die'),
        ("evaluate", "echo 6; die"),
    ],
)
def test_killed_inside_a_step(machine: Machine, command: str, text: str) -> None:
    usual = (machine.fakes / f"{command}.does").read_text()
    machine.does(command, text)
    assert machine.run() == -signal.SIGKILL
    assert machine.model() == "old"
    machine.does(command, usual)
    assert machine.run_when_free() == 0
    assert machine.model() == "new" and machine.leftovers() == []


@pytest.mark.parametrize(
    ("tool", "call", "when", "shown"),
    [  # one for each state that the files pass through; the state after one tool is that before the next
        ("sync", 1, "before", "old"),  # a complete model in the folder of the run
        ("ln", 1, "before", "old"),  # a version that no name leads to
        ("sync", 2, "before", "old"),  # live.next beside live
        ("mv", 2, "after", "new"),
    ],
)
def test_killed_between_two_steps(machine: Machine, tool: str, call: int, when: str, shown: str) -> None:
    machine.dies_at(tool, call, when)
    with reading(machine) as found:
        assert machine.run() == -signal.SIGKILL
        assert machine.model() == shown
        machine.real_tools()
        assert machine.run_when_free() == 0
    assert machine.model() == "new" and machine.leftovers() == []
    assert set(found) <= {"old", "new"}


def test_told_to_stop_during_training(machine: Machine) -> None:
    machine.does("train", 'echo new >"$2/weights"; echo $$ >"$FAKES/training"; sleep 30')
    process = machine.start()
    wait_for(machine.fakes / "training")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 143 and time.monotonic() - began < 3
    assert machine.model() == "old" and machine.leftovers() == []
    with pytest.raises(ProcessLookupError):
        os.kill(int((machine.fakes / "training").read_text()), 0)


def test_second_run_while_the_first_is_busy(machine: Machine) -> None:
    machine.does(
        "train", 'touch "$FAKES/training"; until [[ -e $FAKES/go ]]; do sleep 0.02; done; write_model "$2" new'
    )
    first = machine.start()
    wait_for(machine.fakes / "training")
    second = machine.start()
    said, _ = second.communicate(timeout=10)
    assert second.returncode == 75 and str(first.pid) in said
    assert machine.model() == "old" and machine.calls("fetch") == 1
    (machine.fakes / "go").touch()
    first.communicate(timeout=10)
    assert first.returncode == 0 and machine.model() == "new"


@pytest.mark.parametrize("first", [2021, 2091])  # 2091: the clock was ahead when they were made
def test_old_versions_go_but_never_the_live_one(machine: Machine, first: int) -> None:
    for year in range(first, first + 5):
        (machine.root / "versions" / f"{year}0101T000000-1").mkdir()
    assert machine.run() == 0
    assert machine.model() == "new"
    assert len(machine.versions()) == (3 if first == 2021 else 4)


def test_monitoring_out_of_reach_does_not_undo_the_night(machine: Machine) -> None:
    machine.does("ping", "exit 1")
    assert machine.run() == 0
    assert "could not be reached" in machine.log()


def test_missing_setting_stops_before_anything_happens(machine: Machine) -> None:
    del machine.env["TRAIN_CMD"]
    assert machine.run() != 0
    assert not (machine.root / "runs").exists()
