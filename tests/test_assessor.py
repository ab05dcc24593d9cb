"""Scorecards from readings written by hand: what is accepted as evidence, what is left out, how sure the score is."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

import pytest

from agents.area_scores import SURE
from agents.assessor import assess, verified
from agents.events import AnswerKind, Observation, Reached
from agents.reading import Claim, Mistake, Reading, ReadTurn
from agents.scorecard import AreaScore, Scorecard
from knowledge.bank import load_bank
from knowledge.rubric import Rubric, load_rubric
from knowledge.terms import Level, Move, Rung
from tests.read_by_hand import ANSWER, ReadByHand, Talk

RUBRIC = load_rubric()
M, E, J, H = Rung.MENTIONED, Rung.EXPLAINED, Rung.JUSTIFIED, Rung.HELD
ALL = {f"P{n}": J for n in range(1, 9)}


def card(talk: Talk, reading: Reading | None = None, rubric: Rubric = RUBRIC) -> Scorecard:
    return assess(talk.transcript, rubric, ReadByHand(reading or talk.reading))


def areas(scorecard: Scorecard) -> dict[str, AreaScore]:
    return {a.id: a for a in scorecard.areas}


def asking(points: Iterable[str], rungs: dict[str, Rung], level: Level = Level.ADVANCED, p: float = 0.9) -> Talk:
    """One question and one answer for each of `points`; of `rungs` each answer reaches its own."""
    talk = Talk(level=level)
    for n, point in enumerate(points):
        reached = {point: rungs[point]} if point in rungs else {}
        talk.exchange(Move.EXPLORE, point, f"Answer {n}: {ANSWER}", reached=reached, probability=p)
    return talk


def test_what_was_asked_and_reached_is_scored_with_its_quotes() -> None:
    found = card(asking(["P1", "P3", "P2"], {"P1": J, "P3": E, "P2": E}))
    assert {a: s.score for a, s in areas(found).items()} == {"PY": None, "SY": 3.5, "AW": None, "ML": 3.0, "PS": None}
    assert (found.overall, found.coverage, found.unscored, found.rejected_quotes) == (3.33, 0.45, None, 0)
    assert [(e.point, e.turn, e.quote) for e in areas(found)["SY"].evidence] == [
        ("P1", 2, f"Answer 0: {ANSWER}"),
        ("P3", 6, f"Answer 1: {ANSWER}"),
    ]
    assert areas(found)["SY"].anchor == RUBRIC.areas["SY"].anchors[3]
    assert areas(found)["PY"].anchor == ""


def test_the_scorecard_says_who_assessed_what_by_which_rubric() -> None:
    found = card(asking(["P1"], {}))
    assert (found.assessor, found.kind, found.rubric) == ("by hand", "by hand", "greenroom 1")
    assert found.rubric_fingerprint == RUBRIC.fingerprint
    assert (found.question, found.turns, len(found.question_fingerprint)) == ("XX01", 1, 12)


@pytest.mark.parametrize("quote", ["I invented this.", "", "   ", "And then?", ANSWER.upper(), ANSWER + " "])
def test_an_invented_quote_is_refused_and_counted(quote: str) -> None:
    talk = asking(["P1", "P3"], {})
    found = card(talk, replace(talk.reading, claims=(Claim("P1", H, 2, quote, 0.99),)))
    assert found.rejected_quotes == 1
    assert areas(found)["SY"].score == 1.0
    assert all(not p.evidence for p in found.points)


def test_a_quote_belongs_to_its_own_turn_and_not_to_the_interviewer() -> None:
    talk = asking(["P1", "P3"], {})
    first = f"Answer 0: {ANSWER}"
    for turn in (0, 4, 6, 99, -1):
        assert not talk.transcript.contains(turn, first)
    assert talk.transcript.contains(2, first)
    assert card(talk, replace(talk.reading, claims=(Claim("P1", H, 6, first, 0.99),))).rejected_quotes == 1


def test_a_sketch_is_the_candidates_own() -> None:
    talk = asking(["P4"], {}).sketch("One copy in memory")
    claim = Claim("P4", M, talk.last, "One copy in memory", 0.9)
    assert card(talk, replace(talk.reading, claims=(claim,))).rejected_quotes == 0


def test_a_reader_that_invents_everything_gets_nothing_accepted() -> None:
    talk = asking(["P1", "P3", "P2"], {})
    lies = tuple(Claim(p.id, H, n, f"lie about {p.id}", 1.0) for n, p in enumerate(talk.question.points))
    wrong = (Mistake("W1", 2, "never said", challenged=True),)
    turns = (ReadTurn(77, "never said", None, Observation(kind=AnswerKind.HELD), False), *talk.reading.turns)
    found = card(talk, Reading(lies, wrong, turns))
    assert found.rejected_quotes == len(lies) + 1 == 9
    assert found.overall == 1.0
    assert "lie" not in found.model_dump_json()
    assert found.wrong_claims == ()


def test_unknown_points_and_claims_are_refused_like_quotes() -> None:
    talk = asking(["P1", "P3"], {})
    quote = f"Answer 0: {ANSWER}"
    bad = replace(talk.reading, claims=(Claim("P99", H, 2, quote, 1.0),), mistakes=(Mistake("W9", 2, quote, True),))
    found = card(talk, bad)
    assert (found.rejected_quotes, found.overall) == (2, 1.0)


def test_what_a_reader_says_of_turns_is_checked_too() -> None:
    """Findings rest on turns: their words and questions are the transcript's, whatever the reader hands over."""
    talk = asking(["P1"], {})
    seen = Observation(
        kind=AnswerKind.EXPLAINED,
        reached=tuple(Reached(point=p, rung=E, quote=q, probability=1) for p, q in (("P1", "no"), ("P99", ANSWER))),
    )
    forged = ReadTurn(2, "There are two options. I'd go with one, the price is 5 dollars.", None, seen, False)
    reading, dropped = verified(Reading(turns=(forged,)), talk.transcript)
    assert dropped == 0
    assert (reading.turns[0].text, reading.turns[0].observation.reached) == (f"Answer 0: {ANSWER}", ())
    assert reading.turns[0].directive is not None
    assert card(talk, Reading(turns=(forged,))).differentiators == ()


