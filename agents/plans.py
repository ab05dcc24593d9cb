"""Interviews of several parts: which kinds of question follow each other, for how long, and which of the bank they are.

The whole loop has the parts and minutes of a classic on-site day for machine-learning engineers: Python, system design,
cloud, operations. The mixed set follows the usual advice for choosing questions: match the level, mix the kinds, take
problems that real companies are known for, and let difficulty rise.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.events import Loop, LoopPart
from knowledge.question import Question
from knowledge.terms import Level


@dataclass(frozen=True)
class Slot:
    """One part: a question of one of `categories` that can score `area` (None: any). `step` moves its level against
    the candidate's: -1 easier, 1 harder."""

    name: str
    minutes: float
    categories: tuple[str, ...]
    area: str | None = None
    step: int = 0
    known: bool = False
    """Whether a problem that companies are known for comes first."""


@dataclass(frozen=True)
class Plan:
    """What an interview of several parts consists of."""

    id: str
    name: str
    about: str
    slots: tuple[Slot, ...]

    @property
    def minutes(self) -> float:
        """The length of the whole."""
        return sum(slot.minutes for slot in self.slots)


_LARGE = ("System Design", "Data Pipeline", "Case Study")


def _loop(id_: str, minutes: tuple[float, float, float, float]) -> Plan:
    python, design, cloud, operations = minutes
    return Plan(
        id_,
        f"Whole loop, {sum(minutes):g} minutes",
        "Python, system design, cloud and operations, scored over all areas.",
        (
            Slot("Python", python, ("Coding", "Code Review"), "PY"),
            Slot("System design", design, _LARGE, "SY"),
            Slot(
                "Cloud", cloud, ("Model Ops", "Debugging", "System Design", "Case Study", "Shell", "Code Review"), "AW"
            ),
            Slot("Operations", operations, ("Model Ops", "Shell"), "ML"),
        ),
    )


PLANS = (
    _loop("loop-60", (16, 21, 12, 11)),
    _loop("loop-75", (20, 25, 15, 15)),
    Plan(
        "mixed",
        "Mixed set, 60 minutes",
        "Three kinds of question, rising in difficulty; problems that companies are known for where there are some.",
        (
            Slot("Warm-up", 15, ("Coding", "Code Review", "Shell", "Debugging"), step=-1),
            Slot("Your level", 20, ("Data Pipeline", "Model Ops"), known=True),
            Slot("A step further", 25, ("System Design", "Case Study"), step=1, known=True),
        ),
    ),
    Plan(
        "drill-design",
        "Design drill, 20 minutes",
        "One design question, against the clock.",
        (Slot("Design", 20, _LARGE),),
    ),
    Plan(
        "drill-operations",
        "Operations drill, 20 minutes",
        "One question on running models, or an incident.",
        (Slot("Operations", 20, ("Model Ops", "Debugging", "Shell")),),
    ),
    Plan(
        "drill-code",
        "Code drill, 20 minutes",
        "One question that is answered with code.",
        (Slot("Code", 20, ("Coding", "Code Review", "Shell")),),
    ),
)


class NothingFits(ValueError):  # noqa: N818 - reads as what it is
    """The bank has no question for a part; the message names the part."""


def draw(
    plan: Plan, questions: Iterable[Question], level: Level, times: Mapping[str, int], rng: random.Random
) -> list[Question]:
    """A question for each part, no two the same. Nearest to the level first, then the least practised (`times`: how
    often, by id), then the nearest in length; what is equal is drawn by lot. Raises NothingFits."""
    chosen: list[Question] = []
    known = list(questions)
    rng.shuffle(known)
    for slot in plan.slots:
        wanted = min(max(level.order + slot.step, 0), len(Level) - 1)
        fitting = [
            q for q in known if q.category in slot.categories and (slot.area in (None, *q.areas)) and q not in chosen
        ]
        if not fitting:
            raise NothingFits(f"the bank has no question left for the part “{slot.name}” of “{plan.name}”")
        chosen.append(
            min(
                fitting,
                key=lambda q: (
                    abs(q.difficulty.order - wanted),
                    times.get(q.id, 0),
                    slot.area is not None and q.areas[0] != slot.area,
                    slot.known and not q.companies,
                    abs(q.minutes - slot.minutes),
                ),
            )
        )
    return chosen


def first_part(plan: Plan, questions: Sequence[Question]) -> Loop | None:
    """The loop that begins with the first of `questions`; None for a plan of one part, which is a plain interview."""
    if len(plan.slots) == 1:
        return None
    parts = tuple(
        LoopPart(name=slot.name, question_id=question.id, minutes=slot.minutes)
        for slot, question in zip(plan.slots, questions, strict=True)
    )
    return Loop(id=uuid.uuid4().hex[:12], plan=plan.id, name=plan.name, part=0, parts=parts)
