"""The interviewer's criteria, reported beside the areas: system thinking, depth, trade-offs and practice.

Rules exist for the ids of Greenroom's rubric; a criterion of another rubric stays without a score here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.answer_kinds import prose
from agents.findings import answered
from agents.reading import Reading
from agents.rungs import has_reason
from agents.scorecard import CriterionScore, Finding
from agents.scoring import half
from agents.transcript import Transcript
from knowledge.rubric import Rubric
from knowledge.terms import Move, Rung


def criteria_scores(
    transcript: Transcript, rubric: Rubric, reading: Reading, flags: Sequence[Finding]
) -> tuple[CriterionScore, ...]:
    """The interviewer's criteria, 1..5 or None where the transcript holds nothing to go by."""
    best: dict[str, Rung] = {}
    for claim in (c for c in reading.claims if c.point):
        best[claim.point] = max(best.get(claim.point, Rung.UNSEEN), claim.rung)
    own = reading.findings
    rules: Mapping[str, float | None] = (
        own.criteria
        if own
        else {
            "system-thinking": _system_thinking(transcript, best),
            "technical-depth": _technical_depth(best),
            "trade-off-analysis": _trade_offs(best, reading),
            "practical-experience": _practice(reading),
        }
    )
    found = []
    for criterion in rubric.criteria.values():
        score = rules.get(criterion.id)
        for flag in flags:
            cap = rubric.red_flags[flag.id].cap
            if score is not None and cap and criterion.id in cap.criteria:
                score = min(score, cap.highest)
        anchor = criterion.anchors[int(score)] if score is not None else ""
        found.append(CriterionScore(id=criterion.id, name=criterion.name, score=score, anchor=anchor))
    return tuple(found)


def _system_thinking(transcript: Transcript, best: dict[str, Rung]) -> float:
    """By the number of phases in which a point was explained: a system is thought of in more than one part."""
    phases = {transcript.question.point(p).phase for p, r in best.items() if r >= Rung.EXPLAINED}
    share = len(phases) / max(1, len(transcript.question.phases))
    return half(1 + 4 * share)


def _technical_depth(best: dict[str, Rung]) -> float:
    """The second-best point decides, because one deep answer may be a rehearsed one: alone it is worth a 3 at most."""
    first, second = sorted([*best.values(), Rung.UNSEEN, Rung.UNSEEN], reverse=True)[:2]
    return float(max(second, min(first, Rung.EXPLAINED)) + 1)


def _trade_offs(best: dict[str, Rung], reading: Reading) -> float:
    justified = sum(r >= Rung.JUSTIFIED for r in best.values())
    held = any(r is Rung.HELD for r in best.values())
    if justified >= 3 and held:
        return 5.0
    if justified >= 2:
        return 4.0
    if justified == 1:
        return 3.0
    return 2.0 if any(has_reason(prose(t.text)) for t in reading.turns) else 1.0


def _practice(reading: Reading) -> float | None:
    probed = answered(reading.turns, (Move.EXPERIENCE,))
    cases = sum(t.observation.own_case for t in probed)
    claimed = any(t.observation.claims_experience for t in reading.turns)
    if not probed and not claimed:
        return None
    return {0: 2.0 if claimed else 1.0, 1: 3.0}.get(cases, 4.0)
