"""Interviews written by hand: a log whose answers are observations, on a clock that a test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from agents.events import (
    AnswerKind,
    AnyEvent,
    Asked,
    Directive,
    Observation,
    Observed,
    Opened,
    Reached,
    Said,
    WrongHeard,
)
from agents.interviewer import LocalInterviewer
from agents.policy import next_move
from agents.state import InterviewState, fold
from knowledge.question import Question
from knowledge.terms import Level, Move, Rung
from tests.sample_question import sample_question

START = datetime(2026, 1, 1, 9, tzinfo=UTC)


def seen(kind: AnswerKind, *reached: tuple[str, Rung], wrong: tuple[str, ...] = (), **fields: Any) -> Observation:
    """An observation: what kind of answer, which points on which rung, which wrong claims."""
    quote = fields.pop("quote", "")
    return Observation(
        kind=kind,
        reached=tuple(
            Reached(point=p, rung=r, quote=quote, probability=0.9, anchor=fields.get("anchor", "")) for p, r in reached
        ),
        wrong=tuple(WrongHeard(claim=w, quote=quote, probability=0.9) for w in wrong),
        **fields,
    )


class Log:
    """A log that grows event by event. `state` is kept by applying each of them, `events` is the whole."""

    def __init__(
        self,
        question: Question | None = None,
        level: Level = Level.ADVANCED,
        minutes: float = 60.0,
        pace: Literal["typed", "spoken"] = "typed",
        at: datetime = START,
    ) -> None:
        question = question or sample_question()
        self.now = at
        self.events: list[AnyEvent] = [
            Opened(
                seq=0,
                at=at,
                question_id=question.id,
                question_source=question.source,
                level=level,
                minutes=minutes,
                pace=pace,
                rubric="default",
                panel="local",
            )
        ]
        self.state: InterviewState = fold(self.events)

    def add(self, event: type[Any], after: float = 0.0, **fields: Any) -> None:
        """Appends an event `after` minutes."""
        self.now += timedelta(minutes=after)
        made: AnyEvent = event(seq=len(self.events), at=self.now, **fields)
        self.events.append(made)
        self.state.apply(made)

    def ask(self, move: Move, target: str | None = None, text: str = "And then?", **fields: Any) -> None:
        """A question of the test's own instead of the policy's."""
        phase = self.state.question.point(target).phase if target else self.state.phase
        directive = Directive(move=move, phase=phase, target=target, **fields)
        self.add(Asked, directive=directive, text=text, worded_by="test")

    def answer(
        self, observation: Observation, minutes: float = 1.0, text: str = "Well.", wants_hint: bool = False
    ) -> None:
        """What the candidate says and what the observer makes of it."""
        self.add(Said, after=minutes, text=text, wants_hint=wants_hint)
        self.add(Observed, observation=observation)

    def next(self) -> Directive | None:
        """What the policy wants now; asked at once, in the interviewer's words, unless it is over."""
        directive = next_move(self.state)
        if directive is not None:
            text = LocalInterviewer().words(self.state, directive)
            self.add(Asked, directive=directive, text=text, worded_by="local")
        return directive

    def reply(self, observation: Observation, minutes: float = 1.0, **fields: Any) -> Directive | None:
        """An answer and what the policy makes of it."""
        self.answer(observation, minutes, **fields)
        return self.next()


def opened(**fields: Any) -> Log:
    """A log whose opening has been spoken."""
    log = Log(**fields)
    log.next()
    return log
