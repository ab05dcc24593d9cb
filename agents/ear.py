"""Whether an answer says a thing: evidence for a set of statements in the sentences of a text, as probabilities.

Evidence per statement and stretch of one or two sentences, none of which depends on how long the answer is:

- soft: the share of a wording's words, weighted by rarity, that the stretch's word vectors match; the best wording
  counts;
- vocabulary: the summed weight of the words that the stretch shares with any of the wordings. A word weighs the more,
  the rarer it is in English and the fewer of the statements use it, so that it tells them apart;
- two leads: by how much vocabulary, and the best cosine of sentence vectors, exceed those of the best other statement.

They are joined by a logistic function. The ear knows nothing of interviews; agents/observer.py asks it about points,
facts and wrong claims.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from agents.fences import code_blocks as code_blocks
from knowledge.embedder import MiniLM, TokenVectors
from knowledge.words import Span, content_stems, sentences, words

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """The logistic function's parameters, one per kind of evidence."""

    soft: float
    vocabulary: float
    vocabulary_lead: float
    cosine_lead: float
    bias: float


WEIGHTS = Weights(soft=4.6, vocabulary=0.97, vocabulary_lead=0.59, cosine_lead=5.17, bias=-4.29)
"""Logistic regression on the 1,584 labelled (answer, point) pairs of evals/datasets/answers. Leaving one question out,
the fit finds reached points with an area under the ROC curve of 0.87 (0.85 to 0.89 by question; cosine alone: 0.78)."""
VOCABULARY = 30_522  # WordPieces of the embedding model, ordered by how common they are
COMMON = 1_000  # the first thousand are special, unused and single characters
LEAST_RARITY = 0.15
KEPT_ANSWERS, KEPT_STATEMENTS, KEPT_SETS = 24, 512, 64
"""How much is kept ready: an interview has about a dozen answers, which the assessor reads once more; a question has
some forty statements (0.2 MB each) in four sets."""
NEIGHBOURS = 8  # most characters between two sentences that are read together
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
class Stretch:
    """One sentence of an answer, or two neighbouring ones, ready to be compared."""

    span: Span
    stems: frozenset[str]
    vector: Vector
    pieces: TokenVectors


@dataclass(frozen=True)
class _Encoded:
    """The vectors of a statement's wordings and of the word pieces of all of them.

    `shares` has a row per wording and a column per piece: how much of the wording the piece makes up.
    """

    vectors: Vector
    pieces: Vector
    shares: Vector


@dataclass(frozen=True)
class _Known:
    """A statement, ready to be compared; its vocabulary's weights depend on the statements it stands beside."""

    id: str
    encoded: _Encoded
    vocabulary: dict[str, float]


class Ear:
    """Listens with one embedder; keeps what it has worked out about sets of statements."""

    def __init__(self, embedder: MiniLM, weights: Weights = WEIGHTS) -> None:
        self.embedder, self.weights = embedder, weights
        self.rarity = lru_cache(maxsize=20_000)(self._measure_rarity)
        self._known = lru_cache(maxsize=KEPT_SETS)(self._learn)
        self._encoded = lru_cache(maxsize=KEPT_STATEMENTS)(self._encode)
        self._cut = lru_cache(maxsize=KEPT_ANSWERS)(self._cut_and_encode)

    @property
    def vocabulary_size(self) -> int:
        """The rank that the embedder gives to words outside its vocabulary."""
        return VOCABULARY

    def _measure_rarity(self, word: str) -> float:
        """0 for the commonest words to 1 for words outside the vocabulary, on a log scale of frequency rank."""
        rank = self.embedder.rank(word)
        return min(1.0, math.log(max(rank, COMMON) / COMMON) / math.log(VOCABULARY / COMMON))

    @staticmethod
    def shift(probability: float, log_odds: float) -> float:
        """`probability` with `log_odds` added to its log-odds."""
        p = min(max(probability, 1e-9), 1 - 1e-9)
        return 1 / (1 + math.exp(-(math.log(p / (1 - p)) + log_odds)))

    def stretches(self, text: str, skip: Collection[Span] = ()) -> list[Stretch]:
        """The sentences of `text`, every block of its code and every two neighbours, without those in `skip`."""
        return list(self._cut(text, tuple(skip)))

    def _cut_and_encode(self, text: str, skip: tuple[Span, ...]) -> tuple[Stretch, ...]:
        spans = [s for s in sentences(text) if s not in skip]
        every = spans + code_blocks(text)
        encoded = zip(every, *self.embedder.encode_both([s.text for s in every]), strict=True)
        alone = [Stretch(span, frozenset(content_stems(span.text)), vector, pieces) for span, vector, pieces in encoded]
        pairs = [
            _joined(text, a, b) for a, b in pairwise(alone[: len(spans)]) if b.span.start - a.span.end < NEIGHBOURS
        ]
        return (*alone, *pairs)

    def listen(
        self, statements: Sequence[Statement], stretches: Sequence[Stretch], echo: Collection[str] = ()
    ) -> list[Heard]:
        """Each statement's best match among `stretches`, in the statements' order; [] when there are no stretches.

        `echo` are stems that the candidate has been handed and that therefore count little.
        """
        if not stretches or not statements:
            return []
        known = self.known(statements)
        cosine, soft, vocabulary = evidence(known, stretches, frozenset(echo))
        w = self.weights
        odds = (
            w.soft * soft
            + w.vocabulary * vocabulary
            + w.vocabulary_lead * lead(vocabulary)
            + w.cosine_lead * lead(cosine)
            + w.bias
        )
        best = odds.argmax(axis=1)
        return [
            self._heard(k, stretches[i], float(odds[row, i]), frozenset(echo))
            for row, (k, i) in enumerate(zip(known, best, strict=True))
        ]

    def known(self, statements: Sequence[Statement]) -> Sequence[_Known]:
        """`statements` as `evidence` compares them; worked out once per set."""
        return self._known(tuple(statements))

    @staticmethod
    def _heard(known: _Known, stretch: Stretch, odds: float, echo: frozenset[str]) -> Heard:
        overlap = len((stretch.stems & known.vocabulary.keys()) - echo)
        span = stretch.span
        return Heard(known.id, 1 / (1 + math.exp(-odds)), span.text, span.start, span.end, overlap)

    def similarity(self, texts: Sequence[str], stretches: Sequence[Stretch]) -> Vector:
        """Cosines, shape (len(texts), len(stretches))."""
        known = self.known([Statement(str(i), (t,)) for i, t in enumerate(texts)])
        mine, theirs = np.concatenate([k.encoded.vectors for k in known]), np.stack([s.vector for s in stretches])
        return np.asarray(mine @ theirs.T)

    def _learn(self, statements: tuple[Statement, ...]) -> tuple[_Known, ...]:
        vocabularies = [
            {w.stem: w.text.lower() for text in s.wordings for w in words(text) if w.is_content} for s in statements
        ]
        used_by = Counter(stem for v in vocabularies for stem in v)
        most = math.log(len(statements) + 1)
        return tuple(
            _Known(
                statement.id,
                self._encoded(statement.wordings),
                {
                    stem: max(LEAST_RARITY, self.rarity(word)) * math.log((len(statements) + 1) / used_by[stem]) / most
                    for stem, word in vocabulary.items()
                },
            )
            for statement, vocabulary in zip(statements, vocabularies, strict=True)
        )

    def _encode(self, wordings: tuple[str, ...]) -> _Encoded:
        vectors, tokens = self.embedder.encode_both(wordings)
        return _Encoded(vectors, np.concatenate([t.vectors for t in tokens]), self._shares(wordings, tokens))

    def _shares(self, wordings: Sequence[str], tokens: Sequence[TokenVectors]) -> Vector:
        shares = np.zeros((len(wordings), sum(len(t.pieces) for t in tokens)), np.float32)
        at = 0
        for row, (text, pieces) in enumerate(zip(wordings, tokens, strict=True)):
            weights = self._piece_weights(text, pieces)
            total = float(weights.sum())
            if total:
                shares[row, at : at + len(weights)] = weights / total
            at += len(weights)
        return shares

    def _piece_weights(self, text: str, pieces: TokenVectors) -> Vector:
        content = [
            (w.start, w.end, max(LEAST_RARITY, self.rarity(w.text.lower()))) for w in words(text) if w.is_content
        ]
        found = [max((r for start, end, r in content if start <= a < end), default=0.0) for a, _ in pieces.offsets]
        return np.asarray(found, dtype=np.float32)


