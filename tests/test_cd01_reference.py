"""The reference answer to CD01. It lies beside its question, in no package, so it is loaded by its path."""

from __future__ import annotations

import importlib.util
import json
import logging
import sys
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from types import ModuleType
from typing import Any

import pytest

REFERENCE = Path(__file__).parents[1] / "knowledge" / "questions" / "coding" / "CD01_reference.py"


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up while it is being loaded
    spec.loader.exec_module(module)
    return module


ref = _load(REFERENCE)


def order(**changes: object) -> dict[str, object]:
    return {"type": "order", "id": "7", "amount": "9.50"} | changes


def click(ms: object = 1500) -> dict[str, object]:
    return {"type": "click", "user": "u1", "ms": ms}


def processor(**settings: float) -> Any:
    return ref.BatchProcessor([ref.ORDER, ref.CLICK, ref.SENSOR], **settings)


def reasons(result: Any) -> list[str]:
    return [refusal.reason for refusal in result.refused]


def test_a_mixed_batch_is_parted_into_rows_and_refusals() -> None:
    bad = order(id="x")
    sensor = {"type": "sensor", "device": "fridge-3", "fahrenheit": "41"}
    result = processor(max_refused_share=0.5).process("b", [order(), click(), sensor, bad])
    assert result.accepted == [
        {"id": 7, "amount": 9.5, "coupon": ""},
        {"user": "u1", "seconds": 1.5},
        {"device": "fridge-3", "celsius": 5.0},
    ]
    assert reasons(result) == ["order:bad:id"]
    assert result.refused[0].record is bad


def test_what_may_be_repaired_is_repaired() -> None:
    batch = [order(amount=" 9.50 ", coupon=None), order(coupon=" "), order(coupon=" SPRING "), order(id=7.0)]
    result = processor().process("b", batch)
    assert [row["coupon"] for row in result.accepted] == ["", "", "SPRING", ""]
    assert {row["amount"] for row in result.accepted} == {9.5}
    assert {row["id"] for row in result.accepted} == {7}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount": None}, "order:missing:amount"),
        ({"amount": "  "}, "order:missing:amount"),
        ({"amount": "nan"}, "order:bad:amount"),
        ({"amount": float("inf")}, "order:bad:amount"),
        ({"amount": True}, "order:bad:amount"),
        ({"amount": 10**400}, "order:bad:amount"),
        ({"amount": [9.5]}, "order:bad:amount"),
        ({"id": 9.7}, "order:bad:id"),
        ({"id": float("nan")}, "order:bad:id"),
        ({"id": True}, "order:bad:id"),
        ({"coupon": 5}, "order:bad:coupon"),
    ],
)
def test_what_would_poison_training_is_refused_and_never_filled(changes: dict[str, object], reason: str) -> None:
    result = processor(max_refused_share=0.5).process("b", [order(), order(**changes)])
    assert reasons(result) == [reason]
    assert len(result.accepted) == 1


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"type": "video"}, "unknown_type"),
        ({"type": ["order"]}, "unknown_type"),
        ({}, "unknown_type"),
        (None, "not_a_record"),
        ("order", "not_a_record"),
    ],
)
def test_an_unknown_type_is_refused_and_the_others_survive(record: object, reason: str) -> None:
    result = processor(max_refused_share=0.5).process("b", [order(), record, click()])
    assert reasons(result) == [reason]
    assert len(result.accepted) == 2


def test_a_type_is_added_without_editing_the_processor() -> None:
    def positive(row: dict[str, Any]) -> dict[str, Any]:
        if row["size"] < 0:
            raise ref.RejectError("negative:size")
        return row

    video = ref.RecordType("video", (ref.Field("size", ref.whole),), positive)
    engine = ref.BatchProcessor([ref.ORDER, video], max_refused_share=0.5)
    result = engine.process("b", [order(), {"type": "video", "size": 3}, {"type": "video", "size": -3}])
    assert result.accepted[1] == {"size": 3}
    assert reasons(result) == ["video:negative:size"]


def test_two_types_of_one_name_are_a_mistake_at_construction() -> None:
    with pytest.raises(ValueError, match="'order'"):
        ref.BatchProcessor([ref.ORDER, ref.RecordType("order", ())])


def test_a_conversion_that_trips_over_data_costs_one_record() -> None:
    rate = ref.RecordType(
        "rate",
        (ref.Field("n", ref.finite), ref.Field("of", ref.finite)),
        lambda row: {"rate": row["n"] / row["of"]},
    )
    batch = [{"type": "rate", "n": 1, "of": 0}] + [{"type": "rate", "n": 1, "of": 4}] * 9
    result = ref.BatchProcessor([rate]).process("b", batch)
    assert reasons(result) == ["rate:ZeroDivisionError"]
    assert result.accepted == [{"rate": 0.25}] * 9


def test_a_defect_of_the_program_is_not_taken_for_bad_data(caplog: pytest.LogCaptureFixture) -> None:
    broken = ref.RecordType("broken", (), lambda row: row.nothing)
    engine = ref.BatchProcessor([broken])
    with caplog.at_level(logging.INFO, logger="batch"), pytest.raises(AttributeError):
        engine.process("b", [{"type": "broken"}])
    assert "batch=b ending=AttributeError" in caplog.text
    assert engine.totals() == (0, {})


