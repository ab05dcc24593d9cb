"""Wrong claims: each one heard is challenged by its probe, a scenario that never holds the correction.

A probe does no harm to whoever was right: it is a case to show it on. So it is put for doubtful claims, too, once; only
a claim that was surely made is taken up again, and only such a one can lower the score.
"""

from __future__ import annotations

from agents.anchors import anchor, length_as_rarity
from agents.choice import with_target
from agents.events import AnswerKind, Cleared, Directive, Observation
from agents.state import InterviewState
from knowledge.question import WrongClaim
from knowledge.terms import Move, Rung

MOST_CHALLENGES = 2


def unchallenged(state: InterviewState) -> list[WrongClaim]:
    """Wrong claims that were heard and not challenged yet, the doubtful ones last."""
    sure = {w.claim for t in state.turns if t.observation for w in t.observation.wrong}
    waiting = [c for c in state.question.wrong_claims if state.challenges.get(c.id) == 0]
    return sorted(waiting, key=lambda c: c.id not in sure)


def overdue(state: InterviewState, seen: Observation) -> Directive | None:
    """A claim that has waited for a turn already goes before facts, coverage and everything else that can wait."""
    wants_hint = bool(state.last_answer and state.last_answer.wants_hint)
    if wants_hint or seen.kind in (AnswerKind.NOISE, AnswerKind.FOREIGN):
        return None
    fresh = {w.claim for w in (*seen.wrong, *seen.doubtful)}
    waiting = [c for c in unchallenged(state) if c.id not in fresh or len(_heard_in(state, c.id)) > 1]
    return challenge_move(state, waiting[0], 0) if waiting else None


def challenge(state: InterviewState, seen: Observation) -> Directive | None:
    """A wrong claim is challenged by its probe and, if repeated, once more from another side; then it is recorded."""
    waiting = unchallenged(state)
    if waiting:
        return challenge_move(state, waiting[0], 0)
    heard = {w.claim for w in seen.wrong}
    for claim in state.question.wrong_claims:
        times = state.challenges.get(claim.id, 0)
        if claim.id in heard and times < MOST_CHALLENGES:
            return challenge_move(state, claim, times)
    return None


def _heard_in(state: InterviewState, claim: str) -> list[str]:
    """The quotes in which a wrong claim was heard, in order."""
    seen = [t.observation for t in state.turns if t.observation]
    return [w.quote for o in seen for w in (*o.wrong, *o.doubtful) if w.claim == claim]


def challenge_move(state: InterviewState, claim: WrongClaim, times: int) -> Directive:
    """The question that puts `claim` to the test, after `times` others."""
    first = {"Coding": Move.CODE_TRACE, "Debugging": Move.INJECT_CONSEQUENCE}.get(
        state.question.category, Move.CHALLENGE
    )
    second = Move.INJECT_CONSEQUENCE if first is Move.CHALLENGE else Move.CHALLENGE
    move = second if times else first
    point = state.points[claim.point]
    # The claim is challenged whatever became of its point; the point itself is not questioned twice, or once it stands.
    settled = point.rung >= Rung.JUSTIFIED or move in point.moves
    directive = with_target(state, move, None if settled else claim.point, "a claim with consequences")
    quote = (_heard_in(state, claim.id) or [""])[-1]
    return directive.model_copy(
        update={
            "topic": state.question.point(claim.point).topic,
            "anchor": anchor(quote, length_as_rarity),
            "anchor_quote": quote,
            "cleared": Cleared(kind="probe", id=claim.id, text="" if times else claim.probe),
        }
    )
