"""The first page: choose a question and start an interview, or go on with one."""

from __future__ import annotations

import streamlit as st

from agents.archive import InterviewSummary
from agents.panel import ModelPanel
from agents.wording import PRACTICE_ONLY
from views.house import ago, archive, bank, guarded, panel, plain
from views.practise_cards import start_taster
from views.practise_choice import choose
from views.practise_history import history, title_of


def page() -> None:
    """The whole page, from top to bottom."""
    st.title("Practise an interview")
    st.caption(f"An interviewer that listens and asks on. {PRACTICE_ONLY}")
    _seated()
    held = archive().interviews()
    if not any(summary.answers for summary in held):
        _welcome()
    unfinished = next((s for s in held if not s.finished and s.error is None), None)
    if unfinished is not None:
        _go_on(unfinished)
    st.subheader("Choose a question", anchor=False)
    choose()
    for fault in bank().faults:
        st.warning(plain(str(fault)), icon=":material/warning:")
    if held:
        history(held)
        if any(summary.answers for summary in held):
            _taster_again()


def _seated() -> None:
    """Who will interview, when that is not the local panel."""
    seated = panel()
    if isinstance(seated, ModelPanel):
        known = seated.connection.endpoint
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/groups: {plain(known.interviewer)} at {plain(known.host)} interviews.")
            st.page_link("views/panel.py", label="Change")


def _welcome() -> None:
    with st.container(border=True, key="welcome"):
        st.markdown(
            "**New here?** Ten minutes show how it works: a real question, a few follow-ups, a first scorecard."
        )
        if st.button("Ten-minute taster", type="primary", icon=":material/play_arrow:", key="taster"):
            start_taster()


def _taster_again() -> None:
    if st.button("Ten-minute taster", type="tertiary", icon=":material/play_arrow:", key="taster"):
        start_taster()


def _go_on(summary: InterviewSummary) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="unfinished"):
        st.markdown(f"Unfinished, {ago(summary.last_at)}: **{plain(title_of(summary))}**", width="stretch")
        st.page_link(
            "views/room.py", label="Go on", icon=":material/arrow_forward:", query_params={"interview": summary.id}
        )


with guarded():
    page()
