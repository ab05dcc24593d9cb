"""The scorecard of one interview: what was shown, what it rests on, what to do next. Its id stands in the address."""

from __future__ import annotations

import streamlit as st

from agents.archive import InterviewSummary, UnknownInterview
from agents.loop import progress
from agents.model_failure import Failure, ModelFailed
from agents.panel import ModelPanel
from agents.scorecard import Scorecard
from agents.session import InterviewSession
from views.house import archive, guarded, open_session, plain
from views.practise_history import title_of
from views.practise_plans import next_part
from views.room_chat import Thinking
from views.scorecard_areas import areas, criteria
from views.scorecard_next import solutions, study
from views.scorecard_points import findings, hints, points
from views.scorecard_summary import contents, downloads, header, summary
from views.scorecard_transcript import transcript
from views.texts import day

MOST_OFFERED = 8


def page() -> None:
    """The scorecard, or a way to one."""
    interview = st.query_params.get("interview", "")
    if not interview:
        _choose("Which scorecard?")
        return
    try:
        session = open_session(interview)
    except UnknownInterview:
        _choose("This interview is not there. It may have been deleted.")
        return
    if not session.state.finished:
        _go_on(session)
        return
    if session.state.scorecard is None:  # the process ended between the last word and the score
        with st.spinner("Scoring the interview ...", show_time=True):
            session.beat = Thinking(session.interview)
            session.resume()
    _draw(session)


def _score_again(session: InterviewSession) -> None:
    """Scores once more when that was asked for."""
    if st.session_state.pop(_again_key(session.interview), False):
        with st.spinner("Scoring the interview again ...", show_time=True):
            session.beat = Thinking(session.interview)
            session.score_again()


def _offer_again(session: InterviewSession, card: Scorecard) -> None:
    """Offered while a model is seated that did not score it all, unless there is nothing left to spend."""
    spent = card.work is not None and card.work.took_over == ModelFailed(Failure.LIMIT).plain
    whole = card.assessor != "local" and not any(area.unscored for area in card.areas)
    if isinstance(session.panel, ModelPanel) and not whole and not spent:
        st.button(
            "Have the model score it",
            icon=":material/refresh:",
            key="score-again",
            on_click=st.session_state.__setitem__,
            args=(_again_key(session.interview), True),
        )


def _again_key(interview: str) -> str:
    return f"score-again-{interview}"


def _choose(message: str) -> None:
    """No such interview: the latest ones that have a scorecard, and the way back."""
    st.title("Scorecard", anchor=False)
    st.markdown(message)
    finished = [s for s in archive().interviews() if s.finished and s.error is None]
    for held in finished[:MOST_OFFERED]:
        _row(held)
    if not finished:
        st.caption("There is no finished interview yet.")
    st.page_link("views/practise.py", label="To Practise", icon=":material/arrow_back:")


def _row(held: InterviewSummary) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"scored-{held.id}"):
        with st.container(width="stretch", gap="xxsmall"):
            st.markdown(f"**{plain(title_of(held))}**")
            score = "no score" if held.overall is None else f"**{held.overall:.1f}** of 5"
            st.caption(f"{held.level} · {day(held.opened_at)} · {score}")
        st.button("Open", key=f"open-{held.id}", on_click=_open, args=(held.id,))


def _open(interview: str) -> None:
    st.query_params["interview"] = interview


def _go_on(session: InterviewSession) -> None:
    st.title(plain(session.state.question.title), anchor=False)
    st.markdown("This interview is not finished. Its scorecard comes when it is.")
    st.page_link(
        "views/room.py",
        label="Back to the interview",
        icon=":material/arrow_forward:",
        query_params={"interview": session.interview},
    )


def _draw(session: InterviewSession) -> None:
    _score_again(session)
    state, card = session.state, session.state.scorecard
    assert card is not None
    header(state, card)
    summary(state, card)
    if state.opened.loop is not None:
        next_part(progress(state.opened.loop, archive().interviews()), state.opened.level, state.opened.pace)
    _offer_again(session, card)
    downloads(state)
    contents(card)
    areas(state, card)
    points(state, card)
    findings(state, card)
    criteria(card)
    study(card)
    hints(state)
    solutions(state.question)
    transcript(state)


with guarded():
    page()
