"""Vectors of the shipped texts, kept in the repository: computing fourteen thousand keeps a first search waiting.

A cache and nothing more: a text that is not in it, or any text when the file is missing, damaged or of another
embedder, is embedded as ever. `python -m knowledge vectors` writes it; a test says when that was forgotten.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.embedder import DIMENSIONS, MiniLM, Vectors

FILE = Path(__file__).parent / "vectors.npz"
DIGITS = 16
"""Hexadecimal digits of a text's SHA-256 that name it: two of a million texts share them once in 37 million banks."""


class ReadyVectors:
    """An encoder that looks into `path` first. Its vectors are eight bits to a number, which moves them by less than
    0.01 of their length; everything it does not find there it asks of `embedder`."""

    def __init__(self, embedder: MiniLM, path: Path = FILE) -> None:
        self._embedder, self._path = embedder, path
        self._rows: dict[str, int] | None = None
        self._numbers: NDArray[np.int8] = np.zeros((0, DIMENSIONS), np.int8)

    @property
    def fingerprint(self) -> str:
        """The embedder's."""
        return self._embedder.fingerprint

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Vectors of length 1, shape (len(texts), 384). `progress` is told how many are done, of how many."""
        rows = self._read()
        found = np.array([rows.get(_name(text), -1) for text in texts], dtype=np.int64)
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        known, rest = np.flatnonzero(found >= 0), np.flatnonzero(found < 0)
        if len(known):
            vectors[known] = _unit(self._numbers[found[known]])
        if len(rest):
            told = (lambda done, _: progress(len(known) + done, len(texts))) if progress else None
            vectors[rest] = self._embedder.encode([texts[i] for i in rest.tolist()], told)
        elif progress:
            progress(len(texts), len(texts))
        return vectors

    def missing(self, texts: Iterable[str]) -> list[str]:
        """The texts that have to be computed, each once."""
        rows = self._read()
        return [text for text in dict.fromkeys(texts) if _name(text) not in rows]

    def write(self, texts: Iterable[str], progress: Callable[[int, int], None] | None = None) -> int:
        """Keeps exactly `texts`, computing what is missing; how many those were. The same texts give the same file."""
        wanted = {_name(text): text for text in texts}
        new = len(self.missing(wanted.values()))
        names = sorted(wanted)
        vectors = self.encode([wanted[name] for name in names], progress)
        largest = np.abs(vectors).max(axis=1, keepdims=True)
        numbers = np.rint(vectors * (127 / largest)).astype(np.int8)
        np.savez(
            self._path, names=np.array(names, dtype=np.bytes_), numbers=numbers, embedder=np.array(self.fingerprint)
        )
        self._rows = None
        return new

    def _read(self) -> dict[str, int]:
        """Name of a text -> its row."""
        if self._rows is None:
            self._rows = {}
            try:
                with np.load(self._path) as kept:
                    if str(kept["embedder"]) == self.fingerprint:
                        self._numbers = kept["numbers"]
                        self._rows = {name.decode(): row for row, name in enumerate(kept["names"].tolist())}
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                pass  # a cache: without it everything is computed
        return self._rows


def _name(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:DIGITS]


def _unit(numbers: NDArray[np.int8]) -> Vectors:
    rows = numbers.astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
