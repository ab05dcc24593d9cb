"""The search index: questions, their points and follow-ups, and resources, found by meaning, words and filters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from knowledge.bank import Bank
from knowledge.embedder import MiniLM
from knowledge.entries import Kind, Shelf, folded, sources
from knowledge.query import UNKNOWN_RANK, Asked, Speller, in_dictionary
from knowledge.ready_vectors import FILE as READY
from knowledge.ready_vectors import ReadyVectors
from knowledge.resource import Resource, Topic
from knowledge.store import BREADTH, Found, IndexUnavailable, Store

__all__ = ["Filters", "Hit", "Index", "IndexUnavailable", "Kind", "Opened", "THRESHOLD", "default_folder"]

WEIGHTS = {"whole": 0.2, "phrases": 0.5, "points": 0.1, "words": 0.2}
"""What the score of a question or a resource is made of: the mean cosine similarity of its texts; of its four best
search phrases; of its three best points and follow-ups (a resource has none: of its texts again); and the words in
common. What has no search phrases counts its texts in their place."""
ELSEWHERE = 0.6
"""The share of the query's similarity to another subject (elsewhere.yaml) that a score must exceed by THRESHOLD."""
THRESHOLD: Mapping[Kind, float] = {"question": 0.07, "resource": 0.11, "follow_up": 0.35, "point": 0.35}
"""The least score of a hit, for questions and resources above ELSEWHERE. Those two, WEIGHTS and ELSEWHERE were chosen
on the tuning half of evals/datasets/retrieval; weights near these do as well there. Single sentences, of which there
are thousands, need a higher score: the other two were chosen on some 60 queries by hand."""

BEST = {"question_phrase": 4, "resource_phrase": 4, "point": 3}
NEAREST = 96
"""How many of the nearest phrases, points and follow-ups are looked at, of each; with fewer, the tuning half's figures
fall."""
LEXICAL = 0.3
"""The share of a point's or follow-up's score that words in common can give; the rest is the cosine similarity."""

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
    are missing. `ready` is the file of vectors that need not be computed."""

    def __init__(self, folder: Path, embedder: MiniLM, lock_seconds: float = 60, ready: Path = READY) -> None:
        self._folder, self._embedder, self._lock_seconds = folder, embedder, lock_seconds
        self._store = Store(folder, ReadyVectors(embedder, ready))
        self._speller = Speller((), in_dictionary)

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

        self._speller = Speller(_vocabulary(bank, resources, topics), self._is_word)
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

    def _is_word(self, word: str) -> bool:
        return self._embedder.rank(word) < UNKNOWN_RANK or in_dictionary(word)

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
        asked = Asked(query, self._embedder, self._speller)
        if kind in ("question", "resource"):
            hits = self._weighed(asked, kind, where)
            elsewhere = self._store.cosines("elsewhere", asked.vector, 1, None)
            least = THRESHOLD[kind] + ELSEWHERE * max(elsewhere.values(), default=0.0)
        else:
            hits, least = _best(asked, self._store.nearest(kind, asked.vector, BREADTH, where)), THRESHOLD[kind]
        related = [hit for hit in hits.values() if hit.score >= least]
        return sorted(related, key=lambda hit: (-hit.score, hit.id))[:top]

    def _weighed(
        self, asked: Asked, kind: Literal["question", "resource"], where: dict[str, Any] | None
    ) -> dict[str, Hit]:
        """Owner -> hit, for every question or resource that satisfies `where`."""
        entries = self._store.entries(kind)
        groups: dict[str, list[tuple[Found, float]]] = {}
        for id_, cosine in self._store.cosines(kind, asked.vector, None, where).items():
            if id_ in entries:  # else another process has added it since this one read the entries
                groups.setdefault(entries[id_].owner, []).append((entries[id_], cosine))
        shelf: Shelf = "question_phrase" if kind == "question" else "resource_phrase"
        phrases = _Nearest(self._store.cosines(shelf, asked.vector, NEAREST, where), BEST[shelf])
        within = {"question_id": {"$in": list(groups)}} if where and groups else None
        said: dict[str, float] = {}
        for part in ("point", "follow_up") if kind == "question" else ():
            said |= self._store.cosines(part, asked.vector, NEAREST, within)
        points = _Nearest(said, BEST["point"])
        hits = {}
        for owner, group in groups.items():
            whole = sum(cosine for _, cosine in group) / len(group)
            first = group[0][0]
            score = (
                WEIGHTS["whole"] * whole
                + WEIGHTS["phrases"] * (phrases.mean(owner) if first.fields.get("phrases") else whole)
                + WEIGHTS["points"] * (points.mean(owner) if kind == "question" else whole)
                + WEIGHTS["words"] * max(asked.in_common(_text(found)) for found, _ in group)
            )
            hits[owner] = _hit(first, min(max(score, 0.0), 1.0))
        return hits


class _Nearest:
    """The nearest sentences of many questions or resources, and how near the best of each come on average."""

    def __init__(self, cosines: Mapping[str, float], best: int) -> None:
        self._best, self._rest = best, min(cosines.values(), default=0.0)
        self._of: dict[str, list[float]] = {}
        for id_, cosine in sorted(cosines.items(), key=lambda item: -item[1]):
            self._of.setdefault(id_.partition("/")[0], []).append(cosine)  # SD02/P3, R053/by/1

    def mean(self, owner: str) -> float:
        """Over the `best` of `owner`; what is not among the nearest counts as the farthest of them."""
        own = self._of.get(owner, [])[: self._best]
        return (sum(own) + self._rest * (self._best - len(own))) / self._best


def _vocabulary(bank: Bank, resources: Mapping[str, Resource], topics: Mapping[str, Topic]) -> Iterator[str]:
    """The texts whose words a misspelt one may have been meant for."""
    for question in bank.questions.values():
        yield from (question.title, question.statement, *question.companies, *question.found_by)
    for resource in resources.values():
        yield from (resource.title, resource.why, *resource.found_by)
    yield from (f"{topic.tag} {topic.name}" for topic in topics.values())


def _best(asked: Asked, entries: list[Found]) -> dict[str, Hit]:
    """Owner -> hit with the score and the text of its best entry."""
    hits: dict[str, Hit] = {}
    for found in entries:
        score = (1 - LEXICAL) * max(found.cosine, 0.0) + LEXICAL * asked.in_common(_text(found))
        if found.owner not in hits or score > hits[found.owner].score:
            hits[found.owner] = _hit(found, score)
    return hits


def _text(found: Found) -> str:
    return f"{found.title}\n{found.shown}\n{found.also}"


def _hit(found: Found, score: float) -> Hit:
    return Hit(found.owner, found.title, score, found.fields.get("url"), found.fields.get("question_id"), found.shown)
