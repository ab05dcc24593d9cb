"""Transcripts as JSON lines: what is read, and what is refused by file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.samples import read_samples
from knowledge.bank import load_bank
from knowledge.terms import Level

BANK = load_bank().questions
DATA = Path(__file__).parent.parent / "evals" / "datasets" / "transcripts"
GOOD = {
    "id": "one",
    "question_id": "SD06",
    "messages": [
        {"role": "assistant", "content": "How would you begin?"},
        {"role": "user", "content": "With the users."},
        {"role": "candidate", "content": "And what they need."},
    ],
}


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "some.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_both_names_of_a_speaker_are_read_and_turns_are_numbered(tmp_path: Path) -> None:
    (sample,) = read_samples(written(tmp_path, json.dumps(GOOD), "", " "), BANK)
    transcript = sample.transcript(BANK["SD06"])
    assert [(t.seq, t.speaker) for t in transcript.turns] == [(0, "interviewer"), (1, "candidate"), (2, "candidate")]
    assert transcript.level is BANK["SD06"].difficulty
    assert sample.answers == ["With the users.", "And what they need."]


def test_a_level_of_its_own_counts(tmp_path: Path) -> None:
    (sample,) = read_samples(written(tmp_path, json.dumps({**GOOD, "level": "Intermediate"})), BANK)
    assert sample.transcript(BANK["SD06"]).level is Level.INTERMEDIATE


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "Invalid JSON"),
        (json.dumps({**GOOD, "question_id": "ZZ99"}), "no question ZZ99"),
        (json.dumps({**GOOD, "messages": [{"role": "judge", "content": "x"}]}), "messages.0.role"),
        (json.dumps({**GOOD, "surprise": 1}), "surprise"),
        (json.dumps({k: v for k, v in GOOD.items() if k != "id"}), "id: Field required"),
        (json.dumps(GOOD), "stands on an earlier line"),
    ],
)
def test_what_cannot_be_used_is_refused_by_file_and_line(tmp_path: Path, line: str, why: str) -> None:
    path = written(tmp_path, json.dumps(GOOD), line)
    with pytest.raises(ValueError, match="some.jsonl, line 2: ") as refusal:
        list(read_samples(path, BANK))
    assert why in str(refusal.value)


def test_the_shipped_transcripts_are_whole() -> None:
    parts = {part: list(read_samples(DATA / f"{part}.jsonl", BANK)) for part in ("fit", "tune", "test")}
    questions = {part: {s.question_id for s in samples} for part, samples in parts.items()}
    assert sum(len(samples) for samples in parts.values()) >= 90
    assert len(set.union(*questions.values())) == sum(len(q) for q in questions.values()) == 30
    for sample in (s for samples in parts.values() for s in samples):
        question = BANK[sample.question_id]
        assert 500 <= sum(len(m.content.split()) for m in sample.messages) <= 2500
        assert sample.messages[0].role == "interviewer"
        for label in sample.labels.values():
            assert set(label.points) == {p.id for p in question.points}
            assert set(label.areas) == {p.area for p in question.points}
            assert set(label.wrong) <= {w.id for w in question.wrong_claims}
            assert all(score is None or 1 <= score <= 5 for score in label.areas.values())
            assert all(0 <= rung <= 4 for rung in label.points.values())
