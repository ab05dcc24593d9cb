"""Given points and answers from anywhere: what is reached, how surely, in which words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.ear import Ear
from evals.__main__ import main
from evals.reach import Case, PointText, reached, result
from knowledge.embedder import MiniLM

POINTS = (
    PointText(id="log", text="Every action is appended to a durable log before it is answered."),
    PointText(id="cache", text="A cache holds the hundred most popular items for a minute."),
)
SAID = "I would write each action to a durable log first, because a crash must not lose it. Then the worker reads on."


@pytest.fixture(scope="module")
def ear(embedder: MiniLM) -> Ear:
    return Ear(embedder)


def test_the_point_that_is_made_is_the_one_that_is_reached(ear: Ear) -> None:
    found = result(Case(id="a", points=POINTS, answer=SAID), ear)
    log, cache = found["points"]
    assert log["probability"] > 0.5 > 0.2 > cache["probability"]
    assert log["rung"] >= 1
    assert log["quote"] in SAID
    assert (cache["rung"], cache["quote"]) == (0, "")
    assert found["coverage"] == pytest.approx((log["probability"] + cache["probability"]) / 2, abs=1e-4)


@pytest.mark.parametrize("answer", ["", "  \n", "?!"])
def test_an_empty_answer_covers_exactly_nothing(ear: Ear, answer: str) -> None:
    found = result(Case(id="a", points=POINTS, answer=answer), ear)
    assert found["coverage"] == 0
    assert [p["probability"] for p in found["points"]] == [0, 0]


def test_words_of_the_question_count_little(ear: Ear) -> None:
    plain = result(Case(id="a", points=POINTS, answer=SAID), ear)["coverage"]
    echoed = result(Case(id="a", question="Is each action written to a durable log?", points=POINTS, answer=SAID), ear)
    assert echoed["coverage"] < plain


def test_command_writes_a_line_for_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "cases.jsonl", tmp_path / "out.jsonl"
    path.write_text("\n".join(Case(id=i, points=POINTS, answer=SAID).model_dump_json() for i in ("a", "b")))
    assert main(["reach", str(path), "--out", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == ["a", "b"]


@pytest.mark.parametrize(
    "line", ["[", '{"id": "a", "answer": "x", "points": []}', '{"id": "a", "points": [{"id": "p"}]}']
)
def test_bad_lines_are_named(tmp_path: Path, ear: Ear, line: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(line)
    with pytest.raises(ValueError, match="cases.jsonl, line 1: "):
        list(reached(path, ear))
