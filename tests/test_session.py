"""One window on one interview: every step, the clock, and what is never lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.archive import UnknownInterview
from agents.events import Asked, Finished, Opened, Said, Sketched
from agents.session import LONGEST_ANSWER, AnswerTooLong, InterviewSession, MovedOn
from agents.terminal import SimulatedClock
from knowledge.question_file import read_question
from knowledge.terms import Level, Move
from tests.quick_panel import FILE, MINUTES, QuickListener, again, begun, kinds, log, question


@pytest.fixture
def listener() -> QuickListener:
    return QuickListener()


@pytest.fixture
def session(tmp_path: Path, listener: QuickListener) -> InterviewSession:
    return begun(tmp_path, SimulatedClock(), listener)


# The steps


def test_start_opens_the_log_and_asks(session: InterviewSession) -> None:
    opened, asked = log(session)
    assert isinstance(opened, Opened)
    assert (opened.question_id, opened.question_source) == ("SD02", question().source)
    assert (opened.level, opened.minutes, opened.pace, opened.taster) == (Level.ADVANCED, MINUTES, "typed", False)
    assert (opened.rubric, opened.panel) == ("greenroom", "quick")
    assert isinstance(asked, Asked)
    assert asked.directive.move is Move.OPEN
    assert question().statement in asked.text
    assert (session.state.pending, session.last_asked) == (None, 1)


def test_interviews_have_names_of_their_own(session: InterviewSession) -> None:
    archive, panel, rubric = session.archive, session.panel, session.rubric
    other = InterviewSession.start(
        archive, panel, rubric, question(), Level.EXPERT, 20, "spoken", session.clock, taster=True
    )
    assert other.interview != session.interview
    opened = log(other)[0]
    assert isinstance(opened, Opened)
    assert (opened.level, opened.minutes, opened.pace, opened.taster) == (Level.EXPERT, 20, "spoken", True)


def test_reply_is_observed_and_answered(session: InterviewSession, listener: QuickListener) -> None:
    state = session.reply("I'd ask who reads it.", seen=session.last_asked)
    assert kinds(session, after=1) == ["said", "observed", "asked"]
    assert listener.heard == ["I'd ask who reads it."]
    assert state.pending is None
    assert [turn.speaker for turn in state.turns] == ["interviewer", "candidate", "interviewer"]


def test_words_are_in_the_log_before_anybody_listens(
    session: InterviewSession, listener: QuickListener, tmp_path: Path
) -> None:
    seen: list[list[str]] = []
    listener.meanwhile = lambda: seen.append(kinds(again(session, tmp_path)))
    session.reply("First things first.")
    assert seen == [["opened", "asked", "said"]]


def test_hint(session: InterviewSession) -> None:
    session.ask_for_hint(seen=session.last_asked)
    said, asked = log(session)[2], log(session)[4]
    assert isinstance(said, Said)
    assert (said.text, said.wants_hint) == ("", True)
    assert isinstance(asked, Asked)
    assert (asked.directive.move, asked.directive.hint_stage) == (Move.HINT, 1)
    assert question().hints[0].text in asked.text


def test_finish_scores_once(session: InterviewSession) -> None:
    session.reply("Something.")
    state = session.finish()
    finished = log(session)[-2]
    assert isinstance(finished, Finished)
    assert finished.reason == "candidate"
    assert kinds(session)[-2:] == ["finished", "scored"]
    assert state.scorecard is not None
    assert state.scorecard.unscored == "nobody has read it"
    before = log(session)
    assert session.finish("answers_ran_out").scorecard == state.scorecard
    assert session.resume().scorecard == state.scorecard
    assert log(session) == before


def test_after_the_end_nothing_is_taken(session: InterviewSession) -> None:
    session.finish()
    before = log(session)
    for late in (session.reply, lambda _: session.ask_for_hint()):
        with pytest.raises(MovedOn, match="was not sent"):
            late("One more thing.")
    session.pause()
    session.unpause()
    session.sketch("notes", "")
    assert session.tick() is False
    assert log(session) == before


@pytest.mark.parametrize("last", ["opened", "said", "observed", "finished"])
def test_resume_does_what_is_pending(session: InterviewSession, last: str) -> None:
    session.reply("Something.")
    session.finish()
    whole = log(session)
    for event in whole[: kinds(session).index(last) + 1]:
        session.archive.append("copy", event)
    copy = InterviewSession(session.archive, session.panel, session.rubric, "copy", session.clock)
    copy.resume()
    if last == "finished":
        assert log(copy) == whole
    else:
        assert copy.state.pending is None
        assert log(copy) == whole[: whole.index(copy.archive.events("copy")[-1]) + 1]
        assert kinds(copy)[-1] == "asked"


def test_unknown_interview(session: InterviewSession) -> None:
    with pytest.raises(UnknownInterview, match="there is no interview nowhere"):
        InterviewSession(session.archive, session.panel, session.rubric, "nowhere")


def test_edited_question_does_not_change_the_interview(session: InterviewSession, tmp_path: Path) -> None:
    file, original = tmp_path / "SD02.md", FILE.read_text(encoding="utf-8")
    file.write_text(original, encoding="utf-8")
    first = read_question(file)
    begun_with = InterviewSession.start(
        session.archive, session.panel, session.rubric, first, Level.ADVANCED, MINUTES, clock=session.clock
    )
    edited = original.replace(first.statement, "Build something else.").replace(first.points[0].text, "A new point.")
    file.write_text(edited, encoding="utf-8")
    assert (read_question(file).statement, read_question(file).points[0].text) == (
        "Build something else.",
        "A new point.",
    )
    later = again(begun_with, tmp_path)
    assert later.state.question == first
    later.reply("Something.")
    file.unlink()
    assert again(begun_with, tmp_path).finish().question == first


# What may be said


def test_too_long_an_answer_keeps_nothing(session: InterviewSession) -> None:
    before = log(session)
    with pytest.raises(AnswerTooLong, match=r"20,001 characters; 20,000 fit"):
        session.reply("x" * (LONGEST_ANSWER + 1))
    with pytest.raises(AnswerTooLong, match=r"20,000 characters at most"):
        session.sketch("x" * LONGEST_ANSWER, "y")
    assert log(session) == before
    assert (session.state.pending, session.state.notes) == (None, "")


def test_longest_answer_is_kept_whole(session: InterviewSession) -> None:
    text = "x" * LONGEST_ANSWER
    session.reply("\0" + text)  # what is not kept does not count
    assert [e.text for e in log(session) if isinstance(e, Said)] == [text]


DIRTY = "a\0b\x1b[31mc\x07\x9b0m\td\r\ne\rf\u2028g\u2029h\x0ci\x0bj\x85k\ufeff\ud800l\x7f 😀 é"
CLEAN = "ab[31mc0m\td\ne\nf\ng\nh\ni\nj\nkl 😀 é"


def test_control_characters_are_removed(session: InterviewSession) -> None:
    session.reply(DIRTY)
    session.sketch(DIRTY, f"graph TD\r\n{DIRTY}")
    said, sketched = log(session)[2], log(session)[-1]
    assert isinstance(said, Said)
    assert isinstance(sketched, Sketched)
    assert (said.text, sketched.notes, sketched.diagram) == (CLEAN, CLEAN, f"graph TD\n{CLEAN}")


def test_sketch_is_kept_when_it_changed(session: InterviewSession) -> None:
    session.sketch("80 GB", "graph TD\n  A --> B")
    session.sketch("80 GB", "graph TD\n  A --> B")
    assert kinds(session, after=1) == ["sketched"]
    session.sketch("", "")
    assert kinds(session, after=1) == ["sketched", "sketched"]
    assert [turn.speaker for turn in session.state.turns] == ["interviewer"]
    session.sketch("40 GB", "")
    session.reply("Something.")
    assert [turn.text for turn in session.state.turns if turn.speaker == "sketch"] == ["40 GB"]
