"""Which point comes next and which move takes it up: the ladder by level, and the moves with triggers of their own."""

from __future__ import annotations

from typing import Any

import pytest

from agents.choice import MOST_PROBES, at_hand, last_target, need, next_point
from agents.events import AnswerKind, Directive
from knowledge.terms import Level, Move, Rung
from tests.hand_made import Log, opened, seen
from tests.sample_question import sample_question

K = AnswerKind
SIZING = sample_question(
    ("phases: [goal, flow,", "phases: [goal, sizing, flow,"),
    ("SY · flow · Advanced", "SY · sizing · Advanced"),
    ("### flow\nOne", "### sizing\nNine thousand values.\n\n### flow\nOne"),
)
LADDER = {
    (Level.INTERMEDIATE, Rung.MENTIONED): [Move.DEEPEN],
    (Level.INTERMEDIATE, Rung.EXPLAINED): [Move.JUSTIFY],
    (Level.INTERMEDIATE, Rung.JUSTIFIED): [Move.CONSTRAIN],
    (Level.INTERMEDIATE, Rung.HELD): [],
    (Level.ADVANCED, Rung.MENTIONED): [Move.DEEPEN],
    (Level.ADVANCED, Rung.EXPLAINED): [Move.JUSTIFY, Move.COMPARE],
    (Level.ADVANCED, Rung.JUSTIFIED): [Move.CONSTRAIN, Move.EXPERIENCE],
    (Level.ADVANCED, Rung.HELD): [],
    (Level.EXPERT, Rung.MENTIONED): [Move.DEEPEN],
    (Level.EXPERT, Rung.EXPLAINED): [Move.COMPARE, Move.JUSTIFY],
    (Level.EXPERT, Rung.JUSTIFIED): [Move.CONSTRAIN, Move.INJECT_FAILURE, Move.EXPERIENCE],
    (Level.EXPERT, Rung.HELD): [],
}


def about(target: str, level: Level = Level.ADVANCED, **fields: Any) -> Log:
    log = opened(level=level, minutes=75, pace="spoken", **fields)
    log.ask(Move.EXPLORE, target)
    return log


def made(log: Log) -> Directive:
    directive = log.state.directive
    assert directive is not None
    return directive


@pytest.mark.parametrize(("level", "rung"), LADDER)
def test_the_ladder(level: Level, rung: Rung) -> None:
    log, moves = about("P3", level), []
    while True:
        log.reply(seen(K.EXPLAINED, ("P3", rung)), minutes=0.2)
        if made(log).target != "P3":
            break
        moves.append(made(log).move)
    assert moves == LADDER[level, rung][: MOST_PROBES[level] - 1]
    assert made(log).move in (Move.EXPLORE, Move.CLOSE_PHASE)


@pytest.mark.parametrize("level", list(Level))
def test_no_point_is_asked_about_too_often_in_a_row(level: Level) -> None:
    log, row = about("P3", level), 1
    for rung in (Rung.MENTIONED, Rung.EXPLAINED, Rung.EXPLAINED, Rung.JUSTIFIED, Rung.JUSTIFIED, Rung.JUSTIFIED):
        log.reply(seen(K.EXPLAINED, ("P3", rung)), minutes=0.2)
        if made(log).target != "P3":
            break
        row += 1
    assert row == MOST_PROBES[level]


def test_a_fact_told_in_between_does_not_lose_the_point() -> None:
    log = about("P3")
    log.ask(Move.ANSWER)
    assert last_target(log.state) == at_hand(log.state) == "P3"
    log.answer(seen(K.JUSTIFIED, ("P3", Rung.JUSTIFIED)))
    assert (last_target(log.state), at_hand(log.state)) == ("P3", None)
    log.ask(Move.CHALLENGE)
    assert last_target(log.state) is None


def test_a_constraint_comes_once_per_interview_at_intermediate() -> None:
    log = about("P3", Level.INTERMEDIATE)
    log.reply(seen(K.JUSTIFIED, ("P3", Rung.JUSTIFIED)))
    log.ask(Move.EXPLORE, "P4")
    log.reply(seen(K.JUSTIFIED, ("P4", Rung.JUSTIFIED)))
    assert log.state.used(Move.CONSTRAIN) == 1
    assert made(log).target not in ("P3", "P4")


def test_a_ready_failure_goes_before_a_constraint_of_the_interviewer_s_own() -> None:
    log = about("P7")
    log.reply(seen(K.JUSTIFIED, ("P7", Rung.JUSTIFIED)))
    assert made(log).move is Move.INJECT_FAILURE
    assert made(log).cleared is not None
    assert log.state.asked[-1].text.endswith("A line's radio is down for an hour. Describe what its riders read.")


def test_a_justified_point_that_was_volunteered_is_not_asked_about() -> None:
    log = about("P1")
    log.reply(seen(K.JUSTIFIED, ("P3", Rung.JUSTIFIED), ("P4", Rung.HELD)))
    for _ in range(12):
        log.reply(seen(K.VAGUE), minutes=0.2)
    assert log.state.points["P2"].moves
    assert {*log.state.points["P3"].moves, *log.state.points["P4"].moves} <= {Move.CONSTRAIN, Move.INJECT_FAILURE}


