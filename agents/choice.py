"""Which point comes next and how it is taken up: one rung of the ladder, or the most valuable point not reached."""

from __future__ import annotations

from collections.abc import Collection

from agents.events import AnswerKind, Cleared, Directive, Observation
from agents.state import InterviewState
from knowledge.question import Point
from knowledge.terms import PHASES, Level, Move, Rung

MOST_PROBES = {Level.INTERMEDIATE: 2, Level.ADVANCED: 3, Level.EXPERT: 4}
"""Most questions in a row about one point, whatever its rung."""
MOST_EXPERIENCE = 2
HAND_BACK = (
    Move.ANSWER,
    Move.GIVE_EVIDENCE,
    Move.RETURN_DECISION,
    Move.CONCEDE,
    Move.SWITCH_LANGUAGE,
    Move.OWN_WORDS,
    Move.WAIT,
)
"""Moves that only hand the floor back: the point that was asked about before them is still at hand."""
_CLIMB: dict[Level, dict[Rung, tuple[Move, ...]]] = {
    Level.INTERMEDIATE: {
        Rung.MENTIONED: (Move.DEEPEN,),
        Rung.EXPLAINED: (Move.JUSTIFY,),
        Rung.JUSTIFIED: (Move.CONSTRAIN,),
    },
    Level.ADVANCED: {
        Rung.MENTIONED: (Move.DEEPEN,),
        Rung.EXPLAINED: (Move.JUSTIFY, Move.COMPARE),
        Rung.JUSTIFIED: (Move.CONSTRAIN, Move.INJECT_FAILURE),
    },
    Level.EXPERT: {
        Rung.MENTIONED: (Move.DEEPEN,),
        Rung.EXPLAINED: (Move.COMPARE, Move.JUSTIFY),
        Rung.JUSTIFIED: (Move.CONSTRAIN, Move.INJECT_FAILURE),
    },
}


def need(level: Level, point: Point) -> float:
    """How much a point counts at a level: 1 when it is expected there, half and a quarter above."""
    return float(0.5 ** max(0, point.level.order - level.order))


def next_point(
    state: InterviewState, areas: Collection[str] | None = None, phases: Collection[str] | None = None
) -> str | None:
    """The most valuable point that no question has been asked about; None when there is none.

    Value = weight of the area (the question's main area counts most) x need at the level x (1 - rung/4) x phase fit;
    ties go to what the candidate mentioned last, then to the question's own order.
    """
    asked = set(state.asked_points)
    open_points = [
        p
        for p in state.question.points
        if p.id not in asked
        and state.points[p.id].rung < Rung.JUSTIFIED
        and (areas is None or p.area in areas)
        and (phases is None or p.phase in phases)
    ]
    if not open_points:
        return None
    return max(open_points, key=lambda p: (value(state, p), state.points[p.id].reached_at)).id


def last_target(state: InterviewState) -> str | None:
    """The point that the candidate is answering to: the last question's, whatever was told or returned since."""
    for turn in reversed(state.asked):
        if turn.directive and (turn.directive.target or turn.directive.move not in HAND_BACK):
            return turn.directive.target
    return None


def at_hand(state: InterviewState) -> str | None:
    """The last target while it may be asked about in other words: once justified, only a change comes back to it."""
    target = last_target(state)
    return target if target and state.points[target].rung < Rung.JUSTIFIED else None


def value(state: InterviewState, point: Point) -> float:
    """How much a question about `point` is worth now; see `next_point`."""
    areas = state.question.areas
    weight = 1.0 - 0.15 * areas.index(point.area)
    return weight * need(state.opened.level, point) * (1 - state.points[point.id].rung / 4) * _phase_fit(state, point)


def _phase_fit(state: InterviewState, point: Point) -> float:
    """1 in the phase at hand, falling with the distance ahead, low behind it and where the minutes are used up."""
    order = PHASES[state.question.category]
    here = order.index(state.phase) if state.phase in order else 0
    distance = order.index(point.phase) - here
    spent = state.phase_minutes.get(point.phase, 0.0) >= state.plan.get(point.phase, 0.0)
    fit = 0.7**distance if distance >= 0 else 0.3
    return float(fit * (0.2 if spent else 1.0))


def with_target(state: InterviewState, move: Move, target: str | None, reason: str, detail: str = "") -> Directive:
    """A directive about `target`, hung on what the candidate last said about it."""
    if target is None:
        return Directive(move=move, phase=state.phase, reason=reason, detail=detail)
    point, known = state.question.point(target), state.points[target]
    return Directive(
        move=move,
        phase=point.phase,
        target=target,
        topic=point.topic,
        anchor=known.anchor,
        anchor_quote=known.anchor_quote,
        reason=reason,
        detail=detail,
    )


def open_question(state: InterviewState, target: str, reason: str) -> Directive:
    """The first question about a point: up the ladder if the candidate has just spoken of it or explained it before,
    its neutral topic if not."""
    known = state.points[target]
    fresh = state.last_answer is not None and known.reached_at == state.last_answer.seq
    if known.rung >= Rung.EXPLAINED or (known.rung and fresh):
        directive = one_rung_up(state, target, reason)
        if directive is not None:
            return directive
    point = state.question.point(target)
    move = Move.EXPLORE
    if point.phase == "sizing":
        move = Move.NUMBER
    elif point.phase != state.phase and len(state.asked) > 1:
        move = Move.CLOSE_PHASE
    directive = with_target(state, move, target, reason)
    return directive.model_copy(update={"cleared": follow_up_for(state, target, move), **latest_anchor(state)})


