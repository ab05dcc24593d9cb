"""The top of a scorecard: what it is about, the score with all that belongs to it, the chart, the downloads."""

from __future__ import annotations

from typing import Any

import streamlit as st

from agents.export import as_json, as_markdown
from agents.scorecard import Scorecard
from agents.state import InterviewState
from agents.wording import ENDINGS, PRACTICE_ONLY, clock, conditions, coverage, number, span, usage, verdict
from views.house import plain
from views.texts import day, typed

DOT, RANGE = "#3f8a66", "rgba(79, 154, 120, 0.38)"
"""Readable on light and dark."""
COLOURS: dict[str, Any] = {"below": "orange", "approaching": "yellow", "meets": "green", "exceeds": "green"}


def header(state: InterviewState, card: Scorecard) -> None:
    """Title, level, date, and what kind of score this is."""
    opened, finished = state.opened, state.finished
    st.title(plain(card.title), anchor=False)
    with st.container(horizontal=True, gap="small"):
        st.badge(
            plain(card.kind),
            icon=":material/experiment:",
            color="primary",
            help="What this panel makes of your words. A person may judge otherwise.",
        )
        st.badge(card.level, color="gray")
        st.badge(plain(state.question.category), color="gray")
        if opened.taster:
            st.badge("taster", color="gray")
    answers = f"{card.turns} answer" + ("" if card.turns == 1 else "s")
    facts = [opened.question_id, day(opened.at), f"{answers} in {clock(state.elapsed())} of {opened.minutes:g} minutes"]
    if finished:
        facts.append("you ended it" if finished.reason == "candidate" else ENDINGS[finished.reason])
    st.caption(plain(" · ".join(facts)))


def summary(state: InterviewState, card: Scorecard) -> None:
    """The score, its range, how much it rests on and where it stands; or why there is none."""
    with st.container(border=True, key="summary"):
        result(card)
    made_by = f"Assessor {card.assessor} · rubric {card.rubric} ({card.rubric_fingerprint}) · "
    made_by += f"question {card.question_fingerprint} · n = {card.turns} answers"
    if card.rejected_quotes:
        made_by += f" · quotes dropped because they are not in your words: {card.rejected_quotes}"
    if card.work is not None and card.work.prompts:
        made_by += f" · prompts {', '.join(card.work.prompts)}"
    used = usage(state.usage)
    if used:
        made_by += f" · whole interview: {used}"
    st.caption(f"{PRACTICE_ONLY} {plain(made_by)}")
    if card.work is not None and card.work.took_over:
        st.info(f"The local panel scored this: {plain(card.work.took_over)}.", icon=":material/info:")


def result(card: Scorecard) -> None:
    """The score beside the chart, or why there is none."""
    if card.overall is None:
        st.header("Not scored", anchor=False)
        st.subheader(typed(_sentence(card.unscored or "no reason was given")), anchor=False)
        return
    left, right = st.columns([5, 6], gap="medium", vertical_alignment="center")
    with left:
        _overall(card)
    with right:
        st.echarts_chart(chart(card), height=44 + 48 * (len(card.areas) + 1), key="areas-chart", alt=_spoken(card))


def _overall(card: Scorecard) -> None:
    between = span(card.low, card.high, digits=2)
    st.metric("Overall", f"{card.overall:.2f} of 5")
    st.markdown(
        (f"Likely **{between}**, {coverage(card)}" if between else coverage(card).capitalize())
        + ("." if card.coverage > 0.995 else "; the rest did not come up."),
        help="The range: what the same words would score if every unsure reading were one rung lower or higher.",
    )
    if card.bar:
        st.badge(verdict(card), icon=":material/flag:", color=COLOURS.get(card.bar, "gray"))
    unscored = [f"- {plain(area.name)}: {typed(area.unscored)}" for area in card.areas if area.unscored]
    if unscored:
        st.markdown("\n".join(["Without a score, and not counted:", *unscored]))
    notes = [f"- {plain(note)}" for note in conditions(card)]
    if notes:
        st.markdown("\n".join(["What this level also asks for and did not find:", *notes]))


def chart(card: Scorecard) -> dict[str, Any]:
    """Score and range of the overall mean and of every area, as an ECharts option.

    Names stand above their bars: beside them they would leave a phone no room.
    """
    rows = [(card.overall, card.low, card.high), *((area.score, area.low, area.high) for area in card.areas)]
    scored = [(score, low or score, high or score) if score is not None else None for score, low, high in rows]
    ends = {"type": "bar", "stack": "range", "barWidth": 10, "silent": True}
    return {
        "grid": {"left": 10, "right": 14, "top": 14, "bottom": 26, "containLabel": False},
        "xAxis": {"type": "value", "min": 1, "max": 5, "interval": 1},
        "yAxis": {
            "type": "category",
            "data": [f"Overall: {card.overall:.2f}", *(f"{area.name}: {number(area.score)}" for area in card.areas)],
            "inverse": True,
            "axisTick": {"show": False},
            "axisLine": {"show": False},
            "axisLabel": {
                "inside": True,
                "margin": 0,
                "verticalAlign": "bottom",
                "padding": [0, 0, 11, 0],
                "fontSize": 13,
            },
            "z": 3,
        },
        "series": [
            {**ends, "data": [row and row[1] for row in scored], "itemStyle": {"color": "transparent"}},
            {
                **ends,
                "data": [row and round(row[2] - row[1], 3) for row in scored],
                "itemStyle": {"color": RANGE, "borderRadius": 5},
            },
            {
                "type": "scatter",
                "symbolSize": 13,
                "silent": True,
                "itemStyle": {"color": DOT, "opacity": 1},
                "data": [[row[0], place] for place, row in enumerate(scored) if row is not None],
            },
        ],
    }


def _spoken(card: Scorecard) -> str:
    """The chart in words, for a screen reader."""
    parts = [f"{a.name} {'not assessed' if a.score is None else f'{a.score:.1f} of 5'}" for a in card.areas]
    return f"Overall {card.overall:.2f} of 5; " + "; ".join(parts)


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:].rstrip(".") + "."


def downloads(state: InterviewState) -> None:
    """The whole interview as a file."""
    name = f"greenroom-{state.opened.question_id}-{state.opened.at:%Y-%m-%d}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Markdown",
            as_markdown(state),
            f"{name}.md",
            "text/markdown",
            key="as-markdown",
            on_click="ignore",
            icon=":material/download:",
            help="Scorecard and transcript, to read.",
        )
        st.download_button(
            "JSON",
            as_json(state),
            f"{name}.json",
            "application/json",
            key="as-json",
            on_click="ignore",
            icon=":material/download:",
            help="Scorecard and transcript, for programs.",
        )


def contents(card: Scorecard) -> None:
    """The way down the page."""
    parts = {
        "[Areas](#areas)": card.areas,
        "[What was missed](#missed)": card.points,
        "[What to study](#study)": True,
        "[How it can be solved](#solutions)": True,
        "[Transcript](#transcript)": True,
    }
    st.markdown(f":small[{' · '.join(link for link, there in parts.items() if there)}]")
