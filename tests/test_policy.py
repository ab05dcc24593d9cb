"""The rules of the policy in their order, each shown on a log written by hand."""

from __future__ import annotations

import pytest

from agents.events import AnswerKind, Directive
from agents.pace import minutes_per_exchange, remaining_exchanges, wrap_up_minutes
from agents.phases import MINUTES_PER_EXCHANGE
from agents.policy import MOST_WAITS, next_move
from knowledge.bank import load_bank
from knowledge.terms import Level, Move, Rung
from prompts import phrasings
from tests.hand_made import Log, opened, seen

K = AnswerKind
ROLE = {
    K.ATTACK: Move.BOUNDARY,
    K.WANTS_ANSWER: Move.BOUNDARY,
    K.FOREIGN: Move.SWITCH_LANGUAGE,
    K.PASTE: Move.OWN_WORDS,
}


def fact(log: Log) -> str:
    return log.state.question.facts[0].id


def made(log: Log) -> Directive:
    """The last directive, which must be there."""
    directive = log.state.directive
    assert directive is not None
    return directive


def test_it_begins_with_the_opening() -> None:
    directive = Log().next()
    assert directive is not None
    assert (directive.move, directive.target, directive.phase) == (Move.OPEN, None, "open")


@pytest.mark.parametrize("kind", list(K))
def test_the_wrap_up_comes_before_everything(kind: AnswerKind) -> None:
    log = opened(minutes=30)
    log.ask(Move.EXPLORE, "P1")
    log.answer(seen(kind, wrong=("W1",), asked_item=fact(log)), minutes=26.1, wants_hint=True)
    assert log.state.left() <= wrap_up_minutes(30, MINUTES_PER_EXCHANGE["typed"])
    directive = log.next()
    assert directive is not None
    assert (directive.move, directive.phase) == (Move.WRAP_UP, "close")
    assert log.reply(seen(kind, wrong=("W1",)), minutes=0.1) is None


def test_when_the_time_is_over_there_is_nothing_to_ask() -> None:
    log = opened(minutes=30)
    assert log.reply(seen(K.VAGUE), minutes=30) is None


@pytest.mark.parametrize(
    ("total", "pace", "kept"),
    [(60, "typed", 4.0), (60, "spoken", 3.0), (30, "spoken", 2.25), (20, "spoken", 2.25), (10, "typed", 3.5)],
)
def test_what_is_kept_for_the_close(total: float, pace: str, kept: float) -> None:
    assert wrap_up_minutes(total, MINUTES_PER_EXCHANGE[pace]) == pytest.approx(kept)


def test_a_slow_candidate_gets_fewer_questions_and_the_close_comes_earlier() -> None:
    log, pauses = opened(minutes=60), opened(minutes=60)
    for minutes in (4.5, 4.6, 4.7):
        log.reply(seen(K.VAGUE), minutes=minutes)
    assert minutes_per_exchange(log.state) == pytest.approx(4.6)
    slower = opened(minutes=45)
    for _ in range(3):
        slower.reply(seen(K.VAGUE), minutes=6.4)
    assert minutes_per_exchange(slower.state) == pytest.approx(6.4)  # with less, the last answer would fill the end
    for minutes in (1.0, 20.0, 1.0):  # one long pause is no habit
        pauses.reply(seen(K.VAGUE), minutes=minutes)
    assert minutes_per_exchange(pauses.state) == MINUTES_PER_EXCHANGE["typed"]


def test_remaining_exchanges_fall_and_stay_at_least_one() -> None:
    log, counts = opened(minutes=30), []
    while log.state.left() > 0:
        counts.append(remaining_exchanges(log.state))
        log.answer(seen(K.VAGUE), minutes=3)
        log.ask(Move.CLARIFY, "P1")
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 8
    assert counts[-1] == 1


