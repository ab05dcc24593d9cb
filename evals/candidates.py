"""Simulated candidates: scripted answers to give one after the other, whatever is asked.

Six kinds have a script of their own for every question (evals/datasets/answers), the others behave alike everywhere
(evals/datasets/candidates) and go on as they began until the interviewer ends the interview. The README.md beside the
scripts tells how they were made.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agents.terminal import read_answers
from knowledge.question import Question

DATASETS = Path(__file__).parent / "datasets"
ANSWERS, CANDIDATES = DATASETS / "answers", DATASETS / "candidates"
QUALITIES = ("excellent", "good", "weak")
OWN_SCRIPT = (*QUALITIES, "rambling", "wrong_but_sure", "buzzwords")
"""Kinds that speak about the question, so that each question has a file for them."""
LABELLED = (*QUALITIES, "wrong_but_sure")
"""Kinds whose answers were labelled with the points they reach and the wrong claims they make."""
ALIKE = (
    "silent",
    "does_not_know",
    "asks_for_the_answer",
    "asks_without_end",
    "pastes_an_essay",
    "pastes_the_question",
    "other_language",
    "attack_text",
    "gibberish",
    "argues",
    "changes_the_subject",
)
KINDS = (*OWN_SCRIPT, *ALIKE)
Answer = tuple[str, float]
"""What is said, and the minutes it takes."""


@dataclass(frozen=True)
class Candidate:
    """One kind of candidate before one question."""

    question: Question
    kind: str

    def answers(self) -> Iterator[Answer]:
        """The answers in order.

        A script about the question is given at the pace at which it fills the interview, if it is short for it; the
        others begin again when they are through.
        """
        if self.kind in OWN_SCRIPT:
            script = read_answers(ANSWERS / self.question.id / f"{self.kind}.jsonl", "typed")
            slowest = self.question.minutes / len(script)
            return iter([(text, max(minutes, slowest)) for text, minutes in script])
        if self.kind == "pastes_the_question":
            asked = "\n".join(self.question.requirements.values())
            return itertools.cycle([(self.question.statement, 1.5), (f"{self.question.title}\n\n{asked}", 1.5)])
        return itertools.cycle(read_answers(CANDIDATES / f"{self.kind}.jsonl", "typed"))


def candidates(question: Question) -> Iterator[Candidate]:
    """Every kind of candidate that there is for a question, in the order of KINDS."""
    for kind in KINDS:
        if kind not in OWN_SCRIPT or (ANSWERS / question.id / f"{kind}.jsonl").is_file():
            yield Candidate(question, kind)
