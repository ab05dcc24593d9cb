"""How the search index grows: building it, and searching 100,000 passages against 1,000.

The passages are synthetic: vectors of the bank's own sentences, each moved by noise, so that they lie in clusters as
real ones do. Recall compares the approximate search with the exact one over the same vectors.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from evals.bench_ratio import Ratio, ratio_of
from knowledge.bank import load_bank
from knowledge.embedder import MiniLM, Vectors
from knowledge.entries import Entry, Source, sources
from knowledge.index import Index
from knowledge.ready_vectors import FILE as READY
from knowledge.ready_vectors import ReadyVectors
from knowledge.resource import load_resources, load_topics
from knowledge.store import Store

THREADS = 2
FEW, MANY = 1_000, 100_000
NOISE = 0.03
"""Standard deviation per dimension: two neighbours in a cluster have a cosine similarity of about 0.7."""
QUERIES, TOP, CATEGORIES = 200, 10, 9


def run(repeats: int) -> list[Ratio]:
    """Building, then searching; a quarter of an hour."""
    with tempfile.TemporaryDirectory() as scratch:
        return [*_building(Path(scratch), max(2, repeats // 8)), *_growing(Path(scratch))]


def _building(folder: Path, n: int) -> list[Ratio]:
    """From nothing, and with the vectors that the repository keeps, beside the bare embedding of the same texts."""
    bank, resources, topics = load_bank(), load_resources(), load_topics()
    texts = [entry.text for source in sources(bank, resources, topics) for entry in source.entries]
    new: list[tuple[float, float]] = []
    ready: list[tuple[float, float]] = []
    for i in range(n):
        embed = _timed(lambda: MiniLM(threads=THREADS).encode(texts))
        for pairs, kept in ((new, folder / "none"), (ready, READY)):
            index = Index(folder / f"built-{i}-{kept.name}", MiniLM(threads=THREADS), ready=kept)
            pairs.append((_timed(lambda index=index: index.open(bank, resources, topics)), embed))  # type: ignore[misc]
            index.close()
        print(f"\rbuilding: {i + 1}/{n}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    bare = f"embedding its {len(texts)} texts in one batch"
    return [
        ratio_of(f"building the index, nothing ready / {bare}", "s", new, most=1.2),
        ratio_of(f"building it with the vectors of the repository / {bare}", "s", ready),
    ]


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


class _Given(MiniLM):
    """Hands out vectors that were made before: the text is the number of its vector."""

    def __init__(self, vectors: Vectors) -> None:
        super().__init__()
        self._vectors = vectors

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        return self._vectors[[int(text) for text in texts]]


def _growing(folder: Path) -> list[Ratio]:
    rng = np.random.default_rng(5)
    bank = load_bank().questions.values()
    seeds = MiniLM(threads=2).encode([w for q in bank for p in q.points for w in p.wordings][:4_000])
    vectors, queries = _near(seeds, MANY, rng), _near(seeds, QUERIES, rng)
    found: dict[tuple[int, bool], list[float]] = {}
    recalls: dict[int, float] = {}
    for size in (FEW, MANY):
        store = _store(folder / str(size), vectors[:size])
        store.nearest("point", queries[0], TOP, None)  # builds the graph
        recall = []
        for where in (None, {"category": "2"}):
            times = []
            for query in queries:
                start = time.perf_counter()
                hits = store.nearest("point", query, TOP, where)
                times.append(1000 * (time.perf_counter() - start))
                if where is None:
                    exact = set(np.argsort(-(vectors[:size] @ query))[:TOP].tolist())
                    recall.append(len(exact & {int(hit.shown) for hit in hits}) / TOP)
            found[size, where is not None] = times
        recalls[size] = float(np.mean(recall))
        store.close()
    tails = {key: float(np.quantile(times, 0.95)) for key, times in found.items()}
    return [
        _ratio(f"a search's p95, {MANY} passages / {FEW}", "ms", tails[MANY, False], tails[FEW, False], most=4.0),
        _ratio(f"the same with a filter, {MANY} / {FEW}", "ms", tails[MANY, True], tails[FEW, True]),
        _ratio(f"recall@{TOP} of {MANY}, approximate / exact", "", recalls[MANY], 1.0),
    ]


def _ratio(name: str, unit: str, ours: float, plain: float, most: float | None = None) -> Ratio:
    ratio = round(ours / plain, 3)
    return Ratio(name, unit, round(ours, 3), round(plain, 3), ratio, ratio, ratio, QUERIES, most)


def _near(seeds: Vectors, n: int, rng: np.random.Generator) -> Vectors:
    rows = seeds[rng.integers(len(seeds), size=n)] + rng.normal(scale=NOISE, size=(n, seeds.shape[1]))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _store(folder: Path, vectors: Vectors) -> Store:
    """A store with a passage for each vector, in sources of a thousand, evenly of nine categories."""
    store = Store(folder, ReadyVectors(_Given(vectors), folder / "none"))
    folder.mkdir(parents=True)
    store.connect(rebuild=False)
    made = []
    for start in range(0, len(vectors), 1_000):
        numbers = range(start, min(start + 1_000, len(vectors)))
        made.append(Source(str(start), tuple(_passage(n) for n in numbers)))
    store.update(made, _progress)
    return store


def _passage(n: int) -> Entry:
    return Entry("point", str(n), str(n), "", str(n), str(n), "", {"category": str(n % CATEGORIES)})


def _progress(done: int, total: int) -> None:
    print(f"\rstoring passages: {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