def _joined(text: str, a: Stretch, b: Stretch) -> Stretch:
    """Two neighbouring sentences as one stretch, from what is known of each.

    Embedding the two together would treble the work of a turn and finds reached points no better (ROC area 0.87 either
    way): the mean over both sentences' tokens stands for it.
    """
    span = Span(text[a.span.start : b.span.end], a.span.start, b.span.end)
    vector = len(a.pieces.pieces) * a.vector + len(b.pieces.pieces) * b.vector
    behind = b.span.start - a.span.start
    pieces = TokenVectors(
        (*a.pieces.pieces, *b.pieces.pieces),
        (*a.pieces.offsets, *((start + behind, end + behind) for start, end in b.pieces.offsets)),
        np.concatenate([a.pieces.vectors, b.pieces.vectors]),
    )
    return Stretch(span, a.stems | b.stems, vector / max(float(np.linalg.norm(vector)), 1e-9), pieces)


def evidence(
    known: Sequence[_Known], stretches: Sequence[Stretch], echo: frozenset[str]
) -> tuple[Vector, Vector, Vector]:
    """(cosine, soft share, vocabulary weight), each of shape (len(known), len(stretches)); the last is open-ended."""
    shape = (len(known), len(stretches))
    cosine, soft, vocabulary = np.zeros(shape, np.float32), np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    vectors = np.stack([s.vector for s in stretches])
    spoken = [column for column, s in enumerate(stretches) if len(s.pieces.pieces)]
    # All stretches in one product: thousands of tiny ones would cost BLAS more in threads than in arithmetic.
    pieces = np.concatenate([stretches[c].pieces.vectors for c in spoken]) if spoken else np.zeros((0, 0), np.float32)
    starts = np.cumsum([0, *(len(stretches[c].pieces.pieces) for c in spoken[:-1])])
    for row, statement in enumerate(known):
        cosine[row] = (statement.encoded.vectors @ vectors.T).max(axis=0)
        if spoken and statement.encoded.pieces.size:
            best = np.maximum.reduceat(statement.encoded.pieces @ pieces.T, starts, axis=1)
            soft[row, spoken] = (statement.encoded.shares @ best).max(axis=0).clip(min=0.0)
        for column, stretch in enumerate(stretches):
            shared = stretch.stems & statement.vocabulary.keys()
            vocabulary[row, column] = sum(statement.vocabulary[s] * (ECHO if s in echo else 1.0) for s in shared)
    return cosine, soft, vocabulary


def lead(values: Vector) -> Vector:
    """By how much each row exceeds the best other row, per column; shape as `values`. 0 when there is one row only."""
    if len(values) < 2:
        return np.zeros_like(values)
    top = np.sort(values, axis=0)
    first, second = top[-1], top[-2]
    return np.asarray(values - np.where(values == first, second, first))
