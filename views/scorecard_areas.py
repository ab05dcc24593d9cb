"""The weighted areas with their evidence, and the interviewer's criteria beside them."""

from __future__ import annotations

import streamlit as st

from agents.scorecard import AreaScore, Scorecard
from agents.state import InterviewState
from agents.wording import flags_spelled, number, span, turn_numbers
from views.house import plain
from views.texts import ours, quotes


def areas(state: InterviewState, card: Scorecard) -> None:
    """One box per area, those that were assessed first."""
    if not card.areas:
        return
    numbers = turn_numbers(state)
    st.header("Areas", anchor="areas")
    for area in sorted(card.areas, key=lambda a: a.score is None):
        if area.score is not None:
            _area(area, card, numbers)
    skipped = [area for area in card.areas if area.score is None]
    if skipped:
        names = ", ".join(f"**{plain(a.name)}** ({a.weight:g} % of the weight)" for a in skipped)
        st.markdown(f":gray[Not assessed, because you answered no question about it:] {names}")


def _area(area: AreaScore, card: Scorecard, numbers: dict[int, int]) -> None:
    between = span(area.low, area.high)
    with st.container(border=True, key=f"area-{area.id}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(plain(area.name), anchor=False, width="content")
            st.subheader(f"{area.score:.1f} of 5", anchor=False, width="content")
        st.caption(f"{area.weight:g} % of the weight" + (f" · likely {between}" if between else ""))
        if area.anchor:
            st.markdown(ours(area.anchor))
        for cap in area.caps:
            st.markdown(f":material/arrow_downward: {plain(_capital(flags_spelled(cap, card)))}")
        titles = {point.id: point.title for point in card.points}
        for quote in quotes(area.evidence, numbers, titles):
            st.markdown(quote)
        if not area.evidence:
            st.caption("Questions were asked about it; no words of yours could be counted.")


def criteria(card: Scorecard) -> None:
    """How an interviewer would describe the candidate."""
    if not card.criteria:
        return
    st.header("As an interviewer would put it", anchor="criteria")
    st.caption("Four views of the same answers, reported beside the score. They are never added to it.")
    for start in range(0, len(card.criteria), 2):
        for column, criterion in zip(st.columns(2), card.criteria[start : start + 2], strict=False):
            with column.container(border=True, height="stretch", key=f"criterion-{criterion.id}"):
                st.markdown(f"**{plain(criterion.name)}** · {number(criterion.score)}")
                st.caption(ours(criterion.anchor) if criterion.anchor else "Nothing in the interview to go by.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
