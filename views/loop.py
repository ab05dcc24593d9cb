"""An interview of several parts: each with its scorecard, and one result over all. Its id stands in the address."""

from __future__ import annotations

import streamlit as st

from agents.archive import InterviewSummary
from agents.events import LoopPart
from agents.loop import Progress, combined, progress
from agents.state import InterviewState
from agents.wording import PRACTICE_ONLY
from views.house import archive, bank, guarded, open_session, plain, rubric
from views.practise_plans import next_part
from views.scorecard_summary import result


def page() -> None:
    """The parts and what they give together, or a way back."""
    wanted = st.query_params.get("loop", "")
    held = [s for s in archive().interviews() if s.loop is not None and s.loop.id == wanted]
    if not held or held[0].loop is None:
        st.subheader("This interview is not there. It may have been deleted.", anchor=False)
        st.page_link("views/practise.py", label="To Practise", icon=":material/arrow_back:")
        return
    known = progress(held[0].loop, held)
    st.title(plain(known.loop.name), anchor=False)
    st.caption(f"{plain(str(held[0].level))} · {PRACTICE_ONLY}")
    states = [open_session(summary.id).state for summary in known.held if summary is not None]
    _result(known, states)
    st.header("Parts", anchor="parts")
    for part, summary in zip(known.loop.parts, known.held, strict=True):
        _part(part, summary)
    next_part(known, states[0].opened.level, states[0].opened.pace)


def _result(known: Progress, states: list[InterviewState]) -> None:
    cards = [state.scorecard for state in states if state.scorecard is not None]
    if not cards:
        st.info("The first part is not scored yet.", icon=":material/info:")
        return
    used = sum(state.elapsed() for state in states)
    planned = sum(part.minutes for part in known.loop.parts)
    card = combined(known.loop, cards, rubric())
    with st.container(border=True, key="loop-result"):
        result(card)
    so_far = "" if known.is_over else f"So far, from {len(cards)} of {len(known.loop.parts)} parts. "
    st.caption(
        f"{so_far}{used:.0f} of {planned:g} minutes used · n = {card.turns} answers · assessor {plain(card.assessor)} "
        f"· rubric {plain(card.rubric)} ({card.rubric_fingerprint}). An area's score is the mean over the parts, by "
        "how many of its points you were asked about."
    )
    for title, findings in (("Red flags", card.red_flags), ("Signs of seniority", card.differentiators)):
        if findings:
            st.markdown("\n".join([f"**{title}**", "", *(f"- {plain(finding.text)}" for finding in findings)]))


def _part(part: LoopPart, summary: InterviewSummary | None) -> None:
    question = bank().questions.get(part.question_id)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap="xxsmall"):
            st.markdown(f"**{plain(part.name)}**: {plain(question.title if question else part.question_id)}")
            st.caption(f"{part.minutes:g} min · {_stand(summary)}")
        if summary is not None and summary.error is None:
            page, label = ("views/scorecard.py", "Scorecard") if summary.finished else ("views/room.py", "Go on")
            st.page_link(page, label=label, query_params={"interview": summary.id})


def _stand(summary: InterviewSummary | None) -> str:
    if summary is None:
        return "to come"
    if summary.error:
        return plain(summary.error)
    if not summary.finished:
        return "unfinished"
    return "no score" if summary.overall is None else f"**{summary.overall:.1f}** of 5"


with guarded():
    page()
