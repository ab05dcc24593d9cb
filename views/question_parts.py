"""The parts of a question that are kept from a candidate until the interview is over, each drawn on its own."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from agents.wording import MOVES
from knowledge.question import Fact, Point, Question
from knowledge.terms import PHASE_NAMES
from views.house import bank, plain, rubric
from views.texts import ours


def requirements(question: Question) -> None:
    """What is wanted, and what the interviewer tells when asked."""
    for kind, text in question.requirements.items():
        st.markdown(f"**{ours(kind)}:** {ours(text)}")
    for title, facts in (("Facts, told when asked for", question.facts), ("Evidence cards", question.evidence)):
        if facts:
            st.subheader(title, anchor=False)
            for fact in facts:
                _fact(fact)


def _fact(fact: Fact) -> None:
    st.markdown(f"**{ours(fact.title)}:** {ours(fact.text)}")


def expected(question: Question) -> None:
    """The points that an answer can show, with wordings that count."""
    for point in question.points:
        _point(point)
    if question.hints:
        st.subheader("Hints", anchor=False)
        st.markdown("\n".join(f"{hint.stage}. {ours(hint.text)}" for hint in question.hints))


def _point(point: Point) -> None:
    known = rubric().areas.get(point.area)
    about = (known.name if known else point.area, PHASE_NAMES.get(point.phase, point.phase), point.level)
    st.markdown(
        f"**{point.id} · {plain(point.title)}** :small[:gray[{plain(' · '.join(about))}]]  \n{ours(point.text)}"
    )
    if point.wordings:
        st.caption("\n".join(f"- {ours(wording)}" for wording in point.wordings))


def follow_ups(question: Question) -> None:
    """Ready questions, and what a strong answer holds."""
    for follow_up in question.follow_ups:
        about = f"{MOVES[follow_up.move]} · {question.point(follow_up.point).title}"
        st.markdown(f"**{ours(follow_up.text)}** :small[:gray[{plain(about)}]]  \n*Strong:* {ours(follow_up.strong)}")


def wrong_claims(question: Question) -> None:
    """Mistakes people make here, what comes of them, and the case that tests them."""
    for wrong in question.wrong_claims:
        st.markdown(f"**{ours(wrong.claim)}**  \n{ours(wrong.consequence)}  \n*Tested with:* {ours(wrong.probe)}")


def levels(question: Question) -> None:
    """What is expected at each level, what to look for, what speaks for and against."""
    for level, text in question.level_guide.items():
        st.markdown(f"**{level}:** {ours(text)}")
    if question.look_for:
        st.markdown(f"**Look for:** {ours(question.look_for)}")
    for title, items in (("Red flags", question.red_flags), ("Bonus points", question.bonus_points)):
        if items:
            st.markdown("\n".join([f"**{title}**", "", *(f"- {ours(item)}" for item in items)]))


def figures(question: Question) -> None:
    """How the numbers of the solution come about."""
    for figure in question.figures:
        assumed = f" (assumes {ours(figure.assumes)})" if figure.assumes else ""
        st.markdown(f"**{ours(figure.name)}:** {plain(figure.text)}{assumed}")


def solution_paths(question: Question) -> None:
    """Workable ways, with when each fits and what it costs."""
    for title, text in question.solution_paths.items():
        st.markdown(f"**{ours(title)}:** {ours(text)}")


def senior_solution(question: Question) -> None:
    """One good answer, phase by phase."""
    for phase, text in question.senior_solution.items():
        st.markdown(f"**{PHASE_NAMES.get(phase, phase)}**")
        st.markdown(ours(text))


def cause(question: Question) -> None:
    """What was behind it; debugging questions have one."""
    st.markdown(ours(question.cause))


def reference(question: Question) -> None:
    """The code beside the question's file, a script before the tests that prove it; coding questions have some."""
    path = bank().paths.get(question.id)
    if path is None or question.reference is None:
        st.caption("The bank no longer has this question's code.")
        return
    named = path.parent / Path(question.reference).name
    script = named.with_suffix(".sh")
    for file in (script, named) if script.is_file() else (named,):
        try:
            code = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            st.caption(ours(f"The reference code cannot be read: {error}."))
            continue
        st.caption(plain(file.name))
        st.code(code, language="bash" if file == script else "python", wrap_lines=True)
