"""The search index: what it finds, what it refuses to find, and how it filters."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knowledge.embedder import MiniLM
from knowledge.index import FIELDS, THRESHOLD, Filters, Index, IndexUnavailable, Opened, default_folder
from knowledge.resource import load_resources, load_topics
from tests.built_index import BuiltIndex, four_questions

ROOT = Path(__file__).parent.parent
TOPICS = load_topics()
RESOURCES = load_resources(topics=TOPICS)
FOUR = four_questions()


@pytest.fixture(scope="session")
def index(built_index: BuiltIndex, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Four questions and all resources, with real vectors."""
    opened = Index(built_index.copy(tmp_path_factory.mktemp("data")), MiniLM())
    assert opened.open(FOUR, RESOURCES, TOPICS) == Opened(0, 0, None)
    yield opened
    opened.close()


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
    ("query", "title"),
    [
        ("kubernetes troubleshooting", "A visual guide on troubleshooting Kubernetes deployments"),
        ("caching video", "Design Netflix"),
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
def test_resource_is_found_by_what_it_is_about(index: Index, query: str, title: str) -> None:
    hit = next(hit for hit in index.search(query, "resource", 3) if title in hit.title)
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
    constraints = index.search("", "follow_up", 9, Filters(move="constrain", category="Coding"))
    assert {h.id for h in constraints} == {
        f"CD01/{f.id}" for f in FOUR.questions["CD01"].follow_ups if f.move == "CONSTRAIN"
    }
    videos = index.search("caching", "resource", 50, Filters(resource_kind="Video"))
    assert videos
    assert all(RESOURCES[hit.id].kind == "video" for hit in videos)
    drift = index.search("", "resource", 100, Filters(topics=("drift",)))
    assert {hit.id for hit in drift} == {r.id for r in RESOURCES.values() if "drift" in r.topics}


def test_filter_that_a_kind_has_not_is_an_error(index: Index) -> None:
    assert set(FIELDS) == set(THRESHOLD)
    with pytest.raises(ValueError, match="a resource has no difficulty; it has topics"):
        index.search("x", "resource", 5, Filters(difficulty="Expert"))


def test_searching_before_opening_says_so(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="open it first"):
        Index(tmp_path, MiniLM()).search("x", "question")


def test_default_folder_follows_the_environment(tmp_path: Path) -> None:
    assert default_folder({"GREENROOM_DATA": str(tmp_path)}) == tmp_path / "index"
    for environ in ({}, {"GREENROOM_DATA": " "}):
        assert default_folder(environ).parts[-2:] == ("greenroom", "index")


def test_importing_loads_nothing_heavy() -> None:
    heavy = "{'chromadb', 'onnxruntime', 'filelock', 'platformdirs'}"
    script = f"import sys, knowledge.index, knowledge.wish; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
