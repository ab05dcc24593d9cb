"""The search index: questions, their points and follow-ups, and resources, found by meaning, words and filters.

The vectors are computed here by the embedder that is handed in; Chroma stores and compares them, its own embedding
function is never reached. A store can always be computed again, so a damaged or outdated one is simply replaced.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from knowledge.bank import Bank
from knowledge.embedder import MiniLM
from knowledge.entries import KINDS, Entry, Kind, Source, folded, sources
from knowledge.resource import Resource, Topic
from knowledge.words import words

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

VERSION = 1
"""Of what an entry holds and how; a store of another version is replaced."""

THRESHOLD: Mapping[Kind, float] = {"question": 0.26, "resource": 0.23, "follow_up": 0.26, "point": 0.26}
"""The least score of a hit. tests/test_index.py measures it: with 4 questions and 90 resources, queries about other
matters score up to 0.22 and 0.21, the weakest ones about ours 0.35 and 0.25."""

LEXICAL = 0.3
"""The share of a score that shared words can give; the rest is the cosine similarity."""

CANDIDATES = 400
"""How many points or follow-ups the vector search returns before words are counted; also the breadth of that search,
at which it misses nothing in collections of a few thousand."""

_COMMON_RANK, _ENOUGH = 1000, 3.5


class IndexUnavailable(RuntimeError):  # noqa: N818 - a state the application can be in
    """The index cannot be built or read now; the message has the remedy."""


@dataclass(frozen=True)
class Filters:
    """What hits must satisfy; None and () leave a field open, upper and lower case count as equal.

    Questions, points and follow-ups have category, difficulty, max_minutes (fits into: the question takes at most so
    many), company and question_id; points and follow-ups also level and area (a follow-up those of its point), and
    follow-ups move; resources have resource_kind and access. Every kind has topics, of which one is enough: of a
    point or follow-up, those to study for it.
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
        """As Chroma reads it, None for no condition. ValueError for a field that `kind` does not have."""
        found: list[dict[str, Any]] = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None or value == ():
                continue
            if field.name not in _FIELDS[kind]:
                raise ValueError(f"a {kind} has no {field.name}; it can be filtered by {', '.join(_FIELDS[kind])}")
            found.append(_condition(field.name, value))
        return found[0] if len(found) == 1 else {"$and": found} if found else None


_OF_QUESTION = ("category", "difficulty", "topics", "max_minutes", "company", "question_id")
_FIELDS: Mapping[Kind, tuple[str, ...]] = {
    "question": _OF_QUESTION,
    "resource": ("topics", "resource_kind", "access"),
    "follow_up": (*_OF_QUESTION, "level", "area", "move"),
    "point": (*_OF_QUESTION, "level", "area"),
}


@dataclass(frozen=True)
class Hit:
    """Something found. `id` is SD02, SD02/P3, SD02/F1 or R053; `score` is from 0 to 1, and 0 when only filters were
    given; `text` is the statement, the point's best fitting wording, the follow-up, or why to study the resource.
    A point is an expected answer: never show it to whoever asks the questions."""

    id: str
    title: str
    score: float
    url: str | None
    question_id: str | None
    text: str


@dataclass(frozen=True)
class Opened:
    """What opening did: how many entries got new vectors, how many vanished with their question or resource, and why
    the whole store was built anew, if so: "first use", "another embedder", "older version", "damaged", "asked for"."""

    embedded: int
    removed: int
    rebuilt: str | None


def default_folder(environ: Mapping[str, str]) -> Path:
    """Where the index lives: "index" in the folder GREENROOM_DATA names, else in the user's data folder."""
    import platformdirs

    named = environ.get("GREENROOM_DATA", "").strip()
    return (Path(named).expanduser() if named else Path(platformdirs.user_data_dir("greenroom"))) / "index"


