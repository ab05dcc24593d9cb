"""Tests of the reference answer to CD06, in a world whose clock moves only when all are waiting."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from knowledge.questions.coding.CD06_reference import (
    BadItemError,
    Batcher,
    BusyError,
    ClosedError,
    ModelFailedError,
)


class Jump(selectors.DefaultSelector):
    """Instead of sleeping, moves the clock to the next timer; if there is none, all wait for ever."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everybody waits for ever")
        if not ready and timeout:
            self.now += timeout
        return ready


class Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jump = Jump()
        super().__init__(self.jump)

    def time(self) -> float:
        return self.jump.now


class Desk(Executor):
    """Runs a call when it is handed in, and delivers the outcome `seconds` later by the loop's clock."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.busy = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.busy += 1
        assert self.busy == 1, "two calls of the model at a time"
        outcome: Future[Any] = Future()
        asyncio.get_running_loop().call_later(self.seconds, self._finish, outcome, fn, args)
        return outcome

    def _finish(self, outcome: Future[Any], fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.busy -= 1
        try:
            outcome.set_result(fn(*args))
        except BaseException as error:  # as a thread pool does
            outcome.set_exception(error)


class Model:
    """Doubles numbers. Refuses a list with a negative one, and fails when told to."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.at: list[float] = []
        self.error: Exception | None = None

    def __call__(self, items: list[int]) -> Sequence[int]:
        self.calls.append(items)
        self.at.append(round(asyncio.get_running_loop().time(), 6))
        if self.error is not None:
            raise self.error
        if min(items) < 0:
            raise ValueError("damaged")
        return [2 * item for item in items]


def play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(scene())


def make(model: Model, seconds: float = 0.0, max_batch: int = 4, max_waiting: int = 99) -> Batcher[int, int]:
    return Batcher(model, max_batch, 0.010, max_waiting, Desk(seconds))


async def ask(batcher: Batcher[int, int], *items: int) -> list[int | BaseException]:
    return await asyncio.gather(*(batcher.predict(item) for item in items), return_exceptions=True)


def kinds(outcomes: Sequence[object]) -> list[object]:
    return [type(one) if isinstance(one, Exception) else one for one in outcomes]


def test_everybody_gets_the_own_answer_and_no_batch_is_too_large() -> None:
    async def scene() -> None:
        model = Model()
        assert await ask(make(model), *range(10)) == [2 * i for i in range(10)]
        assert model.calls == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]

    play(scene)


def test_a_full_batch_leaves_at_once_and_a_lonely_one_after_the_wait() -> None:
    async def scene() -> None:
        model = Model()
        await ask(make(model), 1, 2, 3, 4)
        await ask(make(model), 5)
        assert model.at == [0.0, 0.010]

    play(scene)


def test_newcomers_do_not_prolong_the_wait_of_the_oldest() -> None:
    async def scene() -> None:
        model = Model()
        batcher = make(model)

        async def late(item: int, delay: float) -> int:
            await asyncio.sleep(delay)
            return await batcher.predict(item)

        await asyncio.gather(late(1, 0.0), late(2, 0.006), late(3, 0.012))
        assert model.calls == [[1, 2], [3]] and model.at == [0.010, 0.022]

    play(scene)


def test_what_arrived_during_a_call_has_waited_already() -> None:
    async def scene() -> None:
        model = Model()
        batcher = make(model, seconds=0.030)
        first = asyncio.create_task(batcher.predict(1))
        await asyncio.sleep(0.015)  # the first call runs from 10 to 40 ms
        assert await ask(batcher, 2, 3) == [4, 6]
        assert await first == 2 and model.at == [0.040, 0.070]

    play(scene)


def test_one_damaged_item_costs_no_neighbour() -> None:
    async def scene() -> None:
        model = Model()
        outcomes = await ask(make(model, max_batch=8), 0, 1, 2, 3, 4, -5, 6, 7)
        assert kinds(outcomes) == [0, 2, 4, 6, 8, BadItemError, 12, 14]
        assert len(model.calls) == 7  # 8, then two each of 4, 2 and 1

    play(scene)


def test_a_broken_model_is_called_once_for_a_batch_and_lives_on() -> None:
    async def scene() -> None:
        model = Model()
        batcher = make(model)
        model.error = RuntimeError("device lost")
        outcomes = await ask(batcher, 1, 2, 3)
        assert kinds(outcomes) == [ModelFailedError] * 3 and len(model.calls) == 1
        assert len({id(one) for one in outcomes}) == 3
        model.error = None
        assert await ask(batcher, 4) == [8]

    play(scene)


