"""The rubric: areas with weights and anchors, red flags with caps, differentiators, criteria, bars per level.

Teams bring their own file, so no area is known by name here. Loading is strict, because a misspelt key in a
rubric would change scores without a word. This module scores nothing; agents/assessor.py does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from knowledge.bars import HIGHEST, LOWEST, Bar, Conditions, Hints, Verdict, levels_of, read_bars
from knowledge.faults import KnowledgeError
from knowledge.terms import Level
from knowledge.yaml_lines import Block, parse_block, read_bytes

RUBRICS = Path(__file__).parent / "rubrics"
RUBRIC_FILE = RUBRICS / "greenroom.yaml"

__all__ = [
    "HIGHEST",
    "LOWEST",
    "RUBRICS",
    "RUBRIC_FILE",
    "Area",
    "Bar",
    "Cap",
    "Conditions",
    "Criterion",
    "Differentiator",
    "Hints",
    "RedFlag",
    "Rubric",
    "RubricFileError",
    "Verdict",
    "load_rubric",
]


class RubricFileError(KnowledgeError):
    """A rubric file has faults."""


@dataclass(frozen=True)
class Area:
    """A weighted part of the score. `weight` is in percent of the whole; `anchors` maps 1..5 to what such an
    answer looks like; `evidence` maps a candidate's level to what is expected there (may be empty)."""

    id: str
    name: str
    weight: float
    anchors: Mapping[int, str]
    criteria: tuple[str, ...] = ()
    evidence: Mapping[Level, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Criterion:
    """Reported beside the areas and never added to the score. `anchors` as in Area."""

    id: str
    name: str
    anchors: Mapping[int, str]


@dataclass(frozen=True)
class Cap:
    """`highest` (1..5) is the most that the areas and criteria named may score."""

    highest: float
    areas: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True)
class RedFlag:
    """Confirmed by quotes from at least `opportunities` separate answers; without a `cap` only reported."""

    id: str
    statement: str
    confirmed_when: str
    not_confirmed_by: str
    opportunities: int
    cap: Cap | None


@dataclass(frozen=True)
class Differentiator:
    """A sign of seniority. `credit_if_asked` (0..1) is what remains of it when it did not come unasked; 1
    where `ask_free` is False."""

    id: str
    statement: str
    observed_when: str
    ask_free: bool
    credit_if_asked: float


@dataclass(frozen=True)
class Rubric:
    """A rubric file. The mappings go from id (or level) to entry, in the order of the file; `fingerprint` is
    short for the file's bytes and goes wherever a score goes."""

    id: str
    version: str
    title: str
    fingerprint: str
    areas: Mapping[str, Area]
    criteria: Mapping[str, Criterion]
    red_flags: Mapping[str, RedFlag]
    differentiators: Mapping[str, Differentiator]
    bars: Mapping[Level, Bar]

    def bar(self, level: Level, overall: float) -> Verdict:
        """Where the weighted mean `overall` (1..5) stands for `level`, by the thresholds alone: the
        conditions of "meets" are the assessor's. KeyError when the rubric has no bar for this level."""
        return self.bars[level].verdict(overall)


def load_rubric(path: Path = RUBRIC_FILE) -> Rubric:
    """The rubric at `path`. Raises RubricFileError with every fault and its line."""
    data = read_bytes(path, RubricFileError)
    root = parse_block(data, path, RubricFileError)
    root.expect(("id", "version", "title", "areas"), ("red_flags", "differentiators", "criteria", "bars"))
    areas = {key: _area(key, block) for key, block in _entries(root, "areas")}
    _check_weights(root, areas)
    criteria = {key: _criterion(key, block) for key, block in _entries(root, "criteria")}
    red_flags = {key: _red_flag(key, block, areas, criteria) for key, block in _entries(root, "red_flags")}
    differentiators = {key: _differentiator(key, block) for key, block in _entries(root, "differentiators")}
    bars_block = root.block("bars")
    bars = read_bars(bars_block, areas, red_flags, len(differentiators)) if bars_block else {}
    rubric = Rubric(
        id=root.text("id"),
        version=root.text("version"),
        title=root.text("title"),
        fingerprint=sha256(data).hexdigest()[:12],
        areas=areas,
        criteria=criteria,
        red_flags=red_flags,
        differentiators=differentiators,
        bars=bars,
    )
    root.finish(RubricFileError)
    return rubric


