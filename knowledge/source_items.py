"""What the bank has to cover: every item of the documents it was made from, with the questions that cover it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.bank import Bank
from knowledge.faults import Fault, KnowledgeError
from knowledge.question import QUESTIONS
from knowledge.yaml_lines import parse_block, read_bytes

ITEMS_FILE = QUESTIONS / "sources.yaml"


@dataclass(frozen=True)
class SourceItem:
    """`asks` says in our words what the item wants to see covered; `questions` are the ids that do."""

    id: str
    asks: str
    questions: tuple[str, ...]
    line: int


def load_source_items(path: Path = ITEMS_FILE) -> dict[str, SourceItem]:
    """Id -> item, in the order of the file. KnowledgeError with every fault."""
    root = parse_block(read_bytes(path), path)
    items = {}
    for key, block in root.entries():
        block.expect(("asks", "questions"))
        items[key] = SourceItem(key, block.text("asks"), block.texts("questions"), block.line)
    root.finish(KnowledgeError)
    return items


def source_faults(bank: Bank, path: Path = ITEMS_FILE) -> Iterator[Fault]:
    """Where the table and the `sources` of the questions beside it say different things."""
    items = load_source_items(path)
    named: dict[str, list[str]] = {}
    for question in bank.questions.values():
        if bank.paths[question.id].is_relative_to(path.parent):
            for source in question.sources:
                named.setdefault(source, []).append(question.id)
    for item in items.values():
        there = named.pop(item.id, [])
        if list(item.questions) != there:
            yield Fault(path, item.line, f"{item.id}: the questions that name it are [{', '.join(there)}]")
    for unknown, ids in named.items():
        yield Fault(bank.paths[ids[0]], 1, f"{ids[0]}: there is no source item {unknown} in {path.name}")
