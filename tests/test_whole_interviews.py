"""The twelve scripted candidates, interviewed from the opening to the scorecard: what a good interviewer never does."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from agents.events import AnswerKind, Directive, Finished
from agents.interviewer import faults
from agents.pace import minutes_per_exchange, wrap_up_minutes
from agents.panel import Panel
from agents.policy import PRESSURE_MOVES
from agents.state import fold
from knowledge.spoken import requests
from knowledge.terms import Move, Rung
from knowledge.words import content_stems, find_phrases
from tests.whole import CANDIDATES, Held, hold

HANDS_BACK = (Move.ANSWER, Move.GIVE_EVIDENCE, Move.WAIT, Move.CONCEDE)
CONTINGENT = 0.7
"""Share of the probes that take up a word of the answer before them."""
MOST_OF_THE_WORDS = 0.4


@pytest.fixture(params=CANDIDATES, ids="-".join)
def held(request: pytest.FixtureRequest, interviews: dict[tuple[str, str], Held]) -> Held:
    return interviews[request.param]


def directives(held: Held) -> list[Directive]:
    return [t.directive for t in held.state.asked if t.directive]


def said_by(held: Held, speaker: str) -> str:
    return "\n".join(t.text for t in held.turns if t.speaker == speaker)


def test_there_are_three_candidates_for_each_of_four_questions() -> None:
    assert len(CANDIDATES) == 12
    assert {quality for _, quality in CANDIDATES} == {"excellent", "good", "weak"}


def test_every_turn_makes_one_request_and_keeps_the_turn_rules(held: Held) -> None:
    asked = held.state.asked
    assert len(asked) >= 8
    for turn in asked[1:]:
        assert turn.directive is not None
        assert len(requests(turn.text)) == 1, turn.text
        before = [e for e in held.events if e.seq < turn.seq]
        assert faults(turn.text, turn.directive, fold(before)) == [], turn.text


def test_nothing_is_asked_twice(held: Held) -> None:
    made = [(d.target, d.move) for d in directives(held) if d.target]
    assert len(made) == len(set(made))
    texts = [t.text for t in held.state.asked]
    assert len(texts) == len(set(texts))


def test_what_stands_is_not_asked_about_again(held: Held) -> None:
    for turn in held.state.asked[1:]:
        assert turn.directive is not None
        if turn.directive.target is None:
            continue
        rung = fold([e for e in held.events if e.seq < turn.seq]).points[turn.directive.target].rung
        changes = (Move.CONSTRAIN, Move.INJECT_FAILURE, Move.EXPERIENCE)
        assert rung < Rung.JUSTIFIED or (rung == Rung.JUSTIFIED and turn.directive.move in changes)


def test_every_area_of_the_question_gets_a_question_by_four_fifths_of_the_time(held: Held) -> None:
    state, first = held.state, dict[str, float]()
    for turn in state.asked:
        if turn.directive and turn.directive.target:
            first.setdefault(state.question.point(turn.directive.target).area, turn.elapsed)
    assert all(at <= 0.8 * state.opened.minutes for at in first.values())
    if state.elapsed() >= 0.8 * state.opened.minutes:
        assert set(first) == set(state.question.areas)


def test_the_close_is_reached_unless_the_answers_ran_out(held: Held) -> None:
    state = held.state
    assert state.finished is not None
    kept = wrap_up_minutes(state.opened.minutes, minutes_per_exchange(state))
    last = state.asked[-1]
    assert last.directive is not None
    if last.directive.move is not Move.WRAP_UP:
        assert state.finished.reason in ("answers_ran_out", "time")
        assert last.elapsed < state.opened.minutes - kept
    assert state.used(Move.WRAP_UP) <= 1
    assert state.scorecard is not None


def test_given_time_every_interview_closes_by_itself(panel: Panel, tmp_path: Path) -> None:
    for question in ("SD02", "CD01"):
        held = hold(panel, tmp_path / question, question, "weak", rounds=3)
        assert isinstance(held.events[-2], Finished)
        assert held.events[-2].reason in ("time", "covered")
        assert held.state.used(Move.WRAP_UP) == 1


def test_hints_come_in_order(held: Held) -> None:
    stages = [d.hint_stage for d in directives(held) if d.hint_stage]
    assert stages == list(range(1, len(stages) + 1))


def test_no_word_is_given_away(held: Held) -> None:
    words, free = held.state.question.not_first, held.state.question.statement
    for turn in held.turns:
        directive = turn.directive
        if turn.speaker == "interviewer" and directive is not None:
            told = [c for c in (directive.cleared, directive.told_first) if c and c.kind in ("fact", "evidence")]
            free += "\n" + "\n".join(c.text for c in told)
            if directive.hint_stage < 3:
                assert set(find_phrases(turn.text, words)) <= set(find_phrases(free, words)), turn.text
        free += "\n" + turn.text


def test_the_candidate_does_most_of_the_talking(held: Held) -> None:
    mine = sum(len(t.text.split()) for t in held.turns[1:] if t.speaker == "interviewer")
    theirs = len(said_by(held, "candidate").split())
    assert mine / (mine + theirs) <= MOST_OF_THE_WORDS


def test_most_probes_take_up_a_word_of_the_answer_before_them(held: Held) -> None:
    hits = []
    for answer, question in itertools.pairwise(held.turns):
        directive = question.directive
        if answer.speaker == "candidate" and directive and directive.move not in (*HANDS_BACK, Move.RETURN_DECISION):
            hits.append(bool(set(content_stems(answer.text)) & set(content_stems(question.text))))
    assert len(hits) >= 3
    assert sum(hits) / len(hits) >= CONTINGENT


def test_turns_do_not_all_open_alike(held: Held) -> None:
    begun = [" ".join(t.text.split()[:2]) for t in held.state.asked[1:]]
    assert sum(a == b for a, b in itertools.pairwise(begun)) <= 1
    assert len(set(begun)) >= 0.6 * len(begun)


def test_mistakes_that_were_heard_are_challenged_within_two_turns_and_at_most_twice(held: Held) -> None:
    turns = held.turns
    for at, turn in enumerate(turns):
        for wrong in turn.observation.wrong if turn.observation else ():
            later = [t.directive for t in turns[at:] if t.directive][:2]
            challenged = [t.directive.cleared.id for t in turns[:at] if t.directive and t.directive.cleared]
            soon = [d.cleared.id for d in later if d.cleared]
            over = any(d.move is Move.WRAP_UP for d in later) or len(later) < 2
            assert wrong.claim in (*challenged, *soon) or over
    assert all(times <= 2 for times in held.state.challenges.values())


def test_a_candidate_of_substance_meets_pressure(held: Held) -> None:
    answers = [t.observation for t in held.turns if t.observation]
    explained = [o for o in answers if o.kind in (AnswerKind.EXPLAINED, AnswerKind.JUSTIFIED, AnswerKind.HELD)]
    pressed = any(held.state.used(move) for move in PRESSURE_MOVES)
    assert pressed or len(explained) < 3 or not held.state.used(Move.WRAP_UP)


def test_a_better_candidate_is_probed_further(interviews: dict[tuple[str, str], Held]) -> None:
    for question in {q for q, _ in CANDIDATES}:
        rungs = {
            quality: sum(p.rung for p in interviews[question, quality].state.points.values())
            for quality in ("excellent", "good", "weak")
        }
        assert min(rungs["excellent"], rungs["good"]) > rungs["weak"], (question, rungs)


def test_the_same_answers_give_the_same_log(
    panel: Panel, interviews: dict[tuple[str, str], Held], tmp_path: Path
) -> None:
    again = hold(panel, tmp_path, "DB01", "good")
    assert again.events == interviews["DB01", "good"].events


def test_the_log_alone_gives_the_state(held: Held) -> None:
    assert fold(held.events) == held.state
