"""The transcript under a scorecard: every turn where its evidence links lead, with the move behind each question."""

from __future__ import annotations

import streamlit as st

from agents.state import InterviewState, Turn
from agents.wording import behind, clock, stood_in, turn_numbers
from views.house import plain, written
from views.texts import anchor

AVATARS = {
    "interviewer": ":material/record_voice_over:",
    "candidate": ":material/person:",
    "sketch": ":material/draw:",
}
SPEAKERS = {"interviewer": "Interviewer", "candidate": "You", "sketch": "Your notes and diagram, as they stood last"}


def transcript(state: InterviewState) -> None:
    """All of it, in order. Not folded away: a link cannot lead into what is closed."""
    st.header("Transcript", anchor="transcript")
    numbers = turn_numbers(state)
    for turn in state.turns:
        _turn(turn, numbers[turn.seq], state)
    if not state.turns:
        st.caption("Nothing was said.")


def _turn(turn: Turn, place: int, state: InterviewState) -> None:
    with st.chat_message("user" if turn.speaker != "interviewer" else "assistant", avatar=AVATARS[turn.speaker]):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            # Streamlit makes a heading's anchor from its text: this one is the target of the evidence links.
            st.markdown(f"###### {anchor(place).replace('-', ' ').capitalize()}", anchors=False, width="content")
            st.caption(plain(" · ".join((SPEAKERS[turn.speaker], *behind(turn), clock(turn.elapsed)))), width="content")
        if turn.speaker == "sketch":
            _sketch(state)
        elif turn.wants_hint and not turn.text.strip():
            st.markdown(":gray[Asked for a hint.]")
        else:
            written(turn.text)
        told = stood_in(turn)
        if told:
            st.caption(f":material/info: {plain(told)}")


def _sketch(state: InterviewState) -> None:
    if state.notes.strip():
        written(state.notes)
    if state.diagram.strip():
        st.mermaid_chart(state.diagram, alt="Your diagram")
        with st.expander("As you wrote it", type="compact"):
            st.code(state.diagram, language=None, wrap_lines=True)
