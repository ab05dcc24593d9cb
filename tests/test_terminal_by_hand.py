"""An interview by hand: what a person can type, and what happens when two of them do or one of them leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from agents.events import Finished, Said
from agents.session import LONGEST_ANSWER, InterviewSession
from agents.terminal import SimulatedClock, run_by_hand
from tests.quick_panel import MINUTES, again, begun, kinds, log

Typed = str | type[BaseException] | Callable[[], object]


def typing(things: Iterable[Typed]) -> Callable[[str], str]:
    """Somebody at a keyboard: types strings line by line, raises what is an error, calls what can be called, leaves."""
    waiting = iter(things)

    def read(prompt: str) -> str:
        for thing in waiting:
            if isinstance(thing, str):
                return thing
            if isinstance(thing, type):
                raise thing
            thing()
        raise EOFError

    return read


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def session(tmp_path: Path, clock: SimulatedClock) -> InterviewSession:
    return begun(tmp_path, clock)


def said(session: InterviewSession) -> list[str]:
    return [event.text for event in log(session) if isinstance(event, Said)]


def test_a_whole_interview(session: InterviewSession, capsys: pytest.CaptureFixture[str]) -> None:
    card = run_by_hand(session, read=typing(["Who reads it?", "", "Ten shops.", "Each sends 100 a day.", "", "/end"]))
    assert said(session) == ["Who reads it?", "Ten shops.\nEach sends 100 a day."]
    assert card is not None
    out = capsys.readouterr().out
    assert out.count("Interviewer: ") == 3
    assert session.state.question.statement in out
    assert "Not scored: nobody has read it" in out


def test_empty_lines_before_an_answer_or_a_command_are_nothing(session: InterviewSession) -> None:
    run_by_hand(session, read=typing(["", "  ", "", "Ten shops.", "", "", "/hint", "", "/end"]))
    assert said(session) == ["Ten shops.", ""]
    assert kinds(session)[-2:] == ["finished", "scored"]


def test_code_keeps_its_empty_lines(session: InterviewSession) -> None:
    code = ["Like this:", "```python", "a = 1", "", "/end", "b = 2", "```", "with ``` in a line ```", ""]
    run_by_hand(session, read=typing(code))
    assert said(session) == ["\n".join(code[:-1])]


def test_a_line_that_only_begins_with_a_slash_is_an_answer(session: InterviewSession) -> None:
    lines = ["/predict takes one order,", "/train all of them.", ""]
    run_by_hand(session, read=typing(lines))
    assert said(session) == ["\n".join(lines[:2])]


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("/help", "Commands: /hint  /time  /pause  /end  /help"),
        ("/TIME ", f"42 of {MINUTES:g} minutes left; part: "),
        ("/hnit", "There is no command /hnit. Finish an answer with an empty line."),
    ],
)
def test_a_command_is_no_answer(
    session: InterviewSession, clock: SimulatedClock, capsys: pytest.CaptureFixture[str], command: str, shown: str
) -> None:
    run_by_hand(session, read=typing([lambda: clock.advance(3), command]))
    assert shown in capsys.readouterr().out.split("Where would you like to begin?")[1]
    assert said(session) == []


def test_pause_lasts_until_the_next_answer(session: InterviewSession, clock: SimulatedClock) -> None:
    coffee: list[Typed] = [
        lambda: clock.advance(1),
        "/pause",
        lambda: clock.advance(60),
        "/time",
        "I am back.",
        "",
        "/end",
    ]
    run_by_hand(session, read=typing(coffee))
    assert kinds(session, after=1)[:3] == ["paused", "resumed", "said"]
    assert session.state.elapsed() == 1


@pytest.mark.parametrize("leaving", [EOFError, KeyboardInterrupt])
def test_who_leaves_is_told_how_to_come_back(
    session: InterviewSession, capsys: pytest.CaptureFixture[str], leaving: type[BaseException]
) -> None:
    assert run_by_hand(session, read=typing([leaving])) is None
    assert kinds(session)[-1] == "paused"
    out = capsys.readouterr().out
    assert out.endswith(f"\nPaused. Go on with: python -m agents interview --resume {session.interview}\n")
    run_by_hand(session, "greenroom again", typing([leaving]))
    assert capsys.readouterr().out.endswith("\nPaused. Go on with: greenroom again\n")


def test_words_before_the_end_of_the_input_are_taken(session: InterviewSession) -> None:
    run_by_hand(session, read=typing(["Ten shops.", "Each sends 100 a day.", EOFError]))
    assert said(session) == ["Ten shops.\nEach sends 100 a day."]
    assert kinds(session)[-1] == "paused"


def test_an_answer_that_comes_late_is_the_last_one(session: InterviewSession, clock: SimulatedClock) -> None:
    card = run_by_hand(session, read=typing([lambda: clock.advance(MINUTES + 1), "A last word.", ""]))
    assert card is not None
    assert said(session) == ["A last word."]
    finished = log(session)[-2]
    assert isinstance(finished, Finished)
    assert finished.reason == "time"


def test_too_long_an_answer_is_refused_and_the_interview_goes_on(
    session: InterviewSession, capsys: pytest.CaptureFixture[str]
) -> None:
    run_by_hand(session, read=typing(["x" * (LONGEST_ANSWER + 1), "", "In short: x.", ""]))
    assert said(session) == ["In short: x."]
    assert "20,001 characters" in capsys.readouterr().out


def test_another_window_was_faster(
    session: InterviewSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = again(session, tmp_path)
    run_by_hand(session, read=typing([lambda: there.reply("From there."), "From here.", "", "And now?", ""]))
    assert said(session) == ["From there.", "And now?"]
    out = capsys.readouterr().out
    assert "Your text was not sent" in out
    asked = [turn.text for turn in session.state.asked]
    assert [text in out for text in asked] == [True, True, True]


def test_another_window_has_ended_it(
    session: InterviewSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = again(session, tmp_path)
    card = run_by_hand(session, read=typing([there.finish, "/hint"]))
    assert card == there.state.scorecard
    assert "Your text was not sent" in capsys.readouterr().out
    assert said(session) == []
