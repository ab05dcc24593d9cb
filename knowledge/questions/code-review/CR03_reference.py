"""Reference for CR03, the same feature written twice.

The code under review is read out of the question. Behind the repair stands one test per planted fault:
it shows the difference to training and its absence afterwards.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

# --- The repair: one meaning, two ways of fetching ---------------------------------------------

WINDOW = timedelta(days=90)
GRACE = timedelta(minutes=15)
NAMES = ("late_share", "mean_delay_hours")


@dataclass(frozen=True)
class Rental:
    due: datetime
    returned: datetime | None


def features(rentals: Iterable[Rental], moment: datetime) -> dict[str, float | None]:
    """Describe a customer as training and the counter see him; None where nothing was finished."""
    delays = [
        max(r.returned - r.due, timedelta(0))
        for r in rentals
        if r.returned is not None and moment - WINDOW <= r.returned < moment
    ]
    if not delays:
        return dict.fromkeys(NAMES)
    late = sum(delay > GRACE for delay in delays)
    hours = sum(delays, timedelta(0)) / timedelta(hours=1)
    return {"late_share": late / len(delays), "mean_delay_hours": hours / len(delays)}


def from_record(record: Mapping[str, Any]) -> Rental:
    """The only thing that is different at the counter: how a rental arrives."""
    return Rental(record["due"], record["returned"])


def live(records: Iterable[Mapping[str, Any]], moment: datetime) -> dict[str, float | None]:
    """Describe the customer at the counter at the moment of this request."""
    return features(map(from_record, records), moment)


def vector(named: Mapping[str, float | None], order: Sequence[str]) -> list[float | None]:
    """Put the values into the order that the model file names; refuse another set of names."""
    if set(order) != set(named):
        raise ValueError(f"the model wants {sorted(order)}, these are {sorted(named)}")
    return [named[name] for name in order]


# --- The tests -----------------------------------------------------------------------------------

NOW = datetime(2026, 6, 10, 9, 0)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(scope="module")
def review() -> dict[str, Any]:
    """The names of both files under review."""
    text = Path(__file__).with_name("CR03.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(text.split("```python\n", 1)[1].split("```", 1)[0], names)
    names["trained"] = lambda records, now=NOW: names["row"](
        [names["Rental"](r["due"], r["returned"]) for r in records], now
    )
    return names


def rental(ended: timedelta | None, delay: timedelta = timedelta(0), lasted: timedelta = DAY) -> dict[str, Any]:
    """A rental that came back `ended` ago (None: still out), `delay` after it was due."""
    returned = None if ended is None else NOW - ended
    due = (returned or NOW + DAY) - delay
    return {"picked_up": (returned or NOW) - lasted, "due": due, "returned": returned}


def repaired(records: Sequence[Mapping[str, Any]]) -> list[float | None]:
    return vector(live(records, NOW), NAMES)


def test_early_return_counts_as_late(review: dict[str, Any]) -> None:
    records = [rental(2 * DAY, -30 * MINUTE)]
    assert review["LiveFeatures"](NOW).late_share(records) == 1.0
    assert review["trained"](records)[0] == repaired(records)[0] == 0.0


def test_more_than_a_day_late_can_count_as_punctual(review: dict[str, Any]) -> None:
    records = [rental(2 * DAY, DAY + 10 * MINUTE)]
    assert review["LiveFeatures"](NOW).late_share(records) == 0.0
    assert review["trained"](records)[0] == repaired(records)[0] == 1.0


def test_open_rentals_thin_the_share(review: dict[str, Any]) -> None:
    records = [rental(2 * DAY, HOUR), rental(None)]
    assert review["LiveFeatures"](NOW).late_share(records) == 0.5
    assert review["trained"](records)[0] == repaired(records)[0] == 1.0


def test_window_begins_at_another_event(review: dict[str, Any]) -> None:
    records = [rental(89 * DAY, HOUR, lasted=5 * DAY), rental(2 * DAY)]
    assert review["LiveFeatures"](NOW).late_share(records) == 0.0
    assert review["trained"](records)[0] == repaired(records)[0] == 0.5


def test_window_stands_still_after_the_start_of_the_program(review: dict[str, Any]) -> None:
    first = review["LiveFeatures"]()
    assert review["LiveFeatures"]().start == first.start  # to the microsecond: one clock reading for all
    records = [rental(80 * DAY, HOUR)]
    assert live(records, NOW)["late_share"] == 1.0
    assert live(records, NOW + 21 * DAY)["late_share"] is None


def test_newcomers_turn_into_perfect_customers(review: dict[str, Any]) -> None:
    assert review["LiveFeatures"](NOW).vector([]) == [0, 0.0]
    assert review["trained"]([]) == repaired([]) == [None, None]


def test_minutes_and_hours(review: dict[str, Any]) -> None:
    records = [rental(2 * DAY, 2 * HOUR)]
    assert review["LiveFeatures"](NOW).mean_delay(records) == 120
    assert review["trained"](records)[1] == repaired(records)[1] == 2


def test_early_minutes_pay_for_late_ones(review: dict[str, Any]) -> None:
    records = [rental(2 * DAY, 2 * HOUR), rental(3 * DAY, -2 * HOUR)]
    assert review["LiveFeatures"](NOW).mean_delay(records) == 0
    assert review["trained"](records)[1] == repaired(records)[1] == 1


def test_order_of_the_two_values(review: dict[str, Any]) -> None:
    records = [rental(2 * DAY, 2 * HOUR)]
    assert review["LiveFeatures"](NOW).vector(records) == [120, 1.0]
    assert review["trained"](records) == repaired(records) == [1.0, 2]
    named = live(records, NOW)
    assert vector(named, ("mean_delay_hours", "late_share")) == [2, 1.0]
    with pytest.raises(ValueError, match="mean_delay_minutes"):
        vector(named, ("late_share", "mean_delay_minutes"))


def test_the_test_that_came_with_the_change_sees_nothing_of_this(review: dict[str, Any]) -> None:
    records = [rental(2 * DAY, HOUR)]  # one rental, an hour late, and only the share is compared
    assert review["LiveFeatures"](NOW).late_share(records) == review["trained"](records)[0] == 1.0


def test_repair_agrees_with_training_for_any_customer(review: dict[str, Any]) -> None:
    dice = random.Random(3)
    differing = 0
    for _ in range(300):
        records = [
            rental(
                dice.choice([None, timedelta(0), 90 * DAY, DAY * dice.randrange(120)]),
                MINUTE * dice.choice([-1500, -20, 0, 15, 16, 90, 1450]),
                DAY * dice.randrange(1, 9),
            )
            for _ in range(dice.randrange(5))
        ]
        assert repaired(records) == pytest.approx(review["trained"](records))
        differing += review["LiveFeatures"](NOW).vector(records)[::-1] != review["trained"](records)
    assert differing > 200
