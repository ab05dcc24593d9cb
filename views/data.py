"""What is kept about the visitor and where, how to be rid of it, and how far a score can be trusted."""

from __future__ import annotations

import streamlit as st

from agents.archive import FILE_NAME, ArchiveError
from agents.panel import ModelPanel
from agents.wording import PRACTICE_ONLY
from views.house import archive, bank, guarded, panel, plain, sent_where, settings
from views.practise_history import history

HOW = """
- **Quote first.** A score rests on your own words: every quote is checked to stand literally in your answers.
- **Then the ladder.** A point can be mentioned, explained, justified, or held under a change. An area's score is the
  weighted mean of its points, each from 1 (not shown) to 5 (held): in full if you were asked about it, half if you
  brought it up or left it out unasked, and less than half in an interview shorter than the question is made for.
- **Then the caps.** One good point cannot carry an area alone; a wrong claim that you keep up when challenged costs
  half a point, at most one and a half in all; a confirmed red flag sets a ceiling.
- **Not asked is not scored.** The overall score is the weighted mean over the areas that you answered a question
  about, with the share of the weight they cover beside it. What cannot be read is unscored, with the reason.
  There is no default score.
- **The level moves the bar, never the score.** The four interviewer's criteria stand beside it and are not added.
- **Hints count.** After a second hint a point counts up to justified, after a third up to explained.
"""
LIMITS = f"""
- The local panel gives a **practice estimate**. It compares the meaning of sentences: it does not check your
  arithmetic, can miss a valid but unusual answer, and can take well-worded emptiness for substance. Hence the range.
- It reads English only, and what you write, not how you would say it.
- {PRACTICE_ONLY}
"""


def page() -> None:
    """The whole page. What cannot be read is said where it would stand; the rest is there all the same."""
    st.title("Your data", anchor=False)
    with guarded():
        _where()
    with guarded():
        _interviews()
    with guarded():
        _faults()
    _scores()


def _where() -> None:
    known = settings()
    seated = panel()
    if isinstance(seated, ModelPanel):
        st.markdown(
            f"**A language model is on the panel.** {plain(sent_where(seated.connection.endpoint))} There is no "
            "account here, and no usage statistics are sent. Keys are never written anywhere."
        )
    else:
        st.markdown(
            "**Nothing leaves this machine.** Interviewer and assessor run here, there is no account, and no usage "
            "statistics are sent. Only a link to something to study leads elsewhere, when you click it."
        )
    st.subheader("Where it lies", anchor=False)
    if known.database:
        st.markdown("Your answers, notes and scorecards, in the database that GREENROOM_DATABASE names:")
        st.code(_without_password(known.database), language=None, wrap_lines=True)
        st.caption("If that is on another machine, they are sent there and to nobody else.")
    else:
        st.markdown("Your answers, notes and scorecards, in one file:")
        st.code(str(known.data.absolute() / FILE_NAME), language=None, wrap_lines=True)
    st.markdown("The search index, made from the question bank; nothing of yours is in it:")
    st.code(str(known.data.absolute() / "index"), language=None, wrap_lines=True)


def _without_password(url: str) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:  # an SQLite file may be named without a scheme
        return url


def _interviews() -> None:
    problem = st.session_state.pop("delete-all-failed", None)
    if problem:
        st.error(plain(problem), icon=":material/error:")
    held = archive().interviews()
    if not held:
        st.subheader("Your interviews", anchor=False)
        st.markdown(":gray[There is none.]")
        return
    history(held)
    if st.button("Delete all", icon=":material/delete_forever:", key="delete-all"):
        _confirm(len(held))


@st.dialog("Delete all interviews?")
def _confirm(count: int) -> None:
    st.markdown(
        f"**{count} interview{'' if count == 1 else 's'}**, with everything you said and every scorecard, go for good. "
        "Greenroom keeps no copy."
    )
    with st.container(horizontal=True):
        gone = st.button("Delete all for good", type="primary", key="delete-all-now", on_click=_delete_all)
        kept = st.button("Keep them", key="delete-all-not")
    if gone or kept:
        st.rerun()


def _delete_all() -> None:
    try:
        archive().delete_all()
    except ArchiveError as error:
        st.session_state["delete-all-failed"] = str(error)


def _faults() -> None:
    faults = bank().faults
    if not faults:
        return
    st.subheader("Question files with faults", anchor=False)
    st.caption("They are left out of the bank until they are mended.")
    for fault in faults:
        st.warning(plain(str(fault)), icon=":material/warning:")


def _scores() -> None:
    st.subheader("How scores are made", anchor=False)
    st.markdown(HOW)
    st.markdown("**What it cannot do**")
    st.markdown(LIMITS)


with guarded():
    page()