@pytest.mark.parametrize(("kind", "move"), ROLE.items())
def test_the_interview_stays_an_interview(kind: AnswerKind, move: Move) -> None:
    log = opened()
    log.ask(Move.EXPLORE, "P3")
    directive = log.reply(seen(kind, language="fr"))
    assert directive is not None
    assert (directive.move, directive.target) == (move, "P3")
    assert directive.topic == "the way of a report to the screen"


@pytest.mark.parametrize("kind", [K.FOREIGN, K.PASTE])
def test_a_turn_that_names_no_topic_uses_up_no_point(kind: AnswerKind) -> None:
    log = opened()
    log.reply(seen(kind, language="fr"))
    assert made(log).target is None
    assert (log.state.asked_points, log.state.asked_areas) == ([], set())


def test_a_boundary_needs_a_topic_even_when_every_point_was_asked_about() -> None:
    log = opened()
    for point in log.state.question.points:
        log.ask(Move.EXPLORE, point.id)
    log.answer(seen(K.HELD, ("P8", Rung.HELD)))
    log.ask(Move.CONSTRAIN, "P8")
    log.reply(seen(K.ATTACK))
    assert made(log).move is Move.BOUNDARY
    assert made(log).target not in (None, "P8")


def test_a_fact_asked_for_is_told_and_the_question_stays_open() -> None:
    log = opened()
    log.ask(Move.EXPLORE, "P3")
    log.reply(seen(K.FACT_QUESTION, asked_item=fact(log)))
    assert made(log).move is Move.ANSWER
    assert made(log).cleared is not None
    assert made(log).cleared.text.startswith("There are 300 trams.")  # type: ignore[union-attr]
    log.reply(seen(K.MENTIONED, ("P3", Rung.MENTIONED)))
    assert (made(log).move, made(log).target) == (Move.DEEPEN, "P3")


def test_an_evidence_card_is_given_when_asked_for() -> None:
    log = opened(question=load_bank().questions["DB01"])
    card = log.state.question.evidence[0]
    log.reply(seen(K.EVIDENCE_QUESTION, asked_item=card.id))
    assert made(log).move is Move.GIVE_EVIDENCE
    assert log.state.asked[-1].text.find(card.text) >= 0


@pytest.mark.parametrize(
    ("kind", "move", "detail"),
    [
        (K.OPEN_QUESTION, Move.RETURN_DECISION, "open"),
        (K.DECISION_QUESTION, Move.RETURN_DECISION, ""),
        (K.FACT_QUESTION, Move.RETURN_DECISION, ""),  # no fact of that kind
        (K.DISPUTE, Move.CONCEDE, ""),
    ],
)
def test_other_questions_go_back_to_the_candidate(kind: AnswerKind, move: Move, detail: str) -> None:
    log = opened()
    log.reply(seen(kind))
    assert (made(log).move, made(log).detail, made(log).cleared) == (move, detail, None)


@pytest.mark.parametrize("kind", [K.ATTACK, K.FOREIGN, K.DECISION_QUESTION, K.FACT_QUESTION])
def test_after_three_turns_at_the_candidate_s_lead_the_interviewer_leads(kind: AnswerKind) -> None:
    log = opened()
    facts = [f.id for f in log.state.question.facts]
    for item in facts[1:4]:
        log.reply(seen(kind, asked_item=item))
        assert log.state.streak(ROLE.values()) or made(log).target is None
    log.reply(seen(K.FACT_QUESTION, asked_item=facts[0]))
    assert made(log).move in (Move.EXPLORE, Move.CLOSE_PHASE)
    assert made(log).target is not None
    assert made(log).told_first is not None
    assert log.state.asked[-1].text.startswith("There are 300 trams.")


def test_a_fact_asked_for_again_comes_with_a_question() -> None:
    log = opened()
    log.reply(seen(K.FACT_QUESTION, asked_item=fact(log)))
    assert (made(log).move, made(log).target) == (Move.ANSWER, None)
    log.reply(seen(K.FACT_QUESTION, asked_item=fact(log)))
    assert made(log).target is not None
    assert made(log).told_first is not None