@pytest.mark.parametrize("answers", [[1], [1, 2, 3]])
def test_too_few_or_too_many_answers_reach_nobody(answers: list[int]) -> None:
    async def scene() -> None:
        batcher = Batcher[int, int](lambda _: answers, 4, 0.0, 99, Desk())
        assert kinds(await ask(batcher, 1, 2)) == [ModelFailedError] * 2

    play(scene)


def test_an_error_that_asyncio_cannot_carry_reaches_its_callers_too() -> None:
    async def scene() -> None:
        model = Model()
        batcher = make(model)
        model.error = StopIteration()
        assert kinds(await ask(batcher, 1, 2)) == [ModelFailedError] * 2
        model.error = None
        assert await ask(batcher, 3) == [6]

    play(scene)


@pytest.mark.parametrize("leaves_after", [0.005, 0.025])  # in the waiting room, and during the call
def test_a_caller_who_leaves_harms_nobody(leaves_after: float) -> None:
    async def scene() -> None:
        model = Model()
        batcher = make(model, seconds=0.030)
        impatient = asyncio.create_task(batcher.predict(1))
        other = asyncio.create_task(batcher.predict(2))
        await asyncio.sleep(leaves_after)
        impatient.cancel()
        assert await other == 4
        assert await ask(batcher, 3) == [6]
        assert impatient.cancelled() and model.calls == ([[2], [3]] if leaves_after < 0.010 else [[1, 2], [3]])

    play(scene)


def test_when_all_have_left_the_next_one_is_served() -> None:
    async def scene() -> None:
        model = Model()
        batcher = make(model)
        for task in [asyncio.create_task(batcher.predict(i)) for i in (1, 2)]:
            await asyncio.sleep(0)
            task.cancel()
        await asyncio.sleep(1)
        assert await ask(batcher, 3) == [6] and model.calls == [[3]]

    play(scene)


def test_a_full_waiting_room_refuses_at_once() -> None:
    async def scene() -> None:
        batcher = make(Model(), seconds=1.0, max_waiting=3)
        assert kinds(await ask(batcher, 1, 2, 3, 4)) == [2, 4, 6, BusyError]
        leaver = asyncio.create_task(batcher.predict(5))
        await asyncio.sleep(0)
        leaver.cancel()
        await asyncio.sleep(0)
        assert await ask(batcher, 6, 7, 8) == [12, 14, 16]  # the place was given back

    play(scene)


def test_closing_answers_those_inside_and_refuses_the_rest() -> None:
    async def scene() -> None:
        batcher = make(Model(), seconds=0.030, max_batch=2)
        inside = [asyncio.create_task(batcher.predict(i)) for i in range(5)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(batcher.close())
        await asyncio.sleep(0)
        assert kinds(await ask(batcher, 9)) == [ClosedError]
        await closing
        assert await asyncio.gather(*inside) == [0, 2, 4, 6, 8]

    play(scene)


def test_if_the_serving_task_dies_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        batcher = make(Model(), max_batch=2)

        async def broken(batch: object) -> None:
            raise AttributeError("our own mistake")

        monkeypatch.setattr(batcher, "_work", broken)
        assert kinds(await ask(batcher, 1, 2, 3)) == [ClosedError] * 3
        assert kinds(await ask(batcher, 4)) == [ClosedError]

    play(scene)


def test_the_loop_goes_on_while_a_real_thread_computes() -> None:
    async def scene() -> None:
        loop = asyncio.get_running_loop()
        beat = asyncio.Event()

        def run(items: list[int]) -> list[int]:  # ends only if the loop does something meanwhile
            asyncio.run_coroutine_threadsafe(beat.wait(), loop).result(timeout=5)
            return items

        batcher = Batcher(run, 4, 0.0)
        answer = asyncio.create_task(batcher.predict(1))
        await asyncio.sleep(0)
        beat.set()
        assert await answer == 1
        await batcher.close()

    asyncio.run(scene())


@pytest.mark.parametrize("limits", [(0, 0.0, 1), (1, -1.0, 1), (1, float("nan"), 1), (1, 0.0, 0)])
def test_senseless_limits_are_refused(limits: tuple[int, float, int]) -> None:
    async def scene() -> None:
        with pytest.raises(ValueError):
            Batcher[int, int](Model(), *limits)

    play(scene)
