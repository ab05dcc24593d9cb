"""Reference answer to CD02: checks and fixes as small objects, and an engine that knows none of them.

A rule looks at one record and says nothing, or one thing: a note, a fix or a refusal. The engine asks every rule in the
order given, lets later rules see earlier fixes, and reports who said what. The tests stand at the end.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import Protocol

import pytest

log = logging.getLogger("rules")

Record = Mapping[str, object]
Condition = Callable[[Record], bool]


class Verdict(IntEnum):
    """What becomes of a record; the highest of its findings counts."""

    CLEAN = 0
    NOTED = 1  # keep it, somebody should know
    FIXED = 2  # keep the changed copy
    REFUSED = 3  # the data cannot be used
    UNDECIDED = 4  # a rule of ours broke, so nobody knows


@dataclass(frozen=True)
class Finding:
    """The one thing a rule has to say. Only a fix has changes: field and new value."""

    verdict: Verdict
    text: str
    changes: Mapping[str, object] = field(default_factory=dict)


class Rule(Protocol):
    """Anything with a name that can look at a record. It must not change it and keeps nothing between records."""

    @property
    def name(self) -> str: ...

    def look(self, record: Record) -> Finding | None: ...


@dataclass(frozen=True)
class Entry:
    """A finding with its rule and, for a fix, the values before and after."""

    rule: str
    verdict: Verdict
    text: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True)
class Report:
    """The record as it is after all fixes, and everything that was found, in order."""

    record: Record
    entries: tuple[Entry, ...]

    @property
    def verdict(self) -> Verdict:
        return max((entry.verdict for entry in self.entries), default=Verdict.CLEAN)


class Inspector:
    """Asks each rule in turn. A new rule is one more element of `rules`."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        twice = [name for name, n in Counter(rule.name for rule in self._rules).items() if n > 1]
        if twice:
            raise ValueError(f"rules of the same name: {', '.join(twice)}")

    def inspect(self, record: Record) -> Report:
        current = dict(record)  # the original belongs to the archive
        entries = []
        for rule in self._rules:
            try:
                finding = rule.look(MappingProxyType(current))
                if not isinstance(finding, Finding | None):
                    raise TypeError(f"a rule answers with a Finding or None, not {finding!r}")
            except Exception as error:  # our defect, not the station's: say so and ask the other rules
                log.exception("rule %s broke", rule.name)
                finding = Finding(Verdict.UNDECIDED, f"the rule broke: {type(error).__name__}")
            if finding is not None:
                before = {name: current.get(name) for name in finding.changes}
                current.update(finding.changes)
                entries.append(Entry(rule.name, finding.verdict, finding.text, before, dict(finding.changes)))
        return Report(MappingProxyType(current), tuple(entries))


# --- Building blocks: each does one thing, and leaves to its neighbours what is theirs ----------


def present(record: Record, field: str) -> bool:
    return record.get(field) not in (None, "")


def number(record: Record, field: str) -> float | None:
    """The number in a field, None for everything else; True and nan are no numbers here."""
    value = record.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        return None
    return value


@dataclass(frozen=True)
class Required:
    """Refuses a record without the field."""

    field: str

    @property
    def name(self) -> str:
        return f"{self.field}:required"

    def look(self, record: Record) -> Finding | None:
        return None if present(record, self.field) else Finding(Verdict.REFUSED, f"{self.field} is missing")


@dataclass(frozen=True)
class Number:
    """Turns a number that arrived as text into a number; refuses what is none. A gap is the business of Required."""

    field: str

    @property
    def name(self) -> str:
        return f"{self.field}:number"

    def look(self, record: Record) -> Finding | None:
        raw = record.get(self.field)
        if not present(record, self.field) or number(record, self.field) is not None:
            return None
        try:
            read = {self.field: float(raw)} if isinstance(raw, str) else {}
        except ValueError:  # what bad data can cause
            read = {}
        if number(read, self.field) is None:
            return Finding(Verdict.REFUSED, f"{self.field} is no number")
        return Finding(Verdict.FIXED, "read as a number", read)


@dataclass(frozen=True)
class Between:
    """Speaks up when a number lies outside its limits; says nothing about what is no number."""

    field: str
    low: float
    high: float
    verdict: Verdict = Verdict.REFUSED

    @property
    def name(self) -> str:
        return f"{self.field}:{self.low:g}..{self.high:g}"

    def look(self, record: Record) -> Finding | None:
        value = number(record, self.field)
        if value is None or self.low <= value <= self.high:
            return None
        return Finding(self.verdict, f"{self.field} {value:g} is not in {self.low:g} to {self.high:g}")


@dataclass(frozen=True)
class Check:
    """Any function that looks at a record, under a name."""

    name: str
    look_with: Callable[[Record], Finding | None]

    def look(self, record: Record) -> Finding | None:
        return self.look_with(record)


@dataclass(frozen=True)
class When:
    """Another rule, asked only under a condition."""

    condition: Condition
    rule: Rule

    @property
    def name(self) -> str:
        return self.rule.name

    def look(self, record: Record) -> Finding | None:
        return self.rule.look(record) if self.condition(record) else None


