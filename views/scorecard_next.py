"""What to do with a scorecard: study, practise the next question, read how others would have solved this one."""

from __future__ import annotations

import streamlit as st

from agents.scorecard import Scorecard
from knowledge.question import Question
from views.bank_resources import entry
from views.house import archive, bank, plain, resources
from views.practise_cards import card as practise_card
from views.practise_cards import topic_name
from views.question_parts import cause, figures, reference, senior_solution, solution_paths
from views.texts import ours


def study(card: Scorecard) -> None:
    """The improvements that would raise the score most, with what to read, and the question to practise next."""
    st.header("What to study", anchor="study")
    if not card.improvements:
        nothing = "Every point held: nothing to add." if card.points else "Without a score there is nothing to go by."
        st.markdown(f":gray[{nothing}]")
    for place, improvement in enumerate(card.improvements):
        with st.container(border=True, key=f"improvement-{place}"):
            st.markdown(f"**{plain(improvement.title)}**")
            st.markdown(ours(improvement.advice))
            found = [resources()[r] for r in improvement.resources if r in resources()]
            for resource in found:
                entry(resource)
            if not found and improvement.topics:
                st.caption(f"Look for: {plain(', '.join(topic_name(t) for t in improvement.topics))}")
    following = bank().questions.get(card.next_question or "")
    if following is not None:
        st.subheader("Practise next", anchor=False)
        practise_card(following, archive().times_practised().get(following.id, 0))
    st.page_link("views/practise.py", label="Choose another question", icon=":material/mic:")


def solutions(question: Question) -> None:
    """How the question can be solved; there is no harm in showing it now."""
    st.header("How it can be solved", anchor="solutions")
    st.caption("One good answer among others: valid alternatives with a reason count the same.")
    for title, drawn, there in (
        ("The cause", cause, bool(question.cause)),
        ("A senior solution, phase by phase", senior_solution, bool(question.senior_solution)),
        ("How its numbers come about", figures, bool(question.figures)),
        ("Ways to go about it", solution_paths, bool(question.solution_paths)),
        ("Reference code", reference, question.reference is not None),
    ):
        if there:
            with st.expander(title):
                drawn(question)
