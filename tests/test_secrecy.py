"""The model that speaks is never shown what a candidate must not hear: every question, every phase, every move."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from agents.choice import with_target
from agents.conversation import speaking_messages
from agents.events import AnswerKind, Cleared, Directive
from agents.state import InterviewState
from knowledge.embedder import MiniLM
from knowledge.question import Point, Question
from knowledge.terms import Move, Rung
from tests.hand_made import Log, opened, seen
from tests.loopback import Loopback
from tests.scripted_model import answer, role_of
from tests.seated import held, rubric, seated
from tests.whole import bank

RUN = 6
"""Words in a row that give a confidential text away. Shorter ones turn up in any English text."""
WORD = re.compile(r"[a-z0-9]+")


@cache
def runs(text: str) -> frozenset[tuple[str, ...]]:
    words = WORD.findall(text.lower())
    return frozenset(tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))


def confidential(question: Question) -> Iterator[str]:
    """Every text of a question that is not the candidate's to see before the end, and the rubric's."""
    for point in question.points:
        yield from (point.text, *point.wordings)
    for follow_up in question.follow_ups:
        yield from (follow_up.text, follow_up.strong)
    for claim in question.wrong_claims:
        yield from (claim.claim, *claim.wordings, claim.consequence, claim.probe)
    for fact in (*question.facts, *question.evidence):
        yield fact.text
    yield from (hint.text for hint in question.hints)
    yield from (
        *(f.text for f in question.figures),
        *question.solution_paths.values(),
        *question.senior_solution.values(),
        *question.level_guide.values(),
    )
    yield from (question.look_for, question.cause, *question.red_flags, *question.bonus_points)
    for area in rubric().areas.values():
        yield from (*area.anchors.values(), *area.evidence.values())
    for criterion in rubric().criteria.values():
        yield from criterion.anchors.values()
    for flag in rubric().red_flags.values():
        yield from (flag.statement, flag.confirmed_when)
    yield from (plus.statement for plus in rubric().differentiators.values())


def given_away(request: str, question: Question, allowed: str) -> list[str]:
    """The confidential texts that share a run of words with a request, other than with what was said or cleared."""
    shown = runs(request) - runs(allowed)
    return [text for text in confidential(question) if shown & runs(text)]


def spoken(state: InterviewState, *cleared: Cleared | None) -> str:
    """What may stand in a request: the problem, what was said, and what this turn passes on."""
    texts = [state.question.statement, *(t.text for t in state.turns), *(c.text for c in cleared if c)]
    return "\n".join(texts)


def cleared_for(move: Move, question: Question, point: Point) -> Cleared | None:
    """An item that a directive with this move would carry."""
    if move is Move.ANSWER:
        return Cleared(kind="fact", id=question.facts[0].id, text=question.facts[0].text)
    if move is Move.GIVE_EVIDENCE and question.evidence:
        return Cleared(kind="evidence", id=question.evidence[0].id, text=question.evidence[0].text)
    if move is Move.HINT:
        return Cleared(kind="hint", id="hint-1", text=question.hints[0].text)
    if move in (Move.CHALLENGE, Move.INJECT_CONSEQUENCE, Move.CODE_TRACE):
        claim = question.wrong_claims[0]
        return Cleared(kind="probe", id=claim.id, text=claim.probe)
    found = next((f for f in question.follow_ups if f.move is move), None)
    return Cleared(kind="follow_up", id=found.id, text=found.text) if found else None


def conversation(question: Question) -> Log:
    """An interview in which something was said and heard, a fact told, and a hint given."""
    log = opened(question=question, level=question.difficulty, minutes=question.minutes)
    first = question.points[0]
    said = "I'd start from what people do here and keep one list for each of them, because it changes all day."
    log.answer(
        seen(AnswerKind.EXPLAINED, (first.id, Rung.EXPLAINED), quote=said, anchor_quote=said, words=20), text=said
    )
    log.ask(Move.DEEPEN, first.id, text="Let me stay with that list. What happens in it, step by step?")
    log.answer(seen(AnswerKind.STUCK), text="I'm not sure.")
    return log


@pytest.mark.parametrize("question_id", bank())
def test_no_request_for_words_holds_an_answer(question_id: str) -> None:
    question = bank()[question_id]
    log = conversation(question)
    checked = 0
    for phase in (*question.phases, "close"):
        point = next((p for p in question.points if p.phase == phase), question.points[-1])
        for move in Move:
            cleared = cleared_for(move, question, point)
            directive = with_target(log.state, move, point.id, "for the test")
            directive = directive.model_copy(update={"phase": phase, "cleared": cleared})
            request = "\n".join(text for _, text in speaking_messages(log.state, directive, 24_000))
            assert given_away(request, question, f"{spoken(log.state, cleared)}\n{directive.topic}") == [], (
                phase,
                move,
            )
            checked += 1
    assert checked == (len(question.phases) + 1) * len(Move)


def test_this_test_can_fail() -> None:
    question = bank()["SD06"]
    log = conversation(question)
    directive = Directive(move=Move.DEEPEN, phase="flow", topic=question.points[3].text)
    request = "\n".join(text for _, text in speaking_messages(log.state, directive, 24_000))
    assert question.points[3].text in given_away(request, question, spoken(log.state))


def one_of_each_category() -> list[str]:
    """Of those whose scripted candidates have the most to say."""
    from evals.candidates import ANSWERS

    found = {q.category: q.id for q in bank().values() if (ANSWERS / q.id / "labels.jsonl").is_file()}
    assert set(found) == {q.category for q in bank().values()}
    return list(found.values())


@pytest.mark.parametrize("question_id", one_of_each_category())
def test_whole_interviews_over_the_wire_give_nothing_away(question_id: str, embedder: MiniLM, tmp_path: Path) -> None:
    from evals.candidates import Candidate

    question = bank()[question_id]
    with Loopback(answer) as server:
        session = held(tmp_path, seated(server.url, embedder), question, Candidate(question, "good").answers())
    requests = [r for r in server.requests if role_of(r) == "interviewer"]
    assert len(requests) >= 5
    assert session.state.scorecard is not None
    told = [c for t in session.state.asked if t.directive for c in (t.directive.cleared, t.directive.told_first)]
    topics = "\n".join(t.directive.topic for t in session.state.asked if t.directive)
    for request in requests:
        assert given_away(request.text, question, f"{spoken(session.state, *told)}\n{topics}") == []
