"""Reads a finished transcript for the assessor: which point was proven how far, by which words.

A reading is a proposal. Nothing in it counts before agents/assessor.py has found every quote in a candidate's turn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from agents.events import AnswerKind, Directive, Observation
from agents.observer import LocalObserver
from agents.state import HINT_CEILING
from agents.transcript import Transcript
from knowledge.terms import Move, Rung


@dataclass(frozen=True)
class Claim:
    """A point, and the quote from turn `turn` that is to prove it at `rung`; `probability` is 0..1."""

    point: str
    rung: Rung
    turn: int
    quote: str
    probability: float


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
class Reading:
    """Everything a reader proposes about one transcript. `unreadable` says why it could not be read at all."""

    claims: tuple[Claim, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    turns: tuple[ReadTurn, ...] = ()
    unreadable: str | None = None
    notes: tuple[str, ...] = field(default=())


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
        ceilings = {p.id: Rung.HELD for p in transcript.question.points}
        claims: list[Claim] = []
        turns: list[ReadTurn] = []
        for turn, exchange in transcript.exchanges():
            directive = exchange.directive
            if directive and directive.hint_stage:
                for point in transcript.question.hints[directive.hint_stage - 1].points:
                    ceilings[point] = min(ceilings[point], HINT_CEILING[directive.hint_stage])
            seen = self.observer.observe(transcript.question, exchange)
            turns.append(ReadTurn(turn.seq, turn.text, directive, seen, exchange.is_sketch))
            claims += [
                Claim(r.point, min(r.rung, ceilings[r.point]), turn.seq, r.quote, r.probability) for r in seen.reached
            ]
        return Reading(tuple(claims), _mistakes(turns), tuple(turns), _unreadable(turns))


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
        answered = [t for t in turns if t.turn > turn.turn and _challenged(t, claim)]
        last = max(t.turn for t, _ in made)
        withdrawn = any(t.turn > last and t.observation.reached for t in answered)
        found.append(Mistake(claim, turn.turn, heard.quote, bool(answered), withdrawn))
    return tuple(found)


def _challenged(turn: ReadTurn, claim: str) -> bool:
    d = turn.directive
    moves = (Move.CHALLENGE, Move.INJECT_CONSEQUENCE, Move.CODE_TRACE)
    return bool(d and d.move in moves and d.cleared and d.cleared.id == claim)
