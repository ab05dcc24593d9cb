"""Tests of the reference answer to CD10. Workers are held by events; nothing sleeps or is timed."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import closing
from itertools import count, islice
from threading import Barrier, Event

import pytest

from knowledge.questions.coding.CD10_reference import ItemError, _Flow, _StoppedError, transform_stream


class Source:
    """Yields 0, 1, 2 ... and remembers how many were read, and by which threads."""

    def __init__(self, length: int | None = None, breaks_at: int | None = None) -> None:
        self.length, self.breaks_at = length, breaks_at
        self.read = 0
        self.threads: set[int] = set()

    def __iter__(self) -> Iterator[int]:
        for number in count():
            if number == self.length:
                return
            self.threads.add(threading.get_ident())
            if number == self.breaks_at:
                raise OSError("card was pulled out")
            self.read += 1
            yield number


class Gate:
    """Doubles numbers, but holds those it was given until their event is set."""

    def __init__(self, *held: int) -> None:
        self.events = {number: Event() for number in held}
        self.begun: list[int] = []

    def __call__(self, item: int) -> int:
        self.begun.append(item)
        if item in self.events:
            assert self.events[item].wait(5), "nobody opened the gate"
        return 2 * item


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) == before


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("length", [0, 1, 3, 100])
@pytest.mark.parametrize("workers", [1, 8])
def test_every_item_comes_out_once(ordered: bool, length: int, workers: int) -> None:
    values = list(transform_stream(Source(length), Gate(), workers, ordered))
    assert sorted(values) == [2 * i for i in range(length)]
    if ordered:
        assert values == sorted(values)


def test_in_order_the_first_one_is_waited_for() -> None:
    gate = Gate(0)

    def transform(item: int) -> int:
        if item == 3:
            gate.events[0].set()  # opened by a later one: so later ones run meanwhile
        return gate(item)

    source = Source(6)
    values = transform_stream(source, transform, 2, window=4)
    assert next(values) == 0
    assert source.read == 4  # the window was full, and not one more was read
    assert list(values) == [2, 4, 6, 8, 10]


def test_without_order_a_held_one_stops_nobody() -> None:
    gate = Gate(0)
    values = transform_stream(Source(50), gate, 2, ordered=False, window=4)
    others = list(islice(values, 49))
    assert sorted(others) == [2 * i for i in range(1, 50)]
    gate.events[0].set()
    assert list(values) == [0]


def test_all_workers_are_used_at_the_same_time() -> None:
    meeting = Barrier(4)

    def transform(item: int) -> int:
        meeting.wait(5)  # passes only if four are inside
        return item

    assert list(transform_stream(Source(8), transform, 4)) == list(range(8))


@pytest.mark.parametrize("ordered", [True, False])
def test_reading_never_runs_ahead_of_the_consumer(ordered: bool) -> None:
    source = Source()  # endless
    with closing(transform_stream(source, Gate(), 2, ordered, window=5)) as values:
        assert source.read == 0  # nothing begins before somebody asks
        for taken in range(1, 200):
            next(values)
            assert source.read <= taken + 5
    assert source.threads == {threading.get_ident()}


@pytest.mark.parametrize("ordered", [True, False])
def test_a_slow_source_holds_back_no_finished_value(ordered: bool) -> None:
    begun = Event()

    def transform(item: int) -> int:
        if item == 1:
            begun.set()  # the only worker is here, so 0 is finished
        return item

    read = []

    def source() -> Iterator[int]:
        for number in range(50):
            assert number != 2 or begun.wait(5)
            read.append(number)
            yield number

    with closing(transform_stream(source(), transform, 1, ordered, window=40)) as values:
        assert next(values) == 0
        assert len(read) <= 3


@pytest.mark.parametrize("ordered", [True, False])
def test_no_more_than_the_window_is_alive(ordered: bool) -> None:
    class Photo:
        pass

    alive: weakref.WeakSet[Photo] = weakref.WeakSet()
    inputs: weakref.WeakSet[Photo] = weakref.WeakSet()

    def photos() -> Iterator[Photo]:
        for _ in range(200):
            photo = Photo()
            inputs.add(photo)
            yield photo
            del photo

    def transform(_: Photo) -> Photo:
        made = Photo()
        alive.add(made)
        return made

    for value in transform_stream(photos(), transform, 3, ordered, window=6):
        assert len(alive) <= 6 + 1 + 3  # one with the consumer; and a worker lets go a moment after it delivers
        assert len(inputs) <= 6 + 1 + 3
        del value


def test_what_came_before_a_failure_is_delivered_and_nothing_after() -> None:
    gate = Gate(4)
    source = Source()

    def transform(item: int) -> int:
        if item == 5:
            gate.events[4].set()  # 4 is still being worked on when 5 fails
            raise ValueError("damaged")
        return gate(item)

    received = []
    with pytest.raises(ItemError) as caught:
        for value in transform_stream(source, transform, 2, window=8):
            received.append(value)
    assert received == [0, 2, 4, 6, 8]
    assert caught.value.number == 5 and isinstance(caught.value.__cause__, ValueError)
    assert source.read <= 5 + 8


def test_an_earlier_item_not_yet_begun_is_still_owed() -> None:
    flow = _Flow(Gate(), 2, True, 4)  # the moment after 5 has failed, when 4 was taken from the queue but not begun
    flow._fail(5)
    assert flow._work(4, 4) == 8
    with pytest.raises(_StoppedError):
        flow._work(6, 6)


def test_after_a_failure_nothing_new_begins() -> None:
    failing, begun = Event(), []

    def transform(item: int) -> int:
        begun.append(item)
        if item == 0:
            assert failing.wait(5)
            raise ValueError("damaged")
        return item

    def source() -> Iterator[int]:
        yield from range(8)
        failing.set()  # seven wait behind it, for the only worker
        yield from range(8, 100)

    with pytest.raises(ItemError):
        list(transform_stream(source(), transform, 1, window=9))
    assert begun == [0]


def test_without_order_a_failure_ends_it_too() -> None:
    def transform(item: int) -> int:
        if item == 30:
            raise KeyError("damaged")
        return item

    values = transform_stream(Source(), transform, 4, ordered=False, window=8)
    received = []
    with pytest.raises(ItemError, match="item 30"):
        for value in values:
            received.append(value)
    assert 30 not in received and len(received) == len(set(received)) < 30 + 8
    assert list(values) == []


@pytest.mark.parametrize("ordered", [True, False])
def test_a_source_that_breaks_costs_nothing_that_was_read(ordered: bool) -> None:
    received = []
    with pytest.raises(OSError, match="card"):
        for value in transform_stream(Source(breaks_at=7), Gate(), 2, ordered):
            received.append(value)
    assert sorted(received) == [0, 2, 4, 6, 8, 10, 12]


def test_a_consumer_may_leave_and_nobody_is_left_behind() -> None:
    gate, source = Gate(), Source()
    with pytest.raises(ZeroDivisionError), closing(transform_stream(source, gate, 3, window=6)) as values:
        for value in values:
            if value == 20:
                raise ZeroDivisionError
    assert source.read <= 11 + 6 and len(gate.begun) <= source.read


def test_a_stop_iteration_inside_the_transform_is_no_silent_end() -> None:
    def transform(item: int) -> int:
        return next(iter(()))

    with pytest.raises(ItemError):
        list(transform_stream(Source(3), transform, 2))


@pytest.mark.parametrize(("workers", "window"), [(0, 4), (5, 4), (-1, None)])
def test_senseless_limits_are_refused_before_anything_runs(workers: int, window: int | None) -> None:
    with pytest.raises(ValueError):
        transform_stream(Source(1), Gate(), workers, window=window)
