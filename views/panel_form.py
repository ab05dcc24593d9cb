"""The form that seats language models: address, key, models, prices; its list of models and its test are real calls."""

from __future__ import annotations

import os
from collections.abc import Callable

import streamlit as st
from pydantic import SecretStr

from agents.calls import Connection
from agents.endpoint import NO_KEY, OLLAMA, OPENAI, Endpoint, EndpointError, endpoint, read_prices
from agents.model_failure import ModelFailed
from agents.offers import Tried, listed, ollama_models, tried
from agents.panel import model_panel
from views.house import CHOSEN, embedder, plain, rubric, settings

LISTED, KEPT_KEY = "listed-models", "kept-key"
ROLES = {"interviewer": "Speaks", "observer": "Listens", "assessor": "Scores"}


@st.cache_data(ttl=10, show_spinner="Looking for an Ollama server ...")
def _ollama() -> list[str]:
    return ollama_models()


def endpoint_form(seated: Endpoint | None) -> None:
    """Draws the form, filled in with what is seated."""
    here = _ollama()
    if here and seated is None:
        st.info(f"An Ollama server runs on this machine, with {len(here)} models.", icon=":material/computer:")
    url = st.text_input(
        "Address",
        value=seated.url if seated else (OLLAMA if here else OPENAI),
        max_chars=500,
        key="panel-url",
        help="Where the API begins; it usually ends in /v1. For Azure's dated API the resource's address.",
    )
    _key(seated)
    names = st.session_state.get(LISTED) or here
    speaking = _model("Model", seated.interviewer if seated else "", names, "panel-model")
    with st.expander("Models of their own for listening and scoring, prices, Azure"):
        observing = _model("Listens", _other(seated, "observer"), names, "panel-observer")
        assessing = _model("Scores", _other(seated, "assessor"), names, "panel-assessor")
        prices = st.text_input(
            "Prices per million tokens",
            value=settings().llm_prices,
            max_chars=500,
            key="panel-prices",
            placeholder="gpt-5-mini = 0.25 / 2; gpt-5 = 1.25 / 0.125 / 10",
            help="Read / written, or read / cached / written. Without a name: for every model.",
        )
        version = st.text_input(
            "API version", value=seated.api_version if seated else "", max_chars=40, key="panel-version",
            help="Only for Azure's deployments with dated versions, as in 2024-10-21.",
        )  # fmt: skip

    def written() -> Endpoint:
        return endpoint(url, _given_key(url, seated), speaking, observing, assessing, version, read_prices(prices))

    _buttons(written, url, seated)


def _other(seated: Endpoint | None, role: str) -> str:
    named = str(getattr(seated, role)) if seated else ""
    return "" if seated is None or named == seated.interviewer else named


def _model(label: str, value: str, names: list[str], key: str) -> str:
    options = list(dict.fromkeys(n for n in (value, *names) if n))
    placeholder = "the one that speaks" if key != "panel-model" else "choose or type a name"
    found = st.selectbox(
        label,
        options,
        index=0 if value else None,
        key=key,
        accept_new_options=True,
        placeholder=placeholder,
    )
    return found or ""


def _key(seated: Endpoint | None) -> None:
    """The field for a key. It is emptied as soon as the key is taken, and never filled in by us."""
    kept = st.session_state.get(KEPT_KEY)
    st.text_input(
        "Key",
        type="password",
        key="panel-key",
        max_chars=500,
        on_change=_take_key,
        placeholder="kept for this tab" if kept else ("from the settings" if seated and seated.key != NO_KEY else ""),
        help="Kept in this browser tab's session until it is closed; never written to a file, a log or an address. "
        "To keep one for good, set GREENROOM_LLM_KEY in the environment.",
    )
    if kept is not None:
        st.button("Forget the key", key="forget-key", on_click=_forget_key, help="A panel seated with it goes, too.")


def _forget_key() -> None:
    st.session_state.pop(KEPT_KEY, None)
    st.session_state.pop(CHOSEN, None)


def _take_key() -> None:
    """Keeps the key with the server it was pasted for: it is sent to no other."""
    pasted = st.session_state["panel-key"].strip()
    if pasted:
        st.session_state[KEPT_KEY] = (SecretStr(pasted), _server(st.session_state["panel-url"]))
    st.session_state["panel-key"] = ""


def _server(url: str) -> str:
    """Scheme, host and port of an address; the address itself when it is none."""
    return url.strip().lower().split("/v1")[0].rstrip("/")


def _given_key(url: str, seated: Endpoint | None) -> SecretStr | None:
    """The key that was pasted; else the settings' own, which goes to the settings' address alone, or OpenAI's."""
    kept: tuple[SecretStr, str] | None = st.session_state.get(KEPT_KEY)
    if kept is not None and kept[1] == _server(url):
        return kept[0]
    if seated is not None and url.strip().rstrip("/") == seated.url:
        return seated.key
    environment = os.environ.get("OPENAI_API_KEY", "")
    return SecretStr(environment) if environment and url.strip().startswith(OPENAI) else None


def _buttons(written: Callable[[], Endpoint], url: str, seated: Endpoint | None) -> None:
    with st.container(horizontal=True):
        lists = st.button("List its models", icon=":material/list:", key="panel-list")
        tests = st.button("Test the connection", icon=":material/network_check:", key="panel-test")
        takes = st.button("Seat this panel", type="primary", icon=":material/groups:", key="panel-seat")
    try:
        if lists:
            with st.spinner("Asking the server for its models ..."):
                found = listed(endpoint(url, _given_key(url, seated), "any"))
            st.session_state[LISTED] = found
            st.rerun()
        if tests:
            _test(Connection.to(written()))
        if takes:
            known = written()
            settings().check_limit(known)
            st.session_state[CHOSEN] = model_panel(known, settings(), rubric(), embedder())
            st.toast(f"Seated: {plain(known.interviewer)} at {plain(known.host)}", icon=":material/groups:")
            st.rerun()
    except ModelFailed as failed:
        _show_failure(failed)
    except (EndpointError, ValueError) as error:
        st.error(plain(str(error)), icon=":material/error:")
    if LISTED in st.session_state:
        st.caption(f"The server lists {len(st.session_state[LISTED])} models; choose one above.")


def _test(connection: Connection) -> None:
    place = st.empty()

    def beat() -> None:
        place.caption("Waiting for the server ...")

    beat()
    for result in tried(connection, beat):
        if result.failed is not None:
            _show_failure(result.failed, result)
        else:
            last = result.calls[-1]
            st.success(
                f"**{ROLES[result.role]}:** {plain(result.model)} answered in {last.seconds:.1f} s "
                f"({last.tokens_in} tokens read, {last.tokens_out} written). {plain(_changed(last.outcome))}",
                icon=":material/check:",
            )
    place.empty()


def _changed(outcome: str) -> str:
    changes = outcome.split("; ")[1:]
    return f"Adapted to this server: {', '.join(changes)}." if changes else ""


def _show_failure(failed: ModelFailed, result: Tried | None = None) -> None:
    who = f"**{ROLES[result.role]}, {plain(result.model)}:** " if result else ""
    st.error(
        f"{who}{plain(failed.plain[:1].upper() + failed.plain[1:])}. {plain(failed.remedy)}", icon=":material/error:"
    )
    if failed.detail:
        st.caption("What the server said:")
        st.code(failed.detail, language=None, wrap_lines=True)
