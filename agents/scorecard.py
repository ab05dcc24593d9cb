"""The scorecard: what an assessor hands over, as data. Computed in agents/assessor.py, drawn by the pages."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from agents.work import Work
from knowledge.terms import Level, Rung


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(_Record):
    """`quote` stands verbatim in the candidate's turn with event number `turn`."""

    point: str | None
    turn: int
    quote: str
    rung: Rung | None = None


class AreaScore(_Record):
    """One area: `score` 1..5 to two places, `low`..`high` its range.

    None when it was never asked about, or when the verdict on it could not be used: then `unscored` says why.
    """

    id: str
    name: str
    weight: float
    score: float | None
    low: float | None = None
    high: float | None = None
    anchor: str = ""
    caps: tuple[str, ...] = ()
    unscored: str = ""
    evidence: tuple[Evidence, ...] = ()


class PointResult(_Record):
    """How far one expected point was proven. `asked` is False when neither side brought it up."""

    id: str
    title: str
    text: str
    area: str
    rung: Rung
    asked: bool
    probability: float = 0.0
    evidence: tuple[Evidence, ...] = ()


class Finding(_Record):
    """A red flag, a differentiator or a wrong claim, with the quotes that prove it."""

    id: str
    text: str
    evidence: tuple[Evidence, ...] = ()


class CriterionScore(_Record):
    """One of the interviewer's criteria, reported beside the areas and never added to them."""

    id: str
    name: str
    score: float | None
    anchor: str = ""


class Improvement(_Record):
    """One thing that would raise the score most: the point missed, why it counts, what to study."""

    point: str
    title: str
    advice: str
    topics: tuple[str, ...]
    resources: tuple[str, ...] = ()


class Scorecard(_Record):
    """The whole result. `overall` is the weighted mean over assessed areas, None when nothing could be assessed.

    `coverage` is the share (0..1) of the rubric's weight that was assessed; `unscored` says why there is no score.
    `work` is what reading the transcript asked of a model.
    """

    question: str
    title: str
    level: Level
    kind: str
    overall: float | None
    low: float | None = None
    high: float | None = None
    coverage: float
    bar: str | None = None
    bar_notes: tuple[str, ...] = ()
    unscored: str | None = None
    areas: tuple[AreaScore, ...] = ()
    criteria: tuple[CriterionScore, ...] = ()
    points: tuple[PointResult, ...] = ()
    wrong_claims: tuple[Finding, ...] = ()
    red_flags: tuple[Finding, ...] = ()
    differentiators: tuple[Finding, ...] = ()
    improvements: tuple[Improvement, ...] = ()
    next_question: str | None = None
    rejected_quotes: int = 0
    assessor: str
    rubric: str
    rubric_fingerprint: str
    question_fingerprint: str
    turns: int = 0
    work: Work | None = None
    version: int = 2
