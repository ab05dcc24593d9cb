"""What to work on after an interview: points that would raise the score most, what to study, what to practise next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from agents.choice import need
from agents.scorecard import Improvement, PointResult, Scorecard
from knowledge.bank import load_bank
from knowledge.question import Question
from knowledge.resource import Resource, Topic, load_resources, load_topics, resources_for
from knowledge.terms import Rung

MOST = 3
PER_IMPROVEMENT = 2
_ADVICE = {
    Rung.UNSEEN: "Bring this up yourself and say how it works: {text}",
    Rung.MENTIONED: "You named it. Say how it works, step by step: {text}",
    Rung.EXPLAINED: "You explained it. Add why this way and not another, and what it costs: {text}",
    Rung.JUSTIFIED: "You gave reasons. Show that it survives a changed constraint or a failure: {text}",
}


@lru_cache(maxsize=1)
def _library() -> tuple[Mapping[str, Resource], Mapping[str, Topic]]:
    return load_resources(), load_topics()


def with_advice(card: Scorecard, question: Question) -> Scorecard:
    """`card` with the most valuable improvements and the question to practise next."""
    known = {p.id: p for p in card.points}
    weights = {a.id: a.weight for a in card.areas}
    ranked = sorted(
        (p for p in question.points if p.id in known and known[p.id].rung < Rung.HELD),
        key=lambda p: (
            # a point that was asked about counts against the score now; a rung is worth more the lower one stands
            -weights.get(p.area, 0.0)
            * need(question.difficulty, p)
            * (4 - known[p.id].rung)
            * (2 if known[p.id].asked else 1),
            p.id,
        ),
    )
    improvements = tuple(_improvement(known[p.id], p.study) for p in ranked[:MOST])
    return card.model_copy(
        update={"improvements": improvements, "next_question": _next_question(question, improvements)}
    )


@lru_cache(maxsize=1)
def _bank() -> Mapping[str, Question]:
    return load_bank().questions


def _next_question(question: Question, improvements: Sequence[Improvement]) -> str | None:
    """The first related question that is written, else the one that shares most topics with what was missed."""
    others = {q.id: q for q in _bank().values() if q.id != question.id}
    related = next((q for q in question.related if q in others), None)
    if related is not None or not others:
        return related
    wanted = {t for i in improvements for t in i.topics} | set(question.topics)
    return max(others.values(), key=lambda q: (len(wanted & set(q.topics)), q.category == question.category, q.id)).id


def _improvement(point: PointResult, study: tuple[str, ...]) -> Improvement:
    resources, topics = _library()
    found: list[str] = []
    for tag in study:
        for resource in resources_for(tag, resources, topics):
            if resource.id not in found:
                found.append(resource.id)
    return Improvement(
        point=point.id,
        title=point.title,
        advice=_ADVICE[point.rung].format(text=point.text),
        topics=study,
        resources=tuple(found[:PER_IMPROVEMENT]),
    )
