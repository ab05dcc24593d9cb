"""A question as a card: what it is, how long, how often practised; and what to settle before it starts."""

from __future__ import annotations

from functools import cache
from typing import Literal

import streamlit as st

from agents.events import Loop
from agents.phases import exchanges
from agents.session import InterviewSession
from knowledge.bank import Bank
from knowledge.question import Question
from knowledge.resource import load_topics
from knowledge.terms import Level
from views.house import archive, bank, panel, plain, rubric, settings, written

LENGTHS = (10, 20, 30, 45, 60, 75)
TASTER_MINUTES = 10
Pace = Literal["typed", "spoken"]


def card(question: Question, times: int, minutes: int | None = None, chosen: bool = False) -> None:
    """Draws one question; when it is the chosen one, with the settings and the start button.

    `times` is how often it was practised, `minutes` the length to offer first, the question's own when None.
    """
    chosen = chosen or st.session_state.get("chosen") == question.id
    with st.container(border=True, key=f"card-{question.id}"):
        with st.container(horizontal=True, vertical_alignment="top"):
            with st.container(width="stretch", gap=None):
                st.markdown(f"**{plain(question.title)}**")
                facts = (question.difficulty, question.category, f"{question.minutes} min", practised(times))
                st.caption(" · ".join(facts))
            if not chosen:
                st.button("Choose", key=f"choose-{question.id}", on_click=_choose, args=(question.id,))
        st.caption(plain(", ".join(topic_name(tag) for tag in question.topics)))
        if chosen:
            _settle(question, minutes or question.minutes)
        with st.expander("Problem statement"):
            written(question.statement)


def practised(times: int) -> str:
    """How often, in words."""
    return {0: "not practised yet", 1: "practised once", 2: "practised twice"}.get(times, f"practised {times} times")


@cache
def _topics() -> dict[str, str]:
    return {tag: topic.name for tag, topic in load_topics().items()}


def topic_name(tag: str) -> str:
    """A topic's name for people."""
    return _topics().get(tag, tag)


def _choose(question_id: str) -> None:
    st.session_state["chosen"] = question_id


def _settle(question: Question, minutes: int) -> None:
    """Level, length, pace and the start button."""
    lengths = sorted({*LENGTHS, question.minutes, minutes})
    level = st.segmented_control(
        "Level",
        list(Level),
        default=question.difficulty,
        required=True,
        key=f"level-{question.id}",
        help="Moves the bar that your score is measured against, never the score.",
    )
    length = st.segmented_control(
        "Minutes", lengths, default=minutes, required=True, key=f"minutes-{question.id}-{minutes}"
    )
    pace: Pace | None = st.segmented_control(
        "Your answers are",
        ["typed", "spoken"],
        default=settings().pace,
        required=True,
        format_func=str.capitalize,
        key=f"pace-{question.id}",
    )
    if level is None or length is None or pace is None:
        return
    st.caption(_pace_note(length, pace))
    if st.button("Start the interview", type="primary", icon=":material/play_arrow:", key=f"start-{question.id}"):
        start(question, level, length, pace)


def _pace_note(minutes: int, pace: Pace) -> str:
    planned = exchanges(minutes, pace)
    many = "one exchange is" if planned == 1 else f"{planned} exchanges are"
    if pace == "typed":
        return f"Typing 300 words takes about seven minutes, so about {many} planned for {minutes} minutes."
    return f"For dictation or for talking with a person who types along: about {many} planned for {minutes} minutes."


def start(
    question: Question, level: Level, minutes: float, pace: Pace, taster: bool = False, loop: Loop | None = None
) -> None:
    """Opens the interview and goes to its room."""
    session = InterviewSession.start(
        archive(), panel(), rubric(), question, level, minutes, pace, taster=taster, loop=loop
    )
    st.session_state[f"heard-{session.interview}"] = -1  # the room has the opening spoken, not just printed
    st.session_state.pop("chosen", None)
    st.switch_page("views/room.py", query_params={"interview": session.interview})


def taster_question(known: Bank) -> Question | None:
    """The question for a first try: a design if there is one, the lowest level, the shortest."""
    return min(
        known.questions.values(),
        key=lambda q: (q.category != "System Design", q.difficulty.order, q.minutes, q.id),
        default=None,
    )


def start_taster() -> None:
    """Ten minutes on a question that suits, at its own level."""
    question = taster_question(bank())
    if question is None:
        st.warning("The question bank is empty: there is nothing to ask. See `python -m knowledge lint`.")
        return
    start(question, question.difficulty, TASTER_MINUTES, settings().pace, taster=True)
