"""For people who interview: paste what a candidate said, get what to ask next."""

from __future__ import annotations

import streamlit as st

from agents.panel import ModelPanel
from agents.prober import FollowUp, NothingToAsk, follow_ups
from agents.session import LONGEST_ANSWER
from knowledge.question import Question
from knowledge.terms import Level
from views.house import bank, guarded, panel, plain, rubric, sent_where
from views.texts import ours, typed

EXAMPLE = "What the candidate said, in their own words. Rough notes will do, in full sentences."


def page() -> None:
    """The form, and the questions found for what was last pasted."""
    st.title("Follow-ups", anchor=False)
    seated = panel()
    goes = sent_where(seated.connection.endpoint) if isinstance(seated, ModelPanel) else "Nothing leaves this machine."
    st.markdown(
        "Paste what a candidate said. You get up to five questions to ask next, each with the words it hangs on and "
        f"what a strong reply holds. {plain(goes)} Nothing is kept here."
    )
    questions = bank().questions
    with st.form("followups-form", border=False):
        with st.container(horizontal=True):
            chosen = st.selectbox(
                "Question",
                list(questions),
                format_func=lambda id_: f"{id_} · {questions[id_].title}",
                key="followups-question",
            )
            level = st.selectbox("The candidate's level", ["As the question", *Level], key="followups-level")
        answer = st.text_area(
            "Answer", height=220, max_chars=LONGEST_ANSWER, placeholder=EXAMPLE, key="followups-answer"
        )
        asked = st.form_submit_button("Suggest follow-ups", type="primary", icon=":material/forum:", key="suggest")
    if asked and chosen:
        _suggest(questions[chosen], answer or "", None if level == "As the question" else Level(level))
    found = st.session_state.get("followups")
    if found is not None:
        _show(*found)


def _suggest(question: Question, answer: str, level: Level | None) -> None:
    st.session_state.pop("followups", None)
    try:
        with st.spinner("Reading the answer ..."):
            st.session_state["followups"] = (question.id, follow_ups(question, answer, panel(), level))
    except NothingToAsk as error:
        st.warning(plain(str(error)), icon=":material/edit_note:")


def _show(question_id: str, found: list[FollowUp]) -> None:
    question = bank().questions.get(question_id)
    if question is None:
        return
    st.caption(plain(f"For {question.id} · {question.title}"))
    if not found:
        st.info(
            "Everything this question listens for is there already; no follow-up is left.", icon=":material/done_all:"
        )
    for number, follow_up in enumerate(found, start=1):
        _card(number, follow_up)


def _card(number: int, follow_up: FollowUp) -> None:
    area = rubric().areas.get(follow_up.area)
    with st.container(border=True):
        st.markdown(f"**{number}. {typed(follow_up.text)}**")
        st.markdown(f"“{typed(follow_up.span)}”")
        move = follow_up.move.value.replace("_", " ").capitalize()
        st.caption(plain(" · ".join((move, area.name if area else follow_up.area, follow_up.title))))
        if follow_up.warning:
            st.warning(f"The claim is mistaken: {ours(follow_up.warning)}", icon=":material/warning:")
        st.markdown(f"*A strong reply:* {ours(follow_up.strong)}")


with guarded():
    page()
