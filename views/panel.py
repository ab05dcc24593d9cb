"""Who sits on the panel: the local one, or language models behind an address; and what is sent where."""

from __future__ import annotations

import streamlit as st

from agents.endpoint import Endpoint
from agents.panel import ModelPanel, Panel
from views.house import CHOSEN, guarded, local, panel, plain, sent_where
from views.panel_form import endpoint_form

HERE, MODEL = "The local panel", "A language model"


def page() -> None:
    """The whole page below its title, which stands also above a setting that cannot be used."""
    seated = panel()
    now_seated(seated)
    is_model = isinstance(seated, ModelPanel)
    way = st.segmented_control("Who interviews", (HERE, MODEL), default=MODEL if is_model else HERE, required=True)
    if way == HERE:
        st.markdown(
            "Sentence vectors, rules and a stock of wordings on this machine. It needs no key and no network, reads "
            "English only, and its score is a practice estimate."
        )
        if is_model and st.button("Seat the local panel", type="primary", icon=":material/home:", key="seat-local"):
            st.session_state[CHOSEN] = local()
            st.rerun()
        return
    st.markdown(
        "Models that speak, listen and score, from OpenAI, Azure, Ollama, vLLM, llama.cpp, OpenRouter or any other "
        "server with OpenAI's protocol. The rules, the log and the checks stay the same; when a model fails, the local "
        "panel does that step and says so."
    )
    endpoint_form(seated if isinstance(seated, ModelPanel) else None)
    if CHOSEN in st.session_state and st.button("Back to the settings' own panel", key="seat-configured"):
        del st.session_state[CHOSEN]
        st.rerun()


def now_seated(seated: Panel) -> None:
    """Who it is now, and where a candidate's words go."""
    with st.container(border=True, key="seated"):
        if not isinstance(seated, ModelPanel):
            st.markdown("**The local panel** interviews and scores. Nothing leaves this machine.")
            return
        known = seated.connection.endpoint
        st.markdown(f"**{plain(_models(known))}** at **{plain(known.host)}** interviews and scores.")
        st.caption(plain(sent_where(known)))
        limit = f"At most {seated.limit:g} per interview. " if seated.limit else "No spending limit. "
        prices = "Prices are set." if known.price(known.interviewer) else "No prices are set, so costs are unknown."
        origin = "Chosen in this tab." if CHOSEN in st.session_state else "From the settings."
        st.caption(plain(f"{limit}{prices} {origin}"))


def _models(known: Endpoint) -> str:
    return ", ".join(dict.fromkeys((known.interviewer, known.observer, known.assessor)))


st.title("Panel", anchor=False)
with guarded():
    page()
