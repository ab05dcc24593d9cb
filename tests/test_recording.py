"""Recordings: what was said over several answers adds up, what was not said does not, and areas come up by name."""

from __future__ import annotations

import pytest

from agents.events import AnswerKind
from agents.observer import LocalObserver
from agents.panel import Panel
from agents.recording import FAINT, REACHED, PointHeard, areas_raised, points_heard
from agents.state import Turn
from agents.transcript import Transcript
from knowledge.bank import load_bank
from knowledge.terms import Rung

QUESTION = load_bank().questions["SD02"]
TAP = "Each tap goes to a durable log with its own id and a small consumer puts it on that person's list in memory."
AGAIN = "So the click is appended to the log first, and the consumer updates the list of recent items of that person."
EMPTY = "We follow best practices and I have done this many times, it depends on the requirements."


@pytest.fixture(scope="module")
def observer(panel: Panel) -> LocalObserver:
    assert isinstance(panel.observer, LocalObserver)
    return panel.observer


def recorded(*answers: str, asked: str = "Go on.") -> Transcript:
    turns: list[Turn] = []
    for answer in answers:
        turns += [Turn(len(turns), "interviewer", asked, 0.0), Turn(len(turns) + 1, "candidate", answer, 0.0)]
    return Transcript(QUESTION, QUESTION.difficulty, tuple(turns))


def heard(observer: LocalObserver, *answers: str, kind: AnswerKind = AnswerKind.VAGUE) -> dict[str, PointHeard]:
    return {h.point: h for h in points_heard(observer, recorded(*answers), [kind] * len(answers))}


def test_evidence_adds_up_over_answers(observer: LocalObserver) -> None:
    first, second, both = heard(observer, TAP), heard(observer, AGAIN), heard(observer, TAP, AGAIN)
    shared = first.keys() & second.keys()
    assert shared
    for point in shared:
        missed = (1 - first[point].probability) * (1 - second[point].probability)
        assert both[point].probability == pytest.approx(1 - missed, abs=1e-6)
        assert both[point].rung >= max(first[point].rung, second[point].rung)


def test_the_quote_is_from_the_plainest_answer(observer: LocalObserver) -> None:
    for found in heard(observer, EMPTY, TAP, AGAIN).values():
        assert found.quote in (EMPTY, TAP, AGAIN)[found.turn // 2]


def test_the_rung_follows_the_probability(observer: LocalObserver) -> None:
    for found in heard(observer, TAP, AGAIN, TAP).values():
        assert found.probability >= FAINT
        assert found.rung == next((rung for rung, least in REACHED if found.probability >= least), Rung.UNSEEN)


def test_empty_talk_and_names_reach_nothing(observer: LocalObserver) -> None:
    names = "Kafka, Flink, Redis, Feast, Kubernetes, SageMaker, Airflow, Spark, Milvus, Grafana, Prometheus"
    assert all(h.rung is Rung.UNSEEN for h in heard(observer, *[EMPTY] * 3, *[names] * 3).values())


@pytest.mark.parametrize("kind", [AnswerKind.ATTACK, AnswerKind.PASTE, AnswerKind.STUCK, AnswerKind.OFF_TOPIC])
def test_an_answer_without_content_of_its_own_is_not_heard(observer: LocalObserver, kind: AnswerKind) -> None:
    assert heard(observer, TAP, kind=kind) == {}


def test_areas_come_up_in_what_either_side_says(observer: LocalObserver) -> None:
    named = f"Tell me about this: {QUESTION.points[0].title}: {QUESTION.points[0].topic}"
    assert areas_raised(observer, recorded(EMPTY, asked=named)) >= {QUESTION.points[0].area}
    assert areas_raised(observer, recorded("My train was late.", asked="How was the journey?")) == frozenset()
    assert areas_raised(observer, Transcript(QUESTION, QUESTION.difficulty, ())) == frozenset()
