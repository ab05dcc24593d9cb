"""The bars of a rubric: from which mean, and under which conditions, a candidate meets a level.

The thresholds are decided here. Whether the conditions hold is the assessor's to say, who has the evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from knowledge.terms import Level
from knowledge.yaml_lines import Block

LOWEST, HIGHEST = 1.0, 5.0
"""The scale of every score."""

Verdict = Literal["below", "approaching", "meets", "exceeds"]


@dataclass(frozen=True)
class Conditions:
    """What "meets" asks for besides the mean. `min_areas` (id -> 1..5) binds only areas that were assessed;
    the counts are least numbers of points justified, points held, and differentiators observed; none of
    `no_red_flags` may be confirmed."""

    min_areas: Mapping[str, float] = field(default_factory=dict)
    justified_points: int = 0
    held_points: int = 0
    differentiators: int = 0
    no_red_flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hints:
    """How much help a level may need: the `deepest` hint (0 none .. 3) and on how many `points`."""

    deepest: int
    points: int


@dataclass(frozen=True)
class Bar:
    """The thresholds of one level on the weighted mean (1..5), strictly rising. `hints` is None where the
    rubric does not say."""

    level: Level
    approaching_from: float
    meets_from: float
    exceeds_from: float
    meets: Conditions = field(default_factory=Conditions)
    hints: Hints | None = None
    experience: str = ""

    def verdict(self, overall: float) -> Verdict:
        """Where the weighted mean `overall` (1..5) stands, by the thresholds alone."""
        reached = overall + 1e-9  # a mean of 2.6 may come out as 2.5999999999999996
        if reached >= self.exceeds_from:
            return "exceeds"
        if reached >= self.meets_from:
            return "meets"
        return "approaching" if reached >= self.approaching_from else "below"


def read_bars(
    block: Block, areas: Collection[str], red_flags: Collection[str], differentiators: int
) -> dict[Level, Bar]:
    """The bars under `block`. `areas` and `red_flags` are the ids that conditions may name, `differentiators`
    is how many there are to ask for. Faults are noted in the block."""
    bars: dict[Level, Bar] = {}
    for level in levels_of(block):
        entry = block.block(level)
        if entry is None:
            continue
        bars[level] = _bar(level, entry)
        meets = entry.block("meets")
        if meets:
            conditions = _conditions(meets, areas, red_flags, differentiators)
            bars[level] = replace(bars[level], meets=conditions)
    return bars


def _bar(level: Level, block: Block) -> Bar:
    """The bar without its conditions."""
    steps = ("approaching_from", "meets_from", "exceeds_from")
    block.expect(steps, ("meets", "hints", "experience"))
    approaching, meets, exceeds = (block.number_within(step, LOWEST, HIGHEST) for step in steps)
    if set(steps) <= set(block.nodes) and not approaching < meets < exceeds:
        block.fault("thresholds must rise: approaching_from < meets_from < exceeds_from")
    hints = block.block("hints")
    if hints:
        hints.expect(("deepest", "points"))
    allowed = Hints(hints.whole("deepest"), hints.whole("points")) if hints else None
    return Bar(level, approaching, meets, exceeds, hints=allowed, experience=block.text("experience"))


def _conditions(block: Block, areas: Collection[str], red_flags: Collection[str], differentiators: int) -> Conditions:
    counts = ("justified_points", "held_points", "differentiators")
    block.expect((), ("min_areas", *counts, "no_red_flags"))
    wanted = block.whole("differentiators")
    if wanted > differentiators:
        line = block.line_of("differentiators")
        block.fault(f"'differentiators' asks for more than the {differentiators} in this file", line)
    minimum = block.block("min_areas")
    return Conditions(
        min_areas=_min_areas(minimum, areas) if minimum else {},
        justified_points=block.whole("justified_points"),
        held_points=block.whole("held_points"),
        differentiators=wanted,
        no_red_flags=block.ids("no_red_flags", red_flags, "red flag"),
    )


def _min_areas(block: Block, areas: Collection[str]) -> dict[str, float]:
    for key in block.nodes:
        if key not in areas:
            block.fault(f"unknown area '{key}'", block.line_of(key))
    return {key: block.number_within(key, LOWEST, HIGHEST) for key in block.nodes}


def levels_of(block: Block) -> list[Level]:
    """The block's keys as levels; others are noted."""
    block.expect((), [level.value for level in Level])
    return [level for level in Level if level.value in block.nodes]
