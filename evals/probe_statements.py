"""Is a statement heard better than its opposite, and than its own words in disorder?

Point statements of the bank and opposites written by hand (evals/datasets/probes/negations.jsonl). Twice: with the
statement among the wordings that the panel knows, where it is nearly verbatim, and without it, when it has to be heard
through the point's other wordings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from agents.ear import Ear, Statement
from evals.probe_texts import PROBES
from evals.share import interval
from knowledge.bank import load_bank
from knowledge.embedder import MiniLM
from knowledge.question import Question
from knowledge.words import content_stems, words


@dataclass(frozen=True)
class Pair:
    """One statement and what must be heard less well. `known`: the statement is among the point's wordings."""

    mechanism: str
    known: bool
    above: bool


def compared(folder: Path = PROBES, ear: Ear | None = None) -> Iterator[Pair]:
    """Every statement beside each of its opposites, and once beside its shuffled content words."""
    ear, bank = ear or Ear(MiniLM(threads=2)), load_bank().questions
    shuffled: set[str] = set()
    for line in (folder / "negations.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        question, original = bank[case["question_id"]], case["original"]
        others = [(case["mechanism"], case["text"])]
        if original not in shuffled:
            shuffled.add(original)
            others.append(("shuffled keywords", _shuffled(original)))
        for mechanism, other in others:
            for known in (True, False):
                first, second = (_heard(ear, question, case["point"], original, t, known) for t in (original, other))
                yield Pair(mechanism, known, first > second)


def _heard(ear: Ear, question: Question, point: str, original: str, text: str, known: bool) -> float:
    """The probability (0..1) that `text` says the point."""
    statements = []
    for p in question.points:
        wordings = (p.text, *p.wordings)
        if p.id == point:
            wordings = tuple(w for w in wordings if w not in (original, p.text))
            wordings = (original, *wordings) if known else wordings
        statements.append(Statement(p.id, wordings))
    echo = frozenset(content_stems(question.statement))
    heard = ear.listen(statements, ear.stretches(text), echo)
    return next((h.probability for h in heard if h.id == point), 0.0)


def _shuffled(text: str) -> str:
    keywords = [w.text for w in words(text) if w.is_content]
    Random(text).shuffle(keywords)  # noqa: S311 - the same order every time
    return " ".join(keywords)


def report(found: list[Pair]) -> str:
    """The shares in the right order, by mechanism, as a Markdown table."""
    lines = ["| statement above | n | it is a known wording | it is not |", "| --- " * 4 + "|"]
    negations = [m for m in dict.fromkeys(p.mechanism for p in found) if m != "shuffled keywords"]
    for name, chosen in (*((m, [m]) for m in negations), ("all opposites", negations), *_keywords(found)):
        cells, n = [], 0
        for known in (True, False):
            own = [p.above for p in found if p.mechanism in chosen and p.known is known]
            low, high = interval(sum(own), n := len(own))
            cells.append(f"{sum(own) / n:.0%} ({low:.0%}-{high:.0%})")
        lines.append(f"| {name} | {n} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def _keywords(found: list[Pair]) -> list[tuple[str, list[str]]]:
    return [(m, [m]) for m in ("shuffled keywords",) if any(p.mechanism == m for p in found)]
