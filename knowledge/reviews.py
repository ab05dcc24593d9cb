"""Which questions somebody other than their writer has read, and in which wording: `reviews.yaml` beside the questions.

A mark holds for one text. Whoever changes the question afterwards has it read again; its search phrases, which nobody
is asked, may grow without that.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.bank import Bank
from knowledge.faults import Fault, KnowledgeError
from knowledge.question import Question

FILE = "reviews.yaml"
HEAD = "# Questions that a second person has read (docs/contributing.md): `python -m knowledge reviewed ID` adds one.\n"

_PHRASES = re.compile(r"^found_by:.*\n(?:[ \t]+.*\n)*", re.MULTILINE)


@dataclass(frozen=True)
class Review:
    """`text` is the digest of the question file that was read, `by` whoever read it."""

    text: str
    on: date
    by: str


def digest(question: Question) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of the question's file: line ends, byte order mark and search
    phrases aside."""
    return hashlib.sha256(_PHRASES.sub("", question.source, count=1).encode()).hexdigest()[:12]


def load_reviews(folder: Path) -> dict[str, Review]:
    """Id -> review, {} when there is no such file. KnowledgeError when it cannot be read."""
    path = folder / FILE
    try:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {str(id_): Review(str(row["text"]), row["on"], str(row["by"])) for id_, row in (data or {}).items()}
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        fault = Fault(path, 1, f"is not a list of reviews as `ID: {{text, on, by}}`: {error}")
        raise KnowledgeError((fault,)) from None


def review_faults(bank: Bank, folder: Path) -> Iterator[Fault]:
    """The questions below `folder` that nobody has read, or that were changed since, and marks for no question."""
    reviews = load_reviews(folder)
    there = {id_: q for id_, q in bank.questions.items() if bank.paths[id_].is_relative_to(folder)}
    for id_, question in there.items():
        if id_ not in reviews:
            yield Fault(bank.paths[id_], 1, f"{id_}: nobody but its writer has read it; see docs/contributing.md")
        elif reviews[id_].text != digest(question):
            yield Fault(bank.paths[id_], 1, f"{id_}: changed since its review; see docs/contributing.md")
    broken = {fault.path.stem for fault in bank.faults}
    for id_ in sorted(reviews.keys() - there.keys() - broken):
        yield Fault(folder / FILE, 1, f"{id_}: a review of a question that is not there")


def mark(folder: Path, question: Question, by: str, on: date) -> None:
    """Notes that `by` has read the question as it is now."""
    reviews = {**load_reviews(folder), question.id: Review(digest(question), on, by)}
    rows = {id_: {"text": r.text, "on": r.on, "by": r.by} for id_, r in sorted(reviews.items())}
    lines = yaml.safe_dump(rows, default_flow_style=None, sort_keys=False, allow_unicode=True, width=200)
    scratch = folder / f"{FILE}.new"
    scratch.write_text(HEAD + lines, encoding="utf-8")
    scratch.replace(folder / FILE)
