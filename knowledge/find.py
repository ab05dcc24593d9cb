"""Finding questions by a wish in somebody's own words: what it asks for beside its subject becomes filters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from knowledge.index import Filters, Hit, Index
from knowledge.question import Question
from knowledge.wish import Wish, parse_wish


@dataclass(frozen=True)
class Answer:
    """What was understood, and the questions found, best first. `relaxed`: nothing fits all of the wish, these are
    about its subject, at another level, length, category or company."""

    wish: Wish
    hits: tuple[Hit, ...]
    relaxed: bool


def find_questions(
    index: Index,
    text: str,
    questions: Iterable[Question],
    top: int,
    chosen: Filters = Filters(),  # noqa: B008
) -> Answer:
    """At most `top` of `questions`, which the index holds, for a wish. What `chosen` sets counts more than what the
    wish says of it, and is never relaxed."""
    wish = parse_wish(text, sorted({company for question in questions for company in question.companies}))
    asked = {name: value for name, value in vars(chosen).items() if value is not None and value != ()}
    filters = replace(wish.filters, **asked)
    hits = index.search(wish.text, "question", top, filters)
    relaxed = not hits and filters != chosen and bool(wish.text)
    if relaxed:
        hits = index.search(wish.text, "question", top, chosen)
    return Answer(wish, tuple(hits), relaxed)
