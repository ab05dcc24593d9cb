"""Tests of the reference answer to CD03."""

from __future__ import annotations

import os
import random
import statistics
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from knowledge.questions.coding import CD03_reference
from knowledge.questions.coding.CD03_reference import (
    Counts,
    Tally,
    TooManyBadLinesError,
    add,
    line_for,
    lines_between,
    ranges,
    split,
    summarise,
)


def observation(sample: int, marker: str, depth: int, quality: int) -> bytes:
    return f"LDN{sample:04d}-A1\t{marker}\t{depth}\t{quality}\tL003\tHX2291\n".encode()


def some_lines(samples: int, markers: int, seed: int = 1) -> Iterator[bytes]:
    """As the machine writes them: sample after sample, all markers of each."""
    dice = random.Random(seed)
    for sample in range(samples):
        for marker in range(markers):
            yield observation(sample, f"chr7:{marker + 10_000_000}:T:G", dice.randrange(90), dice.randrange(41))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(CD03_reference, "BUFFER", 1024)  # small files need no large buffers
    monkeypatch.setattr(os, "fsync", lambda number: None)  # slow, and no test pulls the plug
    return tmp_path


def file_of(folder: Path, lines: Iterable[bytes]) -> Path:
    path = folder / "source.tsv"
    with path.open("wb") as file:
        file.writelines(lines)
    return path


def table(path: Path) -> dict[str, list[float]]:
    rows = [line.split("\t") for line in path.read_text().splitlines()]
    assert len({row[0] for row in rows}) == len(rows), "a marker has two lines"
    return {row[0]: [float(field) for field in row[1:]] for row in rows}


def test_four_numbers_for_each_marker(folder: Path) -> None:
    source = file_of(folder, [observation(1, "m1", 30, 20), observation(1, "m2", 7, 5), observation(2, "m1", 40, 19)])
    counts = summarise(source, folder / "out.tsv")
    assert table(folder / "out.tsv") == {"m1": [2, 35.0, 5.0, 0.5], "m2": [1, 7.0, 0.0, 1.0]}
    assert counts == Counts(good=3, bad=0)


@pytest.mark.parametrize("parts", [1, 3, 64])
def test_the_result_is_that_of_the_simple_way(folder: Path, parts: int) -> None:
    values: dict[str, list[tuple[int, int]]] = {}
    for line in some_lines(samples=12, markers=150):
        _, marker, depth, quality, *_ = line.decode().split("\t")
        values.setdefault(marker, []).append((int(depth), int(quality)))
    summarise(file_of(folder, some_lines(samples=12, markers=150)), folder / "out.tsv", parts)
    found = table(folder / "out.tsv")
    assert found.keys() == values.keys()
    for marker, pairs in values.items():
        depths = [depth for depth, _ in pairs]
        expected = [12, statistics.fmean(depths), statistics.pstdev(depths), sum(q < 20 for _, q in pairs) / 12]
        assert found[marker] == pytest.approx(expected, abs=6e-4)


def test_large_depths_keep_their_small_spread() -> None:
    tallies: dict[bytes, Tally] = {}
    for n in range(1000):
        add(tallies, b"m", 300_000_000 + n % 2, 30)
    assert line_for(b"m", tallies[b"m"]) == b"m\t1000\t300000000.500\t0.500\t0.0000\n"


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"\x00\n",
        b"LDN0001-A1\tm1\t30\n",
        b"LDN0001-A1\t\t30\t31\tL003\tHX2291\n",
        b"LDN0001-A1\tm1\t-3\t31\tL003\tHX2291\n",
        b"LDN0001-A1\tm1\t30\t\tL003\tHX2291\n",
        b"LDN0001-A1\tm1\t30\thigh\tL003\tHX2291\n",
    ],
)
def test_a_line_that_cannot_be_used_is_counted(folder: Path, line: bytes) -> None:
    source = file_of(folder, [line, observation(1, "m1", 30, 20)])
    assert summarise(source, folder / "out.tsv", allowed=0.5) == Counts(good=1, bad=1)
    assert table(folder / "out.tsv") == {"m1": [1, 30.0, 0.0, 0.0]}


