"""Reference for CD06, grouping of concurrent requests: one acceptable answer, not the only one.

Everything but the model call runs on the event loop, so the waiting room needs no lock. One task
takes requests out of it and is the only one that ever calls the model.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Generic, TypeVar

log = logging.getLogger("batcher")

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class BusyError(Exception):
    """The waiting room is full. The caller hears it at once and may try elsewhere."""


class ClosedError(Exception):
    """The server is going down, or the serving task has died."""


class BadItemError(Exception):
    """This very item makes the model fail; its neighbours have been answered."""


class ModelFailedError(Exception):
    """The call failed for a reason that has nothing to do with a single item."""


class _Request(Generic[Item, Answer]):
    """One caller: what it brought, since when it waits, and where its answer goes."""

    def __init__(self, item: Item, loop: asyncio.AbstractEventLoop) -> None:
        self.item = item
        self.arrived = loop.time()
        self.answer: asyncio.Future[Answer] = loop.create_future()

    def succeed(self, answer: Answer) -> None:
        if not self.answer.done():  # a caller who has left cancelled it; setting it would raise
            self.answer.set_result(answer)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class Batcher(Generic[Item, Answer]):
    """Make it on the running loop. `run` blocks, takes a list and returns as many answers in its order."""

    def __init__(
        self,
        run: Callable[[list[Item]], Sequence[Answer]],
        max_batch: int = 32,
        max_wait: float = 0.002,
        max_waiting: int = 96,
        executor: Executor | None = None,
    ) -> None:
        if max_batch < 1 or not 0 <= max_wait < math.inf or max_waiting < 1:
            raise ValueError("limits must be positive")
        self._run = run
        self._max_batch = max_batch
        self._max_wait = max_wait
        self._max_waiting = max_waiting
        self._loop = asyncio.get_running_loop()
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix="model")
        self._waiting: dict[_Request[Item, Answer], None] = {}  # in order of arrival, quick to leave
        self._changed = asyncio.Event()
        self._closing = False
        self._task = self._loop.create_task(self._serve(), name="batcher")

    async def predict(self, item: Item) -> Answer:
        """Return the answer to this item; raise one of the four errors above."""
        if self._closing:
            raise ClosedError
        if len(self._waiting) >= self._max_waiting:
            raise BusyError
        request: _Request[Item, Answer] = _Request(item, self._loop)
        self._waiting[request] = None
        self._changed.set()
        try:
            return await request.answer
        finally:
            self._waiting.pop(request, None)  # only still there when the caller was cancelled

    async def close(self) -> None:
        """Take no new requests, answer those that are here, then stop."""
        self._closing = True
        self._changed.set()
        await asyncio.wait([self._task])
        self._executor.shutdown(wait=False)

    async def _serve(self) -> None:
        batch: list[_Request[Item, Answer]] = []
        try:
            while batch := await self._collect():
                await self._work(batch)
        except Exception:
            log.exception("serving task died")
        finally:  # whatever happened, nobody may be left waiting for a task that is gone
            self._closing = True
            for request in [*batch, *self._waiting]:
                request.fail(ClosedError())

    async def _collect(self) -> list[_Request[Item, Answer]]:
        """Wait for the next batch; empty means closed and nothing left to do."""
        batch: list[_Request[Item, Answer]] = []
        while not batch:
            while not self._waiting:
                if self._closing:
                    return []
                await self._sleep_until_changed()
            oldest = next(iter(self._waiting))
            try:  # counted from the arrival of the oldest: newcomers do not prolong it
                async with asyncio.timeout_at(oldest.arrived + self._max_wait):
                    while len(self._waiting) < self._max_batch and not self._closing:
                        await self._sleep_until_changed()
            except TimeoutError:
                pass
            while self._waiting and len(batch) < self._max_batch:
                request = next(iter(self._waiting))
                del self._waiting[request]
                batch.append(request)
        return batch

    async def _sleep_until_changed(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def _work(self, batch: list[_Request[Item, Answer]]) -> None:
        """Answer every request of the batch, one way or the other."""
        batch = [request for request in batch if not request.answer.done()]  # the others have left
        if not batch:
            return
        try:
            answers = await self._loop.run_in_executor(self._executor, self._call, [r.item for r in batch])
        except ValueError as error:  # run's word for an item it cannot take, without saying which
            if len(batch) == 1:
                batch[0].fail(_because(BadItemError(), error))
                return
            half = len(batch) // 2
            await self._work(batch[:half])
            await self._work(batch[half:])
        except Exception as error:  # memory, driver: halves would fail as well
            log.error("model call failed: items=%d error=%s", len(batch), type(error).__name__)
            for request in batch:
                request.fail(_because(ModelFailedError(), error))
        else:
            for request, answer in zip(batch, answers, strict=True):
                request.succeed(answer)

    def _call(self, items: list[Item]) -> Sequence[Answer]:
        try:
            answers = self._run(items)
        except StopIteration as error:  # no asyncio future can carry it, and its callers would wait for ever
            raise RuntimeError("run ended with StopIteration") from error
        if len(answers) != len(items):  # rather no answer than a neighbour's
            raise RuntimeError(f"{len(items)} items, {len(answers)} answers")
        return answers


def _because(error: Exception, cause: Exception) -> Exception:
    """Give each caller an exception of its own: a shared one would collect everybody's traceback."""
    error.__cause__ = cause
    return error
