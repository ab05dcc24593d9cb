"""How an interview's minutes are shared: the tables of the guide, rescaled to every length and level."""

from __future__ import annotations

from itertools import product

import pytest

from agents.phases import MINUTES_PER_EXCHANGE, exchanges, phase_plan
from knowledge.bank import load_bank
from knowledge.terms import CATEGORIES, DESIGN_PHASES, PHASE_NAMES, PHASES, Level

LENGTHS = (10, 20, 30, 45, 60, 75)
EVERY = list(product(CATEGORIES, Level, LENGTHS))


def whole(category: str, level: Level, minutes: float) -> dict[str, float]:
    return phase_plan(category, level, minutes, PHASES[category])


@pytest.mark.parametrize(("category", "level", "minutes"), EVERY)
def test_the_minutes_add_up_to_the_interview(category: str, level: Level, minutes: int) -> None:
    plan = whole(category, level, minutes)
    assert sum(plan.values()) == pytest.approx(minutes)
    assert all(share > 0 for share in plan.values())


@pytest.mark.parametrize(("category", "level", "minutes"), EVERY)
def test_the_phases_stand_in_order_between_opening_and_close(category: str, level: Level, minutes: int) -> None:
    plan = whole(category, level, minutes)
    assert [p for p in plan if p in PHASES[category]] == list(PHASES[category])
    assert (next(iter(plan)) == "open") == (PHASES[category] == DESIGN_PHASES)
    assert set(plan) <= set(PHASE_NAMES)


@pytest.mark.parametrize(("category", "level", "minutes"), EVERY)
def test_only_required_phases_get_minutes_and_share_all_of_them(category: str, level: Level, minutes: int) -> None:
    required = PHASES[category][:2]
    plan = phase_plan(category, level, minutes, required)
    assert [p for p in plan if p not in ("open", "close")] == list(required)
    assert sum(plan.values()) == pytest.approx(minutes)
    ratio = plan[required[0]] / plan[required[1]]
    full = whole(category, level, minutes)
    assert ratio == pytest.approx(full[required[0]] / full[required[1]])


@pytest.mark.parametrize(
    ("minutes", "table"),
    [(45, (2, 6, 3, 7, 8, 6, 6, 5, 2)), (60, (3, 8, 4, 9, 10, 8, 9, 6, 3))],
)
def test_a_design_interview_of_the_guide_s_own_length_is_the_guide_s_table(minutes: int, table: tuple[int]) -> None:
    plan = whole("System Design", Level.ADVANCED, minutes)
    assert tuple(plan) == ("open", *DESIGN_PHASES, "close")
    assert tuple(plan.values()) == pytest.approx(table)


def test_other_lengths_keep_the_proportions() -> None:
    for minutes, near in ((10, 45), (20, 45), (30, 45), (75, 60)):
        plan, table = whole("Model Ops", Level.ADVANCED, minutes), whole("Model Ops", Level.ADVANCED, near)
        assert plan == pytest.approx({phase: share * minutes / near for phase, share in table.items()})


@pytest.mark.parametrize(
    ("category", "minutes", "open_phase"),
    [("Debugging", 30, 14), ("Coding", 25, 11), ("Code Review", 20, 9), ("Shell", 20, 10), ("Behavioral", 15, 8)],
)
def test_the_longest_phase_of_every_other_kind(category: str, minutes: int, open_phase: int) -> None:
    plan = whole(category, Level.EXPERT, minutes)
    assert max(plan.values()) == pytest.approx(open_phase)
    assert plan == whole(category, Level.INTERMEDIATE, minutes)  # levels shift minutes in design interviews only


def test_levels_move_three_minutes_and_not_the_total() -> None:
    advanced = whole("System Design", Level.ADVANCED, 60)
    beginner, expert = whole("System Design", Level.INTERMEDIATE, 60), whole("System Design", Level.EXPERT, 60)
    assert beginner["flow"] + beginner["data"] == pytest.approx(advanced["flow"] + advanced["data"] + 3)
    gained = sum(expert[p] - advanced[p] for p in ("goal", "deep_dive", "operation"))
    assert gained == pytest.approx(3)
    assert sum(beginner.values()) == pytest.approx(sum(expert.values()))


def test_every_shipped_question_has_a_plan_for_each_of_its_phases() -> None:
    questions = load_bank().questions.values()
    assert questions
    for question in questions:
        plan = phase_plan(question.category, question.difficulty, question.minutes, question.phases)
        assert set(question.phases) <= set(plan)


@pytest.mark.parametrize("pace", ["typed", "spoken"])
def test_exchanges_fit_into_the_minutes(pace: str) -> None:
    for minutes in LENGTHS:
        turns = exchanges(minutes, pace)
        assert turns * MINUTES_PER_EXCHANGE[pace] <= minutes < (turns + 1) * MINUTES_PER_EXCHANGE[pace]


def test_there_is_always_one_exchange() -> None:
    assert exchanges(0.0, "typed") == exchanges(-3.0, "spoken") == 1