@pytest.mark.parametrize(("bad", "fails"), [(0, False), (20, False), (21, True), (100, True)])
def test_more_than_a_fifth_refused_fails_the_batch(bad: int, fails: bool) -> None:
    batch = [order(amount=None)] * bad + [order()] * (100 - bad)
    engine = processor()
    if not fails:
        assert len(engine.process("b", batch).refused) == bad
        return
    with pytest.raises(ref.BatchRefusedError, match=f"batch b: {bad} of 100 refused") as caught:
        engine.process("b", batch)
    assert caught.value.report.reasons == {"order:missing:amount": bad}
    assert [refusal.record for refusal in caught.value.refused] == batch[:bad]


def test_an_empty_batch_is_fine(caplog: pytest.LogCaptureFixture) -> None:
    engine = processor(max_refused_share=0.0)
    with caplog.at_level(logging.INFO, logger="batch"):
        result = engine.process("b", [])
    assert caplog.messages == ["batch=b ending=ok accepted=0 refused=0 reasons={}"]
    assert (result.accepted, result.refused) == ([], [])
    assert engine.totals() == (0, {})


def test_the_log_explains_a_failed_batch_and_holds_no_values(caplog: pytest.LogCaptureFixture) -> None:
    batch = [order(id="Jane Doe"), order(amount=None), {"type": "Jane Doe"}, order()]
    with caplog.at_level(logging.INFO, logger="batch"), pytest.raises(ref.BatchRefusedError):
        processor().process("2024-05-01/17", batch)
    (line,) = caplog.messages
    head, _, counted = line.partition(" reasons=")
    assert head == "batch=2024-05-01/17 ending=refused accepted=1 refused=3"
    assert json.loads(counted) == {"order:bad:id": 1, "order:missing:amount": 1, "unknown_type": 1}
    assert "Jane" not in caplog.text


def test_eight_threads_share_one_processor_and_the_totals_are_exact() -> None:
    """Thread switches are forced thousands of times as often: without the lock this loses counts."""
    engine, start = processor(max_refused_share=1.0), Barrier(8)
    batch = [order(), click(), order(amount=""), order(id="x"), None]

    def worker(number: int) -> list[Any]:
        start.wait(timeout=30)
        return [engine.process(f"{number}/{i}", batch) for i in range(1000)]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            results = [result for found in pool.map(worker, range(8)) for result in found]
    finally:
        sys.setswitchinterval(interval)
    expected = processor(max_refused_share=1.0).process("alone", batch)
    assert len(results) == 8000
    assert all(result == expected for result in results)
    assert engine.totals() == (
        16_000,
        {"order:missing:amount": 8000, "order:bad:id": 8000, "not_a_record": 8000},
    )


def test_totals_hands_out_a_copy() -> None:
    engine = processor(max_refused_share=1.0)
    engine.process("b", [None])
    engine.totals()[1]["not_a_record"] = 99
    assert engine.totals() == (0, {"not_a_record": 1})


def test_stream_reads_no_further_than_it_was_asked() -> None:
    read: list[int] = []

    def source() -> Iterator[dict[str, object]]:
        for ms in range(1000):
            read.append(ms)
            yield click(ms)

    outcomes = processor().stream("b", source())
    assert read == []
    assert next(outcomes) == {"user": "u1", "seconds": 0.0}
    assert read == [0]
    outcomes.close()


def test_stream_needs_no_more_memory_for_a_larger_batch() -> None:
    def peak(size: int) -> int:
        source = (order(amount="") if i % 100 == 0 else click(i) for i in range(size))
        tracemalloc.start()
        try:
            assert sum(1 for _ in processor().stream("b", source)) == size
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)  # whatever is set up once is not counted below
    assert peak(20_000) < peak(2_000) + 20_000  # bytes; lists would need some millions


def test_stream_gives_its_verdict_after_the_last_record() -> None:
    outcomes = processor().stream("b", [order(), None])
    assert next(outcomes) == {"id": 7, "amount": 9.5, "coupon": ""}
    assert next(outcomes) == ref.Refusal("not_a_record", None)
    with pytest.raises(ref.BatchRefusedError):
        next(outcomes)


def test_a_source_that_breaks_leaves_a_line_and_no_counts(caplog: pytest.LogCaptureFixture) -> None:
    def source() -> Iterator[dict[str, object]]:
        yield from [click()] * 3
        raise ConnectionResetError

    engine = processor()
    with caplog.at_level(logging.INFO, logger="batch"), pytest.raises(ConnectionResetError):
        engine.process("b", source())
    assert caplog.messages == ["batch=b ending=ConnectionResetError accepted=3 refused=0 reasons={}"]
    assert engine.totals() == (0, {})


def test_a_caller_that_stops_early_leaves_a_line_and_no_counts(caplog: pytest.LogCaptureFixture) -> None:
    engine = processor()
    outcomes = engine.stream("b", [click()] * 10)
    next(outcomes)
    with caplog.at_level(logging.INFO, logger="batch"):
        outcomes.close()
    assert caplog.messages == ["batch=b ending=stopped accepted=1 refused=0 reasons={}"]
    assert engine.totals() == (0, {})
