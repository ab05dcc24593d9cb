"""Reference for CD09, features as of a moment: one acceptable answer, not the only one.

A reading has two times: when it was measured and when it could first be read. What a decision could
have used is decided by the second, what is newest among that by the first.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum

import pytest

Bed = str


class NaiveTimeError(ValueError):
    """A time without an offset: nobody can say which moment it is."""


class State(Enum):
    FOUND = "found"
    NEVER = "never"  # nothing was readable yet
    TOO_OLD = "too old"


def instant(moment: datetime) -> datetime:
    """Return the moment in UTC; refuse a time that does not name one."""
    if moment.utcoffset() is None:
        raise NaiveTimeError(f"no offset: {moment.isoformat()}")
    return moment.astimezone(UTC)


@dataclass(frozen=True)
class Reading:
    bed: Bed
    measured: datetime
    readable: datetime
    value: float


@dataclass(frozen=True)
class Label:
    bed: Bed
    moment: datetime
    outcome: int


@dataclass(frozen=True)
class Found:
    """What one label gets for one feature. No value is no value, never a number."""

    state: State
    value: float | None = None
    age: timedelta | None = None


class History:
    """The readings of one feature in one bed, arranged once for many questions."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        rows = [(instant(r.readable), instant(r.measured), r.value) for r in readings]
        rows.sort(key=lambda row: row[0])  # stable: what was written last in a second stays last
        self._times: list[datetime] = []
        self._best: list[tuple[datetime, float]] = []  # newest measurement readable since that time
        for readable, measured, value in rows:
            if self._best and measured < self._best[-1][0]:
                continue  # a straggler: something newer could already be read
            self._times.append(readable)
            self._best.append((measured, value))

    def before(self, moment: datetime, max_age: timedelta | None = None) -> Found:
        """Return the newest measurement that could be read strictly before `moment`."""
        moment = instant(moment)
        position = bisect_left(self._times, moment)
        if position == 0:  # without this, index -1 would be the last value of all
            return Found(State.NEVER)
        measured, value = self._best[position - 1]
        age = moment - measured
        if max_age is not None and age > max_age:
            return Found(State.TOO_OLD, age=age)
        return Found(State.FOUND, value, age)


@dataclass(frozen=True)
class Feature:
    """A feature's readings in any order, and the age above which a value says nothing."""

    readings: Sequence[Reading]
    max_age: timedelta | None = None


@dataclass(frozen=True)
class Row:
    label: Label
    values: dict[str, Found]


_EMPTY = History(())


def as_of(labels: Iterable[Label], features: Mapping[str, Feature]) -> Iterator[Row]:
    """Yield one row for each label, in the order of the labels."""
    histories = {name: _by_bed(feature.readings) for name, feature in features.items()}
    for label in labels:
        values = {
            name: histories[name].get(label.bed, _EMPTY).before(label.moment, feature.max_age)
            for name, feature in features.items()
        }
        yield Row(label, values)


def _by_bed(readings: Iterable[Reading]) -> dict[Bed, History]:
    groups: defaultdict[Bed, list[Reading]] = defaultdict(list)
    for reading in readings:
        groups[reading.bed].append(reading)
    return {bed: History(group) for bed, group in groups.items()}


# --- The tests: what a decision could have known, against a slow answer that is plainly right -------

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
ECUADOR = timezone(timedelta(hours=-5))
AMSTERDAM = timezone(timedelta(hours=1))


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def reading(measured: int, readable: int, value: float, bed: str = "a") -> Reading:
    return Reading(bed, at(measured), at(readable), value)


def value(readings: list[Reading], minute: int, max_age: int | None = None) -> float | None:
    return History(readings).before(at(minute), None if max_age is None else timedelta(minutes=max_age)).value


def slow(readings: list[Reading], bed: str, moment: datetime) -> float | None:
    """Look at everything; a later line of the file wins among equals."""
    best: tuple[datetime, datetime, int] | None = None
    for number, r in enumerate(readings):
        key = (r.measured, r.readable, number)
        if r.bed == bed and r.readable < moment and (best is None or key > best):
            best = key
    return None if best is None else readings[best[2]].value


def test_newest_readable_value() -> None:
    rows = [reading(0, 5, 1.0), reading(60, 65, 2.0), reading(120, 125, 3.0)]
    assert [value(rows, m) for m in (6, 65, 66, 124, 500)] == [1.0, 1.0, 2.0, 2.0, 3.0]


def test_same_second_is_not_before() -> None:
    assert value([reading(0, 10, 1.0)], 10) is None
    assert value([reading(0, 10, 1.0)], 11) == 1.0


