"""Several windows on one interview, in one process and in two: no text is stored twice, none is lost without a word."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from agents.archive import Archive, UnknownInterview
from agents.events import Said
from agents.session import InterviewSession, MovedOn
from agents.state import fold
from agents.terminal import SimulatedClock
from tests.quick_panel import Crowded, QuickListener, again, begun, kinds, log

ROOT = Path(__file__).parents[1]
ROUNDS = 4


@pytest.fixture
def listener() -> QuickListener:
    return QuickListener()


@pytest.fixture
def here(tmp_path: Path, listener: QuickListener) -> InterviewSession:
    """An interview in this window."""
    return begun(tmp_path, SimulatedClock(), listener)


@pytest.fixture
def there(here: InterviewSession, tmp_path: Path) -> InterviewSession:
    """The same interview in another window."""
    return again(here, tmp_path)


def first(session: InterviewSession, act: Callable[[], object]) -> None:
    """Has somebody else act just before the session's next event is written."""
    assert isinstance(session.archive, Crowded)
    session.archive.first = act


def said(session: InterviewSession) -> list[str]:
    return [event.text for event in log(session) if isinstance(event, Said)]


def test_an_answer_to_an_old_question_is_given_back(here: InterviewSession, there: InterviewSession) -> None:
    drawn = there.last_asked
    here.reply("From here.", seen=here.last_asked)
    with pytest.raises(MovedOn, match="was not sent"):
        there.reply("From there.", seen=drawn)
    with pytest.raises(MovedOn):
        there.ask_for_hint(seen=drawn)
    assert said(here) == ["From here."]
    assert there.state.turns == here.state.turns  # what happened meanwhile was taken in
    there.reply("From there.", seen=there.last_asked)
    assert said(here) == ["From here.", "From there."]


def test_nothing_is_taken_while_an_answer_is_heard(
    here: InterviewSession, there: InterviewSession, listener: QuickListener
) -> None:
    refused: list[str] = []

    def interrupt() -> None:
        with pytest.raises(MovedOn) as error:
            there.reply("From there.")
        refused.append(str(error.value))

    listener.meanwhile = interrupt
    here.reply("From here.")
    assert len(refused) == 1
    assert said(here) == ["From here."]
    assert kinds(here, after=1) == ["said", "observed", "asked"]


def test_of_two_at_the_same_moment_one_is_given_back(here: InterviewSession, there: InterviewSession) -> None:
    first(here, lambda: there.reply("From there."))
    with pytest.raises(MovedOn):
        here.reply("From here.")
    assert said(here) == ["From there."]
    assert here.state.last_seq == there.state.last_seq


ASIDE: dict[str, Callable[[InterviewSession], object]] = {
    "notes": lambda session: session.sketch("80 GB", ""),
    "pause": lambda session: session.pause(),
}


@pytest.mark.parametrize("name", ASIDE)
def test_what_does_not_change_the_question_is_no_reason_to_refuse(
    here: InterviewSession, there: InterviewSession, name: str
) -> None:
    first(here, lambda: ASIDE[name](there))
    here.reply("From here.", seen=here.last_asked)
    assert said(here) == ["From here."]
    assert not here.state.paused


def test_a_clock_started_elsewhere_is_no_reason_to_refuse(here: InterviewSession, there: InterviewSession) -> None:
    here.pause()
    there.refresh()
    first(here, there.unpause)
    here.reply("From here.")
    assert kinds(here, after=1) == ["paused", "resumed", "said", "observed", "asked"]


BUTTONS: dict[str, tuple[Callable[[InterviewSession], object], str]] = {
    "pause": (lambda session: session.pause(), "paused"),
    "notes": (lambda session: session.sketch("40 GB", "graph TD"), "sketched"),
    "end": (lambda session: session.finish(), "finished"),
}


@pytest.mark.parametrize("name", BUTTONS)
def test_a_button_works_although_another_window_was_faster(
    here: InterviewSession, there: InterviewSession, name: str
) -> None:
    press, written = BUTTONS[name]
    first(here, lambda: there.reply("From there."))
    press(here)
    assert written in kinds(here)
    assert here.state == fold(log(here))


def test_a_pending_step_is_done_once(here: InterviewSession, there: InterviewSession, listener: QuickListener) -> None:
    listener.meanwhile = there.resume
    here.reply("From here.")
    assert kinds(here, after=1) == ["said", "observed", "asked"]
    assert here.state == fold(log(here))


def test_an_end_from_elsewhere_ends_it_here(
    here: InterviewSession, there: InterviewSession, listener: QuickListener
) -> None:
    listener.meanwhile = there.finish
    state = here.reply("From here.")
    assert kinds(here, after=1) == ["said", "finished", "scored"]
    assert state.scorecard == there.state.scorecard


DELETED: dict[str, Callable[[InterviewSession], object]] = {
    "reply": lambda session: session.reply("Hello?"),
    "hint": lambda session: session.ask_for_hint(),
    "pause": lambda session: session.pause(),
    "notes": lambda session: session.sketch("80 GB", ""),
    "end": lambda session: session.finish(),
}


@pytest.mark.parametrize("name", DELETED)
def test_a_deleted_interview_stays_deleted(here: InterviewSession, there: InterviewSession, name: str) -> None:
    there.archive.delete(here.interview)
    with pytest.raises(UnknownInterview, match="may have been deleted"):
        DELETED[name](here)
    assert there.archive.interviews() == []


def test_deleted_while_an_answer_is_heard(
    here: InterviewSession, there: InterviewSession, listener: QuickListener
) -> None:
    listener.meanwhile = lambda: there.archive.delete(here.interview)
    with pytest.raises(UnknownInterview):
        here.reply("From here.")
    assert listener.heard == ["From here."]  # once, and not for ever


def test_an_older_copy_of_the_log_is_gone_on_with(here: InterviewSession, there: InterviewSession) -> None:
    older = log(here)
    here.reply("From here.")
    there.archive.delete(here.interview)
    for event in older:
        there.archive.append(here.interview, event)
    here.sketch("80 GB", "")
    assert kinds(here) == ["opened", "asked", "sketched"]
    assert here.state == fold(log(here))


# Two processes


def line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


def tell(stream: IO[str] | None, text: str) -> None:
    assert stream is not None
    stream.write(f"{text}\n")
    stream.flush()


def test_two_processes_answer_the_same_question(here: InterviewSession, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.quick_panel", str(tmp_path), here.interview]
    others = [
        subprocess.Popen([*command, name], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for name in ("A", "B")
    ]
    try:
        assert [line(other.stdout) for other in others] == ["ready", "ready"]
        for _ in range(ROUNDS):
            here.refresh()
            for other in others:
                tell(other.stdin, str(here.last_asked))
            assert sorted(line(other.stdout) for other in others) == ["moved on", "taken"]
    finally:
        for other in others:
            other.kill()
            other.communicate()
    here.refresh()
    assert kinds(here, after=1) == ["said", "observed", "asked"] * ROUNDS
    assert [event.seq for event in log(here)] == list(range(2 + 3 * ROUNDS))
    asked = [1 + 3 * n for n in range(ROUNDS)]
    assert [text.partition(" ")[2] for text in said(here)] == [f"answers {seq}" for seq in asked]
    assert Archive(tmp_path / "greenroom.db").interviews()[0].answers == ROUNDS
