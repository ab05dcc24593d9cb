"""Whether an answer says a thing: evidence for a set of statements in the sentences of a text, as probabilities.

Three kinds of evidence per pair of a statement's wording and a stretch of one or two sentences, none of which depends on
how long the answer is:

- the cosine of their sentence vectors;
- the share of the wording's words, weighted by rarity, whose stems stand in the stretch;
- the same share with soft matches: each word piece's best cosine to a piece of the stretch.

They are joined by a logistic function. A statement is heard as well as its best wording. The ear knows nothing of
interviews; agents/observer.py asks it about points, facts and wrong claims.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.embedder import MiniLM, TokenVectors
from knowledge.words import Span, sentences, words

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """The logistic function's parameters: log-odds = cosine*c + lexical*l + soft*s + bias."""

    cosine: float
    lexical: float
    soft: float
    bias: float


WEIGHTS = Weights(cosine=5.0, lexical=4.0, soft=4.0, bias=-6.5)
ECHO = 0.3
"""Words that stand in the question or in the statement of the problem count this much: repeating is not evidence."""


@dataclass(frozen=True)
class Statement:
    """Something that may be said, in one or more wordings."""

    id: str
    wordings: tuple[str, ...]


@dataclass(frozen=True)
class Heard:
    """How surely (0..1) a statement is said, and where: `quote == text[start:end]`."""

    id: str
    probability: float
    quote: str
    start: int
    end: int
    overlap: int


@dataclass(frozen=True)
class _Wording:
    stems: dict[str, float]
    vector: Vector
    pieces: TokenVectors
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class Stretch:
    """One sentence of an answer, or two neighbouring ones, ready to be compared."""

    span: Span
    stems: frozenset[str]
    vector: Vector
    pieces: TokenVectors


class Ear:
    """Listens with one embedder; keeps the vectors of the wordings it has met."""

    def __init__(self, embedder: MiniLM, weights: Weights = WEIGHTS) -> None:
        self.embedder, self.weights = embedder, weights
        self._wordings: dict[str, _Wording] = {}
        self._rarity = lru_cache(maxsize=20_000)(self._measure_rarity)

    def _measure_rarity(self, word: str) -> float:
        """0 for the commonest words to 1 for words outside the vocabulary, on a log scale of frequency rank."""
        rank, size = self.embedder.rank(word), 30_522
        return min(1.0, math.log(max(rank, 1000) / 1000) / math.log(size / 1000))

    def stretches(self, text: str, skip: Collection[Span] = ()) -> list[Stretch]:
        """The sentences of `text` and every two neighbours, without those in `skip`."""
        spans = [s for s in sentences(text) if s not in skip]
        pairs = [
            Span(text[a.start : b.end], a.start, b.end)
            for a, b in zip(spans, spans[1:], strict=False)
            if b.start - a.end < 8
        ]
        every = spans + pairs
        if not every:
            return []
        vectors, tokens = self.embedder.encode_both([s.text for s in every])
        return [
            Stretch(span, frozenset(w.stem for w in words(span.text) if w.is_content), vector, pieces)
            for span, vector, pieces in zip(every, vectors, tokens, strict=True)
        ]

    def listen(
        self, statements: Sequence[Statement], stretches: Sequence[Stretch], echo: Collection[str] = ()
    ) -> list[Heard]:
        """Each statement's best match among `stretches`, in the statements' order; () when there are no stretches.

        `echo` are stems that the candidate has been handed and that therefore count little.
        """
        if not stretches or not statements:
            return []
        self._prepare(w for s in statements for w in s.wordings)
        return [self._best(statement, stretches, frozenset(echo)) for statement in statements]

    def similarity(self, text: str, stretches: Sequence[Stretch]) -> NDArray[np.float32]:
        """Cosine of `text` and each stretch, shape (len(stretches),)."""
        self._prepare([text])
        vectors = np.stack([s.vector for s in stretches])
        return np.asarray(vectors @ self._wordings[text].vector)

    def _prepare(self, wordings: Iterable[str]) -> None:
        fresh = [w for w in dict.fromkeys(wordings) if w not in self._wordings]
        if not fresh:
            return
        vectors, tokens = self.embedder.encode_both(fresh)
        for text, vector, pieces in zip(fresh, vectors, tokens, strict=True):
            found = words(text)
            stems = {w.stem: max(0.15, self._rarity(w.text.lower())) for w in found if w.is_content}
            content = [(w.start, w.end, stems[w.stem]) for w in found if w.is_content]
            weights = [
                max((r for start, end, r in content if start <= a < end), default=0.0) for a, _ in pieces.offsets
            ]
            self._wordings[text] = _Wording(stems, vector, pieces, np.asarray(weights, dtype=np.float32))

    def _best(self, statement: Statement, stretches: Sequence[Stretch], echo: frozenset[str]) -> Heard:
        best, where, overlap = -99.0, stretches[0], 0
        for text in statement.wordings:
            wording = self._wordings[text]
            for stretch in stretches:
                cosine, lexical, soft = self.evidence(wording, stretch, echo)
                w = self.weights
                odds = w.cosine * cosine + w.lexical * lexical + w.soft * soft + w.bias
                # A pair of sentences must beat its better half, so that quotes stay short.
                odds -= 0.15 if "\n" in stretch.span.text or ". " in stretch.span.text else 0.0
                if odds > best:
                    best, where = odds, stretch
                    overlap = len((stretch.stems & wording.stems.keys()) - echo)
        probability = 1 / (1 + math.exp(-best))
        return Heard(statement.id, probability, where.span.text, where.span.start, where.span.end, overlap)

    @staticmethod
    def evidence(wording: _Wording, stretch: Stretch, echo: frozenset[str]) -> tuple[float, float, float]:
        """(cosine, lexical share, soft share) of one wording in one stretch, each about 0..1."""
        total = sum(wording.stems.values()) or 1.0
        shared = wording.stems.keys() & stretch.stems
        lexical = sum(wording.stems[s] * (ECHO if s in echo else 1.0) for s in shared) / total
        weight = float(wording.weights.sum())
        soft = 0.0
        if weight and len(stretch.pieces.pieces):
            best = (wording.pieces.vectors @ stretch.pieces.vectors.T).max(axis=1)
            soft = float((best * wording.weights).sum()) / weight
        return float(wording.vector @ stretch.vector), lexical, soft
