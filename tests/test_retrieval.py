"""The measurement of the search: its figures by hand, its data, and that the halves stay apart."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from evals.retrieval import QUERIES, Query, load_queries, score
from knowledge.bank import planned
from knowledge.embedder import MiniLM
from knowledge.find import find_questions
from knowledge.index import Filters, Index
from knowledge.resource import load_resources, load_topics
from tests.built_index import BuiltIndex, four_questions

KNOWN = {"question": set(planned()), "resource": set(load_resources())}


def test_a_perfect_ranking_scores_one() -> None:
    found = score(["A", "B", "C"], {"A": 2, "B": 1})
    assert (found.recall, found.ndcg, found.reciprocal) == (1, 1, 1)


def test_figures_by_hand() -> None:
    found = score(["X", "A", "B"], {"A": 2, "B": 1, "C": 2})
    assert found.recall == 0.5
    assert found.reciprocal == 0.5
    gained = 3 / math.log2(3) + 1 / math.log2(4)
    ideal = 3 / math.log2(2) + 3 / math.log2(3) + 1 / math.log2(4)
    assert found.ndcg == pytest.approx(gained / ideal)


def test_nothing_found_scores_nothing_and_more_than_five_targets_can_all_be_recalled() -> None:
    assert score([], {"A": 2}).ndcg == score([], {"A": 2}).recall == score([], {"A": 2}).reciprocal == 0
    many = {f"T{n}": 2 for n in range(8)}
    assert score(list(many), many).recall == 1
    assert score(["X"] * 5 + list(many), many).recall == 0
    assert score(["X"] * 10 + ["T0"], many).reciprocal == 0


def test_the_queries_are_whole_and_balanced() -> None:
    queries = load_queries(KNOWN)
    assert len(queries) == 300
    assert len({q.id for q in queries}) == len({(q.kind, q.text) for q in queries}) == 300
    for kind in ("question", "resource"):
        for style in {q.style for q in queries if q.kind == kind}:
            halves = [
                sum(q.part == part for q in queries if (q.kind, q.style) == (kind, style))
                for part in ("tune", "report")
            ]
            assert 0 <= halves[0] - halves[1] <= 1
    for line in QUERIES.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        assert set(record["grades"]) <= KNOWN[record["kind"]]
        assert bool(record["grades"]) == (record["style"] != "unrelated")


def test_queries_without_any_target_there_are_left_out(tmp_path: Path) -> None:
    rows = [
        {"id": id_, "kind": "question", "text": "a", "style": "s", "part": "tune", "target": target, "grades": grades}
        for id_, target, grades in (("1", "A", {"A": 2, "B": 1}), ("2", "C", {"C": 2, "A": 1}), ("3", None, {}))
    ]
    file = tmp_path / "queries.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert load_queries({"question": {"A"}, "resource": set()}, file) == [
        Query("1", "question", "a", "s", "tune", {"A": 2}),
        Query("3", "question", "a", "s", "tune", {}),
    ]


def test_a_wish_is_relaxed_only_in_what_it_asked_beside_its_subject(built_index: BuiltIndex, tmp_path: Path) -> None:
    bank, topics = four_questions(), load_topics()
    index = Index(built_index.copy(tmp_path), MiniLM())
    index.open(bank, load_resources(topics=topics), topics)
    known = bank.questions.values()
    exact = find_questions(index, "slow payment checkout at night, senior, 30 min", known, 5)
    assert (exact.hits[0].id, exact.relaxed, exact.wish.filters.max_minutes) == ("DB01", False, 30)
    relaxed = find_questions(index, "slow payment checkout at night, 10 min", known, 5)
    assert (relaxed.hits[0].id, relaxed.relaxed) == ("DB01", True)
    chosen = find_questions(index, "slow payment checkout at night, 10 min", known, 5, Filters(category="Coding"))
    assert "DB01" not in [hit.id for hit in chosen.hits]
    assert find_questions(index, "sourdough and pastry, 10 min", known, 5).hits == ()
    index.close()
