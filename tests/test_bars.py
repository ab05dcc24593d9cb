"""Where a scorecard stands against the bar of each level: the mean first, then what "meets" asks for besides it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.assessor import assess
from agents.scorecard import Scorecard
from knowledge.bank import load_bank
from knowledge.rubric import load_rubric
from knowledge.terms import Level, Move, Rung
from tests.read_by_hand import ReadByHand, Talk

RUBRIC = load_rubric()
QUESTION = load_bank().questions["SD02"]
M, E, J, H = Rung.MENTIONED, Rung.EXPLAINED, Rung.JUSTIFIED, Rung.HELD
UPKEEP = "Each alert has an owner who is on call. The nodes cost 960 dollars a month."
WAYS = "There are two options, a list or a score. I'd go with the second, the price is 25 ms."
WEIGHED = (
    "I keep it in memory because the next page comes within twenty-five seconds. A table on disk would also work, and "
    "I'd switch if the volume grows; the downside is the price."
)


def card(level: Level, sy: Rung, ml: Rung, *said: str, aw: Rung | None = None) -> Scorecard:
    """Two points of each area on the rung given, and `said` in the last answers."""
    rungs = {"P3": sy, "P4": sy, "P7": ml, "P8": ml} | ({"P2": aw, "P11": aw} if aw is not None else {})
    talk = Talk(QUESTION, level)
    for n, (point, rung) in enumerate(rungs.items()):
        talk.exchange(Move.DEEPEN, point, f"Answer {n} goes into it.", reached={point: rung})
    for text in said:
        talk.exchange(Move.DEEPEN, "P3", text)
    return assess(talk.transcript, RUBRIC, ReadByHand(talk.reading))


@pytest.mark.parametrize(
    ("level", "rung", "bar"),
    [
        *((Level.INTERMEDIATE, M, "approaching"), (Level.INTERMEDIATE, E, "meets"), (Level.INTERMEDIATE, J, "exceeds")),
        *((Level.ADVANCED, M, "below"), (Level.ADVANCED, E, "approaching"), (Level.ADVANCED, J, "meets")),
        *((Level.EXPERT, E, "below"), (Level.EXPERT, J, "approaching"), (Level.ADVANCED, H, "exceeds")),
    ],
)
def test_the_same_answers_stand_differently_at_each_level(level: Level, rung: Rung, bar: str) -> None:
    assert card(level, rung, rung).bar == bar


def test_the_lowest_scores_are_below_every_bar() -> None:
    assert {card(level, Rung.UNSEEN, Rung.UNSEEN).bar for level in Level} == {"below"}


def test_a_weak_main_area_is_not_made_up_for() -> None:
    found = card(Level.ADVANCED, M, H, aw=H)
    assert found.overall is not None
    assert found.overall >= RUBRIC.bars[Level.ADVANCED].meets_from
    assert (found.bar, found.bar_notes) == ("approaching", ("ML System Design is below 3",))


def test_choices_must_be_justified() -> None:
    bar = RUBRIC.bars[Level.ADVANCED]
    easy = replace(RUBRIC, bars={Level.ADVANCED: replace(bar, meets_from=3.0)})
    talk = Talk(QUESTION)
    for point in ("P3", "P4"):
        talk.exchange(Move.DEEPEN, point, f"About {point}.", reached={point: E})
    found = assess(talk.transcript, easy, ReadByHand(talk.reading))
    assert (found.bar, found.bar_notes) == ("approaching", ("0 of 2 choices justified",))


def test_an_expert_holds_a_point_and_shows_three_differentiators() -> None:
    bare = card(Level.EXPERT, H, H)
    assert (bare.overall, bare.bar) == (5.0, "approaching")
    assert bare.bar_notes == ("0 of 3 differentiators shown",)
    full = card(Level.EXPERT, H, H, UPKEEP, WAYS, WEIGHED)
    assert [f.id for f in full.differentiators] == ["DF2", "DF4", "DF5"]
    assert (full.bar, full.bar_notes) == ("exceeds", ())
    assert "0 of 1 points held under a change" in card(Level.EXPERT, J, J, UPKEEP, WAYS, WEIGHED).bar_notes


def test_a_red_flag_stands_in_the_way_where_the_level_says_so() -> None:
    def flagged(level: Level) -> Scorecard:
        talk = Talk(QUESTION, level)
        for n, point in enumerate(("P2", "P7", "P8", "P11")):
            talk.exchange(Move.DEEPEN, point, f"Answer {n} goes into it.", reached={point: H})
        for move in (Move.JUSTIFY, Move.COMPARE):
            talk.exchange(move, "P2", "It goes into it.")
        return assess(talk.transcript, RUBRIC, ReadByHand(talk.reading))

    assert [f.id for f in flagged(Level.ADVANCED).red_flags] == ["RF1"]
    assert (flagged(Level.ADVANCED).bar, flagged(Level.ADVANCED).bar_notes) == ("approaching", ("red flag RF1",))
    assert (flagged(Level.INTERMEDIATE).bar, flagged(Level.INTERMEDIATE).bar_notes) == ("exceeds", ())


def test_a_rubric_without_bars_gives_none() -> None:
    talk = Talk(QUESTION).exchange(Move.DEEPEN, "P3", reached={"P3": J})
    found = assess(talk.transcript, replace(RUBRIC, bars={}), ReadByHand(talk.reading))
    assert (found.bar, found.bar_notes, found.overall) == (None, (), 4.0)


def test_below_the_bar_the_notes_say_what_is_missing() -> None:
    found = card(Level.EXPERT, E, E)
    assert found.bar == "below"
    assert found.bar_notes == (
        "ML System Design is below 4",
        "0 of 1 points held under a change",
        "0 of 3 differentiators shown",
    )
