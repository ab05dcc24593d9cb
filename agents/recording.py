"""Hears the points of a recording, where nobody knows which point a question aimed at.

There a point is seldom made in one breath and evidence adds up over the answers: the probability that it was said in at
least one of them is 1 - prod(1 - p), p being that of each answer (the noisy-or of J. Pearl, Probabilistic Reasoning in
Intelligent Systems, 1988). How far a point was carried is read from that probability, too: what is marked as justified
was mostly said more than once, and plainly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents import answer_kinds as kinds
from agents.events import NO_CONTENT, AnswerKind
from agents.observer import LONGEST_QUOTE, LocalObserver, point_statements
from agents.rungs import is_list_of_names
from agents.transcript import Transcript
from knowledge.terms import Rung
from knowledge.words import content_stems

FAINT = 0.08
"""Probability below which an answer does not count: any text has a little of everything."""
REACHED: tuple[tuple[Rung, float], ...] = ((Rung.JUSTIFIED, 0.7), (Rung.EXPLAINED, 0.55), (Rung.MENTIONED, 0.4))
"""Probability from which a rung is reached; "held" cannot be read from it. Of six sets of thresholds tried on the
fitting and tuning parts of evals/datasets/transcripts the first of the two with the least errors of the overall score;
those went on to "held" at 0.9, and did without the single answers' own claims."""
RAISED = 0.4
"""Cosine of a sentence to the name of a point from which its area has come up."""


@dataclass(frozen=True)
class PointHeard:
    """A point over the whole recording: the probability (0..1) that it was said, its rung, and where it is plainest."""

    point: str
    probability: float
    rung: Rung
    turn: int
    quote: str


def points_heard(observer: LocalObserver, transcript: Transcript, found: Sequence[AnswerKind]) -> list[PointHeard]:
    """Every point that was heard at all, in the question's order. `found` says what kind each answer is."""
    question, ear = transcript.question, observer.ear
    statements = point_statements(question)
    missed = {s.id: 1.0 for s in statements}
    plainest: dict[str, tuple[float, int, str]] = {}
    for (turn, exchange), kind in zip(transcript.exchanges(), found, strict=True):
        if kind in (*NO_CONTENT, AnswerKind.OFF_TOPIC):
            continue
        stretches = ear.stretches(exchange.answer, skip=kinds.attacks(exchange.answer))
        echo = frozenset(content_stems(f"{question.statement}\n{exchange.asked}"))
        for heard in ear.listen(statements, stretches, echo):
            if heard.probability < FAINT or is_list_of_names(heard.quote):
                continue
            missed[heard.id] *= 1 - heard.probability
            if heard.probability > plainest.get(heard.id, (0.0, 0, ""))[0]:
                plainest[heard.id] = (heard.probability, turn.seq, heard.quote[:LONGEST_QUOTE])
    return [
        PointHeard(id_, 1 - missed[id_], _rung(1 - missed[id_]), turn, quote)
        for id_, (_, turn, quote) in ((s.id, plainest[s.id]) for s in statements if s.id in plainest)
    ]


def areas_raised(observer: LocalObserver, transcript: Transcript) -> frozenset[str]:
    """The areas of points whose name a sentence of either side comes near: what was asked about."""
    ear, question = observer.ear, transcript.question
    stretches = [s for turn in transcript.turns for s in ear.stretches(turn.text)]
    if not stretches:
        return frozenset()
    nearest = ear.similarity([f"{p.title}: {p.topic}" for p in question.points], stretches).max(axis=1)
    return frozenset(p.area for p, cosine in zip(question.points, nearest, strict=True) if cosine >= RAISED)


def _rung(probability: float) -> Rung:
    return next((rung for rung, least in REACHED if probability >= least), Rung.UNSEEN)
