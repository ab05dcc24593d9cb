"""Tests of SH02_reference.sh with a job that does what a test wants, and a clock that stands still."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_suffix(".sh")
TOOLS = ("bash", "flock", "timeout", "date", "mv", "wc")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {MISSING}")

START = datetime(2026, 5, 5, 19, 0, tzinfo=UTC)  # half past midnight on the 6th in Colombo
DAY = "2026-05-06"
GOOD = 'seq 30 >"$2"'


class Night:
    def __init__(self, path: Path) -> None:
        self.state, self.out, self.job = path / "state", path / "out", path / "job"
        self.state.mkdir()
        self.out.mkdir()
        self.does(GOOD)
        self.limit = 9000.0

    def does(self, text: str) -> None:
        self.job.write_text(f'#!/usr/bin/env bash\necho "$1" >>"{self.job}.days"\n{text}\n')
        self.job.chmod(0o755)

    def days(self) -> list[str]:
        seen = Path(f"{self.job}.days")
        return seen.read_text().split() if seen.exists() else []

    def start(self, *arguments: str, after: float = 0) -> subprocess.Popen[str]:
        now = int((START + timedelta(minutes=after)).timestamp())
        env = {**os.environ, "STATE": str(self.state), "OUT": str(self.out), "JOB": str(self.job), "NOW": str(now)}
        env |= {"LIMIT": f"{self.limit:g}", "MIN_ROWS": "20"}
        pipe = subprocess.PIPE
        return subprocess.Popen(["bash", str(SCRIPT), *arguments], env=env, stdout=pipe, stderr=pipe, text=True)

    def call(self, *arguments: str, after: float = 0) -> tuple[int, str]:
        process = self.start(*arguments, after=after)
        said, wrong = process.communicate(timeout=20)
        assert wrong == "" or process.returncode
        return process.returncode, said


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


def test_good_night_belongs_to_the_day_in_colombo(night: Night) -> None:
    assert night.call("run")[0] == 0
    assert night.days() == [DAY]
    assert [p.name for p in night.out.iterdir()] == [f"{DAY}.csv"]
    assert night.call("started", after=15)[0] == night.call("done", after=180)[0] == 0


def test_the_smallest_believable_list_is_enough(night: Night) -> None:
    night.does('seq 20 >"$2"')
    assert night.call("run")[0] == 0


def test_never_started(night: Night) -> None:
    status, said = night.call("started", after=15)
    assert status == 12 and f"{DAY} MISSING" in said
    assert night.call("done", after=180)[0] == 12


def test_yesterdays_success_does_not_count_for_today(night: Night) -> None:
    assert night.call("run", after=-1440)[0] == 0
    assert night.call("done", after=180)[0] == 12


def test_failed_and_repaired_by_hand(night: Night) -> None:
    night.does("exit 7")
    assert night.call("run")[0] == 20
    status, said = night.call("done", after=180)
    assert status == 11 and "status 7" in said
    night.does(GOOD)
    assert night.call("run", DAY, after=200)[0] == 0
    assert night.call("done", after=210)[0] == 0


@pytest.mark.parametrize(("text", "status"), [("exit 0", 20), ('seq 19 >"$2"', 21), (': >"$2"', 21)])
def test_status_zero_without_a_list_is_no_success(night: Night, text: str, status: int) -> None:
    night.does(text)
    assert night.call("run")[0] == status
    assert not list(night.out.glob("*.csv")) and night.call("done", after=60)[0] == 11


def test_what_a_failed_run_left_is_not_the_next_ones(night: Night) -> None:
    night.does(f"{GOOD}; exit 7")
    assert night.call("run")[0] == 20
    night.does("exit 0")  # writes nothing: the list of the first run must not pass for its own
    assert night.call("run", after=60)[0] == 20
    assert not list(night.out.glob("*.csv"))


def test_job_that_hangs_is_ended(night: Night) -> None:
    night.limit = 0.2
    night.does("exec sleep 30")
    process = night.start("run")
    said, _ = process.communicate(timeout=10)
    assert process.returncode == 20 and "status 124" in said


def test_late_is_not_failed_and_dead_is_not_late(night: Night) -> None:
    (night.state / f"{DAY}.started").write_text(f"{int(START.timestamp())} pid=1\n")  # and nothing after it
    assert night.call("started", after=15)[0] == 0
    assert night.call("done", after=140)[0] == 10
    status, said = night.call("done", after=180)
    assert status == 11 and "without a word" in said


def test_second_start_does_not_disturb_the_first(night: Night) -> None:
    night.does(f"until [[ -e {night.job}.go ]]; do sleep 0.02; done; {GOOD}")
    (night.state / f"{DAY}.failed").write_text("0 of an earlier try, which this run mends\n")
    first = night.start("run")
    while not night.days():
        assert first.poll() is None
    assert night.call("run", after=5)[0] == 75
    assert not (night.state / f"{DAY}.failed").exists()
    assert night.call("started", after=15)[0] == 0 and night.call("done", after=140)[0] == 10
    Path(f"{night.job}.go").touch()
    first.communicate(timeout=10)
    assert first.returncode == 0 and night.days() == [DAY]


def test_done_is_not_done_again(night: Night) -> None:
    night.call("run")
    assert night.call("run", after=30)[0] == 0 and night.days() == [DAY]


def test_another_day_can_be_made_up_for(night: Night) -> None:
    assert night.call("run", "2026-05-04")[0] == 0
    assert night.days() == ["2026-05-04"]
    assert night.call("started", after=15)[0] == 12  # tonight is still missing
    assert night.call("run", "../x")[0] == 2
