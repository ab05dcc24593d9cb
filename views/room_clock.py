"""The row above the answer box: the clock, the hint, the pause and the end."""

from __future__ import annotations

import math

import streamlit as st

from agents.session import InterviewSession, MovedOn
from knowledge.terms import PHASE_NAMES
from views.house import guarded, plain
from views.room_chat import Conversation

WIDTH = 330
"""Pixels for the clock's line: on a phone the buttons then go below it, and neither is broken up."""
EVERY = 2.0
"""Seconds between two looks at the clock. The session wants to hear from a page that is open."""


def drawn_key(interview: str) -> str:
    """Under which the page keeps the number of the last event that it has drawn."""
    return f"drawn-{interview}"


def controls(session: InterviewSession, conversation: Conversation) -> None:
    """The clock and the three buttons."""
    st.session_state[drawn_key(session.interview)] = session.state.last_seq
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        with st.container(width=WIDTH):
            _clock(session)
        _hint(session, conversation)
        _pause(session)
        if st.button("End", icon=":material/stop_circle:", type="tertiary", key="end", help="End and score"):
            _confirm_end(session)
    if st.session_state.pop(_ending_key(session.interview), False):
        with conversation.listening("Scoring ..."):
            session.finish()
        st.rerun()


@st.fragment(run_every=EVERY)
def _clock(session: InterviewSession) -> None:
    """Part and minutes left. The whole page is drawn anew when the time is over or something has happened elsewhere."""
    with guarded():
        session.refresh()
        # The end is left to the whole page, which says that it is scoring; a look at the clock must not take seconds.
        if (
            _is_over(session)
            or session.tick()
            or session.state.last_seq != st.session_state[drawn_key(session.interview)]
        ):
            st.rerun()
        st.markdown(_time(session))


def _is_over(session: InterviewSession) -> bool:
    state = session.state
    return state.finished is not None or (not state.paused and state.left(session.clock()) <= 0)


def _time(session: InterviewSession) -> str:
    state = session.state
    left = state.left(session.clock())
    minutes = "less than a minute left" if left < 1 else f"{math.ceil(left)} min left"
    if state.paused:
        return f"**Paused** · {minutes}"
    return f"**{plain(PHASE_NAMES.get(state.phase, state.phase))}** · {minutes}"


def _hint(session: InterviewSession, conversation: Conversation) -> None:
    """A hint is asked for like an answer is given: once, and about the question that the page showed."""
    used, there = session.state.hint_stage, len(session.state.question.hints)
    key = f"hint-asked-{session.interview}"
    st.button(
        f"Hint {used}/{there}",
        icon=":material/lightbulb:",
        type="tertiary",
        key="hint",
        disabled=used >= there,
        help=f"{used} of {there} hints used. Hints are recorded.",
        on_click=st.session_state.__setitem__,
        args=(key, session.last_asked),
    )
    question = st.session_state.pop(key, None)
    if question is None:
        return
    try:
        with conversation.listening():
            session.ask_for_hint(seen=question)
    except MovedOn as error:
        st.toast(plain(str(error)))
    st.rerun()


def _pause(session: InterviewSession) -> None:
    paused = session.state.paused
    if st.button(
        "Go on" if paused else "Pause",
        icon=":material/play_arrow:" if paused else ":material/pause:",
        type="tertiary",
        key="pause",
        help="Stops the clock. It also starts again with your next answer.",
    ):
        if paused:
            session.unpause()
        else:
            session.pause()
        st.rerun()


@st.dialog("End the interview?")
def _confirm_end(session: InterviewSession) -> None:
    left = math.ceil(session.state.left(session.clock()))
    st.write(
        f"About {left} minutes are left. What you have said so far is scored; areas that were not asked about are not."
    )
    with st.container(horizontal=True):
        ended = st.button("End and score", type="primary", key="end-now", on_click=_end, args=(session.interview,))
        kept = st.button("Keep going", key="end-not")
    if ended or kept:
        st.rerun()


def _end(interview: str) -> None:
    st.session_state[_ending_key(interview)] = True


def _ending_key(interview: str) -> str:
    return f"ending-{interview}"
