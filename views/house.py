"""What all pages share: the archive, the bank, the panel, opened once per server; escaping; links between pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from agents.archive import Archive
from agents.panel import Panel, local_panel
from agents.session import InterviewSession
from agents.settings import Settings, load_settings
from knowledge.bank import Bank, load_bank
from knowledge.question import QUESTIONS
from knowledge.resource import Resource, load_resources
from knowledge.rubric import RUBRIC_FILE, Rubric, load_rubric

PAGES = Path(__file__).parent
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$~:&])")


@st.cache_resource
def settings() -> Settings:
    """The settings, read once."""
    return load_settings()


@st.cache_resource
def archive() -> Archive:
    """The log of all interviews."""
    known = settings()
    return Archive(known.database) if known.database else Archive.in_folder(known.data)


@st.cache_resource
def bank() -> Bank:
    """The questions."""
    return load_bank(settings().questions or QUESTIONS)


@st.cache_resource
def rubric() -> Rubric:
    """The rubric that scorecards are made with."""
    return load_rubric(settings().rubric or RUBRIC_FILE)


@st.cache_resource
def resources() -> dict[str, Resource]:
    """What to study."""
    return load_resources()


@st.cache_resource
def panel() -> Panel:
    """The local panel; its model loads at the first answer."""
    return local_panel(settings().weights, settings().threads)


def open_session(interview: str) -> InterviewSession:
    """The interview with this id. Raises ArchiveError when it cannot be read."""
    return InterviewSession(archive(), panel(), rubric(), interview)


def plain(text: str) -> str:
    """`text` for a Markdown page so that it is shown as typed: nothing in it is markup, a formula or HTML."""
    return _MARKDOWN.sub(r"\\\1", text).replace("\n", "  \n")


def ago(at: datetime) -> str:
    """How long ago, in words."""
    minutes = (datetime.now(UTC) - at).total_seconds() / 60
    if minutes < 2:
        return "just now"
    if minutes < 120:
        return f"{minutes:.0f} minutes ago"
    return f"{minutes / 60:.0f} hours ago" if minutes < 2880 else f"{minutes / 1440:.0f} days ago"
