"""How long a step may take, told while it goes on, given up at any time. Work that waits for a server runs beside it.

Threads here are daemons: a request that nobody waits for any longer must not keep a program from ending.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
Beat = Callable[[], None]
BETWEEN_BEATS = 0.1
"""Seconds. A page that is drawn anew while it waits is let go after so long."""


class OutOfPatience(TimeoutError):  # noqa: N818 - reads as what it is
    """The time for the step is over."""


def no_beat() -> None:
    """For callers with nobody to tell."""


class Patience:
    """The time for one step, running from now. `beat` is called while it waits and may raise to give the step up."""

    def __init__(self, seconds: float, beat: Beat = no_beat) -> None:
        self.seconds, self.beat = seconds, beat
        self.given_up = Event()
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._end - time.monotonic())

    def wait_for(self, future: Future[T]) -> T:
        """The future's result, or what it raises; OutOfPatience when the time is over first.

        Whoever works on it finds `given_up` set when it is no longer waited for, for whatever reason.
        """
        try:
            while True:
                try:
                    return future.result(min(BETWEEN_BEATS, self.left()))
                except NotYet:
                    if future.done():
                        return future.result()
                    if not self.left():
                        raise OutOfPatience(f"no result within {self.seconds:g} seconds") from None
                    self.beat()
        except BaseException:
            self.given_up.set()
            raise


def beside(work: Callable[[], T]) -> Future[T]:
    """Runs `work` in a thread of its own."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # handed to whoever asks for the result
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future
