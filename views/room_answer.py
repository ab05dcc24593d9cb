"""The answer box. What cannot be taken is given back, never lost.

An answer is put aside the moment it is sent and forgotten only when the log has it: Streamlit may abort or repeat the
drawing of a page at any point, and then hands over a sent text no second time.
"""

from __future__ import annotations

import streamlit as st

from agents.archive import ArchiveError
from agents.session import LONGEST_ANSWER, AnswerTooLong, InterviewSession, MovedOn, cleaned
from agents.tokens import EncodingDamaged
from knowledge.embedder import EmbedderUnavailable
from views.house import plain
from views.room_chat import Conversation
from views.room_clock import drawn_key


def _sent_key(interview: str) -> str:
    """Under which (text, number of the question it answers) is put aside."""
    return f"sent-{interview}"


def _unsent_key(interview: str) -> str:
    """Under which (text, why it was not taken) is kept."""
    return f"unsent-{interview}"


def answer_box(session: InterviewSession, conversation: Conversation) -> None:
    """Takes the candidate's next words."""
    about = (session.interview, session.last_asked)
    st.chat_input(
        "Your answer (Shift+Enter: new line)",
        max_chars=LONGEST_ANSWER,
        key="answer",
        on_submit=_take,
        args=("answer", *about),
    )
    sent = st.session_state.get(_sent_key(session.interview))
    if sent is not None:
        _send(session, conversation, *sent)


def closed_box(interview: str) -> None:
    """After the end: what was sent too late, and the box itself, so that what was being typed can still be read."""
    sent = st.session_state.pop(_sent_key(interview), None)
    if sent is not None and sent[0].strip():
        st.session_state[_unsent_key(interview)] = (sent[0], "The interview was over before this arrived.")
    kept = st.session_state.get(_unsent_key(interview))
    if kept is not None:
        st.warning(plain(kept[1]), icon=":material/undo:")
        st.text_area("Your unsent answer", kept[0])
    if drawn_key(interview) in st.session_state:  # this tab was there while it ran
        st.chat_input("The interview is over.", max_chars=LONGEST_ANSWER, key="answer", disabled=True)


def waiting(interview: str) -> None:
    """While the log cannot be written: what was sent is shown, and sent again as soon as somebody tries."""
    sent = st.session_state.get(_sent_key(interview))
    if sent is not None and sent[0].strip():
        st.caption("Your answer is not stored yet. It is kept here, and sent when you try again.")
        st.text_area("Your unsent answer", sent[0])
    st.button("Try again", icon=":material/refresh:", key="try-again")


def put_aside(interview: str, text: str, question: int) -> None:
    """Has `text` sent as the answer to that question when the page is drawn next."""
    st.session_state[_sent_key(interview)] = (text, question)
    st.session_state.pop(_unsent_key(interview), None)


def _take(widget: str, interview: str, question: int) -> None:
    put_aside(interview, st.session_state[widget] or "", question)


def _send(session: InterviewSession, conversation: Conversation, text: str, question: int) -> None:
    interview = session.interview
    if text.strip() and not _is_logged(session, text, question):
        conversation.say(text)
        try:
            with conversation.listening():
                session.reply(text, seen=question)
        except (MovedOn, AnswerTooLong, ArchiveError) as error:
            if not _is_logged(session, text, question):
                st.session_state[_unsent_key(interview)] = (text, str(error))
        except (EmbedderUnavailable, EncodingDamaged):
            pass  # the words are in the log; the page drawn next says what is missing and how to go on
    st.session_state.pop(_sent_key(interview), None)
    st.rerun()


def _is_logged(session: InterviewSession, text: str, question: int) -> bool:
    """Whether `text` was said in answer to that question: by an earlier drawing of this page that was cut short."""
    words = cleaned(text)
    return any(t.speaker == "candidate" and t.seq > question and t.text == words for t in session.state.turns)


def given_back(session: InterviewSession) -> None:
    """Shows an answer that was not taken, to be changed, sent again or dropped."""
    key = _unsent_key(session.interview)
    kept = st.session_state.get(key)
    if kept is None:
        return
    with st.container(border=True):
        st.warning(plain(kept[1]), icon=":material/undo:")
        st.text_area("Your unsent answer", kept[0], key="unsent")
        with st.container(horizontal=True):
            about = ("unsent", session.interview, session.last_asked)
            st.button("Send it now", type="primary", key="send-again", on_click=_take, args=about)
            st.button("Discard it", key="discard", on_click=st.session_state.pop, args=(key, None))
