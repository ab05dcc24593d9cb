"""Reference for CD10, a parallel transform: one acceptable answer, not the only one.

The consumer pulls. Each value it takes makes room for one more item, so nothing can run ahead of
it, and the source is only ever touched by the consumer's own thread.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
Value = TypeVar("Value")


class ItemError(Exception):
    """The transform failed for one item; `number` counts from 0, the reason is the cause."""

    def __init__(self, number: int) -> None:
        super().__init__(f"item {number} could not be transformed")
        self.number = number


class _StoppedError(Exception):
    """This item was not begun because another one had failed. Never leaves this file."""


def transform_stream(
    source: Iterable[Item],
    transform: Callable[[Item], Value],
    workers: int,
    ordered: bool = True,
    window: int | None = None,
) -> Generator[Value, None, None]:
    """Yield transform(item) for each item of source, computed by several threads.

    At most `window` items are alive between source and consumer, done or not. With `ordered`,
    everything before a failed item is delivered before ItemError. Close the iterator, or wrap it
    in contextlib.closing, to end early: running calls are awaited, the others never begin.
    """
    window = 4 * workers if window is None else window
    if not 1 <= workers <= window:
        raise ValueError("a window smaller than the number of workers would leave some idle")
    return _Flow(transform, workers, ordered, window).values(source)  # checked now, started at the first next()


class _Flow(Generic[Item, Value]):
    """What belongs to one pass over one source."""

    def __init__(self, transform: Callable[[Item], Value], workers: int, ordered: bool, window: int) -> None:
        self._transform = transform
        self._workers = workers
        self._ordered = ordered
        self._window = window
        self._lock = Lock()
        self._failed_at = math.inf  # the lowest number that failed; later ones are not begun
        self._line: deque[Future[Value]] = deque()  # ordered: as they came
        self._finished: SimpleQueue[Future[Value]] = SimpleQueue()  # otherwise: as they end
        self._alive = 0

    def values(self, source: Iterable[Item]) -> Generator[Value, None, None]:
        source_error: Exception | None = None
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="transform")
        try:
            items = enumerate(source)
            while self._failed_at == math.inf:
                try:
                    number, item = next(items)
                except StopIteration:
                    break
                except Exception as error:  # first deliver what was read before
                    source_error = error
                    break
                self._submit(pool, number, item)
                del item  # or this frame would keep one more than the window
                while self._alive >= self._window or self._is_next_ready():
                    yield self._take()
            while self._alive:
                yield self._take()
            if source_error is not None:
                raise source_error
        finally:  # after the last value, a failure, close(), or Ctrl-C
            self._fail(-1)
            pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, pool: ThreadPoolExecutor, number: int, item: Item) -> None:
        future = pool.submit(self._work, number, item)
        self._alive += 1
        if self._ordered:
            self._line.append(future)
        else:
            future.add_done_callback(self._finished.put)

    def _is_next_ready(self) -> bool:
        if self._ordered:
            return bool(self._line) and self._line[0].done()
        return not self._finished.empty()

    def _take(self) -> Value:
        """Wait for the next value, or raise what its computation raised."""
        while True:
            future = self._line.popleft() if self._ordered else self._finished.get()
            self._alive -= 1
            try:
                return future.result()
            except _StoppedError:  # unordered only: the failure that caused it comes out of the queue as well
                continue
            finally:
                del future

    def _work(self, number: int, item: Item) -> Value:
        """Run in a worker."""
        if number > self._failed_at:  # an earlier one may still be on its way to here
            raise _StoppedError
        try:
            return self._transform(item)
        except Exception as error:
            self._fail(number)  # nothing new is read from here on
            raise ItemError(number) from error

    def _fail(self, number: int) -> None:
        with self._lock:  # comparing and setting are two steps, and two items may fail at once
            self._failed_at = min(self._failed_at, number)
