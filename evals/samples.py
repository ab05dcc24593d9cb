"""Transcripts to be scored, as JSON lines in the chat format, with what people made of them.

    {"id": "...", "question_id": "SD02", "level": "Advanced", "messages": [{"role": "interviewer", "content": "..."},
     {"role": "candidate", "content": "..."}], "labels": {"NAME OF A READER": {...}}}

`role` may also be "assistant" (the interviewer) or "user" (the candidate). `labels` are optional.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.state import Turn
from agents.transcript import Transcript
from evals.json_lines import read_lines
from knowledge.question import Question
from knowledge.terms import Level

SPEAKERS: Mapping[str, Literal["interviewer", "candidate"]] = {
    "interviewer": "interviewer",
    "assistant": "interviewer",
    "candidate": "candidate",
    "user": "candidate",
}


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(_Record):
    """What one reader made of a transcript.

    `points`: expected point -> highest rung proven, 0..4. `areas`: area -> 1..5, None for not assessed. `wrong`: wrong
    claims made, "kept" or "withdrawn".
    """

    areas: dict[str, float | None]
    points: dict[str, int] = Field(default_factory=dict)
    wrong: dict[str, Literal["kept", "withdrawn"]] = Field(default_factory=dict)
    red_flags: tuple[str, ...] = ()
    differentiators: tuple[str, ...] = ()


class Message(_Record):
    role: Literal["interviewer", "candidate", "assistant", "user"]
    content: str


class Sample(_Record):
    """One transcript. `level` is that of the interview, None for the question's own."""

    id: str
    question_id: str
    level: Level | None = None
    messages: tuple[Message, ...]
    labels: dict[str, Label] = Field(default_factory=dict)

    def transcript(self, question: Question) -> Transcript:
        """As agents.assessor.assess takes it; a message's place is the number of its turn."""
        turns = (Turn(seq, SPEAKERS[m.role], m.content, 0.0) for seq, m in enumerate(self.messages))
        return Transcript(question, self.level or question.difficulty, tuple(turns))

    @property
    def answers(self) -> list[str]:
        """What the candidate said, turn by turn."""
        return [m.content for m in self.messages if SPEAKERS[m.role] == "candidate"]


def read_samples(path: Path, questions: Mapping[str, Question]) -> Iterator[Sample]:
    """The samples of a file, one at a time. ValueError with file and line for a line that cannot be used."""
    seen: set[str] = set()
    for place, sample in read_lines(path, Sample):
        if sample.question_id not in questions:
            raise ValueError(f"{place}: there is no question {sample.question_id} in the bank")
        if sample.id in seen:
            raise ValueError(f"{place}: the id {sample.id} stands on an earlier line, too")
        seen.add(sample.id)
        yield sample
