"""Reference answer to CD04: an evening's forecasts, and an account of every station that has none.

Where a failure happens it is turned into one of three decisions: leave this station out, ask again, stop the run. The
loop knows only these. What happened is logged once, as an event with fields.
Tests: CD04_checks_reference.py.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger("frost")

Readings = Sequence[Mapping[str, Any]]


class HttpError(Exception):
    """What fetch raises for an answer other than 200. Its text holds the address, and that holds our key."""

    def __init__(self, status: int, url: str = "") -> None:
        super().__init__(f"{status} for {url}")
        self.status = status


# --- The three decisions -----------------------------------------------------------------------


class LeaveOutError(Exception):
    """This station cannot have a forecast tonight; the others can. `reason` is one of few fixed words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AskAgainError(Exception):
    """The same question may succeed in a moment."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StopError(Exception):
    """No station can have a forecast until a person has done something."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def asked(fetch: Callable[[str], Readings], station: str) -> Readings:
    """The readings, or a decision. The only place that knows what the network can do to us."""
    try:
        return fetch(station)
    except HttpError as error:
        # "from None": the text of the first error holds our key, and a trace would carry it into the log
        if error.status in (404, 410):
            raise LeaveOutError("gone") from None
        if error.status in (429, 500, 502, 503, 504):
            raise AskAgainError(f"status_{error.status}") from None
        raise StopError(f"status_{error.status}") from None  # 401: the key; 400: our own request
    except (TimeoutError, ConnectionError) as error:
        raise AskAgainError(type(error).__name__) from None


def temperatures(readings: Readings) -> list[float]:
    """Checked readings of the last two days; LeaveOutError says what is the matter with them."""
    if len(readings) < 48:
        raise LeaveOutError("gaps")
    checked = []
    for reading in readings:
        try:
            degrees = float(reading["celsius"])
        except (KeyError, TypeError, ValueError):  # what bad data can cause, and nothing else
            raise LeaveOutError("unreadable") from None
        if not -30.0 <= degrees <= 50.0:  # -99 is a probe that hangs on no wire; nan is refused as well
            raise LeaveOutError("impossible")
        checked.append(degrees)
    return checked


def forecast(predict: Callable[[list[float]], float], checked: list[float]) -> float:
    lowest = predict(checked)
    if not math.isfinite(lowest):
        raise LeaveOutError("no_number")
    return lowest


# --- The run -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Station:
    id: str
    valley: str


@dataclass(frozen=True)
class Result:
    """One for each station: the lowest temperature of the night, or the reason why there is none."""

    station: Station
    lowest: float | None
    reason: str | None = None


@dataclass
class Report:
    night: str
    run: str
    model: str
    results: list[Result] = field(default_factory=list)
    repeats: int = 0
    ending: str = "stopped"  # until it is known to be anything else

    @property
    def reasons(self) -> Counter[str]:
        return Counter(result.reason for result in self.results if result.reason)

    def doubts(self) -> list[str]:
        """Why a meteorologist has to look before anything is published."""
        of_all = _share(self.results)
        doubts = [f"all={of_all:.3f}"] if of_all > 0.05 else []
        by_valley: dict[str, list[Result]] = {}
        for result in self.results:
            by_valley.setdefault(result.station.valley, []).append(result)
        for valley, results in sorted(by_valley.items()):
            if _share(results) > 0.25 and sum(r.lowest is None for r in results) > 2:
                doubts.append(f"{valley}={_share(results):.3f}")
        return doubts


def _share(results: Sequence[Result]) -> float:
    return sum(result.lowest is None for result in results) / len(results) if results else 0.0


@dataclass(frozen=True)
class Limits:
    attempts: int = 3
    pause: float = 1.0
    silent: int = 20
    """So many stations in a row without an answer, and the service is down: stop instead of trying 2,300 times."""
    whole: float = 45 * 60.0
    """Seconds for all readings: when every second station is silent, no row comes together and it would take hours."""


def run(
    report: Report,
    stations: Iterable[Station],
    fetch: Callable[[str], Readings],
    predict: Callable[[list[float]], float],
    publish: Callable[[str, Sequence[Result]], None],
    limits: Limits = Limits(),
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """Publishes a result for each station, or holds all back for a person; raises what makes a forecast impossible.

    Exceptions that nobody has listed are defects of ours and stop the run: better no forecast at 20:05, while somebody
    can still act, than 2,300 wrong ones at 21:30.
    """
    station: Station | None = None
    defect: Exception | None = None
    silent = 0
    end = clock() + limits.whole
    try:
        for station in stations:
            result = _one(report, station, fetch, predict, limits, sleep)
            report.results.append(result)
            silent = silent + 1 if result.reason == "no_answer" else 0
            if silent >= limits.silent:
                raise StopError("service_silent")
            if clock() >= end:
                raise StopError("too_slow")
        station = None
        if not report.results:
            raise StopError("no_stations")
        report.ending = "held" if report.doubts() else "published"
        if report.ending == "published":
            publish(report.night, report.results)
    except StopError as error:
        report.ending = f"stopped:{error.reason}"
        raise
    except Exception as error:
        report.ending = f"stopped:defect:{type(error).__name__}"
        defect = error
        raise
    finally:
        _summary(report, station, defect)
    return report


def _one(
    report: Report,
    station: Station,
    fetch: Callable[[str], Readings],
    predict: Callable[[list[float]], float],
    limits: Limits,
    sleep: Callable[[float], None],
) -> Result:
    try:
        readings = _with_repeats(report, station, fetch, limits, sleep)
        return Result(station, forecast(predict, temperatures(readings)))
    except LeaveOutError as error:
        log.warning(event("left_out", report, station=station.id, valley=station.valley, reason=error.reason))
        return Result(station, None, error.reason)


def _with_repeats(
    report: Report, station: Station, fetch: Callable[[str], Readings], limits: Limits, sleep: Callable[[float], None]
) -> Readings:
    for attempt in range(1, limits.attempts + 1):
        try:
            return asked(fetch, station.id)
        except AskAgainError as error:
            if attempt < limits.attempts:
                report.repeats += 1
                log.debug(event("again", report, station=station.id, attempt=attempt, reason=error.reason))
                sleep(limits.pause * attempt)
    raise LeaveOutError("no_answer")


def _summary(report: Report, at: Station | None, defect: Exception | None) -> None:
    """Always the last line of a run, with a trace for a defect. Only what a person must act on tonight is an error."""
    log.log(
        logging.INFO if report.ending == "published" else logging.ERROR,
        event(
            "run",
            report,
            ending=report.ending,
            model=report.model,
            stations=len(report.results),
            left_out=report.reasons.total(),
            reasons=dict(sorted(report.reasons.items())),
            repeats=report.repeats,
            doubts=report.doubts(),
            at=at.id if at else None,
        ),
        exc_info=defect,
    )


def event(name: str, report: Report, **fields: object) -> str:
    """One line of JSON: the same names everywhere, so that a colleague can search without knowing the code."""
    return json.dumps({"event": name, "night": report.night, "run": report.run} | fields)
