"""The conversation in the room: both sides' turns, the interviewer's newest one word by word."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from agents.interviewer import reveal
from agents.patience import no_beat
from agents.session import InterviewSession
from agents.state import InterviewState, Turn
from agents.wording import stood_in
from views.house import pieces, plain, settings, written

AVATARS = {"interviewer": ":material/record_voice_over:", "candidate": ":material/person:"}
SHOWN_AFTER, SKIP_AFTER = 1.5, 4.0
"""Seconds after which it is shown how long a model has been thinking, and a way not to wait is offered."""
NAMES = {"interviewer": "Interviewer", "candidate": "user"}  # only "user" gets a ground of its own


class Conversation:
    """What has been said in one interview, on the page that is being drawn.

    Which turns this visitor has heard is kept for the browser tab: after a reload everything is simply there.
    """

    def __init__(self, session: InterviewSession) -> None:
        self._session = session
        self._heard_key = f"heard-{session.interview}"
        self._place = st.container()
        self._newest: Turn | None = None

    def draw(self, state: InterviewState) -> None:
        """Every turn but an interviewer's last one not heard yet, which `speak` is for."""
        turns = [turn for turn in state.turns if turn.speaker != "sketch"]
        heard = st.session_state.setdefault(self._heard_key, state.asked[-1].seq if state.asked else -1)
        if turns and turns[-1].speaker == "interviewer" and turns[-1].seq > heard:
            self._newest = turns.pop()
        with self._place:
            for turn in turns:
                _draw(turn)

    def speak(self, state: InterviewState) -> None:
        """The newest turn, as if it were spoken; nothing when all has been heard."""
        if self._newest is not None:
            st.session_state[self._heard_key] = self._newest.seq  # first: an answer may cut this short
            with self._place, st.chat_message(NAMES["interviewer"], avatar=AVATARS["interviewer"]):
                _spoken(self._newest)
        elif state.asked:
            st.session_state[self._heard_key] = state.asked[-1].seq

    def say(self, text: str) -> None:
        """Shows the candidate's words before anything is done with them."""
        with self._place, st.chat_message(NAMES["candidate"], avatar=AVATARS["candidate"]):
            written(text)

    @contextmanager
    def listening(self, what: str = "Listening ...") -> Iterator[None]:
        """Says below what has been said that the interviewer is at work, and how long a model has been thinking."""
        with self._place, st.spinner(what):
            self._session.beat = Thinking(self._session.interview)
            self._session.without_model = st.session_state.pop(_skip_key(self._session.interview), False)
            try:
                yield
            finally:
                self._session.beat, self._session.without_model = no_beat, False


class Thinking:
    """Told while a model is waited for: shows the seconds and a way not to wait. Drawing is also what lets Streamlit
    end this run of the page when the candidate does something else; what is pending is then done by the next."""

    def __init__(self, interview: str) -> None:
        self._began, self._skip_key = time.monotonic(), _skip_key(interview)
        self._line, self._button = st.empty(), st.empty()
        self._offered = False

    def __call__(self) -> None:
        seconds = time.monotonic() - self._began
        if seconds < SHOWN_AFTER:
            self._line.empty()
            return
        self._line.caption(f"Thinking for {seconds:.0f} s")
        if seconds >= SKIP_AFTER and not self._offered:
            self._offered = True
            self._button.button(
                "Go on without the model",
                key=f"{self._skip_key}-button",
                type="tertiary",
                icon=":material/skip_next:",
                help="The local panel does this step. The next one asks the model again.",
                on_click=st.session_state.__setitem__,
                args=(self._skip_key, True),
            )


def _skip_key(interview: str) -> str:
    """Under which it is kept that the candidate does not want to wait for the model."""
    return f"skip-model-{interview}"


def _draw(turn: Turn) -> None:
    with st.chat_message(NAMES[turn.speaker], avatar=AVATARS[turn.speaker]):
        if turn.wants_hint and not turn.text:
            st.caption("Asked for a hint")
        for text, is_card in _parts(turn):
            if is_card:
                _card(text)
            else:
                written(text)
        _stood_in(turn)


def _stood_in(turn: Turn) -> None:
    told = stood_in(turn)
    if told:
        st.caption(f":material/info: {plain(told)}")


def _parts(turn: Turn) -> Iterator[tuple[str, bool]]:
    """(text, whether it is an evidence card) of each part of a turn."""
    d = turn.directive
    card = next((c.text for c in (d.told_first, d.cleared) if c and c.kind == "evidence"), None) if d else None
    before, given, after = turn.text.partition(card) if card else (turn.text, "", "")
    yield from ((text.strip(), text == given) for text in (before, given, after) if text.strip())


def _card(text: str) -> None:
    with st.container(border=True):
        st.caption(":material/query_stats: Evidence")
        written(text)


def _spoken(turn: Turn) -> None:
    for text, is_card in _parts(turn):
        if is_card:
            _card(text)
            continue
        for language, piece in pieces(text):
            if language is None:
                _word_by_word(piece)
            else:
                st.code(piece, language=language or None, wrap_lines=True)
    _stood_in(turn)


def _word_by_word(text: str) -> None:
    delay = settings().speech_delay
    line, said = st.empty(), ""
    for word in reveal(text) if delay else [text]:
        said += word
        line.text(said)
        time.sleep(delay)