def test_nothing_before_the_first_is_not_the_last() -> None:
    assert History([reading(50, 50, 9.0)]).before(at(10)) == Found(State.NEVER)
    assert History([]).before(at(10)) == Found(State.NEVER)


def test_measured_before_but_written_after_is_unknown() -> None:
    rows = [reading(0, 1, 1.0), reading(30, 600, 2.0)]
    assert value(rows, 60) == 1.0
    assert value(rows, 601) == 2.0


def test_straggler_does_not_replace_a_newer_measurement() -> None:
    rows = [reading(0, 1, 1.0), reading(120, 121, 3.0), reading(60, 180, 2.0)]
    assert value(rows, 200) == 3.0


def test_correction_counts_from_the_time_it_was_written() -> None:
    rows = [reading(0, 1, 1.0), reading(0, 300, 1.4)]
    assert value(rows, 200) == 1.0
    assert value(rows, 301) == 1.4


def test_correction_of_an_older_measurement_changes_nothing_newer() -> None:
    rows = [reading(0, 1, 1.0), reading(60, 61, 2.0), reading(0, 300, 1.4)]
    assert value(rows, 301) == 2.0


def test_age_runs_from_the_measurement() -> None:
    rows = [reading(0, 110, 1.0)]  # readable ten minutes ago, and two hours old
    assert value(rows, 120, max_age=120) == 1.0
    found = History(rows).before(at(121), timedelta(minutes=120))
    assert found == Found(State.TOO_OLD, None, timedelta(minutes=121))


def test_one_row_for_each_label_in_their_order() -> None:
    labels = [Label("b", at(90), 1), Label("a", at(10), 0), Label("nowhere", at(90), 0), Label("b", at(90), 1)]
    features = {"heat": Feature([reading(0, 1, 7.0, "b")]), "salt": Feature([reading(0, 1, 8.0)], timedelta(0))}
    rows = list(as_of(labels, features))
    assert [row.label for row in rows] == labels
    assert [row.values["heat"].value for row in rows] == [7.0, None, None, 7.0]
    assert [row.values["salt"].state for row in rows] == [State.NEVER, State.TOO_OLD, State.NEVER, State.NEVER]


def test_zero_is_a_value() -> None:
    assert History([reading(0, 1, 0.0)]).before(at(2)) == Found(State.FOUND, 0.0, timedelta(minutes=2))


def test_clocks_of_two_offices_name_one_moment() -> None:
    written = datetime(2026, 3, 9, 9, 0, tzinfo=AMSTERDAM)  # three in the morning in Ecuador
    rows = [Reading("a", written, written, 4.0)]
    assert History(rows).before(datetime(2026, 3, 9, 3, 0, tzinfo=ECUADOR)).value is None
    assert History(rows).before(datetime(2026, 3, 9, 3, 1, tzinfo=ECUADOR)).value == 4.0


def test_time_without_offset_is_refused() -> None:
    bare = datetime(2026, 3, 9, 9, 0)
    with pytest.raises(NaiveTimeError):
        History([Reading("a", bare, at(0), 1.0)])
    with pytest.raises(NaiveTimeError):
        History([Reading("a", at(0), bare, 1.0)])
    with pytest.raises(NaiveTimeError):
        History([]).before(bare)


def crowd(seed: int) -> list[Reading]:
    dice = random.Random(seed)
    rows = []
    for number in range(120):
        measured = dice.randrange(0, 60)
        rows.append(reading(measured, measured + dice.choice([0, 1, 2, 30]), float(number), dice.choice("abc")))
    return rows


@pytest.mark.parametrize("seed", range(20))
def test_agrees_with_looking_at_everything(seed: int) -> None:
    rows = crowd(seed)
    labels = [Label(bed, at(minute), 0) for minute in range(-2, 95) for bed in "abc"]
    random.Random(seed).shuffle(labels)
    for row in as_of(labels, {"x": Feature(rows)}):
        assert row.values["x"].value == slow(rows, row.label.bed, row.label.moment)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_written_later_changes_no_earlier_row(seed: int) -> None:
    """The test for leakage: forget everything that was written from minute 40 on."""
    rows = crowd(seed)
    labels = [Label(bed, at(minute), 0) for minute in range(41) for bed in "abc"]
    known = [r for r in rows if r.readable < at(40)]
    assert len(known) < len(rows)
    assert list(as_of(labels, {"x": Feature(rows)})) == list(as_of(labels, {"x": Feature(known)}))
