"""Several verdicts on one transcript as one: medians, and how far they lie apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median_low

from agents.model_verdict import Verdict
from agents.reading import AreaVerdict, Claim, Findings, Mistake
from agents.scorecard import Finding
from knowledge.terms import Rung


def median_of(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict that most stand behind.

    An area's number is the lower median of those that have one, with the lowest and the highest beside it; it has none
    when fewer than half do. A claim, mistake or finding stays if at least half of the verdicts have it, a point at the
    lower median of its rungs; a verdict that has no number for an area has no voice about its claims.
    """
    if len(verdicts) == 1:
        return verdicts[0]
    half = len(verdicts) / 2
    return Verdict(
        areas={area: _area([v.areas[area] for v in verdicts if area in v.areas], half) for area in _areas(verdicts)},
        claims=tuple(_claims(verdicts)),
        mistakes=tuple(_mistakes(verdicts, half)),
        findings=Findings(
            tuple(_common([v.findings.red_flags for v in verdicts], half)),
            tuple(_common([v.findings.differentiators for v in verdicts], half)),
            _criteria(verdicts, half),
        ),
        faults=tuple(f for v in verdicts for f in v.faults),
    )


def _areas(verdicts: Sequence[Verdict]) -> list[str]:
    return list(dict.fromkeys(a for v in verdicts for a in v.areas))


def _area(found: Sequence[AreaVerdict], half: float) -> AreaVerdict:
    scores = [v.score for v in found if v.score is not None]
    if not scores or len(scores) < half:
        return AreaVerdict(None, unscored=next((v.unscored for v in found if v.score is None), ""))
    return AreaVerdict(median_low(scores), min(scores), max(scores))


def _claims(verdicts: Sequence[Verdict]) -> list[Claim]:
    """Per point the claim at its median rung, with a quote that some verdict put at least there."""
    kept = []
    half = {a: sum(a not in v.areas or v.areas[a].score is not None for v in verdicts) / 2 for a in _areas(verdicts)}
    keys = dict.fromkeys((c.point, c.area, c.turn if not c.point else -1) for v in verdicts for c in v.claims)
    for point, area, turn in keys:
        best: list[Claim] = []
        for verdict in verdicts:
            mine = [c for c in verdict.claims if c.point == point and c.area == area and (point or c.turn == turn)]
            best += [max(mine, key=lambda c: c.rung)] if mine else []
        if len(best) >= half.get(area, len(verdicts) / 2):
            rung = Rung(median_low([c.rung for c in best]))
            shown = next(c for c in best if c.rung >= rung)
            kept.append(Claim(point, rung, shown.turn, shown.quote, shown.probability, area))
    return kept


def _mistakes(verdicts: Sequence[Verdict], half: float) -> list[Mistake]:
    found: dict[str, list[Mistake]] = {}
    for verdict in verdicts:
        for mistake in {m.claim: m for m in verdict.mistakes}.values():
            found.setdefault(mistake.claim, []).append(mistake)
    kept = []
    for same in found.values():
        if len(same) >= half:
            withdrawn = sum(m.withdrawn for m in same) * 2 >= len(same)
            kept.append(Mistake(same[0].claim, same[0].turn, same[0].quote, withdrawn=withdrawn))
    return kept


def _common(found: Sequence[Sequence[Finding]], half: float) -> list[Finding]:
    times = Counter(id_ for each in found for id_ in dict.fromkeys(f.id for f in each))
    first = {f.id: f for each in reversed(found) for f in each}
    return [first[id_] for id_, n in times.items() if n >= half]


def _criteria(verdicts: Sequence[Verdict], half: float) -> dict[str, float]:
    ids = dict.fromkeys(id_ for v in verdicts for id_ in v.findings.criteria)
    scores = {id_: [v.findings.criteria[id_] for v in verdicts if id_ in v.findings.criteria] for id_ in ids}
    return {id_: median_low(each) for id_, each in scores.items() if len(each) >= half}
