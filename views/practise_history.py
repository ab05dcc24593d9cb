"""The practice page's list of interviews: go on with one, see its scorecard, delete it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from agents.archive import ArchiveError, InterviewSummary
from views.house import ago, archive, bank, plain

PER_PAGE = 8


def title_of(summary: InterviewSummary) -> str:
    """The question's title, its id when the bank no longer has it."""
    question = bank().questions.get(summary.question_id or "")
    return question.title if question else summary.question_id or "Unreadable interview"


def history(held: Sequence[InterviewSummary]) -> None:
    """All interviews, those to be finished first."""
    st.subheader("Your interviews", anchor=False)
    problem = st.session_state.pop("delete-failed", None)
    if problem:
        st.error(plain(problem), icon=":material/error:")
    ordered = sorted(held, key=lambda s: s.finished)
    pages = -(-len(ordered) // PER_PAGE)
    shown = st.session_state.get("history-page", 1) if pages > 1 else 1
    first = (min(shown, pages) - 1) * PER_PAGE
    for summary in ordered[first : first + PER_PAGE]:
        _row(summary)
    if pages > 1:
        st.pagination(pages, key="history-page")


def _row(summary: InterviewSummary) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"held-{summary.id}"):
        with st.container(width="stretch", gap=None):
            st.markdown(f"**{plain(title_of(summary))}**")
            st.caption(plain(summary.error) if summary.error else " · ".join(_facts(summary)))
        if summary.error is None:
            _link(summary)
        if st.button("", icon=":material/delete:", type="tertiary", help="Delete", key=f"delete-{summary.id}"):
            _confirm(summary)


def _facts(summary: InterviewSummary) -> list[str]:
    facts = ["Taster"] if summary.taster else []
    if summary.loop is not None:
        facts.append(plain(f"{summary.loop.name}, part {summary.loop.part + 1} of {len(summary.loop.parts)}"))
    facts += [f"{summary.level}", f"{summary.minutes:g} min", ago(summary.opened_at)]
    if not summary.finished:
        return [*facts, "unfinished"]
    return [*facts, "no score" if summary.overall is None else f"**{summary.overall:.1f}** of 5"]


def _link(summary: InterviewSummary) -> None:
    if summary.finished:
        page, label, icon = "views/scorecard.py", "Scorecard", ":material/task_alt:"
    else:
        page, label, icon = "views/room.py", "Go on", ":material/arrow_forward:"
    st.page_link(page, label=label, icon=icon, query_params={"interview": summary.id})


@st.dialog("Delete this interview?")
def _confirm(summary: InterviewSummary) -> None:
    st.write(
        f"**{plain(title_of(summary))}**, {ago(summary.opened_at)}. Everything you said and its scorecard go for good."
    )
    with st.container(horizontal=True):
        gone = st.button("Delete for good", type="primary", key="delete-now", on_click=_delete, args=(summary.id,))
        kept = st.button("Keep it", key="delete-not")
    if gone or kept:
        st.rerun()


def _delete(interview: str) -> None:
    try:
        archive().delete(interview)
    except ArchiveError as error:
        st.session_state["delete-failed"] = str(error)
