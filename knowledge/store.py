"""The Chroma store under the index: keeps entries with their vectors in a folder, up to date and unharmed.

It is handed every vector; Chroma's own embedding function is never reached. All it holds can be computed again, so a
store that is damaged or outdated is simply replaced.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from knowledge.embedder import DIMENSIONS, Vectors
from knowledge.entries import SHELVES, Entry, Shelf, Source
from knowledge.ready_vectors import ReadyVectors

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

VERSION = 2
"""Of what entries hold and how; a store of another version is replaced."""

COMPUTED, WRITTEN = 800, 5_000
"""The most entries whose vectors are computed, and that are written, at a time, where a source is not larger by itself.
Chroma takes 5,461 at a time and is the quicker, the more it is handed; a killed building loses what it computed since
it last wrote, some seconds."""

BREADTH = 400
"""How far Chroma's approximate search looks around, and how many entries it is asked for at most."""


class IndexUnavailable(RuntimeError):  # noqa: N818 - a state the application can be in
    """The index cannot be built or read now; the message has the remedy."""


@dataclass(frozen=True)
class Found:
    """An entry as it was stored, and its cosine similarity to what was asked (-1 to 1; 0 when nothing was)."""

    owner: str
    title: str
    shown: str
    also: str
    fields: Mapping[str, Any]
    cosine: float


