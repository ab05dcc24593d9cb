"""A panel that is done at once: the real interviewer, and a listener that hears without a model. And others in the way.

`python -m tests.quick_panel FOLDER INTERVIEW NAME` answers as another process: for every line of its input, the number
of a question, it gives one answer to it and prints "taken" or "moved on".
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from agents.archive import Archive
from agents.events import AnswerKind, AnyEvent, Observation
from agents.interviewer import LocalInterviewer
from agents.observer import Exchange
from agents.panel import Panel
from agents.reading import Reading
from agents.session import Clock, InterviewSession, MovedOn
from agents.terminal import SimulatedClock
from agents.transcript import Transcript
from knowledge.question import QUESTIONS, Question
from knowledge.question_file import read_question
from knowledge.rubric import RUBRIC_FILE, load_rubric
from knowledge.terms import Level

FILE = QUESTIONS / "system-design" / "SD02.md"
MINUTES = 45.0


class QuickListener:
    """Hears that something was said or that nothing was. `meanwhile` happens once, while it listens."""

    name = estimate = "quick"

    def __init__(self) -> None:
        self.meanwhile: Callable[[], object] | None = None
        self.heard: list[str] = []

    def observe(self, question: Question, exchange: Exchange) -> Observation:
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()
        self.heard.append(exchange.answer)
        return Observation(kind=AnswerKind.VAGUE if exchange.answer.strip() else AnswerKind.STUCK)

    def read(self, transcript: Transcript) -> Reading:
        return Reading(unreadable="nobody has read it")


class Crowded(Archive):
    """An archive in which others are faster: `first` happens once, just before the next event is written."""

    first: Callable[[], object] | None = None
    patience = 100

    def append(self, interview: str, event: AnyEvent) -> None:
        self.patience -= 1
        assert self.patience, "somebody tries for ever"
        act, self.first = self.first, None
        if act is not None:
            act()
        super().append(interview, event)


@lru_cache(maxsize=1)
def question() -> Question:
    """A system design question."""
    return read_question(FILE)


def begun(folder: Path, clock: SimulatedClock, listener: QuickListener | None = None) -> InterviewSession:
    """An interview of 45 minutes that was just begun in a `Crowded` archive."""
    listener = listener or QuickListener()
    panel = Panel("quick", listener, LocalInterviewer(), listener)
    archive, rubric = Crowded(folder / "greenroom.db"), load_rubric(RUBRIC_FILE)
    return InterviewSession.start(archive, panel, rubric, question(), Level.ADVANCED, MINUTES, clock=clock)


def opened(folder: Path, interview: str, clock: Clock) -> InterviewSession:
    """An interview that was begun before."""
    listener = QuickListener()
    panel = Panel("quick", listener, LocalInterviewer(), listener)
    return InterviewSession(Archive(folder / "greenroom.db"), panel, load_rubric(RUBRIC_FILE), interview, clock)


def again(session: InterviewSession, folder: Path) -> InterviewSession:
    """The same interview as another window or process would find it."""
    return opened(folder, session.interview, session.clock)


def log(session: InterviewSession) -> list[AnyEvent]:
    """Everything that is stored."""
    return session.archive.events(session.interview)


def kinds(session: InterviewSession, after: int = -1) -> list[str]:
    """The kinds of the events that are stored, from the one after number `after`."""
    return [event.kind for event in log(session) if event.seq > after]


def main(folder: str, interview: str, name: str) -> None:
    session = opened(Path(folder), interview, SimulatedClock())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        try:
            session.reply(f"{name} answers {line.strip()}", seen=int(line))
            outcome = "taken"
        except MovedOn:
            outcome = "moved on"
        sys.stdout.write(f"{outcome}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
