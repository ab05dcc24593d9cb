"""How long a step may take, told while it goes on, given up at any time. Waiting for a server happens in a thread."""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from threading import Event, Thread
from typing import Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")
Beat = Callable[[], None]
FOREVER = 86_400.0
BETWEEN_BEATS = 0.1
"""Seconds. A page that is drawn anew while it waits is let go after so long."""


class OutOfPatience(TimeoutError):  # noqa: N818 - reads as what it is
    """The time for the step is over."""


AT_THE_END = 1.0
"""Seconds that the program's end waits, in all, for requests that nobody waits for. Python 3.11 ends such a thread
where it next needs the interpreter, and aborts if that is inside native code: by then it waits for the server."""


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

        Whoever still works on it finds `given_up` set when it is no longer waited for, for whatever reason.
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
        finally:
            if not future.done():  # else it has ended, well or not, and there may be time for something else
                self.given_up.set()


def beside(work: Callable[[], T], waited_for: bool = False) -> Future[T]:
    """Runs `work` in a thread of its own.

    A request that nobody waits for any longer does not keep the program from ending. Work that is done here, and soon
    done, is `waited_for` at the program's end: libraries do not take it well to be left in the middle of a computation.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # handed to whoever asks for the result
            future.set_exception(error)

    thread = Thread(target=run, daemon=not waited_for)
    if not waited_for:
        _abandoned.add(thread)
    thread.start()
    return future


_abandoned: WeakSet[Thread] = WeakSet()


@atexit.register
def _let_them_get_to_waiting() -> None:
    end = time.monotonic() + AT_THE_END
    for thread in list(_abandoned):
        thread.join(max(0.0, end - time.monotonic()))


class Reserve(Generic[T]):
    """Work that begins after a head start unless it is called off, and at once when it is called in."""

    def __init__(self, work: Callable[[], T], head_start: float) -> None:
        self._work, self._head_start = work, head_start
        self._decided, self._is_off = Event(), False
        self._future: Future[T | None] = beside(self._run, waited_for=True)

    def _run(self) -> T | None:
        self._decided.wait(self._head_start)
        return None if self._is_off else self._work()

    def call_off(self) -> None:
        """The result is not needed; what has begun comes to its end."""
        self._is_off = True
        self._decided.set()

    def call_in(self, beat: Beat) -> T:
        """The result, waited for as long as it takes. Raises what the work raises."""
        self._decided.set()
        found = Patience(FOREVER, beat).wait_for(self._future)
        assert found is not None
        return found
