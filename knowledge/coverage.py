"""What the bank covers: how many questions there are of each kind and topic, against what was planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from knowledge.question import Question
from knowledge.resource import Topic
from knowledge.terms import CATEGORIES, Level


def by_topic(questions: Iterable[Question], topics: Mapping[str, Topic], grouped: bool) -> dict[str, Counter[str]]:
    """Topic name, or group of topics -> category -> number of questions with such a topic, in the topics' order."""
    rows: dict[str, Counter[str]] = {(t.group if grouped else t.name): Counter() for t in topics.values()}
    for question in questions:
        for row in {_row(topics[tag], grouped) for tag in question.topics if tag in topics}:
            rows[row][question.category] += 1
    return rows


def _row(topic: Topic, grouped: bool) -> str:
    return topic.group if grouped else topic.name


def missing_topics(questions: Iterable[Question], topics: Mapping[str, Topic]) -> list[Topic]:
    """The topics that no question is about."""
    covered = {tag for question in questions for tag in question.topics}
    return [topic for tag, topic in topics.items() if tag not in covered]


def against_plan(
    questions: Iterable[Question], plan: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[Level, tuple[int, int]]]:
    """Category -> level -> (questions there are, questions planned). What a team added counts among those there are."""
    there = Counter((q.category, q.difficulty) for q in questions)
    planned = Counter((row["category"], Level(row["difficulty"])) for row in plan.values())
    return {c: {level: (there[c, level], planned[c, level]) for level in Level} for c in CATEGORIES}
