"""What the interviewer does next: a pure function from the state of the interview to a directive.

No model, no clock of its own, no chance: the same log always yields the same directive. The order of the rules is the
order of `next_move`. Where they go beyond the interview guide, the reason stands beside the rule.
"""

from __future__ import annotations

from agents.choice import climb, follow_up_for, next_point, open_question, with_target
from agents.events import AnswerKind, Cleared, Directive, Observation
from agents.phases import MINUTES_PER_EXCHANGE, exchanges
from agents.state import InterviewState
from knowledge.question import WrongClaim
from knowledge.terms import Move

FLOOR_MOVES = (
    Move.BOUNDARY,
    Move.ANSWER,
    Move.GIVE_EVIDENCE,
    Move.RETURN_DECISION,
    Move.CONCEDE,
    Move.SWITCH_LANGUAGE,
    Move.OWN_WORDS,
)
"""Moves that follow the candidate's lead. Three in a row, and the interviewer takes the lead again."""
STREAK = 3
MOST_CHALLENGES = 2
PRESSURE_MOVES = (
    Move.CONSTRAIN,
    Move.INJECT_FAILURE,
    Move.CHALLENGE,
    Move.INJECT_CONSEQUENCE,
    Move.CODE_TRACE,
)


def wrap_up_minutes(total: float, pace: str) -> float:
    """How much of `total` minutes is kept for the close: 5 %, at least two, at most 35 %.

    And at least one and a quarter exchanges at the interview's pace: a question asked with less time than its answer takes
    would push the close over the end.
    """
    return min(max(2.0, 0.05 * total, 1.25 * MINUTES_PER_EXCHANGE[pace]), 0.35 * total)


def remaining_exchanges(state: InterviewState) -> int:
    """How many questions fit before the close, at least one."""
    kept = wrap_up_minutes(state.opened.minutes, state.opened.pace)
    return exchanges(state.left() - kept, state.opened.pace)


def next_move(state: InterviewState) -> Directive | None:
    """The next directive, or None when the interview is over and nothing is left to ask."""
    if not state.asked:
        return Directive(move=Move.OPEN, phase=state.phase, reason="the interview begins")
    if state.used(Move.WRAP_UP) or state.left() <= 0:
        return None
    if state.left() <= wrap_up_minutes(state.opened.minutes, state.opened.pace):
        return _wrap_up(state, "little time is left")
    answer = state.last_answer
    seen = (answer.observation if answer else None) or Observation(kind=AnswerKind.STUCK)
    led = state.streak(FLOOR_MOVES) >= STREAK
    for rule in (
        None if led else _keep_role,
        _answer_and_lead if led else _answer_question,
        _cover,
        _unstick,
        _challenge,
        _steer,
        _press,
        _move_on,
    ):
        directive = rule(state, seen) if rule else None
        if directive is not None:
            return directive
    return (
        climb(state, seen) or _another_point(state, "the next topic") or _wrap_up(state, "every topic has been covered")
    )


def _wrap_up(state: InterviewState, reason: str) -> Directive:
    phase = "close" if "close" in state.plan else state.phase
    return Directive(move=Move.WRAP_UP, phase=phase, reason=reason)


def _another_point(state: InterviewState, reason: str) -> Directive | None:
    target = next_point(state)
    return open_question(state, target, reason) if target else None


def _keep_role(state: InterviewState, seen: Observation) -> Directive | None:
    """Instructions, other languages and requests for the solution change nothing about the interview."""
    move = {
        AnswerKind.ATTACK: Move.BOUNDARY,
        AnswerKind.FOREIGN: Move.SWITCH_LANGUAGE,
        AnswerKind.WANTS_ANSWER: Move.BOUNDARY,
        AnswerKind.PASTE: Move.OWN_WORDS,
    }.get(seen.kind)
    if move is None:
        return None
    target = state.directive.target if state.directive else None
    if target is None or move in state.points[target].moves:
        target = next_point(state) or target
    detail = seen.language if seen.kind is AnswerKind.FOREIGN else seen.kind.lower()
    return with_target(state, move, target, "the interview stays an interview", detail=detail)


def _answer_question(state: InterviewState, seen: Observation) -> Directive | None:
    cleared = _asked_item(state, seen)
    move = {
        AnswerKind.FACT_QUESTION: Move.ANSWER,
        AnswerKind.EVIDENCE_QUESTION: Move.GIVE_EVIDENCE,
        AnswerKind.OPEN_QUESTION: Move.RETURN_DECISION,
        AnswerKind.DECISION_QUESTION: Move.RETURN_DECISION,
        AnswerKind.DISPUTE: Move.CONCEDE,
    }.get(seen.kind)
    if move is None:
        return None
    if move in (Move.ANSWER, Move.GIVE_EVIDENCE) and cleared is None:
        move = Move.RETURN_DECISION
    detail = "open" if seen.kind is AnswerKind.OPEN_QUESTION else ""
    return Directive(
        move=move,
        phase=state.phase,
        anchor=seen.anchor,
        anchor_quote=seen.anchor_quote,
        cleared=cleared,
        detail=detail,
        reason="the candidate asked",
    )


def _answer_and_lead(state: InterviewState, seen: Observation) -> Directive | None:
    """After three turns at the candidate's lead the fact is still told, but the next question is the interviewer's."""
    asking = (AnswerKind.FACT_QUESTION, AnswerKind.EVIDENCE_QUESTION, AnswerKind.OPEN_QUESTION)
    leading = (AnswerKind.DECISION_QUESTION, AnswerKind.DISPUTE, AnswerKind.ATTACK, AnswerKind.FOREIGN)
    if seen.kind not in (*asking, *leading, AnswerKind.WANTS_ANSWER, AnswerKind.PASTE):
        return None
    directive = _another_point(state, "the candidate has led for three turns")
    return directive and directive.model_copy(update={"told_first": _asked_item(state, seen)})


