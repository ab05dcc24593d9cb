"""The search index: what it finds and refuses to find, how it filters, and that it keeps itself up to date and whole."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from filelock import FileLock

from knowledge.bank import Bank, load_bank
from knowledge.embedder import DIMENSIONS, MiniLM, Vectors
from knowledge.index import FIELDS, THRESHOLD, Filters, Index, IndexUnavailable, Opened, default_folder
from knowledge.resource import Resource, Topic, load_resources, load_topics

ROOT = Path(__file__).parent.parent
WHOLE = load_bank()
TOPICS = load_topics()
RESOURCES = load_resources(topics=TOPICS)


def bank_of(*ids: str) -> Bank:
    """Some questions only, so that the tests stay as they are while the bank grows."""
    return Bank({i: WHOLE.questions[i] for i in ids}, {i: WHOLE.paths[i] for i in ids}, ())


FOUR = bank_of("CD01", "DB01", "SD02", "SD06")
TWO = bank_of("CD01", "DB01")
FEW = {id_: RESOURCES[id_] for id_ in ("R001", "R082")}


class Quick(MiniLM):
    """Vectors from checksums instead of the model: for tests of the store, which do not care what texts mean."""

    def __init__(self, stop_after: int = 10**6) -> None:
        super().__init__()
        self.encoded: list[str] = []
        self.stop_after = stop_after

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
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Four questions and all resources, with real vectors."""
    built = Index(tmp_path_factory.mktemp("index"), MiniLM(threads=2))
    built.open(FOUR, RESOURCES, TOPICS)
    yield built
    built.close()


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


def size(bank: Bank, resources: int) -> int:
    """How many entries these make: question and resource two each, a point one and one for each wording."""
    points = [point for question in bank.questions.values() for point in question.points]
    follow_ups = sum(len(question.follow_ups) for question in bank.questions.values())
    return 2 * (len(bank.questions) + resources) + follow_ups + sum(1 + len(point.wordings) for point in points)


# What is found


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("stopping slow checkout scoring", "DB01"),
        ("why did p95 jump at night", "DB01"),
        ("on call investigation of a payment service", "DB01"),
        ("timeouts and retries", "DB01"),
        ("feature store for many teams", "SD06"),
        ("platform for forty teams", "SD06"),
        ("recommendations that react in a minute", "SD02"),
        ("personalised recommendations after a click", "SD02"),
        ("second-hand marketplace", "SD02"),
        ("recsys", "SD02"),
        ("thread safe python records", "CD01"),
        ("concurrency", "CD01"),
        ("SD06", "SD06"),
        ("Vinted", "SD02"),
    ],
)
def test_question_is_found_by_what_it_is_about(index: Index, query: str, first: str) -> None:
    assert index.search(query, "question")[0].id == first


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("kubernetes troubleshooting", "A visual guide on troubleshooting Kubernetes deployments"),
        ("caching video", "Design Caching System"),
        ("experiment tracking tool", "WandB"),
        ("solid principles", "Principle"),
        ("data versioning", "DVC"),
        ("leetcode", "LeetCode"),
        ("MLflow", "MLflow"),
        ("book on machine learning interviews", "Machine Learning Interviews"),
        ("terraform", "AWS CloudFormation"),
        ("streaming with kafka", "Kafka"),
    ],
)
def test_resource_is_found_by_what_it_is_about(index: Index, query: str, first: str) -> None:
    hit = index.search(query, "resource")[0]
    assert first in hit.title
    assert hit.url == RESOURCES[hit.id].url
    assert hit.question_id is None


@pytest.mark.parametrize("kind", ["question", "resource"])
@pytest.mark.parametrize(
    "query",
    [
        "recipe for apple pie",
        "asdf qwer",
        "capital of France",
        "how to train my dog",
        "best pizza in town",
        "what time is it",
        "who won the election",
        "weather tomorrow",
        "car engine repair",
        "coffee machine",
        "learn french",
        "hello",
        "???",
    ],
)
def test_nothing_is_better_than_something_unrelated(index: Index, query: str, kind: str) -> None:
    assert index.search(query, kind) == []  # type: ignore[arg-type]