def test_nothing_asked_is_unscored_with_the_reason() -> None:
    found = card(Talk().exchange(Move.OPEN, None, ANSWER, reached={"P1": H}))
    assert (found.overall, found.low, found.high, found.bar, found.coverage) == (None, None, None, None, 0.0)
    assert found.unscored == "no question about any area was asked"


def test_an_unreadable_transcript_is_unscored_with_the_readers_reason() -> None:
    found = card(asking(["P1"], {}), Reading(unreadable="the answers are in a language that nobody reads"))
    assert found.unscored == "the answers are in a language that nobody reads"
    assert (found.overall, found.areas, found.points, found.bar) == (None, (), (), None)


@pytest.mark.parametrize("kind", [AnswerKind.FACT_QUESTION, AnswerKind.DECISION_QUESTION, AnswerKind.FOREIGN])
def test_a_question_that_was_not_answered_is_not_held_against_anyone(kind: AnswerKind) -> None:
    talk = asking(["P1"], {"P1": E}).exchange(Move.EXPLORE, "P3", "Qui? Quoi?", kind=kind)
    assert [p.id for p in card(talk).points if p.asked] == ["P1"]
    talk.ask(Move.EXPLORE, "P4")  # and then the time was up
    assert [p.id for p in card(talk).points if p.asked] == ["P1"]


def test_silence_is_an_answer() -> None:
    found = card(asking(["P1"], {"P1": E}).exchange(Move.EXPLORE, "P3", "", kind=AnswerKind.STUCK))
    assert areas(found)["SY"].score == 2.0  # explained and not shown


def test_remarks_count_in_areas_that_were_asked_about() -> None:
    talk = Talk().exchange(Move.EXPLORE, "P1", reached={"P1": E, "P4": E, "P6": H})
    found = card(talk)
    assert [p.id for p in found.points if p.asked] == ["P1", "P4"]  # nobody asked about P6's area
    assert areas(found)["ML"].score is None
    lead = replace(talk.question, category="Debugging")
    assert areas(card(talk))["SY"].score == 3.0  # too short to have been asked about P4
    assert areas(card(replace(talk, share=1.0)))["SY"].score == (3 + 0.5 * (1 + 3 + 1)) / (1 + 0.5 * 3)
    led = areas(card(replace(talk, question=lead, share=1.0)))["ML"]  # there the candidate leads
    assert led.score is not None


