"""The interviewer's criteria: what each looks at, and that nothing is scored where there is nothing to go by."""

from __future__ import annotations

import pytest

from agents.criteria import criteria_scores
from agents.events import AnswerKind
from agents.scorecard import CriterionScore, Finding
from knowledge.rubric import load_rubric
from knowledge.terms import Move, Rung
from tests.read_by_hand import Talk

RUBRIC = load_rubric()
M, E, J, H = Rung.MENTIONED, Rung.EXPLAINED, Rung.JUSTIFIED, Rung.HELD
REASON = "I keep it in memory because the next page arrives within twenty-five seconds."


def scores(talk: Talk, *flags: Finding) -> dict[str, CriterionScore]:
    return {c.id: c for c in criteria_scores(talk.transcript, RUBRIC, talk.reading, flags)}


def value(talk: Talk, criterion: str, *flags: Finding) -> float | None:
    return scores(talk, *flags)[criterion].score


def reaching(**rungs: Rung) -> Talk:
    return Talk().exchange(Move.EXPLORE, "P3", reached=rungs)


@pytest.mark.parametrize(
    ("rungs", "depth"),
    [
        ({}, 1.0),
        ({"P1": M}, 2.0),
        ({"P1": E}, 3.0),
        ({"P1": H}, 3.0),  # one deep answer may be a rehearsed one
        ({"P1": H, "P2": M}, 3.0),
        ({"P1": H, "P2": J}, 4.0),
        ({"P1": H, "P2": H, "P3": M}, 5.0),
    ],
)
def test_depth_follows_the_second_best_point(rungs: dict[str, Rung], depth: float) -> None:
    assert value(reaching(**rungs), "technical-depth") == depth


def test_system_thinking_counts_the_phases_with_an_explanation() -> None:
    assert value(reaching(P1=M, P3=M), "system-thinking") == 1.0
    assert value(reaching(P1=E, P2=E), "system-thinking") == 2.0  # one phase of four
    assert value(reaching(P1=E, P3=E, P5=J, P7=H), "system-thinking") == 5.0


def test_trade_offs_count_justified_points() -> None:
    assert value(reaching(P1=E), "trade-off-analysis") == 1.0
    assert value(Talk().exchange(Move.EXPLORE, "P3", REASON), "trade-off-analysis") == 2.0
    assert value(reaching(P1=J), "trade-off-analysis") == 3.0
    assert value(reaching(P1=J, P3=J, P5=J), "trade-off-analysis") == 4.0
    assert value(reaching(P1=J, P3=J, P5=H), "trade-off-analysis") == 5.0


def test_practice_is_not_scored_where_it_never_came_up() -> None:
    assert value(reaching(P1=H), "practical-experience") is None
    assert scores(reaching(P1=H))["practical-experience"].anchor == ""


def test_practice_grows_with_the_cases_told() -> None:
    claimed = Talk().exchange(Move.EXPLORE, "P3", claims_experience=True)
    assert value(claimed, "practical-experience") == 2.0
    vague = Talk().exchange(Move.EXPERIENCE, "P3")
    assert value(vague, "practical-experience") == 1.0
    one = Talk().exchange(Move.EXPERIENCE, "P3", own_case=True)
    assert value(one, "practical-experience") == 3.0
    assert value(one.exchange(Move.EXPERIENCE, "P5", own_case=True), "practical-experience") == 4.0


def test_silence_about_practice_is_no_answer() -> None:
    assert value(Talk().exchange(Move.EXPERIENCE, "P3", "", kind=AnswerKind.STUCK), "practical-experience") is None


def test_a_red_flag_caps_its_criterion_only() -> None:
    talk = Talk().exchange(Move.EXPERIENCE, "P3", own_case=True, reached={"P1": H, "P3": H})
    flag = Finding(id="RF4", text="")
    assert value(talk, "practical-experience", flag) == 2.0
    assert value(talk, "technical-depth", flag) == value(talk, "technical-depth") == 5.0


def test_the_anchor_is_the_one_of_the_full_step_reached() -> None:
    found = scores(reaching(P1=E, P3=E, P5=E))
    assert found["technical-depth"].anchor == RUBRIC.criteria["technical-depth"].anchors[3]
    assert (found["system-thinking"].score, list(found)) == (4.0, list(RUBRIC.criteria))