def test_room_to_think_is_offered_a_few_times_only() -> None:
    log = opened(minutes=60)
    for _ in range(12):
        log.reply(seen(K.STUCK), minutes=1)
    assert log.state.used(Move.WAIT) == MOST_WAITS


@pytest.mark.parametrize("kind", [K.FOREIGN, K.PASTE])
def test_what_was_said_three_times_is_not_said_again(kind: AnswerKind) -> None:
    log = opened(minutes=60)
    for _ in range(9):
        log.reply(seen(kind), minutes=1)
    assert log.state.used(ROLE[kind]) == 3
    assert len(log.state.asked_points) >= 5


def test_coverage_comes_before_more_of_the_same() -> None:
    log = opened(minutes=60)
    log.answer(seen(K.VAGUE), minutes=30)
    log.ask(Move.EXPLORE, "P3")
    log.reply(seen(K.MENTIONED, ("P3", Rung.MENTIONED)), minutes=8)
    assert made(log).target == "P3"  # one area of two has had its question, and there is time for the other
    log.reply(seen(K.EXPLAINED, ("P3", Rung.EXPLAINED)), minutes=3.5)
    assert log.state.question.point(made(log).target or "").area == "ML"
    assert log.state.elapsed() <= 0.8 * 60


def test_with_just_time_enough_an_area_goes_before_what_the_candidate_asks() -> None:
    log = opened(minutes=60)
    log.ask(Move.EXPLORE, "P3")
    log.reply(seen(K.FACT_QUESTION, asked_item=fact(log)), minutes=30)
    assert made(log).move is Move.ANSWER
    log.reply(seen(K.FACT_QUESTION, asked_item=fact(log)), minutes=15)
    assert log.state.question.point(made(log).target or "").area == "ML"
    assert log.state.asked[-1].text.startswith("There are 300 trams.")


def test_half_of_the_areas_are_due_at_half_time() -> None:
    log = opened(minutes=60)
    log.ask(Move.EXPLORE)
    log.reply(seen(K.STUCK), minutes=31)
    assert made(log).reason == "an area without a question yet"


def test_an_area_whose_points_all_stand_gets_a_change_of_the_situation() -> None:
    log = opened(minutes=60)
    log.ask(Move.EXPLORE, "P3")
    everything = [(p.id, Rung.JUSTIFIED) for p in log.state.question.points if p.area == "ML"]
    log.reply(seen(K.JUSTIFIED, *everything), minutes=45)
    assert made(log).move in (Move.CONSTRAIN, Move.INJECT_FAILURE)
    assert log.state.question.point(made(log).target or "").area == "ML"


def test_stuck_gets_room_then_a_smaller_question_then_hints_in_order_then_another_topic() -> None:
    log = opened()
    log.ask(Move.EXPLORE, "P7")
    moves, stages = [], []
    for _ in range(6):
        log.reply(seen(K.STUCK))
        moves.append(made(log).move)
        stages.append(made(log).hint_stage)
    assert moves == [Move.WAIT, Move.SPLIT, Move.HINT, Move.HINT, Move.HINT, moves[-1]]
    assert stages == [0, 0, 1, 2, 3, 0]
    assert moves[-1] in (Move.EXPLORE, Move.CLOSE_PHASE)


def test_the_hint_button_gives_the_next_hint_at_once_and_aims_at_the_point_at_hand() -> None:
    log = opened()
    log.ask(Move.EXPLORE, "P4")
    log.reply(seen(K.STUCK), text="", wants_hint=True)
    assert (made(log).move, made(log).hint_stage, made(log).target) == (Move.HINT, 1, "P4")
    log.reply(seen(K.STUCK), text="", wants_hint=True)
    assert made(log).hint_stage == 2
    assert log.state.asked[-1].text.endswith("What does a rider do when the number jumps?")


