"""How long this candidate takes for an exchange, how many still fit, and what is kept for the close."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from agents.phases import MINUTES_PER_EXCHANGE
from agents.state import InterviewState

LONG_EXCHANGE = 1.25
"""A long exchange against an ordinary one; what must be asked in time is reckoned with these."""
MOST_SLOW, ENOUGH_ANSWERS = 2.5, 3
"""Up to eight minutes a typed exchange are taken for a habit, once there are three answers."""


def wrap_up_minutes(total: float, exchange: float) -> float:
    """How much of `total` minutes is kept for the close: 5 %, at least two, at most 35 %.

    And at least one and a quarter exchanges: a question asked with less time than its answer takes would push the close
    over the end.
    """
    return min(max(2.0, 0.05 * total, LONG_EXCHANGE * exchange), 0.35 * total)


def minutes_per_exchange(state: InterviewState) -> float:
    """What a question and its answer take: the usual at the interview's pace; more with a candidate who takes longer.

    The median of three answers or more, so that one long pause is not taken for a habit; at most MOST_SLOW the usual.
    """
    usual = MINUTES_PER_EXCHANGE[state.opened.pace]
    turns = [t for t in state.turns if t.speaker != "sketch"]
    took = [b.elapsed - a.elapsed for a, b in pairwise(turns) if b.speaker == "candidate"]
    return min(MOST_SLOW * usual, max(usual, median(took))) if len(took) >= ENOUGH_ANSWERS else usual


def remaining_exchanges(state: InterviewState) -> int:
    """How many questions fit before the close, at least one."""
    exchange = minutes_per_exchange(state)
    return max(1, int((state.left() - wrap_up_minutes(state.opened.minutes, exchange)) / exchange))
