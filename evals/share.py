"""The uncertainty of a share that was counted."""

from __future__ import annotations

import math


def interval(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of `hits` / `n` within 0..1, (nan, nan) for n = 0. It takes the cases for independent."""
    if not n:
        return math.nan, math.nan
    z, share = 1.96, hits / n
    centre, half = share + z * z / (2 * n), z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return max(0.0, (centre - half) / (1 + z * z / n)), min(1.0, (centre + half) / (1 + z * z / n))
