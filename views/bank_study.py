"""The study plans: week by week what to do, which questions to practise and what to read."""

from __future__ import annotations

import streamlit as st

from knowledge.bank import planned
from knowledge.resource import load_topics
from knowledge.study import Part, load_study_plans
from views.bank_resources import entry
from views.house import archive, bank, plain, resources
from views.practise_cards import practised, topic_name
from views.texts import ours


def study() -> None:
    """One plan, chosen above, with all its parts."""
    plans = load_study_plans(load_topics(), {*planned(), *bank().questions}, resources())
    chosen = st.segmented_control(
        "Plan",
        list(plans),
        default=next(iter(plans)),
        required=True,
        format_func=lambda key: plans[key].name,
        key="study-plan",
        persist_state="session",
        label_visibility="collapsed",
    )
    plan = plans[chosen]
    st.markdown(ours(plan.about))
    times = archive().times_practised()
    for part in plan.parts:
        _part(part, times)


def _part(part: Part, times: dict[str, int]) -> None:
    st.subheader(plain(part.title), anchor=False)
    st.markdown(ours(part.about))
    st.markdown("\n".join(f"- {ours(task)}" for task in part.do))
    st.caption(f"Topics: {plain(', '.join(topic_name(tag) for tag in part.topics))}")
    st.markdown("**Practise**")
    known = bank().questions
    for id_ in (id_ for id_ in part.questions if id_ in known):
        question = known[id_]
        facts = (question.category, question.difficulty, f"{question.minutes} min", practised(times.get(id_, 0)))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link("views/bank.py", label=plain(question.title), query_params={"question": id_})
            st.caption(plain(" · ".join(facts)))
    missing = sum(id_ not in known for id_ in part.questions)
    if missing:
        st.caption(f"{missing} more {'is' if missing == 1 else 'are'} planned and not in this bank.")
    with st.expander("Read and watch"):
        for id_ in part.resources:
            entry(resources()[id_])
