"""The practice page's three ways to a question: a wish in one's own words, a look through the bank, or the draw."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping

import streamlit as st

from knowledge.find import Answer, find_questions
from knowledge.question import Question
from views.house import archive, bank, index, plain
from views.practise_cards import LENGTHS, card
from views.practise_plans import by_plan

WAYS = ("Describe it", "Browse", "Draw one for me", "Several parts")
MOST_HITS = 5
PER_PAGE = 6


def choose() -> None:
    """Draws the three ways and the questions that the one taken leads to."""
    way = st.segmented_control("How", WAYS, default=WAYS[0], required=True, key="way", label_visibility="collapsed")
    times = archive().times_practised()
    if way == WAYS[0]:
        _by_wish(times)
    elif way == WAYS[1]:
        _by_filters(times)
    elif way == WAYS[2]:
        _by_draw(times)
    else:
        by_plan(times)


def _by_wish(times: Mapping[str, int]) -> None:
    with st.form("wish-form", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "What would you like to practise?",
            placeholder="something on stopping card thieves, senior, 45 min",
            max_chars=500,
            key="wish",
        )
        asked = st.form_submit_button("Find", type="primary", icon=":material/search:", key="find")
    if asked and text and text.strip():
        st.session_state["answered"] = find_questions(index(), text, bank().questions.values(), MOST_HITS)
    answered = st.session_state.get("answered")
    if isinstance(answered, Answer):
        _show(answered, times)


def _show(answered: Answer, times: Mapping[str, int]) -> None:
    filters = answered.wish.filters
    understood = [str(part) for part in (filters.difficulty, filters.category, filters.company) if part]
    understood += [f"up to {filters.max_minutes} min"] if filters.max_minutes else []
    understood += [f"about “{answered.wish.text}”"] if answered.wish.text else []
    st.caption(f"Understood: {plain(' · '.join(understood))}")
    found = [bank().questions[hit.id] for hit in answered.hits if hit.id in bank().questions]
    if not found:
        st.info("Nothing in the bank comes close. Try other words, or browse it.", icon=":material/search_off:")
    elif answered.relaxed:
        st.info("Nothing fits all of that. These are about it, at another level or length.", icon=":material/info:")
    for question in found:
        card(question, times.get(question.id, 0), minutes=None if answered.relaxed else filters.max_minutes)


def _by_filters(times: Mapping[str, int]) -> None:
    found = _filtered()
    pages = max(1, -(-len(found) // PER_PAGE))
    first = (min(st.session_state.get("bank-page", 1), pages) - 1) * PER_PAGE if pages > 1 else 0
    for question in found[first : first + PER_PAGE]:
        card(question, times.get(question.id, 0))
    if pages > 1:
        st.pagination(pages, key="bank-page")


def _by_draw(times: Mapping[str, int]) -> None:
    found = _filtered()
    drawn = next((q for q in found if q.id == st.session_state.get("drawn")), None)
    label = "Draw one" if drawn is None else "Draw another"
    if st.button(label, type="primary" if drawn is None else "secondary", icon=":material/casino:", key="draw"):
        drawn = draw(found, times, other_than=drawn)
        st.session_state["drawn"] = drawn.id if drawn else None
        st.rerun()
    if drawn is not None:
        card(drawn, times.get(drawn.id, 0), chosen=True)


def draw(
    questions: Iterable[Question], times: Mapping[str, int], other_than: Question | None = None
) -> Question | None:
    """One of the questions practised least, by chance; the same one again only when there is no other."""
    pool = list(questions)
    pool = [q for q in pool if other_than is None or q.id != other_than.id] or pool
    least = min((times.get(q.id, 0) for q in pool), default=0)
    pool = [q for q in pool if times.get(q.id, 0) == least]
    return random.choice(pool) if pool else None


def _filtered() -> list[Question]:
    """The filters and what passes them, in the bank's order."""
    known = bank().questions.values()
    levels = sorted({q.difficulty for q in known}, key=lambda level: level.order)
    with st.grid(3, min_column_width=150):
        category = st.selectbox("Category", ["Any", *dict.fromkeys(q.category for q in known)], key="category")
        level = st.selectbox("Difficulty", ["Any", *levels], key="difficulty")
        fits = st.selectbox("Fits into", ["Any", *LENGTHS], key="fits", format_func=_minutes)
    found = [
        question
        for question in known
        if category in ("Any", question.category)
        and level in ("Any", question.difficulty)
        and (fits == "Any" or question.minutes <= int(str(fits)))
    ]
    st.caption("No question passes all three." if not found else f"{len(found)} of {len(known)} questions")
    return found


def _minutes(value: str | int) -> str:
    return value if isinstance(value, str) else f"{value} min"
