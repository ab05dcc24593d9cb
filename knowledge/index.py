"""The search index: questions, their points and follow-ups, and resources, found by meaning, words and filters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.bank import Bank
from knowledge.embedder import MiniLM
from knowledge.entries import Kind, folded, sources
from knowledge.resource import Resource, Topic
from knowledge.store import BREADTH, Found, IndexUnavailable, Store
from knowledge.words import words

__all__ = ["Filters", "Hit", "Index", "IndexUnavailable", "Kind", "Opened", "THRESHOLD", "default_folder"]

THRESHOLD: Mapping[Kind, float] = {"question": 0.28, "resource": 0.23, "follow_up": 0.35, "point": 0.35}
"""The least score of a hit. Chosen on some 60 unrelated and 60 related queries, many of which are in
tests/test_index.py: the lists overlap in a few words of two senses ("chess openings", the open-closed principle) and a
few matters that a single point mentions. Single sentences, of which there are thousands, need a higher score."""

VOTES = 16
"""The nearest points and follow-ups, of each, that speak for their questions. Chroma takes 0.1 ms for each that it
hands over; more than these did not change what was found."""
LEXICAL = 0.3
"""The share of the score that words in common can give; the rest is the cosine similarity."""

UNKNOWN_RANK = 30_522
"""`MiniLM.rank` of a word that its vocabulary has not."""

_OF_QUESTIONS = ("category", "difficulty", "topics", "max_minutes", "company", "question_id")
FIELDS: Mapping[Kind, tuple[str, ...]] = {
    "question": _OF_QUESTIONS,
    "resource": ("topics", "resource_kind", "access"),
    "follow_up": (*_OF_QUESTIONS, "level", "area", "move"),
    "point": (*_OF_QUESTIONS, "level", "area"),
}
"""Kind -> the fields of Filters that it has."""


@dataclass(frozen=True)
class Filters:
    """What every hit satisfies. None and () leave a field open; upper and lower case count as equal.

    `topics` are tags of which one is enough (of a point or follow-up: those to study for it); `max_minutes` is the
    time there is: the question fits into it; `difficulty` is the question's, `level` and `area` are the point's,
    also for its follow-ups. FIELDS says which kind has which field.
    """

    category: str | None = None
    difficulty: str | None = None
    topics: tuple[str, ...] = ()
    max_minutes: int | None = None
    company: str | None = None
    question_id: str | None = None
    level: str | None = None
    area: str | None = None
    move: str | None = None
    resource_kind: str | None = None
    access: str | None = None

    def where(self, kind: Kind) -> dict[str, Any] | None:
        """The condition as Chroma reads it, None for no condition. ValueError for a field that `kind` has not."""
        found = []
        for name in (field.name for field in fields(self)):
            value = getattr(self, name)
            if value is None or value == ():
                continue
            if name not in FIELDS[kind]:
                raise ValueError(f"a {kind} has no {name}; it has {', '.join(FIELDS[kind])}")
            found.append(_condition(name, value))
        return _joined("$and", found) if found else None


def _condition(name: str, value: Any) -> dict[str, Any]:
    if name == "topics":
        return _joined("$or", [{"topics": {"$contains": topic}} for topic in folded(value)])
    if name == "company":
        return {"companies": {"$contains": folded([value])[0]}}
    if name == "max_minutes":
        return {"minutes": {"$lte": value}}
    return {name: value if name == "question_id" else folded([value])[0]}


def _joined(operator: str, conditions: list[dict[str, Any]]) -> dict[str, Any]:
    """Chroma takes an $and or $or of two or more only."""
    return conditions[0] if len(conditions) == 1 else {operator: conditions}


@dataclass(frozen=True)
class Hit:
    """Something found. `id` is SD02, SD02/P3, SD02/F1 or R053; `score` goes from 0 to 1 and is 0 when there was no
    query; `text` is the statement, the point's wording that fits best, the follow-up, or why to study the resource.
    A point is an expected answer: nothing for whoever asks the questions."""

    id: str
    title: str
    score: float
    url: str | None
    question_id: str | None
    text: str


@dataclass(frozen=True)
class Opened:
    """What opening did: how many entries got vectors, how many vanished because their question or resource did, and
    why the whole store was built anew, None if it was not: "first use", "another embedder", "older version",
    "damaged" (what could not be read has been removed), "asked for"."""

    embedded: int
    removed: int
    rebuilt: str | None


def default_folder(environ: Mapping[str, str]) -> Path:
    """The folder "index" in the one that GREENROOM_DATA names, else in the user's data folder on this system."""
    import platformdirs

    named = environ.get("GREENROOM_DATA", "").strip()
    data = Path(named).expanduser() if named else platformdirs.user_data_path("greenroom", appauthor=False)
    return data / "index"


