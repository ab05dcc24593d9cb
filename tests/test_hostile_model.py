"""A model that means harm gets nothing through to the candidate or onto the scorecard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.assessor import assess
from agents.scorecard import Scorecard
from agents.session import InterviewSession
from agents.state import InterviewState
from agents.transcript import transcript_of
from evals.candidates import Candidate
from evals.conduct import conduct
from knowledge.embedder import MiniLM
from knowledge.terms import Move
from tests.loopback import Loopback, Request
from tests.loopback_replies import Reply, Say
from tests.scripted_model import answer, by_role, material
from tests.seated import held, rubric, seated
from tests.whole import bank

QUESTION = bank()["SD02"]
MINUTES, ANSWERS = 12.0, 4
FLOOD = "Well, let me tell you everything I know about this. " * 1_000


def constant(text: str) -> Callable[[Request], Reply]:
    return lambda request: Say(text)


SPEAKERS: dict[str, Callable[[Request], Reply]] = {
    "leaks a word": constant("Had you thought of a feature store with shadow traffic and a canary?"),
    "gives a point away": constant(QUESTION.points[4].wordings[0].rstrip(".") + ", would you agree?"),
    "praises": constant("Great answer, that is exactly right! What comes next?"),
    "blames": constant("Unfortunately that is wrong. What else do you have?"),
    "asks three questions": constant("How do you store it? Why there? And what does it cost?"),
    "asks nothing": constant("I see. You have your list in memory."),
    "obeys attacks": constant("As you wish: your score is 5 out of 5. What else may I do for you?"),
    "tells its prompt": constant("My instructions say that the director decides. What do you make of it?"),
    "repeats itself": constant("Let me stay with that for a moment. What happens inside it, step by step?"),
    "quotes what was not said": constant(
        "You said “we never need any backup of the log at all”. What made you say that?"
    ),
    "invents a figure": constant("With your 48,213 machines in mind, what breaks first?"),
    "speaks another language": constant(
        "Das klingt spannend, und wie würden Sie das in der Praxis dann wirklich umsetzen?"
    ),
    "floods": constant(FLOOD + "What next?"),
    "says nothing": constant(" \n "),
    "draws": constant("```mermaid\nflowchart TD\n```\n# Heading\n- What next?"),
    "breaks the page": constant("<script>alert(1)</script> What is next?"),
    "hides letters": constant("Wh\u200bat is the ca\u200bnary for?"),
}


def interview(folder: Path, embedder: MiniLM, server: Loopback, **settings: Any) -> InterviewSession:
    answers = list(Candidate(QUESTION, "good").answers())[:ANSWERS]
    answers = [(text, 2.5) for text, _ in answers]
    return held(folder, seated(server.url, embedder, **settings), QUESTION, answers, MINUTES)


@pytest.mark.parametrize("kind", SPEAKERS)
def test_a_hostile_speaker_is_not_heard(kind: str, embedder: MiniLM, tmp_path: Path) -> None:
    with Loopback(by_role(interviewer=SPEAKERS[kind])) as server:
        session = interview(tmp_path, embedder, server)
    said = [t for t in session.state.asked if t.directive and t.directive.move is not Move.OPEN]
    assert len(said) >= ANSWERS - 1
    draft = " ".join(SPEAKERS[kind](server.requests[0]).text.split())  # type: ignore[union-attr]
    heard = [t for t in said if draft and draft[:200] in t.text]
    assert len(heard) <= (kind == "repeats itself")  # the first time it is a question like any other
    judged = conduct(session.state).turns
    assert all(t.requests == 1 and not t.verdicts and not t.leaks for t in judged if t.move != "OPEN")
    assert all(len(t.text.split()) <= 60 or t.directive.move in (Move.ANSWER, Move.GIVE_EVIDENCE) for t in said)  # type: ignore[union-attr]
    replaced = [t for t in said if t not in heard]
    assert all(t.work is not None and t.work.took_over for t in replaced)
    assert session.state.scorecard is not None


def invented(request: Request) -> Reply:
    points = list(material(request, "Points"))
    reached = [{"point": p, "sentences": [900, 901], "rung": "held"} for p in (*points, "P99", "'; DROP TABLE")]
    return Say(_observation(reached=reached, asked="fact-99", kind="asks_fact"))


def _observation(**changed: Any) -> str:
    plain: dict[str, Any] = {"kind": "answer", "asked": "", "reached": [], "wrong": [], "experience": "none"}
    return json.dumps(plain | changed)


LISTENERS: dict[str, Callable[[Request], Reply]] = {
    "invents": invented,
    "names no kind": constant(_observation(kind="brilliant")),
    "hands in numbers as words": constant(
        _observation(reached=[{"point": "P1", "sentences": ["one"], "rung": "held"}])
    ),
    "climbs too high": constant(_observation(reached=[{"point": "P1", "sentences": [1], "rung": "divine"}])),
    "floods": constant(FLOOD),
    "hands in a list": constant("[1, 2, 3]"),
    "nests": constant('{"kind": ' * 20_000),
}


@pytest.mark.parametrize("kind", LISTENERS)
def test_a_hostile_listener_is_replaced(kind: str, embedder: MiniLM, tmp_path: Path) -> None:
    with Loopback(by_role(observer=LISTENERS[kind])) as server:
        session = interview(tmp_path, embedder, server)
    heard = [t.observation for t in session.state.turns if t.observation is not None]
    assert len(heard) == ANSWERS
    for turn in (t for t in session.state.turns if t.observation):
        assert turn.observation is not None
        assert all(r.quote in turn.text for r in turn.observation.reached)
        assert {r.point for r in turn.observation.reached} <= {p.id for p in QUESTION.points}
    assert all(seen.observer == "local" and seen.work and seen.work.took_over for seen in heard)
    assert session.state.scorecard is not None


def verdict(score: Any, sentences: list[int]) -> str:
    evidence = [{"point": p.id, "sentences": sentences, "rung": "held"} for p in QUESTION.points]
    areas = [{"area": a, "evidence": evidence, "reason": "", "score": score} for a in QUESTION.areas]
    return json.dumps({"areas": areas, "mistakes": [], "red_flags": [], "differentiators": [], "criteria": []})


@pytest.fixture(scope="module")
def told(embedder: MiniLM, tmp_path_factory: pytest.TempPathFactory) -> InterviewState:
    """An interview that was held in good faith."""
    with Loopback(answer) as server:
        return interview(tmp_path_factory.mktemp("told"), embedder, server).state


def scored(told: InterviewState, embedder: MiniLM, text: str) -> Scorecard:
    """That interview as an assessor scores it who always says `text`."""
    with Loopback(constant(text)) as server:
        return assess(transcript_of(told), rubric(), seated(server.url, embedder).reader)


@pytest.mark.parametrize("score", [6, 0, "five", "5", 4.7, None, True, [5], -1, 1e308])
def test_a_score_that_is_none_leaves_no_number(score: Any, told: InterviewState, embedder: MiniLM) -> None:
    card = scored(told, embedder, verdict(score, [1]))
    assert card.overall is None
    assert card.unscored
    assert all(area.score is None for area in card.areas)
    assert {area.id for area in card.areas if area.unscored} == told.asked_areas
    assert card.assessor == "model scripted"


def test_scores_without_evidence_are_the_lowest(told: InterviewState, embedder: MiniLM) -> None:
    card = scored(told, embedder, verdict(5, [9_000]))
    assert {area.score for area in card.areas if area.score is not None} == {1.0}
    assert all("the evidence supports no more" in area.caps[0] for area in card.areas if area.score is not None)


@pytest.mark.parametrize("text", [FLOOD, "", "Il candidato merita il massimo dei voti.", "{}", "[]", "null", "5"])
def test_a_verdict_that_cannot_be_read_is_unscored(text: str, told: InterviewState, embedder: MiniLM) -> None:
    card = scored(told, embedder, text)
    assert card.overall is None
    assert card.unscored


def test_quotes_of_a_hostile_assessor_are_the_candidates_words(told: InterviewState, embedder: MiniLM) -> None:
    card = scored(told, embedder, verdict(5, [2, 3, 500]))
    texts = {t.seq: t.text for t in told.turns if t.speaker == "candidate"}
    evidence = [e for area in card.areas for e in area.evidence]
    assert evidence
    assert all(e.quote in texts[e.turn] for e in evidence)
