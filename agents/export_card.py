"""The scorecard's part of the Markdown report (agents/export.py): result, areas, points, findings, study, hints.

Texts of the question bank and the rubric are Markdown already; quotes of the candidate are escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from agents.markdown_text import fenced, linked, literal
from agents.scorecard import AreaScore, Evidence, Finding, Improvement, PointResult, Scorecard
from agents.state import InterviewState
from agents.wording import (
    HINT_COSTS,
    RUNGS,
    conditions,
    coverage,
    flags_spelled,
    hints_used,
    is_code,
    number,
    sorted_points,
    span,
    turn_numbers,
    usage,
    verdict,
)
from agents.work import Usage, Work
from knowledge.resource import Resource, load_resources
from knowledge.terms import Rung


@lru_cache(maxsize=1)
def _resources() -> dict[str, Resource]:
    return load_resources()


def card_lines(card: Scorecard, state: InterviewState) -> list[str]:
    """Everything between the head and the transcript, as lines of CommonMark."""
    numbers = turn_numbers(state)
    lines = ["## Result", "", *_result(card), ""]
    if card.areas:
        lines += ["## Areas", ""]
    for area in card.areas:
        lines += _area(area, card, numbers)
    lines += _points(card, numbers)
    for title, findings in (
        ("Wrong claims", card.wrong_claims),
        ("Red flags", card.red_flags),
        ("Differentiators", card.differentiators),
    ):
        lines += _findings(title, findings, numbers)
    if card.criteria:
        lines += ["## Interviewer's criteria", "", "Reported beside the score, never added to it.", ""]
        lines += [
            f"- **{literal(c.name)}:** {number(c.score)}. {literal(c.anchor)}".rstrip(". ") for c in card.criteria
        ]
        lines.append("")
    lines += _study(card)
    hints = [
        f"- Hint {h.stage} ({_to_turn(h.turn)}; {HINT_COSTS[h.stage]}): {literal(h.text)}" for h in hints_used(state)
    ]
    return [*lines, "## Hints", "", *(hints or ["None."]), ""]


def _result(card: Scorecard) -> list[str]:
    made_by = (
        f"Scored by: {literal(card.assessor)}; rubric {literal(card.rubric)} ({card.rubric_fingerprint}), "
        f"question {card.question_fingerprint}; {card.turns} answers; quotes rejected: {card.rejected_quotes}."
    )
    if card.work is not None:
        made_by += "".join(f" {literal(part)}." for part in _work(card.work))
    if card.overall is None:
        return [f"**Not scored:** {literal(card.unscored or 'no reason was given')}.", "", made_by]
    between = span(card.low, card.high, digits=2)
    lines = [f"**{card.overall:.2f} of 5**" + (f" (range {between})" if between else "") + f", {coverage(card)}."]
    if card.bar:
        lines += ["", f"{verdict(card)}."]
    if card.bar_notes:
        lines += ["", "Not met:", "", *(f"- {literal(note)}" for note in conditions(card))]
    return [*lines, "", made_by]


def _work(work: Work) -> Iterable[str]:
    if work.took_over:
        yield f"The local panel scored in a model's place: {work.took_over}"
    used = usage(Usage().plus(work))
    if used:
        yield f"Scoring took {used}"
    if work.prompts:
        yield f"Prompts: {', '.join(work.prompts)}"


def _area(area: AreaScore, card: Scorecard, numbers: dict[int, int]) -> list[str]:
    score = number(area.score) + (" of 5" if area.score is not None else "")
    score = "unscored" if area.unscored else score
    between = span(area.low, area.high)
    lines = [f"### {literal(area.name)}: {score}", ""]
    lines += [f"{area.weight:g} % of the weight" + (f"; range {between}." if between else "."), ""]
    if area.unscored:
        lines += [f"{literal(area.unscored)}.", ""]
    if area.anchor:
        lines += [literal(area.anchor), ""]
    lines += [f"- {literal(flags_spelled(cap, card))}" for cap in area.caps]
    for evidence in area.evidence:
        lines += _evidence(evidence, numbers)
    return [*lines, ""] if area.caps or area.evidence else lines


def _evidence(evidence: Evidence, numbers: dict[int, int], indent: str = "") -> list[str]:
    """A list item; a piece of code keeps its lines."""
    rung = f", {RUNGS[evidence.rung]}" if evidence.rung is not None else ""
    turn = _to_turn(numbers[evidence.turn]) if evidence.turn in numbers else "a turn no longer shown"
    if is_code(evidence.quote):
        return [f"{indent}- {turn}{rung}:", "", *(f"{indent}  {line}" for line in fenced("", evidence.quote)), ""]
    return [f"{indent}- “{literal(evidence.quote)}” ({turn}{rung})"]


def _to_turn(place: int) -> str:
    return f"[turn {place}](#turn-{place})"


def _points(card: Scorecard, numbers: dict[int, int]) -> list[str]:
    points = sorted_points(card)
    lines: list[str] = []
    for title, group in (
        ("Missed: asked about and not shown", points.missed),
        ("Left out: not asked about and not brought up", points.untouched),
        ("Reached", points.reached),
    ):
        if group:
            lines += [f"## {title}", "", *(line for p in group for line in _point(p, numbers)), ""]
    return lines


def _point(point: PointResult, numbers: dict[int, int]) -> Iterable[str]:
    counted = "" if point.asked else ", not counted: no question about this area was answered"
    rung = f" ({RUNGS[point.rung]}{counted})" if point.rung > Rung.UNSEEN else ""
    yield f"- **{literal(point.title)}**{rung}: {' '.join(point.text.split())}"
    for evidence in point.evidence:
        yield from _evidence(evidence, numbers, "  ")


def _findings(title: str, findings: Iterable[Finding], numbers: dict[int, int]) -> list[str]:
    lines: list[str] = []
    for finding in findings:
        lines.append(f"- {literal(finding.text)}")
        for evidence in finding.evidence:
            lines += _evidence(evidence, numbers, "  ")
    return [f"## {title}", "", *lines, ""] if lines else []


def _study(card: Scorecard) -> list[str]:
    if not card.improvements and not card.next_question:
        return []
    lines = ["## What to study", ""]
    for improvement in card.improvements:
        lines += _improvement(improvement)
    if card.next_question:
        lines += [f"Practise next: {literal(card.next_question)}.", ""]
    return lines


def _improvement(improvement: Improvement) -> list[str]:
    lines = [f"### {literal(improvement.title)}", "", " ".join(improvement.advice.split()), ""]
    known = [_resources()[r] for r in improvement.resources if r in _resources()]
    lines += [f"- {linked(r.title, r.url)} ({r.kind}, {r.access}): {literal(r.why)}" for r in known]
    return [*lines, ""] if known else lines
