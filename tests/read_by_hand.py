"""Interviews and readings written down by hand: who asked what, what was answered, and what a reader made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agents.events import AnswerKind, Cleared, Directive, Observation, Reached
from agents.reading import Claim, Mistake, Reading, ReadTurn
from agents.state import Turn
from agents.transcript import Transcript
from knowledge.question import Question
from knowledge.terms import Level, Move, Rung
from tests.sample_question import sample_question

ANSWER = "I'd keep one copy in memory."


@dataclass(frozen=True)
class ReadByHand:
    """A reader that has its reading already, whatever the transcript says."""

    reading: Reading
    name: str = "by hand"
    estimate: str = "by hand"

    def read(self, transcript: Transcript) -> Reading:
        return self.reading


@dataclass
class Talk:
    """A conversation that grows by questions and answers; `transcript` and `reading` are what became of it."""

    question: Question = field(default_factory=sample_question)
    level: Level = Level.ADVANCED
    share: float = 0.0
    """Of the question's time; with none of it, only what was asked about counts."""
    turns: list[Turn] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    read: list[ReadTurn] = field(default_factory=list)

    @property
    def transcript(self) -> Transcript:
        return Transcript(self.question, self.level, tuple(self.turns), self.share)

    @property
    def reading(self) -> Reading:
        return Reading(tuple(self.claims), tuple(self.mistakes), tuple(self.read))

    def ask(self, move: Move, target: str | None = None, cleared: Cleared | None = None, phase: str = "") -> Talk:
        """A question of the interviewer's; its phase is the target's unless given."""
        phase = phase or (self.question.point(target).phase if target else "goal")
        directive = Directive(move=move, phase=phase, target=target, cleared=cleared)
        self.turns.append(Turn(2 * len(self.turns), "interviewer", "And then?", 0.0, directive))
        return self

    def say(
        self,
        text: str = ANSWER,
        kind: AnswerKind = AnswerKind.EXPLAINED,
        reached: dict[str, Rung] | None = None,
        probability: float = 0.9,
        **fields: Any,
    ) -> Talk:
        """An answer. Each point of `reached` is claimed with the whole answer as its quote."""
        turn = Turn(2 * len(self.turns), "candidate", text, 0.0)
        self.turns.append(turn)
        asked = next((t for t in reversed(self.turns) if t.speaker == "interviewer"), None)
        found = reached or {}
        seen = Observation(
            kind=kind,
            reached=tuple(Reached(point=p, rung=r, quote=text, probability=probability) for p, r in found.items()),
            **fields,
        )
        self.read.append(ReadTurn(turn.seq, text, asked.directive if asked else None, seen, is_sketch=False))
        self.claims += [Claim(p, r, turn.seq, text, probability) for p, r in found.items()]
        return self

    def exchange(self, move: Move, target: str | None, text: str = ANSWER, **fields: Any) -> Talk:
        """A question and its answer."""
        return self.ask(move, target).say(text, **fields)

    def sketch(self, text: str) -> Talk:
        """The candidate's notes, as they stand."""
        self.turns.append(Turn(2 * len(self.turns), "sketch", text, 0.0))
        self.read.append(ReadTurn(self.last, text, None, Observation(kind=AnswerKind.MENTIONED), is_sketch=True))
        return self

    def err(self, claim: str, challenged: bool = True, withdrawn: bool = False, quote: str = "") -> Talk:
        """A wrong claim in the last answer."""
        self.mistakes.append(Mistake(claim, self.last, quote or self.turns[-1].text, challenged, withdrawn))
        return self

    @property
    def last(self) -> int:
        """The number of the last turn."""
        return self.turns[-1].seq


def fact(text: str) -> Cleared:
    """A fact that may be told."""
    return Cleared(kind="fact", id="fact-1", text=text)