def both(first: Condition, second: Condition) -> Condition:
    return lambda record: first(record) and second(record)


def lacks(field: str) -> Condition:
    return lambda record: not present(record, field)


# --- The rules of the network -----------------------------------------------------------------


def old_firmware(record: Record) -> bool:
    version = number(record, "firmware")
    return version is not None and version < 3


def new_firmware(record: Record) -> bool:
    version = number(record, "firmware")
    return version is not None and version >= 3


def tidy_station(record: Record) -> Finding | None:
    code = record.get("station")
    if not isinstance(code, str) or code == code.strip().upper():
        return None
    return Finding(Verdict.FIXED, "blanks and small letters", {"station": code.strip().upper()})


def to_gal(record: Record) -> Finding | None:
    """Old boxes send millimetres per second squared. The unit is written down, so nobody converts twice."""
    peak = number(record, "peak")
    if peak is None:
        return None
    return Finding(Verdict.FIXED, "old firmware sends another unit", {"peak": peak / 10, "unit": "gal"})


def not_ahead(clock: Callable[[], float], allowed: float = 300.0) -> Check:
    def look(record: Record) -> Finding | None:
        minute = number(record, "minute")
        if minute is None or minute <= clock() + allowed:
            return None
        return Finding(Verdict.REFUSED, "the station's clock runs ahead")

    return Check("minute:not_ahead", look)


def network_rules(clock: Callable[[], float] = time.time) -> tuple[Rule, ...]:
    """In the order in which they are asked: shape first, then units, then limits."""
    return (
        Check("station:tidy", tidy_station),  # first, since blanks alone are no name
        *(Required(field) for field in ("station", "minute", "peak", "firmware")),
        *(Number(field) for field in ("minute", "peak", "firmware", "volts")),
        When(both(old_firmware, lacks("unit")), Check("peak:to_gal", to_gal)),
        When(new_firmware, Required("unit")),
        Between("peak", 0, 2000),
        Between("volts", 3.3, 5.0, Verdict.NOTED),
        not_ahead(clock),
    )


# --- Tests ------------------------------------------------------------------------------------

NOW = 1_790_000_000.0


def reading(**changes: object) -> dict[str, object]:
    good: dict[str, object] = {
        "station": "SZ-0417",
        "minute": NOW,
        "peak": 2.5,
        "unit": "gal",
        "volts": 3.9,
        "firmware": 3.0,
    }
    return {field: value for field, value in (good | changes).items() if value is not ...}


def inspect(**changes: object) -> Report:
    return Inspector(network_rules(lambda: NOW)).inspect(reading(**changes))


def said(report: Report) -> list[str]:
    return [entry.rule for entry in report.entries]


def test_a_good_reading_passes_without_a_word() -> None:
    report = inspect()
    assert (report.verdict, report.entries, dict(report.record)) == (Verdict.CLEAN, (), reading())


@pytest.mark.parametrize(
    ("changes", "verdict", "rules"),
    [
        ({"station": ...}, Verdict.REFUSED, ["station:required"]),
        ({"station": ""}, Verdict.REFUSED, ["station:required"]),
        ({"station": "  "}, Verdict.REFUSED, ["station:tidy", "station:required"]),
        ({"station": " sz-0417 "}, Verdict.FIXED, ["station:tidy"]),
        ({"peak": ...}, Verdict.REFUSED, ["peak:required"]),
        ({"peak": "strong"}, Verdict.REFUSED, ["peak:number"]),
        ({"peak": "nan"}, Verdict.REFUSED, ["peak:number"]),
        ({"peak": True}, Verdict.REFUSED, ["peak:number"]),
        ({"peak": "inf"}, Verdict.REFUSED, ["peak:number"]),
        ({"peak": 10**400}, Verdict.REFUSED, ["peak:number"]),
        ({"peak": float("nan")}, Verdict.REFUSED, ["peak:number"]),
        ({"peak": 3}, Verdict.CLEAN, []),
        ({"peak": [2.5]}, Verdict.REFUSED, ["peak:number"]),
        ({"peak": "2.5"}, Verdict.FIXED, ["peak:number"]),
        ({"peak": 0.0}, Verdict.CLEAN, []),
        ({"peak": -0.1}, Verdict.REFUSED, ["peak:0..2000"]),
        ({"peak": 2000.0}, Verdict.CLEAN, []),
        ({"peak": 2000.1}, Verdict.REFUSED, ["peak:0..2000"]),
        ({"volts": 3.3}, Verdict.CLEAN, []),
        ({"volts": 3.29}, Verdict.NOTED, ["volts:3.3..5"]),
        ({"volts": ...}, Verdict.CLEAN, []),
        ({"minute": NOW + 300}, Verdict.CLEAN, []),
        ({"minute": NOW + 301}, Verdict.REFUSED, ["minute:not_ahead"]),
        ({"firmware": 2.0, "unit": ...}, Verdict.FIXED, ["peak:to_gal"]),
        ({"firmware": 2.0}, Verdict.CLEAN, []),
        ({"firmware": 3.0, "unit": ...}, Verdict.REFUSED, ["unit:required"]),
        ({"firmware": 2.9, "unit": ...}, Verdict.FIXED, ["peak:to_gal"]),
        ({"firmware": ..., "unit": ...}, Verdict.REFUSED, ["firmware:required"]),
        ({"firmware": 2.0, "unit": ..., "peak": ...}, Verdict.REFUSED, ["peak:required"]),
        ({"volts": 5.01}, Verdict.NOTED, ["volts:3.3..5"]),
    ],
)
def test_each_rule_alone(changes: dict[str, object], verdict: Verdict, rules: list[str]) -> None:
    report = inspect(**changes)
    assert (report.verdict, said(report)) == (verdict, rules)


