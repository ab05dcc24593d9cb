"""The bank's questions, found by category, level, topic or in one's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from knowledge.find import find_questions
from knowledge.index import Filters
from knowledge.question import Question
from views.house import archive, bank, guarded, index, plain
from views.practise_cards import practised, topic_name

PER_PAGE = 10
MOST_HITS = 20


@dataclass(frozen=True)
class Chosen:
    """What the filters are set to; None and () leave one open."""

    category: str | None = None
    level: str | None = None
    topics: tuple[str, ...] = ()

    def passes(self, question: Question) -> bool:
        """Whether the question satisfies all of them; of the topics one is enough."""
        return (
            self.category in (None, question.category)
            and self.level in (None, question.difficulty)
            and (not self.topics or bool(set(self.topics) & set(question.topics)))
        )


def questions() -> None:
    """Search, filters, and the questions that pass."""
    query = st.text_input(
        "Search",
        placeholder="late labels, senior, 45 min",
        max_chars=500,
        key="bank-query",
        persist_state="session",
    )
    chosen = _filters()
    with guarded():
        found = _found(query or "", chosen)
        _list(found, archive().times_practised())


def _filters() -> Chosen:
    known = bank().questions.values()
    left, middle, right = st.columns([2, 2, 3])
    categories = list(dict.fromkeys(question.category for question in known))
    category = left.selectbox(
        "Category", categories, index=None, placeholder="Any", key="bank-category", persist_state="session"
    )
    levels = sorted({question.difficulty for question in known}, key=lambda level: level.order)
    level = middle.selectbox("Level", levels, index=None, placeholder="Any", key="bank-level", persist_state="session")
    tags = sorted({tag for question in known for tag in question.topics}, key=topic_name)
    topics = right.multiselect(
        "Topics", tags, format_func=topic_name, placeholder="Any", key="bank-topics", persist_state="session"
    )
    return Chosen(category, level, tuple(topics))


def _found(query: str, chosen: Chosen) -> list[Question]:
    """What passes the filters, in the bank's order; with a query, what is nearest to it, best first.

    Level, category, length and company may stand in the query too; what a filter is set to counts more.
    """
    known = bank().questions
    if not query.strip():
        return [question for question in known.values() if chosen.passes(question)]
    filters = Filters(category=chosen.category, difficulty=chosen.level, topics=chosen.topics)
    answer = find_questions(index(), query, known.values(), MOST_HITS, filters)
    if answer.relaxed:
        st.info("Nothing fits all of that. These are about it, at another level or length.", icon=":material/info:")
    return [known[hit.id] for hit in answer.hits if hit.id in known]


def _list(found: list[Question], times: Mapping[str, int]) -> None:
    total = len(bank().questions)
    if not total:
        st.info("The bank has no question that can be read. See `python -m knowledge lint`.", icon=":material/info:")
        return
    if not found:
        st.info("No question comes close. Try other words or fewer filters.", icon=":material/search_off:")
        return
    st.caption(f"{len(found)} of {total} questions")
    pages = -(-len(found) // PER_PAGE)
    page = min(st.session_state.get("bank-list-page", 1), pages) if pages > 1 else 1
    for question in found[(page - 1) * PER_PAGE : page * PER_PAGE]:
        _row(question, times.get(question.id, 0))
    if pages > 1:
        st.pagination(pages, key="bank-list-page")


def _row(question: Question, times: int) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"row-{question.id}"):
        with st.container(width="stretch", gap="xxsmall"):
            st.markdown(f"**{plain(question.title)}**")
            facts = (question.id, question.category, question.difficulty, f"{question.minutes} min", practised(times))
            st.caption(plain(" · ".join(facts)))
            st.caption(plain(", ".join(topic_name(tag) for tag in question.topics)))
        st.button("Open", key=f"open-{question.id}", on_click=go_to, args=(question.id,))


def go_to(question_id: str | None) -> None:
    """Opens a question, or the list. Not a link: Streamlit marks every link to the page it stands on."""
    if question_id is None:
        st.query_params.clear()
    else:
        st.query_params["question"] = question_id
