"""The judges of an interviewer's turns: each fault is found where it was made, and nowhere else."""

from __future__ import annotations

import pytest

from agents.events import AnswerKind, Cleared
from evals.conduct import TurnRecord, conduct, own_words, requests
from knowledge.terms import Move
from tests.hand_made import Log, opened, seen

VAGUE = seen(AnswerKind.VAGUE)
SAID = "I'd write every report into a durable queue and let one worker read it."


def talk(*turns: tuple[Move, str | None, str], said: str = SAID) -> Log:
    """An interview in which these questions were asked, each after the same answer."""
    log = opened()
    for move, target, text in turns:
        log.answer(VAGUE, text=said)
        log.ask(move, target, text)
    log.answer(VAGUE, text=said)
    return log


def judged(*turns: tuple[Move, str | None, str], said: str = SAID) -> tuple[TurnRecord, ...]:
    return conduct(talk(*turns, said=said).state).turns


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("What happens then?", 1),
        ("Let's talk about the queue. What happens then?", 1),
        ("What is it, and how would you build it?", 2),
        ("What is it? Why?", 2),
        ("Walk me through it.", 1),
        ("Suppose it fails. Describe what people see.", 1),
        ("I see.", 0),
        ("Tell me about it. Explain the rest.", 2),
    ],
)
def test_requests_are_counted(text: str, count: int) -> None:
    assert requests(text) == count


def test_the_same_target_and_move_again_is_a_repeat_however_it_is_worded() -> None:
    found = judged((Move.DEEPEN, "P3", "How does it work?"), (Move.DEEPEN, "P3", "Which mechanism does the job?"))
    assert [t.repeats for t in found] == ["", "same"]


def test_nearly_the_same_words_are_a_repeat_whatever_they_are_about() -> None:
    words = "Let's make it smaller. Picture one single case of {}. What happens first?"
    found = judged(
        (Move.SPLIT, "P3", words.format("the report")),
        (Move.SPLIT, "P4", words.format("the busy hour")),
        (Move.EXPLORE, "P5", "Something else now. What would you measure?"),
    )
    assert [t.repeats for t in found] == ["", "near", ""]


def test_a_word_not_to_say_first_leaks_until_somebody_has_said_it() -> None:
    text = "What about a fallback?"
    assert judged((Move.EXPLORE, "P7", text))[0].leaks == ("fallback",)
    assert judged((Move.EXPLORE, "P7", text), said="I would have fallbacks.")[0].leaks == ()


def test_a_point_s_own_words_leak() -> None:
    text = "Would you let every reader have the same copy?"
    assert judged((Move.EXPLORE, "P4", text))[0].leaks
    assert judged((Move.EXPLORE, "P4", text), said="I'd let every reader have the same copy.")[0].leaks == ()


def test_the_consequence_of_a_mistake_is_a_correction() -> None:
    text = "But a few lines are useless and nobody sees it. What now?"
    assert judged((Move.CHALLENGE, "P2", text))[0].leaks


def test_verdicts_are_found_outside_of_what_is_handed_over() -> None:
    assert judged((Move.EXPLORE, "P3", "Great point. What next?"))[0].verdicts == ("great",)
    assert judged((Move.EXPLORE, "P3", "With exactly-once delivery, what next?"))[0].verdicts == ()
    log = opened()
    log.answer(VAGUE, text=SAID)
    fact = Cleared(kind="fact", id="fact-1", text="The right to ride is free.")
    log.ask(Move.ANSWER, None, f"{fact.text} What next?", cleared=fact)
    assert conduct(log.state).turns[0].verdicts == ()
    assert own_words(log.state.asked[-1]).split() == ["What", "next?"]


def test_quoting_and_ties() -> None:
    found = judged(
        (Move.DEEPEN, "P3", "You said every report into a durable queue. How?"),
        (Move.JUSTIFY, "P3", "What made you settle on the queue?"),
        (Move.CLARIFY, "P4", "What do you mean?"),
    )
    assert [t.quotes for t in found] == [True, False, False]
    assert [t.ties for t in found] == [True, True, False]


def test_areas_close_and_hints() -> None:
    log = talk((Move.EXPLORE, "P3", "How?"))
    assert not conduct(log.state).closed
    log.ask(Move.EXPLORE, "P6", "What else?")
    log.answer(VAGUE, text=SAID)
    log.ask(Move.HINT, "P4", "A hint. Where does the time go?", hint_stage=1)
    log.answer(VAGUE, text=SAID)
    log.ask(Move.WRAP_UP, None, "What worries you most?")
    found = conduct(log.state)
    assert (found.closed, found.hints, found.areas_asked) == (True, (1,), ("ML", "SY"))
    log.answer(VAGUE, minutes=600, text=SAID)
    assert not conduct(log.state).closed


def test_mistakes_are_challenged_late_missed_or_had_no_room() -> None:
    probe = Cleared(kind="probe", id="W1", text="Which reports are in its training row?")

    def result(*probed: bool) -> str:
        log = opened()
        log.answer(VAGUE, text=SAID)
        for is_probe in probed:
            log.ask(Move.CHALLENGE, None, "And then?", cleared=probe if is_probe else None)
            log.answer(VAGUE, text=SAID)
        log.ask(Move.WRAP_UP, None, "What worries you most?")
        return conduct(log.state, {0: ["W1"]}).mistakes["0:W1"]

    assert result(True) == result(False, True) == "challenged"
    assert result(False, False, True) == "late"
    assert result(False, False) == "missed"
    assert result(False) == "no room"


def test_words_are_counted_without_the_problem_and_the_facts() -> None:
    log = opened()
    opening = conduct(log.state)
    assert opening.interviewer_words < 60
    assert opening.card_words > 10
    log.answer(VAGUE, text="one two three")
    assert conduct(log.state).candidate_words == 3
