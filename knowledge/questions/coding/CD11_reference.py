"""Reference answer to CD11: how far today's values of one input are from those the model has learned from.

The bins are fixed once, from the reference alone. The score comes with what one needs to read it: what chance gives
on a day with so few deliveries, and which bins it comes from. The tests stand at the end.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import pytest

Value = float | None


def index(p: Sequence[float], q: Sequence[float]) -> float:
    """The stability index of two lists of shares, none of them zero. Zero when they are equal, the same both ways."""
    return math.fsum(part(a, b) for a, b in zip(p, q, strict=True))


def part(p: float, q: float) -> float:
    """What one bin adds to the index; never negative."""
    return (q - p) * math.log(q / p)


def usable(value: Value) -> bool:
    return value is not None and math.isfinite(value)


@dataclass(frozen=True)
class Bins:
    """Where one input is cut. A bin holds values up to and including its cut, so many equal values stay together.

    Before the first and behind the last stand values that the reference has never had; the very last place is for
    missing ones.
    """

    low: float
    cuts: tuple[float, ...]  # the last one is the largest value of the reference

    @classmethod
    def of(cls, reference: Iterable[Value], wanted: int = 10) -> Bins:
        """Cuts so that each bin holds about the same number of values, fewer when many values are equal."""
        ordered = sorted(v for v in reference if v is not None and usable(v))  # nan would break the order
        if not ordered:
            raise ValueError("a reference without a single number")
        cuts = {ordered[math.ceil(len(ordered) * n / wanted) - 1] for n in range(1, wanted + 1)}
        return cls(ordered[0], tuple(sorted(cuts)))

    @property
    def names(self) -> tuple[str, ...]:
        edges = zip((self.low, *self.cuts), self.cuts, strict=False)
        inner = [f"{a:g} to {b:g}" for a, b in edges]
        return (f"below {self.low:g}", *inner, f"above {self.cuts[-1]:g}", "missing")

    def place(self, value: Value) -> int:
        if value is None or not usable(value):
            return len(self.cuts) + 2
        return 0 if value < self.low else 1 + bisect_left(self.cuts, value)

    def count(self, values: Iterable[Value]) -> tuple[int, ...]:
        found = Counter(self.place(value) for value in values)
        return tuple(found[n] for n in range(len(self.cuts) + 3))


@dataclass(frozen=True)
class Score:
    """`value` is the index; `usual` is what it stays below in 99 of 100 days on which nothing has changed."""

    value: float
    usual: float
    deliveries: int
    parts: tuple[tuple[str, float, float, float], ...]  # name, share before, share now, what it adds; largest first

    @property
    def stands_out(self) -> bool:
        return self.value > self.usual


@dataclass(frozen=True)
class Reference:
    """The bins of one input and how the reference fills them. Stored with the model, since it belongs to it."""

    bins: Bins
    counts: tuple[int, ...]

    @classmethod
    def of(cls, values: Sequence[Value], wanted: int = 10) -> Reference:
        bins = Bins.of(values, wanted)
        return cls(bins, bins.count(values))

    @property
    def shares(self) -> list[float]:
        """Half a delivery more in each bin: something never seen is rare, not impossible."""
        total = sum(self.counts) + 0.5 * len(self.counts)
        return [(count + 0.5) / total for count in self.counts]

    def score(self, live: Iterable[Value], draws: int = 400) -> Score:
        counts = self.bins.count(live)
        deliveries = sum(counts)
        if not deliveries:
            raise ValueError("no deliveries, no score")
        p, q = self.shares, self._live_shares(counts)
        parts = sorted(zip(self.bins.names, p, q, map(part, p, q), strict=True), key=lambda one: -one[3])
        return Score(index(p, q), self._usual(deliveries, draws), deliveries, tuple(parts))

    def _live_shares(self, counts: Sequence[int]) -> list[float]:
        """As if a few deliveries of the reference had been added, half a delivery for each bin with something in it.

        So an empty bin says little on a day with few of them and much on a day with many, and what the reference does
        not have either adds nothing.
        """
        weight = 0.5 * sum(count > 0 for count in self.counts)
        total = sum(counts) + weight
        return [(count + weight * share) / total for count, share in zip(counts, self.shares, strict=True)]

    def _usual(self, deliveries: int, draws: int) -> float:
        """Draws that many deliveries from the reference itself, again and again, and looks at the scores."""
        dice = random.Random(deliveries)  # the same every day
        edges = list(accumulate(self.shares))
        places = range(len(edges))
        scores = []
        for _ in range(draws):
            drawn = Counter(dice.choices(places, cum_weights=edges, k=deliveries))
            scores.append(index(self.shares, self._live_shares([drawn[n] for n in places])))
        return sorted(scores)[math.ceil(0.99 * draws) - 1]


# --- Tests ------------------------------------------------------------------------------------


def fat(deliveries: int, seed: int, mean: float = 4.2) -> list[Value]:
    dice = random.Random(seed)
    return [round(dice.gauss(mean, 0.3), 2) for _ in range(deliveries)]


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference.of(fat(8_000, seed=1))


def test_the_index_by_hand() -> None:
    assert index([0.5, 0.5], [0.9, 0.1]) == pytest.approx(0.4 * math.log(1.8) - 0.4 * math.log(0.2))
    assert index([0.9, 0.1], [0.5, 0.5]) == pytest.approx(0.8789, abs=1e-4)
    assert index([0.2, 0.8], [0.2, 0.8]) == 0.0


def test_cuts_come_from_the_reference_and_hold_equal_shares(reference: Reference) -> None:
    inner = reference.counts[1:-2]
    assert len(inner) == 10
    assert max(inner) < 1.25 * min(inner)  # values have two decimals, so many are equal
    assert (reference.counts[0], reference.counts[-2], reference.counts[-1]) == (0, 0, 0)


def test_every_value_is_in_one_bin(reference: Reference) -> None:
    bins = Bins(1.0, (2.0, 3.0))
    values: list[Value] = [0.9, 1.0, 2.0, 2.1, 3.0, 3.1, None, math.nan, math.inf, -math.inf]
    assert [bins.place(value) for value in values] == [0, 1, 1, 2, 2, 3, 4, 4, 4, 4]
    assert bins.names == ("below 1", "1 to 2", "2 to 3", "above 3", "missing")
    assert sum(bins.count(values)) == len(values)
    assert sum(reference.shares) == pytest.approx(1.0)


def test_the_same_values_score_nothing(reference: Reference) -> None:
    assert reference.score(fat(8_000, seed=1), draws=5).value == pytest.approx(0.0, abs=2e-3)


@pytest.mark.parametrize("deliveries", [45, 620])
def test_other_loads_of_the_same_kind_stay_below_the_usual(reference: Reference, deliveries: int) -> None:
    days = [reference.score(fat(deliveries, seed), draws=60) for seed in range(2, 10)]
    assert sum(day.stands_out for day in days) <= 1


def test_few_loads_score_high_by_chance(reference: Reference) -> None:
    def average(deliveries: int) -> float:
        return math.fsum(reference.score(fat(deliveries, seed), draws=1).value for seed in range(60)) / 60

    assert 0.12 < average(45) < 0.25
    assert 0.009 < average(620) < 0.02


@pytest.mark.parametrize("deliveries", [45, 620])
def test_a_real_shift_stands_out(reference: Reference, deliveries: int) -> None:
    day = reference.score(fat(deliveries, seed=7, mean=4.5))
    assert day.stands_out
    assert day.value > 0.5


def test_an_empty_bin_is_finite_and_weighs_by_the_loads(reference: Reference) -> None:
    cut = reference.bins.cuts[0]  # the lowest tenth is gone
    few = [v for v in fat(50, seed=3) if v is not None and v > cut]
    many = [v for v in fat(5_000, seed=3) if v is not None and v > cut]

    def lost(live: list[float]) -> float:
        return next(adds for name, _, _, adds in reference.score(live, draws=1).parts if name.endswith(f"to {cut:g}"))

    assert 0.1 < lost(few) < 0.3
    assert 0.5 < lost(many) < 1.0


def test_zeros_where_there_were_none_are_not_hidden_in_the_lowest_bin(reference: Reference) -> None:
    live = fat(550, seed=4) + [0.0] * 75
    day = reference.score(live)
    assert day.stands_out
    assert day.parts[0][0] == f"below {reference.bins.low:g}"
    assert day.value > 0.8
    tenths = list(reference.bins.count(fat(550, seed=4))[1:-2])
    tenths[0] += 75  # as without a place of their own
    assert index([0.1] * 10, [count / 625 for count in tenths]) < 0.15


def test_missing_values_count_and_break_nothing() -> None:
    values: list[Value] = [*fat(980, seed=5), *[None] * 10, *[math.nan] * 10]
    reference = Reference.of(values)
    assert reference.counts[-1] == 20
    day = reference.score([*fat(80, seed=6), *[None] * 20])
    assert day.parts[0][0] == "missing"
    assert day.stands_out
    assert reference.score([*fat(98, seed=6), None, None]).parts[0][0] != "missing"


def test_mostly_zeros_make_fewer_bins_and_no_error() -> None:
    water = Reference.of([0.0] * 830 + [n / 100 for n in range(1, 171)])
    assert water.counts[1] == 830
    assert sum(count > 0 for count in water.counts) == 3
    assert not water.score([0.0] * 83 + [n / 10 for n in range(1, 18)]).stands_out
    assert water.score([0.0] * 50 + [n / 40 for n in range(1, 51)]).stands_out


def test_one_value_only() -> None:
    constant = Reference.of([5.0] * 1000)
    assert constant.score([5.0] * 45).value < 0.01
    assert not constant.score([5.0] * 45).stands_out
    assert constant.score([5.0] * 40 + [5.5] * 5).parts[0][0] == "above 5"


def test_nothing_to_compare() -> None:
    with pytest.raises(ValueError, match="without a single number"):
        Reference.of([None, math.nan])
    with pytest.raises(ValueError, match="no deliveries"):
        Reference.of([1.0, 2.0]).score([])


def test_order_does_not_matter_and_nothing_is_changed(reference: Reference) -> None:
    live = fat(300, seed=8)
    before = list(live)
    assert reference.score(live, draws=10) == reference.score(sorted(live, key=lambda v: v or 0.0), draws=10)
    assert live == before
