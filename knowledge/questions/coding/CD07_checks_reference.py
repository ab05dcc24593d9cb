"""Tests of the reference answer to CD07."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock, Thread

import pytest

from knowledge.questions.coding.CD07_reference import Answer, FeatureCache


class Service:
    """Stands in for the service: counts what it is asked, and can be made to fail, or to wait for `gate`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.known: dict[str, Answer] = {}
        self.error: BaseException | None = None
        self.reached, self.gate = Event(), Event()
        self.gate.set()

    def __call__(self, plate: str) -> Answer:
        self.asked.append(plate)
        answer = self.known.get(plate, Answer({"debt": 0.0}, 60.0))
        self.reached.set()
        assert self.gate.wait(5), "nobody opened the gate"
        if self.error is not None:
            raise self.error
        return answer


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(service: Service, clock: Clock) -> FeatureCache:
    return FeatureCache(2, service, clock)


@pytest.fixture
def restless() -> Iterator[None]:
    """Lets Python change threads as often as it can, so that torn steps come to light."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_thread(work: Callable[[], object]) -> Thread:
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_the_second_question_is_answered_from_memory(cache: FeatureCache, service: Service) -> None:
    assert cache.get("AA-01-BB") == {"debt": 0.0}
    assert cache.get("AA-01-BB") == {"debt": 0.0}
    assert service.asked == ["AA-01-BB"]


def test_without_room_the_longest_unused_goes(cache: FeatureCache, service: Service) -> None:
    for plate in ("A", "B", "A", "C"):  # A was read after B, so C costs B its place
        cache.get(plate)
    assert len(cache) == 2
    assert cache.counts()["evicted"] == 1
    cache.get("A")
    assert service.asked == ["A", "B", "C"]
    cache.get("B")
    assert service.asked == ["A", "B", "C", "B"]


def test_each_plate_ends_at_its_own_time(cache: FeatureCache, service: Service, clock: Clock) -> None:
    service.known = {"A": Answer({"debt": 1.0}, 120.0), "B": Answer({"debt": 2.0}, 1800.0)}
    cache.get("A"), cache.get("B")
    clock.now += 119.9
    cache.get("A"), cache.get("B")
    assert service.asked == ["A", "B"]
    clock.now += 0.1  # the last moment no longer belongs to it
    cache.get("A"), cache.get("B")
    assert service.asked == ["A", "B", "A"]


def test_reading_does_not_lengthen_a_life(cache: FeatureCache, service: Service, clock: Clock) -> None:
    for _ in range(7):
        cache.get("A")
        clock.now += 10.0
    assert service.asked == ["A", "A"]


def test_life_begins_with_the_question(service: Service, clock: Clock) -> None:
    def slow(plate: str) -> Answer:
        clock.now += 2.0
        return service(plate)

    cache = FeatureCache(2, slow, clock)
    cache.get("A")
    clock.now += 58.0
    cache.get("A")
    assert service.asked == ["A", "A"]


def test_a_new_life_after_expiry_counts_as_latest(cache: FeatureCache, service: Service, clock: Clock) -> None:
    cache.get("A"), cache.get("B")
    clock.now += 60.0
    cache.get("A"), cache.get("C")
    assert len(cache) == 2
    cache.get("A")
    assert service.asked == ["A", "B", "A", "C"]


def test_a_plate_nobody_knows_is_remembered_too(cache: FeatureCache, service: Service) -> None:
    service.known = {"FOREIGN": Answer(None, 600.0)}
    assert cache.get("FOREIGN") is None
    assert cache.get("FOREIGN") is None
    assert service.asked == ["FOREIGN"]


def test_no_caller_can_change_what_the_others_read(cache: FeatureCache, service: Service) -> None:
    mine = {"debt": 4.8}
    service.known = {"A": Answer(mine, 60.0)}
    values = cache.get("A")
    with pytest.raises(TypeError):
        values["debt"] = 5.0  # type: ignore[index]
    mine["debt"] = 5.0
    assert cache.get("A") == {"debt": 4.8}


def test_the_default_clock_cannot_be_set_back(service: Service) -> None:
    assert FeatureCache(1, service)._clock is time.monotonic


def test_no_room_at_all_is_refused(service: Service) -> None:
    with pytest.raises(ValueError, match="at least one"):
        FeatureCache(0, service)


def wait_for(cache: FeatureCache, joined: int) -> None:
    """Returns once that many threads wait for somebody else's question."""
    end = time.monotonic() + 5
    while cache.counts().get("joined", 0) < joined:
        assert time.monotonic() < end, "the others never joined"
        time.sleep(0.001)


