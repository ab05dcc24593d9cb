"""What an assessing model hands in, read strictly: numbers in their range, sentences that exist, ids that are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.material import harmless
from agents.numbered_transcript import NumberedTranscript
from agents.reading import AreaVerdict, Claim, Findings, Mistake
from agents.reports import (
    A_RUNG,
    NUMBERS,
    TEXT,
    Unreadable,
    form,
    list_of,
    numbers,
    object_of,
    objects,
    read_object,
    rung,
    text_of,
)
from agents.scorecard import Evidence, Finding
from knowledge.rubric import Rubric

SURE = 0.9
_YES_NO = {"type": "boolean"}
_SCORE = {"type": "number"}
FORM = form(
    "verdict",
    areas=list_of(
        object_of(
            area=TEXT,
            evidence=list_of(object_of(point=TEXT, sentences=NUMBERS, rung=A_RUNG)),
            reason=TEXT,
            score=_SCORE,
        )
    ),
    mistakes=list_of(object_of(claim=TEXT, sentences=NUMBERS, certain=_YES_NO, withdrawn=_YES_NO)),
    red_flags=list_of(object_of(id=TEXT, sentences=NUMBERS)),
    differentiators=list_of(object_of(id=TEXT, sentences=NUMBERS)),
    criteria=list_of(object_of(id=TEXT, sentences=NUMBERS, score=_SCORE)),
)


@dataclass(frozen=True)
class Verdict:
    """One verdict as far as it could be read; `faults` says what could not."""

    areas: Mapping[str, AreaVerdict] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    findings: Findings = field(default_factory=Findings)
    faults: tuple[str, ...] = ()

    @classmethod
    def unscored(cls, areas: Iterable[str], reason: str) -> Verdict:
        """A verdict that gives no number, with the reason for each area."""
        return cls(areas={a: AreaVerdict(None, unscored=reason) for a in areas}, faults=(reason,))

    def mended_by(self, later: Verdict) -> Verdict:
        """The later verdict, with this one's areas where the later has no number."""
        kept = {a for a, v in self.areas.items() if v.score is not None} - {
            a for a, v in later.areas.items() if v.score is not None
        }
        if not kept:
            return later
        areas = {**later.areas, **{a: self.areas[a] for a in kept}}
        claims = (*later.claims, *(c for c in self.claims if c.area in kept))
        return Verdict(areas, claims, later.mistakes, later.findings, later.faults)


def merged(parts: Sequence[Verdict]) -> Verdict:
    """The parts of one verdict as a whole."""
    if len(parts) == 1:
        return parts[0]
    findings = [p.findings for p in parts]
    return Verdict(
        areas={a: v for p in parts for a, v in p.areas.items()},
        claims=tuple(c for p in parts for c in p.claims),
        mistakes=tuple(m for p in parts for m in p.mistakes),
        findings=Findings(
            tuple(f for each in findings for f in each.red_flags),
            tuple(f for each in findings for f in each.differentiators),
            {k: v for each in findings for k, v in each.criteria.items()},
        ),
        faults=tuple(f for p in parts for f in p.faults),
    )


def read_verdict(text: str, told: NumberedTranscript, areas: Sequence[str], rubric: Rubric, findings: bool) -> Verdict:
    """The verdict in a model's answer. What of it cannot be used is left out and named in its faults."""
    try:
        report = read_object(text)
    except Unreadable as error:
        return Verdict.unscored(areas, f"the verdict could not be read: {error}")
    faults: list[str] = []
    verdicts, claims = _areas(report, told, areas, faults)
    if not findings:
        return Verdict(verdicts, claims, faults=tuple(faults))
    mistakes = _mistakes(report, told, faults)
    found = Findings(
        _findings(report, "red_flags", told, {f.id: (f.statement, f.opportunities) for f in rubric.red_flags.values()}),
        _findings(report, "differentiators", told, {d.id: (d.statement, 1) for d in rubric.differentiators.values()}),
        _criteria(report, told, rubric),
    )
    return Verdict(verdicts, claims, mistakes, found, tuple(faults))


