"""The practice page's way to an interview of several parts, or to a drill: a plan, drawn questions, the start."""

from __future__ import annotations

import random
from collections.abc import Mapping

import streamlit as st

from agents.loop import Progress
from agents.plans import PLANS, NothingFits, Plan, draw, first_part
from knowledge.question import Question
from knowledge.terms import Level
from views.house import bank, plain, settings
from views.practise_cards import Pace, practised, start


def by_plan(times: Mapping[str, int]) -> None:
    """Draws the plans to choose from and, for the chosen one, its parts; starts the first."""
    plan = st.selectbox("Plan", PLANS, format_func=lambda p: p.name, key="plan", persist_state="session")
    st.caption(plan.about)
    with st.container(horizontal=True):
        level = st.segmented_control(
            "Level", list(Level), default=Level.ADVANCED, required=True, key="plan-level", persist_state="session"
        )
        pace: Pace | None = st.segmented_control(
            "Your answers are",
            ["typed", "spoken"],
            default=settings().pace,
            required=True,
            format_func=str.capitalize,
            key="plan-pace",
        )
    if level is None or pace is None:
        return
    try:
        questions = _drawn(plan, Level(level), times)
    except NothingFits as error:
        st.info(plain(str(error)).capitalize() + ".", icon=":material/search_off:")
        return
    with st.container(border=True, key="plan-parts"):
        for slot, question in zip(plan.slots, questions, strict=True):
            st.markdown(f"**{plain(slot.name)}**, {slot.minutes:g} min: {plain(question.title)}")
            facts = (question.category, question.difficulty, practised(times.get(question.id, 0)))
            st.caption(plain(" · ".join(facts)))
        with st.container(horizontal=True):
            if st.button("Start", type="primary", icon=":material/play_arrow:", key="start-plan"):
                loop = first_part(plan, questions)
                start(questions[0], Level(level), plan.slots[0].minutes, pace, loop=loop)
            st.button("Draw again", icon=":material/casino:", key="draw-plan", on_click=_draw_again)


def _draw_again() -> None:
    st.session_state["plan-lot"] = random.randrange(1_000_000)


def _drawn(plan: Plan, level: Level, times: Mapping[str, int]) -> list[Question]:
    """The same questions until somebody draws again."""
    lot = st.session_state.setdefault("plan-lot", random.randrange(1_000_000))
    return draw(plan, bank().questions.values(), level, times, random.Random(f"{lot} {plan.id} {level}"))


def next_part(progress: Progress, level: Level, pace: Pace) -> None:
    """Offers the next part of an interview of several, or what its parts give together."""
    loop, following = progress.loop, progress.next_part
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="loop"):
        done = sum(summary is not None and summary.finished for summary in progress.held)
        st.markdown(f"**{plain(loop.name)}**: {done} of {len(loop.parts)} parts done", width="stretch")
        st.page_link("views/loop.py", label="All parts", icon=":material/stacks:", query_params={"loop": loop.id})
        if following is None:
            return
        part = following.parts[following.part]
        question = bank().questions.get(part.question_id)
        if question is None:
            st.caption(f"{plain(part.question_id)}, the next question, is no longer in the bank.")
        elif st.button(
            f"Next: {part.name}, {part.minutes:g} min", type="primary", icon=":material/play_arrow:", key="next-part"
        ):
            start(question, level, part.minutes, pace, loop=following)
