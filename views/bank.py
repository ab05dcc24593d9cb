"""The question bank: find a question, read what a candidate may know of it, and everything once it has been tried.

`question` in the address opens one; without it, the page lists them and what there is to study.
"""

from __future__ import annotations

import streamlit as st

from views.bank_coverage import coverage
from views.bank_list import questions
from views.bank_question import back, one
from views.bank_resources import library
from views.bank_study import study
from views.house import bank, guarded

TABS = {"Questions": questions, "Resources": library, "Study plans": study, "Coverage": coverage}


def page() -> None:
    """One question, or the lists."""
    wanted = st.query_params.get("question", "")
    if wanted:
        question = bank().questions.get(wanted.upper())
        if question is not None:
            one(question)
            return
        st.title("Question bank", anchor=False)
        st.markdown("There is no such question in the bank.")
        back()
        return
    st.title("Question bank", anchor=False)
    for tab, draw in zip(st.tabs(list(TABS), key="bank-tab", on_change="rerun"), TABS.values(), strict=True):
        if tab.open:  # the others are drawn when somebody looks
            with tab:
                draw()


with guarded():
    page()
