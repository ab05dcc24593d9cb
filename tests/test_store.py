"""The store under the index: only what changed is embedded again, and no kill, junk or rival process breaks it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from filelock import FileLock

from knowledge.bank import Bank, load_bank
from knowledge.embedder import DIMENSIONS, MiniLM, Vectors
from knowledge.entries import elsewhere_phrases
from knowledge.index import Filters, Index, IndexUnavailable, Opened
from knowledge.resource import Resource, Topic, load_resources, load_topics

ROOT = Path(__file__).parent.parent
WHOLE = load_bank()
TOPICS = load_topics()
FEW = {id_: load_resources(topics=TOPICS)[id_] for id_ in ("R001", "R082")}


def bank_of(*ids: str) -> Bank:
    """Some questions only, so that the tests stay as they are while the bank grows."""
    return Bank({i: WHOLE.questions[i] for i in ids}, {i: WHOLE.paths[i] for i in ids}, ())


TWO = bank_of("CD01", "DB01")


class Quick(MiniLM):
    """Vectors from checksums instead of the model: for tests of the store, which do not care what texts mean."""

    def __init__(self, stop_after: int = 10**6) -> None:
        super().__init__()
        self.encoded: list[str] = []
        self.stop_after = stop_after

    @property
    def fingerprint(self) -> str:
        return "checksums/00000000"

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        if len(self.encoded) + len(texts) > self.stop_after:
            raise KeyboardInterrupt
        self.encoded += texts
        rows = [np.random.default_rng(crc32(text.encode())).normal(size=DIMENSIONS) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32)

    def rank(self, word: str) -> int:
        return 20_000


class Later(Quick):
    """The same under another name, as after a change of the model."""

    @property
    def fingerprint(self) -> str:
        return "another-model/00000000"


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small index on disk, for `folder` to copy."""
    folder = tmp_path_factory.mktemp("small")
    opened(folder)
    return folder


@pytest.fixture
def folder(built_once: Path, tmp_path: Path) -> Path:
    """A small index, up to date for TWO and FEW, that a test may harm."""
    return Path(shutil.copytree(built_once, tmp_path / "index"))


def opened(
    folder: Path,
    embedder: MiniLM | None = None,
    bank: Bank = TWO,
    resources: dict[str, Resource] = FEW,
    topics: dict[str, Topic] = TOPICS,
    rebuild: bool = False,
) -> Opened:
    index = Index(folder, embedder or Quick())
    try:
        return index.open(bank, resources, topics, rebuild=rebuild)
    finally:
        index.close()


ELSEWHERE = len(elsewhere_phrases())


def size(bank: Bank, *resources: str) -> int:
    """How many entries these make: two each and one for each search phrase, a point one and one for each wording."""
    points = [point for question in bank.questions.values() for point in question.points]
    follow_ups = sum(len(question.follow_ups) for question in bank.questions.values())
    phrases = [q.found_by for q in bank.questions.values()] + [FEW[id_].found_by for id_ in resources]
    return sum(2 + len(own) for own in phrases) + follow_ups + sum(1 + len(point.wordings) for point in points)


ALL = size(TWO, *FEW) + ELSEWHERE


def test_first_opening_embeds_everything_and_the_next_nothing(tmp_path: Path) -> None:
    first = Quick()
    seen: list[tuple[int, int]] = []
    index = Index(tmp_path / "not" / "there" / "yet", first)
    total = ALL
    assert index.open(TWO, FEW, TOPICS, lambda done, of: seen.append((done, of))) == Opened(total, 0, "first use")
    assert len(first.encoded) == total
    assert seen[-1] == (total, total)
    index.close()
    second = Quick()
    assert opened(tmp_path / "not" / "there" / "yet", second) == Opened(0, 0, None)
    assert second.encoded == []


def test_changed_file_alone_is_embedded_again(folder: Path) -> None:
    changed = replace(TWO.questions["CD01"], title="Another title", source=TWO.questions["CD01"].source + "\n")
    bank = Bank({**TWO.questions, "CD01": changed}, TWO.paths, ())
    index = Index(folder, Quick())
    assert index.open(bank, FEW, TOPICS) == Opened(size(bank_of("CD01")), 0, None)
    assert [hit.title for hit in index.search("", "question", 9, Filters(category="Coding"))] == ["Another title"]
    index.close()


def test_shorter_file_leaves_nothing_behind(folder: Path) -> None:
    question = TWO.questions["CD01"]
    bank = Bank({**TWO.questions, "CD01": replace(question, follow_ups=question.follow_ups[:2])}, TWO.paths, ())
    index = Index(folder, Quick())
    index.open(bank, FEW, TOPICS)
    assert len(index.search("", "follow_up", 99, Filters(question_id="CD01"))) == 2
    index.close()


def test_filter_data_count_as_content(folder: Path) -> None:
    longer = replace(TWO.questions["DB01"], minutes=60)
    index = Index(folder, Quick())
    index.open(Bank({**TWO.questions, "DB01": longer}, TWO.paths, ()), FEW, TOPICS)
    assert [hit.id for hit in index.search("", "question", 9, Filters(max_minutes=30))] == ["CD01"]
    index.close()


