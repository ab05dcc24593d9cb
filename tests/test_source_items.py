"""The table of what the bank's sources ask for: complete, and in step with the questions."""

from __future__ import annotations

from pathlib import Path

from knowledge.bank import load_bank
from knowledge.source_items import load_source_items, source_faults
from tests.sample_question import sample

ITEMS = 124


def test_every_item_of_the_sources_has_a_question() -> None:
    items = load_source_items()
    assert len(items) == ITEMS
    assert [item.id for item in items.values() if not item.questions] == []
    assert len({item.asks for item in items.values()}) == ITEMS
    assert list(source_faults(load_bank())) == []


def test_a_table_that_is_out_of_step_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "XX01.md").write_text(sample(("sources: [own]", "sources: [001.A, 001.C]")), encoding="utf-8")
    table = tmp_path / "sources.yaml"
    table.write_text(
        "001.A: {asks: one thing, questions: [XX01]}\n001.B: {asks: another, questions: [XX01]}\n", encoding="utf-8"
    )
    assert [(f.path.name, f.line, f.message) for f in source_faults(load_bank(tmp_path), table)] == [
        ("sources.yaml", 2, "001.B: the questions that name it are []"),
        ("XX01.md", 1, "XX01: there is no source item 001.C in sources.yaml"),
    ]