class Index:
    """The index in `folder`. Call `open` first; then threads may search at the same time.

    Everything raises IndexUnavailable when the store cannot be used, and EmbedderUnavailable without the weights.
    """

    def __init__(self, folder: Path, embedder: MiniLM, lock_seconds: float = 60) -> None:
        self.folder, self.embedder, self.lock_seconds = folder, embedder, lock_seconds
        self._client: ClientAPI | None = None
        self._collections: dict[Kind, Collection] = {}

    def open(
        self,
        bank: Bank,
        resources: Mapping[str, Resource],
        topics: Mapping[str, Topic],
        progress: Callable[[int, int], None] | None = None,
        rebuild: bool = False,
    ) -> Opened:
        """Brings the store up to date and makes it searchable. Only what has changed since the last time gets new
        vectors; an interrupted opening is continued by the next. Another process that is at it is waited for.
        `progress` is told how many entries of how many are embedded. `rebuild` starts from nothing."""
        from filelock import FileLock, Timeout

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / "lock", timeout=self.lock_seconds):
                reason = self._connect(rebuild)
                return self._update(sources(bank, resources, topics), reason, progress)
        except Timeout:
            raise IndexUnavailable(
                f"Another process has been building the index in {self.folder} for more than "
                f"{self.lock_seconds:g} seconds. Wait until it has finished, then try again."
            ) from None
        except OSError as error:
            raise IndexUnavailable(self._remedy(error)) from error

    def close(self) -> None:
        """Lets go of the store's files. `open` makes the index usable again."""
        if self._client is not None:
            self._client.close()  # type: ignore[attr-defined]  # Client has it, its interface does not
        self._client, self._collections = None, {}

    def search(self, query: str, kind: Kind, top: int = 5, filters: Filters | None = None) -> list[Hit]:
        """At most `top` hits, best first; nothing rather than something unrelated (THRESHOLD). A blank query lists
        what passes the filters, in order of ids, with score 0. A question is also found by what its points and
        follow-ups are about. ValueError for a filter that `kind` does not have."""
        where = (filters or Filters()).where(kind)
        if not query.strip():
            return self._listing(kind, where)[:top]
        asked = _Query(query, self.embedder)
        found = self._scored(kind, asked, where)
        if kind == "question" and found:
            self._vote(asked, found, where is not None)
        hits = [hit for hit in found.values() if hit.score >= THRESHOLD[kind]]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:top]

    def _connect(self, rebuild: bool) -> str | None:
        """Opens the newest store, or a new one in its place; says why a new one was needed.

        A new store gets a new folder: Chroma remembers a folder it could not open, and other processes that still
        read the old store can do so to the end.
        """
        self.close()
        stores = sorted(self.folder.glob("store-*"), key=_number)
        reason = "first use" if not stores else "asked for" if rebuild else self._attach(stores[-1])
        if reason:
            self.close()
            self._create(self.folder / f"store-{_number(stores[-1]) + 1 if stores else 1}")
        for old in stores if reason else stores[:-1]:
            shutil.rmtree(old, ignore_errors=True)  # Windows refuses while another process reads it: next time
        return reason

    def _attach(self, store: Path) -> str | None:
        """Opens `store`; says why it is of no use, None if it is."""
        try:
            self._client = _chroma(store)
            self._collections = {k: self._client.get_collection(k, embedding_function=None) for k in KINDS}
            built: Mapping[str, Any] = self._collections["question"].metadata or {}
            for kind, collection in self._collections.items():
                if collection.count():
                    self._nearest(kind, [1.0] + [0.0] * 383, 1, None)
        except Exception:  # whatever Chroma trips over in its files, the remedy is the same: build them anew
            return "damaged"
        if built.get("version") != VERSION:
            return "older version"
        return None if built.get("embedder") == self.embedder.fingerprint else "another embedder"

    def _create(self, store: Path) -> None:
        # Above the threshold Chroma would also write its graph to files of its own. One of those cut short by a kill
        # crashes the next process (chroma-core/chroma#7238), so vectors stay in SQLite, which survives one; building
        # the graph when it is first searched takes 0.7 s for 4,700 vectors.
        hnsw: Any = {"space": "cosine", "ef_search": CANDIDATES, "sync_threshold": 1_000_000}
        built = {"version": VERSION, "embedder": self.embedder.fingerprint}
        try:
            self._client = client = _chroma(store)
            self._collections = {
                kind: client.create_collection(
                    kind, metadata=built, embedding_function=None, configuration={"hnsw": hnsw}
                )
                for kind in KINDS
            }
        except Exception as error:
            raise IndexUnavailable(self._remedy(error)) from error

    def _update(
        self, wanted: Sequence[Source], reason: str | None, progress: Callable[[int, int], None] | None
    ) -> Opened:
        """Writes what is new or changed, removes what is gone. A source's digest stands in its main entry only, which
        is written last: whatever is interrupted counts as changed next time."""
        removed = (
            self._delete({"source": {"$nin": [source.key for source in wanted]}}) if wanted else self._delete(None)
        )
        present: dict[str, Any] = {}
        for kind in ("question", "resource"):
            for fields_ in self._got(kind, None)["metadatas"]:
                present[fields_["source"]] = fields_.get("digest") or present.get(fields_["source"])
        stale = [source for source in wanted if present.get(source.key) != source.digest]
        if stale:
            self._delete({"source": {"$in": [source.key for source in stale]}})
        done, total = 0, sum(len(source.entries) for source in stale)
        for source in stale:
            self._write(source)
            done += len(source.entries)
            if progress:
                progress(done, total)
        return Opened(done, removed, reason)
