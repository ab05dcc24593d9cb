"""The vectors that the repository keeps of its texts: complete, true, and never needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge.bank import load_bank
from knowledge.embedder import MiniLM, Vectors
from knowledge.entries import sources
from knowledge.ready_vectors import ReadyVectors
from knowledge.resource import load_resources, load_topics

TEXTS = ["Use a cache.", "A queue fills up.", "Labels arrive late."]


class Counting(MiniLM):
    """The real model, with a list of what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        self.asked += texts
        return super().encode(texts, progress)


class Another(Counting):
    @property
    def fingerprint(self) -> str:
        return "another-model/00000000"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.npz"
    assert ReadyVectors(MiniLM(), path).write(TEXTS) == 3
    return path


def test_every_shipped_text_has_its_vector() -> None:
    topics = load_topics()
    shipped = [e.text for s in sources(load_bank(), load_resources(topics=topics), topics) for e in s.entries]
    ready, model = ReadyVectors(Counting()), MiniLM()
    assert ready.missing(shipped) == [], "run: python -m knowledge vectors"
    some = shipped[::700]
    assert np.sum(ready.encode(some) * model.encode(some), axis=1).min() > 0.9999


def test_what_is_kept_is_not_computed(kept: Path) -> None:
    model = Counting()
    seen: list[tuple[int, int]] = []
    found = ReadyVectors(model, kept).encode([TEXTS[2], "Something new.", TEXTS[0]], lambda *n: seen.append(n))
    assert model.asked == ["Something new."]
    assert seen == [(3, 3)]
    truth = MiniLM().encode([TEXTS[2], "Something new.", TEXTS[0]])
    assert np.sum(found * truth, axis=1) == pytest.approx([1, 1, 1], abs=1e-4)
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1, 1], abs=1e-6)


def test_what_cannot_be_used_is_computed(kept: Path, tmp_path: Path) -> None:
    for spoil in (b"", b"not an archive", kept.read_bytes()[:-200]):
        broken = tmp_path / "broken.npz"
        broken.write_bytes(spoil)
        model = Counting()
        ReadyVectors(model, broken).encode(TEXTS)
        assert model.asked == TEXTS
    other = Another()
    ReadyVectors(other, kept).encode(TEXTS)
    assert other.asked == TEXTS
    model = Counting()
    ReadyVectors(model, tmp_path / "none").encode(TEXTS)
    assert model.asked == TEXTS


def test_writing_again_computes_only_what_is_new_and_drops_what_is_gone(kept: Path) -> None:
    before, model = kept.read_bytes(), Counting()
    ready = ReadyVectors(model, kept)
    assert ready.write(reversed(TEXTS)) == 0
    assert kept.read_bytes() == before
    assert ready.write([TEXTS[0], "Something new."]) == 1
    assert model.asked == ["Something new."]
    assert ReadyVectors(model, kept).missing(TEXTS) == TEXTS[1:]
