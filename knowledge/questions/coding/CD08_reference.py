"""Reference answer to CD08: a client that gives a lesson its comment, or says quickly that there is none.

Three small parts: what may be asked again (CommentClient), how often (Budget), and when it is better not to ask at all
(Breaker). The network, the clock, the pause and the dice come from outside.
Tests: CD08_checks_reference.py.
"""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Callable
from enum import Enum
from threading import Lock
from typing import Protocol

Clock = Callable[[], float]


class StatusError(Exception):
    """The service answered, but not with a comment. 429 and 503 may say after how many seconds to come back."""

    def __init__(self, status: int, retry_after: float = 0.0) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.retry_after = retry_after


class NoCommentError(Exception):
    """There is no comment in time; show the prepared hint. `reason` is "resting", "failed" or "time"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Send(Protocol):
    """One attempt over the network. Returns within `timeout` seconds in all, or raises TimeoutError."""

    def __call__(self, position: str, move: str, timeout: float) -> str: ...


BUSY = (429, 503)


def may_pass(error: Exception) -> bool:
    """Whether the same question can succeed a moment later. An illegal position stays illegal."""
    if isinstance(error, StatusError):
        return error.status in BUSY
    return isinstance(error, TimeoutError | ConnectionError)


class State(Enum):
    CLOSED = "closed"  # everybody may ask
    OPEN = "open"  # nobody may
    TRIAL = "trial"  # one is asking, the others wait for what becomes of it


class Breaker:
    """Opens when half of the last `size` attempts failed, rests, and then lets a single one find out."""

    def __init__(self, clock: Clock = time.monotonic, size: int = 20, share: float = 0.5, rest: float = 5.0) -> None:
        self._clock, self._share, self._rest = clock, share, rest
        self._lock = Lock()  # guards what follows; nothing under it waits
        self._recent: deque[bool] = deque(maxlen=size)
        self._state = State.CLOSED
        self._until = 0.0
        self._turn = 0  # grows with each change of state

    def allow(self) -> int | None:
        """A ticket for one attempt, to be handed back through report(); None if the service shall be left alone."""
        with self._lock:
            if self._state is State.OPEN and self._clock() >= self._until:
                self._change(State.TRIAL)
                return self._turn
            return self._turn if self._state is State.CLOSED else None

    def report(self, ticket: int, ok: bool) -> None:
        """What became of an attempt. News from before the last change says nothing about now."""
        with self._lock:
            if ticket != self._turn:
                return
            if self._state is State.TRIAL:
                self._change(State.CLOSED if ok else State.OPEN)
                return
            self._recent.append(ok)
            full = len(self._recent) == self._recent.maxlen
            if full and self._recent.count(False) >= self._share * len(self._recent):
                self._change(State.OPEN)

    def state(self) -> State:
        with self._lock:
            return self._state

    def _change(self, state: State) -> None:
        self._state = state
        self._turn += 1
        self._recent.clear()
        self._until = self._clock() + self._rest


class Budget:
    """Allows repeats up to a share of the questions, with a small reserve for single bad moments."""

    def __init__(self, share: float = 0.1, reserve: float = 10.0) -> None:
        self._share, self._reserve = share, reserve
        self._lock = Lock()
        self._left = reserve

    def earn(self) -> None:
        with self._lock:
            self._left = min(self._reserve, self._left + self._share)

    def spend(self) -> bool:
        with self._lock:
            if self._left < 1.0:
                return False
            self._left -= 1.0
            return True


class CommentClient:
    """Threads may share it. Returns a comment, raises NoCommentError in time, or passes on what is our own fault."""

    def __init__(
        self,
        send: Send,
        breaker: Breaker | None = None,
        budget: Budget | None = None,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        dice: Callable[[], float] = random.random,
        whole: float = 1.5,
        each: float = 0.5,
        attempts: int = 2,
        pause: float = 0.2,
        useful: float = 0.1,
    ) -> None:
        """`whole` and `each` limit a call and an attempt, in seconds; less than `useful` is not worth an attempt."""
        self._send, self._clock, self._sleep, self._dice = send, clock, sleep, dice
        self._breaker = breaker or Breaker(clock)
        self._budget = budget or Budget()
        self._whole, self._each, self._attempts, self._pause, self._useful = whole, each, attempts, pause, useful
        self._lock = Lock()
        self._outcomes: Counter[str] = Counter()

    def comment(self, position: str, move: str) -> str:
        try:
            answer = self._ask(position, move)
        except NoCommentError as error:
            self._note(error.reason)
            raise
        except Exception as error:
            self._note(type(error).__name__)
            raise
        self._note("answered")
        return answer

    def outcomes(self) -> dict[str, int]:
        """How calls have ended, and the attempts that they took."""
        with self._lock:
            return dict(self._outcomes)

    def _ask(self, position: str, move: str) -> str:
        end = self._clock() + self._whole
        self._budget.earn()
        attempt = 0
        while True:
            attempt += 1
            ticket = self._breaker.allow()
            if ticket is None:
                raise NoCommentError("resting")
            limit = min(self._each, end - self._clock())
            try:
                return self._attempt(ticket, position, move, limit)
            except Exception as error:
                if not may_pass(error):
                    raise
                pause = self._pause_after(attempt, error)
                if attempt == self._attempts:
                    raise NoCommentError("failed") from error
                if self._clock() + pause + self._useful > end:
                    raise NoCommentError("time") from error
                if not self._budget.spend():
                    raise NoCommentError("failed") from error
            self._sleep(pause)

    def _attempt(self, ticket: int, position: str, move: str, limit: float) -> str:
        self._note("attempts")
        alive = False
        try:
            answer = self._send(position, move, max(limit, 0.001))
            alive = True
            return answer
        except StatusError as error:
            alive = not may_pass(error)  # it refused the question, so it is there
            raise
        finally:  # whatever happens, a ticket comes back; a lost one would keep a trial open for ever
            self._breaker.report(ticket, alive)

    def _pause_after(self, attempt: int, error: Exception) -> float:
        asked_for = error.retry_after if isinstance(error, StatusError) else 0.0
        return asked_for + self._dice() * self._pause * 2.0 ** (attempt - 1)

    def _note(self, what: str) -> None:
        with self._lock:
            self._outcomes[what] += 1