def test_what_was_volunteered_is_taken_up_where_the_question_was_not_answered() -> None:
    log = about("P1")
    log.reply(seen(K.EXPLAINED, ("P4", Rung.EXPLAINED), anchor="your cache", quote="I keep a cache."))
    assert (made(log).move, made(log).target, made(log).anchor) == (Move.JUSTIFY, "P4", "your cache")


def test_what_was_only_mentioned_a_while_ago_is_opened_as_a_topic() -> None:
    log = about("P1")
    log.answer(seen(K.MENTIONED, ("P2", Rung.MENTIONED), anchor="your error rate"))
    log.ask(Move.DEEPEN, "P1")
    log.reply(seen(K.MENTIONED, anchor="your timetable"))
    assert (made(log).move, made(log).target, made(log).anchor) == (Move.EXPLORE, "P2", "your timetable")


def test_a_size_that_was_only_named_gets_a_number_and_then_its_mechanism() -> None:
    log = about("P1", question=SIZING)
    log.reply(seen(K.MENTIONED, ("P4", Rung.MENTIONED)))
    assert (made(log).move, made(log).target) == (Move.NUMBER, "P4")
    assert "memory do all the times need" in log.state.asked[-1].text
    log.reply(seen(K.MENTIONED, ("P4", Rung.MENTIONED)))
    assert made(log).move is Move.DEEPEN


def test_a_size_that_nobody_spoke_of_is_opened_with_a_number() -> None:
    log = about("P1", question=SIZING)
    while made(log).target != "P4":
        log.reply(seen(K.MENTIONED), minutes=0.2)
    assert (made(log).move, made(log).phase) == (Move.NUMBER, "sizing")


def test_an_adjective_gets_a_question_for_its_number_once() -> None:
    log = about("P3")
    log.reply(seen(K.VAGUE, adjective="fast", anchor="your gateway"))
    assert (made(log).move, made(log).anchor) == (Move.QUANTIFY, '"fast"')
    assert '"fast"' in log.state.asked[-1].text
    log.reply(seen(K.VAGUE, adjective="fast"))
    assert made(log).target != "P3"


def test_an_expert_who_stays_vague_is_asked_for_an_estimate() -> None:
    log = about("P3", Level.EXPERT)
    log.reply(seen(K.VAGUE, adjective="fast"))
    log.reply(seen(K.VAGUE, adjective="fast"))
    assert (made(log).move, made(log).target) == (Move.NUMBER, "P3")
    log.reply(seen(K.VAGUE, adjective="fast"))
    assert made(log).target != "P3"


def test_a_vague_word_gets_a_question_for_what_is_meant() -> None:
    log = about("P3")
    log.reply(seen(K.VAGUE, anchor="your platform"))
    assert (made(log).move, made(log).target, made(log).anchor) == (Move.CLARIFY, "P3", "your platform")


def test_who_speaks_of_practice_is_asked_about_it_but_not_all_the_time() -> None:
    log, asked = about("P1", Level.EXPERT), 0
    for point in ("P2", "P3", "P5", "P6"):
        log.ask(Move.EXPLORE, point)
        log.reply(seen(K.EXPLAINED, (point, Rung.EXPLAINED), claims_experience=True), minutes=0.5)
        asked += made(log).move is Move.EXPERIENCE
    assert asked == 2


def test_a_held_point_is_left_even_when_practice_is_claimed() -> None:
    log = about("P3", Level.EXPERT)
    log.reply(seen(K.HELD, ("P3", Rung.HELD), claims_experience=True))
    assert made(log).target != "P3"


@pytest.mark.parametrize(
    ("level", "needs"),
    [(Level.INTERMEDIATE, [1, 0.5, 0.25]), (Level.ADVANCED, [1, 1, 0.5]), (Level.EXPERT, [1, 1, 1])],
)
def test_a_point_counts_less_above_the_candidate_s_level(level: Level, needs: list[float]) -> None:
    points = {p.level: p for p in sample_question().points}
    assert [need(level, points[wanted]) for wanted in Level] == needs


def test_the_next_point_is_in_the_phase_at_hand_and_in_the_main_area() -> None:
    log = opened()
    log.ask(Move.EXPLORE, "P3")
    assert next_point(log.state) == "P4"
    log.answer(seen(K.JUSTIFIED, ("P4", Rung.JUSTIFIED)))
    assert next_point(log.state) == "P5"
    assert next_point(log.state, areas=["SY"]) == "P1"
    assert next_point(log.state, phases=["goal"]) == "P1"
    assert next_point(log.state, phases=["sizing"]) is None


def test_of_two_equal_points_the_one_mentioned_last_comes_first() -> None:
    equal = sample_question(("ML · goal · Intermediate", "SY · goal · Intermediate"))
    log = opened(question=equal)
    assert next_point(log.state) == "P1"
    log.answer(seen(K.MENTIONED, ("P1", Rung.MENTIONED)))
    log.ask(Move.EXPLORE)
    log.answer(seen(K.MENTIONED, ("P2", Rung.MENTIONED)))
    assert next_point(log.state, phases=["goal"]) == "P2"