def test_a_hint_to_what_stands_already_is_only_given_when_asked_for() -> None:
    log = opened()
    log.answer(seen(K.JUSTIFIED, ("P3", Rung.JUSTIFIED), ("P4", Rung.HELD)))
    log.ask(Move.EXPLORE, "P7")
    for _ in range(3):
        log.reply(seen(K.STUCK))
    assert made(log).move is not Move.HINT
    log.reply(seen(K.STUCK), text="", wants_hint=True)
    assert (made(log).hint_stage, made(log).target) == (1, None)


def test_noise_gets_room_and_says_why() -> None:
    log = opened()
    log.ask(Move.EXPLORE, "P1")
    log.reply(seen(K.NOISE))
    assert (made(log).move, made(log).detail) == (Move.WAIT, "noise")
    assert log.state.asked[-1].text in phrasings()["WAIT"]["noise"]


@pytest.mark.parametrize("kind", [K.RAMBLE, K.OFF_TOPIC])
def test_who_leaves_the_question_is_led_back_to_it_once(kind: AnswerKind) -> None:
    log = opened()
    log.ask(Move.EXPLORE, "P2")
    log.reply(seen(kind))
    assert (made(log).move, made(log).target) == (Move.REDIRECT, "P2")
    log.reply(seen(kind))
    assert made(log).target != "P2"


def test_a_phase_is_left_after_one_and_a_half_times_its_minutes() -> None:
    log = opened(minutes=60)
    budget = log.state.plan["flow"]
    log.ask(Move.EXPLORE, "P3")
    log.answer(seen(K.MENTIONED, ("P3", Rung.MENTIONED)), minutes=1.6 * budget)
    directive = next_move(log.state)
    assert directive is not None
    assert (directive.move, directive.reason) == (Move.CLOSE_PHASE, "time for the next part")
    assert directive.phase != "flow"


def test_phases_to_come_get_their_turn_when_turns_grow_few() -> None:
    log = opened(minutes=30)
    log.answer(seen(K.VAGUE), minutes=8)
    log.ask(Move.EXPLORE, "P1")
    log.reply(seen(K.MENTIONED, ("P1", Rung.MENTIONED)), minutes=3)
    assert made(log).phase == "goal"
    log.reply(seen(K.EXPLAINED, ("P1", Rung.EXPLAINED)), minutes=3)
    assert log.state.phase_minutes["goal"] < log.state.plan["goal"]
    assert made(log).phase != "goal"


def test_a_good_candidate_meets_one_change_before_the_end() -> None:
    log = opened(minutes=60, level=Level.INTERMEDIATE)
    log.answer(seen(K.EXPLAINED, ("P4", Rung.EXPLAINED)))
    log.ask(Move.EXPLORE, "P2")
    log.ask(Move.EXPLORE, "P1")
    log.reply(seen(K.VAGUE), minutes=37)
    assert (made(log).move, made(log).target) == (Move.CONSTRAIN, "P4")
    assert made(log).cleared is not None


def test_an_interview_that_has_covered_everything_ends_early_but_not_without_a_change() -> None:
    log = opened(minutes=75)
    points = log.state.question.points
    for point in points:
        log.ask(Move.EXPLORE, point.id)
    log.answer(seen(K.VAGUE, ("P5", Rung.EXPLAINED)))
    log.ask(Move.CLARIFY, "P8")
    log.reply(seen(K.VAGUE))
    assert (made(log).move, made(log).target) == (Move.CONSTRAIN, "P5")
    log.reply(seen(K.HELD, ("P5", Rung.HELD)))
    assert made(log).move is Move.WRAP_UP
    assert log.state.elapsed() < 10


def test_who_presses_the_button_gets_the_hint_even_in_a_short_interview() -> None:
    log = opened(minutes=10.0)
    log.reply(seen(AnswerKind.VAGUE), minutes=1.0)
    log.answer(seen(AnswerKind.STUCK), text="", wants_hint=True)
    directive = log.next()
    assert directive is not None
    assert directive.move is Move.HINT
    assert directive.hint_stage == 1
