"""Texts on the pages: ours, which are Markdown; the candidate's, which are shown as typed; dates and in-page links.

What the bank and the rubric hold is Markdown written by people who did not think of Streamlit: a dollar is a dollar
there, and a tilde means "about".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from agents.scorecard import Evidence
from agents.wording import RUNGS, is_code
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


def quote(words: str, turn: int, about: str, numbers: Mapping[int, int]) -> str:
    """The candidate's words as Markdown, with a link to their turn further down the page, and what they show."""
    place = numbers.get(turn)
    link = f"[Turn {place}](#{anchor(place)})" if place is not None else "A turn that is no longer kept"
    below = f":small[{link}{f' · {plain(about)}' if about else ''}]"
    if is_code(words):
        fence = "`" * (3 + max((len(run) for run in re.findall("`+", words)), default=0))
        return f"{fence}\n{words}\n{fence}\n{below}"
    return f"“{typed(words)}”  \n{below}"


def quotes(evidence: Iterable[Evidence], numbers: Mapping[int, int], titles: Mapping[str, str]) -> Iterator[str]:
    """Each quote once, as `quote` has it, with every point it shows and how far; `titles` are those of the points."""
    shows: dict[tuple[int, str], list[str]] = {}
    for item in evidence:
        title = titles.get(item.point or "", "")
        rung = RUNGS[item.rung] if item.rung is not None else ""
        shows.setdefault((item.turn, item.quote), []).append(": ".join(part for part in (title, rung) if part))
    for (turn, words), about in shows.items():
        yield quote(words, turn, "; ".join(part for part in about if part), numbers)


def anchor(place: int) -> str:
    """Where turn number `place` stands on the page."""
    return f"turn-{place}"


def day(at: datetime) -> str:
    """A date where the visitor lives, as 1 March 2026."""
    try:
        local = at.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a name that this machine's list of zones has not
        local = at
    return f"{local.day} {local:%B %Y}"