def latest_anchor(state: InterviewState) -> dict[str, str]:
    """The anchor and its quote of the last answer, as fields of a directive."""
    seen = state.last_answer.observation if state.last_answer else None
    return {"anchor": seen.anchor, "anchor_quote": seen.anchor_quote} if seen else {}


def climb(state: InterviewState, seen: Observation) -> Directive | None:
    """One rung up on the point at hand, as far as the level and the number of probes allow."""
    focus = _focus(state, seen)
    if focus is None:
        return _sharpen(state, seen)
    if last_target(state) == focus and state.probes_in_a_row() >= MOST_PROBES[state.opened.level]:
        return None
    if seen.claims_experience and _may_ask_experience(state, focus):
        directive = with_target(state, Move.EXPERIENCE, focus, "the candidate spoke of practice")
        return directive.model_copy(update={"cleared": follow_up_for(state, focus, Move.EXPERIENCE)})
    return one_rung_up(state, focus, "one step further")


def _focus(state: InterviewState, seen: Observation) -> str | None:
    """The point to stay on: the one that was asked about if the answer reached it, else the best one it reached."""
    reached = [r.point for r in seen.reached]
    target = last_target(state)
    if target in reached and state.points[target].rung < Rung.HELD:
        return target
    fresh = [p for p in reached if state.points[p].rung < Rung.JUSTIFIED and p not in state.asked_points]
    return max(fresh, key=lambda p: value(state, state.question.point(p)), default=None)


def _sharpen(state: InterviewState, seen: Observation) -> Directive | None:
    """Nothing was reached: ask once for a number or for what is meant, then leave the point."""
    target = at_hand(state)
    if target is None or seen.kind is not AnswerKind.VAGUE:
        return None
    moves = [Move.QUANTIFY] if seen.adjective else [Move.CLARIFY]
    if state.opened.level is Level.EXPERT and seen.adjective:
        moves.append(Move.NUMBER)
    done = state.points[target].moves
    vague = {Move.QUANTIFY, Move.CLARIFY, Move.NUMBER}
    for move in moves:
        if move in done or (len(moves) == 1 and vague & set(done)):
            continue
        directive = with_target(state, move, target, "the answer left it open", detail=seen.adjective)
        hung = latest_anchor(state)
        if move is Move.QUANTIFY:
            hung["anchor"] = f'"{seen.adjective}"'  # the very word that stands where a number should
        return directive.model_copy(update={"cleared": follow_up_for(state, target, move), **hung})
    return None


def one_rung_up(state: InterviewState, target: str, reason: str) -> Directive | None:
    """The move that takes `target` one rung up at this level, None when all were made or none is left."""
    known, level = state.points[target], state.opened.level
    moves = _CLIMB[level].get(known.rung, ())
    if known.rung == Rung.MENTIONED and state.question.point(target).phase == "sizing":
        moves = (Move.NUMBER, *moves)  # a size that was only named lacks its estimate, not its mechanism
    if known.rung == Rung.JUSTIFIED and level is not Level.INTERMEDIATE and _may_ask_experience(state, target):
        moves = (*moves, Move.EXPERIENCE)
    for move in moves:
        if move in known.moves or not _allowed(state, move, target):
            continue
        directive = with_target(state, move, target, reason)
        return directive.model_copy(update={"cleared": follow_up_for(state, target, move)})
    return None


def _allowed(state: InterviewState, move: Move, target: str) -> bool:
    """CONSTRAIN comes once per interview at Intermediate; a change comes once per point below Expert."""
    if move not in (Move.CONSTRAIN, Move.INJECT_FAILURE):
        return True
    if state.question.category == "Behavioral":  # what happened cannot be changed, unless the question knows how
        return follow_up_for(state, target, move) is not None
    if state.opened.level is Level.INTERMEDIATE:
        return state.used(Move.CONSTRAIN) == 0
    if state.opened.level is Level.ADVANCED:
        done = {Move.CONSTRAIN, Move.INJECT_FAILURE} & set(state.points[target].moves)
        prefers_other = follow_up_for(state, target, Move.INJECT_FAILURE) and move is Move.CONSTRAIN
        return not done and not (prefers_other and follow_up_for(state, target, move) is None)
    return True


def _may_ask_experience(state: InterviewState, target: str) -> bool:
    done = state.used(Move.EXPERIENCE)
    return done < MOST_EXPERIENCE and Move.EXPERIENCE not in state.points[target].moves


def follow_up_for(state: InterviewState, target: str, move: Move) -> Cleared | None:
    """The question's own follow-up for this point and move, if it has one that was not asked yet."""
    for follow_up in state.question.follow_ups:
        if (follow_up.point, follow_up.move) == (target, move) and follow_up.id not in state.told:
            return Cleared(kind="follow_up", id=follow_up.id, text=follow_up.text)
    return None