def test_a_file_of_rubbish_leaves_no_result(folder: Path) -> None:
    (folder / "out.tsv").write_text("of last week")
    with pytest.raises(TooManyBadLinesError, match="2 of 3"):
        summarise(file_of(folder, [b"a\n", b"b\n", observation(1, "m1", 30, 20)]), folder / "out.tsv")
    assert (folder / "out.tsv").read_text() == "of last week"
    assert {path.name for path in folder.iterdir()} == {"source.tsv", "out.tsv"}


def test_a_crash_leaves_the_last_result_and_no_rests(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> dict[bytes, Tally]:
        raise OSError("no space left")

    (folder / "out.tsv").write_text("of last week")
    source = file_of(folder, some_lines(2, 5))
    monkeypatch.setattr(CD03_reference, "tally_part", full)
    with pytest.raises(OSError, match="no space"):
        summarise(source, folder / "out.tsv")
    assert (folder / "out.tsv").read_text() == "of last week"
    assert {path.name for path in folder.iterdir()} == {"source.tsv", "out.tsv"}


def test_rests_of_a_power_cut_are_cleared_away(folder: Path) -> None:
    (folder / "out.tsv.work").mkdir()
    (folder / "out.tsv.work" / "part-0000").write_bytes(b"m9\t1\t1\n")
    summarise(file_of(folder, [observation(1, "m1", 30, 20)]), folder / "out.tsv")
    assert table(folder / "out.tsv").keys() == {"m1"}
    assert {path.name for path in folder.iterdir()} == {"source.tsv", "out.tsv"}


def test_an_empty_file_and_a_last_line_without_its_end(folder: Path) -> None:
    assert summarise(file_of(folder, []), folder / "out.tsv") == Counts()
    assert table(folder / "out.tsv") == {}
    source = file_of(folder, [observation(1, "m1", 30, 20), observation(2, "m1", 50, 20).rstrip(b"\n")])
    summarise(source, folder / "out.tsv")
    assert table(folder / "out.tsv") == {"m1": [2, 40.0, 10.0, 0.0]}


def test_a_line_cut_inside_a_number_is_not_taken_for_sound(folder: Path) -> None:
    cut = observation(2, "m1", 50, 31).partition(b"1\tL003")[0]
    assert cut.endswith(b"\t50\t3")
    source = file_of(folder, [observation(1, "m1", 30, 31), cut])
    assert summarise(source, folder / "out.tsv", allowed=0.5) == Counts(good=1, bad=1)


def test_all_lines_of_a_marker_are_in_one_part(folder: Path) -> None:
    paths = split(some_lines(samples=5, markers=200), folder, 8, Counts())
    seen = [{line.split(b"\t")[0] for line in path.read_bytes().splitlines()} for path in paths]
    assert sum(len(markers) for markers in seen) == 200
    assert min(len(markers) for markers in seen) > 10


@pytest.mark.parametrize("workers", [1, 2, 7, 50])
def test_ranges_side_by_side_give_each_line_once(folder: Path, workers: int) -> None:
    lines = [b"a" * (n % 23) + b"\n" for n in range(40)]
    source = file_of(folder, lines)
    edges = ranges(source.stat().st_size, workers)
    assert [line for start, end in edges for line in lines_between(source, start, end)] == lines


def test_a_range_may_begin_where_a_line_begins(folder: Path) -> None:
    source = file_of(folder, [b"aa\n", b"bb\n", b"cc\n"])
    found = [list(lines_between(source, start, end)) for start, end in ((0, 3), (3, 4), (4, 6), (6, 9))]
    assert found == [[b"aa\n"], [b"bb\n"], [], [b"cc\n"]]


def peak(folder: Path, samples: int, markers: int, parts: int) -> int:
    """Bytes that Python had allocated at most, while summarising so many lines."""
    source = file_of(folder, some_lines(samples, markers))
    tracemalloc.start()
    try:
        summarise(source, folder / "out.tsv", parts)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_follows_markers_in_a_part_and_not_lines(folder: Path) -> None:
    few, many = peak(folder, 2, 600, 8), peak(folder, 6, 600, 8)
    assert many < 1.2 * few  # three times the lines
    assert peak(folder, 2, 600, 1) > 1.5 * few  # all markers in one dictionary
