"""Scoring transcripts from elsewhere: what is proven, what came up, and that form and level change nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.panel import Panel
from evals.__main__ import main
from evals.samples import Message, Sample, read_samples
from evals.score import as_json, line, record
from knowledge.bank import load_bank
from knowledge.rubric import load_rubric
from knowledge.terms import Level

BANK = load_bank().questions
RUBRIC = load_rubric()
TUNE = Path(__file__).parent.parent / "evals" / "datasets" / "transcripts" / "tune.jsonl"
SAMPLES = {s.id: s for s in read_samples(TUNE, BANK)}
GOOD, WEAK = SAMPLES["SD01-excellent"], SAMPLES["SD01-buzzwords"]


def scored(panel: Panel, sample: Sample) -> dict[str, object]:
    return record(sample, BANK[sample.question_id], RUBRIC, panel.reader)


def spoken(*answers: str) -> Sample:
    messages = [
        m
        for a in answers
        for m in (Message(role="interviewer", content="Go on."), Message(role="candidate", content=a))
    ]
    return Sample(id="own", question_id="SD01", messages=tuple(messages))


def test_a_strong_transcript_stands_far_above_a_weak_one(panel: Panel) -> None:
    good, weak = scored(panel, GOOD), scored(panel, WEAK)
    assert isinstance(good["overall"], float)
    assert isinstance(weak["overall"], float)
    assert good["overall"] > weak["overall"] + 0.8
    assert good["coverage"] == pytest.approx(
        sum(RUBRIC.areas[a].weight for a in GOOD.labels["first reader"].areas) / 100
    )


def test_the_same_transcript_is_always_scored_the_same(panel: Panel) -> None:
    assert scored(panel, WEAK) == scored(panel, WEAK)


@pytest.mark.parametrize("level", list(Level))
def test_the_level_changes_no_area(panel: Panel, level: Level) -> None:
    own, other = scored(panel, WEAK), scored(panel, WEAK.model_copy(update={"level": level}))
    assert (own["areas"], own["overall"]) == (other["areas"], other["overall"])


def test_every_quote_is_the_candidates(panel: Panel) -> None:
    points = scored(panel, GOOD)["points"]
    assert isinstance(points, dict)
    quotes = [p["quote"] for p in points.values() if p["rung"]]
    assert len(quotes) > 3
    assert all(any(quote in answer for answer in GOOD.answers) for quote in quotes)


def test_what_never_came_up_is_not_assessed(panel: Panel) -> None:
    found = scored(panel, spoken("My train was late this morning.", "I like the office, it has nice plants."))
    assert found["overall"] is None
    assert found["unscored"] == "no question about any area was asked"
    assert "unscored (no question about any area was asked)" in line(found)


def test_nothing_said_is_no_score(panel: Panel) -> None:
    found = scored(panel, spoken("", ""))
    assert (found["overall"], found["unscored"]) == (None, "nothing was said")
    assert json.loads(as_json(found))["overall"] is None


def test_command_prints_a_line_per_transcript(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.jsonl"
    path.write_text("\n".join(spoken(text).model_copy(update={"id": text}).model_dump_json() for text in ("x", "y")))
    assert main(["score", str(path), "--json"]) == 0
    printed = [json.loads(found) for found in capsys.readouterr().out.splitlines()]
    assert [found["id"] for found in printed] == ["x", "y"]
    assert all({"overall", "coverage", "areas"} <= found.keys() for found in printed)


def test_a_model_that_nobody_named_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(spoken("x").model_dump_json())
    assert main(["score", str(path), "--panel", "model"]) == 2
    assert "set GREENROOM_LLM_MODEL" in capsys.readouterr().err


def test_command_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text("{}")
    assert main(["score", str(path)]) == 2
    assert "bad.jsonl, line 1" in capsys.readouterr().err
    assert main(["score", str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl" in capsys.readouterr().err
