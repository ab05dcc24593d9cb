"""A benchmark's result: ours beside the plain alternative, measured in turns, as a ratio with its spread and aim."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Ratio:
    """`ours` and `plain`: medians of `n` measurements in `unit`; `ratio`: ours / plain, `low`..`high` its middle half.

    `most` is the highest ratio aimed at, None for pairs that only inform; `slack` is what `ours` may take on top.
    """

    name: str
    unit: str
    ours: float
    plain: float
    ratio: float
    low: float
    high: float
    n: int
    most: float | None = None
    slack: float = 0.0

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None without one."""
        return None if self.most is None else self.ours <= self.most * self.plain + self.slack


def ratio_of(
    name: str, unit: str, pairs: Sequence[tuple[float, float]], most: float | None = None, slack: float = 0.0
) -> Ratio:
    """The ratio of (ours, plain) pairs."""
    ratios = [o / p for o, p in pairs]
    low, _, high = statistics.quantiles(ratios, n=4)
    ours, plain = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    return Ratio(
        name,
        unit,
        round(ours, 3),
        round(plain, 3),
        round(statistics.median(ratios), 3),
        round(low, 3),
        round(high, 3),
        len(pairs),
        most,
        slack,
    )


def compare(
    name: str,
    ours: Callable[[], object],
    plain: Callable[[], object],
    n: int,
    most: float | None = None,
    slack: float = 0.0,
) -> Ratio:
    """Times both sides `n` times in turns, in milliseconds, after one run of each that does not count."""
    ours(), plain()
    pairs = []
    for _ in range(n):
        pairs.append((_milliseconds(ours), _milliseconds(plain)))
        print(f"\r{name}: {len(pairs)}/{n}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return ratio_of(name, "ms", pairs, most, slack)


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def table(ratios: list[Ratio]) -> str:
    """The results as a Markdown table."""
    head = ["| what, ours / plain | ours | plain | ours : plain | middle half | n | aim |", "| --- " * 7 + "|"]
    return "\n".join([*head, *(_row(r) for r in ratios)])


def _row(r: Ratio) -> str:
    slack = f" plus {r.slack:g} {r.unit}" if r.slack else ""
    aim = "" if r.most is None else f"at most {r.most:g}{slack}: {'met' if r.met else 'not met'}"
    sides = f"{r.ours:.4g} {r.unit} | {r.plain:.4g} {r.unit}"
    return f"| {r.name} | {sides} | {r.ratio:.3g} | {r.low:.3g} to {r.high:.3g} | {r.n} | {aim} |"


def as_json(ratios: list[Ratio]) -> str:
    """The results as one JSON list."""
    return json.dumps([{**asdict(r), "met": r.met} for r in ratios])
