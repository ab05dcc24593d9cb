"""What the interviewer does next: a pure function from the state of the interview to a directive.

No model, no clock of its own, no chance: the same log always yields the same directive. The order of the rules is the
order of `next_move`. Where they go beyond the interview guide, the reason stands beside the rule.
"""

from __future__ import annotations

from collections.abc import Callable

from agents.challenges import challenge, overdue, unchallenged
from agents.choice import (
    at_hand,
    climb,
    follow_up_for,
    latest_anchor,
    next_point,
    one_rung_up,
    open_question,
    with_target,
)
from agents.events import CANDIDATES_QUESTIONS, AnswerKind, Cleared, Directive, Observation
from agents.pace import LONG_EXCHANGE, minutes_per_exchange, remaining_exchanges, wrap_up_minutes
from agents.state import InterviewState
from knowledge.terms import Move, Rung

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
ASKING = (AnswerKind.FACT_QUESTION, AnswerKind.EVIDENCE_QUESTION)
LEADING = (*CANDIDATES_QUESTIONS, AnswerKind.ATTACK, AnswerKind.FOREIGN, AnswerKind.WANTS_ANSWER, AnswerKind.PASTE)
"""Kinds of answers that call for one of the FLOOR_MOVES."""
STREAK = 3
MOST_WAITS = 4
"""After that a candidate knows that there is room to think."""
SAID_ENOUGH = (Move.SWITCH_LANGUAGE, Move.OWN_WORDS)
"""Requests that do not get better by being made again: after STREAK of them the interviewer goes on with its topics."""
Rule = Callable[[InterviewState, Observation], Directive | None]
PRESSURE_MOVES = (
    Move.CONSTRAIN,
    Move.INJECT_FAILURE,
    Move.CHALLENGE,
    Move.INJECT_CONSEQUENCE,
    Move.CODE_TRACE,
)


def next_move(state: InterviewState) -> Directive | None:
    """The next directive, or None when the interview is over and nothing is left to ask."""
    if not state.asked:
        return Directive(move=Move.OPEN, phase=state.phase, reason="the interview begins")
    if state.used(Move.WRAP_UP) or state.left() <= 0:
        return None
    if state.left() <= wrap_up_minutes(state.opened.minutes, minutes_per_exchange(state)):
        return _wrap_up(state, "little time is left")
    answer = state.last_answer
    seen = (answer.observation if answer else None) or Observation(kind=AnswerKind.STUCK)
    led = state.streak(FLOOR_MOVES) >= STREAK
    first: tuple[Rule, ...] = (overdue, _lead) if led else (_keep_role, overdue, _cover_at_last, _answer_question)
    rest: tuple[Rule, ...] = (_cover, _unstick, challenge, _steer, _press, _move_on, climb, _another_topic, _pressure)
    for rule in (*first, *rest):
        directive = rule(state, seen)
        if directive is not None:
            break
    else:
        directive = _wrap_up(state, "every topic has been covered")
    # The fact asked for is told even where the next question is the interviewer's own.
    if seen.kind in ASKING and directive.move not in (Move.ANSWER, Move.GIVE_EVIDENCE):
        directive = directive.model_copy(update={"told_first": _asked_item(state, seen)})
    return directive


def _wrap_up(state: InterviewState, reason: str) -> Directive:
    phase = "close" if "close" in state.plan else state.phase
    return Directive(move=Move.WRAP_UP, phase=phase, reason=reason).model_copy(update=latest_anchor(state))


def _another_point(state: InterviewState, reason: str) -> Directive | None:
    target = next_point(state)
    return open_question(state, target, reason) if target else None


def _another_topic(state: InterviewState, seen: Observation) -> Directive | None:
    return _another_point(state, "the next topic")


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
    if move in SAID_ENOUGH:  # they name no topic, so that time would pass with nothing asked
        late = _cover_at_last(state, seen)
        if late or state.used(move) >= STREAK:
            return late or _lead(state, seen)
    target = at_hand(state)
    if target and move in state.points[target].moves:
        target = None
    if move is Move.BOUNDARY:  # it puts the topic into words again, so it needs one
        target = target or next_point(state) or _unbounded(state)
        if target is None:
            return None
    detail = seen.language if seen.kind is AnswerKind.FOREIGN else seen.kind.lower()
    return with_target(state, move, target, "the interview stays an interview", detail=detail)


def _unbounded(state: InterviewState) -> str | None:
    known = state.points
    return next((p for p in known if known[p].rung < Rung.JUSTIFIED and Move.BOUNDARY not in known[p].moves), None)


def _answer_question(state: InterviewState, seen: Observation) -> Directive | None:
    cleared = _asked_item(state, seen) if seen.kind in ASKING else None
    if cleared and cleared.id in state.told:
        return None  # told again, but together with a question of the interviewer's
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


def _lead(state: InterviewState, seen: Observation) -> Directive | None:
    """After three turns at the candidate's lead the next question is the interviewer's."""
    if seen.kind not in LEADING:
        return None
    return _cover(state, seen) or _another_point(state, "the candidate has led for three turns")


def _asked_item(state: InterviewState, seen: Observation) -> Cleared | None:
    for kind, items in (("fact", state.question.facts), ("evidence", state.question.evidence)):
        for item in items:
            if item.id == seen.asked_item:
                return Cleared(kind="fact" if kind == "fact" else "evidence", id=item.id, text=item.text)
    return None


