"""Tests of the reference answer to CD04."""

from __future__ import annotations

import json
import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from knowledge.questions.coding.CD04_reference import (
    HttpError,
    Readings,
    Report,
    Result,
    Station,
    StopError,
    asked,
    log,
    run,
)

KEY = "key=9f3c"
GOOD: Readings = [{"celsius": 4.0}] * 48


class Evening:
    """A service by script: per station a list of what happens at each attempt, good readings when nothing is said."""

    def __init__(self, script: Mapping[str, Sequence[object]] | None = None, **more: Sequence[object]) -> None:
        self.script = {**(script or {}), **more}
        self.attempts: Counter[str] = Counter()
        self.pauses: list[float] = []
        self.now = 100.0
        self.published: list[tuple[str, list[Result]]] = []
        self.report = Report("2026-09-14", "r1", "frost-12")

    def fetch(self, station: str) -> Readings:
        self.attempts[station] += 1
        planned = self.script.get(station) or self.script.get("every") or []
        entry = planned[min(self.attempts[station], len(planned)) - 1] if planned else GOOD
        self.now += 5.0 if isinstance(entry, TimeoutError) else 0.2
        if isinstance(entry, Exception):
            raise entry
        assert isinstance(entry, list)
        return entry

    def run(
        self, stations: int = 100, predict: Callable[[list[float]], float] = min, of: Callable[[int], str] | None = None
    ) -> Report:
        listed = [Station(f"s{n}", of(n) if of else f"v{n % 5}") for n in range(stations)]
        return run(
            self.report,
            listed,
            self.fetch,
            predict,
            lambda night, results: self.published.append((night, list(results))),
            sleep=self.sleep,
            clock=lambda: self.now,
        )

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def lines(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    found = [json.loads(record.getMessage()) for record in caplog.records]
    return [line for line in found if line["event"] == event]


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="frost")


def test_a_good_evening_is_published_with_one_line(caplog: pytest.LogCaptureFixture) -> None:
    evening = Evening()
    report = evening.run()
    ((night, results),) = evening.published
    assert (night, report.ending, len(results)) == ("2026-09-14", "published", 100)
    assert {result.lowest for result in results} == {4.0}
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert lines(caplog, "run")[0]["model"] == "frost-12"


@pytest.mark.parametrize(
    ("readings", "reason"),
    [
        ([{"celsius": "3,4"}] * 48, "unreadable"),
        ([{"celsius": None}] * 48, "unreadable"),
        ([{"volts": 3.1}] * 48, "unreadable"),
        ([{"celsius": -99}] * 48, "impossible"),
        ([{"celsius": "nan"}] * 48, "impossible"),
        ([{"celsius": 4.0}] * 47, "gaps"),
        (HttpError(404), "gone"),
    ],
)
def test_one_bad_station_costs_only_itself(caplog: pytest.LogCaptureFixture, readings: object, reason: str) -> None:
    evening = Evening(s7=[readings])
    report = evening.run()
    ((_, results),) = evening.published
    assert report.ending == "published"
    assert results[7] == Result(Station("s7", "v2"), None, reason)
    assert sum(result.lowest is None for result in results) == 1
    (line,) = lines(caplog, "left_out")
    assert (line["station"], line["valley"], line["reason"], line["run"]) == ("s7", "v2", reason, "r1")
    assert evening.attempts["s7"] == 1
    assert all(record.levelno < logging.ERROR for record in caplog.records)