def test_renamed_topic_reaches_the_resources_that_have_it(folder: Path) -> None:
    topics = {**TOPICS, "kubernetes": replace(TOPICS["kubernetes"], name="Container orchestration")}
    having = [r for r in FEW.values() if "kubernetes" in r.topics]
    assert having
    assert opened(folder, topics=topics) == Opened(size(bank_of(), *(r.id for r in having)), 0, None)


def test_what_is_deleted_vanishes(folder: Path) -> None:
    index = Index(folder, Quick())
    gone = size(bank_of("DB01"), "R082")
    assert index.open(bank_of("CD01"), {"R001": FEW["R001"]}, TOPICS) == Opened(0, gone, None)
    assert [hit.id for hit in index.search("", "question")] == ["CD01"]
    assert [hit.id for hit in index.search("", "resource")] == ["R001"]
    assert index.search("", "point", 5, Filters(question_id="DB01")) == []
    assert index.open(Bank({}, {}, ()), {}, TOPICS).removed == size(bank_of("CD01"), "R001")
    assert index.search("anything", "question") == index.search("", "resource") == []
    index.close()


def test_another_embedder_rebuilds(folder: Path) -> None:
    assert opened(folder, Later()) == Opened(ALL, 0, "another embedder")
    assert opened(folder, Later()).rebuilt is None


def test_older_version_rebuilds(folder: Path) -> None:
    (file,) = folder.glob("store-*/chroma.sqlite3")
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE collection_metadata SET int_value = 0 WHERE key = 'version'")
    assert opened(folder).rebuilt == "older version"


def test_asked_for_rebuild_starts_from_nothing(folder: Path) -> None:
    assert opened(folder, rebuild=True) == Opened(ALL, 0, "asked for")


@pytest.mark.parametrize("content", [b"junk" * 5000, b"", None], ids=["junk", "empty", "half"])
def test_damaged_store_is_rebuilt_and_told(folder: Path, content: bytes | None) -> None:
    (file,) = folder.glob("store-*/chroma.sqlite3")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if content is None else content)
    index = Index(folder, Quick())
    assert index.open(TWO, FEW, TOPICS) == Opened(ALL, 0, "damaged")
    assert [hit.id for hit in index.search("", "question")] == ["CD01", "DB01"]
    index.close()
    assert not file.exists()
    assert len(list(folder.glob("store-*"))) == 1
    assert opened(folder) == Opened(0, 0, None)


def test_rebuilding_touches_nothing_but_its_own(folder: Path) -> None:
    (folder / "thesis.txt").write_text("mine", encoding="utf-8")
    opened(folder, Later())
    assert (folder / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_interrupted_opening_is_continued(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        opened(tmp_path, Quick(stop_after=ALL - 10))
    assert opened(tmp_path) == Opened(ELSEWHERE, 0, None)
    assert opened(tmp_path) == Opened(0, 0, None)


def test_killed_build_is_repaired(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from tests.test_store import *\n"
        "index = Index(Path(sys.argv[1]), Quick())\n"
        "index.open(TWO, FEW, TOPICS, lambda done, total: os._exit(9))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=False)
    assert done.returncode == 9
    index = Index(tmp_path, Quick())
    assert index.open(TWO, FEW, TOPICS) == Opened(ELSEWHERE, 0, None)
    assert len(index.search("", "point", 99)) == sum(len(q.points) for q in TWO.questions.values())
    index.close()


def test_what_another_process_removes_is_not_found_any_more(folder: Path) -> None:
    index = Index(folder, Quick())
    index.open(TWO, FEW, TOPICS)
    wanted = TWO.questions["DB01"].follow_ups[0].text
    assert index.search(wanted, "follow_up")[0].text == wanted
    script = (
        "import sys; from pathlib import Path; from tests.test_store import *\n"
        "opened(Path(sys.argv[1]), bank=bank_of('CD01'))"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], cwd=ROOT, check=True)
    assert index.search(wanted, "follow_up") == []
    index.close()


def test_only_one_builds_at_a_time(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: opened(tmp_path), range(2)))
    assert sorted(one.embedded for one in both) == [0, ALL]


def test_waiting_for_another_process_has_an_end(tmp_path: Path) -> None:
    index = Index(tmp_path, Quick(), lock_seconds=0.1)
    with FileLock(tmp_path / "lock"), pytest.raises(IndexUnavailable, match="Another process .* then try again"):
        index.open(TWO, FEW, TOPICS)


def test_folder_that_cannot_be_written_names_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(IndexUnavailable, match="Set GREENROOM_DATA"):
        opened(tmp_path / "file" / "index")


def test_closed_index_opens_again(folder: Path) -> None:
    index = Index(folder, Quick())
    for _ in range(2):
        index.open(TWO, FEW, TOPICS)
        assert [hit.id for hit in index.search("", "question")] == ["CD01", "DB01"]
        index.close()
