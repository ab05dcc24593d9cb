"""Wrong claims: challenged soon, at most twice, by a scenario and never by the correction."""

from __future__ import annotations

from typing import Any

import pytest

from agents.challenges import unchallenged
from agents.events import AnswerKind, Directive
from agents.policy import next_move
from knowledge.bank import load_bank
from knowledge.terms import Level, Move, Rung
from tests.hand_made import Log, opened, seen

K = AnswerKind
QUOTE = "Every report of the trip goes into the training table."


def begun(**fields: Any) -> Log:
    log = opened(**fields)
    log.ask(Move.EXPLORE, log.state.question.points[0].id)
    return log


def made(log: Log) -> Directive:
    directive = log.state.directive
    assert directive is not None
    return directive


def claim_of(log: Log) -> str | None:
    cleared = made(log).cleared
    return cleared.id if cleared and cleared.kind == "probe" else None


def test_a_wrong_claim_is_challenged_by_its_probe_and_hung_on_the_words_that_made_it() -> None:
    log = begun()
    log.reply(seen(K.WRONG, ("P3", Rung.EXPLAINED), wrong=("W1",), quote=QUOTE))
    assert (made(log).move, made(log).target, claim_of(log)) == (Move.CHALLENGE, "P6", "W1")
    assert (made(log).anchor, made(log).anchor_quote) == ("the training table", QUOTE)
    claim = log.state.question.wrong_claims[0]
    assert log.state.asked[-1].text.endswith(claim.probe)
    assert claim.consequence not in log.state.asked[-1].text


def test_it_is_challenged_once_more_when_repeated_without_the_probe_and_then_left() -> None:
    log = begun()
    for _ in range(2):
        log.reply(seen(K.WRONG, wrong=("W1",), quote=QUOTE))
    assert (made(log).move, claim_of(log)) == (Move.INJECT_CONSEQUENCE, "W1")
    assert log.state.question.wrong_claims[0].probe not in log.state.asked[-1].text
    log.reply(seen(K.WRONG, wrong=("W1",), quote=QUOTE))
    assert claim_of(log) is None
    assert log.state.challenges == {"W1": 2}


def test_it_is_not_challenged_again_when_it_is_not_repeated() -> None:
    log = begun()
    log.reply(seen(K.WRONG, wrong=("W1",)))
    log.reply(seen(K.VAGUE))
    assert claim_of(log) is None


def test_two_claims_in_one_answer_are_both_challenged_within_two_turns() -> None:
    log = begun()
    log.reply(seen(K.WRONG, wrong=("W1", "W3")))
    first = claim_of(log)
    log.reply(seen(K.WRONG, wrong=("W1",)))  # the new one goes before the repeated one
    assert {first, claim_of(log)} == {"W1", "W3"}
    assert unchallenged(log.state) == []


@pytest.mark.parametrize("kind", [K.FACT_QUESTION, K.DECISION_QUESTION, K.STUCK, K.RAMBLE, K.HELD])
def test_nothing_but_the_close_delays_it_beyond_the_second_turn(kind: AnswerKind) -> None:
    log = begun(minutes=60)
    item = log.state.question.facts[0].id
    log.reply(seen(K.FACT_QUESTION, wrong=("W3",), asked_item=item))
    assert made(log).move is Move.ANSWER
    log.reply(seen(kind, asked_item=item), minutes=45)  # coverage is due as well
    assert claim_of(log) == "W3"
    told = made(log).told_first
    assert (told.text if told else "").startswith("There are 300 trams." if kind is K.FACT_QUESTION else "")


def test_a_claim_made_again_before_it_was_challenged_has_waited_long_enough() -> None:
    log = begun()
    item = log.state.question.facts[0].id
    for _ in range(2):
        log.reply(seen(K.FACT_QUESTION, wrong=("W3",), asked_item=item))
    assert claim_of(log) == "W3"


@pytest.mark.parametrize("kind", [K.FOREIGN, K.NOISE])
def test_what_cannot_be_read_is_dealt_with_first(kind: AnswerKind) -> None:
    log = begun()
    log.reply(seen(K.FACT_QUESTION, wrong=("W3",), asked_item=log.state.question.facts[0].id))
    log.reply(seen(kind, language="fr"))
    assert claim_of(log) is None
    log.reply(seen(K.VAGUE))
    assert claim_of(log) == "W3"


def test_a_hint_that_was_asked_for_comes_first() -> None:
    log = begun()
    log.reply(seen(K.FACT_QUESTION, wrong=("W3",), asked_item=log.state.question.facts[0].id))
    log.reply(seen(K.STUCK), text="", wants_hint=True)
    assert made(log).move is Move.HINT


@pytest.mark.parametrize("rung", [Rung.JUSTIFIED, Rung.HELD])
def test_a_claim_about_a_settled_point_is_challenged_without_questioning_the_point(rung: Rung) -> None:
    log = begun()
    log.answer(seen(K.JUSTIFIED, ("P6", rung)))
    log.ask(Move.EXPLORE, "P2")
    log.reply(seen(K.WRONG, wrong=("W1",)))
    assert (made(log).move, made(log).target, claim_of(log)) == (Move.CHALLENGE, None, "W1")


def test_two_claims_about_one_point_do_not_make_the_same_move_on_it_twice() -> None:
    bank = load_bank().questions.values()
    shared = [
        (q, a.id, b.id)
        for q in bank
        for a in q.wrong_claims
        for b in q.wrong_claims
        if a.id < b.id and a.point == b.point
    ]
    assert shared
    for question, first, second in shared:
        log = begun(question=question)
        log.reply(seen(K.WRONG, wrong=(first, second)))
        target = made(log).target
        log.reply(seen(K.VAGUE))
        assert target is not None
        assert made(log).target is None
        assert sorted(log.state.challenges.values()) == [1, 1]


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("SD02", Move.CHALLENGE, Move.INJECT_CONSEQUENCE),
        ("CD01", Move.CODE_TRACE, Move.CHALLENGE),
        ("DB01", Move.INJECT_CONSEQUENCE, Move.CHALLENGE),
    ],
)
@pytest.mark.parametrize("level", list(Level))
def test_the_moves_fit_the_kind_of_interview(question: str, first: Move, second: Move, level: Level) -> None:
    log = begun(question=load_bank().questions[question], level=level)
    moves = []
    for _ in range(2):
        log.answer(seen(K.WRONG, wrong=("W2",)))
        directive = next_move(log.state)
        assert directive is not None
        moves.append(directive.move)
        log.next()
    assert moves == [first, second]