def test_a_number_that_is_none_is_no_forecast() -> None:
    assert Evening().run(predict=lambda checked: math.nan).reasons == {"no_number": 100}


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError(), HttpError(503), HttpError(429)])
def test_what_may_pass_is_asked_again(caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    evening = Evening(s7=[error, error, GOOD])
    report = evening.run()
    assert (report.ending, report.reasons.total(), report.repeats) == ("published", 0, 2)
    assert evening.pauses == [1.0, 2.0]
    assert [record.levelno for record in caplog.records] == [logging.DEBUG, logging.DEBUG, logging.INFO]


def test_three_attempts_are_all_and_the_next_station_comes() -> None:
    evening = Evening(s7=[TimeoutError()])
    assert evening.run().reasons == {"no_answer": 1}
    assert evening.attempts["s7"] == 3
    assert len(evening.pauses) == 2  # none behind the last


@pytest.mark.parametrize("status", [401, 403, 400])
def test_what_needs_a_person_stops_the_run_at_once(caplog: pytest.LogCaptureFixture, status: int) -> None:
    evening = Evening(s40=[HttpError(status)])
    with pytest.raises(StopError, match=f"status_{status}"):
        evening.run()
    assert evening.published == []
    assert evening.attempts.total() == 41
    (line,) = lines(caplog, "run")
    assert (line["ending"], line["stations"]) == (f"stopped:status_{status}", 40)
    assert [record.levelname for record in caplog.records] == ["ERROR"]  # one line, one ring


def test_a_silent_service_is_not_asked_for_every_station() -> None:
    evening = Evening(every=[TimeoutError()])
    with pytest.raises(StopError, match="service_silent"):
        evening.run(stations=2300)
    assert evening.attempts.total() == 20 * 3


def test_scattered_silence_does_not_stop() -> None:
    evening = Evening({f"s{n}": [TimeoutError()] for n in range(0, 1000, 25)})
    assert evening.run(stations=1000).ending == "published"


def test_a_run_that_would_miss_the_evening_stops_in_time() -> None:
    evening = Evening({f"s{n}": [TimeoutError()] for n in range(0, 2300, 2)})
    with pytest.raises(StopError, match="too_slow"):
        evening.run(stations=2300)
    assert 45 * 60 <= evening.now - 100.0 < 46 * 60
    assert evening.published == []


def test_an_ordinary_evening_has_time_enough() -> None:
    evening = Evening({f"s{n}": [TimeoutError(), GOOD] for n in range(0, 2300, 200)})
    assert evening.run(stations=2300).ending == "published"
    assert evening.now - 100.0 < 15 * 60


def test_a_defect_of_ours_is_not_booked_as_bad_data(caplog: pytest.LogCaptureFixture) -> None:
    def broken(checked: list[float]) -> float:
        raise AttributeError("celcius")

    evening = Evening()
    with pytest.raises(AttributeError):
        evening.run(predict=broken)
    assert evening.published == []
    (line,) = lines(caplog, "run")
    assert (line["ending"], line["at"]) == ("stopped:defect:AttributeError", "s0")
    assert caplog.text.count("Traceback") == 1
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_failed_publication_is_no_success(caplog: pytest.LogCaptureFixture) -> None:
    evening = Evening()

    def full(night: str, results: Sequence[Result]) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        run(evening.report, [Station("s1", "v1")], evening.fetch, min, full)
    (line,) = lines(caplog, "run")
    assert (line["ending"], line["at"]) == ("stopped:defect:OSError", None)


@pytest.mark.parametrize(("missing", "ending"), [(5, "published"), (6, "held")])
def test_too_many_are_held_for_a_person(caplog: pytest.LogCaptureFixture, missing: int, ending: str) -> None:
    evening = Evening({f"s{n}": [[]] for n in range(missing)})
    assert evening.run().ending == ending
    assert len(evening.published) == (ending == "published")
    assert caplog.records[-1].levelname == ("INFO" if ending == "published" else "ERROR")


def test_a_whole_valley_counts_although_it_is_small() -> None:
    evening = Evening({f"s{n}": [[]] for n in range(6)})
    report = evening.run(stations=400, of=lambda n: "Lontué" if n < 18 else "others")
    assert report.ending == "held"
    assert report.doubts() == ["Lontué=0.333"]


def test_two_of_a_tiny_valley_are_no_doubt() -> None:
    evening = Evening(s0=[[]], s1=[[]])
    assert evening.run(stations=400, of=lambda n: "tiny" if n < 3 else "others").ending == "published"


def test_no_stations_are_no_good_evening() -> None:
    with pytest.raises(StopError, match="no_stations"):
        Evening().run(stations=0)


def test_our_key_never_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    for status in (404, 503, 401):
        evening = Evening(s3=[HttpError(status, f"https://readings.example/s3?{KEY}")])
        try:
            evening.run()
        except StopError:
            log.exception("as an outer program would")
    assert caplog.records
    assert KEY not in caplog.text


@pytest.mark.parametrize("status", [404, 503, 401])
def test_no_decision_drags_the_address_along(caplog: pytest.LogCaptureFixture, status: int) -> None:
    def refused(station: str) -> Readings:
        raise HttpError(status, f"https://readings.example/{station}?{KEY}")

    try:
        asked(refused, "s3")
    except Exception:
        log.exception("as somebody will write one day")
    assert "Traceback" in caplog.text
    assert KEY not in caplog.text


def test_every_line_can_be_found_by_night_and_run(caplog: pytest.LogCaptureFixture) -> None:
    Evening(s7=[TimeoutError()], s8=[[]]).run()
    for record in caplog.records:
        line = json.loads(record.getMessage())
        assert (line["night"], line["run"]) == ("2026-09-14", "r1")
    assert lines(caplog, "run")[0]["reasons"] == {"gaps": 1, "no_answer": 1}
