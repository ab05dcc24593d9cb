"""One question of the bank. A candidate sees statement, level and topics; the rest once it was tried, or on demand."""

from __future__ import annotations

import streamlit as st

from knowledge.question import Question
from views.bank_list import go_to
from views.bank_resources import entry
from views.house import archive, bank, plain, resources
from views.practise_cards import card, practised, topic_name
from views.question_parts import (
    cause,
    expected,
    figures,
    follow_ups,
    levels,
    reference,
    requirements,
    senior_solution,
    solution_paths,
    wrong_claims,
)
from views.texts import ours


def one(question: Question) -> None:
    """The question, as much of it as may be seen."""
    back()
    times = archive().times_practised().get(question.id, 0)
    st.title(plain(question.title), anchor=False)
    with st.container(horizontal=True, gap="small"):
        for fact in (question.difficulty, question.category, f"{question.minutes} min"):
            st.badge(plain(fact), color="gray")
    st.caption(plain(f"{question.id} · {', '.join(topic_name(tag) for tag in question.topics)} · {practised(times)}"))
    st.markdown(ours(question.statement))
    if st.button("Practise this question", type="primary", icon=":material/mic:", key="practise-this"):
        _practise(question, times)
    if _open(question, times):
        _everything(question)


def back() -> None:
    """The way back to the list."""
    st.button(
        "All questions",
        type="tertiary",
        icon=":material/arrow_back:",
        key="all-questions",
        on_click=go_to,
        args=(None,),
    )


@st.dialog("Practise")
def _practise(question: Question, times: int) -> None:
    card(question, times, chosen=True)


def _open(question: Question, times: int) -> bool:
    """Whether the rest may be seen; when not, says so and offers it."""
    shown = f"everything-{question.id}"
    running = any(s.question_id == question.id and not s.finished for s in archive().interviews())
    if st.session_state.get(shown) or (times and not running):
        return True
    with st.container(border=True, key="kept-back"):
        if running:
            st.markdown("**You are in the middle of this one.** What it expects is kept back until it is finished.")
        else:
            st.markdown("**What this question expects is kept back** until you have tried it.")
        st.caption("Reading it now spoils the practice: you cannot un-know an answer.")
        st.button("Show everything", icon=":material/visibility:", key="show-everything", on_click=_show, args=(shown,))
    return False


def _show(key: str) -> None:
    st.session_state[key] = True


def _everything(question: Question) -> None:
    """What the interviewer knows, what is listened for, how it can be solved."""
    names = ["Requirements, facts", "Expected points", "Follow-ups", "Wrong claims", "Levels", "Solutions", "To read"]
    drawn = (requirements, expected, follow_ups, wrong_claims, levels, _solutions, _to_read)
    for tab, draw in zip(st.tabs(names), drawn, strict=True):
        with tab:
            draw(question)


def _solutions(question: Question) -> None:
    if question.cause:
        st.subheader("The cause", anchor=False)
        cause(question)
    if question.figures:
        st.subheader("Its numbers", anchor=False)
        figures(question)
    st.subheader("Ways to go about it", anchor=False)
    solution_paths(question)
    st.subheader("A senior solution", anchor=False)
    senior_solution(question)
    if question.reference is not None:
        st.subheader("Reference code", anchor=False)
        reference(question)


def _to_read(question: Question) -> None:
    for resource in (resources()[r] for r in question.resources if r in resources()):
        entry(resource)
    related = [bank().questions[r] for r in question.related if r in bank().questions]
    if related:
        st.subheader("Related questions", anchor=False)
    for other in related:
        st.button(plain(other.title), type="tertiary", key=f"related-{other.id}", on_click=go_to, args=(other.id,))
