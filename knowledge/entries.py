"""What the index holds: the texts of a question or a resource that become vectors, and what they are filtered by.

Pure: files and vectors are the business of `knowledge/index.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args

import yaml

from knowledge.bank import Bank
from knowledge.question import Point, Question, statement_prose
from knowledge.resource import Resource, Topic
from knowledge.yaml_lines import LOADER

Kind = Literal["question", "resource", "follow_up", "point"]
"""What can be searched for."""
Shelf = Literal["question", "resource", "follow_up", "point", "question_phrase", "resource_phrase", "elsewhere"]
SHELVES: tuple[Shelf, ...] = get_args(Shelf)
"""Where entries lie: besides what can be found, what people type who look for it, and what they type about other
subjects."""
ELSEWHERE_FILE = Path(__file__).parent / "elsewhere.yaml"

Value = str | int | list[str]


@dataclass(frozen=True)
class Entry:
    """One text of the index. `text` becomes the vector, `shown` is what a hit shows. `owner` is the thing that is
    found; several entries may belong to it. `also` holds words that count as standing in the text."""

    shelf: Shelf
    id: str
    owner: str
    title: str
    text: str
    shown: str
    also: str
    fields: dict[str, Value]


@dataclass(frozen=True)
class Source:
    """A question file or a resource: what is embedded, replaced and removed as one. Never empty."""

    key: str
    entries: tuple[Entry, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything the index would hold of it."""
        return sha256(json.dumps([vars(e) for e in self.entries], sort_keys=True).encode()).hexdigest()

    @property
    def main(self) -> Entry:
        """Written last, with the digest: its presence says that all other entries are there."""
        return self.entries[-1]


def sources(bank: Bank, resources: Mapping[str, Resource], topics: Mapping[str, Topic]) -> list[Source]:
    """Everything there is to index, questions first. Topics that are not in the list go by their tags."""
    found = [_of_question(question, topics) for question in bank.questions.values()]
    return [*found, *(_of_resource(resource, topics) for resource in resources.values()), _elsewhere()]


def elsewhere_phrases(path: Path = ELSEWHERE_FILE) -> list[str]:
    """What people type about other subjects."""
    phrases: list[str] = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe loader
    return phrases


def _elsewhere() -> Source:
    entries = (
        Entry("elsewhere", f"elsewhere/{n}", "elsewhere", "", text, "", "", {})
        for n, text in enumerate(elsewhere_phrases())
    )
    return Source("elsewhere", tuple(entries))


def folded(values: Iterable[str]) -> list[str]:
    """How names are stored and asked for, so that "netflix" finds Netflix."""
    return [value.strip().casefold() for value in values]


def _of_question(q: Question, topics: Mapping[str, Topic]) -> Source:
    entries = [_follow_up(q, index) for index in range(len(q.follow_ups))]
    for point in q.points:
        entries += _of_point(q, point)
    names, prose = _names(q.topics, topics), statement_prose(q.statement)
    also = " ".join((q.id, q.category, names, *q.topics, *q.companies, *q.found_by))
    fields = {**_shared(q), **_lists(topics=q.topics), "phrases": len(q.found_by)}
    entries += _phrases("question_phrase", q.id, q.found_by, fields)
    for id_, text in ((f"{q.id}/short", f"{q.title}. {names}."), (q.id, f"{q.title}. {prose} {names}.")):
        entries.append(Entry("question", id_, q.id, q.title, text, q.statement, also, fields))
    return Source(q.id, tuple(entries))


def _of_point(q: Question, point: Point) -> list[Entry]:
    owner = f"{q.id}/{point.id}"
    fields = {**_shared(q), **_of_its_point(point)}
    texts = (f"{point.title}. {point.text}", *point.wordings)
    shown = (point.text, *point.wordings)
    return [
        Entry("point", f"{owner}/{n}", owner, point.title, texts[n], shown[n], point.title, fields)
        for n in range(len(texts))
    ]


def _follow_up(q: Question, index: int) -> Entry:
    follow_up = q.follow_ups[index]
    point = q.point(follow_up.point)
    id_ = f"{q.id}/{follow_up.id}"
    fields = {**_shared(q), **_of_its_point(point), "move": follow_up.move.casefold()}
    title = f"{q.title}: {follow_up.id}"
    return Entry("follow_up", id_, id_, title, follow_up.text, follow_up.text, "", fields)


def _of_resource(r: Resource, topics: Mapping[str, Topic]) -> Source:
    names = _names(r.topics, topics)
    also = " ".join((r.id, r.kind, r.section, names, *r.topics, *r.found_by))
    fields: dict[str, Value] = {
        "url": r.url,
        "resource_kind": r.kind.casefold(),
        "access": r.access.casefold(),
        **_lists(topics=r.topics),
        "phrases": len(r.found_by),
    }
    texts = ((f"{r.id}/short", f"{r.title}. {names}."), (r.id, f"{r.title}. {r.why} {names}."))
    entries = (Entry("resource", id_, r.id, r.title, text, r.why, also, fields) for id_, text in texts)
    return Source(r.id, (*_phrases("resource_phrase", r.id, r.found_by, fields), *entries))


def _phrases(shelf: Shelf, owner: str, phrases: Iterable[str], fields: dict[str, Value]) -> list[Entry]:
    return [Entry(shelf, f"{owner}/by/{n}", owner, "", text, "", "", fields) for n, text in enumerate(phrases)]


def _shared(q: Question) -> dict[str, Value]:
    """What a question's entries of every kind are filtered by."""
    return {
        "question_id": q.id,
        "category": q.category.casefold(),
        "difficulty": q.difficulty.casefold(),
        "minutes": q.minutes,
        **_lists(companies=q.companies),
    }


def _of_its_point(point: Point) -> dict[str, Value]:
    return {"level": point.level.casefold(), "area": point.area.casefold(), **_lists(topics=point.study)}


def _lists(**lists: tuple[str, ...]) -> dict[str, Value]:
    """The lists as Chroma takes them: it refuses empty ones."""
    return {key: folded(values) for key, values in lists.items() if values}


def _names(tags: Iterable[str], topics: Mapping[str, Topic]) -> str:
    return ", ".join(topics[tag].name if tag in topics else tag for tag in tags)
