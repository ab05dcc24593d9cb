"""The question bank: every question file of a folder. A broken file is reported and leaves the others standing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.faults import Fault, KnowledgeError
from knowledge.question import QUESTIONS, Question
from knowledge.question_file import read_question


@dataclass(frozen=True)
class Bank:
    """Questions by id, in order of their ids, and the faults of the files that could not be read."""

    questions: dict[str, Question]
    paths: dict[str, Path]
    faults: tuple[Fault, ...]


def load_bank(folder: Path = QUESTIONS) -> Bank:
    """Reads every `*.md` below `folder` except hidden ones, such as an editor's lock file.

    Raises KnowledgeError only when the folder itself is missing.
    """
    if not folder.is_dir():
        raise KnowledgeError((Fault(folder, 1, "there is no such folder of questions"),))
    questions: dict[str, Question] = {}
    paths: dict[str, Path] = {}
    faults: list[Fault] = []
    for path in sorted(folder.rglob("*.md"), key=lambda p: (p.name, p)):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        try:
            question = read_question(path)
        except KnowledgeError as error:
            faults += error.faults
            continue
        if question.id in questions:
            faults.append(Fault(path, 2, f"id {question.id} is already taken by {paths[question.id]}"))
            continue
        questions[question.id], paths[question.id] = question, path
    return Bank(dict(sorted(questions.items())), paths, tuple(faults))


@lru_cache(maxsize=1)
def planned(path: Path = QUESTIONS / "plan.yaml") -> dict[str, dict[str, Any]]:
    """Every id of the content plan, written or not -> title, category, difficulty, minutes."""
    data: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data
