"""The state of an interview: a pure fold over its events. No input, no output, no clock of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Literal

from agents.events import (
    AnswerKind,
    AnyEvent,
    Asked,
    Away,
    Directive,
    Finished,
    Observation,
    Observed,
    Opened,
    Paused,
    Resumed,
    Said,
    Scored,
    Sketched,
)
from agents.phases import phase_plan
from agents.scorecard import Scorecard
from agents.work import Usage, Work
from knowledge.question import Question
from knowledge.question_file import parse_question
from knowledge.terms import Move, Rung

HINT_CEILING = {0: Rung.HELD, 1: Rung.HELD, 2: Rung.JUSTIFIED, 3: Rung.EXPLAINED}
"""Highest hint stage given for a point -> the highest rung that what follows can prove."""

Pending = Literal["observer", "interviewer", "assessor"]


@dataclass
class Turn:
    """What one side said. A candidate's sketch counts as a turn of its own kind; only its last version is kept."""

    seq: int
    speaker: Literal["interviewer", "candidate", "sketch"]
    text: str
    elapsed: float
    directive: Directive | None = None
    observation: Observation | None = None
    wants_hint: bool = False
    work: Work | None = None

    @property
    def took_over(self) -> str:
        """Why the local panel wrote this turn, or listened to it, in a model's place; "" when it did not have to."""
        works = (self.work, self.observation.work if self.observation else None)
        return next((w.took_over for w in works if w is not None and w.took_over), "")


@dataclass
class PointState:
    """What is known of one expected point so far."""

    rung: Rung = Rung.UNSEEN
    moves: list[Move] = field(default_factory=list)
    hint: int = 0
    reached_at: int = -1
    anchor: str = ""
    anchor_quote: str = ""


