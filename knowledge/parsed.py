"""Questions as they were parsed the last time: parsing takes 20 ms each, reading them back 1 ms.

The file is a cache and nothing else: what is missing, damaged or written by another version is parsed anew.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from knowledge.question import Question

_PARSER = ("parsed", "question", "question_file", "question_header", "question_sections", "markdown_sections", "terms")


def key(text: str) -> str:
    """What a question is kept under: a digest of its file's text and of the parser that read it."""
    return hashlib.sha256(f"{_version()}\n{text}".encode()).hexdigest()


def load(file: Path) -> dict[str, Question]:
    """Key -> question; {} when there is nothing that can be used."""
    try:
        return _questions().validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return {}


def save(file: Path, questions: Mapping[str, Question]) -> None:
    """Replaces the file in one step. Without a writable folder nothing is kept, and the next start parses again."""
    scratch = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(_questions().dump_json(dict(questions)))
        scratch.replace(file)
    except OSError:
        return


@lru_cache(maxsize=1)
def _questions() -> TypeAdapter[dict[str, Question]]:
    return TypeAdapter(dict[str, Question])


@lru_cache(maxsize=1)
def _version() -> str:
    here = Path(__file__).parent
    return hashlib.sha256(b"".join((here / f"{name}.py").read_bytes() for name in _PARSER)).hexdigest()