class Index:
    """The index in `folder`: `open` it, then search, from several threads if you like. Everything raises
    IndexUnavailable when the store cannot be used, and EmbedderUnavailable where vectors are needed and the weights
    are missing."""

    def __init__(self, folder: Path, embedder: MiniLM, lock_seconds: float = 60) -> None:
        self._folder, self._embedder, self._lock_seconds = folder, embedder, lock_seconds
        self._store = Store(folder, embedder)

    def open(
        self,
        bank: Bank,
        resources: Mapping[str, Resource],
        topics: Mapping[str, Topic],
        progress: Callable[[int, int], None] | None = None,
        rebuild: bool = False,
    ) -> Opened:
        """Brings the store up to date. Vectors are computed for new and changed questions and resources only; what an
        earlier opening left undone is done. Waits up to `lock_seconds` for another process that is at it. `progress`
        is told how many entries of how many are embedded; `rebuild` starts from nothing."""
        from filelock import FileLock, Timeout

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self._folder / "lock", timeout=self._lock_seconds):
                reason = self._store.connect(rebuild)
                embedded, removed = self._store.update(sources(bank, resources, topics), progress)
        except Timeout:
            raise IndexUnavailable(
                f"Another process has been building the index in {self._folder} for {self._lock_seconds:g} seconds. "
                "Wait until it is done, or end it, then try again."
            ) from None
        except OSError as error:
            raise IndexUnavailable(
                f"The index folder {self._folder} cannot be written ({error.strerror}). "
                "Set GREENROOM_DATA to a folder that can."
            ) from error
        return Opened(embedded, removed, reason)

    def close(self) -> None:
        """Lets go of the store's files. `open` opens them again."""
        self._store.close()

    def search(self, query: str, kind: Kind, top: int = 5, filters: Filters = Filters()) -> list[Hit]:  # noqa: B008
        """At most `top` hits, best first; nothing rather than something unrelated (THRESHOLD).

        A question is also found by what its points and follow-ups are about. A blank query lists whatever satisfies
        the filters, by id, with score 0. ValueError for a filter that `kind` has not.
        """
        where = filters.where(kind)
        if not query.strip():
            listed = {found.owner: _hit(found, 0.0) for found in self._store.listed(kind, where)}
            return [listed[owner] for owner in sorted(listed)][:top]
        asked = _Asked(query, self._embedder)
        whole = kind in ("question", "resource")
        hits = _pooled(asked, self._store.nearest(kind, asked.vector, None if whole else BREADTH, where), mean=whole)
        if kind == "question":
            hits = self._with_votes(asked, hits, filtered=where is not None)
        related = [hit for hit in hits.values() if hit.score >= THRESHOLD[kind]]
        return sorted(related, key=lambda hit: (-hit.score, hit.id))[:top]

    def _with_votes(self, asked: _Asked, hits: dict[str, Hit], filtered: bool) -> dict[str, Hit]:
        """The questions, raised to the mean of their own score and that of their best point or follow-up where this
        is higher. Never that point alone: among thousands of spoken sentences one is always a bit like the query."""
        where = {"question_id": {"$in": list(hits)}} if filtered and hits else None
        best: dict[str, float] = {}
        for kind in ("point", "follow_up"):
            for found in self._store.nearest(kind, asked.vector, VOTES, where):
                id_ = found.fields["question_id"]
                best[id_] = max(best.get(id_, 0.0), asked.score(found))
        return {
            id_: replace(hit, score=max(hit.score, (hit.score + best.get(id_, 0.0)) / 2)) for id_, hit in hits.items()
        }


class _Asked:
    """A query: its vector, and what each of its words weighs."""

    def __init__(self, query: str, embedder: MiniLM) -> None:
        self.vector = embedder.encode([query])[0]
        content = [word for word in words(query.lower()) if word.is_content]
        self.weights = {word.stem: _weight(embedder.rank(word.text)) for word in content}

    def score(self, found: Found) -> float:
        """0 to 1: cosine similarity and the words in common."""
        return (1 - LEXICAL) * min(max(found.cosine, 0.0), 1.0) + LEXICAL * self._in_common(found)

    def _in_common(self, found: Found) -> float:
        """The share of the query, by weight, that stands in the entry; less if all that stands there is common words,
        so that "time" does not make a question of "what time is it"."""
        stems = _stems(f"{found.title}\n{found.shown}\n{found.also}")
        there = sum(weight for stem, weight in self.weights.items() if stem in stems)
        return there / sum(self.weights.values()) * min(1.0, there / _weight(UNKNOWN_RANK)) if there else 0.0


def _weight(rank: int) -> float:
    """What a word of this rank tells: the commonest, near rank 2,000, some 0.3, an unknown one 3."""
    return math.log(max(rank, 1600) / 1500)


@lru_cache(maxsize=20_000)
def _stems(text: str) -> frozenset[str]:
    """The stems in `text`; of LeetCode those of "leet", "code" and "leetcode"."""
    return frozenset(word.stem for variant in (text, text.lower()) for word in words(variant))


def _pooled(asked: _Asked, entries: list[Found], mean: bool) -> dict[str, Hit]:
    """Owner -> hit with the best or the mean score of its entries, and the text of the best."""
    scored: dict[str, list[tuple[float, Found]]] = {}
    for found in entries:
        scored.setdefault(found.owner, []).append((asked.score(found), found))
    hits = {}
    for owner, group in scored.items():
        best, found = max(group, key=lambda pair: pair[0])
        hits[owner] = _hit(found, sum(score for score, _ in group) / len(group) if mean else best)
    return hits


def _hit(found: Found, score: float) -> Hit:
    return Hit(found.owner, found.title, score, found.fields.get("url"), found.fields.get("question_id"), found.shown)
