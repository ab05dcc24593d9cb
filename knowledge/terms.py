"""The closed lists of words that every part shares: categories, levels, phases, moves and rungs."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Level(StrEnum):
    """How experienced a candidate should be; moves the bar, never the anchors."""

    INTERMEDIATE = "Intermediate"
    ADVANCED = "Advanced"
    EXPERT = "Expert"

    @property
    def order(self) -> int:
        """0 for Intermediate, 1 for Advanced, 2 for Expert."""
        return list(Level).index(self)


class Rung(IntEnum):
    """How far a point is proven: each step needs more evidence than the one below."""

    UNSEEN = 0
    MENTIONED = 1
    EXPLAINED = 2
    JUSTIFIED = 3
    HELD = 4


class Move(StrEnum):
    """What the interviewer does in one turn."""

    OPEN = "OPEN"
    EXPLORE = "EXPLORE"
    ANSWER = "ANSWER"
    RETURN_DECISION = "RETURN_DECISION"
    CLARIFY = "CLARIFY"
    QUANTIFY = "QUANTIFY"
    NUMBER = "NUMBER"
    DEEPEN = "DEEPEN"
    JUSTIFY = "JUSTIFY"
    COMPARE = "COMPARE"
    CONSTRAIN = "CONSTRAIN"
    INJECT_FAILURE = "INJECT_FAILURE"
    CHALLENGE = "CHALLENGE"
    EXPERIENCE = "EXPERIENCE"
    REDIRECT = "REDIRECT"
    WAIT = "WAIT"
    SPLIT = "SPLIT"
    HINT = "HINT"
    GIVE_EVIDENCE = "GIVE_EVIDENCE"
    CODE_TRACE = "CODE_TRACE"
    INJECT_CONSEQUENCE = "INJECT_CONSEQUENCE"
    OWN_WORDS = "OWN_WORDS"
    SWITCH_LANGUAGE = "SWITCH_LANGUAGE"
    BOUNDARY = "BOUNDARY"
    CONCEDE = "CONCEDE"
    CLOSE_PHASE = "CLOSE_PHASE"
    WRAP_UP = "WRAP_UP"


FOLLOW_UP_MOVES = (
    Move.CLARIFY,
    Move.QUANTIFY,
    Move.NUMBER,
    Move.DEEPEN,
    Move.JUSTIFY,
    Move.COMPARE,
    Move.CONSTRAIN,
    Move.INJECT_FAILURE,
    Move.CHALLENGE,
    Move.EXPERIENCE,
    Move.CODE_TRACE,
    Move.INJECT_CONSEQUENCE,
)
"""Moves that a question's follow-ups may be tagged with."""

DESIGN_PHASES = ("goal", "sizing", "flow", "data", "model", "deep_dive", "operation")

PHASES: dict[str, tuple[str, ...]] = {
    "System Design": DESIGN_PHASES,
    "Data Pipeline": DESIGN_PHASES,
    "Model Ops": DESIGN_PHASES,
    "Case Study": DESIGN_PHASES,
    "Coding": ("clarify", "sketch", "write", "trace", "extend"),
    "Debugging": ("facts", "hypotheses", "fix", "prevention"),
    "Code Review": ("read", "findings", "repair", "process"),
    "Shell": ("clarify", "write", "break", "schedule"),
    "Behavioral": ("story", "probes", "lesson"),
}
"""Category -> its phases in order, without the opening and the close that every interview has."""

CATEGORIES = tuple(PHASES)

PHASE_NAMES = {
    "open": "Opening",
    "goal": "Goal and requirements",
    "sizing": "Sizing",
    "flow": "High-level flow",
    "data": "Data, labels, features",
    "model": "Model and evaluation",
    "deep_dive": "Deep dive, serving, release",
    "operation": "Operation and cost",
    "clarify": "Clarify",
    "sketch": "Sketch",
    "write": "Write",
    "trace": "Trace",
    "extend": "Extend",
    "facts": "Facts and impact",
    "hypotheses": "Evidence and hypotheses",
    "fix": "Fix",
    "prevention": "Prevention",
    "read": "Read",
    "findings": "Findings by severity",
    "repair": "Fix two of them",
    "process": "Process",
    "break": "Break it",
    "schedule": "Schedule",
    "story": "Story",
    "probes": "Probes",
    "lesson": "Lesson",
    "close": "Close",
}
"""Phase -> its name for people."""
