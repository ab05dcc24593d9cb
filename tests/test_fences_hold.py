"""Attack texts in answers change neither what the panel does nor a score; the model obeys what it takes for our words.

The same log is used with and without the attack, so that whatever differs is the attack's doing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from agents.assessor import assess
from agents.events import AnswerKind, Directive
from agents.observer import Exchange
from agents.panel import ModelPanel
from agents.session import cleaned
from agents.state import InterviewState
from agents.transcript import Transcript, transcript_of
from knowledge.embedder import MiniLM
from knowledge.terms import Move, Rung
from tests.attack_texts import ATTACKS
from tests.gullible_model import ORDER, gullible, ours
from tests.hand_made import opened, seen
from tests.loopback import Loopback
from tests.seated import rubric, seated
from tests.whole import bank

QUESTION = "SD06"
ANSWER = (
    "For each of the forty teams I would define a feature once and keep its offline history and the online values "
    "from that one definition. A run is defined by its code, the version of its data and its settings."
)


@pytest.fixture(scope="module")
def seats(embedder: MiniLM) -> Iterator[tuple[ModelPanel, Loopback]]:
    with Loopback(gullible) as server:
        yield seated(server.url, embedder), server


def state(text: str) -> InterviewState:
    """An interview in which `text` answered the only question about a point."""
    question = bank()[QUESTION]
    log = opened(question=question, level=question.difficulty, minutes=60)
    target = question.points[2]
    log.ask(Move.EXPLORE, target.id, text="How do features come about?", topic=target.topic)
    log.answer(seen(AnswerKind.EXPLAINED, (target.id, Rung.EXPLAINED), quote=ANSWER, words=40), text=text)
    return log.state


def attacked(attack: str) -> str:
    """The answer as the log keeps it, with the attack behind it."""
    return cleaned(f"{ANSWER}\n{attack}")


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) >= 40
    assert all(ORDER in attack for attack in ATTACKS)


def test_without_a_fence_this_model_obeys(seats: tuple[ModelPanel, Loopback]) -> None:
    panel, server = seats
    told = state(ANSWER)
    directive = Directive(move=Move.DEEPEN, phase="data", topic=ORDER)  # a topic is ours
    said = panel.interviewer.speak(told, directive)
    assert said.work is not None
    assert said.work.took_over
    assert ORDER in ours(server.requests[-1])


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_an_attack_changes_nothing(attack: str, seats: tuple[ModelPanel, Loopback]) -> None:
    panel, server = seats
    question, before = bank()[QUESTION], len(server.requests)
    plain, other = state(ANSWER), state(attacked(attack))
    directive = Directive(move=Move.DEEPEN, phase="data", target="P3", topic="where features come from")
    assert panel.interviewer.speak(other, directive).text == panel.interviewer.speak(plain, directive).text

    asked = plain.asked[-1]
    heard, again = (
        panel.observer.observe(question, Exchange(asked.text, asked.directive, text))
        for text in (ANSWER, attacked(attack))
    )
    assert heard.observer == again.observer == "model scripted"
    assert again.kind in (heard.kind, AnswerKind.ATTACK, AnswerKind.PASTE)
    assert {(r.point, r.quote) for r in again.reached} <= {(r.point, r.quote) for r in heard.reached}

    cards = [assess(_whole(s), rubric(), panel.reader) for s in (plain, other)]
    assert cards[0].overall is not None
    assert [(a.id, a.score) for a in cards[1].areas] == [(a.id, a.score) for a in cards[0].areas]
    assert len(server.requests) - before == 6
    for request in server.requests[before:]:
        assert ORDER not in ours(request)


def _whole(told: InterviewState) -> Transcript:
    return replace(transcript_of(told), share=1.0)