def _cover(state: InterviewState, seen: Observation) -> Directive | None:
    """Every area of the question gets a question: half of them by half time, all by four fifths of the time."""
    missing = _missing_areas(state)
    behind = state.left() <= 0.5 * state.opened.minutes and len(missing) > len(state.question.areas) / 2
    # What else has to find its turn: a challenge for each wrong claim, and one change of the situation.
    others = len(unchallenged(state)) + (not _pressed(state))
    return _ask_about(state, missing) if behind or _is_late(state, len(missing) + others) else None


def _cover_at_last(state: InterviewState, seen: Observation) -> Directive | None:
    """With just time enough for the missing areas they go before what the candidate asks; a fact is still told."""
    missing = _missing_areas(state)
    return _ask_about(state, missing) if _is_late(state, len(missing)) else None


def _missing_areas(state: InterviewState) -> list[str]:
    return [a for a in state.question.areas if a not in state.asked_areas]


def _is_late(state: InterviewState, questions: int) -> bool:
    """Whether so many questions just fit before four fifths of the time, or before the close, which may come sooner."""
    answer = state.last_answer
    if answer and answer.wants_hint and state.hint_stage < len(state.question.hints):
        return False  # who presses the button gets the hint
    minutes = questions * LONG_EXCHANGE * minutes_per_exchange(state)
    return state.left() - 0.2 * state.opened.minutes <= minutes or remaining_exchanges(state) <= questions


def _ask_about(state: InterviewState, areas: list[str]) -> Directive | None:
    reason = "an area without a question yet"
    target = next_point(state, areas=areas)
    if target:
        return open_question(state, target, reason)
    justified = [p.id for p in state.question.points if p.area in areas and state.points[p.id].rung == Rung.JUSTIFIED]
    return next(filter(None, (one_rung_up(state, p, reason) for p in justified)), None)


def _unstick(state: InterviewState, seen: Observation) -> Directive | None:
    """Room, then a smaller question, then one hint step at a time, then another topic."""
    if seen.kind not in (AnswerKind.STUCK, AnswerKind.NOISE):
        return None
    target, last = at_hand(state), state.asked[-1].directive.move  # type: ignore[union-attr]
    wants_hint = bool(state.last_answer and state.last_answer.wants_hint)
    hinted = wants_hint or last is Move.HINT
    done = state.points[target].moves if target else [last]
    room = Move.WAIT not in done and state.used(Move.WAIT) < MOST_WAITS
    if room and not hinted and (target or state.streak(FLOOR_MOVES) < STREAK):
        detail = "noise" if seen.kind is AnswerKind.NOISE else ""
        return with_target(state, Move.WAIT, target, "room to think", detail=detail)
    if target and not hinted and Move.SPLIT not in done:
        return with_target(state, Move.SPLIT, target, "a smaller step")
    if state.hint_stage < len(state.question.hints) and (target or hinted):
        return _hint(state, wants_hint) or _another_point(state, "a fresh topic")
    return _another_point(state, "a fresh topic")


def _hint(state: InterviewState, wanted: bool) -> Directive | None:
    """The next hint step, aimed at a point it leads to; None when it leads to nothing new and nobody asked for it."""
    hint = state.question.hints[state.hint_stage]
    useful = [
        p for p in hint.points if state.points[p].rung < Rung.JUSTIFIED and Move.HINT not in state.points[p].moves
    ]
    if not useful and not wanted:
        return None
    target = min(useful, key=lambda p: (p != at_hand(state), state.points[p].rung), default=None)
    directive = with_target(state, Move.HINT, target, "a hint")
    cleared = Cleared(kind="hint", id=f"hint-{hint.stage}", text=hint.text)
    return directive.model_copy(update={"cleared": cleared, "hint_stage": hint.stage})


def _steer(state: InterviewState, seen: Observation) -> Directive | None:
    """Back to the question when an answer rambles or leaves it."""
    if seen.kind not in (AnswerKind.RAMBLE, AnswerKind.OFF_TOPIC):
        return None
    target = at_hand(state)
    if target is None or Move.REDIRECT in state.points[target].moves or state.points[target].rung > 0:
        target = next_point(state)
    if target is None:
        return None
    return with_target(state, Move.REDIRECT, target, "back to the topic", detail=seen.kind.lower())


def _press(state: InterviewState, seen: Observation) -> Directive | None:
    """Even the best candidate meets one changed constraint or failure before the end: a ready one of the question's own
    from six tenths of the time, any from eight or with two questions to go."""
    share = state.elapsed() / state.opened.minutes
    last_chance = share >= 0.8 or remaining_exchanges(state) <= 2
    return _pressure(state, seen, ready_only=not last_chance) if share >= 0.6 or last_chance else None


def _pressed(state: InterviewState) -> bool:
    return any(state.used(m) for m in PRESSURE_MOVES)


def _pressure(state: InterviewState, seen: Observation, ready_only: bool = False) -> Directive | None:
    if _pressed(state):
        return None
    standing = {p: k for p, k in state.points.items() if k.rung in (Rung.EXPLAINED, Rung.JUSTIFIED)}
    choices = [(f.point, f.move) for f in state.question.follow_ups if f.move in (Move.CONSTRAIN, Move.INJECT_FAILURE)]
    if not ready_only and state.question.category != "Behavioral":
        latest = max(standing, key=lambda p: (standing[p].reached_at, standing[p].rung), default="")
        choices.append((latest, Move.CONSTRAIN))
    for point, move in choices:
        if point in standing:
            directive = with_target(state, move, point, "a change of the situation")
            cleared = follow_up_for(state, point, move)
            # Without a follow-up made for it a change goes to the whole plan, not to whatever was spoken of last.
            return directive.model_copy(update={"cleared": cleared} if cleared else {"anchor": ""})
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
