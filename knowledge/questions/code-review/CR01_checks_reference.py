"""Further tests of CR01_reference.py: who may see whose answers, and what bad data may excuse."""

from __future__ import annotations

import random
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ref = import_module("knowledge.questions.code-review.CR01_reference")  # an import statement allows no hyphen
LIFTS = 100

Line = tuple[str, str, int]


@pytest.fixture
def lines() -> list[Line]:
    """Lifts in the order of the file; each age occurs once and names its row, and each manager has several lifts."""
    dice = random.Random(7)
    return [(f"m{dice.randrange(12)}", f"{i / 4}", int(dice.random() < 0.3)) for i in range(LIFTS)]


class Trace:
    """What the repaired script hands to `fit` and `found`: the weights, and the description of each row by its age."""

    def __init__(self, path: Path, lines: Sequence[Line]) -> None:
        self.fitted: list[dict[float, Any]] = []
        self.judged: list[tuple[list[float], dict[float, Any]]] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ref, "fit", self._fit(ref.fit))
            patch.setattr(ref, "found", self._found(ref.found))
            self.best, self.figure = ref.train(ref.write(path, lines))

    def _fit(self, fit: Any) -> Any:
        def traced(data: Any, rate: float) -> Any:
            self.fitted.append(self._by_age(data))
            return fit(data, rate)

        return traced

    def _found(self, found: Any) -> Any:
        def traced(w: list[float], data: Any) -> Any:
            self.judged.append((w, self._by_age(data)))
            return found(w, data)

        return traced

    @staticmethod
    def _by_age(data: Any) -> dict[float, Any]:
        described = {10 * x[1]: x for x, _ in data}
        assert len(described) == len(data)  # no row twice
        return described

    def parts(self) -> tuple[set[float], set[float], set[float]]:
        """The ages of the rows that were learned from, chosen with and reported on."""
        return set(self.fitted[0]), set(self.judged[0][1]), set(self.judged[-1][1])


def turned(lines: Sequence[Line], ages: set[float]) -> list[Line]:
    """The same lifts; those of the given ages have the opposite answer."""
    return [(manager, age, 1 - broke if float(age) in ages else broke) for manager, age, broke in lines]


def test_three_parts_and_the_fit_sees_only_the_first(tmp_path: Path, lines: list[Line]) -> None:
    trace = Trace(tmp_path / "lifts.csv", lines)
    learn, choose, report = trace.parts()
    assert all(set(data) == learn for data in trace.fitted)
    assert (len(learn), len(choose), len(report)) == (60, 20, 20)
    assert len(learn | choose | report) == LIFTS  # so no row is in two parts


def test_answers_of_the_judging_parts_change_no_weight_and_no_description(tmp_path: Path, lines: list[Line]) -> None:
    trace = Trace(tmp_path / "lifts.csv", lines)
    _, choose, report = trace.parts()
    other = Trace(tmp_path / "turned.csv", turned(lines, report))
    assert (other.fitted, other.judged, other.best) == (trace.fitted, trace.judged, trace.best)
    other = Trace(tmp_path / "turned.csv", turned(lines, choose))
    assert (other.fitted, other.judged[:-1]) == (trace.fitted, trace.judged[:-1])  # the choice itself may differ


def test_no_training_row_is_described_by_its_own_answer(tmp_path: Path, lines: list[Line]) -> None:
    trace = Trace(tmp_path / "lifts.csv", lines)
    learn, _, _ = trace.parts()
    for age in sorted(learn)[::6]:
        other = Trace(tmp_path / "turned.csv", turned(lines, {age}))
        for before, after in zip(trace.fitted, other.fitted, strict=True):
            assert after[age] == before[age]
            assert after != before  # while it does count for its neighbours


@pytest.mark.parametrize("column", ["manager", "age", "broke"])
def test_a_missing_column_is_our_defect_and_not_bad_data(tmp_path: Path, column: str) -> None:
    path = tmp_path / "south.csv"
    header = "manager,age,broke".replace(column, "renamed")
    path.write_text(header + "\n" + "a,31.5,1\n" * 5, encoding="utf-8")
    with pytest.raises(KeyError, match=column):
        ref.load(path)


def test_a_defect_in_the_reader_is_not_counted_as_a_refused_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[Line]
) -> None:
    def broken(text: str) -> int:
        if text == "seven":
            raise RuntimeError("a defect of ours")
        return int(text)

    path = ref.write(tmp_path / "south.csv", [*lines, ("a", "3", "seven")])
    assert ref.load(path)[1].total() == 1  # bad data, one row in a hundred: counted
    monkeypatch.setattr(ref, "int", broken, raising=False)
    with pytest.raises(RuntimeError, match="a defect of ours"):
        ref.load(path)
