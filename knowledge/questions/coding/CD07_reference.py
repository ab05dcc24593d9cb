"""Reference answer to CD07: what is known about a number plate, kept for a while, for many threads.

One lock guards the few steps that must not be torn apart; asking the service happens outside of it, once per plate,
and whoever comes meanwhile waits for that one answer.
Tests: CD07_checks_reference.py.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType

Values = Mapping[str, float]


@dataclass(frozen=True)
class Answer:
    """What the service says: values, or None for a plate it does not know, and how many seconds that may be used."""

    values: Values | None
    seconds: float


@dataclass(frozen=True)
class _Entry:
    values: Values | None
    until: float


class FeatureCache:
    """Holds at most `capacity` plates; the one that nobody has asked for longest goes first. Threads may share it."""

    def __init__(
        self, capacity: int, load: Callable[[str], Answer], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`load` asks the service; it must have a time limit of its own. `clock` must never go back."""
        if capacity < 1:
            raise ValueError("room for at least one plate")
        self._capacity = capacity
        self._load = load
        self._clock = clock
        self._lock = Lock()  # guards all that follows; never held while load runs
        self._entries: OrderedDict[str, _Entry] = OrderedDict()  # from the longest unused to the latest
        self._flights: dict[str, Future[Values | None]] = {}  # questions on their way to the service
        self._counts: Counter[str] = Counter()

    def get(self, plate: str) -> Values | None:
        """What is known, None if the service knows nothing; raises what load raised. The values are read-only."""
        with self._lock:
            entry = self._entries.get(plate)
            if entry is not None and self._clock() < entry.until:
                self._entries.move_to_end(plate)  # a read changes the order, so it needs the lock as well
                self._counts["hit"] += 1
                return entry.values
            if entry is not None:
                del self._entries[plate]
                self._counts["expired"] += 1
            flight = self._flights.get(plate)
            mine = flight is None
            if flight is None:
                flight = self._flights[plate] = Future()
            self._counts["load" if mine else "joined"] += 1
        if mine:
            self._fly(plate, flight)
        return flight.result()

    def drop(self, plate: str) -> None:
        """Forget the plate. Who asks from now on gets a new answer, even if an older question is still on its way."""
        with self._lock:
            self._entries.pop(plate, None)
            self._flights.pop(plate, None)  # its answer reaches those who wait for it and is not kept

    def counts(self) -> dict[str, int]:
        """hit + joined + load is the number of calls of get; load is what the service has felt."""
        with self._lock:
            return dict(self._counts)

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)

    def _fly(self, plate: str, flight: Future[Values | None]) -> None:
        asked = self._clock()  # the values are as old as the question, not as the answer
        try:
            answer = self._load(plate)
            values = None if answer.values is None else MappingProxyType(dict(answer.values))
        except BaseException as error:  # whatever it is, those who wait must not wait for ever
            with self._lock:
                self._counts["failed"] += 1
                self._land(plate, flight)
            flight.set_exception(error)
            return
        with self._lock:
            if self._land(plate, flight):
                self._keep(plate, _Entry(values, asked + answer.seconds))
        flight.set_result(values)

    def _land(self, plate: str, flight: Future[Values | None]) -> bool:
        """Whether the question still counts; False if the plate was dropped after it had been asked."""
        if self._flights.get(plate) is not flight:
            return False
        del self._flights[plate]
        return True

    def _keep(self, plate: str, entry: _Entry) -> None:
        self._entries[plate] = entry  # at the end: get and drop have removed what was there before
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)
            self._counts["evicted"] += 1
