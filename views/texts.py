"""Texts on the pages: ours, which are Markdown; the candidate's, which are shown as typed; dates and in-page links.

What the bank and the rubric hold is Markdown written by people who did not think of Streamlit: a dollar is a dollar
there, and a tilde means "about".
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from agents.scorecard import Evidence
from agents.wording import RUNGS
from views.house import plain

_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*`)", re.DOTALL)
_NOT_OURS = re.compile(r"(\$|<|(?<!~)~(?!~)|(?<!\w):(?=[a-z+]))")
_SUBSTITUTED = re.compile(r"(?<=[-<>=~])(?=[-<>=])|(?<=:)(?=[a-z+])|(?<=http)(?=s?:)|(?<=www)(?=\.)|(?<=@)")
_JOINER = "\u2060"


def ours(text: str) -> str:
    """Markdown of the bank or the rubric, without what Streamlit alone would read into it: formulas, directives."""
    parts = _CODE.split(text)
    return "".join(part if place % 2 else _NOT_OURS.sub(r"\\\1", part) for place, part in enumerate(parts))


def typed(text: str) -> str:
    """A person's words on one line, for the inside of a Markdown paragraph, as they were typed.

    Streamlit puts arrows, icons and links into finished text, where no backslash helps: an invisible joiner does.
    """
    return plain(_SUBSTITUTED.sub(_JOINER, " ".join(text.split())))


def quote(evidence: Evidence, numbers: dict[int, int]) -> str:
    """The candidate's words as a block quote in Markdown, with a link to their turn further down the page."""
    rung = f" · {RUNGS[evidence.rung]}" if evidence.rung is not None else ""
    place = numbers.get(evidence.turn)
    link = f"[Turn {place}](#{anchor(place)})" if place is not None else "A turn that is no longer kept"
    return f"> {typed(evidence.quote)}\n>\n> :small[{link}{rung}]"


def anchor(place: int) -> str:
    """Where turn number `place` stands on the page."""
    return f"turn-{place}"


def day(at: datetime) -> str:
    """A date where the visitor lives, as 1 March 2026."""
    try:
        local = at.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (ValueError, OSError):  # a name that this machine's list of zones has not
        local = at
    return f"{local.day} {local:%B %Y}"