def test_hits_come_best_first_within_zero_and_one(index: Index) -> None:
    hits = index.search("kubernetes", "resource", 50)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert len(hits) > 5
    assert all(THRESHOLD["resource"] <= score <= 1 for score in scores)
    assert index.search("kubernetes", "resource", 2) == hits[:2]
    assert len({hit.id for hit in hits}) == len(hits)


def test_point_is_found_by_what_a_candidate_says(index: Index) -> None:
    said = "First I limit the damage, say with default feature values, and look for the cause afterwards."
    hit = index.search(said, "point", 1)[0]
    assert (hit.id, hit.question_id) == ("DB01/P2", "DB01")
    point = FOUR.questions["DB01"].point("P2")
    assert hit.text in (point.text, *point.wordings)


def test_follow_up_is_found_and_is_one_of_the_bank(index: Index) -> None:
    wanted = FOUR.questions["SD06"].follow_ups[0]
    hit = index.search(wanted.text, "follow_up", 1)[0]
    assert (hit.id, hit.text, hit.question_id) == (f"SD06/{wanted.id}", wanted.text, "SD06")


def test_threads_search_at_the_same_time(index: Index) -> None:
    queries = ["thread safe python records", "feature store for many teams"] * 4
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda query: index.search(query, "question")[0].id, queries))
    assert found == ["CD01", "SD06"] * 4


# Filters


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), ["CD01", "DB01", "SD02", "SD06"]),
        (Filters(category="system design"), ["SD02", "SD06"]),
        (Filters(difficulty="Expert"), ["SD06"]),
        (Filters(topics=("recsys",)), ["SD02"]),
        (Filters(topics=("recsys", "alerting-incident")), ["DB01", "SD02"]),
        (Filters(max_minutes=30), ["CD01", "DB01"]),
        (Filters(max_minutes=45), ["CD01", "DB01", "SD02"]),
        (Filters(max_minutes=10), []),
        (Filters(company="netflix"), ["SD06"]),
        (Filters(company="Nobody"), []),
        (Filters(category="System Design", max_minutes=45), ["SD02"]),
    ],
)
def test_blank_query_lists_what_passes_the_filters(index: Index, filters: Filters, expected: list[str]) -> None:
    hits = index.search("  ", "question", 10, filters)
    assert [hit.id for hit in hits] == expected
    assert all(hit.score == 0 for hit in hits)


def test_filters_narrow_a_search(index: Index) -> None:
    query = "recommendations that react in a minute"
    assert index.search(query, "question", 5, Filters(category="Debugging")) == []
    assert index.search(query, "question", 5, Filters(max_minutes=45))[0].id == "SD02"
    # The score is the question's own: other questions passing or not does not change it.
    assert index.search(query, "question")[0].score == pytest.approx(
        index.search(query, "question", 5, Filters(company="Vinted"))[0].score, abs=1e-6
    )


def test_every_kind_filters_by_its_fields(index: Index) -> None:
    points = index.search("", "point", 100, Filters(question_id="DB01", level="intermediate", area="ps"))
    bank_points = [p for p in FOUR.questions["DB01"].points if p.level == "Intermediate" and p.area == "PS"]
    assert {hit.id for hit in points} == {f"DB01/{p.id}" for p in bank_points}
    assert [h.question_id for h in index.search("", "follow_up", 9, Filters(move="CONSTRAIN", category="Coding"))] == [
        f.id and "CD01" for f in FOUR.questions["CD01"].follow_ups if f.move == "CONSTRAIN"
    ]
    videos = index.search("caching", "resource", 50, Filters(resource_kind="Video"))
    assert videos
    assert all(RESOURCES[hit.id].kind == "video" for hit in videos)
    drift = index.search("", "resource", 100, Filters(topics=("drift",)))
    assert {hit.id for hit in drift} == {r.id for r in RESOURCES.values() if "drift" in r.topics}


def test_filter_that_a_kind_has_not_is_an_error(index: Index) -> None:
    assert set(FIELDS) == set(THRESHOLD)
    with pytest.raises(ValueError, match="a resource has no difficulty; it has topics"):
        index.search("x", "resource", 5, Filters(difficulty="Expert"))


# Keeping the store


def test_first_opening_embeds_everything_and_the_next_nothing(tmp_path: Path) -> None:
    first = Quick()
    seen: list[tuple[int, int]] = []
    index = Index(tmp_path / "not" / "there" / "yet", first)
    total = size(TWO, len(FEW))
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
    assert index.open(bank, FEW, TOPICS) == Opened(size(bank_of("CD01"), 0), 0, None)
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
    assert opened(folder, topics=topics) == Opened(2 * len(having), 0, None)