def test_many_threads_one_question(cache: FeatureCache, service: Service) -> None:
    service.gate.clear()
    with ThreadPoolExecutor(24) as pool:
        answers = [pool.submit(cache.get, "A") for _ in range(24)]
        wait_for(cache, 23)
        service.gate.set()
        assert [a.result(5) for a in answers] == [{"debt": 0.0}] * 24
    assert service.asked == ["A"]


def test_a_failure_reaches_all_who_wait_and_is_not_kept(cache: FeatureCache, service: Service) -> None:
    service.error = TimeoutError("the service is slow")
    service.gate.clear()
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(cache.get, "A") for _ in range(3)]
        wait_for(cache, 2)
        service.gate.set()
        assert [type(a.exception(5)) for a in answers] == [TimeoutError] * 3
    service.error = None
    assert cache.get("A") == {"debt": 0.0}
    assert service.asked == ["A", "A"]


def test_a_broken_answer_leaves_nobody_waiting(clock: Clock) -> None:
    cache = FeatureCache(2, lambda plate: None, clock)  # type: ignore[arg-type, return-value]
    for _ in range(2):
        with pytest.raises(AttributeError):
            cache.get("A")
    assert cache.counts()["failed"] == 2


def test_a_slow_question_holds_up_nobody_else(cache: FeatureCache, service: Service) -> None:
    cache.get("B")
    service.reached.clear()
    service.gate.clear()
    slow = in_thread(lambda: cache.get("A"))
    assert service.reached.wait(5)
    quick = in_thread(lambda: cache.get("B"))
    quick.join(5)
    finished = not quick.is_alive()
    service.gate.set()
    slow.join(5)
    assert finished


def test_an_answer_older_than_a_drop_is_not_kept(cache: FeatureCache, service: Service) -> None:
    service.known = {"A": Answer({"debt": 37.0}, 1800.0)}
    service.reached.clear()
    service.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(cache.get, "A")  # the service has read the debt, its answer is on the way
        assert service.reached.wait(5)
        cache.drop("A")  # now the owner pays
        service.known = {"A": Answer({"debt": 0.0}, 1800.0)}
        service.gate.set()
        assert before.result(5) == {"debt": 37.0}
    assert cache.get("A") == {"debt": 0.0}


def test_after_a_drop_nobody_joins_the_older_question(cache: FeatureCache, service: Service) -> None:
    service.known = {"A": Answer({"debt": 37.0}, 1800.0)}
    service.gate.clear()
    with ThreadPoolExecutor(2) as pool:
        older = pool.submit(cache.get, "A")
        assert service.reached.wait(5)
        service.reached.clear()
        cache.drop("A")
        service.known = {"A": Answer({"debt": 0.0}, 1800.0)}
        newer = pool.submit(cache.get, "A")
        assert service.reached.wait(5)
        service.gate.set()
        assert older.result(5) == {"debt": 37.0}
        assert newer.result(5) == {"debt": 0.0}
    assert cache.get("A") == {"debt": 0.0}
    assert service.asked == ["A", "A"]


def test_drop_removes_what_is_kept(cache: FeatureCache, service: Service) -> None:
    cache.get("A")
    cache.drop("A")
    cache.drop("never seen")
    cache.get("A")
    assert service.asked == ["A", "A"]


@pytest.mark.usefixtures("restless")
def test_under_load_every_call_is_counted_and_the_limit_holds() -> None:
    sizes: list[int] = []
    asked: Counter[str] = Counter()
    lock = Lock()

    def load(plate: str) -> Answer:
        with lock:
            asked[plate] += 1
        return Answer({"plate": float(plate)}, 60.0)

    cache = FeatureCache(20, load)
    start = Barrier(8)

    def work(seed: int) -> None:
        start.wait(5)
        for step in range(600):
            plate = str((seed * 7 + step * step) % 40)
            assert cache.get(plate) == {"plate": float(plate)}
            if step % 50 == 0:
                cache.drop(plate)
                sizes.append(len(cache))

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, seed) for seed in range(8)]:
            done.result(10)
    counts = cache.counts()
    assert counts["hit"] + counts.get("joined", 0) + counts["load"] == 8 * 600
    assert counts["load"] == asked.total()
    assert max(sizes) <= 20


def test_slightly_too_small_is_as_useless_as_none(service: Service, clock: Clock) -> None:
    """63 vehicles, each seen again after all others: 63 places serve everybody, 62 nobody."""
    hits = []
    for capacity in (63, 62):
        cache = FeatureCache(capacity, service, clock)
        for _ in range(5):
            for vehicle in range(63):
                cache.get(str(vehicle))
        hits.append(cache.counts().get("hit", 0))
    assert hits == [4 * 63, 0]
