"""Reference answer to CD03: one line per marker from a file a hundred times larger than the memory.

Two passes. The first deals the lines out to part files, so that all lines of a marker land in the same part; the second
summarises one part after the other, and each part has few enough markers for a dictionary.
Tests: CD03_checks_reference.py.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

POOR = 20
"""An observation of a lower quality than this is poor."""

BUFFER = 1 << 20
"""Bytes read or written at once, for each open file."""


class TooManyBadLinesError(Exception):
    """The file is not what it should be: more than the allowed share of its lines could not be read."""


@dataclass
class Counts:
    """What happened to the lines of the source."""

    good: int = 0
    bad: int = 0


# --- One line, one marker ----------------------------------------------------------------------


def parse(line: bytes) -> tuple[bytes, int, int] | None:
    """(marker, depth, quality) of a line, None when it cannot be used. Stays in bytes: nobody needs the letters."""
    fields = line.split(b"\t", 4)  # sample, marker, depth, quality, and the rest in one piece
    if len(fields) < 5 or not fields[1] or not fields[2].isdigit() or not fields[3].isdigit():
        return None  # without a fifth field the fourth may have been cut short: 3 of 31 would look sound
    return fields[1], int(fields[2]), int(fields[3])


Tally = list[int]
"""Observations, sum of depths, sum of squared depths, poor ones. Whole numbers: exact, and two can be added."""


def add(tallies: dict[bytes, Tally], marker: bytes, depth: int, quality: int) -> None:
    tally = tallies.get(marker)
    if tally is None:
        tally = tallies[marker] = [0, 0, 0, 0]
    tally[0] += 1
    tally[1] += depth
    tally[2] += depth * depth
    tally[3] += quality < POOR


def line_for(marker: bytes, tally: Tally) -> bytes:
    """marker, count, mean and standard deviation of the depth, share of poor ones."""
    n, total, squares, poor = tally
    spread = math.sqrt(n * squares - total * total) / n  # never below zero, since these are whole numbers
    return b"%b\t%d\t%.3f\t%.3f\t%.4f\n" % (marker, n, total / n, spread, poor / n)


# --- Two passes --------------------------------------------------------------------------------


def lines_between(path: Path, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The lines that begin in bytes [start, end) of the file, so ranges side by side give each line once."""
    with path.open("rb", buffering=BUFFER) as file:
        at = start
        if start:
            file.seek(start - 1)
            at = start - 1 + len(file.readline())  # to the end of the line that began further left
        for line in file:
            if end is not None and at >= end:
                return
            yield line
            at += len(line)


def split(lines: Iterable[bytes], folder: Path, parts: int, counts: Counts) -> list[Path]:
    """Deals what is needed of the lines out to part files. A marker's lines are all in one of them."""
    paths = [folder / f"part-{n:04d}" for n in range(parts)]
    with ExitStack() as stack:
        writers = [stack.enter_context(path.open("wb", buffering=BUFFER)) for path in paths]
        for line in lines:
            found = parse(line)
            if found is None:
                counts.bad += 1
                continue
            counts.good += 1
            marker, depth, quality = found
            # crc32 and not hash(): that one differs between two processes
            writers[crc32(marker) % parts].write(b"%b\t%d\t%d\n" % (marker, depth, quality))
    return paths


def tally_part(path: Path) -> dict[bytes, Tally]:
    tallies: dict[bytes, Tally] = {}
    with path.open("rb", buffering=BUFFER) as file:
        for line in file:
            marker, depth, quality = line.split(b"\t")
            add(tallies, marker, int(depth), int(quality))
    return tallies


def summarise(source: Path, target: Path, parts: int = 64, allowed: float = 0.001) -> Counts:
    """Writes one line per marker. The target appears at the end and whole, or not at all."""
    counts = Counts()
    folder = target.with_name(target.name + ".work")  # on the large disk, not in /tmp
    shutil.rmtree(folder, ignore_errors=True)  # what a power cut has left, or the disk is full on the third Thursday
    folder.mkdir()
    try:
        paths = split(lines_between(source), folder, parts, counts)
        if counts.bad > allowed * (counts.good + counts.bad):
            raise TooManyBadLinesError(f"{counts.bad} of {counts.good + counts.bad} lines")
        draft = folder / "draft"
        with draft.open("wb", buffering=BUFFER) as out:
            for path in paths:
                for marker, tally in tally_part(path).items():
                    out.write(line_for(marker, tally))
                path.unlink()  # gives the disk back as we go
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    finally:
        shutil.rmtree(folder)
    return counts


def ranges(size: int, workers: int) -> list[tuple[int, int]]:
    """Byte ranges for as many processes; each reads its own with lines_between."""
    edges = [size * n // workers for n in range(workers + 1)]
    return list(zip(edges, edges[1:], strict=False))
