"""The model that reads for the score, against a real server, up to the scorecard that comes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents.assessor import assess
from agents.events import Cleared
from agents.state import Turn
from agents.transcript import Transcript
from knowledge.terms import Level, Move, Rung
from tests.loopback import Request
from tests.loopback_replies import Broken, Refuse, Reply, Say
from tests.model_ground import area, served, verdict
from tests.read_by_hand import Talk
from tests.reader_ground import FINE, ONE, RUBRIC, THREE, TWO, areas, card, reader, scores, talk


def test_a_verdict_becomes_a_scorecard_with_its_quotes() -> None:
    found = card(FINE)
    assert scores(found) == {"SY": 3.0, "ML": 2.0}
    assert [(e.point, e.turn, e.quote) for e in areas(found)["SY"].evidence] == [("P3", 2, ONE), ("P4", 6, TWO)]
    assert (found.assessor, found.kind, found.rejected_quotes) == ("model scripted", "model's estimate", 0)
    assert found.work is not None and [c.outcome for c in found.work.calls] == ["ok"]
    assert {p.split()[0] for p in found.work.prompts} == {"assessor.md", "assessor_transcript.md", "assessor_again.md"}


@pytest.mark.parametrize("score", [6, 0, "five", 3.3, float("nan"), True])
def test_a_bad_number_is_asked_for_again_and_then_unscored(score: Any) -> None:
    bad = verdict(area("SY", score, ("P3", [1], "explained")), area("ML", 2, ("P2", [3], "mentioned")))
    with served(bad) as server:
        found = assess(talk().transcript, RUBRIC, reader(server))
        assert len(server.requests) == 2
        again = server.requests[1].last
    assert "the score of area SY is" in again and "numbered from 1 to 3" in again
    assert scores(found) == {"SY": None, "ML": 2.0}
    assert "the verdict could not be used: the score of area SY" in areas(found)["SY"].unscored
    assert found.overall == 2.0 and found.work is not None
    assert all("the score of area SY" in c.outcome for c in found.work.calls)


def test_a_number_that_is_mended_counts() -> None:
    bad = verdict(area("SY", 9), area("ML", 2, ("P2", [3], "mentioned")))
    assert scores(card(bad, FINE)) == {"SY": 3.0, "ML": 2.0}
    half = verdict(area("SY", 3, ("P3", [1], "explained"), ("P4", [2], "explained")), area("ML", 9))
    assert scores(card(bad, half)) == {"SY": 3.0, "ML": 2.0}


@pytest.mark.parametrize("reply", [Say("I cannot judge."), Say("[" * 10_000), Refuse("No."), Broken("filtered")])
def test_an_unreadable_verdict_leaves_no_number_anywhere(reply: Reply) -> None:
    found = card(reply)
    assert (found.overall, found.low, found.high, found.coverage, found.bar) == (None, None, None, 0.0, None)
    assert all((a.score, a.low, a.high) == (None, None, None) for a in found.areas)
    assert all(c.score is None for c in found.criteria)
    assert found.unscored and areas(found)["SY"].unscored == areas(found)["ML"].unscored == found.unscored
    assert found.assessor == "model scripted"


@pytest.mark.parametrize(("rung", "most"), [("mentioned", 2), ("explained", 3), ("justified", 4), ("held", 5)])
def test_a_number_is_bounded_by_what_was_proven(rung: str, most: float) -> None:
    given = verdict(area("SY", 5, ("P3", [1], rung), ("P4", [2], rung)), area("ML", 5))
    found = card(given, of=talk(Move.CONSTRAIN, Move.CONSTRAIN))
    assert scores(found) == {"SY": most, "ML": 1.0}
    assert areas(found)["ML"].caps[0] == "capped at 1: the evidence supports no more"


def test_one_sentence_named_twice_is_one_piece_of_evidence() -> None:
    pieces = [("P3", [1], "justified"), ("", [1], "justified"), ("P99", [1], "justified")]
    found = card(verdict(area("SY", 5, *pieces), area("ML", 1)))
    assert areas(found)["SY"].score == 2.0
    assert [e.point for e in areas(found)["SY"].evidence] == ["P3"]


def test_an_own_way_is_worth_as_much_as_a_listed_point() -> None:
    given = verdict(area("SY", 4, ("P3", [1], "justified"), ("", [2], "justified")), area("ML", 1))
    assert scores(card(given))["SY"] == 4.0


def test_an_area_that_was_never_asked_about_stays_not_assessed() -> None:
    only = Talk().exchange(Move.EXPLORE, "P3", ONE)
    found = card(verdict(area("SY", 3, ("P3", [1], "explained")), area("ML", 5, ("P2", [1], "held"))), of=only)
    assert (areas(found)["ML"].score, areas(found)["ML"].unscored) == (None, "")
    assert areas(found)["PY"].score is None and found.coverage < 0.5


@pytest.mark.parametrize(("stage", "most"), [(1, Rung.HELD), (2, Rung.JUSTIFIED), (3, Rung.EXPLAINED)])
def test_a_hint_bounds_what_follows_it(stage: int, most: Rung) -> None:
    of = talk()
    hint = Cleared(kind="hint", id=f"hint-{stage}", text="Think of the screens.")
    for move, staged in ((Move.HINT, stage), (Move.CONSTRAIN, 0)):
        of.ask(move, "P3", hint if staged else None)
        asked = of.turns[-1].directive
        assert asked is not None
        of.turns[-1].directive = asked.model_copy(update={"hint_stage": staged})
        of.say(f"On the way I would number the reports of move {move} so that late ones lose.")
    point = of.question.hints[stage - 1].points[0]
    home = of.question.point(point).area
    given = verdict(area("SY", 5), area("ML", 5))
    told = json.loads(given)
    next(a for a in told["areas"] if a["area"] == home)["evidence"] = area("", 1, (point, [5], "held"))["evidence"]
    found = card(json.dumps(told), of=of)
    assert next(p.rung for p in found.points if p.id == point) is most
    own = json.loads(verdict(area("SY", 5, ("", [4], "held")), area("ML", 1)))
    bounded = areas(card(json.dumps(own), of=of))["SY"].evidence[0].rung
    assert bounded is min(most, Rung.JUSTIFIED)


def mistaken(challenged: bool, withdrawn: bool) -> float | None:
    of = talk()
    if challenged:
        of.ask(Move.CHALLENGE, "P2", Cleared(kind="probe", id="W2", text="Line 7 is late.")).say("Nothing changes.")
    item = {"claim": "W2", "sentences": [3], "certain": True, "withdrawn": withdrawn}
    given = verdict(area("SY", 1), area("ML", 3, ("P2", [3], "explained")), mistakes=[item])
    return scores(card(given, of=of))["ML"]


def test_a_mistake_lowers_only_when_it_was_challenged_and_kept_up() -> None:
    plain = mistaken(challenged=False, withdrawn=False)
    assert plain == 3.0
    assert mistaken(challenged=True, withdrawn=True) == 3.0
    assert mistaken(challenged=True, withdrawn=False) == 2.5


def test_in_a_recording_a_certain_mistake_is_kept_up_unless_withdrawn() -> None:
    texts = ("interviewer", "How good is it?"), ("candidate", THREE)
    turns = tuple(Turn(n, who, text, 0.0) for n, (who, text) in enumerate(texts))  # type: ignore[arg-type]
    recording = Transcript(talk().question, Level.ADVANCED, turns)
    for certain, withdrawn, stands in ((True, False, 1), (True, True, 0), (False, False, 0)):
        item = {"claim": "W2", "sentences": [1], "certain": certain, "withdrawn": withdrawn}
        with served(verdict(area("SY", 1), area("ML", 3, ("P2", [1], "explained")), mistakes=[item])) as server:
            found = reader(server).read(recording)
        assert sum(m.stands for m in found.mistakes) == stands


def test_a_red_flag_needs_separate_answers() -> None:
    flag = next(f for f in RUBRIC.red_flags.values() if f.opportunities == 2)
    for places, found in (([1], []), ([1, 3], [flag.id])):
        given = verdict(area("SY", 3), area("ML", 2), red_flags=[{"id": flag.id, "sentences": places}])
        assert [f.id for f in card(given).red_flags] == found


def parts(request: Request) -> Reply:
    """The same verdict as FINE, for the areas that are asked about."""
    whole = json.loads(FINE)
    whole["areas"] = [a for a in whole["areas"] if f'Area {a["area"]}, "' in request.text]
    return Say(json.dumps(whole))


def test_a_call_for_each_area_gives_the_same_card_as_one() -> None:
    one, several = card(parts), card(parts, per_area=True)
    assert one.work is not None and several.work is not None
    assert (len(one.work.calls), len(several.work.calls)) == (1, 3)
    assert one.model_copy(update={"work": None}) == several.model_copy(update={"work": None})


def test_of_three_samples_the_median_counts_and_the_spread_is_told() -> None:
    def sample(score: float) -> str:
        pieces = [("P3", [1], "justified"), ("P4", [2], "justified")]
        return verdict(area("SY", score, *pieces), area("ML", 2, ("P2", [3], "mentioned")))

    with served(sample(2), sample(4), sample(2.5)) as server:
        found = assess(talk().transcript, RUBRIC, reader(server, samples=3))
        assert {r.body["temperature"] for r in server.requests} == {0.7}
    sy = areas(found)["SY"]
    assert (sy.score, sy.low, sy.high) == (2.5, 2.0, 4.0)
    assert found.work is not None and len(found.work.calls) == 3
