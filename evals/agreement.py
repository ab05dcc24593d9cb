"""How well two series of scores agree: the statistics and their intervals.

Scores are 1..5. None and NaN stand for a score that is missing; a case counts where both sides have one. Below two
cases, and where a formula would divide by no variance, the result is NaN. Intervals are 95 % percentile bootstrap
intervals that resample whole questions, because transcripts of one question resemble each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Scores = Sequence[float | None] | Array
Statistic = Callable[[Array, Array, Array], Array]
"""(machine, label, times) -> one value per row of `times`. The first two have shape (n,). `times` has shape (rounds, n)
and says how often a case counts, so that all rounds of a bootstrap are one product of matrices."""
HALVES = tuple(half / 2 for half in range(2, 11))
"""The categories 1, 1.5 .. 5."""
ROUNDS, BLOCK = 1000, 100
BINS = 10
TINY = 1e-9
"""What a sum of decimal fractions may be off, and the least variance that is more than that."""
LARGEST = 5_000_000
"""Units x values x values up to which the krippendorff package is asked for an interval alpha: it keeps that many."""


@dataclass(frozen=True)
class Estimate:
    """A statistic of `n` cases with its 95 % interval. NaN for what is not defined."""

    value: float
    low: float
    high: float
    n: int

    def as_json(self) -> dict[str, float | None]:
        """By name, None for NaN, which JSON does not have."""
        return {name: value if math.isfinite(value) else None for name, value in vars(self).items()}


def as_array(scores: Scores) -> Array:
    """Floats of shape (n,), NaN for None."""
    return np.array([math.nan if score is None else score for score in scores], dtype=np.float64)


def to_halves(scores: Array) -> Array:
    """Rounded to the nearest of HALVES, a quarter upwards: 3.25 -> 3.5. What lies outside 1..5 goes to its end."""
    return np.clip(np.floor(2 * scores + 0.5 + TINY) / 2, HALVES[0], HALVES[-1])


def quadratic_kappa(machine: Scores, label: Scores) -> float:
    """Cohen's kappa with quadratic weights (Cohen 1968) of both sides rounded to halves, categories 1, 1.5 .. 5.

    At most 1. It is 0 where just one side is constant, NaN where both always give the same category.
    """
    from sklearn.metrics import cohen_kappa_score

    a, b = (to_halves(side) for side in _both(machine, label))
    if len(a) < 2 or len(np.unique([a, b])) < 2:
        return math.nan
    # scikit-learn takes categories for names, so halves become whole numbers.
    return float(cohen_kappa_score(2 * a, 2 * b, labels=[2 * half for half in HALVES], weights="quadratic"))


def alpha(ratings: Sequence[Scores], level: Literal["nominal", "ordinal", "interval"] = "interval") -> float:
    """Krippendorff's alpha of `ratings`, readers x units ("Computing Krippendorff's Alpha-Reliability", 2011).

    At most 1. Units with fewer than two ratings do not count. NaN with fewer than two units or just one value.
    """
    import krippendorff

    table = np.array([as_array(row) for row in ratings])
    table = table[:, np.isfinite(table).sum(axis=0) >= 2]
    values = np.unique(table[np.isfinite(table)])
    if table.shape[1] < 2 or len(values) < 2:
        return math.nan
    if level == "interval" and table.shape[1] * len(values) ** 2 > LARGEST:
        return interval_alpha(table)
    return float(krippendorff.alpha(reliability_data=table, level_of_measurement=level))


def interval_alpha(table: Array) -> float:
    """Krippendorff's alpha for intervals without the coincidence matrix: 1 - observed / expected disagreement.

    `table`: readers x units, at least two ratings each, not all the same. Observed: the sum over units (m ratings, SS
    their squared deviations) of 2 m SS / (m - 1), by the number of ratings. Expected: twice their variance (n - 1).
    """
    per_unit = np.isfinite(table).sum(axis=0)
    squares = np.nansum((table - np.nanmean(table, axis=0)) ** 2, axis=0)
    observed = float((2 * per_unit * squares / (per_unit - 1)).sum() / per_unit.sum())
    return 1 - observed / (2 * float(np.nanvar(table, ddof=1)))


def spearman(machine: Scores, label: Scores) -> float:
    """Spearman's rank correlation, -1..1, ties at their mean rank. NaN where a side is constant."""
    from scipy.stats import spearmanr

    a, b = _both(machine, label)
    if len(a) < 2 or np.ptp(a) < TINY or np.ptp(b) < TINY:
        return math.nan
    return float(spearmanr(a, b).statistic)


def mean(a: Array, b: Array, times: Array) -> Array:
    """The mean of `a`; `b` is not looked at."""
    return _ratio(times @ a, times.sum(axis=1))


