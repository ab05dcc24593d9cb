"""Scores a transcript: quotes first, then caps, then arithmetic. The one way to a score, for practice and for evals.

A reader proposes levels and quotes; this module checks that each quote stands literally in a candidate's turn, drops
what does not, and computes the rest. There is no default score: what was never asked is not assessed, and what could
not be read is unscored with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from agents.area_scores import best_claims, by_points, by_verdicts, evidence_for
from agents.criteria import criteria_scores
from agents.events import CANDIDATES_QUESTIONS, AnswerKind
from agents.findings import differentiators, red_flags
from agents.reading import Claim, Mistake, Reader, Reading, ReadTurn
from agents.scorecard import AreaScore, Evidence, Finding, PointResult, Scorecard
from agents.scoring import UNASKED, Assessed, overall
from agents.transcript import Transcript
from knowledge.question import Point
from knowledge.rubric import Rubric
from knowledge.terms import Rung

QUOTES_PER_AREA = 4


def assess(transcript: Transcript, rubric: Rubric, reader: Reader) -> Scorecard:
    """The scorecard of `transcript`. Raises what the reader raises when it cannot work at all."""
    proposal = reader.read(transcript)
    reader = proposal.taken_over_by or reader
    reading, rejected = verified(proposal, transcript)
    base = Scorecard(
        question=transcript.question.id,
        title=transcript.question.title,
        level=transcript.level,
        kind=reader.estimate,
        overall=None,
        coverage=0.0,
        assessor=reader.name,
        rubric=f"{rubric.id} {rubric.version}",
        rubric_fingerprint=rubric.fingerprint,
        question_fingerprint=hashlib.sha256(transcript.question.source.encode()).hexdigest()[:12],
        turns=sum(1 for t in transcript.turns if t.speaker == "candidate"),
        rejected_quotes=rejected,
        work=reading.work,
    )
    if reading.unreadable:
        return base.model_copy(update={"unscored": reading.unreadable})
    return base.model_copy(update=_scored(transcript, rubric, reading))


def verified(reading: Reading, transcript: Transcript) -> tuple[Reading, int]:
    """(`reading` without what is not so, how many claims and mistakes that were).

    A claim or mistake must be about something of the question, and its quote must stand in the candidate's turn.
    """
    points = {p.id for p in transcript.question.points}
    wrong = {w.id for w in transcript.question.wrong_claims}
    claims = tuple(c for c in reading.claims if (c.point in points or c.area) and transcript.contains(c.turn, c.quote))
    mistakes = tuple(m for m in reading.mistakes if m.claim in wrong and transcript.contains(m.turn, m.quote))
    dropped = len(reading.claims) - len(claims) + len(reading.mistakes) - len(mistakes)
    turns = tuple(_verified_turns(reading.turns, transcript, points))
    return replace(reading, claims=claims, mistakes=mistakes, turns=turns), dropped


def _verified_turns(turns: Sequence[ReadTurn], transcript: Transcript, points: Collection[str]) -> Iterator[ReadTurn]:
    """What the reader observed, checked in the same way, beside the transcript's own words and questions."""
    said = {turn.seq: exchange for turn, exchange in transcript.exchanges()}
    for turn in turns:
        exchange = said.get(turn.turn)
        if exchange is not None:
            reached = tuple(
                r for r in turn.observation.reached if r.point in points and transcript.contains(turn.turn, r.quote)
            )
            seen = turn.observation.model_copy(update={"reached": reached})
            yield ReadTurn(turn.turn, exchange.answer, exchange.directive, seen, exchange.is_sketch)


def _scored(transcript: Transcript, rubric: Rubric, reading: Reading) -> dict[str, object]:
    question = transcript.question
    best = best_claims(reading.claims)
    rungs = {p: c.rung for p, c in best.items()}
    asked, counted = _asked(transcript, reading, rungs)
    own = reading.findings
    flags = _kept(own.red_flags if own else red_flags(transcript, rubric, reading), transcript)
    plus = _kept(own.differentiators if own else differentiators(transcript, rubric, reading), transcript)
    if reading.areas is None:
        low, central, high = by_points(transcript, rubric, reading, best, asked, counted, flags)
    else:
        low, central, high = (
            by_verdicts(transcript, rubric, reading, which, counted, flags) for which in ("low", "score", "high")
        )
    mean, coverage = overall(rubric, {i: a.score for i, a in central.items()})
    points = tuple(_point_result(p, best.get(p.id), p.id in asked, reading.heard) for p in question.points)
    return {
        "overall": mean,
        "low": overall(rubric, {i: a.score for i, a in low.items()})[0],
        "high": overall(rubric, {i: a.score for i, a in high.items()})[0],
        "coverage": coverage,
        "unscored": None if mean is not None else _why_unscored(central),
        "areas": tuple(
            _area_result(
                rubric,
                i,
                a,
                low[i].score,
                high[i].score,
                evidence_for(question, i, best, reading.claims),
            )
            for i, a in central.items()
        ),
        "points": points,
        "criteria": criteria_scores(transcript, rubric, reading, flags),
        "wrong_claims": tuple(_wrong_claim(transcript, m) for m in reading.mistakes),
        "red_flags": tuple(flags),
        "differentiators": tuple(plus),
        **_bar(rubric, transcript, mean, {i: a.score for i, a in central.items()}, rungs, flags, plus),
    }


