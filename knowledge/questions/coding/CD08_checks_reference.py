"""Tests of the reference answer to CD08."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from knowledge.questions.coding.CD08_reference import Breaker, Budget, CommentClient, NoCommentError, State, StatusError


class World:
    """A clock that only moves when somebody sleeps or waits, dice that show what is wanted, and a service by script."""

    def __init__(self) -> None:
        self.now = 100.0
        self.dice = 1.0
        self.script: Iterator[object] = iter(())
        self.limits: list[float] = []
        self.pauses: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def send(self, position: str, move: str, timeout: float) -> str:
        """Plays the next entry: a text, an exception, or seconds that pass before an answer or the time limit."""
        self.limits.append(timeout)
        entry = next(self.script, "good move")
        if isinstance(entry, Exception):
            raise entry
        if isinstance(entry, float):
            self.now += min(entry, timeout)
            if entry > timeout:
                raise TimeoutError
            return "good move"
        return str(entry)

    def client(self, *script: object, budget: Budget | None = None, **breaker: float) -> CommentClient:
        self.script = iter(script)
        return CommentClient(
            self.send,
            Breaker(self.clock, size=int(breaker.get("size", 20)), rest=breaker.get("rest", 5.0)),
            budget,
            clock=self.clock,
            sleep=self.sleep,
            dice=lambda: self.dice,
        )


@pytest.fixture
def world() -> World:
    return World()


def ask(client: CommentClient) -> str:
    """The comment, or why there is none."""
    try:
        return client.comment("8/8/8/8/8/8/8/K1k5 w", "Kb1")
    except NoCommentError as error:
        return error.reason


BUSY_NOW = StatusError(503)
HANGS = 60.0


def test_an_answer_needs_one_attempt(world: World) -> None:
    client = world.client("good move")
    assert ask(client) == "good move"
    assert client.outcomes() == {"attempts": 1, "answered": 1}
    assert world.limits == [0.5]


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError(), StatusError(503), StatusError(429)])
def test_what_may_pass_is_asked_again_after_a_pause(world: World, error: Exception) -> None:
    client = world.client(error, "good move")
    assert ask(client) == "good move"
    assert world.pauses == [0.2]


@pytest.mark.parametrize("error", [StatusError(400), StatusError(401), StatusError(500), ValueError("our own")])
def test_what_will_not_pass_goes_up_at_once(world: World, error: Exception) -> None:
    client = world.client(error)
    with pytest.raises(type(error)):
        client.comment("two white kings", "Kb1")
    assert len(world.limits) == 1
    assert world.pauses == []


def test_the_last_failure_is_told_as_the_reason(world: World) -> None:
    client = world.client(ConnectionResetError(), BUSY_NOW)
    with pytest.raises(NoCommentError) as caught:
        client.comment("start", "e4")
    assert caught.value.reason == "failed"
    assert caught.value.__cause__ is BUSY_NOW


def test_pauses_are_spread_by_the_dice(world: World) -> None:
    for shown in (0.0, 0.25, 0.99):
        world.dice = shown
        ask(world.client(BUSY_NOW, "good move"))
    assert world.pauses == pytest.approx([0.0, 0.05, 0.198])


def test_a_service_that_hangs_costs_less_than_the_promise(world: World) -> None:
    start = world.now
    assert ask(world.client(HANGS, HANGS)) == "failed"
    assert world.now - start == pytest.approx(1.2)
    assert world.limits == [0.5, 0.5]


def test_an_attempt_never_gets_more_time_than_is_left(world: World) -> None:
    world.dice = 0.0
    assert ask(world.client(StatusError(503, retry_after=0.8), "good move")) == "good move"
    assert ask(world.client(StatusError(503, retry_after=1.2), "good move")) == "good move"
    assert world.limits == pytest.approx([0.5, 0.5, 0.5, 0.3])


def test_come_back_later_than_the_promise_ends_the_call(world: World) -> None:
    start = world.now
    assert ask(world.client(StatusError(503, retry_after=2.0))) == "time"
    assert world.now == start  # known at once, so said at once
    assert world.pauses == []


def test_trouble_opens_and_then_nobody_waits(world: World) -> None:
    client = world.client(*["good move"] * 10, *[BUSY_NOW] * 10, budget=Budget(0.0, 0.0))
    answers = [ask(client) for _ in range(25)]
    assert answers == ["good move"] * 10 + ["failed"] * 10 + ["resting"] * 5
    assert len(world.limits) == 20


def test_one_bad_start_opens_nothing(world: World) -> None:
    client = world.client(*[BUSY_NOW] * 9, budget=Budget(0.0, 0.0))
    assert [ask(client) for _ in range(20)] == ["failed"] * 9 + ["good move"] * 11


def test_after_a_rest_one_attempt_decides(world: World) -> None:
    client = world.client(*[BUSY_NOW] * 4, BUSY_NOW, "good move", budget=Budget(0.0, 0.0), size=4)
    assert [ask(client) for _ in range(5)] == ["failed"] * 4 + ["resting"]
    world.now += 5.0
    assert [ask(client) for _ in range(2)] == ["failed", "resting"]  # the trial failed, another rest
    world.now += 5.0
    assert [ask(client) for _ in range(2)] == ["good move"] * 2


def test_a_repeat_asks_the_breaker_too(world: World) -> None:
    client = world.client(*[BUSY_NOW] * 5, size=4)
    assert [ask(client) for _ in range(2)] == ["failed", "failed"]
    assert ask(client) == "resting"
    world.now += 5.0
    assert ask(client) == "resting"  # the trial failed, and its repeat is no second trial
    assert len(world.limits) == 5


def test_bad_questions_do_not_open_it(world: World) -> None:
    client = world.client(*[StatusError(400)] * 40, size=4)
    for _ in range(40):
        with pytest.raises(StatusError):
            client.comment("two white kings", "Kb1")
    assert ask(client) == "good move"


def test_a_trial_with_a_bad_question_proves_life(world: World) -> None:
    client = world.client(*[BUSY_NOW] * 4, StatusError(400), budget=Budget(0.0, 0.0), size=4)
    for _ in range(4):
        ask(client)
    world.now += 5.0
    with pytest.raises(StatusError):
        client.comment("two white kings", "Kb1")
    assert ask(client) == "good move"


def test_a_trial_that_breaks_in_our_hands_is_no_dead_end(world: World) -> None:
    client = world.client(*[BUSY_NOW] * 4, UnicodeError("odd answer"), budget=Budget(0.0, 0.0), size=4)
    for _ in range(4):
        ask(client)
    world.now += 5.0
    with pytest.raises(UnicodeError):
        client.comment("start", "e4")
    assert ask(client) == "resting"
    world.now += 5.0
    assert ask(client) == "good move"


def test_news_from_before_the_change_is_ignored(world: World) -> None:
    breaker = Breaker(world.clock, size=2)
    late_good, late_bad = breaker.allow(), breaker.allow()
    for _ in range(2):
        ticket = breaker.allow()
        assert ticket is not None
        breaker.report(ticket, ok=False)
    assert breaker.state() is State.OPEN
    assert late_good is not None and late_bad is not None
    breaker.report(late_good, ok=True)
    assert breaker.state() is State.OPEN
    world.now += 5.0
    trial = breaker.allow()
    assert trial is not None
    breaker.report(late_bad, ok=False)
    assert breaker.state() is State.TRIAL
    breaker.report(trial, ok=True)
    assert breaker.state() is State.CLOSED


def test_of_many_threads_one_gets_the_trial(world: World) -> None:
    breaker = Breaker(world.clock, size=1)
    ticket = breaker.allow()
    assert ticket is not None
    breaker.report(ticket, ok=False)
    world.now += 5.0
    start = Barrier(16)

    def knock() -> int | None:
        start.wait(5)
        return breaker.allow()

    with ThreadPoolExecutor(16) as pool:
        tickets = [done.result(5) for done in [pool.submit(knock) for _ in range(16)]]
    assert sum(t is not None for t in tickets) == 1


def test_repeats_stay_a_small_share(world: World) -> None:
    """Every third attempt fails: too few to open, and still repeats may not grow without limit."""
    script = [entry for _ in range(400) for entry in ("good move", "good move", StatusError(503))]
    client = world.client(*script)
    for _ in range(600):
        ask(client)
    assert client.outcomes()["attempts"] - 600 == 10 + 60 - 1  # reserve, a tenth of the questions, rounding


def test_the_defaults_are_the_real_ones() -> None:
    client = CommentClient(World().send)
    assert (client._clock, client._sleep, client._dice) == (time.monotonic, time.sleep, random.random)


def test_quiet_years_save_up_no_more_than_the_reserve() -> None:
    budget = Budget(share=0.1, reserve=2.0)
    for _ in range(1000):
        budget.earn()
    assert [budget.spend() for _ in range(4)] == [True, True, False, False]


def test_after_a_trial_old_failures_are_forgotten(world: World) -> None:
    client = world.client(*[BUSY_NOW] * 4, "good move", BUSY_NOW, budget=Budget(0.0, 0.0), size=4)
    for _ in range(4):
        ask(client)
    world.now += 5.0
    assert [ask(client) for _ in range(3)] == ["good move", "failed", "good move"]
