"""The clock of an interview: what counts as its time, who may stop it, and when it closes."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.archive import CannotWrite
from agents.events import Away, Finished
from agents.session import AWAY_SECONDS, InterviewSession
from agents.terminal import SimulatedClock
from tests.quick_panel import MINUTES, Crowded, QuickListener, again, begun, kinds, log


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def listener() -> QuickListener:
    return QuickListener()


@pytest.fixture
def session(tmp_path: Path, clock: SimulatedClock, listener: QuickListener) -> InterviewSession:
    return begun(tmp_path, clock, listener)


def watched(session: InterviewSession, clock: SimulatedClock, minutes: float) -> None:
    """Lets the minutes pass with a page open, which reports every half minute."""
    for _ in range(round(minutes * 2)):
        clock.advance(0.5)
        session.tick()


def left(session: InterviewSession) -> float:
    return round(session.state.left(session.clock()), 6)


def test_time_runs_while_the_candidate_has_the_floor(
    session: InterviewSession, clock: SimulatedClock, listener: QuickListener
) -> None:
    clock.advance(3)
    assert left(session) == MINUTES - 3
    listener.meanwhile = lambda: clock.advance(2)  # the panel's own time is not the candidate's
    session.reply("Something.")
    assert left(session) == MINUTES - 3
    clock.advance(1)
    assert left(session) == MINUTES - 4


def test_pause_stops_the_clock(session: InterviewSession, clock: SimulatedClock) -> None:
    clock.advance(1)
    session.pause()
    session.pause()
    clock.advance(500)
    assert session.tick() is False
    assert left(session) == MINUTES - 1
    session.unpause()
    session.unpause()
    assert kinds(session, after=1) == ["paused", "resumed"]
    clock.advance(1)
    assert left(session) == MINUTES - 2


def test_reply_starts_a_stopped_clock(session: InterviewSession, clock: SimulatedClock) -> None:
    clock.advance(1)
    session.pause()
    clock.advance(500)
    session.reply("I am back.")
    assert kinds(session, after=1) == ["paused", "resumed", "said", "observed", "asked"]
    assert not session.state.paused
    clock.advance(1)
    assert left(session) == MINUTES - 2


def test_pause_lasts_over_a_new_start(session: InterviewSession, clock: SimulatedClock, tmp_path: Path) -> None:
    session.pause()
    clock.advance(10_000)
    later = again(session, tmp_path)
    later.resume()
    assert (later.state.paused, left(later)) == (True, MINUTES)


def test_time_over_closes_without_a_turn(session: InterviewSession, clock: SimulatedClock) -> None:
    watched(session, clock, MINUTES - 0.5)
    assert kinds(session) == ["opened", "asked"]
    clock.advance(0.5)
    assert session.tick() is True
    finished = log(session)[2]
    assert isinstance(finished, Finished)
    assert finished.reason == "time"
    assert kinds(session) == ["opened", "asked", "finished", "scored"]
    assert session.tick() is False


def test_resume_closes_on_time(session: InterviewSession, clock: SimulatedClock, tmp_path: Path) -> None:
    watched(session, clock, MINUTES - 0.5)
    clock.advance(1)
    again(session, tmp_path).resume()
    assert kinds(session) == ["opened", "asked", "finished", "scored"]


def test_an_answer_begun_in_time_is_taken(session: InterviewSession, clock: SimulatedClock) -> None:
    clock.advance(MINUTES + 5)
    session.reply("A last word.")
    assert kinds(session) == ["opened", "asked", "said", "observed", "finished", "scored"]
    assert session.state.turns[-1].text == "A last word."


def test_thinking_counts(session: InterviewSession, clock: SimulatedClock) -> None:
    watched(session, clock, 40)
    assert kinds(session) == ["opened", "asked"]
    assert left(session) == 5


def test_an_hours_sleep_is_forgiven(session: InterviewSession, clock: SimulatedClock) -> None:
    watched(session, clock, 10)
    clock.advance(60)
    assert session.tick() is True
    away = log(session)[2]
    assert isinstance(away, Away)
    assert away.seconds == 3600
    assert left(session) == MINUTES - 10
    watched(session, clock, 5)
    assert left(session) == MINUTES - 15
    assert kinds(session, after=2) == []


def test_a_nights_sleep_is_forgiven_to_another_process(
    session: InterviewSession, clock: SimulatedClock, tmp_path: Path
) -> None:
    session.reply("Something.")
    watched(session, clock, 10)
    clock.advance(600)
    later = again(session, tmp_path)
    later.resume()
    assert (left(later), later.state.finished) == (MINUTES - 10, None)
    later.reply("Good morning.")
    assert left(later) == MINUTES - 10


@pytest.mark.parametrize(("seconds", "counts"), [(AWAY_SECONDS, True), (AWAY_SECONDS + 1, False)])
def test_a_slow_page_is_no_absence(
    session: InterviewSession, clock: SimulatedClock, seconds: float, counts: bool
) -> None:
    for _ in range(3):
        clock.advance(seconds / 60)
        session.tick()
    assert left(session) == round(MINUTES - counts * 3 * seconds / 60, 6)


def test_an_absence_that_could_not_be_written_is_not_forgotten(
    session: InterviewSession, clock: SimulatedClock
) -> None:
    clock.advance(60)

    def full() -> None:
        raise CannotWrite("the disk is full")

    assert isinstance(session.archive, Crowded)
    session.archive.first = full
    with pytest.raises(CannotWrite):
        session.tick()
    clock.advance(1)
    assert session.tick() is True
    assert left(session) == MINUTES


def test_absence_while_the_panel_was_at_work_does_not_count(
    session: InterviewSession, clock: SimulatedClock, listener: QuickListener, tmp_path: Path
) -> None:
    def dies() -> None:
        raise MemoryError

    clock.advance(2)
    listener.meanwhile = dies
    with pytest.raises(MemoryError):
        session.reply("Something.")
    clock.advance(600)
    later = again(session, tmp_path)
    later.resume()
    assert kinds(later)[-3:] == ["said", "observed", "asked"]
    assert left(later) == MINUTES - 2


def test_a_clock_set_back_counts_nothing(session: InterviewSession, clock: SimulatedClock, tmp_path: Path) -> None:
    clock.advance(10)
    session.reply("Something.")
    clock.advance(-120)
    assert session.tick() is False
    assert left(session) == MINUTES - 10
    session.reply("Something else.")
    assert left(session) == MINUTES - 10
    clock.advance(2)
    assert left(session) == MINUTES - 12
    later = again(session, tmp_path)
    later.resume()
    assert left(later) == MINUTES - 12