class Store:
    """The newest store in `folder`. Its methods raise IndexUnavailable; several threads may read at the same time.

    The caller sees to it that one process at a time calls `connect` and `update`.
    """

    def __init__(self, folder: Path, embedder: ReadyVectors) -> None:
        self._folder, self._embedder = folder, embedder
        self._client: ClientAPI | None = None
        self._collections: dict[Shelf, Collection] = {}
        self._read: dict[Shelf, Mapping[str, Found]] = {}

    def connect(self, rebuild: bool) -> str | None:
        """Opens the newest store, or a new one in its place; says why a new one was needed.

        A new store gets a new folder, because Chroma remembers within a process what it could not open, and because
        other processes may still be reading the old one.
        """
        self.close()
        stores = sorted(self._folder.glob("store-*"), key=_number)
        reason = "first use" if not stores else "asked for" if rebuild else self._attach(stores[-1])
        if reason:
            self.close()
            self._create(self._folder / f"store-{_number(stores[-1]) + 1 if stores else 1}")
        for old in stores if reason else stores[:-1]:
            shutil.rmtree(old, ignore_errors=True)  # Windows refuses while it is being read: the next time, then
        return reason

    def update(self, wanted: Sequence[Source], progress: Callable[[int, int], None] | None) -> tuple[int, int]:
        """Writes what is new or changed and removes what is gone: (entries embedded, entries removed).

        The digest of a source stands in its main entry only, which is written last; so a source whose writing was
        interrupted counts as changed the next time.
        """
        self._read = {}
        with self._working():
            removed = self._delete({"source": {"$nin": [s.key for s in wanted]}} if wanted else None)
            digests = self._digests()
            stale = [source for source in wanted if digests.get(source.key) != source.digest]
            if stale:
                self._delete({"source": {"$in": [s.key for s in stale]}})
            done, total = 0, sum(len(s.entries) for s in stale)
            for group in self._grouped(stale):
                self._write(group)
                done += sum(len(s.entries) for s in group)
                if progress:
                    progress(done, total)
        return total, removed

    def nearest(self, shelf: Shelf, vector: Vectors, count: int | None, where: dict[str, Any] | None) -> list[Found]:
        """The `count` entries (None: all) nearest to `vector` among those that satisfy `where`, nearest first."""
        with self._working():
            collection = self._opened(shelf)
            count = count or collection.count()
            if not count:
                return []
            include: Any = ["metadatas", "documents", "distances"]
            answer: Any = collection.query(
                query_embeddings=vector[None, :], n_results=count, where=where, include=include
            )
        rows = zip(answer["metadatas"][0], answer["documents"][0], answer["distances"][0], strict=True)
        # Without fields: what another process has removed since this one built its graph.
        return [_found(fields, shown, 1 - distance) for fields, shown, distance in rows if fields is not None]

    def cosines(
        self, shelf: Shelf, vector: Vectors, count: int | None, where: dict[str, Any] | None
    ) -> dict[str, float]:
        """As `nearest`, but id -> cosine alone: most of Chroma's time goes into handing over the rest."""
        with self._working():
            collection = self._opened(shelf)
            count = count or collection.count()
            if not count:
                return {}
            answer: Any = collection.query(
                query_embeddings=vector[None, :], n_results=count, where=where, include=["distances"]
            )
        return {id_: 1 - distance for id_, distance in zip(answer["ids"][0], answer["distances"][0], strict=True)}

    def entries(self, shelf: Shelf) -> Mapping[str, Found]:
        """Id -> entry, of the whole shelf as it was when this store first read it."""
        if shelf not in self._read:
            with self._working():
                answer: Any = self._opened(shelf).get(include=["metadatas", "documents"])
            rows = zip(answer["ids"], answer["metadatas"], answer["documents"], strict=True)
            self._read[shelf] = {id_: _found(fields, shown, 0.0) for id_, fields, shown in rows}
        return self._read[shelf]

    def listed(self, shelf: Shelf, where: dict[str, Any] | None) -> list[Found]:
        """Every entry of the shelf that satisfies `where`, in no particular order."""
        with self._working():
            answer: Any = self._opened(shelf).get(where=where, include=["metadatas", "documents"])
        return [_found(*row, 0.0) for row in zip(answer["metadatas"], answer["documents"], strict=True)]

    def close(self) -> None:
        """Lets go of the files; `connect` opens them again."""
        if self._client is not None:
            self._client.close()  # type: ignore[attr-defined]  # its class has it, its interface does not
        self._client, self._collections, self._read = None, {}, {}

    def _opened(self, shelf: Shelf) -> Collection:
        if shelf not in self._collections:
            raise IndexUnavailable("The index is not open: open it first.")
        return self._collections[shelf]

    def _attach(self, store: Path) -> str | None:
        """Opens `store`; says why it is of no use, None if it is."""
        try:
            self._client = _chroma(store)
            self._collections = {k: self._client.get_collection(k, embedding_function=None) for k in SHELVES}
            built = self._collections["question"].metadata or {}
            if built.get("version") != VERSION:
                return "older version"
            if built.get("embedder") != self._embedder.fingerprint:
                return "another embedder"
            for collection in self._collections.values():  # reads every part that a search reads
                if collection.count():
                    collection.query(query_embeddings=np.ones((1, DIMENSIONS), np.float32), n_results=1)
        except Exception:  # whatever Chroma trips over in its files: the remedy is to build them anew
            return "damaged"
        return None

    def _create(self, store: Path) -> None:
        # Beyond its threshold Chroma also writes its graph to files of its own; one of them cut short by a kill then
        # crashes every process that opens it (chroma-core/chroma#7238). So vectors stay in SQLite, which survives
        # kills. The price: the graph is built at the first search, 0.7 s for 4,700 vectors.
        graph: Any = {"hnsw": {"space": "cosine", "ef_search": BREADTH, "sync_threshold": 1_000_000}}
        built = {"version": VERSION, "embedder": self._embedder.fingerprint}
        with self._working():
            self._client = client = _chroma(store)
            self._collections = {
                k: client.create_collection(k, metadata=built, embedding_function=None, configuration=graph)
                for k in SHELVES
            }

    def _delete(self, where: Any) -> int:
        """Deletes what satisfies `where` (None: everything); how many entries that were."""
        deleted = 0
        for collection in self._collections.values():
            ids = collection.get(where=where, include=[])["ids"]
            if ids:
                collection.delete(ids=ids)
            deleted += len(ids)
        return deleted

    def _digests(self) -> dict[str, str]:
        """Key -> digest of the sources whose entries are complete."""
        found: dict[str, str] = {}
        main: tuple[Shelf, ...] = ("question", "resource", "elsewhere")
        for shelf in main:
            for fields in self._collections[shelf].get(include=["metadatas"])["metadatas"] or []:
                if "digest" in fields:
                    found[str(fields["source"])] = str(fields["digest"])
        return found

    def _grouped(self, sources: Sequence[Source]) -> Iterator[list[Source]]:
        """`sources` in groups that are written as one."""
        group: list[Source] = []
        computed = written = 0
        for source in sources:
            new = len(self._embedder.missing(entry.text for entry in source.entries))
            if group and (computed + new > COMPUTED or written + len(source.entries) > WRITTEN):
                yield group
                group, computed, written = [], 0, 0
            group.append(source)
            computed, written = computed + new, written + len(source.entries)
        if group:
            yield group

    def _write(self, sources: Sequence[Source]) -> None:
        """Embeds and stores the entries, the main ones last."""
        entries = [(source, entry) for source in sources for entry in source.entries]
        vectors = self._embedder.encode([entry.text for _, entry in entries])
        for main in (False, True):
            for shelf in SHELVES:
                rows = [n for n, (s, e) in enumerate(entries) if e.shelf == shelf and (e is s.main) == main]
                if rows:
                    self._collections[shelf].upsert(
                        ids=[entries[n][1].id for n in rows],
                        embeddings=vectors[rows],
                        documents=[entries[n][1].shown for n in rows],
                        metadatas=[_stored(entries[n][1], entries[n][0]) for n in rows],
                    )

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Says in our words what Chroma could not do."""
        from chromadb.errors import ChromaError

        try:
            yield
        except ChromaError as error:
            raise IndexUnavailable(
                f"The index in {self._folder} cannot be used: {error}. Check that the disk has room and that the "
                "folder is yours, then open the index again; python -m knowledge index --rebuild builds it anew."
            ) from error


def _chroma(store: Path) -> ClientAPI:
    import chromadb
    from chromadb.config import Settings

    # No .env file: it is the user's, and may set what Chroma would take for its own.
    settings: Any = {"anonymized_telemetry": False, "_env_file": None}
    return chromadb.PersistentClient(path=str(store), settings=Settings(**settings))


def _number(store: Path) -> int:
    """7 of store-7; 0 for a folder that somebody else has put there."""
    digits = store.name.removeprefix("store-")
    return int(digits) if digits.isdecimal() else 0


def _stored(entry: Entry, source: Source) -> dict[str, Any]:
    digest = {"digest": source.digest} if entry is source.main else {}
    texts = {"source": source.key, "owner": entry.owner, "title": entry.title, "also": entry.also}
    return {**texts, **entry.fields, **digest}


def _found(fields: Mapping[str, Any], shown: str, cosine: float) -> Found:
    return Found(fields["owner"], fields["title"], shown, fields["also"], fields, cosine)
