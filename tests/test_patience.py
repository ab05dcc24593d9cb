"""Waiting: for as long as there is time, told while it goes on, given up at any moment, and no hindrance at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from threading import Event

import pytest

from agents.patience import OutOfPatience, Patience, Reserve, beside, no_beat
from tests.loopback import Loopback
from tests.loopback_replies import Broken

ROOT = Path(__file__).parents[1]


class Gone(BaseException):
    """Not an Exception, as what a page raises when it is drawn anew is none."""


def test_a_result_is_handed_over() -> None:
    patience = Patience(5)
    assert patience.wait_for(beside(lambda: 7)) == 7
    assert not patience.given_up.is_set()
    assert 0 < patience.left() <= 5


@pytest.mark.parametrize("raised", [ValueError, TimeoutError, Gone, SystemExit, KeyboardInterrupt])
def test_what_the_work_raises_comes_out(raised: type[BaseException]) -> None:
    def work() -> int:
        raise raised("here")

    patience = Patience(5)
    with pytest.raises(raised, match="here") as found:
        patience.wait_for(beside(work))
    assert not isinstance(found.value, OutOfPatience)
    assert not patience.given_up.is_set()


def test_out_of_patience() -> None:
    beats: list[float] = []
    patience, began = Patience(0.35, lambda: beats.append(time.monotonic())), time.monotonic()
    with pytest.raises(OutOfPatience, match="no result within 0.35 seconds"):
        patience.wait_for(Future[int]())
    assert 0.35 <= time.monotonic() - began < 2
    assert patience.given_up.is_set()
    assert patience.left() == 0
    assert 1 <= len(beats) <= 4


def test_without_time_a_result_that_is_there_is_still_taken() -> None:
    done = Future[int]()
    done.set_result(7)
    assert Patience(0).wait_for(done) == 7
    with pytest.raises(OutOfPatience):
        Patience(-1).wait_for(Future[int]())


@pytest.mark.parametrize("raised", [ValueError, Gone])
def test_a_beat_that_raises_gives_up(raised: type[BaseException]) -> None:
    def beat() -> None:
        raise raised

    patience, began = Patience(20, beat), time.monotonic()
    worked_on = beside(lambda: patience.given_up.wait(10))
    with pytest.raises(raised):
        patience.wait_for(worked_on)
    assert time.monotonic() - began < 2
    assert worked_on.result(timeout=5) is True


def test_a_reserve_begins_after_its_head_start() -> None:
    began, at = time.monotonic(), list[float]()

    def work() -> str:
        at.append(time.monotonic())
        return "done"

    reserve = Reserve(work, 0.2)
    end = time.monotonic() + 5
    while not at and time.monotonic() < end:
        time.sleep(0.01)
    assert 0.2 <= at[0] - began < 2
    assert reserve.call_in(no_beat) == "done"
    assert len(at) == 1


def test_a_reserve_that_is_called_off_never_runs() -> None:
    ran = Event()
    reserve = Reserve(ran.set, 0.1)
    reserve.call_off()
    assert not ran.wait(0.3)


def test_a_reserve_that_is_called_in_runs_at_once_and_once() -> None:
    began, ran = time.monotonic(), list[int]()

    def work() -> str:
        ran.append(1)
        return "done"

    reserve = Reserve(work, 30)
    assert reserve.call_in(no_beat) == "done"
    assert reserve.call_in(no_beat) == "done"
    assert time.monotonic() - began < 2
    assert ran == [1]


def test_what_is_called_off_after_it_began_comes_to_its_end() -> None:
    begun, go_on, ended = Event(), Event(), Event()

    def work() -> str:
        begun.set()
        go_on.wait(5)
        ended.set()
        return "done"

    reserve = Reserve(work, 0)
    assert begun.wait(5)
    reserve.call_off()
    go_on.set()
    assert ended.wait(5)


@pytest.mark.parametrize("raised", [ValueError, Gone])
def test_what_a_reserve_raises_comes_out(raised: type[BaseException]) -> None:
    def work() -> str:
        raise raised("here")

    with pytest.raises(raised, match="here"):
        Reserve(work, 30).call_in(no_beat)


def test_waiting_for_a_reserve_is_told_and_may_be_given_up() -> None:
    go_on = Event()

    def beat() -> None:
        raise Gone

    reserve = Reserve(lambda: go_on.wait(5), 0)
    with pytest.raises(Gone):
        reserve.call_in(beat)
    go_on.set()
    assert reserve.call_in(no_beat) is True


def test_threads_come_to_their_end() -> None:
    before = threading.active_count()
    futures = [beside(lambda: 1) for _ in range(20)]
    assert sum(future.result(5) for future in futures) == 20
    end = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() <= before


ABANDONED = """
import sys
from agents.calls import Connection
from agents.endpoint import endpoint
from agents.llm import Request
from agents.model_failure import ModelFailed
from agents.patience import Patience, no_beat

def beat():
    raise KeyError("gone")

connection = Connection.to(endpoint(sys.argv[1], None, "scripted"))
connection.ready(no_beat)
for patience in (Patience(0.3), Patience(60, beat)):
    try:
        connection.ask("observer", Request([("user", "Are you there?")]), patience, [])
    except (ModelFailed, KeyError) as error:
        print(type(error).__name__, flush=True)
"""


def test_a_program_ends_although_a_request_is_still_under_way() -> None:
    with Loopback(lambda request: Broken("hang")) as server:
        command = [sys.executable, "-c", ABANDONED, server.url]
        with subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=-1, stderr=-1, text=True) as program:
            assert program.stdout
            assert program.stderr
            assert [program.stdout.readline(), program.stdout.readline()] == ["ModelFailed\n", "KeyError\n"]
            told = time.monotonic()
            assert (program.wait(timeout=20), program.stderr.read()) == (0, "")
            assert time.monotonic() - told < 5
