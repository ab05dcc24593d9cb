"""Calls to an endpoint: several tries, each written down; a rest when the server is in trouble; never over the time.

A call runs beside whoever waits for it, so that waiting can be told, cut short and given up.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from agents.endpoint import Endpoint, Role
from agents.llm import Chat, Request, Response
from agents.model_failure import AGAIN, DOWN, Failure, ModelFailed
from agents.patience import Beat, OutOfPatience, Patience, beside
from agents.work import Call

TRIES = 3
ANSWERED = (Failure.LENGTH, Failure.EMPTY, Failure.CUT, Failure.REFUSED, Failure.FILTERED)
"""Failures for which the model has read the request, so that it costs what reading it costs."""
LOADING_SECONDS = 120.0
USUAL_ANSWER = 300
"""Tokens that an answer is taken to have when it is asked whether a call can still be paid."""
FIRST_WAIT, LONGEST_WAIT = 0.25, 4.0
"""Seconds between tries without a word from the server: doubled each time, with jitter."""
FAILURES_TO_REST, REST_SECONDS = 3, 15.0
"""So many calls in a row that failed because the server is in trouble, and it is left alone for so long."""


@dataclass
class Breaker:
    """Keeps calls from a server that is in trouble. One call after the rest tries again."""

    rest: float = REST_SECONDS
    failed: int = 0
    _until: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def check(self) -> None:
        """Raises ModelFailed while the server rests."""
        with self._lock:
            if time.monotonic() < self._until:
                raise ModelFailed(Failure.RESTING)

    def note(self, failure: Failure | None) -> None:
        """Takes in how a call ended; None for a good end."""
        with self._lock:
            if failure is None:
                self.failed, self._until = 0, 0.0
            elif failure in DOWN:
                self.failed += 1
                if self.failed >= FAILURES_TO_REST:
                    self._until = time.monotonic() + self.rest


@dataclass(frozen=True)
class Connection:
    """An endpoint in use: its models, what is known of them, and how they have been doing.

    `left` is what may still be spent in the currency of the prices, None for any amount; with `refuses` nothing is
    asked at all.
    """

    endpoint: Endpoint
    chat: Chat
    breaker: Breaker
    left: float | None = None
    refuses: Failure | None = None
    first_wait: float = FIRST_WAIT

    @classmethod
    def to(cls, endpoint: Endpoint) -> Connection:
        """A connection that nothing is known of yet."""
        return cls(endpoint, Chat(endpoint), Breaker())

    def ready(self, beat: Beat) -> None:
        """To be called before a patience begins: loading libraries must not use up the time for the server."""
        if not self.chat.is_loaded:
            Patience(LOADING_SECONDS, beat).wait_for(beside(self.chat.load))

    def ask(self, role: Role, request: Request, patience: Patience, calls: list[Call]) -> str:
        """The answer's text. Every call that was made is appended to `calls`. Raises ModelFailed."""
        self._check(self.endpoint.model(role), request, calls)
        model, began, made = self.endpoint.model(role), time.monotonic(), len(calls)
        future = beside(lambda: self._tries(role, request, patience, calls))
        try:
            text = patience.wait_for(future)
        except BaseException as error:
            why = Failure.TIMEOUT if isinstance(error, OutOfPatience) else Failure.SKIPPED
            if patience.given_up.is_set():
                seconds = time.monotonic() - began - sum(c.seconds for c in calls[made:])
                calls.append(self._call(role, model, why, seconds, _unanswered(request)))
            elif isinstance(error, ModelFailed):
                why = error.failure
            self.breaker.note(why)
            if isinstance(error, OutOfPatience):
                raise ModelFailed(why) from None
            raise
        self.breaker.note(None)
        return text

    def _check(self, model: str, request: Request, calls: Sequence[Call]) -> None:
        """Raises ModelFailed when this request is not to be made: before it costs anything, and not after."""
        if self.refuses is not None:
            raise ModelFailed(self.refuses)
        price = self.endpoint.price(model)
        if self.left is not None and price is not None:
            spent = sum(c.cost or 0.0 for c in calls)
            if spent + price.cost(request.tokens, 0, USUAL_ANSWER) > self.left:
                raise ModelFailed(Failure.LIMIT)
        self.breaker.check()

    def _tries(self, role: Role, request: Request, patience: Patience, calls: list[Call]) -> str:
        from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

        jitter = wait_random_exponential(multiplier=self.first_wait, max=LONGEST_WAIT)

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.after if isinstance(error, ModelFailed) else None
            return float(jitter(state)) if asked is None else asked + 0.1 * float(jitter(state))

        def is_over(state: RetryCallState) -> bool:
            return state.upcoming_sleep >= patience.left() or patience.given_up.is_set()

        def pause_unless_given_up(seconds: float) -> None:
            if patience.given_up.wait(seconds):
                raise ModelFailed(Failure.SKIPPED)

        again = Retrying(
            retry=retry_if_exception(lambda e: isinstance(e, ModelFailed) and e.failure in AGAIN),
            stop=lambda state: stop_after_attempt(TRIES)(state) or is_over(state),
            wait=pause,
            sleep=pause_unless_given_up,
            reraise=True,
        )
        return str(again(self._once, role, request, patience, calls))

    def _once(self, role: Role, request: Request, patience: Patience, calls: list[Call]) -> str:
        model, adapted = self.endpoint.model(role), list[str]()
        began = time.monotonic()
        try:
            response = self.chat.once(model, request, patience.seconds, patience.given_up, adapted)
        except ModelFailed as failed:
            if not patience.given_up.is_set():  # else whoever gave up has written it down
                outcome = _told(f"{failed.failure}{f' ({failed.detail[:80]})' if failed.detail else ''}", adapted)
                used = _unanswered(request) if failed.failure in ANSWERED else None
                calls.append(self._call(role, model, outcome, time.monotonic() - began, used))
            raise
        if not patience.given_up.is_set():
            calls.append(self._call(role, model, _told("ok", adapted), time.monotonic() - began, response))
        return response.text

    def _call(self, role: Role, model: str, outcome: str, seconds: float, response: Response | None = None) -> Call:
        spent: dict[str, Any] = {}
        if response is not None:
            price = self.endpoint.price(model)
            tokens = (response.tokens_in, response.tokens_cached, response.tokens_out)
            spent = dict(zip(("tokens_in", "tokens_cached", "tokens_out"), tokens, strict=True))
            spent |= {"counted": response.counted, "cost": None if price is None else price.cost(*tokens)}
        return Call(role=role, model=model, outcome=outcome, seconds=round(seconds, 3), **spent)


def _told(outcome: str, adapted: Sequence[str]) -> str:
    return "; ".join((outcome, *adapted))


def _unanswered(request: Request) -> Response:
    """What a call that nobody waited for is taken to have cost: its words were sent."""
    return Response("", request.tokens, 0, 0, counted=True)
