"""Study plans: parts of a week or two, each with something to do, topics, questions and resources."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.faults import KnowledgeError
from knowledge.yaml_lines import Block, parse_block, read_bytes

STUDY_FILE = Path(__file__).parent / "study_plans.yaml"


@dataclass(frozen=True)
class Part:
    """A week or two. `topics`, `questions` and `resources` are ids; a question may not be written yet."""

    title: str
    about: str
    do: tuple[str, ...]
    topics: tuple[str, ...]
    questions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True)
class StudyPlan:
    """Parts in their order."""

    id: str
    name: str
    about: str
    parts: tuple[Part, ...]


def load_study_plans(
    topics: Collection[str], questions: Collection[str], resources: Collection[str], path: Path = STUDY_FILE
) -> Mapping[str, StudyPlan]:
    """Id -> plan, in the order of the file; the arguments are the ids allowed. KnowledgeError with every fault."""
    root = parse_block(read_bytes(path), path)
    plans = {}
    for key, block in root.entries():
        block.expect(("name", "about", "parts"))
        inner = block.block("parts")
        parts = tuple(_part(b, topics, questions, resources) for _, b in (inner.entries() if inner else ()))
        plans[key] = StudyPlan(key, block.text("name"), block.text("about"), parts)
    root.finish(KnowledgeError)
    return plans


def _part(block: Block, topics: Collection[str], questions: Collection[str], resources: Collection[str]) -> Part:
    block.expect(("title", "about", "do", "topics", "questions", "resources"))
    return Part(
        block.text("title"),
        block.text("about"),
        block.texts("do"),
        block.ids("topics", topics, "topic"),
        block.ids("questions", questions, "question"),
        block.ids("resources", resources, "resource"),
    )