def _asked_item(state: InterviewState, seen: Observation) -> Cleared | None:
    for kind, items in (("fact", state.question.facts), ("evidence", state.question.evidence)):
        for item in items:
            if item.id == seen.asked_item:
                return Cleared(kind="fact" if kind == "fact" else "evidence", id=item.id, text=item.text)
    return None


def _cover(state: InterviewState, seen: Observation) -> Directive | None:
    """Every area of the question gets a question: half of them by half time, all when a fifth is left."""
    missing = [a for a in state.question.areas if a not in state.asked_areas]
    if not missing:
        return None
    left, total = state.left(), state.opened.minutes
    remaining = remaining_exchanges(state)
    behind = left <= 0.5 * total and len(missing) > len(state.question.areas) / 2
    # At typing speed a fifth of the time may hold fewer questions than there are areas missing, so count those too.
    if not (behind or left <= 0.2 * total or remaining <= len(missing)):
        return None
    target = next_point(state, areas=missing)
    return open_question(state, target, "an area without a question yet") if target else None


def _unstick(state: InterviewState, seen: Observation) -> Directive | None:
    """Room, then a smaller question, then one hint step at a time, then another topic."""
    if seen.kind not in (AnswerKind.STUCK, AnswerKind.NOISE):
        return None
    target = state.directive.target if state.directive else None
    wants_hint = bool(state.last_answer and state.last_answer.wants_hint)
    detail = "noise" if seen.kind is AnswerKind.NOISE else ""
    done = state.points[target].moves if target else [state.asked[-1].directive.move]  # type: ignore[union-attr]
    if not wants_hint and Move.WAIT not in done:
        return with_target(state, Move.WAIT, target, "room to think", detail=detail)
    if target and not wants_hint and Move.SPLIT not in done:
        return with_target(state, Move.SPLIT, target, "a smaller step")
    if state.hint_stage < len(state.question.hints) and (target or wants_hint):
        return _hint(state)
    return _another_point(state, "a fresh topic")


def _hint(state: InterviewState) -> Directive:
    hint = state.question.hints[state.hint_stage]
    open_points = [p for p in hint.points if state.points[p].rung == 0]
    target = (open_points or list(hint.points))[0]
    directive = with_target(state, Move.HINT, target, "a hint")
    cleared = Cleared(kind="hint", id=f"hint-{hint.stage}", text=hint.text)
    return directive.model_copy(update={"cleared": cleared, "hint_stage": hint.stage})


def _challenge(state: InterviewState, seen: Observation) -> Directive | None:
    """A wrong claim is challenged by its probe and, if repeated, once more from another side; then it is recorded."""
    heard = {w.claim for w in seen.wrong}
    for claim in state.question.wrong_claims:
        times = state.challenges.get(claim.id)
        if times is None or times >= MOST_CHALLENGES or (times > 0 and claim.id not in heard):
            continue
        return _challenge_move(state, seen, claim, times)
    return None


def _challenge_move(state: InterviewState, seen: Observation, claim: WrongClaim, times: int) -> Directive:
    first = {"Coding": Move.CODE_TRACE, "Debugging": Move.INJECT_CONSEQUENCE}.get(
        state.question.category, Move.CHALLENGE
    )
    second = Move.INJECT_CONSEQUENCE if first is Move.CHALLENGE else Move.CHALLENGE
    quote = next((w.quote for w in seen.wrong if w.claim == claim.id), "")
    directive = with_target(state, second if times else first, claim.point, "a claim with consequences")
    text = claim.probe if not times else ""
    return directive.model_copy(
        update={
            "anchor": seen.anchor,
            "anchor_quote": quote or seen.anchor_quote,
            "cleared": Cleared(kind="probe", id=claim.id, text=text),
        }
    )


def _steer(state: InterviewState, seen: Observation) -> Directive | None:
    """Back to the question when an answer rambles or leaves it."""
    if seen.kind not in (AnswerKind.RAMBLE, AnswerKind.OFF_TOPIC):
        return None
    target = state.directive.target if state.directive else None
    if target is None or Move.REDIRECT in state.points[target].moves or state.points[target].rung > 0:
        target = next_point(state)
    if target is None:
        return None
    return with_target(state, Move.REDIRECT, target, "back to the topic", detail=seen.kind.lower())


def _press(state: InterviewState, seen: Observation) -> Directive | None:
    """Even the best candidate meets one changed constraint or failure before the end."""
    if state.elapsed() < 0.6 * state.opened.minutes or any(state.used(m) for m in PRESSURE_MOVES):
        return None
    for follow_up in state.question.follow_ups:
        if follow_up.move in (Move.CONSTRAIN, Move.INJECT_FAILURE) and state.points[follow_up.point].rung >= 2:
            directive = with_target(state, follow_up.move, follow_up.point, "a change of the situation")
            return directive.model_copy(update={"cleared": follow_up_for(state, follow_up.point, follow_up.move)})
    return None


def _move_on(state: InterviewState, seen: Observation) -> Directive | None:
    """Out of a phase that has had one and a half times its minutes, or that eats the turns of those still to come."""
    budget = state.plan.get(state.phase, 0.0)
    waiting = [p for p in state.question.phases if p not in state.visited_phases and next_point(state, phases=[p])]
    if not waiting or state.directive is None or state.directive.move is Move.OPEN:
        return None
    remaining = remaining_exchanges(state)
    over = state.phase_minutes.get(state.phase, 0.0) > 1.5 * budget
    if not over and remaining > len(waiting):
        return None
    target = next_point(state, phases=waiting)
    return open_question(state, target, "time for the next part") if target else None