def absolute_error(a: Array, b: Array, times: Array) -> Array:
    """The mean of |machine - label|, 0..4."""
    return mean(np.abs(a - b), b, times)


def bias(a: Array, b: Array, times: Array) -> Array:
    """The mean of machine - label, -4..4; above 0 the machine is generous."""
    return mean(a - b, b, times)


def exact(a: Array, b: Array, times: Array) -> Array:
    """The share, 0..1, of cases with the same half."""
    return mean((to_halves(a) == to_halves(b)).astype(np.float64), b, times)


def within(limit: float) -> Statistic:
    """The share, 0..1, of cases with |machine - label| <= `limit`, not rounded."""
    return lambda a, b, times: mean((np.abs(a - b) <= limit + TINY).astype(np.float64), b, times)


def standardised_difference(a: Array, b: Array, times: Array) -> Array:
    """Bias / sqrt((variance of machine + variance of label) / 2), variances with n - 1 (Williamson et al. 2012)."""
    n = times.sum(axis=1)
    pooled = (_spread(a, times) + _spread(b, times)) * n / (n - 1) / 2
    return _ratio(bias(a, b, times), np.sqrt(np.where(pooled > TINY, pooled, 0)))


def kappa_of_draws(a: Array, b: Array, times: Array) -> Array:
    """quadratic_kappa from moments: 1 - E(a - b)^2 / (var a + var b + (E a - E b)^2), variances with n."""
    a, b = to_halves(a), to_halves(b)
    chance = _spread(a, times) + _spread(b, times) + bias(a, b, times) ** 2
    return 1 - _ratio(mean((a - b) ** 2, b, times), chance)


def alpha_of_draws(a: Array, b: Array, times: Array) -> Array:
    """interval_alpha of two readers."""
    n = 2 * times.sum(axis=1)
    expected = 2 * _spread(np.concatenate([a, b]), np.concatenate([times, times], axis=1)) * n / (n - 1)
    return 1 - _ratio(mean((a - b) ** 2, b, times), expected)


def spearman_of_draws(a: Array, b: Array, times: Array) -> Array:
    """The correlation of the ranks that the cases have in each draw."""
    x, y = _ranks(a, times), _ranks(b, times)
    n = times.sum(axis=1, keepdims=True)
    x, y = (ranks - (times * ranks).sum(axis=1, keepdims=True) / n for ranks in (x, y))
    both, own, other = ((times * product).sum(axis=1) for product in (x * y, x * x, y * y))
    return _ratio(both, np.sqrt(own * other))


def roc_area(probability: Array, reached: Array, times: Array) -> Array:
    """The area under the ROC curve, 0..1: how often a reached point has more than one not reached, ties as half.

    `reached` is 0 or 1. NaN where all are, or none is.
    """
    order = np.argsort(probability, kind="stable")
    starts = np.unique(probability[order], return_index=True)[1]
    yes = np.add.reduceat((times * reached)[:, order], starts, axis=1)
    no = np.add.reduceat((times * (1 - reached))[:, order], starts, axis=1)
    above = (yes * (np.cumsum(no, axis=1) - no / 2)).sum(axis=1)
    return _ratio(above, yes.sum(axis=1) * no.sum(axis=1))


def calibration_error(probability: Array, reached: Array, times: Array) -> Array:
    """Expected calibration error, 0..1 (Naeini et al. 2015), over ten bins of equal width.

    The sum over bins of (cases in the bin / all cases) x |share reached - mean probability|.
    """
    held = np.eye(BINS)[bin_of(probability)]
    gaps = np.abs(times @ (held * (reached - probability)[:, None]))
    return _ratio(gaps.sum(axis=1), times.sum(axis=1))


def bin_of(probability: Array) -> NDArray[np.int_]:
    """0..9, the bin of each probability: 0 is [0, 0.1), 9 is [0.9, 1]."""
    return np.minimum(np.floor(probability * BINS + TINY), BINS - 1).astype(np.int_)