def _entries(root: Block, key: str) -> list[tuple[str, Block]]:
    """The blocks under a top-level key, none where the key is absent."""
    block = root.block(key)
    return block.entries() if block else []


def _area(key: str, block: Block) -> Area:
    block.expect(("name", "weight", "anchors"), ("criteria", "evidence"))
    weight = block.number("weight")
    if "weight" in block.nodes and weight <= 0:
        block.fault("'weight' must be more than 0", block.line_of("weight"))
    evidence = block.block("evidence")
    expected = {level: evidence.text(level) for level in levels_of(evidence)} if evidence else {}
    return Area(key, block.text("name"), weight, _anchors(block), block.texts("criteria"), expected)


def _criterion(key: str, block: Block) -> Criterion:
    block.expect(("name", "anchors"))
    return Criterion(key, block.text("name"), _anchors(block))


def _anchors(block: Block) -> dict[int, str]:
    """Exactly the anchors 1..5: a missing one would leave a score without a meaning."""
    anchors = block.block("anchors")
    if anchors is None:
        return {}
    anchors.expect([str(step) for step in range(1, 6)])
    return {step: anchors.text(str(step)) for step in range(1, 6)}


def _check_weights(root: Block, areas: Mapping[str, Area]) -> None:
    """Notes weights that miss 100, unless one of them is at fault itself."""
    weights = [area.weight for area in areas.values()]
    total = sum(weights)
    if "areas" in root.nodes and all(weight > 0 for weight in weights) and abs(total - 100) > 1e-6:
        root.fault(f"areas: the weights add up to {total:g}, not 100", root.line_of("areas"))


def _red_flag(key: str, block: Block, areas: Collection[str], criteria: Collection[str]) -> RedFlag:
    block.expect(("statement", "confirmed_when", "not_confirmed_by"), ("opportunities", "cap"))
    opportunities = block.whole("opportunities", 2)
    if opportunities < 1:
        block.fault("'opportunities' must be 1 or more", block.line_of("opportunities"))
    cap = block.block("cap")
    return RedFlag(
        id=key,
        statement=block.text("statement"),
        confirmed_when=block.text("confirmed_when"),
        not_confirmed_by=block.text("not_confirmed_by"),
        opportunities=opportunities,
        cap=_cap(cap, areas, criteria) if cap else None,
    )


def _cap(block: Block, areas: Collection[str], criteria: Collection[str]) -> Cap:
    block.expect(("max",), ("areas", "criteria"))
    if not {"areas", "criteria"} & set(block.nodes):
        block.fault("a cap needs 'areas' or 'criteria'")
    return Cap(
        highest=block.number_within("max", LOWEST, HIGHEST),
        areas=block.ids("areas", areas, "area"),
        criteria=block.ids("criteria", criteria, "criterion"),
    )


def _differentiator(key: str, block: Block) -> Differentiator:
    block.expect(("statement", "observed_when", "ask_free"), ("credit_if_asked",))
    ask_free = block.flag("ask_free")
    credit = block.number_within("credit_if_asked", 0, 1)
    if not ask_free:
        if "credit_if_asked" in block.nodes:
            line = block.line_of("credit_if_asked")
            block.fault("'credit_if_asked' says nothing unless 'ask_free' is true", line)
        credit = 1.0
    return Differentiator(key, block.text("statement"), block.text("observed_when"), ask_free, credit)
