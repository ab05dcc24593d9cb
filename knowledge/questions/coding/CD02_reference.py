"""Reference answer to CD02: checks and fixes as small objects, and an engine that knows none of them.

A rule looks at one record and says nothing, or one thing: a note, a fix or a refusal. The engine asks every rule in the
order given, lets later rules see earlier fixes, and reports who said what. The tests stand in
CD02_checks_reference.py.
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
