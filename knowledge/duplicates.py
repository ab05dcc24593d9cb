"""Points, follow-ups and probes of different questions that mean nearly the same, by their sentence vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from knowledge.embedder import MiniLM
from knowledge.question import Question

SAME = 0.7
"""The cosine similarity from which two items of different questions count as the same. Chosen by reading the nearest
pairs of the bank: above it they asked for the same thing in other words, below it for neighbouring things."""


@dataclass(frozen=True)
class Pair:
    """Two items, as SD03/P7, their texts and how near they are (cosine, -1..1)."""

    first: str
    second: str
    texts: tuple[str, str]
    cosine: float


def nearest_pairs(questions: Iterable[Question], embedder: MiniLM, above: float = SAME) -> list[Pair]:
    """The pairs of points, of follow-ups and of probes from different questions with a cosine above `above`, nearest
    first. Raises EmbedderUnavailable."""
    known = list(questions)
    groups = (
        [(f"{q.id}/{p.id}", p.text) for q in known for p in q.points],
        [(f"{q.id}/{f.id}", f.text) for q in known for f in q.follow_ups],
        [(f"{q.id}/{w.id}", w.probe) for q in known for w in q.wrong_claims],
    )
    return sorted((pair for group in groups for pair in _pairs(group, embedder, above)), key=lambda p: -p.cosine)


def _pairs(items: list[tuple[str, str]], embedder: MiniLM, above: float) -> Iterator[Pair]:
    if not items:
        return
    vectors = embedder.encode([text for _, text in items])
    near = np.triu(vectors @ vectors.T, k=1)
    for i, j in np.argwhere(near > above):
        (first, text), (second, other) = items[i], items[j]
        if first.split("/")[0] != second.split("/")[0]:
            yield Pair(first, second, (text, other), round(float(near[i, j]), 3))
