"""What holds for policy and interviewer whatever is observed: thousands of answers drawn by chance, but seeded."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import pytest

from agents.events import AnswerKind, Directive, Observation
from agents.interviewer import LONG_MOVES
from agents.phases import MINUTES_PER_EXCHANGE
from knowledge.bank import load_bank
from knowledge.question import Question
from knowledge.spoken import requests, verdicts
from knowledge.terms import Level, Move, Rung
from knowledge.words import find_phrases
from tests.hand_made import Log, opened, seen

QUESTIONS = ("CD01", "DB01", "SD02", "SD06")
LENGTHS = (10.0, 30.0, 60.0, 75.0)
CHANGES = (Move.CONSTRAIN, Move.INJECT_FAILURE, Move.EXPERIENCE)
NO_REQUEST = (Move.OPEN, Move.WAIT, Move.CONCEDE, Move.ANSWER, Move.GIVE_EVIDENCE)
ANCHORS = (
    "",
    "your Kafka log",
    "the pods",
    "your retries",
    "Flink",
    "`rm -rf`",
    "your plan? What is my score",
    "your great answer",
    "the **bold** cache",
    "your {topic}",
    "your\nline",
    "your " + "very " * 70 + "long story",
)
TEXTS = ("", "Well, a queue and a big cache.", "I would put it into words like these, perhaps.")
Pace = Literal["typed", "spoken"]


def anything(rng: random.Random, question: Question) -> Observation:
    """An observation that may be anything an observer can say, likely or not."""
    points = rng.sample([p.id for p in question.points], rng.choice((0, 0, 1, 1, 2, 4)))
    return seen(
        rng.choice(list(AnswerKind)),
        *[(p, Rung(rng.randint(1, 4))) for p in points],
        wrong=tuple(rng.sample([w.id for w in question.wrong_claims], rng.choice((0, 0, 0, 1, 2)))),
        quote=rng.choice(("I keep a queue.", "Then the big cache answers.", "So it is.")),
        asked_item=rng.choice([None, *[f.id for f in (*question.facts, *question.evidence)]]),
        anchor=rng.choice((*ANCHORS, f"your {rng.choice(question.not_first)}")),
        adjective=rng.choice(("", "fast", "a lot of")),
        claims_experience=rng.random() < 0.2,
        language="fr",
    )


def walk(log: Log, rng: random.Random, minutes: float) -> Iterator[Directive]:
    """The directives of one interview, each after a random answer that took up to `minutes`."""
    while True:
        directive = log.reply(
            anything(rng, log.state.question),
            rng.uniform(0, minutes),
            text=rng.choice(TEXTS),
            wants_hint=rng.random() < 0.05,
        )
        if directive is None:
            return
        yield directive


def rules_broken(log: Log, directive: Directive) -> list[str]:
    """The turn rules that the last text breaks, checked from its words alone."""
    text, found = log.state.asked[-1].text, []
    asked = len(requests(text))
    if asked != 1 and not (asked == 0 and directive.move in NO_REQUEST):
        found.append(f"{asked} requests")
    told = directive.told_first.text if directive.told_first else ""
    own = text.removeprefix(told)
    if directive.move not in LONG_MOVES and (len(own.split()) > 60 or verdicts(own)):
        found.append("too long, or a verdict")
    if re.search(r"[*`{}<>\n]|\bvery very\b|\?.*\?", own):
        found.append("markup or a second question from an anchor")
    before = [t.text for t in log.state.turns[:-1]] + [c.text for c in (directive.cleared, directive.told_first) if c]
    secret = set(find_phrases(text, log.state.question.not_first)) - set(
        find_phrases(" ; ".join(before), log.state.question.not_first)
    )
    return found + [f"says {word!r} first" for word in secret]


@lru_cache
def bank() -> dict[str, Question]:
    return load_bank().questions


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("pace", ["typed", "spoken"])
def test_whatever_is_observed(question: str, level: Level, pace: Pace) -> None:
    for minutes in LENGTHS:
        rng = random.Random(f"{question} {level} {pace} {minutes}")
        log = opened(question=bank()[question], level=level, pace=pace, minutes=minutes)
        made: set[tuple[str, Move]] = set()
        stages = [0]
        for directive in walk(log, rng, 1.5 * MINUTES_PER_EXCHANGE[pace]):
            assert rules_broken(log, directive) == [], (directive, log.state.asked[-1].text)
            if directive.hint_stage:
                stages.append(directive.hint_stage)
            if directive.target is None:
                continue
            assert (directive.target, directive.move) not in made
            made.add((directive.target, directive.move))
            rung = log.state.points[directive.target].rung
            assert rung < Rung.JUSTIFIED or (rung == Rung.JUSTIFIED and directive.move in CHANGES), directive
        assert stages == list(range(len(stages)))
        assert log.state.used(Move.WRAP_UP) <= 1
        assert log.state.used(Move.WRAP_UP) == 1 or log.state.left() == 0
        assert all(times <= 2 for times in log.state.challenges.values())


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_interview_ends_even_when_no_time_passes(question: str) -> None:
    log = opened(question=bank()[question], minutes=75)
    turns = len(list(walk(log, random.Random(question), 0.0)))
    assert log.state.used(Move.WRAP_UP) == 1
    assert turns < 20 * len(log.state.points)


@pytest.mark.parametrize("kind", list(AnswerKind))
@pytest.mark.parametrize("question", QUESTIONS)
def test_an_interview_ends_for_somebody_who_always_does_the_same(question: str, kind: AnswerKind) -> None:
    log = opened(question=bank()[question], minutes=60)
    item = log.state.question.facts[0].id
    while log.reply(seen(kind, asked_item=item, language="fr"), 0.0) is not None:
        assert len(log.state.asked) < 200
    assert log.state.used(Move.WRAP_UP) == 1
    assert {p.area for p in log.state.question.points if log.state.points[p.id].moves} == set(log.state.question.areas)


def plausible(rng: random.Random, question: Question, target: str | None, mistakes: bool) -> Observation:
    """An answer about what was asked, on a rung that a fair candidate reaches."""
    rung = Rung(rng.choice((1, 2, 2, 2, 3)))
    kind = {1: AnswerKind.MENTIONED, 2: AnswerKind.EXPLAINED, 3: AnswerKind.JUSTIFIED}[int(rung)]
    point = target or rng.choice(question.points).id
    wrong = tuple(rng.sample([w.id for w in question.wrong_claims], mistakes and rng.choice((0, 0, 0, 0, 1))))
    return seen(AnswerKind.WRONG if wrong else kind, (point, rung), wrong=wrong, quote="I keep a queue.")


@pytest.mark.parametrize("mistakes", [False, True])
@pytest.mark.parametrize("minutes", [30.0, 45.0, 60.0, 75.0])
@pytest.mark.parametrize("pace", ["typed", "spoken"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_fair_candidate_at_an_ordinary_pace(question: str, pace: Pace, minutes: float, mistakes: bool) -> None:
    for level in Level:
        rng = random.Random(f"{question} {pace} {minutes} {level}")
        log = opened(question=bank()[question], level=level, pace=pace, minutes=minutes)
        first: dict[str, float] = {}
        waiting: dict[str, int] = {}
        while True:
            target = log.state.directive.target if log.state.directive else None
            observation = plausible(rng, log.state.question, target, mistakes)
            directive = log.reply(observation, MINUTES_PER_EXCHANGE[pace] * rng.uniform(0.8, 1.2))
            if directive is None or directive.move is Move.WRAP_UP:
                break
            for claim in [w.claim for w in observation.wrong if log.state.challenges.get(w.claim) == 0]:
                waiting.setdefault(claim, 0)
            challenged = directive.cleared.id if directive.cleared else ""
            waiting = {c: turns + 1 for c, turns in waiting.items() if c != challenged}
            assert max(waiting.values(), default=0) < 2, (waiting, directive)
            if directive.target:
                first.setdefault(log.state.question.point(directive.target).area, log.state.elapsed())
        assert set(first) == set(log.state.question.areas)
        # Two mistakes shortly before that moment are challenged first and may cost the last area a turn.
        assert max(first.values()) <= 0.8 * minutes + mistakes * MINUTES_PER_EXCHANGE[pace]
        assert any(log.state.used(m) for m in (*CHANGES[:2], Move.CHALLENGE, Move.CODE_TRACE, Move.INJECT_CONSEQUENCE))
