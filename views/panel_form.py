"""The form that seats language models: address, key, models, prices; its list of models and its test are real calls."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from pydantic import SecretStr

from agents.calls import Connection
from agents.endpoint import (
    NO_KEY,
    OLLAMA,
    OPENAI,
    Endpoint,
    EndpointError,
    Role,
    endpoint,
    read_prices,
    server_of,
    written_prices,
)
from agents.model_failure import ModelFailed
from agents.offers import Tried, listed, ollama_models, tried
from agents.panel import ModelPanel, model_panel
from views.house import CHOSEN, embedder, plain, rubric, settings

LISTED, KEPT_KEY = "listed-models", "kept-key"
ROLES = {"interviewer": "Speaks", "observer": "Listens", "assessor": "Scores"}


@st.cache_data(ttl=10, show_spinner="Looking for an Ollama server ...")
def _ollama() -> list[str]:
    return ollama_models()


@dataclass(frozen=True)
class Written:
    """What stands in the form. The endpoint is made of it when a button wants one, which may raise EndpointError."""

    endpoint: Callable[[], Endpoint]
    limit: float


def endpoint_form(seated: ModelPanel | None) -> None:
    """Draws the form, filled in with what is seated, and does what its buttons ask for."""
    known, here = seated.connection.endpoint if seated else None, _ollama()
    if here and seated is None:
        st.info(f"An Ollama server runs on this machine, with {len(here)} models.", icon=":material/computer:")
    url = st.text_input(
        "Address",
        value=known.url if known else (OLLAMA if here else OPENAI),
        max_chars=500,
        key="panel-url",
        help="Where the API begins; it usually ends in /v1. For Azure's dated API the resource's address.",
    )
    key = _key(url, known)
    written = _rest(url, key, seated, st.session_state.get(LISTED) or here)
    with st.container(horizontal=True):
        lists = st.button("List its models", icon=":material/list:", key="panel-list")
        tests = st.button("Test the connection", icon=":material/network_check:", key="panel-test")
        takes = st.button("Seat this panel", type="primary", icon=":material/groups:", key="panel-seat")
    try:
        if lists:
            _list(endpoint(url, key, "any"))
        if tests:
            _test(Connection.to(written.endpoint()))
        if takes:
            _seat(written.endpoint(), written.limit)
    except ModelFailed as failed:
        _show_failure(failed)
    except ValueError as error:  # of the address, the key, a price or the limit; each says what to write
        st.error(plain(str(error)), icon=":material/error:")
    if LISTED in st.session_state:
        many = len(st.session_state[LISTED])
        st.caption(f"The server lists {many} model{'s' * (many != 1)}; choose one above.")


def _rest(url: str, key: SecretStr | None, seated: ModelPanel | None, names: list[str]) -> Written:
    """The models, what they cost and may cost, and Azure's version."""
    known = seated.connection.endpoint if seated else None
    speaking = _model("Model", known.interviewer if known else "", names, "panel-model")
    with st.expander("Models of their own for listening and scoring, prices and limit, Azure"):
        observing = _model("Listens", _other(known, "observer"), names, "panel-observer")
        assessing = _model("Scores", _other(known, "assessor"), names, "panel-assessor")
        prices = st.text_input(
            "Prices per million tokens",
            value=written_prices(known.prices) if known else settings().llm_prices,
            max_chars=500,
            key="panel-prices",
            placeholder="gpt-5-mini = 0.25 / 2; gpt-5 = 1.25 / 0.125 / 10",
            help="Read / written, or read / cached / written. Without a name: for every model.",
        )
        limit = st.number_input(
            "Most that one interview may cost",
            value=seated.limit if seated else settings().llm_limit,
            min_value=0.0,
            step=0.05,
            format="%g",
            key="panel-limit",
            help="In the prices' currency; then the local panel goes on. 0: no limit.",
        )
        version = st.text_input(
            "API version", value=known.api_version if known else "", max_chars=40, key="panel-version",
            help="Only for Azure's deployments with dated versions, as in 2024-10-21.",
        )  # fmt: skip
    return Written(lambda: endpoint(url, key, speaking, observing, assessing, version, read_prices(prices)), limit)


def _other(known: Endpoint | None, role: Role) -> str:
    """The model of a role, "" when it is the one that speaks."""
    return "" if known is None or known.model(role) == known.interviewer else known.model(role)


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


def _key(url: str, known: Endpoint | None) -> SecretStr | None:
    """The key for this server. The field is emptied as soon as one is taken, and never filled in by us."""
    pasted, given = KEPT_KEY in st.session_state, _given_key(url, known)
    there = given not in (None, NO_KEY)
    st.text_input(
        "Key",
        type="password",
        key="panel-key",
        max_chars=500,
        on_change=_take_key,
        placeholder="kept for this tab and this server" if there and pasted else "from the settings" if there else "",
        help="Kept in this browser tab's session until it is closed, and sent to the server above alone; never written "
        "to a file, a log or an address. To keep one for good, set GREENROOM_LLM_KEY in the environment.",
    )
    if pasted:
        st.button("Forget the key", key="forget-key", on_click=_forget_key, help="A panel seated with it goes, too.")
    return given


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
    """The server of an address that is being written; "" as long as it is none."""
    try:
        return server_of(url)
    except EndpointError:
        return ""


def _given_key(url: str, known: Endpoint | None) -> SecretStr | None:
    """The key pasted for this server, else the seated panel's or the environment's if that is the server it is for."""
    server = _server(url)
    kept: tuple[SecretStr, str] | None = st.session_state.get(KEPT_KEY)
    if kept is not None and kept[1] == server:
        return kept[0]
    if known is not None and _server(known.url) == server:
        return known.key
    environment = os.environ.get("OPENAI_API_KEY", "")
    return SecretStr(environment) if environment and server == server_of(OPENAI) else None


def _list(known: Endpoint) -> None:
    with st.spinner("Asking the server for its models ..."):
        st.session_state[LISTED] = listed(known)
    st.rerun()


def _seat(known: Endpoint, limit: float) -> None:
    changed = settings().model_copy(update={"llm_limit": limit})
    changed.check_limit(known)
    st.session_state[CHOSEN] = model_panel(known, changed, rubric(), embedder())
    st.toast(f"Seated: {plain(known.interviewer)} at {plain(known.host)}", icon=":material/groups:")
    st.rerun()


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
        st.caption("In detail:")
        st.code(failed.detail, language=None, wrap_lines=True)
