"""The shipped rubric says what its sources say, a team's own file loads, and every fault has its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.faults import KnowledgeError
from knowledge.rubric import Cap, Conditions, Hints, Rubric, load_rubric
from knowledge.terms import Level

MINIMAL = """\
id: ours
version: "3"
title: Data engineering
areas:
  PIPE:
    name: Pipelines
    weight: 60
    anchors: {1: none, 2: weak, 3: fair, 4: good, 5: strong}
  SQL:
    name: Queries
    weight: 40
    anchors: {1: none, 2: weak, 3: fair, 4: good, 5: strong}
"""

FULL = (
    MINIMAL
    + """\
criteria:
  depth:
    name: Depth
    anchors: {1: none, 2: weak, 3: fair, 4: good, 5: strong}
red_flags:
  F1:
    statement: Loses data.
    confirmed_when: Data is lost twice.
    not_confirmed_by: A typing error.
    cap: {areas: [PIPE], criteria: [depth], max: 2}
differentiators:
  D1:
    statement: Plans a backfill.
    observed_when: A backfill is planned.
    ask_free: false
bars:
  Advanced:
    approaching_from: 2
    meets_from: 3
    exceeds_from: 4
    meets: {min_areas: {PIPE: 3}, differentiators: 1, no_red_flags: [F1]}
    hints: {deepest: 1, points: 2}
