"""What all pages share: the archive, the bank, the panel, opened once per server; escaping; links between pages."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread

import streamlit as st

from agents.archive import Archive, ArchiveError, UnreadableEvent
from agents.endpoint import Endpoint
from agents.events import NewerLog
from agents.panel import Panel, local_panel, model_panel
from agents.session import InterviewSession
from agents.settings import Settings, SettingsError, load_settings
from agents.tokens import EncodingDamaged
from knowledge.bank import Bank
from knowledge.embedder import EmbedderUnavailable, MiniLM
from knowledge.faults import KnowledgeError
from knowledge.index import Index, IndexUnavailable
from knowledge.question import Question
from knowledge.resource import Resource, load_resources, load_topics
from knowledge.rubric import RUBRIC_FILE, Rubric, load_rubric

PAGES = Path(__file__).parent
CHOSEN = "chosen-panel"
"""Under which a browser tab keeps its panel, and with it a key that was pasted; it is gone with the tab."""
PROBLEMS = (
    ArchiveError,
    SettingsError,
    KnowledgeError,
    EmbedderUnavailable,
    EncodingDamaged,
    IndexUnavailable,
    NewerLog,
)
"""What can go wrong without being a mistake in Greenroom; each message has its remedy."""
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-=.!|$~:&])")
_FENCE = re.compile(r"^ {0,3}```[ \t]*([\w+-]*)[^`\n]*\n(.*?)(?:^ {0,3}```[ \t]*$\n?|\Z)", re.MULTILINE | re.DOTALL)


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The settings, read once."""
    return load_settings()


@st.cache_resource(show_spinner=False)
def archive() -> Archive:
    """The log of all interviews."""
    known = settings()
    return Archive(known.database) if known.database else Archive.in_folder(known.data)


@st.cache_resource(show_spinner="Reading the question bank ...")
def bank() -> Bank:
    """The questions."""
    return settings().load_bank()


@st.cache_resource(show_spinner=False)
def rubric() -> Rubric:
    """The rubric that scorecards are made with."""
    return load_rubric(settings().rubric or RUBRIC_FILE)


@st.cache_resource(show_spinner="Reading the list of resources ...")
def resources() -> dict[str, Resource]:
    """What to study."""
    return load_resources()


@st.cache_resource(show_spinner=False)
def local() -> Panel:
    """The local panel; its model loads at the first answer."""
    return local_panel(embedder())


@st.cache_resource(show_spinner=False)
def configured() -> Panel:
    """The panel that the settings name. Raises SettingsError."""
    found = settings().endpoint(os.environ.get("OPENAI_API_KEY", ""))
    return local() if found is None else model_panel(found, settings(), rubric(), embedder())


def panel() -> Panel:
    """The panel of this visitor: the one chosen on the page "Panel" for this browser tab, or the settings' own."""
    chosen: Panel | None = st.session_state.get(CHOSEN)
    return configured() if chosen is None else chosen


@st.cache_resource(show_spinner=False)
def embedder() -> MiniLM:
    """The embedding model, one for panel and search."""
    return MiniLM(settings().weights, settings().threads)


@st.cache_resource(show_spinner=False)
def _index() -> tuple[Index, list[bool], Lock]:
    return Index(settings().data / "index", embedder()), [], Lock()


def index() -> Index:
    """The search index. Loads Chroma and brings the index up to date at the first call, showing how far it is."""
    found, opened, lock = _index()
    with lock:  # two visitors, one building site
        if not opened:
            with st.spinner("Preparing the search ..."):
                bar = st.empty()

                def show(done: int, total: int) -> None:
                    bar.progress(done / total, f"Reading the question bank, once: {done} of {total}")

                found.open(bank(), resources(), load_topics(), show)
                bar.empty()
            opened.append(True)
    return found


@contextmanager
def guarded() -> Iterator[None]:
    """Shows what went wrong, with its remedy, instead of a traceback; what was drawn before stays."""
    try:
        yield
    except PROBLEMS as error:
        st.error(plain(str(error)), icon=":material/error:")


@st.cache_resource(show_spinner=False)
def warm_up(question_id: str, _question: Question) -> None:
    """Has the panel read a question in the background while its opening is read; the first answer then waits less."""
    seated = panel()  # here: a thread has no page to be cached for

    def listen() -> None:
        # The first answer will say so, where somebody can act on it.
        with suppress(EmbedderUnavailable, EncodingDamaged):
            seated.get_ready(_question)

    Thread(target=listen, daemon=True).start()


def open_session(interview: str) -> InterviewSession:
    """The interview with this id. Raises ArchiveError, NewerLog and KnowledgeError when it cannot be read."""
    try:
        return InterviewSession(archive(), panel(), rubric(), interview)
    except ValueError as error:
        if isinstance(error, PROBLEMS):
            raise
        raise UnreadableEvent(f"This interview cannot be read: {error}. Delete it on the practice page.") from error


def sent_where(known: Endpoint) -> str:
    """What leaves this machine, in one sentence."""
    if known.is_here:
        return "That server is on this machine, so your answers do not leave it unless it passes them on."
    return (
        f"Your answers, notes and diagram are sent to {known.host}, with the question; the expected points only for "
        "listening and scoring. Nothing else leaves this machine."
    )


def plain(text: str) -> str:
    """`text` for a Markdown page so that it is shown as typed: nothing in it is markup, a formula or HTML."""
    return _MARKDOWN.sub(r"\\\1", text).replace("\n", "  \n")


def written(text: str) -> None:
    """Draws a longer text exactly as typed, its fenced code as code. Nothing in it is markup, a link or a symbol."""
    for language, piece in pieces(text):
        if language is None:
            st.text(piece)
        else:
            st.code(piece, language=language or None, wrap_lines=True)


def pieces(text: str) -> list[tuple[str | None, str]]:
    """(language, code) of each fenced block, "" when it names none, and (None, prose) of what stands between them."""
    found: list[tuple[str | None, str]] = []
    end = 0
    for fence in _FENCE.finditer(text):
        found += [(None, text[end : fence.start()]), (fence[1], fence[2].rstrip("\n"))]
        end = fence.end()
    found.append((None, text[end:]))
    return [(language, piece.strip("\n")) for language, piece in found if piece.strip()]


def ago(at: datetime) -> str:
    """How long ago, in words."""
    minutes = (datetime.now(UTC) - at).total_seconds() / 60
    if minutes < 2:
        return "just now"
    if minutes < 120:
        return f"{minutes:.0f} minutes ago"
    return f"{minutes / 60:.0f} hours ago" if minutes < 2880 else f"{minutes / 1440:.0f} days ago"
