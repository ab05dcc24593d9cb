"""A transcript: what was said in order, with the directive behind each question where it is known.

The live log, an export and a team's recording all become one of these; agents/assessor.py scores nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agents.observer import Exchange
from agents.state import InterviewState, Turn
from knowledge.question import Question
from knowledge.terms import Level


@dataclass(frozen=True)
class Transcript:
    """`turns` in order. Candidate and sketch turns are the only ones that evidence may come from.

    `share` is 0..1: how much of the time that the question is made for there was.
    """

    question: Question
    level: Level
    turns: tuple[Turn, ...]
    share: float = 1.0

    def exchanges(self) -> Iterator[tuple[Turn, Exchange]]:
        """Every candidate or sketch turn with the question it answers."""
        asked: Turn | None = None
        for turn in self.turns:
            if turn.speaker == "interviewer":
                asked = turn
                continue
            sketch = turn.speaker == "sketch"
            yield (
                turn,
                Exchange(
                    asked=asked.text if asked and not sketch else "",
                    directive=asked.directive if asked and not sketch else None,
                    answer=turn.text,
                    is_sketch=sketch,
                ),
            )

    def contains(self, seq: int, quote: str) -> bool:
        """Whether `quote` stands literally in the candidate's turn number `seq`. Blank quotes never do."""
        if not quote.strip():
            return False
        return any(t.seq == seq and t.speaker != "interviewer" and quote in t.text for t in self.turns)


def transcript_of(state: InterviewState) -> Transcript:
    """The transcript of a live or finished interview."""
    share = min(1.0, state.elapsed() / state.question.minutes)
    return Transcript(state.question, state.opened.level, tuple(state.turns), share)
