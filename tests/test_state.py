"""The state of an interview: what a fold over its events says, above all what the clock says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from agents.events import (
    AnswerKind,
    Away,
    Cleared,
    Finished,
    Observed,
    Paused,
    Resumed,
    Said,
    Scored,
    Sketched,
)
from agents.state import fold
from knowledge.terms import Move, Rung
from tests.hand_made import Log, opened, seen
from tests.scored_interview import card_for


def minutes(log: Log) -> float:
    return round(log.state.elapsed(log.now), 6)


def test_a_log_begins_with_opened() -> None:
    log = opened()
    with pytest.raises(ValueError, match="opened"):
        fold(log.events[1:])
    with pytest.raises(ValueError, match="opened"):
        fold([])


def test_the_clock_stands_until_the_candidate_has_the_floor() -> None:
    log = Log()
    log.now += timedelta(minutes=5)
    assert minutes(log) == 0
    log.next()
    log.now += timedelta(minutes=2)
    assert minutes(log) == 2


def test_the_clock_stands_while_the_panel_thinks_and_speaks() -> None:
    log = opened()
    log.add(Said, after=3, text="A queue.")
    log.add(Observed, after=7, observation=seen(AnswerKind.VAGUE))
    log.now += timedelta(minutes=4)
    assert minutes(log) == 3
    log.ask(Move.CLARIFY, "P1")
    log.now += timedelta(minutes=1)
    assert minutes(log) == 4


def test_a_pause_does_not_count_and_neither_does_pausing_twice() -> None:
    log = opened()
    log.add(Paused, after=2)
    log.add(Paused, after=10)
    assert (minutes(log), log.state.paused) == (2, True)
    log.add(Resumed, after=10)
    log.now += timedelta(minutes=1)
    assert (minutes(log), log.state.paused) == (3, False)


def test_resuming_what_was_never_paused_loses_no_time() -> None:
    log = opened()
    log.add(Resumed, after=4)
    log.answer(seen(AnswerKind.VAGUE), minutes=1)
    assert minutes(log) == 5


def test_a_question_asked_during_a_pause_does_not_start_the_clock() -> None:
    log = opened()
    log.add(Said, after=1, text="A queue.")
    log.add(Paused)
    log.add(Observed, observation=seen(AnswerKind.VAGUE))
    log.ask(Move.CLARIFY, "P1")
    log.now += timedelta(minutes=9)
    assert minutes(log) == 1
    log.add(Resumed)
    log.now += timedelta(minutes=2)
    assert minutes(log) == 3


def test_an_absence_does_not_count() -> None:
    log = opened()
    log.add(Away, after=20, seconds=18 * 60)
    assert minutes(log) == 2
    log.answer(seen(AnswerKind.VAGUE), minutes=3)
    assert minutes(log) == 5
    assert log.state.phase_minutes == pytest.approx({"open": 5})


def test_an_absence_longer_than_the_stretch_takes_nothing_back() -> None:
    log = opened()
    log.answer(seen(AnswerKind.VAGUE), minutes=3)
    log.add(Away, seconds=100)  # the clock stands: nothing to forgive
    log.ask(Move.CLARIFY, "P1")
    log.add(Away, after=1, seconds=3600)
    assert minutes(log) == 3


def test_a_clock_set_back_counts_nothing() -> None:
    log = opened()
    log.answer(seen(AnswerKind.VAGUE), minutes=4)
    log.ask(Move.CLARIFY, "P1")
    log.now -= timedelta(hours=1)
    assert minutes(log) == 4
    log.answer(seen(AnswerKind.VAGUE), minutes=0)
    assert minutes(log) == 4


def test_minutes_are_booked_to_the_phase_of_the_question_and_left_never_falls_below_zero() -> None:
    log = opened(minutes=20)
    log.answer(seen(AnswerKind.VAGUE), minutes=5)
    log.ask(Move.EXPLORE, "P3")
    log.answer(seen(AnswerKind.VAGUE), minutes=30)
    assert log.state.phase_minutes == pytest.approx({"open": 5, "flow": 30})
    assert log.state.left() == 0


def test_an_observation_lifts_points_and_never_lowers_them() -> None:
    log = opened()
    log.answer(seen(AnswerKind.JUSTIFIED, ("P4", Rung.JUSTIFIED), anchor="your cache", quote="I keep a cache."))
    log.answer(seen(AnswerKind.MENTIONED, ("P4", Rung.MENTIONED)))
    point = log.state.points["P4"]
    assert (point.rung, point.reached_at) == (Rung.JUSTIFIED, log.events[-2].seq)


def test_a_point_hangs_on_its_own_words_only() -> None:
    log = opened()
    observation = seen(AnswerKind.MENTIONED, ("P4", Rung.MENTIONED), quote="It is fast.")
    log.answer(observation.model_copy(update={"anchor": "your cache"}))
    assert (log.state.points["P4"].anchor, log.state.points["P4"].anchor_quote) == ("", "It is fast.")


@pytest.mark.parametrize(("stage", "most"), [(1, Rung.HELD), (2, Rung.JUSTIFIED), (3, Rung.EXPLAINED)])
def test_a_hint_sets_a_ceiling_for_what_follows(stage: int, most: Rung) -> None:
    log = opened()
    hint = log.state.question.hints[stage - 1]
    log.ask(
        Move.HINT, hint.points[0], hint_stage=stage, cleared=Cleared(kind="hint", id=f"hint-{stage}", text=hint.text)
    )
    log.answer(seen(AnswerKind.HELD, *[(p, Rung.HELD) for p in ("P2", *hint.points)]))
    assert {p: log.state.points[p].rung for p in hint.points} == dict.fromkeys(hint.points, most)
    assert log.state.points["P2"].rung == Rung.HELD
    assert log.state.hint_stage == stage


def test_a_hint_takes_nothing_away_that_was_reached_without_it() -> None:
    log = opened()
    log.answer(seen(AnswerKind.HELD, ("P6", Rung.HELD)))
    log.ask(Move.HINT, "P6", hint_stage=3, cleared=Cleared(kind="hint", id="hint-3", text="Think."))
    log.answer(seen(AnswerKind.MENTIONED, ("P6", Rung.MENTIONED)))
    assert log.state.points["P6"].rung == Rung.HELD


def test_a_sketch_replaces_the_one_before_and_an_empty_one_removes_it() -> None:
    log = opened()
    log.add(Sketched, notes="first")
    log.add(Sketched, notes="second", diagram="graph LR; a-->b")
    sketches = [t for t in log.state.turns if t.speaker == "sketch"]
    assert [t.text for t in sketches] == ["second\n\ngraph LR; a-->b"]
    assert (log.state.notes, log.state.diagram) == ("second", "graph LR; a-->b")
    log.add(Sketched)
    assert [t for t in log.state.turns if t.speaker == "sketch"] == []


def test_what_was_told_and_challenged_is_counted() -> None:
    log = opened()
    log.answer(seen(AnswerKind.WRONG, wrong=("W1",)))
    assert log.state.challenges == {"W1": 0}
    fact = Cleared(kind="fact", id="fact-1", text="There are 300 trams.")
    probe = Cleared(kind="probe", id="W1", text="Which reports are in its training row?")
    log.ask(Move.CHALLENGE, "P6", cleared=probe, told_first=fact)
    assert log.state.told == ["fact-1", "W1"]
    assert log.state.challenges == {"W1": 1}


def test_questions_in_a_row_about_one_point_count_over_turns_without_a_point() -> None:
    log = opened()
    for move, target in ((Move.EXPLORE, "P1"), (Move.EXPLORE, "P3"), (Move.ANSWER, None), (Move.DEEPEN, "P3")):
        log.ask(move, target)
    assert log.state.probes_in_a_row() == 2
    assert opened().state.probes_in_a_row() == 0


def test_the_end_stops_the_clock_and_leaves_the_scoring() -> None:
    log = opened()
    log.add(Finished, after=6, reason="candidate")
    log.now += timedelta(minutes=5)
    assert (minutes(log), log.state.pending) == (6, "assessor")
    log.add(Scored, scorecard=card_for(log.state.question))
    assert log.state.pending is None
    assert log.state.scorecard is not None


def busy_log() -> Log:
    log = opened()
    log.reply(seen(AnswerKind.MENTIONED, ("P1", Rung.MENTIONED), anchor="your riders"), minutes=2)
    log.add(Sketched, notes="boxes")
    log.add(Away, after=9, seconds=300)
    log.reply(seen(AnswerKind.FACT_QUESTION, asked_item=log.state.question.facts[0].id), minutes=2)
    log.add(Paused, after=1)
    log.add(Resumed, after=30)
    log.reply(seen(AnswerKind.WRONG, wrong=("W3",), quote="Each request runs the model."), minutes=4)
    log.add(Sketched, diagram="graph LR")
    log.reply(seen(AnswerKind.STUCK), minutes=2, text="", wants_hint=True)
    log.answer(seen(AnswerKind.HELD, ("P4", Rung.HELD)), minutes=2)
    log.add(Finished, reason="candidate")
    log.add(Scored, scorecard=card_for(log.state.question))
    return log


@pytest.mark.parametrize("build", [opened, busy_log])
def test_a_prefix_and_the_rest_make_the_whole(build: Callable[[], Log]) -> None:
    log = build()
    whole = fold(log.events)
    assert whole == log.state
    for cut in range(1, len(log.events)):
        state = fold(log.events[:cut])
        for event in log.events[cut:]:
            state.apply(event)
        assert state == whole
