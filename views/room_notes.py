"""Beside the conversation: the problem, and the candidate's own notes and diagram."""

from __future__ import annotations

from typing import Any

import streamlit as st

from agents.archive import ArchiveError
from agents.session import LONGEST_ANSWER, AnswerTooLong, InterviewSession
from agents.wording import usage
from views.house import plain, written
from views.room_clock import drawn_key

EXAMPLE = "flowchart TD\n  User --> API --> Model"


def beside(session: InterviewSession) -> None:
    """The side bar. On a phone it opens from the corner."""
    st.set_page_config(initial_sidebar_state=380)
    with st.sidebar:
        with st.expander("Problem", expanded=True, icon=":material/description:"):
            written(session.state.question.statement)
        _told(session)
        if session.state.finished:
            _kept(session)
        else:
            _notes(session)
        used = usage(session.state.usage)
        if used:
            st.caption(plain(f"{used[:1].upper()}{used[1:]}."))


def _told(session: InterviewSession) -> None:
    """Facts and evidence that were handed over; nobody should have to scroll for a number."""
    question = session.state.question
    told = [f for f in (*question.facts, *question.evidence) if f.id in session.state.told]
    if told:
        with st.expander(f"Told so far ({len(told)})", icon=":material/fact_check:"):
            for fact in told:
                st.caption(plain(fact.title))
                written(fact.text)


def _kept(session: InterviewSession) -> None:
    if session.state.notes.strip():
        st.markdown("**Notes**")
        written(session.state.notes)
    if session.state.diagram.strip():
        st.markdown("**Diagram**")
        st.mermaid_chart(session.state.diagram, alt="Your diagram")


@st.fragment
def _notes(session: InterviewSession) -> None:
    """Notes and diagram; saved when a field is left, so that typing costs nothing. Read by the assessor as well."""
    notes_key, diagram_key, known_key = (f"{name}-{session.interview}" for name in ("notes", "diagram", "sketch"))
    stored = (session.state.notes, session.state.diagram)
    if st.session_state.get(known_key) != stored:  # the first time, or another tab has written
        st.session_state[notes_key], st.session_state[diagram_key] = stored
        st.session_state[known_key] = stored
    save: Any = {"on_change": _save, "args": (session, notes_key, diagram_key, known_key), "max_chars": LONGEST_ANSWER}
    st.text_area("Notes", key=notes_key, height=130, placeholder="Numbers, decisions, open questions", **save)
    st.text_area("Diagram", key=diagram_key, height=110, placeholder=EXAMPLE, help="In Mermaid's notation.", **save)
    problem = st.session_state.pop("sketch-failed", None)
    if problem:
        st.warning(plain(problem), icon=":material/warning:")
    diagram = st.session_state[diagram_key]
    if diagram.strip():
        st.mermaid_chart(diagram, alt="Your diagram")
    st.caption("Kept with the interview when you leave a field. Both count as your words.")


def _save(session: InterviewSession, notes_key: str, diagram_key: str, known_key: str) -> None:
    try:
        session.archive.events(session.interview)  # raises when the interview was deleted meanwhile
        session.sketch(st.session_state[notes_key], st.session_state[diagram_key])
    except (AnswerTooLong, ArchiveError) as error:
        st.session_state["sketch-failed"] = str(error)
        return
    st.session_state[known_key] = (session.state.notes, session.state.diagram)
    st.session_state[drawn_key(session.interview)] = session.state.last_seq  # what this tab wrote, it need not fetch
