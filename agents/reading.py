"""Reads a finished transcript for the assessor: which point was proven how far, by which words.

A reading is a proposal. Nothing in it counts before agents/assessor.py has found every quote in a candidate's turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from agents.events import AnswerKind, Directive, Observation
from agents.observer import Exchange, LocalObserver
from agents.recording import areas_raised, points_heard
from agents.scorecard import Finding
from agents.state import HINT_CEILING, Turn
from agents.transcript import Transcript
from agents.work import Work
from knowledge.terms import Move, Rung


@dataclass(frozen=True)
class Claim:
    """A point, and the quote from turn `turn` that is to prove it at `rung`; `probability` is 0..1.

    `point` is "" for a way of the candidate's own that does a listed point's job; then `area` says where it counts.
    """

    point: str
    rung: Rung
    turn: int
    quote: str
    probability: float
    area: str = ""


@dataclass(frozen=True)
class Mistake:
    """A wrong claim of the question's list, made in `turn`.

    `challenged` when the interviewer gave the candidate the chance to take it back, `withdrawn` when the answer did.
    """

    claim: str
    turn: int
    quote: str
    challenged: bool = False
    withdrawn: bool = False

    @property
    def stands(self) -> bool:
        """Whether it lowers the score: only a claim that was challenged and kept up does."""
        return self.challenged and not self.withdrawn


@dataclass(frozen=True)
class ReadTurn:
    """One candidate turn as it was read; the rules for red flags and differentiators look at these."""

    turn: int
    text: str
    directive: Directive | None
    observation: Observation
    is_sketch: bool


@dataclass(frozen=True)
class AreaVerdict:
    """A reader's own number for an area, 1..5 in halves, and how far several readings lay apart.

    None with the reason when there is no number that can be used.
    """

    score: float | None
    low: float | None = None
    high: float | None = None
    unscored: str = ""


@dataclass(frozen=True)
class Findings:
    """What a reader that understands prose found itself; without it the rules of agents/findings.py look."""

    red_flags: tuple[Finding, ...] = ()
    differentiators: tuple[Finding, ...] = ()
    criteria: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """Everything a reader proposes about one transcript. `unreadable` says why it could not be read at all.

    `areas` are its own numbers; where there are none, an area's score follows from its points alone. `taken_over_by`
    names the reader that did the work in another's place. `raised` are the areas that questions and answers touch: what
    was asked about in a transcript without directives; `heard`: there, point -> probability that it was said, also of
    those that were not claimed.
    """

    claims: tuple[Claim, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    turns: tuple[ReadTurn, ...] = ()
    unreadable: str | None = None
    areas: Mapping[str, AreaVerdict] | None = None
    raised: frozenset[str] = frozenset()
    heard: Mapping[str, float] = field(default_factory=dict)
    findings: Findings | None = None
    work: Work | None = None
    taken_over_by: Reader | None = None


class Reader(Protocol):
    """Proposes levels and quotes. `estimate` is what its scorecards call themselves."""

    @property
    def name(self) -> str: ...

    @property
    def estimate(self) -> str: ...

    def read(self, transcript: Transcript) -> Reading: ...


class LocalReader:
    """Reads with the local observer, turn by turn, knowing the question each answer was given to."""

    name = "local"
    estimate = "practice estimate"

    def __init__(self, observer: LocalObserver) -> None:
        self.observer = observer

    def read(self, transcript: Transcript) -> Reading:
        """The same transcript always yields the same reading. Raises EmbedderUnavailable."""
        claims: list[Claim] = []
        turns: list[ReadTurn] = []
        for turn, exchange, ceilings in hinted(transcript):
            seen = self.observer.observe(transcript.question, exchange)
            turns.append(ReadTurn(turn.seq, turn.text, exchange.directive, seen, exchange.is_sketch))
            claims += [
                Claim(r.point, min(r.rung, ceilings[r.point]), turn.seq, r.quote, r.probability) for r in seen.reached
            ]
        unreadable = _unreadable(turns)
        if any(t.directive for t in turns):
            return Reading(tuple(claims), _mistakes(turns), tuple(turns), unreadable)
        heard = points_heard(self.observer, transcript, [t.observation.kind for t in turns])
        claims += [Claim(h.point, h.rung, h.turn, h.quote, h.probability) for h in heard if h.rung > Rung.UNSEEN]
        return Reading(
            tuple(claims),
            _mistakes(turns),
            tuple(turns),
            unreadable,
            raised=areas_raised(self.observer, transcript),
            heard={h.point: h.probability for h in heard},
        )


def hinted(transcript: Transcript) -> Iterator[tuple[Turn, Exchange, Mapping[str, Rung]]]:
    """Every candidate turn, the exchange it is part of, and the highest rung per point after the hints so far."""
    ceilings = {p.id: Rung.HELD for p in transcript.question.points}
    for turn, exchange in transcript.exchanges():
        directive = exchange.directive
        if directive and directive.hint_stage:
            for point in transcript.question.hints[directive.hint_stage - 1].points:
                ceilings[point] = min(ceilings[point], HINT_CEILING[directive.hint_stage])
        yield turn, exchange, dict(ceilings)


def _unreadable(turns: list[ReadTurn]) -> str | None:
    foreign = {t.observation.language for t in turns if t.observation.kind is AnswerKind.FOREIGN}
    if not any(t.text.strip() for t in turns):
        return "nothing was said"
    if foreign and not any(t.observation.reached for t in turns):
        return f"the answers are in a language ({', '.join(sorted(foreign))}) that the local panel cannot read"
    return None


def _mistakes(turns: list[ReadTurn]) -> tuple[Mistake, ...]:
    """The first time each wrong claim was made, and what became of it when it was challenged.

    It is taken back by an answer to a challenge that reaches something and after which the claim is not made again.
    """
    found = []
    for claim in dict.fromkeys(w.claim for t in turns for w in t.observation.wrong):
        made = [(t, w) for t in turns for w in t.observation.wrong if w.claim == claim]
        turn, heard = made[0]
        answered = [t for t in turns if t.turn > turn.turn and was_challenged(t, claim)]
        last = max(t.turn for t, _ in made)
        withdrawn = any(t.turn > last and t.observation.reached for t in answered)
        found.append(Mistake(claim, turn.turn, heard.quote, bool(answered), withdrawn))
    return tuple(found)


def was_challenged(turn: ReadTurn, claim: str) -> bool:
    """Whether `turn` answers a question that put this wrong claim to the test."""
    d = turn.directive
    moves = (Move.CHALLENGE, Move.INJECT_CONSEQUENCE, Move.CODE_TRACE)
    return bool(d and d.move in moves and d.cleared and d.cleared.id == claim)
