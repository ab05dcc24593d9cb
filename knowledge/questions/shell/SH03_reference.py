"""Tests of SH03_reference.sh on small logs of which every answer is known beforehand."""

from __future__ import annotations

import gzip
import math
import os
import random
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_suffix(".sh")
TOOLS = ("bash", "awk", "sort", "gzip", "sed", "cat")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {MISSING}")

DAY = "2026-03-14"


def line(
    time: str, caller: str = "till-0417-2", path: str = "/v1/cards/31/check", status: int = 200, took: str = "30ms"
) -> str:
    return f"{DAY}T{time}Z {caller} POST {path} {status} {took}"


def write(path: Path, lines: Iterable[str]) -> Path:
    text = "".join(f"{one}\n" for one in lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def run(*arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", SCRIPT, *arguments], env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )


def table(*arguments: str | Path, **settings: str) -> list[list[str]]:
    result = run(*arguments, **settings)
    assert result.returncode == 0, result.stderr
    return [row.split() for row in result.stdout.splitlines()]


def test_slow_joins_ids_units_and_queries(tmp_path: Path) -> None:
    log = write(
        tmp_path / "day.log",
        [
            line("04:00:00.000", path="/v1/stations/0417/restock?fuel=ai95", took="1.9s"),
            line("04:00:01.000", path="/v1/stations/0098/restock", took="412ms"),
            line("04:00:02.000", path="/v1/stations/0098/restock?fuel=dt", took="95ms"),
            line("04:00:03.000", path="/v1/cards/9/check", took="10ms"),
        ],
    )
    assert table("slow", log) == [
        ["/v1/stations/N/restock", "3", "412", "1900", "2.407"],
        ["/v1/cards/N/check", "1", "10", "10", "0.010"],
    ]


@pytest.mark.parametrize("count", [1, 20, 1_003])  # of twenty, both ranks fall exactly on a request
def test_percentiles_agree_with_sorting_everything(tmp_path: Path, count: int) -> None:
    dice = random.Random(7)
    durations = [int(dice.lognormvariate(4, 1)) for _ in range(count)]
    took = [f"{ms}ms" if ms < 1000 else f"{ms / 1000}s" for ms in durations]
    log = write(
        tmp_path / "day.log", (line("09:00:00.000", path=f"/v1/cards/{i}/check", took=t) for i, t in enumerate(took))
    )
    ranked = sorted(durations)
    p50, p95 = (ranked[math.ceil(part * len(ranked)) - 1] for part in (0.5, 0.95))
    seconds = f"{sum(durations) / 1000:.3f}"
    assert table("slow", log) == [["/v1/cards/N/check", str(count), str(p50), str(p95), seconds]]


def test_slow_puts_the_route_first_that_costs_most_in_total(tmp_path: Path) -> None:
    rare = [line("01:00:00.000", path=f"/v1/stations/{i}/restock", took="4.1s") for i in range(10)]
    often = [line("01:00:00.000", path=f"/v1/customers/{i}/offer", took="200ms") for i in range(900)]
    assert [row[0] for row in table("slow", write(tmp_path / "day.log", rare + often))] == [
        "/v1/customers/N/offer",
        "/v1/stations/N/restock",
    ]


def busy_morning() -> list[str]:
    """An hour of calm, four bad minutes, and refusals of an old till all the time."""
    lines = []
    for minute in range(3 * 60 + 5, 4 * 60 + 15):
        at = f"{minute // 60:02}:{minute % 60:02}"
        bad = 4 * 60 + 7 <= minute <= 4 * 60 + 10
        lines += [line(f"{at}:01.000", "till-0098-1", status=400)] * 70
        lines += [line(f"{at}:02.000", f"till-{i:04}-1") for i in range(30)]
        lines += [line(f"{at}:03.000", "bonus-app", f"/v1/customers/{i}/offer") for i in range(10 if not bad else 70)]
        if bad:
            lines += [line(f"{at}:04.000", f"till-{i:04}-1", status=503) for i in range(45)]
            lines += [line(f"{at}:05.000", "bonus-app", "/v1/customers/1/offer", 503)] * 15
        else:
            lines += [line(f"{at}:04.000", "till-0417-2", status=502)] * 2
    return lines


def test_bursts_count_the_faults_of_the_service_alone(tmp_path: Path) -> None:
    lines = busy_morning()
    random.Random(3).shuffle(lines)  # lines are written at the end of a request
    assert table("bursts", write(tmp_path / "day.log", lines)) == [
        [f"{DAY}T04:07", f"{DAY}T04:10", "240", str(4 * (70 + 30 + 70 + 60)), "60"]
    ]


def test_a_burst_ends_where_a_minute_is_silent_and_goes_on_over_midnight(tmp_path: Path) -> None:
    def minute(day: str, at: str) -> list[str]:
        return [line(f"{at}:00.000", status=500).replace(DAY, day)] * 50

    first = write(tmp_path / "a.log", minute("2026-02-28", "23:57") + minute("2026-02-28", "23:59"))
    second = write(tmp_path / "b.log.gz", minute("2026-03-01", "00:00"))
    assert [row[:3] for row in table("bursts", first, second)] == [
        ["2026-02-28T23:57", "2026-02-28T23:57", "50"],
        ["2026-02-28T23:59", "2026-03-01T00:00", "100"],
    ]
    assert table("bursts", first, second, BURST="51") == []


def test_callers_show_who_grew_above_who_suffered(tmp_path: Path) -> None:
    rows = table("callers", f"{DAY}T04:07", f"{DAY}T04:10", write(tmp_path / "day.log", busy_morning()))
    assert rows == [
        ["bonus-app", str(4 * 85), "40", str(4 * 75), "60"],
        ["till", str(4 * 145), str(4 * 102), str(4 * 43), "180"],
    ]


def test_unreadable_lines_are_counted_shown_and_never_guessed(tmp_path: Path) -> None:
    good = [line("05:00:00.000")] * 396
    bad = [
        line("05:00:00.000", path="/v1/ca" + line("05:00:00.001")),  # two workers wrote at once
        line("05:00:00.000", took="30"),
        line("05:00:00.000", status=2000),
        "",
    ]
    log = write(tmp_path / "day.log", good + bad)
    result = run("slow", log)
    assert result.returncode == 0 and result.stdout.split()[1] == "396"
    assert "lines=400 unreadable=4" in result.stderr and "line 397: 2026-03-14T05" in result.stderr
    for command in (["slow"], ["bursts"], ["callers", f"{DAY}T05:00", f"{DAY}T05:00"]):
        refused = run(*command, log, MAX_BAD="0.9")
        assert refused.returncode == 3 and refused.stdout == ""


def test_a_file_that_cannot_be_read_is_no_quiet_day(tmp_path: Path) -> None:
    whole = write(
        tmp_path / "a.log.gz", [line("05:00:00.000", status=500, path=f"/v1/cards/{i}/check") for i in range(99)]
    )
    torn = tmp_path / "b.log.gz"
    torn.write_bytes(whole.read_bytes()[:-30])
    assert run("bursts", torn, whole).returncode not in (0, 2)
    assert run("bursts", tmp_path / "none.log").returncode not in (0, 2)
    assert run("slow", write(tmp_path / "empty.log", [])).returncode == 3


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("slow",),
        ("bursts",),
        ("rm", "x"),
        ("callers", "04:07", "04:12", "x"),
        ("callers", f"{DAY}T04:12", f"{DAY}T04:07", "x"),
    ],
)
def test_wrong_use_is_told(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.returncode == 2 and "callers FROM TO" in result.stderr


def test_a_decimal_comma_at_home_changes_nothing(tmp_path: Path) -> None:
    log = write(tmp_path / "day.log", [line("04:00:00.000", took="1.9s")])
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("awk", "sort"):  # these note the language they are given, so no such language has to be installed
        stand_in = tools / tool
        stand_in.write_text(f'#!/bin/sh\necho "$LC_ALL" >>"{tmp_path}/asked"\nexec "{shutil.which(tool)}" "$@"\n')
        stand_in.chmod(0o755)
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    assert table("slow", log, LC_ALL="ru_KZ.UTF-8", PATH=path)[0][3] == "1900"
    assert set((tmp_path / "asked").read_text().split()) == {"C"}
