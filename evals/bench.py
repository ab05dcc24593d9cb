"""How fast, beside the plain way of doing the same: every figure is a ratio of two timings taken in turns in one run.

Ratios carry from machine to machine where seconds do not. The two sides of a pair alternate, so that a busy moment hits
both.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents.archive import Archive
from agents.events import Asked, Directive, Opened, Said
from agents.panel import local_panel
from agents.session import InterviewSession
from agents.state import fold
from agents.terminal import SimulatedClock
from evals import bench_model
from evals.bench_page import bare, ours
from evals.bench_ratio import Ratio, compare, ratio_of
from evals.candidates import Candidate
from knowledge.bank import Bank, load_bank
from knowledge.embedder import MiniLM
from knowledge.index import Index
from knowledge.resource import load_resources, load_topics
from knowledge.rubric import load_rubric
from knowledge.terms import Level, Move
from knowledge.words import sentences

START = datetime(2026, 1, 1, tzinfo=UTC)


def run(repeats: int) -> list[Ratio]:
    """Every benchmark, in order."""
    bank = load_bank()
    with tempfile.TemporaryDirectory() as scratch:
        return [
            _a_turn(bank, Path(scratch), repeats),
            *_searching(bank, Path(scratch) / "index", repeats),
            *_first_page(max(4, repeats // 4)),
            _embedding_in_batches(bank, max(4, repeats // 4)),
            _taking_in_an_event(bank, repeats),
            _keeping_an_answer(bank, Path(scratch), repeats),
            *bench_model.run(repeats),
        ]


def _a_turn(bank: Bank, folder: Path, n: int) -> Ratio:
    """From the candidate's words to the interviewer's, log and all, with answers never heard before."""
    model = MiniLM()
    panel, question, clock = local_panel(model), bank.questions["SD06"], SimulatedClock()
    archive = Archive.in_folder(folder / "turn")
    texts = [t for kind in ("excellent", "good", "weak") for t, _ in Candidate(question, kind).answers()]
    fresh = iter(texts * (1 + n // len(texts)))
    said: list[str] = []

    def begin() -> InterviewSession:
        return InterviewSession.start(archive, panel, load_rubric(), question, question.difficulty, 10_000, clock=clock)

    session = begin()

    def ours() -> None:
        nonlocal session
        if session.state.finished or session.state.used(Move.WRAP_UP):
            session = begin()
        said.append(f"{next(fresh)} That was number {len(said)}.")
        session.reply(said[-1])

    ratio = compare(
        "a turn, answer to question / embedding the answer's sentences in one batch",
        ours,
        lambda: model.encode([s.text for s in sentences(said[-1])]),
        min(n, len(texts) - 1),
        most=1.5,
        slack=20.0,
    )
    archive.close()
    return ratio


def _searching(bank: Bank, folder: Path, n: int) -> list[Ratio]:
    model, resources, topics = MiniLM(), load_resources(), load_topics()
    query = "how do I stop training and serving from drifting apart"
    index, runs = Index(folder / "kept", model), iter(range(10_000))
    index.open(bank, resources, topics)
    return [
        compare(
            "searching the whole index / embedding the query",
            lambda: index.search(query, "question", 5),
            lambda: model.encode([query]),
            n,
            most=3.0,
        ),
        compare(
            "opening the index unchanged / building it",
            lambda: Index(folder / "kept", model).open(bank, resources, topics),
            lambda: Index(folder / str(next(runs)), model).open(bank, resources, topics),
            4,
        ),
    ]


def _first_page(n: int) -> list[Ratio]:
    pairs = []
    for i in range(n):
        pairs.append((ours(), bare()))
        print(f"\rfirst page: {i + 1}/{n}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return [
        ratio_of("the first page / a bare page", "s", [(a.seconds, b.seconds) for a, b in pairs], most=2.0),
        ratio_of("its memory / a bare page's", "MB", [(a.megabytes, b.megabytes) for a, b in pairs], most=2.5),
    ]


def _embedding_in_batches(bank: Bank, n: int) -> Ratio:
    model = MiniLM()
    texts = [w for q in bank.questions.values() for p in q.points for w in (p.text, *p.wordings)][:64]
    return compare(
        "64 texts, in batches by length / one by one",
        lambda: model.encode(texts),
        lambda: [model.encode([t]) for t in texts],
        n,
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