def test_the_highest_rung_counts_then_the_surest() -> None:
    talk = Talk().exchange(Move.EXPLORE, "P1", "One.", reached={"P1": J}, probability=0.6)
    talk.exchange(Move.DEEPEN, "P1", "Two.", reached={"P1": M}, probability=0.99)
    talk.exchange(Move.DEEPEN, "P1", "Three.", reached={"P1": J}, probability=0.9)
    point = card(talk).points[0]
    assert (point.rung, point.evidence[0].quote) == (J, "Three.")


def test_wrong_claims_cost_only_when_kept_up() -> None:
    talk = asking(["P1", "P4"], {"P1": J, "P4": J})
    scores = {}
    for name, challenged, withdrawn in (("kept", True, False), ("back", True, True), ("unasked", False, False)):
        wrong = replace(talk, mistakes=[]).err("W3", challenged, withdrawn)
        scores[name] = (areas(card(wrong))["SY"].score, card(wrong).wrong_claims[0].text.rpartition("(")[2])
    assert scores == {
        "kept": (3.5, "kept up when challenged)"),
        "back": (4.0, "taken back)"),
        "unasked": (4.0, "not challenged)"),
    }


def test_a_finding_that_rests_on_an_invented_quote_is_dropped_whole() -> None:
    talk = Talk(load_bank().questions["SD02"])
    for move in (Move.JUSTIFY, Move.COMPARE):
        talk.exchange(move, "P3", "The worker reads the log.", reached={"P3": H, "P4": H})
    assert [f.id for f in card(talk).red_flags] == ["RF1"]
    assert (areas(card(talk))["SY"].score, areas(card(talk))["SY"].caps) == (2.5, ("capped at 2.5 by RF1",))
    assert card(talk, replace(talk.reading, turns=())).red_flags == ()


def test_the_level_moves_the_bar_and_nothing_else() -> None:
    cards = [card(asking(ALL, ALL | {"P5": M, "P7": E}, level)) for level in Level]
    assert {c.level for c in cards} == set(Level)
    assert len({tuple((a.id, a.score, a.low, a.high) for a in c.areas) for c in cards}) == 1
    assert len({(c.overall, c.coverage) for c in cards}) == 1
    assert [c.bar for c in cards] != [cards[0].bar] * 3


@pytest.mark.parametrize("rungs", list(itertools.product((None, M, E, H), repeat=3)))
@pytest.mark.parametrize("p", [SURE - 0.2, 1.0])
def test_the_range_holds_the_score(rungs: tuple[Rung | None, ...], p: float) -> None:
    given = {f"P{n + 1}": r for n, r in enumerate(rungs) if r is not None}
    found = card(asking(["P1", "P2", "P3", "P4"], given, p=p))
    assert found.overall is not None
    assert found.low is not None
    assert found.high is not None
    assert 1.0 <= found.low <= found.overall <= found.high <= 5.0
    for area in found.areas:
        bounds = (area.low, area.score, area.high)
        assert None not in bounds or set(bounds) == {None}
        assert area.score is None or area.low is None or area.high is None or area.low <= area.score <= area.high


def test_a_sure_reading_has_no_range_and_an_unsure_one_has() -> None:
    sure, unsure = card(asking(ALL, ALL, p=1.0)), card(asking(ALL, ALL, p=SURE - 0.01))
    assert (sure.low, sure.overall, sure.high) == (4.0, 4.0, 4.0)
    assert (unsure.low, unsure.overall, unsure.high) == (3.0, 4.0, 5.0)


def test_an_answer_that_was_not_recognised_may_have_been_a_mention() -> None:
    found = card(asking(["P1", "P3"], {}))
    assert (found.low, found.overall, found.high) == (1.0, 1.0, 2.0)
    silent = Talk().exchange(Move.EXPLORE, "P1", "", kind=AnswerKind.STUCK).exchange(Move.OPEN, None)
    assert card(silent).high == 1.0


def test_a_scorecard_survives_json() -> None:
    talk = asking(ALL, ALL, p=0.4).err("W3").exchange(Move.EXPERIENCE, "P3", own_case=True)
    found = card(talk)
    assert found.wrong_claims
    assert Scorecard.model_validate_json(found.model_dump_json()) == found
    unscored = card(Talk().exchange(Move.OPEN, None))
    assert Scorecard.model_validate_json(unscored.model_dump_json()) == unscored
