"""The code editor in the room, for questions that are answered with code. What is sent is fenced, and a turn.

The editor is a small component of our own (views/code_editor): the editors that there are for Streamlit fetch fonts or
themselves from elsewhere, or complete words nobody asked for.
"""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from agents.session import LONGEST_ANSWER, InterviewSession
from agents.state import InterviewState
from views.house import pieces
from views.room_answer import put_aside

LANGUAGES = {"Coding": "python", "Code Review": "python", "Shell": "bash"}
"""Category -> the language that its answers are written in. Other categories have no editor."""
MOST = LONGEST_ANSWER - 100
"""Characters of code; the fence needs a few as well."""
PARTS = Path(__file__).parent / "code_editor"
_BACKTICKS = re.compile(r"^(\s*)`{3,}", re.MULTILINE)

_editor = st.components.v2.component(
    "greenroom_code_editor",
    html=(PARTS / "editor.html").read_text(encoding="utf-8"),
    css=(PARTS / "editor.css").read_text(encoding="utf-8"),
    js=(PARTS / "editor.js").read_text(encoding="utf-8"),
)


def code_box(session: InterviewSession) -> None:
    """The editor, open while code is to be written; nothing for questions without code."""
    state, interview = session.state, session.interview
    language = LANGUAGES.get(state.question.category)
    if language is None:
        return
    key, question = f"code-{interview}", session.last_asked

    def sent() -> None:
        code = st.session_state[key].sent
        if code and code.strip():
            put_aside(interview, fenced(code, language), question)

    expected = state.phase in ("write", "repair")
    with st.expander("Code editor", icon=":material/code:", expanded=expected, key=f"{key}-box"):
        _editor(
            key=key,
            data={"interview": interview, "first": newest_code(state), "most": MOST},
            on_sent_change=sent,
        )


def fenced(code: str, language: str) -> str:
    """`code` as an answer; fences inside it are bent, so that they do not end it."""
    inside = _BACKTICKS.sub(r"\1` ` `", code).strip("\n")
    return f"```{language}\n{inside}\n```"


def newest_code(state: InterviewState) -> str:
    """The code that was sent last, or else the code to be reviewed, "" when there is neither."""
    texts = [t.text for t in reversed(state.turns) if t.speaker == "candidate"]
    texts += [state.question.statement] if state.question.category == "Code Review" else []
    for text in texts:
        code = [piece for language, piece in pieces(text) if language is not None]
        if code:
            return code[-1]
    return ""