def test_what_is_deleted_vanishes(folder: Path) -> None:
    index = Index(folder, Quick())
    gone = size(bank_of("DB01"), 1)
    assert index.open(bank_of("CD01"), {"R001": FEW["R001"]}, TOPICS) == Opened(0, gone, None)
    assert [hit.id for hit in index.search("", "question")] == ["CD01"]
    assert [hit.id for hit in index.search("", "resource")] == ["R001"]
    assert index.search("", "point", 5, Filters(question_id="DB01")) == []
    assert index.open(Bank({}, {}, ()), {}, TOPICS).removed == size(bank_of("CD01"), 1)
    assert index.search("anything", "question") == index.search("", "resource") == []
    index.close()


def test_another_embedder_rebuilds(folder: Path) -> None:
    assert opened(folder, Later()) == Opened(size(TWO, len(FEW)), 0, "another embedder")
    assert opened(folder, Later()).rebuilt is None


def test_asked_for_rebuild_starts_from_nothing(folder: Path) -> None:
    assert opened(folder, rebuild=True) == Opened(size(TWO, len(FEW)), 0, "asked for")


@pytest.mark.parametrize("content", [b"junk" * 5000, b"", None], ids=["junk", "empty", "half"])
def test_damaged_store_is_rebuilt_and_told(folder: Path, content: bytes | None) -> None:
    (file,) = folder.glob("store-*/chroma.sqlite3")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if content is None else content)
    index = Index(folder, Quick())
    assert index.open(TWO, FEW, TOPICS) == Opened(size(TWO, len(FEW)), 0, "damaged")
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
    total, first = size(TWO, len(FEW)), size(bank_of("CD01"), 0)
    with pytest.raises(KeyboardInterrupt):
        opened(tmp_path, Quick(stop_after=first + 10))
    assert opened(tmp_path) == Opened(total - first, 0, None)
    assert opened(tmp_path) == Opened(0, 0, None)


def test_killed_build_is_repaired(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from tests.test_index import *\n"
        "index = Index(Path(sys.argv[1]), Quick())\n"
        "index.open(TWO, FEW, TOPICS, lambda done, total: os._exit(9))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=False)
    assert done.returncode == 9
    index = Index(tmp_path, Quick())
    assert index.open(TWO, FEW, TOPICS) == Opened(size(TWO, len(FEW)) - size(bank_of("CD01"), 0), 0, None)
    assert len(index.search("", "point", 99)) == sum(len(q.points) for q in TWO.questions.values())
    index.close()


def test_only_one_builds_at_a_time(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: opened(tmp_path), range(2)))
    assert sorted(one.embedded for one in both) == [0, size(TWO, len(FEW))]


def test_waiting_for_another_process_has_an_end(tmp_path: Path) -> None:
    index = Index(tmp_path, Quick(), lock_seconds=0.1)
    with FileLock(tmp_path / "lock"), pytest.raises(IndexUnavailable, match="Another process .* then try again"):
        index.open(TWO, FEW, TOPICS)


def test_folder_that_cannot_be_written_names_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(IndexUnavailable, match="Set GREENROOM_DATA"):
        opened(tmp_path / "file" / "index")


def test_searching_before_opening_says_so(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="open it first"):
        Index(tmp_path, Quick()).search("x", "question")


def test_closed_index_opens_again(folder: Path) -> None:
    index = Index(folder, Quick())
    for _ in range(2):
        index.open(TWO, FEW, TOPICS)
        assert [hit.id for hit in index.search("", "question")] == ["CD01", "DB01"]
        index.close()


def test_default_folder_follows_the_environment(tmp_path: Path) -> None:
    assert default_folder({"GREENROOM_DATA": str(tmp_path)}) == tmp_path / "index"
    for environ in ({}, {"GREENROOM_DATA": " "}):
        assert default_folder(environ).parts[-2:] == ("greenroom", "index")


def test_importing_loads_nothing_heavy() -> None:
    heavy = "{'chromadb', 'onnxruntime', 'filelock', 'platformdirs'}"
    script = f"import sys, knowledge.index, knowledge.wish; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
