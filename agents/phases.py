"""How an interview's minutes are shared among its phases.

The tables are those of the interview guide: minutes per phase for a 45- and a 60-minute design interview and one length
for every other kind. They are rescaled to the length that was chosen, over the phases that the question requires.
"""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.terms import DESIGN_PHASES, PHASES, Level

_DESIGN_45 = dict(zip(("open", *DESIGN_PHASES, "close"), (2, 6, 3, 7, 8, 6, 6, 5, 2), strict=True))
_DESIGN_60 = dict(zip(("open", *DESIGN_PHASES, "close"), (3, 8, 4, 9, 10, 8, 9, 6, 3), strict=True))
_OTHERS = {
    "Debugging": {"facts": 4, "hypotheses": 14, "fix": 5, "prevention": 5, "close": 2},
    "Coding": {"clarify": 3, "sketch": 4, "write": 11, "trace": 4, "extend": 3},
    "Code Review": {"read": 4, "findings": 9, "repair": 4, "process": 3},
    "Shell": {"clarify": 2, "write": 10, "break": 5, "schedule": 3},
    "Behavioral": {"story": 4, "probes": 8, "lesson": 2, "close": 1},
}
# Intermediate candidates get three minutes more for flow and data, Expert ones for goal, deep dive and operation.
_SHIFTS = {
    Level.INTERMEDIATE: {"flow": 1.5, "data": 1.5, "deep_dive": -1.5, "operation": -1.5},
    Level.ADVANCED: {},
    Level.EXPERT: {"goal": 1, "deep_dive": 1, "operation": 1, "data": -1.5, "model": -1.5},
}

MINUTES_PER_EXCHANGE = {"typed": 3.2, "spoken": 1.8}
"""One question and its answer. Typing 300 words takes seven minutes, and an answer has about 110; spoken, about 200."""


def phase_plan(category: str, level: Level, minutes: float, required: Sequence[str]) -> dict[str, float]:
    """Phase -> minutes, in order, summing to `minutes`. "open" and "close" are kept where the table has them."""
    if category in _OTHERS:
        table: dict[str, float] = dict(_OTHERS[category])
    else:
        table = dict(_DESIGN_45 if minutes <= 52 else _DESIGN_60)
        for phase, shift in _SHIFTS[level].items():
            table[phase] += shift
    kept = {p: m for p, m in table.items() if p in required or p not in PHASES[category]}
    scale = minutes / sum(kept.values())
    return {phase: share * scale for phase, share in kept.items()}


def exchanges(minutes: float, pace: str) -> int:
    """How many questions and answers fit into `minutes` at this pace, at least one."""
    return max(1, int(minutes / MINUTES_PER_EXCHANGE[pace]))