def _asked(transcript: Transcript, reading: Reading, rungs: Mapping[str, Rung]) -> tuple[set[str], dict[str, float]]:
    """(points asked about or brought up, what each point of an assessed area counts).

    An area is assessed when the candidate answered a question about one of its points; in a debugging interview, where
    the candidate leads, also when they brought one up. There, a point that nobody asked about counts UNASKED, and less
    when the interview was too short to ask about it. A question met by a question of the candidate's, by a language
    that nobody here reads, or by the end of the time was not answered and proves nothing.

    In a transcript from elsewhere nobody knows what a question aimed at: an area is assessed when it came up at all or
    the reader gave it a number, and what the candidate brought up counts as asked about.
    """
    unanswered = (*CANDIDATES_QUESTIONS, AnswerKind.FOREIGN)
    answered = {
        t.directive.target
        for t in reading.turns
        if t.directive
        and t.directive.target
        and t.directive.told_first is None  # a question that came with a fact may have been answered to the fact
        and t.observation.kind not in unanswered
    }
    areas = {transcript.question.point(t).area for t in answered if t}
    leads = transcript.question.category == "Debugging"
    reached = {p for p, r in rungs.items() if r > Rung.UNSEEN}
    areas |= {transcript.question.point(p).area for p in reached if leads}
    if not any(t.directive for t in reading.turns):
        answered = set(reached)
        areas = {*reading.raised, *(transcript.question.point(p).area for p in reached)}
        areas |= {area for area, verdict in (reading.areas or {}).items() if verdict.score is not None}
    counted = {
        p.id: 1.0 if p.id in answered else UNASKED * transcript.share
        for p in transcript.question.points
        if p.area in areas
    }
    return {p for p in counted if p in answered or p in reached}, {p: share for p, share in counted.items() if share}


def _why_unscored(areas: Mapping[str, Assessed]) -> str:
    reasons = list(dict.fromkeys(a.unscored for a in areas.values() if a.unscored))
    return "; ".join(reasons) or "no question about any area was asked"


def _area_result(
    rubric: Rubric,
    area: str,
    assessed: Assessed,
    low: float | None,
    high: float | None,
    claims: Sequence[Claim],
) -> AreaScore:
    known = rubric.areas[area]
    anchor = known.anchors[int(assessed.score)] if assessed.score is not None else ""
    ranked = sorted(claims, key=lambda c: (-c.rung, -c.probability))[:QUOTES_PER_AREA]
    bounds = [s for s in (assessed.score, low, high) if s is not None]
    return AreaScore(
        id=area,
        name=known.name,
        weight=known.weight,
        score=assessed.score,
        low=min(bounds, default=None),
        high=max(bounds, default=None),
        anchor=anchor,
        caps=assessed.caps,
        unscored=assessed.unscored,
        evidence=tuple(Evidence(point=c.point or None, turn=c.turn, quote=c.quote, rung=c.rung) for c in ranked),
    )


def _point_result(point: Point, claim: Claim | None, asked: bool, heard: Mapping[str, float]) -> PointResult:
    return PointResult(
        id=point.id,
        title=point.title,
        text=point.text,
        area=point.area,
        rung=claim.rung if claim else Rung.UNSEEN,
        asked=asked,
        probability=claim.probability if claim else heard.get(point.id, 0.0),
        evidence=(Evidence(point=point.id, turn=claim.turn, quote=claim.quote, rung=claim.rung),) if claim else (),
    )


def _wrong_claim(transcript: Transcript, mistake: Mistake) -> Finding:
    claim = next(w for w in transcript.question.wrong_claims if w.id == mistake.claim)
    status = "kept up when challenged" if mistake.stands else "taken back" if mistake.challenged else "not challenged"
    return Finding(
        id=claim.id,
        text=f"{claim.consequence} ({status})",
        evidence=(Evidence(point=claim.point, turn=mistake.turn, quote=mistake.quote),),
    )


def _kept(findings: Sequence[Finding], transcript: Transcript) -> list[Finding]:
    """Findings whose every quote stands in the transcript; one that rests on an invented quote is dropped whole."""
    return [f for f in findings if f.evidence and all(transcript.contains(e.turn, e.quote) for e in f.evidence)]


def _bar(
    rubric: Rubric,
    transcript: Transcript,
    mean: float | None,
    areas: Mapping[str, float | None],
    rungs: Mapping[str, Rung],
    flags: Sequence[Finding],
    plus: Sequence[Finding],
) -> dict[str, object]:
    """The verdict at the candidate's level; "meets" and above also ask for the bar's conditions."""
    bar = rubric.bars.get(transcript.level)
    if bar is None or mean is None:
        return {}
    verdict, wants, notes = bar.verdict(mean), bar.meets, []
    for area, least in wants.min_areas.items():
        score = areas.get(area)
        if score is not None and score < least:
            notes.append(f"{rubric.areas[area].name} is below {least:g}")
    justified = sum(r >= Rung.JUSTIFIED for r in rungs.values())
    held = sum(r >= Rung.HELD for r in rungs.values())
    if justified < wants.justified_points:
        notes.append(f"{justified} of {wants.justified_points} choices justified")
    if held < wants.held_points:
        notes.append(f"{held} of {wants.held_points} points held under a change")
    if len(plus) < wants.differentiators:
        notes.append(f"{len(plus)} of {wants.differentiators} differentiators shown")
    notes += [f"red flag {f.id}" for f in flags if f.id in wants.no_red_flags]
    if verdict in ("meets", "exceeds") and notes:
        verdict = "approaching"
    return {"bar": verdict, "bar_notes": tuple(notes)}