def test_every_trouble_is_reported_and_only_once() -> None:
    report = inspect(station="", peak=..., volts=3.1, minute=NOW + 900)
    assert said(report) == ["station:required", "peak:required", "volts:3.3..5", "minute:not_ahead"]
    assert report.verdict is Verdict.REFUSED


def test_a_fix_shows_before_and_after() -> None:
    (entry,) = inspect(firmware=2.0, unit=..., peak=250.0).entries
    assert entry.before == {"peak": 250.0, "unit": None}
    assert entry.after == {"peak": 25.0, "unit": "gal"}


def test_later_rules_see_earlier_fixes() -> None:
    report = inspect(firmware="2", unit=..., peak="19000")  # text, then another unit, and only then the limit
    assert said(report) == ["peak:number", "firmware:number", "peak:to_gal"]
    assert report.record["peak"] == 1900.0
    assert report.entries[-1].before["peak"] == 19000.0  # what the rule saw, not what the box sent


def test_limits_before_units_would_refuse_a_strong_shake() -> None:
    fixes, limits = When(old_firmware, Check("peak:to_gal", to_gal)), Between("peak", 0, 2000)
    record = reading(firmware=2.0, unit=..., peak=19000.0)
    assert Inspector([fixes, limits]).inspect(record).verdict is Verdict.FIXED
    assert Inspector([limits, fixes]).inspect(record).verdict is Verdict.REFUSED


def test_the_original_stays_as_it_was() -> None:
    record = reading(station="sz-0417", firmware=2.0, unit=..., peak="250")
    copy = dict(record)
    report = Inspector(network_rules(lambda: NOW)).inspect(record)
    assert report.record["peak"] == 25.0
    assert record == copy


def test_a_second_pass_finds_nothing_to_fix() -> None:
    inspector = Inspector(network_rules(lambda: NOW))
    once = inspector.inspect(reading(station="sz-0417", firmware="2", unit=..., peak="250"))
    twice = inspector.inspect(once.record)
    assert once.verdict is Verdict.FIXED
    assert (twice.verdict, dict(twice.record)) == (Verdict.CLEAN, dict(once.record))


def test_a_new_rule_needs_no_edit() -> None:
    class Quarantined:
        name = "station:quarantined"

        def look(self, record: Record) -> Finding | None:
            return Finding(Verdict.NOTED, "being repaired") if record.get("station") == "SZ-0417" else None

    report = Inspector([*network_rules(lambda: NOW), Quarantined()]).inspect(reading())
    assert (report.verdict, said(report)) == (Verdict.NOTED, ["station:quarantined"])


def test_a_broken_rule_is_not_bad_data_and_silences_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def watts(record: Record) -> Finding | None:
        raise ZeroDivisionError

    inspector = Inspector([Check("volts:watts", watts), Between("volts", 3.3, 5.0, Verdict.NOTED)])
    report = inspector.inspect(reading(volts=0.0))
    assert said(report) == ["volts:watts", "volts:3.3..5"]
    assert report.verdict is Verdict.UNDECIDED
    assert "rule volts:watts broke" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    only_the_other = Inspector([Between("volts", 3.3, 5.0, Verdict.NOTED)])
    assert only_the_other.inspect(reading(volts=0.0)).verdict is Verdict.NOTED


def test_a_rule_that_answers_true_is_broken_and_silences_nobody() -> None:
    class Habit:
        name = "peak:sound"

        def look(self, record: Record) -> Finding | None:
            return True  # type: ignore[return-value]

    report = Inspector([Habit(), Required("tilt")]).inspect(reading())
    assert said(report) == ["peak:sound", "tilt:required"]
    assert report.verdict is Verdict.UNDECIDED


def test_a_rule_cannot_change_the_record_behind_our_back() -> None:
    def meddle(record: Record) -> Finding | None:
        record["peak"] = 0.0  # type: ignore[index]
        return None

    report = Inspector([Check("meddle", meddle)]).inspect(reading())
    assert report.verdict is Verdict.UNDECIDED
    assert report.record["peak"] == 2.5


def test_two_rules_of_one_name_are_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="peak:required"):
        Inspector([Required("peak"), Required("volts"), Required("peak")])


def test_no_rules_no_findings() -> None:
    assert Inspector([]).inspect({}).verdict is Verdict.CLEAN