def _areas(
    report: Mapping[str, Any], told: NumberedTranscript, wanted: Sequence[str], faults: list[str]
) -> tuple[dict[str, AreaVerdict], tuple[Claim, ...]]:
    verdicts: dict[str, AreaVerdict] = {}
    claims: list[Claim] = []
    try:
        items = objects(report, "areas")
    except Unreadable as error:
        items = []
        faults.append(str(error))
    for area in wanted:
        try:
            mine = [item for item in items if item.get("area") == area]
            if len(mine) != 1:
                raise Unreadable(f"area {area} is {'given more than once' if mine else 'missing'}")
            score = score_of(mine[0], f"area {area}")
            found = _claims(mine[0], area, told)
        except Unreadable as error:
            faults.append(str(error))
            verdicts[area] = AreaVerdict(None, unscored=f"the verdict could not be used: {error}")
            continue
        verdicts[area] = AreaVerdict(score)
        claims += found
    return verdicts, tuple(claims)


def score_of(item: Mapping[str, Any], what: str) -> float:
    """The number called "score": 1 to 5 in steps of 0.5. Raises Unreadable for anything else."""
    score = item.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float) or not 1 <= score <= 5 or score * 2 % 1:
        shown = harmless(repr(score)[:20])
        raise Unreadable(f"the score of {what} is {shown} and not a number from 1 to 5 in steps of 0.5")
    return float(score)


def _claims(item: Mapping[str, Any], area: str, told: NumberedTranscript) -> list[Claim]:
    """The evidence that can be used; a listed point counts in its own area, whichever the model put it into."""
    points = {p.id: p for p in told.transcript.question.points}
    found = []
    for piece in objects(item, "evidence"):
        point, step = text_of(piece, "point"), rung(piece)
        for turn, answer, quote in told.quoted(numbers(piece)):
            bounded = min(step, answer.highest)
            if bounded:
                listed = point if point in points else ""
                home = points[listed].area if listed else area
                found.append(Claim(listed, bounded, turn.seq, quote, SURE, home))
    return found


def _mistakes(report: Mapping[str, Any], told: NumberedTranscript, faults: list[str]) -> tuple[Mistake, ...]:
    known = {w.id for w in told.transcript.question.wrong_claims}
    found = []
    try:
        for item in objects(report, "mistakes"):
            quoted = next(told.quoted(numbers(item)), None)
            if text_of(item, "claim") in known and quoted is not None and item.get("certain") is True:
                withdrawn = item.get("withdrawn") is True
                found.append(Mistake(text_of(item, "claim"), quoted[0].seq, quoted[2], withdrawn=withdrawn))
    except Unreadable as error:
        faults.append(str(error))
    return tuple(found)


def _findings(
    report: Mapping[str, Any], name: str, told: NumberedTranscript, known: Mapping[str, tuple[str, int]]
) -> tuple[Finding, ...]:
    """Findings with quotes from as many separate answers as they need; anything else is left out."""
    found: dict[str, Finding] = {}
    try:
        for item in objects(report, name):
            id_, evidence = text_of(item, "id"), [
                Evidence(point=None, turn=turn.seq, quote=quote) for turn, _, quote in told.quoted(numbers(item))
            ]  # fmt: skip
            if id_ in known and evidence and len({e.turn for e in evidence}) >= known[id_][1]:
                found[id_] = Finding(id=id_, text=known[id_][0], evidence=tuple(evidence))
    except Unreadable:
        return tuple(found.values())  # the areas stand by themselves; a broken list adds nothing
    return tuple(found.values())


def _criteria(report: Mapping[str, Any], told: NumberedTranscript, rubric: Rubric) -> dict[str, float]:
    """Scores of criteria that a sentence stands behind; without one there is nothing to go by."""
    found = {}
    try:
        for item in objects(report, "criteria"):
            if text_of(item, "id") in rubric.criteria and any(True for _ in told.quoted(numbers(item))):
                found[text_of(item, "id")] = score_of(item, "a criterion")
    except Unreadable:
        return found
    return found
