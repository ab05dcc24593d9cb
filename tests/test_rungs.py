"""A rung is proven by what is said and by the move it answers: never by names, length or the word "because"."""

from __future__ import annotations

import pytest

from agents.rungs import (
    CHANGE_MOVES,
    REASON_MOVES,
    has_reason,
    hedged,
    is_list_of_names,
    rung_of,
    turned_round,
    weighs,
)
from knowledge.terms import Move, Rung

NAMES = "Kafka, Redis, Flink, Spark, Cassandra, Kubernetes, Terraform, Airflow, Prometheus, Grafana, MLflow and Feast."
HOW = (
    "The phone sends each action to a durable log, a worker reads the log in order and keeps the person's last hundred."
)
WHY = f"{HOW} I prefer that to recomputing on each click, because clicks are twice as frequent as page requests."
ENOUGH = 6  # words shared with the point: plenty
CHANGED = (
    "With half the budget the second copy goes first, so users of one zone see yesterday's suggestions until the other "
    "zone takes over, and nightly profiles still serve them; the sold filter stays because it is cheap."
)


def rung(text: str, move: Move | None = None, on_target: bool = False, overlap: int = ENOUGH, p: float = 0.9) -> Rung:
    return rung_of(text, text, overlap, p, move, on_target)


@pytest.mark.parametrize("move", [None, *REASON_MOVES, *CHANGE_MOVES])
def test_a_list_of_names_proves_nothing_whatever_was_asked(move: Move | None) -> None:
    assert is_list_of_names(NAMES)
    assert rung(NAMES, move, on_target=True) == Rung.UNSEEN
    assert rung(f"We use {NAMES}", move, on_target=True) == Rung.UNSEEN
    assert rung("A cache.", move, on_target=True) == Rung.MENTIONED


@pytest.mark.parametrize("text", ["Kinesis.", "A cache", "Docker/Kubernetes/Helm/Argo/Istio/Envoy", NAMES.lower()])
def test_names_without_a_statement(text: str) -> None:
    assert is_list_of_names(text)


@pytest.mark.parametrize("text", [HOW, "AWS runs it in Dublin.", "We store the id, the time and the price of it."])
def test_a_statement_is_no_list(text: str) -> None:
    assert not is_list_of_names(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{HOW} Because.",
        f"{HOW} Because it is good.",
        f"{HOW} That is because of the log.",
        "A durable log is used because a durable log is a log that is durable for all of us here.",
    ],
)
def test_because_alone_proves_nothing(text: str) -> None:
    assert not has_reason(text)
    assert rung(text, Move.JUSTIFY, on_target=True) <= Rung.EXPLAINED


def test_a_reason_says_something_new() -> None:
    assert has_reason("I keep the list in memory because the next page arrives within twenty-five seconds.")
    assert has_reason("Since pages arrive every twenty-five seconds, I keep it in memory.")
    assert not has_reason(HOW)
    assert not has_reason("")


@pytest.mark.parametrize(
    "text",
    [
        "I rejected a hosted endpoint.",
        "A file instead of a queue.",
        "It is fine unless the volume grows.",
        "If the catalogue grows, I'd switch to an index.",
        "The downside is a second copy.",
        "It costs 25 ms per page.",
    ],
)
def test_alternatives_conditions_and_costs_are_weighing(text: str) -> None:
    assert weighs(text)
    assert not weighs(HOW)


def test_how_is_explained_and_why_with_an_alternative_is_justified() -> None:
    assert rung(HOW) == Rung.EXPLAINED
    assert rung(WHY) == Rung.JUSTIFIED


def test_a_reason_without_an_alternative_counts_only_as_the_answer_to_why() -> None:
    reason = f"{HOW} Because the next page arrives within twenty-five seconds, recent actions have to be there."
    assert not weighs(reason)
    assert rung(reason) == Rung.EXPLAINED
    assert rung(reason, Move.JUSTIFY, on_target=True) == Rung.JUSTIFIED
    assert rung(reason, Move.COMPARE, on_target=True) == Rung.JUSTIFIED
    assert rung(reason, Move.JUSTIFY, on_target=False) == Rung.EXPLAINED
    assert rung(reason, Move.DEEPEN, on_target=True) == Rung.EXPLAINED


def test_an_alternative_without_a_reason_is_explained() -> None:
    assert rung(f"{HOW} Kinesis instead of Kafka.") == Rung.EXPLAINED


@pytest.mark.parametrize("move", CHANGE_MOVES)
def test_held_needs_a_changed_situation_on_this_very_point(move: Move) -> None:
    assert rung(CHANGED, move, on_target=True) == Rung.HELD
    assert rung(CHANGED, move, on_target=False) < Rung.HELD


@pytest.mark.parametrize("move", [None, Move.EXPLORE, Move.DEEPEN, Move.JUSTIFY, Move.COMPARE, Move.EXPERIENCE])
def test_without_a_change_nothing_is_held(move: Move | None) -> None:
    assert rung(CHANGED, move, on_target=True) < Rung.HELD


def test_held_needs_consequences_and_more_than_a_sentence() -> None:
    assert rung(HOW, Move.CONSTRAIN, on_target=True) == Rung.EXPLAINED
    short = "Then the second copy would be dropped and users still get yesterday's list."
    assert rung(short, Move.CONSTRAIN, on_target=True) == Rung.EXPLAINED


def test_few_shared_words_or_few_words_at_all_are_a_mention() -> None:
    assert rung(HOW, overlap=2, p=0.6) == Rung.MENTIONED
    assert rung(HOW, overlap=2, p=0.9) == Rung.EXPLAINED
    assert rung(HOW, overlap=3, p=0.6, on_target=True) == Rung.EXPLAINED
    assert rung("A worker keeps the last hundred.") == Rung.MENTIONED


def test_code_explains_itself_and_no_more() -> None:
    assert rung_of("x = Queue()", "x = Queue()", 0, 0.5, Move.CONSTRAIN, True, code=True) == Rung.EXPLAINED


def test_the_sentences_around_count_for_the_reason() -> None:
    assert rung_of(HOW, WHY, ENOUGH, 0.9, None, False) == Rung.JUSTIFIED


@pytest.mark.parametrize(
    "text", ["It does not scale.", "We can’t.", "Only if the load grows.", "Suppose it fails.", "Rather than a queue."]
)
def test_hedges(text: str) -> None:
    assert hedged(text)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The store doesn't guarantee that.", "The store guarantees that."),
        ("No store guarantees that.", "The store guarantees that."),
        ("I doubt that the store is overloaded.", "The store is overloaded."),
        ("It is wrong to put one lock around it.", "I put one lock around it."),
        ("The counter needs a lock after all, it is not atomic.", "The counter is atomic and needs no lock."),
        ("The counter needs protection.", "The counter needs no protection."),
        ("What was not bought is not a negative.", "What was not bought is a negative."),
        ("Building all of it first is the classic failure.", "We build all of it first."),
    ],
)
def test_the_opposite_of_a_claim(text: str, claim: str) -> None:
    assert turned_round(text, claim)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The store guarantees that they are the same.", "The store guarantees that."),
        ("I don't need any lock here.", "The counter needs no lock."),
        ("Whatever was not bought is a negative example.", "What was not bought is a negative."),
        ("One lock around it, then nothing can go wrong.", "I put one lock around it, so nothing goes wrong."),
    ],
)
def test_the_same_claim_in_other_words(text: str, claim: str) -> None:
    assert not turned_round(text, claim)
