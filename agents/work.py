"""What a step of the interview asked of a model: its calls, what they cost, and how it ended. Part of the log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Call(_Record):
    """One request to a model: `outcome` is "ok" or what became of it instead ("timeout", "busy (429)", ...).

    Tokens are the server's own count, or ours when it reports none (`counted`). `cost` is in the currency of the price
    list, None without a price.
    """

    role: Literal["observer", "interviewer", "assessor"]
    model: str
    outcome: str
    seconds: float = 0.0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    counted: bool = False
    cost: float | None = None


class Work(_Record):
    """What a step asked of a model: its calls in order, the prompts' fingerprints, and how it ended.

    `took_over` says in plain words why the local panel did the step in the end, "" when it did not have to.
    """

    calls: tuple[Call, ...] = ()
    prompts: tuple[str, ...] = ()
    took_over: str = ""


class Usage(_Record):
    """The sum of calls. `cost` is None when a call that read or wrote something had no price."""

    calls: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    counted: bool = False
    cost: float | None = 0.0

    def plus(self, work: Work | None) -> Usage:
        """This and what `work` used."""
        made = work.calls if work else ()
        return Usage(
            calls=self.calls + len(made),
            tokens_in=self.tokens_in + sum(c.tokens_in for c in made),
            tokens_cached=self.tokens_cached + sum(c.tokens_cached for c in made),
            tokens_out=self.tokens_out + sum(c.tokens_out for c in made),
            counted=self.counted or any(c.counted for c in made),
            cost=_sum([self.cost, *(c.cost for c in made if c.tokens_in or c.tokens_out)]),
        )


def _sum(costs: Iterable[float | None]) -> float | None:
    known = list(costs)
    return None if None in known else sum(c for c in known if c is not None)
