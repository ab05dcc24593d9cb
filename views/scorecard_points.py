"""What was missed and what was reached, point by point; wrong claims, red flags, signs of seniority; hints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from agents.scorecard import Finding, PointResult, Scorecard
from agents.state import InterviewState
from agents.wording import HINT_COSTS, RUNGS, hints_used, sorted_points, turn_numbers
from knowledge.terms import Rung
from views.house import plain
from views.texts import anchor, ours, quote

COLOURS = {Rung.MENTIONED: "gray", Rung.EXPLAINED: "blue", Rung.JUSTIFIED: "green", Rung.HELD: "violet"}
LADDER = "Every point climbs a ladder: mentioned, explained, justified, held under a change."


def points(state: InterviewState, card: Scorecard) -> None:
    """Three lists: asked about and not shown, left out, reached."""
    if not card.points:
        return
    found = sorted_points(card)
    areas = {area.id: area.name for area in card.areas}
    st.header("What was missed, what was reached", anchor="missed")
    st.caption(LADDER)
    missed, untouched, reached = st.tabs(
        [
            f"Asked, not shown ({len(found.missed)})",
            f"Left out ({len(found.untouched)})",
            f"Reached ({len(found.reached)})",
        ]
    )
    with missed:
        _unseen(found.missed, areas, "Everything you were asked about, you showed at least a part of.")
    with untouched:
        st.caption(
            "Nobody asked you about these, and you did not bring them up. In an area that was assessed each counts "
            "half as much as one that you were asked about, and less in a short interview; elsewhere it does not count."
        )
        _unseen(found.untouched, areas, "Nothing: every expected point came up.")
    with reached:
        numbers = turn_numbers(state)
        for point in found.reached:
            _reached(point, areas, numbers)
        if not found.reached:
            st.markdown(":gray[None of the expected points was recognised in your answers.]")


def _unseen(group: Sequence[PointResult], areas: dict[str, str], nothing: str) -> None:
    for point in group:
        st.markdown(f"{_title(point, areas)}  \n{ours(point.text)}")
    if not group:
        st.markdown(f":gray[{nothing}]")


def _reached(point: PointResult, areas: dict[str, str], numbers: dict[int, int]) -> None:
    rung = f":{COLOURS[point.rung]}-badge[{RUNGS[point.rung]}]"
    if not point.asked:  # one remark on an area that no question was about is no basis for its score
        rung += " :small[:gray[not counted: you answered no question about this area]]"
    st.markdown(f"{_title(point, areas)} {rung}  \n{ours(point.text)}")
    for evidence in point.evidence:
        st.markdown(quote(evidence.quote, evidence.turn, "", numbers))


def _title(point: PointResult, areas: dict[str, str]) -> str:
    return f"**{plain(point.title)}** :small[:gray[{plain(areas.get(point.area, point.area))}]]"


def findings(state: InterviewState, card: Scorecard) -> None:
    """Wrong claims, red flags and differentiators, each with the words it rests on."""
    numbers = turn_numbers(state)
    claims = {claim.id: claim.claim for claim in state.question.wrong_claims}
    wrong = [(claims.get(f.id, ""), f) for f in card.wrong_claims]
    _group("Wrong claims", "What you said, and what would come of it.", wrong, numbers, ":material/close:")
    flags = [("", f) for f in card.red_flags]
    _group("Red flags", "Each rests on at least two separate answers.", flags, numbers, ":material/flag:")
    plus = [("", f) for f in card.differentiators]
    _group("What set you apart", "Signs of seniority, heard without a prompt.", plus, numbers, ":material/add_circle:")


def _group(title: str, about: str, group: Sequence[tuple[str, Finding]], numbers: dict[int, int], icon: Any) -> None:
    if not group:
        return
    st.header(title, anchor=title.lower().replace(" ", "-"))
    st.caption(about)
    for claim, finding in group:
        st.markdown(
            f"{icon} **{ours(claim)}**  \n{ours(finding.text)}" if claim else f"{icon} **{ours(finding.text)}**"
        )
        for evidence in finding.evidence:
            st.markdown(quote(evidence.quote, evidence.turn, "", numbers))


def hints(state: InterviewState) -> None:
    """The hints that were given and what each costs."""
    given = list(hints_used(state))
    if not given:
        return
    st.header("Hints", anchor="hints")
    for hint in given:
        st.markdown(
            f":material/lightbulb: **Hint {hint.stage}:** {ours(hint.text)}  \n"
            f":small[[Turn {hint.turn}](#{anchor(hint.turn)}) · {HINT_COSTS[hint.stage]}]"
        )
