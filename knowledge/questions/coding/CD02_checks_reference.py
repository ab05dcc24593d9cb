"""The tests of CD02_reference.py: every rule of the network, then the engine with rules that misbehave."""

from __future__ import annotations

import pytest

from knowledge.questions.coding.CD02_reference import (
    Between,
    Check,
    Finding,
    Inspector,
    Record,
    Report,
    Required,
    Verdict,
    When,
    network_rules,
    old_firmware,
    to_gal,
)

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