"""
)


def _load(folder: Path, text: str) -> Rubric:
    path = folder / "rubric.yaml"
    path.write_text(text, encoding="utf-8")
    return load_rubric(path)


def test_the_shipped_areas_and_weights() -> None:
    rubric = load_rubric()
    weights = {key: area.weight for key, area in rubric.areas.items()}
    assert weights == {"PY": 25, "SY": 30, "AW": 20, "ML": 15, "PS": 10}
    for area in rubric.areas.values():
        assert list(area.anchors) == [1, 2, 3, 4, 5]
        assert set(area.evidence) == set(Level)
        assert area.criteria


def test_the_shipped_criteria_flags_and_differentiators() -> None:
    rubric = load_rubric()
    assert list(rubric.criteria) == [
        "system-thinking",
        "technical-depth",
        "trade-off-analysis",
        "practical-experience",
    ]
    assert {key: flag.cap for key, flag in rubric.red_flags.items()} == {
        "RF1": Cap(2.5, areas=("SY",)),
        "RF2": Cap(2, areas=("PY",)),
        "RF3": Cap(2, areas=("ML",)),
        "RF4": Cap(2, criteria=("practical-experience",)),
        "RF5": Cap(2.5, areas=("SY", "ML")),
    }
    assert all(flag.opportunities == 2 for flag in rubric.red_flags.values())
    credit = {key: item.credit_if_asked for key, item in rubric.differentiators.items()}
    assert credit == {"DF1": 0, "DF2": 0.5, "DF3": 0, "DF4": 0, "DF5": 0}


def test_the_shipped_conditions() -> None:
    bars = load_rubric().bars
    assert set(bars) == set(Level)
    assert bars[Level.INTERMEDIATE].meets == Conditions(min_areas={"SY": 2.5}, no_red_flags=("RF2", "RF3"))
    assert bars[Level.ADVANCED].meets == Conditions(
        min_areas={"SY": 3, "ML": 3}, justified_points=2, no_red_flags=("RF1", "RF3", "RF5")
    )
    assert bars[Level.EXPERT].meets == Conditions(
        min_areas={"SY": 4},
        held_points=1,
        differentiators=3,
        no_red_flags=("RF1", "RF2", "RF3", "RF4", "RF5"),
    )
    assert bars[Level.EXPERT].hints == Hints(deepest=0, points=0)


@pytest.mark.parametrize(
    ("level", "approaching", "meets", "exceeds"),
    [(Level.INTERMEDIATE, 2.0, 2.6, 3.5), (Level.ADVANCED, 2.6, 3.4, 4.2), (Level.EXPERT, 3.4, 4.1, 4.7)],
)
def test_bars_leave_no_gap(level: Level, approaching: float, meets: float, exceeds: float) -> None:
    rubric = load_rubric()
    assert rubric.bar(level, approaching - 0.01) == "below"
    assert rubric.bar(level, approaching) == "approaching"
    assert rubric.bar(level, meets - 0.01) == "approaching"
    assert rubric.bar(level, meets) == "meets"
    assert rubric.bar(level, exceeds - 0.01) == "meets"
    assert rubric.bar(level, exceeds) == "exceeds"
    assert rubric.bar(level, 5.0) == "exceeds"


def test_a_mean_is_not_lost_to_binary_fractions() -> None:
    mean = 3 * 0.7 + 0.5  # 2.5999999999999996
    assert mean < 2.6
    assert load_rubric().bar(Level.INTERMEDIATE, mean) == "meets"


def test_a_teams_minimal_rubric_loads(tmp_path: Path) -> None:
    rubric = _load(tmp_path, MINIMAL)
    assert (rubric.id, rubric.version, list(rubric.areas)) == ("ours", "3", ["PIPE", "SQL"])
    assert rubric.areas["SQL"].anchors[5] == "strong"
    assert not (rubric.criteria or rubric.red_flags or rubric.differentiators or rubric.bars)
    with pytest.raises(KeyError):
        rubric.bar(Level.EXPERT, 3.0)


def test_a_teams_full_rubric_loads(tmp_path: Path) -> None:
    rubric = _load(tmp_path, FULL)
    assert rubric.red_flags["F1"].opportunities == 2
    assert rubric.differentiators["D1"].credit_if_asked == 1  # nothing is lost where asking is allowed
    assert rubric.bar(Level.ADVANCED, 3.2) == "meets"


def test_the_fingerprint_follows_the_bytes(tmp_path: Path) -> None:
    first, again = _load(tmp_path, MINIMAL), _load(tmp_path, MINIMAL)
    other = _load(tmp_path, MINIMAL + "# a remark\n")
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert len(first.fingerprint) == 12


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('version: "3"\n', "", 1, "missing key 'version'"),
        ('version: "3"', "version: 3", 2, "'version' must be text (put it in quotes"),
        ("title:", "tilte: x\ntitle:", 3, "unknown key 'tilte'"),
        ("    weight: 60", "    weight: 50", 4, "areas: the weights add up to 90, not 100"),
        ("    weight: 60", "    weight: 0", 7, "areas.PIPE: 'weight' must be more than 0"),
        ("    weight: 60\n", "", 5, "areas.PIPE: missing key 'weight'"),
        ("    weight: 60", "    weight: 60\n    wieght: 6", 8, "areas.PIPE: unknown key 'wieght'"),
        (", 5: strong}", "}", 8, "areas.PIPE.anchors: missing key '5'"),
        (", 5: strong}", ", 5: strong, 6: odd}", 8, "areas.PIPE.anchors: unknown key '6'"),
        (", 5: strong}", ", 5: }", 8, "'5' must be text"),
        ("  SQL:", "  PIPE:", 9, "areas: 'PIPE' appears twice (first on line 5)"),
        ("[PIPE], criteria", "[PIPES], criteria", 22, "red_flags.F1.cap: unknown area 'PIPES'"),
        ("criteria: [depth]", "criteria: [width]", 22, "red_flags.F1.cap: unknown criterion 'width'"),
        ("areas: [PIPE], criteria: [depth], ", "", 22, "a cap needs 'areas' or 'criteria'"),
        ("max: 2}", "max: 9}", 22, "'max' must be from 1 to 5"),
        (", max: 2}", "}", 22, "red_flags.F1.cap: missing key 'max'"),
        ("    cap:", "    opportunities: 1.5\n    cap:", 22, "'opportunities' must be a whole number"),
        ("    cap:", "    opportunities: 0\n    cap:", 22, "'opportunities' must be 1 or more"),
        ("ask_free: false", "ask_free: perhaps", 27, "'ask_free' must be true or false"),
        ("ask_free: false", "ask_free: true\n    credit_if_asked: 2", 28, "must be from 0 to 1"),
        ("ask_free: false", "ask_free: false\n    credit_if_asked: 1", 28, "says nothing unless 'ask_free'"),
        (
            "  Advanced:",
            "  Junior:",
            29,
            "bars: unknown key 'Junior' (known: Intermediate, Advanced, Expert)",
        ),
        ("meets_from: 3", "meets_from: 4", 29, "thresholds must rise"),
        ("meets_from: 3", "meets_from: 1", 29, "thresholds must rise"),
        ("exceeds_from: 4", "exceeds_from: 6", 32, "'exceeds_from' must be from 1 to 5"),
        ("exceeds_from: 4", "exceeds_from: .inf", 32, "'exceeds_from' must be a number"),
        ("    exceeds_from: 4\n", "", 29, "bars.Advanced: missing key 'exceeds_from'"),
        ("{PIPE: 3}", "{PIPES: 3}", 33, "unknown area 'PIPES'"),
        ("{PIPE: 3}", "{PIPE: 7}", 33, "'PIPE' must be from 1 to 5"),
        ("differentiators: 1", "differentiators: 2", 33, "asks for more than the 1 in this file"),
        ("differentiators: 1", "held: 1", 33, "unknown key 'held'"),
        ("no_red_flags: [F1]", "no_red_flags: [F9]", 33, "unknown red flag 'F9'"),
        ("points: 2}", "point: 2}", 34, "bars.Advanced.hints: unknown key 'point'"),
    ],
)
def test_faults_name_their_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    assert old in FULL
    with pytest.raises(KnowledgeError) as caught:
        _load(tmp_path, FULL.replace(old, new, 1))
    assert any(fault.line == line and message in fault.message for fault in caught.value.faults), caught.value


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    broken = FULL.replace("max: 2}", "max: 0}").replace("name: Depth", "nmae: Depth")
    with pytest.raises(KnowledgeError) as caught:
        _load(tmp_path, broken)
    lines = [fault.line for fault in caught.value.faults]
    assert lines == sorted(lines)
    assert {14, 15, 22} == set(lines)  # the missing name, the unknown key, the cap


def test_a_missing_rubric_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="cannot be read"):
        load_rubric(tmp_path / "absent.yaml")
