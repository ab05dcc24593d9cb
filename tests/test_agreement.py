"""The statistics of agreement, beside their textbook formulas, published figures and hand-made cases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pytest

from evals import agreement
from evals.agreement import Array, Estimate, Statistic, alpha, as_array, estimate, quadratic_kappa, spearman

NAN = math.nan
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
"""The data with missing values of "Computing Krippendorff's Alpha-Reliability" (2011), observers x units."""


def drawn_at_random(seed: int, n: int = 40) -> tuple[Array, Array]:
    """Machine and label in tenths, related, 1..5."""
    rng = np.random.default_rng(seed)
    label = rng.uniform(1, 5, n)
    return np.clip(label + rng.normal(0.2, 0.8, n), 1, 5).round(1), label.round(1)


def textbook_kappa(machine: Array, label: Array) -> float:
    """1 - sum w O / sum w E over nine categories, w = (i - j)^2 / 64, E the product of the margins."""
    places = [[math.floor(2 * float(s) + 0.5 + 1e-9) - 2 for s in side] for side in (machine, label)]
    observed = np.zeros((9, 9))
    for row, column in zip(*places, strict=True):
        observed[row, column] += 1
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / observed.sum()
    weights = np.array([[(i - j) ** 2 / 64 for j in range(9)] for i in range(9)])
    return float(1 - (weights * observed).sum() / (weights * expected).sum())


def textbook_alpha(ratings: Sequence[Sequence[float | None]], level: str) -> float:
    """By the coincidence matrix: 1 - (n - 1) sum o d / sum n_c n_k d."""
    units = [[v for v in unit if v is not None] for unit in zip(*ratings, strict=True)]
    units = [unit for unit in units if len(unit) > 1]
    values = sorted({v for unit in units for v in unit})
    o = np.zeros((len(values), len(values)))
    for unit in units:
        for i, first in enumerate(unit):
            for j, second in enumerate(unit):
                if i != j:
                    o[values.index(first), values.index(second)] += 1 / (len(unit) - 1)
    n_c = o.sum(axis=1)
    d = np.zeros_like(o)
    for c, k in np.ndindex(*o.shape):
        low, high = min(c, k), max(c, k)
        ordinal = n_c[low : high + 1].sum() - (n_c[low] + n_c[high]) / 2
        d[c, k] = {"nominal": float(c != k), "ordinal": ordinal**2, "interval": (values[c] - values[k]) ** 2}[level]
    return float(1 - (n_c.sum() - 1) * (o * d).sum() / (np.outer(n_c, n_c) * d).sum())


def once(statistic: Statistic, a: Sequence[float], b: Sequence[float]) -> float:
    return float(statistic(as_array(a), as_array(b), np.ones((1, len(a))))[0])


@pytest.mark.parametrize("seed", range(5))
def test_kappa_is_the_textbook_one(seed: int) -> None:
    machine, label = drawn_at_random(seed)
    assert quadratic_kappa(machine, label) == pytest.approx(textbook_kappa(machine, label), abs=1e-9)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("seed", range(3))
def test_alpha_is_the_textbook_one(seed: int, level: Literal["nominal", "ordinal", "interval"]) -> None:
    rng = np.random.default_rng(seed)
    ratings = [[None if rng.random() < 0.2 else float(v) for v in rng.integers(1, 6, 25)] for _ in range(3)]
    assert alpha(ratings, level) == pytest.approx(textbook_alpha(ratings, level), abs=1e-9)


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_the_published_example(level: Literal["nominal", "ordinal", "interval"], published: float) -> None:
    assert round(alpha(OBSERVERS, level), 3) == published


def test_the_alpha_of_many_values_is_that_of_the_package() -> None:
    table = np.array([as_array(row) for row in OBSERVERS])
    pairable = table[:, np.isfinite(table).sum(axis=0) > 1]
    assert agreement.interval_alpha(pairable) == pytest.approx(alpha(OBSERVERS), abs=1e-9)
    machine, label = np.random.default_rng(1).uniform(1, 5, (2, 400))
    assert alpha([machine, label]) == pytest.approx(once(agreement.alpha_of_draws, machine, label), abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("statistic", agreement.BY_PACKAGE)
def test_a_draw_is_worth_what_the_repeated_cases_are(statistic: Statistic, seed: int) -> None:
    machine, label = drawn_at_random(seed)
    times = np.random.default_rng(seed).integers(0, 4, len(label))
    found = statistic(machine, label, times[None, :].astype(np.float64))[0]
    expected = agreement.BY_PACKAGE[statistic](np.repeat(machine, times), np.repeat(label, times))
    assert found == pytest.approx(expected, abs=1e-9)


def test_roc_area_is_scikit_learns_with_ties() -> None:
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped, unused-ignore]

    rng = np.random.default_rng(3)
    said, reached, times = rng.integers(0, 9, 60) / 10, rng.integers(0, 2, 60), rng.integers(0, 3, 60)
    found = agreement.roc_area(said, reached.astype(np.float64), times[None, :].astype(np.float64))[0]
    assert found == pytest.approx(roc_auc_score(np.repeat(reached, times), np.repeat(said, times)), abs=1e-9)
    assert math.isnan(once(agreement.roc_area, [0.1, 0.9], [1, 1]))


def test_calibration_error_by_hand() -> None:
    said, reached = [0.05, 0.05, 0.95, 1.0], [0, 1, 1, 1]
    assert once(agreement.calibration_error, said, reached) == pytest.approx(0.5 * 0.45 + 0.5 * 0.025)
    assert agreement.bin_of(as_array([0, 0.1, 0.3, 0.7, 0.99, 1])).tolist() == [0, 1, 3, 7, 9, 9]


def test_errors_and_shares_by_hand() -> None:
    machine, label = [2.0, 3.2, 4.6, 1.0], [2.2, 2.7, 3.6, 3.0]
    assert once(agreement.absolute_error, machine, label) == pytest.approx(3.7 / 4)
    assert once(agreement.bias, machine, label) == pytest.approx(-0.7 / 4)
    assert once(agreement.exact, machine, label) == 0.25
    assert once(agreement.within(0.5), machine, label) == 0.5
    assert once(agreement.within(1.0), machine, label) == 0.75
    pooled = math.sqrt((np.var(machine, ddof=1) + np.var(label, ddof=1)) / 2)
    assert once(agreement.standardised_difference, machine, label) == pytest.approx(-0.7 / 4 / pooled)


def test_halves_go_up_from_the_quarter_and_stay_within_the_scale() -> None:
    scores = as_array([0.2, 1.24, 1.25, 3.2499999999999996, 3.75, 4.9, 7])
    assert agreement.to_halves(scores).tolist() == [1, 1, 1.5, 3.5, 4, 5, 5]


@pytest.mark.parametrize("pair", [([], []), ([3.0], [3.0]), ([3.0, None, 2.0], [3.0, 2.0, NAN]), ([3, 3], [3, 3])])
def test_too_few_cases_or_no_variance_is_not_a_number(pair: tuple[list[float], list[float]]) -> None:
    machine, label = pair
    for value in (quadratic_kappa(machine, label), alpha([machine, label]), spearman(machine, label)):
        assert math.isnan(value)
    found = estimate(agreement.standardised_difference, machine, label, ["Q"] * len(label), 1)
    assert math.isnan(found.value)


def test_missing_scores_leave_their_case_out() -> None:
    machine, label = [1.0, None, 3.0, 4.5, NAN, 2.0], [1.5, 5.0, 3.0, 4.0, 1.0, None]
    assert spearman(machine, label) == pytest.approx(1)
    assert quadratic_kappa(machine, label) == quadratic_kappa([1.0, 3.0, 4.5], [1.5, 3.0, 4.0])
    found = estimate(agreement.absolute_error, machine, label, list("AABBCC"), 1)
    assert found.n == 3
    assert found.value == pytest.approx(1 / 3)


def test_whole_questions_are_drawn() -> None:
    """Within a question all errors are the same, so a draw of two questions has a mean of 0, 0.5 or 1."""
    label, questions = [2.0] * 40, ["A"] * 20 + ["B"] * 20
    found = estimate(agreement.absolute_error, [2.0] * 20 + [3.0] * 20, label, questions, 7)
    assert (found.value, found.low, found.high) == (0.5, 0.0, 1.0)
    each = estimate(agreement.absolute_error, [2.0] * 20 + [3.0] * 20, label, [str(n) for n in range(40)], 7)
    assert 0.2 < each.low < 0.5 < each.high < 0.8


def test_one_question_has_no_interval() -> None:
    machine, label = drawn_at_random(1)
    found = estimate(agreement.bias, machine, label, ["A"] * len(label), 7)
    assert math.isfinite(found.value)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_the_interval_is_that_of_drawing_questions_one_by_one() -> None:
    machine, label = drawn_at_random(2, 60)
    questions = [f"Q{n % 12}" for n in range(60)]
    found = estimate(agreement.spearman_of_draws, machine, label, questions, 7)
    rng, values = np.random.default_rng(1), []
    for _ in range(300):
        cases = [n for q in rng.integers(0, 12, 12) for n in range(60) if n % 12 == q]
        values.append(spearman(machine[cases], label[cases]))
    assert [found.low, found.high] == pytest.approx(np.percentile(values, (2.5, 97.5)), abs=0.04)
    assert found == estimate(agreement.spearman_of_draws, machine, label, questions, 7)


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 and 1 scores of 2 questions"):
        estimate(agreement.bias, [1, 2], [1], ["A", "B"], 1)


def test_pairs_of_one_question_and_far_enough_apart() -> None:
    label = [1.0, 1.8, 3.0, 1.0, 4.0, None]
    scores = [2.0, 2.5, 2.5, 4.0, 1.0, 5.0]
    hits, of = agreement.in_order(scores, label, ["A", "A", "A", "B", "B", "B"], 0.8)
    # A: 1.0 < 1.8 right, 1.0 < 3.0 right, 1.8 < 3.0 with equal scores; B: the wrong way round.
    assert (hits, of) == ([1.0, 1.0, 0.0, 0.0], ["A", "A", "A", "B"])


def test_a_line_is_fitted_to_the_other_questions() -> None:
    words, label = [100, 200, 100, 200], [1.0, 2.0, 3.0, 5.0]
    assert agreement.fitted_elsewhere(words, label, list("AABB")) == pytest.approx([3.0, 5.0, 1.0, 2.0])
    assert np.isnan(agreement.fitted_elsewhere(words, label, list("AAAA"))).all()


def test_json_has_no_nan() -> None:
    assert Estimate(0.5, NAN, NAN, 3).as_json() == {"value": 0.5, "low": None, "high": None, "n": 3}