@dataclass
class InterviewState:
    """Everything the policy, the pages and the assessor may ask about an interview; times in minutes."""

    opened: Opened
    question: Question
    plan: dict[str, float]
    turns: list[Turn] = field(default_factory=list)
    points: dict[str, PointState] = field(default_factory=dict)
    phase_minutes: dict[str, float] = field(default_factory=dict)
    challenges: dict[str, int] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    hint_stage: int = 0
    notes: str = ""
    diagram: str = ""
    last_seq: int = 0
    last_at: datetime | None = None
    pending: Pending | None = None
    paused: bool = False
    finished: Finished | None = None
    scorecard: Scorecard | None = None
    usage: Usage = field(default_factory=Usage)
    _elapsed: float = 0.0
    _running_since: datetime | None = None

    def elapsed(self, now: datetime | None = None) -> float:
        """Minutes of interview time. The clock runs only while the candidate has the floor and nothing is paused."""
        if now is None or self._running_since is None:
            return self._elapsed
        return self._elapsed + max(0.0, (now - self._running_since).total_seconds() / 60)

    def left(self, now: datetime | None = None) -> float:
        """Minutes left, never below zero."""
        return max(0.0, self.opened.minutes - self.elapsed(now))

    @property
    def asked(self) -> list[Turn]:
        """The interviewer's turns that carry a directive, in order."""
        return [t for t in self.turns if t.directive is not None]

    @property
    def directive(self) -> Directive | None:
        """What the candidate was last asked."""
        return self.asked[-1].directive if self.asked else None

    @property
    def phase(self) -> str:
        """The phase the interview is in."""
        return self.directive.phase if self.directive else next(iter(self.plan))

    @property
    def last_answer(self) -> Turn | None:
        """The candidate's last turn."""
        return next((t for t in reversed(self.turns) if t.speaker == "candidate"), None)

    @property
    def asked_areas(self) -> set[str]:
        """Rubric areas that a question was asked about."""
        return {self.question.point(p).area for p in self.asked_points}

    @property
    def asked_points(self) -> list[str]:
        """Points that were the target of a question, in the order of their first question."""
        targets = [t.directive.target for t in self.asked if t.directive and t.directive.target]
        return list(dict.fromkeys(targets))

    @property
    def visited_phases(self) -> set[str]:
        """Phases in which a question was asked."""
        return {t.directive.phase for t in self.asked if t.directive}

    def streak(self, moves: Iterable[Move]) -> int:
        """How many of the last questions in a row were one of `moves`."""
        wanted, count = set(moves), 0
        for turn in reversed(self.asked):
            if turn.directive is None or turn.directive.move not in wanted:
                break
            count += 1
        return count

    def probes_in_a_row(self) -> int:
        """How many of the last questions in a row had the same target; turns without one in between do not count."""
        targets = [t.directive.target for t in self.asked if t.directive and t.directive.target]
        same = takewhile(lambda target: target == targets[-1], reversed(targets))
        return len(list(same))

    def used(self, move: Move) -> int:
        """How often `move` was made."""
        return sum(1 for t in self.asked if t.directive and t.directive.move == move)

    def apply(self, event: AnyEvent) -> None:
        """Takes one event in."""
        match event:
            case Asked():
                self._apply_asked(event)
            case Said():
                self._stop_clock(event.at)
                self.turns.append(Turn(event.seq, "candidate", event.text, self._elapsed, wants_hint=event.wants_hint))
                self.pending = "observer"
            case Observed():
                self._apply_observed(event.observation)
            case Sketched():
                self.notes, self.diagram = event.notes, event.diagram
                self.turns = [t for t in self.turns if t.speaker != "sketch"]
                text = "\n\n".join(t for t in (event.notes, event.diagram) if t.strip())
                if text:
                    self.turns.append(Turn(event.seq, "sketch", text, self._elapsed))
            case Paused():
                self._stop_clock(event.at)
                self.paused = True
            case Resumed():
                self.paused = False
                self._start_clock(event.at)
            case Away():
                self._forgive(event)
            case Finished():
                self._stop_clock(event.at)
                self.finished, self.pending, self.paused = event, "assessor", False
            case Scored():
                self.scorecard, self.pending = event.scorecard, None
                self.usage = self.usage.plus(event.scorecard.work)
        self.last_seq, self.last_at = event.seq, event.at

    def _apply_asked(self, event: Asked) -> None:
        directive = event.directive
        turn = Turn(event.seq, "interviewer", event.text, self._elapsed, directive=directive, work=event.work)
        self.turns.append(turn)
        self.usage = self.usage.plus(event.work)
        self.pending = None
        for cleared in (directive.told_first, directive.cleared):
            if cleared is not None:
                self.told.append(cleared.id)
                if cleared.kind == "probe":
                    self.challenges[cleared.id] = self.challenges.get(cleared.id, 0) + 1
        if directive.target:
            self.points[directive.target].moves.append(directive.move)
        if directive.hint_stage:
            self.hint_stage = directive.hint_stage
            for point in self.question.hints[directive.hint_stage - 1].points:
                self.points[point].hint = max(self.points[point].hint, directive.hint_stage)
        self._start_clock(event.at)

    def _apply_observed(self, observation: Observation) -> None:
        answer = self.last_answer
        if answer is not None:
            answer.observation = observation
        self.usage = self.usage.plus(observation.work)
        for reached in observation.reached:
            point = self.points[reached.point]
            point.rung = max(point.rung, min(reached.rung, HINT_CEILING[point.hint]))
            point.reached_at = answer.seq if answer else -1
            # No word of another sentence: a question about this point would hang on something else.
            point.anchor, point.anchor_quote = reached.anchor, reached.quote
        for wrong in (*observation.wrong, *observation.doubtful):
            self.challenges.setdefault(wrong.claim, 0)
        self.pending = "interviewer"

    def _start_clock(self, at: datetime) -> None:
        runs = self._running_since is not None
        if not runs and not self.paused and self.pending is None and self.finished is None and self.asked:
            self._running_since = at

    def _stop_clock(self, at: datetime) -> None:
        if self._running_since is not None:
            self._count((at - self._running_since).total_seconds())
            self._running_since = None

    def _forgive(self, event: Away) -> None:
        """Leaves the absence out of the running stretch, which then counts from a later moment."""
        if self._running_since is not None:
            self._count((event.at - self._running_since).total_seconds() - event.seconds)
            self._running_since = event.at

    def _count(self, seconds: float) -> None:
        minutes = max(0.0, seconds / 60)  # a clock set back counts nothing
        self._elapsed += minutes
        self.phase_minutes[self.phase] = self.phase_minutes.get(self.phase, 0.0) + minutes


def fold(events: Iterable[AnyEvent]) -> InterviewState:
    """The state after `events`, the first of which must be `opened`. ValueError when it is not."""
    stream = iter(events)
    first = next(stream, None)
    if not isinstance(first, Opened):
        raise ValueError("an interview's log begins with an 'opened' event")
    question = _question(first.question_source, first.question_id)
    state = InterviewState(
        opened=first,
        question=question,
        plan=phase_plan(question.category, first.level, first.minutes, question.phases),
        points={p.id: PointState() for p in question.points},
        last_seq=first.seq,
        last_at=first.at,
        pending="interviewer",
    )
    for event in stream:
        state.apply(event)
    return state


@lru_cache(maxsize=64)
def _question(source: str, question_id: str) -> Question:
    return parse_question(source, Path(f"{question_id}.md"))


__all__ = ["HINT_CEILING", "AnswerKind", "InterviewState", "PointState", "Turn", "fold"]
