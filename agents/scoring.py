"""The arithmetic of a score. Pure functions; every formula is the interview guide's, sections 2.1 and 2.5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.choice import need
from knowledge.question import Question
from knowledge.rubric import Rubric
from knowledge.terms import Rung

POINTS_OF = {Rung.UNSEEN: 1, Rung.MENTIONED: 2, Rung.EXPLAINED: 3, Rung.JUSTIFIED: 4, Rung.HELD: 5}
"""What a point is worth by its rung, on the scale of the areas."""
PER_MISTAKE, MOST_FOR_MISTAKES = 0.5, 1.5
"""A wrong claim with consequences that is not withdrawn lowers its area by so much, and all of them by at most that."""


UNASKED = 0.5
"""What a point that nobody asked about counts, against one that the candidate was asked about: brought up or left out,
it says less. Counting only what was brought up would lift whoever brings up one thing and leaves out six."""


@dataclass(frozen=True)
class Assessed:
    """An area's score, 1..5 to two places, with the caps that bound it.

    None when nothing of it was asked, or when there is no number that can be used: then `unscored` says why.
    """

    score: float | None
    caps: tuple[str, ...] = ()
    unscored: str = ""


def half(value: float) -> float:
    """`value` to the nearest half, halves of a half upwards, within 1..5."""
    return min(5.0, max(1.0, int(value * 2 + 0.5) / 2))


def area_score(
    question: Question,
    counted: Mapping[str, float],
    rungs: Mapping[str, Rung],
    mistakes: int,
    flags: Mapping[str, float],
) -> Assessed:
    """Mean over the `counted` points of one area, weighted by need at the question's own level, then capped.

    `counted` maps a point to what it counts, 1 when the candidate was asked about it. The need does not depend on the
    candidate's level: the anchors are absolute and the level only moves the bar. `flags` maps a confirmed red flag to
    the most that this area may score.
    """
    if not counted:
        return Assessed(None)
    weights = {p: need(question.difficulty, question.point(p)) * share for p, share in counted.items()}
    worth = {p: POINTS_OF[rungs.get(p, Rung.UNSEEN)] for p in counted}
    score = sum(weights[p] * worth[p] for p in counted) / sum(weights.values())
    return _bounded(score, [v for p, v in worth.items() if counted[p] == 1 or v > 1], mistakes, flags)


def judged_score(
    proposed: float, asked: int, proven: Sequence[Rung], mistakes: int, flags: Mapping[str, float]
) -> Assessed:
    """A reader's own number for an area, bounded by what it proved: `proven` has the rung of each piece of evidence.

    `asked` is how many points of the area the candidate was asked about. Mentioned supports 2, explained 3, justified
    4, held 5, nothing 1; the rest as in `area_score`.
    """
    worth = [POINTS_OF[r] for r in proven]
    best, caps = max(worth, default=1), []
    if proposed > best:
        caps.append(f"capped at {best}: the evidence supports no more")
    found = _bounded(min(proposed, best), worth + [1] * (asked - len(worth)), mistakes, flags)
    return Assessed(found.score, (*caps, *found.caps))


def _bounded(score: float, worth: Sequence[int], mistakes: int, flags: Mapping[str, float]) -> Assessed:
    caps = []
    ranked = sorted(worth, reverse=True)
    most = ranked[1] + 1 if len(ranked) > 1 else 5
    if score > most:
        score = float(most)
        caps.append(f"capped at {most}: one point alone was proven further")
    lost = min(MOST_FOR_MISTAKES, PER_MISTAKE * mistakes)
    if lost:
        score -= lost
        caps.append(f"{lost:g} off for {mistakes} wrong claim{'s' if mistakes > 1 else ''} left standing")
    for flag, highest in flags.items():
        if score > highest:
            score = highest
            caps.append(f"capped at {highest:g} by {flag}")
    return Assessed(round(min(5.0, max(1.0, score)), 2), tuple(caps))


def overall(rubric: Rubric, scores: Mapping[str, float | None]) -> tuple[float | None, float]:
    """(weighted mean over the assessed areas to two places or None, share 0..1 of the weight that was assessed)."""
    total = sum(a.weight for a in rubric.areas.values())
    assessed = {i: s for i, s in scores.items() if s is not None}
    weight = sum(rubric.areas[i].weight for i in assessed)
    if not weight:
        return None, 0.0
    mean = sum(rubric.areas[i].weight * s for i, s in assessed.items()) / weight
    return round(mean, 2), round(weight / total, 4)
