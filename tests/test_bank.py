"""The bank of a folder: a broken file is reported and leaves the others standing; the shipped one is clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import parsed
from knowledge.bank import load_bank, planned
from knowledge.faults import Fault, KnowledgeError
from knowledge.question import QUESTIONS
from knowledge.terms import CATEGORIES, PHASES, Level
from tests.sample_question import SAMPLE, line, sample, sample_question, write_sample


def test_questions_come_in_the_order_of_their_ids_with_their_paths(tmp_path: Path) -> None:
    late = write_sample(tmp_path, ("id: XX01", "id: XX09"), name="A.md")
    early = write_sample(tmp_path, name="B.md")
    bank = load_bank(tmp_path)
    assert list(bank.questions) == ["XX01", "XX09"]
    assert bank.paths == {"XX01": early, "XX09": late}
    assert bank.faults == ()


def test_a_broken_file_leaves_the_others_standing(tmp_path: Path) -> None:
    write_sample(tmp_path, name="XX01.md")
    broken = write_sample(
        tmp_path, ("id: XX01", "id: XX02"), ("minutes: 30", "minutes: 3"), ("(P3, P4)", ""), name="XX02.md"
    )
    (tmp_path / "XX03.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "XX04.md").mkdir()
    bank = load_bank(tmp_path)
    assert list(bank.questions) == ["XX01"]
    assert [(f.path, f.line) for f in bank.faults] == [
        (broken, line(SAMPLE, "minutes:")),
        (broken, line(SAMPLE, "1. Where")),
        (tmp_path / "XX03.md", 1),
        (tmp_path / "XX04.md", 1),
    ]


def test_an_id_belongs_to_the_first_file_by_name_and_folder(tmp_path: Path) -> None:
    first = write_sample(tmp_path / "a")
    second = write_sample(tmp_path / "b")
    third = write_sample(tmp_path / "a", name="XX02.md")
    bank = load_bank(tmp_path)
    assert bank.paths == {"XX01": first}
    assert bank.faults == tuple(Fault(p, 2, f"id XX01 is already taken by {first}") for p in (second, third))


def test_hidden_files_and_other_kinds_are_no_questions(tmp_path: Path) -> None:
    path = write_sample(tmp_path)
    (path.parent / ".#XX01.md").symlink_to("somebody@somewhere.1234")
    (tmp_path / ".checkpoints").mkdir()
    (tmp_path / ".checkpoints" / "XX01.md").write_text("old", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    bank = load_bank(tmp_path)
    assert (list(bank.paths.values()), bank.faults) == ([path], ())


def test_a_bank_below_a_hidden_folder_is_read(tmp_path: Path) -> None:
    write_sample(tmp_path / ".hidden")
    assert list(load_bank(tmp_path / ".hidden").questions) == ["XX01"]


def test_an_empty_folder_is_an_empty_bank_and_a_missing_one_an_error(tmp_path: Path) -> None:
    assert load_bank(tmp_path).questions == {}
    with pytest.raises(KnowledgeError, match="absent:1: there is no such folder of questions"):
        load_bank(tmp_path / "absent")


def test_the_shipped_questions_can_be_read_and_are_those_of_the_plan() -> None:
    bank, plan = load_bank(), planned()
    assert bank.faults == ()
    assert bank.questions.keys() <= plan.keys()
    for id_, question in bank.questions.items():
        shown = (question.title, question.category, question.difficulty, question.minutes)
        assert shown == tuple(plan[id_][key] for key in ("title", "category", "difficulty", "minutes"))
        assert bank.paths[id_].is_relative_to(QUESTIONS)


def test_the_plan_uses_the_words_of_the_house() -> None:
    for id_, entry in planned().items():
        assert entry.keys() == {"title", "category", "difficulty", "minutes"}, id_
        assert entry["category"] in CATEGORIES
        assert entry["difficulty"] in tuple(Level)
        assert 5 <= entry["minutes"] <= 120
    assert {entry["category"] for entry in planned().values()} == set(PHASES)


def test_private_questions_stand_beside_the_others_and_never_replace_one(tmp_path: Path) -> None:
    shipped, private = tmp_path / "shipped", tmp_path / "private"
    for folder, ids in ((shipped, ("XX01",)), (private, ("XX01", "OURS1"))):
        folder.mkdir()
        for id_ in ids:
            (folder / f"{id_}.md").write_text(sample(("id: XX01", f"id: {id_}")), encoding="utf-8")
    bank = load_bank(shipped, private)
    assert bank.paths == {"OURS1": private / "OURS1.md", "XX01": shipped / "XX01.md"}
    assert [str(fault) for fault in bank.faults] == [
        f"{private / 'XX01.md'}:2: id XX01 is already taken by {shipped / 'XX01.md'}"
    ]
    with pytest.raises(KnowledgeError, match="no such folder"):
        load_bank(shipped, tmp_path / "none")


def test_what_was_parsed_is_kept_for_the_next_time_and_never_outlives_its_text(tmp_path: Path) -> None:
    folder, cache = tmp_path / "bank", tmp_path / "data" / "questions.json"
    folder.mkdir()
    file = folder / "XX01.md"
    file.write_text(sample(), encoding="utf-8")
    fresh = load_bank(folder, cache=cache)
    assert list(parsed.load(cache).values()) == list(fresh.questions.values())
    assert load_bank(folder, cache=cache) == fresh

    (kept,) = parsed.load(cache)  # what is in the file is what is used
    parsed.save(cache, {kept: sample_question(("When the next tram comes", "From the cache"))})
    assert load_bank(folder, cache=cache).questions["XX01"].title == "From the cache"
    file.write_text(sample(("When the next tram comes", "Changed")), encoding="utf-8")
    assert load_bank(folder, cache=cache).questions["XX01"].title == "Changed"
    assert len(parsed.load(cache)) == 1


@pytest.mark.parametrize("damage", [b"", b"{", b'{"x": {}}', b"\xff"])
def test_a_damaged_cache_is_replaced(tmp_path: Path, damage: bytes) -> None:
    folder, cache = tmp_path / "bank", tmp_path / "questions.json"
    folder.mkdir()
    (folder / "XX01.md").write_text(sample(), encoding="utf-8")
    cache.write_bytes(damage)
    assert list(load_bank(folder, cache=cache).questions) == ["XX01"]
    assert len(parsed.load(cache)) == 1


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "XX01.md").write_text(sample(), encoding="utf-8")
    (tmp_path / "file").write_text("in the way")
    assert list(load_bank(folder, cache=tmp_path / "file" / "questions.json").questions) == ["XX01"]
