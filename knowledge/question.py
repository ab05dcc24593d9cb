"""A question of the bank: what the interviewer may tell, what the observer listens for, what the assessor shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from knowledge.terms import Level, Move

QUESTIONS = Path(__file__).parent / "questions"


@dataclass(frozen=True)
class Fact:
    """Told when asked for, one at a time; an evidence card of a debugging question has the same shape."""

    id: str
    title: str
    text: str
    asked_as: tuple[str, ...]


@dataclass(frozen=True)
class Hint:
    """Stage 1 names an area, 2 a consequence, 3 a concept without its solution. `points` are where it leads."""

    stage: int
    text: str
    points: tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """Something that can be observed in an answer. `level` is the lowest at which it is expected."""

    id: str
    title: str
    area: str
    phase: str
    level: Level
    text: str
    topic: str
    wordings: tuple[str, ...]
    study: tuple[str, ...]


@dataclass(frozen=True)
class FollowUp:
    """A ready question for one point and one move; `strong` says what a strong answer holds."""

    id: str
    move: Move
    point: str
    text: str
    strong: str


@dataclass(frozen=True)
class WrongClaim:
    """A mistake people make here. Only `probe`, a scenario without the correction, is ever spoken."""

    id: str
    point: str
    claim: str
    wordings: tuple[str, ...]
    consequence: str
    probe: str


@dataclass(frozen=True)
class Figure:
    """A derived number. `text` is its arithmetic, which knowledge/figures.py recomputes; `assumes` names those of its
    numbers that the question does not give."""

    name: str
    text: str
    assumes: str


@dataclass(frozen=True)
class Question:
    """One question file, parsed. Texts are Markdown as written; `source` is the whole file; `found_by` are phrases that
    somebody types who looks for it."""

    id: str
    title: str
    category: str
    difficulty: Level
    minutes: int
    experience: str
    topics: tuple[str, ...]
    areas: tuple[str, ...]
    phases: tuple[str, ...]
    companies: tuple[str, ...]
    related: tuple[str, ...]
    resources: tuple[str, ...]
    sources: tuple[str, ...]
    not_first: tuple[str, ...]
    found_by: tuple[str, ...]
    reference: str | None
    statement: str
    requirements: dict[str, str]
    facts: tuple[Fact, ...]
    evidence: tuple[Fact, ...]
    hints: tuple[Hint, ...]
    figures: tuple[Figure, ...]
    points: tuple[Point, ...]
    follow_ups: tuple[FollowUp, ...]
    wrong_claims: tuple[WrongClaim, ...]
    solution_paths: dict[str, str]
    look_for: str
    red_flags: tuple[str, ...]
    bonus_points: tuple[str, ...]
    level_guide: dict[Level, str]
    cause: str
    senior_solution: dict[str, str]
    source: str

    def point(self, point_id: str) -> Point:
        """The point with this id. KeyError when there is none."""
        return self._points_by_id[point_id]

    @cached_property
    def _points_by_id(self) -> dict[str, Point]:
        return {p.id: p for p in self.points}


def statement_prose(statement: str) -> str:
    """The statement without its code fences: what the 90 words are counted over."""
    return "".join(part for i, part in enumerate(statement.split("```")) if i % 2 == 0).strip()
