"""The question bank: every question file of a folder. A broken file is reported and leaves the others standing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge import parsed
from knowledge.faults import Fault, KnowledgeError
from knowledge.question import QUESTIONS, Question
from knowledge.question_file import parse_question, read_text


@dataclass(frozen=True)
class Bank:
    """Questions by id, in order of their ids, and the faults of the files that could not be read."""

    questions: dict[str, Question]
    paths: dict[str, Path]
    faults: tuple[Fault, ...]


def load_bank(folder: Path = QUESTIONS, private: Path | None = None, cache: Path | None = None) -> Bank:
    """Reads every `*.md` below `folder`, then below `private`, a team's own, except hidden ones, such as an editor's
    lock file. A question whose id is taken is a fault. `cache` is a file that keeps what was parsed for the next time.

    Raises KnowledgeError only when a folder is missing.
    """
    questions: dict[str, Question] = {}
    paths: dict[str, Path] = {}
    faults: list[Fault] = []
    before = parsed.load(cache) if cache else {}
    read: dict[str, Question] = {}
    for path in [path for root in (folder, private) if root for path in _files(root)]:
        try:
            text = read_text(path)
            key = parsed.key(text)
            question = read[key] = before.get(key) or _parsed(text, path)
        except KnowledgeError as error:
            faults += error.faults
            continue
        if question.id in questions:
            faults.append(Fault(path, 2, f"id {question.id} is already taken by {paths[question.id]}"))
            continue
        questions[question.id], paths[question.id] = question, path
    if cache and read.keys() != before.keys():
        parsed.save(cache, read)
    return Bank(dict(sorted(questions.items())), paths, tuple(faults))


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise KnowledgeError((Fault(folder, 1, "there is no such folder of questions"),))
    found = sorted(folder.rglob("*.md"), key=lambda p: (p.name, p))
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


@lru_cache(maxsize=512)
def _parsed(text: str, path: Path) -> Question:
    """Parsed once per process."""
    return parse_question(text, path)


@lru_cache(maxsize=1)
def planned(path: Path = QUESTIONS / "plan.yaml") -> dict[str, dict[str, Any]]:
    """Every id of the content plan, written or not -> title, category, difficulty, minutes."""
    data: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data
