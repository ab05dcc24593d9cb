"""The arithmetic of a score, with numbers that can be checked by hand."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

import pytest

from agents.choice import need
from agents.scoring import MOST_FOR_MISTAKES, PER_MISTAKE, POINTS_OF, UNASKED, Assessed, area_score, half, overall
from knowledge.question import Point, Question
from knowledge.rubric import Rubric, load_rubric
from knowledge.terms import Level, Rung
from tests.sample_question import sample_question

QUESTION: Question = replace(sample_question(), difficulty=Level.EXPERT)  # then every point counts in full
SY: list[Point] = [p for p in QUESTION.points if p.area == "SY"]
M, E, J, H = Rung.MENTIONED, Rung.EXPLAINED, Rung.JUSTIFIED, Rung.HELD


def score(*rungs: Rung, mistakes: int = 0, **flags: float) -> float | None:
    points = SY[: len(rungs)]
    reached = {p.id: r for p, r in zip(points, rungs, strict=True)}
    return area_score(QUESTION, asked(points), reached, mistakes, flags).score


def asked(points: Iterable[Point]) -> dict[str, float]:
    return {p.id: 1.0 for p in points}


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        *((1.0, 1.0), (1.24, 1.0), (1.25, 1.5), (1.74, 1.5), (1.75, 2.0), (2.25, 2.5), (3.3333, 3.5), (4.76, 5.0)),
        *((0.0, 1.0), (-3.0, 1.0), (5.0, 5.0), (7.5, 5.0)),
    ],
)
def test_halves_and_bounds(value: float, rounded: float) -> None:
    assert half(value) == rounded


def test_a_rung_is_worth_one_more_than_its_number() -> None:
    assert [POINTS_OF[r] for r in Rung] == [1, 2, 3, 4, 5]
    assert [score(r, r) for r in Rung] == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_nothing_asked_is_no_score_whatever_else_happened() -> None:
    assert area_score(QUESTION, {}, {"P1": H}, 3, {"RF1": 2.0}).score is None


def test_asked_and_never_reached_is_the_lowest_score() -> None:
    assert score(Rung.UNSEEN, Rung.UNSEEN) == 1.0
    assert area_score(QUESTION, asked(SY), {}, 0, {}).score == 1.0


def test_the_mean_is_over_the_asked_points() -> None:
    assert score(J, J, E, E) == 3.5
    assert score(E, E, M, M) == 2.5


def test_one_point_alone_lifts_an_area_one_step_above_the_next_at_most() -> None:
    assert score(H, Rung.UNSEEN) == 2.0
    assert score(H, E) == 4.0
    assert score(H, J, M, M) == 3.25  # (5 + 4 + 2 + 2) / 4, which the second-best point allows
    capped = area_score(QUESTION, asked(SY[:2]), {SY[0].id: H}, 0, {})
    assert capped.caps == ("capped at 2: one point alone was proven further",)
    assert area_score(QUESTION, asked(SY[:2]), {SY[0].id: E, SY[1].id: E}, 0, {}).caps == ()


def test_the_only_point_asked_about_counts_as_it_is() -> None:
    assert score(J) == 4.0


def test_what_nobody_asked_about_counts_half_brought_up_or_left_out() -> None:
    counted = {SY[0].id: 1.0, SY[1].id: UNASKED, SY[2].id: UNASKED}
    given = area_score(QUESTION, counted, {SY[0].id: J, SY[1].id: J}, 0, {})
    assert given.score == (4 + 0.5 * 4 + 0.5 * 1) / 2 == 3.25
    assert area_score(QUESTION, counted, {SY[0].id: J}, 0, {}) == Assessed(2.5)  # no cap: one point was asked about
    assert area_score(QUESTION, counted, {SY[1].id: H}, 0, {}) == Assessed(2.0)


@pytest.mark.parametrize("rungs", list(itertools.product((Rung.UNSEEN, E, H), repeat=3)))
def test_no_score_is_far_above_the_second_best_point_and_a_rung_more_never_costs(rungs: tuple[Rung, ...]) -> None:
    given = score(*rungs)
    assert given is not None
    assert given <= sorted(POINTS_OF[r] for r in rungs)[-2] + 1
    for place in range(3):
        higher = [Rung(min(4, r + (i == place))) for i, r in enumerate(rungs)]
        better = score(*higher)
        assert better is not None
        assert better >= given


def test_points_above_the_questions_level_count_less() -> None:
    question = replace(sample_question(), difficulty=Level.INTERMEDIATE)
    points = [question.point("P1"), question.point("P3"), question.point("P4")]  # the last one is Advanced
    assert [need(question.difficulty, p) for p in points] == [1.0, 1.0, 0.5]
    low = area_score(question, asked(points), {"P1": E, "P3": E, "P4": Rung.UNSEEN}, 0, {})
    assert low.score == (3 + 3 + 0.5 * 1) / 2.5 == 2.6


def test_wrong_claims_cost_half_a_point_each_and_three_halves_at_most() -> None:
    assert (PER_MISTAKE, MOST_FOR_MISTAKES) == (0.5, 1.5)
    assert [score(J, J, mistakes=n) for n in (0, 1, 2, 3, 4, 9)] == [4.0, 3.5, 3.0, 2.5, 2.5, 2.5]
    assert score(M, M, mistakes=9) == 1.0
    noted = [area_score(QUESTION, asked(SY[:2]), {}, n, {}).caps for n in (0, 1, 2)]
    assert noted == [(), ("0.5 off for 1 wrong claim left standing",), ("1 off for 2 wrong claims left standing",)]


def test_mistakes_come_off_after_the_cap() -> None:
    assert score(H, Rung.UNSEEN, mistakes=1) == 1.5


def test_a_red_flag_caps_and_never_lifts() -> None:
    assert score(J, J, RF1=2.5) == 2.5
    assert score(M, M, RF1=2.5) == 2.0
    assert score(H, H, RF1=2.5, RF5=2.0) == 2.0
    capped = area_score(QUESTION, asked(SY[:2]), {p.id: J for p in SY[:2]}, 0, {"RF1": 2.5})
    assert capped.caps == ("capped at 2.5 by RF1",)
    assert area_score(QUESTION, asked(SY[:2]), {}, 0, {"RF1": 2.5}).caps == ()


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric()


def test_the_overall_score_is_the_weighted_mean_of_what_was_assessed(rubric: Rubric) -> None:
    mean, coverage = overall(rubric, {"PY": None, "SY": 3.5, "AW": 2.0, "ML": None, "PS": 4.0})
    assert mean == round((30 * 3.5 + 20 * 2.0 + 10 * 4.0) / 60, 2) == 3.08
    assert coverage == 0.6


def test_all_areas_give_full_coverage(rubric: Rubric) -> None:
    assert overall(rubric, dict.fromkeys(rubric.areas, 3.0)) == (3.0, 1.0)


def test_nothing_assessed_is_no_score_and_not_a_low_one(rubric: Rubric) -> None:
    assert overall(rubric, dict.fromkeys(rubric.areas)) == (None, 0.0)
    assert overall(rubric, {}) == (None, 0.0)
