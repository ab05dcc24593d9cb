"""The areas' scores: from their points, or from a reader's own numbers; in both ways bounded by the evidence.

Each comes three times: as read, and at the least and the most that the reader's doubts allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from agents.events import NO_CONTENT
from agents.reading import AreaVerdict, Claim, Reading
from agents.scorecard import Finding
from agents.scoring import Assessed, area_score, judged_score
from agents.transcript import Transcript
from knowledge.question import Question
from knowledge.rubric import Rubric
from knowledge.terms import Rung

SURE = 0.85
"""A claim less probable than this may be one rung off either way, which makes the score's range."""


def best_claims(claims: Sequence[Claim]) -> dict[str, Claim]:
    """The highest rung per point; of equals the surest, of those the first."""
    best: dict[str, Claim] = {}
    for claim in (c for c in claims if c.point):
        known = best.get(claim.point)
        if known is None or (claim.rung, claim.probability) > (known.rung, known.probability):
            best[claim.point] = claim
    return best


def by_points(
    transcript: Transcript,
    rubric: Rubric,
    reading: Reading,
    best: Mapping[str, Claim],
    asked: set[str],
    counted: Mapping[str, float],
    flags: Sequence[Finding],
) -> tuple[dict[str, Assessed], ...]:
    """The areas' scores from their points alone: at the least, as read, at the most."""
    question = transcript.question
    tried = {t.directive.target for t in reading.turns if t.directive and t.observation.kind not in NO_CONTENT}
    rungs = {p: c.rung for p, c in best.items()}
    return tuple(
        {
            area: area_score(
                question,
                {p: share for p, share in counted.items() if question.point(p).area == area},
                proven,
                _standing(question, reading, area),
                _ceilings(rubric, area, flags),
            )
            for area in rubric.areas
        }
        for proven in (_shifted(best, -1), rungs, _lenient(best, asked, tried))
    )


def by_verdicts(
    transcript: Transcript,
    rubric: Rubric,
    reading: Reading,
    which: Literal["low", "score", "high"],
    counted: Mapping[str, float],
    flags: Sequence[Finding],
) -> dict[str, Assessed]:
    """The areas' scores from the reader's own numbers, bounded by the evidence that stands."""
    question, best = transcript.question, best_claims(reading.claims)
    found = {}
    for area in rubric.areas:
        asked = sum(share == 1 and question.point(p).area == area for p, share in counted.items())
        verdict = (reading.areas or {}).get(area, AreaVerdict(None, unscored="the assessor gave no verdict on it"))
        number = getattr(verdict, which) if getattr(verdict, which) is not None else verdict.score
        if not any(question.point(p).area == area for p in counted):
            found[area] = Assessed(None)
        elif number is None:
            found[area] = Assessed(None, unscored=verdict.unscored)
        else:
            proven = [c.rung for c in evidence_for(question, area, best, reading.claims)]
            mistakes, ceilings = _standing(question, reading, area), _ceilings(rubric, area, flags)
            found[area] = judged_score(number, asked, proven, mistakes, ceilings)
    return found


def evidence_for(question: Question, area: str, best: Mapping[str, Claim], claims: Iterable[Claim]) -> list[Claim]:
    """The best claim of every point of an area, and what shows something there without being a listed point."""
    return [
        *(c for p, c in best.items() if question.point(p).area == area),
        *(c for c in claims if not c.point and c.area == area),
    ]


def _standing(question: Question, reading: Reading, area: str) -> int:
    """How many wrong claims of an area were left standing."""
    areas = {w.id: question.point(w.point).area for w in question.wrong_claims}
    return sum(m.stands and areas.get(m.claim) == area for m in reading.mistakes)


def _ceilings(rubric: Rubric, area: str, flags: Sequence[Finding]) -> dict[str, float]:
    """Red flag -> the most that this area may score under it."""
    return {f.id: cap.highest for f in flags if (cap := rubric.red_flags[f.id].cap) is not None and area in cap.areas}


def _shifted(best: Mapping[str, Claim], by: int) -> dict[str, Rung]:
    return {p: Rung(min(4, max(0, c.rung + (by if c.probability < SURE else 0)))) for p, c in best.items()}


def _lenient(best: Mapping[str, Claim], asked: set[str], tried: set[str | None]) -> dict[str, Rung]:
    """One rung more where the reader was unsure, "mentioned" where a real answer to the question was not recognised."""
    return {**{p: Rung.MENTIONED for p in asked if p in tried}, **_shifted(best, +1)}
