"""Whole interviews with the scripted candidates of evals/datasets/answers, held by the local panel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from agents.archive import Archive
from agents.events import AnyEvent
from agents.panel import Panel
from agents.session import InterviewSession
from agents.state import InterviewState, Turn
from agents.terminal import SimulatedClock, read_answers
from knowledge.bank import load_bank
from knowledge.question import Question
from knowledge.rubric import load_rubric

ANSWERS = Path(__file__).parents[1] / "evals" / "datasets" / "answers"
QUESTIONS = ("CD01", "DB01", "SD02", "SD06")
"""Four of the bank: an interview takes seconds, and `python -m evals interview` holds them all."""
CANDIDATES = [(question, quality) for question in QUESTIONS for quality in ("excellent", "good", "weak")]
"""(question, quality) of every scripted candidate."""


@dataclass(frozen=True)
class Held:
    """An interview that is over: its log and the fold of it."""

    question: str
    quality: str
    events: list[AnyEvent]
    state: InterviewState

    @property
    def turns(self) -> list[Turn]:
        """What was said, sketches left out."""
        return [t for t in self.state.turns if t.speaker != "sketch"]


@lru_cache
def answers(question: str, quality: str) -> tuple[tuple[str, float], ...]:
    """(text, minutes) of each answer of a scripted candidate."""
    return tuple(read_answers(ANSWERS / question / f"{quality}.jsonl", "typed"))


@lru_cache(maxsize=1)
def bank() -> dict[str, Question]:
    """The shipped questions."""
    return load_bank().questions


def hold(panel: Panel, folder: Path, question: str, quality: str, rounds: int = 1) -> Held:
    """Gives the answers one by one, `rounds` times over, until they or the time run out."""
    clock, archive = SimulatedClock(), Archive.in_folder(folder)
    asked = bank()[question]
    session = InterviewSession.start(
        archive, panel, load_rubric(), asked, asked.difficulty, asked.minutes, "typed", clock
    )
    for text, minutes in answers(question, quality) * rounds:
        if session.state.finished:
            break
        clock.advance(minutes)
        session.reply(text)
    session.finish("answers_ran_out")
    events = archive.events(session.interview)
    archive.close()
    return Held(question, quality, events, session.state)
