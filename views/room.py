"""The interview itself: the conversation, the clock, the candidate's notes. Its id stands in the page's address."""

from __future__ import annotations

import streamlit as st

from agents.archive import ArchiveError, UnknownInterview
from agents.panel import ModelPanel
from agents.session import InterviewSession
from agents.tokens import EncodingDamaged
from knowledge.embedder import EmbedderUnavailable
from views.house import guarded, open_session, plain, warm_up
from views.room_answer import answer_box, closed_box, given_back, waiting
from views.room_chat import Conversation
from views.room_clock import controls
from views.room_code import code_box
from views.room_notes import beside


def page() -> None:
    """The room, or a way back when there is no such interview."""
    interview = st.query_params.get("interview", "")
    if not interview:
        _nothing_here("No interview is open here.")
        return
    try:
        session = open_session(interview)
    except UnknownInterview:
        _nothing_here("This interview is not there. It may have been deleted.")
        closed_box(interview)
        return
    try:
        _room(session)
    except ArchiveError as error:
        st.error(plain(str(error)), icon=":material/error:")
        waiting(interview)


def _nothing_here(message: str) -> None:
    st.subheader(message, anchor=False)
    st.page_link("views/practise.py", label="Choose a question", icon=":material/arrow_back:")


def _room(session: InterviewSession) -> None:
    """Draws what is there, does what is pending, then lets the interviewer speak and the candidate answer.

    Everything that can be clicked is drawn before the interviewer's words appear one by one.
    """
    state = session.state
    opened, question = state.opened, state.question
    st.subheader(plain(question.title), anchor=False)
    part = f"part {opened.loop.part + 1} of {len(opened.loop.parts)} · " if opened.loop else ""
    st.caption(f"{part}{question.category} · {opened.level} · {opened.minutes:g} minutes · problem and notes: side bar")
    if isinstance(session.panel, ModelPanel):
        known = session.panel.connection.endpoint
        st.caption(f":material/groups: {plain(known.interviewer)} at {plain(known.host)} listens.")
    beside(session)
    conversation = Conversation(session)
    conversation.draw(state)
    if not _caught_up(session, conversation):
        return
    warm_up(question.id, question)
    if state.finished:
        conversation.speak(state)
        _farewell(session)
        closed_box(session.interview)
        return
    with st.bottom:
        _unseated(session)
        code_box(session)
        controls(session, conversation)
        given_back(session)
    answer_box(session, conversation)  # not in st.bottom: only a box that finds its own way there has the page scroll
    conversation.speak(state)


def _unseated(session: InterviewSession) -> None:
    """Tells who began this interview with a model that the model is not there: a panel chosen in a tab goes with it."""
    began = session.state.opened.panel
    if isinstance(session.panel, ModelPanel) or not began.startswith("model "):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="unseated"):
        st.markdown(
            f"This interview began with the {plain(began)}; here the local panel goes on. A tab that is loaded again "
            "forgets the panel chosen in it.",
            width="stretch",
        )
        st.page_link("views/panel.py", label="Seat it again", icon=":material/groups:")


def _caught_up(session: InterviewSession, conversation: Conversation) -> bool:
    """Does what is pending and looks at the clock; draws anew when that changed anything. False when it cannot."""
    state, before = session.state, session.state.last_seq
    over = state.finished or state.left(session.clock()) <= 0
    try:
        with conversation.listening("Scoring ..." if over else "Listening ..."):
            session.resume()
    except (EmbedderUnavailable, EncodingDamaged) as error:
        st.error(plain(str(error)), icon=":material/error:")
        st.caption("What you said is kept. The interview goes on from here as soon as this works.")
        st.button("Try again", icon=":material/refresh:")
        return False
    if state.last_seq != before:
        st.rerun()
    return True


def _farewell(session: InterviewSession) -> None:
    with st.container(border=True):
        st.markdown("**Thank you, that was the interview.** Your scorecard shows what each score rests on.")
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("See the scorecard", type="primary", icon=":material/task_alt:", key="to-scorecard"):
                st.switch_page("views/scorecard.py", query_params={"interview": session.interview})
            st.page_link("views/practise.py", label="Practise another", icon=":material/arrow_back:")


with guarded():
    page()