def estimate(statistic: Statistic, a: Scores, b: Scores, questions: Sequence[str], seed: int) -> Estimate:
    """The statistic over the cases with both scores, and its interval from ROUNDS draws of as many questions.

    With one question all draws are the same, which would look like certainty: no interval. Draws in which the statistic
    is not defined are left out; with half of them or more there is no interval either. ValueError for unequal lengths.
    """
    x, y = as_array(a), as_array(b)
    if not len(x) == len(y) == len(questions):
        raise ValueError(f"{len(x)} and {len(y)} scores of {len(questions)} questions: give as many of each")
    kept = np.isfinite(x) & np.isfinite(y)
    x, y = x[kept], y[kept]
    if len(x) < 2:
        return Estimate(math.nan, math.nan, math.nan, len(x))
    value = BY_PACKAGE[statistic](x, y) if statistic in BY_PACKAGE else float(statistic(x, y, np.ones((1, len(x))))[0])
    names, places = np.unique(np.array(questions)[kept], return_inverse=True)
    low = high = math.nan
    if len(names) > 1 and math.isfinite(value):
        drawn = np.random.default_rng(seed).multinomial(len(names), [1 / len(names)] * len(names), ROUNDS)
        # In blocks: a thousand rounds of all points of all transcripts at once are gigabytes.
        blocks = (drawn[start : start + BLOCK, places].astype(np.float64) for start in range(0, ROUNDS, BLOCK))
        found = np.concatenate([statistic(x, y, times) for times in blocks])
        defined = found[np.isfinite(found)]
        if len(defined) > ROUNDS / 2:
            low, high = (float(end) for end in np.percentile(defined, (2.5, 97.5)))
    return Estimate(value, low, high, len(x))


def in_order(scores: Scores, label: Scores, questions: Sequence[str], apart: float) -> tuple[list[float], list[str]]:
    """Every pair of one question whose labels differ by `apart` or more: 1 for scores in the label's order, else 0.

    Equal scores are not in order. The second list holds the pairs' questions.
    """
    x, y = as_array(scores), as_array(label)
    hits, of = [], []
    known = [n for n in range(len(x)) if np.isfinite(x[n]) and np.isfinite(y[n])]
    for place, first in enumerate(known):
        for second in known[place + 1 :]:
            gap = y[first] - y[second]
            if questions[first] == questions[second] and abs(gap) >= apart - TINY:
                hits.append(float((x[first] - x[second]) * np.sign(gap) > 0))
                of.append(questions[first])
    return hits, of


def fitted_elsewhere(predictor: Scores, label: Scores, questions: Sequence[str]) -> Array:
    """What a straight line says of each case that was fitted, by least squares, to the labels of all other questions.

    Shape (n,), in label units. NaN without a predictor, and where the other questions have fewer than two values of it.
    """
    x, y, names = as_array(predictor), as_array(label), np.array(questions)
    said = np.full(len(x), math.nan)
    for name in np.unique(names):
        others = (names != name) & np.isfinite(x) & np.isfinite(y)
        if len(np.unique(x[others])) > 1:
            slope, intercept = np.polyfit(x[others], y[others], 1)
            said[names == name] = slope * x[names == name] + intercept
    return said


def confusion(rows: Array, columns: Array, categories: Sequence[float]) -> list[list[int]]:
    """Counts of cases, categories x categories."""
    return [[int(((rows == r) & (columns == c)).sum()) for c in categories] for r in categories]


def _both(machine: Scores, label: Scores) -> tuple[Array, Array]:
    a, b = as_array(machine), as_array(label)
    kept = np.isfinite(a) & np.isfinite(b)
    return a[kept], b[kept]


def _ratio(top: Array, bottom: Array) -> Array:
    """NaN where nothing stands below."""
    return np.divide(top, bottom, out=np.full_like(bottom, math.nan), where=bottom > TINY)


def _spread(values: Array, times: Array) -> Array:
    """The variance (n) in each draw. Centred first, or squares of large numbers would eat the digits."""
    centred = values - values.mean()
    return mean(centred**2, values, times) - mean(centred, values, times) ** 2


def _ranks(values: Array, times: Array) -> Array:
    """The rank of each case in each draw, ties at their mean rank; shape of `times`."""
    order = np.argsort(values, kind="stable")
    _, starts, group = np.unique(values[order], return_index=True, return_inverse=True)
    counts = np.add.reduceat(times[:, order], starts, axis=1)
    ranks = np.empty_like(times)
    ranks[:, order] = (np.cumsum(counts, axis=1) - counts / 2 + 0.5)[:, group]
    return ranks


BY_PACKAGE: dict[Statistic, Callable[[Array, Array], float]] = {
    kappa_of_draws: quadratic_kappa,
    alpha_of_draws: lambda a, b: alpha([a, b]),
    spearman_of_draws: spearman,
}
"""Statistics whose value comes from a package that others use, too; their draws need the faster formula."""
MEASURES: dict[str, Statistic] = {
    "quadratic kappa": kappa_of_draws,
    "alpha": alpha_of_draws,
    "Spearman": spearman_of_draws,
    "MAE": absolute_error,
    "bias": bias,
    "exact": exact,
    "within 0.5": within(0.5),
    "within 1.0": within(1.0),
    "SMD": standardised_difference,
}
