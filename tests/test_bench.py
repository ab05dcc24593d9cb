"""The arithmetic and the tables of the benchmarks; how fast anything is, no test says."""

from __future__ import annotations

import json
import math

import pytest

from evals.bench_ratio import as_json, compare, ratio_of, table
from evals.kills import Kill
from evals.kills import table as kills_table
from evals.share import interval


def test_a_ratio_is_ours_beside_the_plain_with_its_spread() -> None:
    found = ratio_of("a / b", "ms", [(2.0, 1.0), (3.0, 1.0), (4.0, 2.0), (8.0, 2.0)], most=2.0)
    assert (found.ours, found.plain, found.ratio, found.n, found.met) == (3.5, 1.5, 2.5, 4, False)
    assert found.low <= found.ratio <= found.high
    assert ratio_of("a / b", "ms", [(2.0, 1.0)] * 4, most=1.5, slack=1.0).met
    assert ratio_of("a / b", "ms", [(2.0, 1.0)] * 4).met is None


def test_both_sides_take_turns_after_one_run_that_does_not_count() -> None:
    ran: list[str] = []
    found = compare("a / b", lambda: ran.append("a"), lambda: ran.append("b"), 4)
    assert ran == ["a", "b"] * 5
    assert found.n == 4


def test_tables_say_what_was_aimed_at() -> None:
    ratios = [ratio_of("a / b", "ms", [(2.0, 1.0)] * 4, most=1.5, slack=0.1), ratio_of("c / d", "s", [(1.0, 2.0)] * 4)]
    assert "at most 1.5 plus 0.1 ms: not met" in table(ratios)
    assert [r["met"] for r in json.loads(as_json(ratios))] == [False, None]


def test_an_interview_that_was_not_the_same_is_named() -> None:
    told = kills_table([Kill(1.0, 3, same=True), Kill(2.5, 7, same=False), Kill(0.1, 0, same=True, note="before")])
    assert told.startswith("2 of 3 interviews")
    assert "(1 of them were killed before they had begun)" in told
    assert "not: killed after 2.50 s, 7 lines printed" in told


def test_the_interval_of_a_share() -> None:
    assert interval(8, 10) == pytest.approx((0.490, 0.943), abs=0.001)
    assert interval(10, 10)[1] == 1.0
    assert all(math.isnan(bound) for bound in interval(0, 0))
