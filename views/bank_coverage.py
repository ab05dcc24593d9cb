"""What the bank covers, as a heat map of topics and categories, and what is missing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import streamlit as st

from knowledge.bank import planned
from knowledge.coverage import against_plan, by_topic, missing_topics
from knowledge.resource import load_topics
from knowledge.terms import CATEGORIES, Level
from views.house import bank, plain

FEW, MANY = "#4f8a6d", "#17402e"
"""White figures can be read on both, in a light and in a dark theme."""
ROW_HEIGHT = 22


def coverage() -> None:
    """The map for all questions or for one level, the plan beside it, and the topics without a question."""
    with st.container(horizontal=True):
        level = st.segmented_control(
            "Level", ["All", *Level], default="All", required=True, key="coverage-level", persist_state="session"
        )
        rows = st.segmented_control(
            "Rows", ["Groups", "Topics"], default="Groups", required=True, key="coverage-rows", persist_state="session"
        )
    topics = load_topics()
    chosen = [q for q in bank().questions.values() if level in ("All", q.difficulty)]
    counts = by_topic(chosen, topics, grouped=rows == "Groups")
    st.caption(f"{len(chosen)} questions. A question counts in every row that one of its topics belongs to.")
    st.echarts_chart(heat_map(counts), height=100 + ROW_HEIGHT * len(counts), key="coverage-map", alt=_spoken(counts))
    missing = missing_topics(chosen, topics)
    if missing:
        st.markdown(f"**No question about:** {plain(', '.join(topic.name for topic in missing))}")
    else:
        st.markdown("**Every topic has a question.**")
    st.subheader("Against the plan", anchor=False)
    st.table(_plan_rows())


def heat_map(counts: dict[str, Counter[str]]) -> dict[str, Any]:
    """The counts as an ECharts option; the first row is drawn at the top. A cell without a question stays empty."""
    rows = list(counts)
    cells = [[x, y, counts[row][c]] for y, row in enumerate(rows) for x, c in enumerate(CATEGORIES) if counts[row][c]]
    return {
        "grid": {"left": 4, "right": 4, "top": 8, "bottom": 4, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": list(CATEGORIES),
            "position": "top",
            "axisLabel": {"rotate": 40, "interval": 0},
            "axisTick": {"show": False},
        },
        "yAxis": {"type": "category", "data": rows, "inverse": True, "axisTick": {"show": False}},
        "visualMap": {
            "show": False,
            "min": 0,
            "max": max([count for _, _, count in cells], default=1),
            "inRange": {"color": [FEW, MANY]},
        },
        "series": [{"type": "heatmap", "data": cells, "label": {"show": True, "color": "#ffffff"}, "silent": True}],
    }


def _spoken(counts: dict[str, Counter[str]]) -> str:
    """The map in words, for a screen reader."""
    told = []
    for row, found in counts.items():
        cells = ", ".join(f"{category} {found[category]}" for category in CATEGORIES if found[category])
        told.append(f"{row}: {cells or 'none'}")
    return "; ".join(told)


def _plan_rows() -> list[dict[str, str]]:
    found = against_plan(bank().questions.values(), planned())
    return [
        {"Category": category, **{str(level): f"{there} of {wanted}" for level, (there, wanted) in cells.items()}}
        for category, cells in found.items()
    ]
