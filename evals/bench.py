"""How fast, beside the plain way of doing the same: every figure is a ratio of two timings taken in turns in one run.

Ratios carry from machine to machine where seconds do not. The two sides of a pair alternate, so that a busy moment hits
both.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents.archive import Archive
from agents.events import Asked, Directive, Opened, Said
from agents.observer import Exchange
from agents.panel import Panel, local_panel
from agents.state import fold
from knowledge.bank import Bank, load_bank
from knowledge.embedder import MAX_TOKENS, MiniLM
from knowledge.index import Index
from knowledge.resource import load_resources, load_topics
from knowledge.terms import Level, Move

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Ratio:
    """`ours` and `plain`: median milliseconds of `n` runs; `ratio`: plain / ours, `low`..`high` its middle half."""

    name: str
    ours: float
    plain: float
    ratio: float
    low: float
    high: float
    n: int


def compare(name: str, ours: Callable[[], object], plain: Callable[[], object], n: int) -> Ratio:
    """Times both sides `n` times in turns, after one run of each that does not count."""
    ours(), plain()
    pairs = []
    for _ in range(n):
        pairs.append((_milliseconds(ours), _milliseconds(plain)))
        print(f"\r{name}: {len(pairs)}/{n}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    ratios = sorted(p / o for o, p in pairs)
    low, _, high = statistics.quantiles(ratios, n=4)
    return Ratio(
        name,
        round(statistics.median(o for o, _ in pairs), 3),
        round(statistics.median(p for _, p in pairs), 3),
        round(statistics.median(ratios), 2),
        round(low, 2),
        round(high, 2),
        n,
    )


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def run(repeats: int) -> list[Ratio]:
    """Every benchmark, in order."""
    bank, panel = load_bank(), local_panel()
    with tempfile.TemporaryDirectory() as scratch:
        return [
            *_embedding(bank, repeats),
            _opening_the_index(bank, Path(scratch) / "index", max(3, repeats // 4)),
            _a_turn(bank, panel, repeats),
            _taking_in_an_event(bank, repeats),
            _keeping_an_answer(bank, Path(scratch), repeats),
        ]


def _embedding(bank: Bank, n: int) -> list[Ratio]:
    model = MiniLM()
    query = "how do I stop training and serving from drifting apart"
    filler = " and" * MAX_TOKENS
    texts = [w for q in bank.questions.values() for p in q.points for w in (p.text, *p.wordings)][:64]
    return [
        compare(
            "one query, padded to itself / to 256 tokens",
            lambda: model.encode([query]),
            lambda: model.encode([query + filler]),
            n,
        ),
        compare(
            "64 texts, in batches by length / one by one",
            lambda: model.encode(texts),
            lambda: [model.encode([t]) for t in texts],
            max(3, n // 4),
        ),
    ]


def _opening_the_index(bank: Bank, folder: Path, n: int) -> Ratio:
    model, resources, topics = MiniLM(), load_resources(), load_topics()
    runs = iter(range(10_000))
    Index(folder / "kept", model).open(bank, resources, topics)
    return compare(
        "opening the index, unchanged / built anew",
        lambda: Index(folder / "kept", model).open(bank, resources, topics),
        lambda: Index(folder / str(next(runs)), model).open(bank, resources, topics),
        n,
    )


def _a_turn(bank: Bank, panel: Panel, n: int) -> Ratio:
    question = bank.questions["SD06"]
    answer = " ".join(p.wordings[0] for p in question.points[:4])
    exchange = Exchange("Where would you like to begin?", None, answer)
    return compare(
        "observing an answer of 120 words, points kept / worked out again",
        lambda: panel.observer.observe(question, exchange),
        lambda: local_panel().observer.observe(question, exchange),
        max(3, n // 4),
    )


def _log(bank: Bank, exchanges: int) -> list[Opened | Said | Asked]:
    question = bank.questions["SD06"]
    events: list[Opened | Said | Asked] = [
        Opened(
            seq=0,
            at=START,
            question_id=question.id,
            question_source=question.source,
            level=Level.EXPERT,
            minutes=60,
            pace="typed",
            rubric="greenroom",
            panel="local",
        )
    ]
    for i in range(exchanges):
        at = START + timedelta(minutes=i)
        directive = Directive(move=Move.EXPLORE, phase="goal", target="P1")
        events.append(Asked(seq=2 * i + 1, at=at, directive=directive, text="What next?", worded_by="local"))
        events.append(Said(seq=2 * i + 2, at=at, text="An answer of a few words."))
    return events


def _taking_in_an_event(bank: Bank, n: int) -> Ratio:
    events = _log(bank, 100)
    state = fold(events[:-1])
    return compare(
        "taking in one event of 201, onto the state / from the start",
        lambda: state.apply(events[-1]),
        lambda: fold(events),
        n,
    )


def _keeping_an_answer(bank: Bank, folder: Path, n: int) -> Ratio:
    archive = Archive.in_folder(folder / "archive")
    opened = _log(bank, 0)[0]
    archive.append("bench", opened)
    seqs = iter(range(1, 100_000))
    names = iter(range(100_000))

    def one_file() -> None:
        (folder / f"answer-{next(names)}.json").write_text(opened.model_dump_json(), encoding="utf-8")

    ratio = compare(
        "keeping one answer, durable log / a bare file without sync",
        lambda: archive.append("bench", Said(seq=next(seqs), at=START, text="An answer. " * 60)),
        one_file,
        n,
    )
    archive.close()
    return ratio


def table(ratios: list[Ratio]) -> str:
    """The results as a Markdown table."""
    rows = [f"| {r.name} | {r.ours:g} | {r.plain:g} | {r.ratio:g} | {r.low:g} to {r.high:g} | {r.n} |" for r in ratios]
    head = ["| what, ours / plain | ours (ms) | plain (ms) | plain : ours | middle half | n |", "| --- " * 6 + "|"]
    return "\n".join([*head, *rows])


def as_json(ratios: list[Ratio]) -> str:
    """The results as one JSON list."""
    return json.dumps([asdict(r) for r in ratios])
