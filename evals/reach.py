"""Which of some expected points an answer reaches, by the local panel's ear, for points and answers from anywhere.

    {"id": "...", "question": "the question's text", "points": [{"id": "P1", "text": "..."}], "answer": "..."}

becomes {"id", "points": [{"id", "rung", "probability", "quote"}], "coverage"}: `rung` 0 (not said) to 4 as in
agents/rungs.py, `probability` that the point is reached at all, `coverage` the mean of the probabilities, 0 to 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agents.ear import Ear, Heard, Statement
from agents.observer import EXPLAINED, MENTIONED, context
from agents.rungs import rung_of
from evals.json_lines import read_lines
from knowledge.embedder import MiniLM
from knowledge.terms import Rung
from knowledge.words import content_stems


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class PointText(_Record):
    id: str
    text: str = Field(min_length=1)


class Case(_Record):
    """One line of the file."""

    id: str
    question: str = ""
    points: tuple[PointText, ...] = Field(min_length=1)
    answer: str


def reached(path: Path, ear: Ear | None = None) -> Iterator[dict[str, Any]]:
    """A result for each line of `path`, in its order. ValueError with file and line for one that cannot be used."""
    ear = ear or Ear(MiniLM(threads=2))
    for _, case in read_lines(path, Case):
        yield result(case, ear)


def result(case: Case, ear: Ear) -> dict[str, Any]:
    """How far each point of a case is reached. An answer of no words reaches nothing: coverage is exactly 0."""
    stretches = ear.stretches(case.answer)
    statements = [Statement(p.id, (p.text,)) for p in case.points]
    heard = ear.listen(statements, stretches, frozenset(content_stems(case.question)))
    found = [_point(case.answer, h) for h in heard] or [
        {"id": p.id, "rung": 0, "probability": 0.0, "quote": ""} for p in case.points
    ]
    return {
        "id": case.id,
        "points": found,
        "coverage": round(sum(point["probability"] for point in found) / len(found), 4),
    }


def _point(answer: str, heard: Heard) -> dict[str, Any]:
    rung = Rung.UNSEEN
    if heard.probability >= MENTIONED:
        rung = rung_of(heard.quote, context(answer, heard), heard.overlap, heard.probability, None, False)
        if heard.probability < EXPLAINED:
            rung = min(rung, Rung.MENTIONED)
    quote = heard.quote if rung else ""
    return {"id": heard.id, "rung": int(rung), "probability": round(heard.probability, 4), "quote": quote}


def as_json(found: dict[str, Any]) -> str:
    """A result as one line of JSON."""
    return json.dumps(found, ensure_ascii=False)
