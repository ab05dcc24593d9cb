"""Follow-ups to an answer, for people who interview: what to ask, on which words it hangs, what a strong reply has.

The rules are those of the interview itself: the answer is heard by the panel's observer, the questions are directives
of the policy's own making (agents/choice.py, agents/challenges.py), worded by the panel's interviewer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, zip_longest

from agents.anchors import anchor, length_as_rarity
from agents.challenges import challenge_move
from agents.choice import one_rung_up, open_question, value
from agents.events import AnswerKind, Asked, Directive, Observed, Opened, Said
from agents.observer import Exchange
from agents.panel import Panel
from agents.session import LONGEST_ANSWER, cleaned
from agents.state import InterviewState, fold
from knowledge.question import Point, Question
from knowledge.terms import Level, Move
from knowledge.words import content_stems, sentences

MOST = 5
_UNREADABLE = {
    AnswerKind.FOREIGN: "The answer is in a language that this panel cannot read: put it into English.",
    AnswerKind.NOISE: "The answer holds no words that could be read: write it in plain sentences.",
    AnswerKind.STUCK: "There is no answer to hang a question on: write down what the candidate said.",
}
_STRONG = {
    Move.DEEPEN: "The mechanism step by step, not its name again.",
    Move.NUMBER: "A figure with its derivation, and what it decides.",
    Move.JUSTIFY: "A reason that belongs to this problem, and what the choice costs.",
    Move.COMPARE: "A real alternative, and the condition under which it would win.",
    Move.CONSTRAIN: "What gives way first and what is kept, with the consequence for people.",
    Move.INJECT_FAILURE: "What people notice, what the system does by itself, and who acts.",
    Move.EXPERIENCE: "A case of their own with what went badly and what came of it.",
}
"""What makes a reply to a move strong, whatever it is about."""


class NothingToAsk(ValueError):  # noqa: N818 - reads as what it is
    """The answer holds nothing that a follow-up could hang on; the message says why and what to do."""


@dataclass(frozen=True)
class FollowUp:
    """A question to ask next. `span == answer[start:end]`; `warning` says what is wrong with it, "" for sound words."""

    text: str
    span: str
    start: int
    end: int
    move: Move
    area: str
    point: str
    title: str
    strong: str
    warning: str = ""


def follow_ups(
    question: Question, answer: str, panel: Panel, level: Level | None = None, most: int = MOST
) -> list[FollowUp]:
    """Up to `most` follow-ups to `answer`, the most valuable first, no two about one point.

    `level` is the candidate's, by default the question's. Raises NothingToAsk for what is empty, unreadable or longer
    than LONGEST_ANSWER characters.
    """
    text = cleaned(answer)
    if len(text) > LONGEST_ANSWER:
        raise NothingToAsk(f"The answer has {len(text):,} characters; {LONGEST_ANSWER:,} can be read at once.")
    state = _heard(question, text, panel, level or question.difficulty)
    found: list[FollowUp] = []
    for directive, warning in _directives(state):
        if len(found) == most:
            break
        point = question.point(directive.target or "")
        if any(f.point == point.id for f in found):
            continue
        said = panel.interviewer.speak(state, directive).text
        start = text.index(directive.anchor_quote)
        found.append(
            FollowUp(
                text=said,
                span=directive.anchor_quote,
                start=start,
                end=start + len(directive.anchor_quote),
                move=directive.move,
                area=point.area,
                point=point.id,
                title=point.title,
                strong=_strong(question, directive, point),
                warning=warning,
            )
        )
        _note(state, directive, said)
    return found


def _heard(question: Question, text: str, panel: Panel, level: Level) -> InterviewState:
    """The state of an interview in which `text` was the first answer."""
    now = datetime(2000, 1, 1, tzinfo=UTC)  # any: the same answer always gets the same questions
    opened = Opened(
        seq=0,
        at=now,
        question_id=question.id,
        question_source=question.source,
        level=level,
        minutes=question.minutes,
        pace="spoken",
        rubric="none",
        panel=panel.name,
    )
    seen = panel.observer.observe(question, Exchange("", None, text))
    if seen.kind in _UNREADABLE or not sentences(text):
        raise NothingToAsk(_UNREADABLE.get(seen.kind, _UNREADABLE[AnswerKind.STUCK]))
    best = max(seen.reached, key=lambda r: (r.rung, r.probability), default=None)
    phase = question.point(best.point).phase if best else question.phases[0]
    directive = Directive(move=Move.OPEN, phase=phase)
    return fold(
        [
            opened,
            Asked(seq=1, at=now, directive=directive, text=question.statement, worded_by=panel.interviewer.name),
            Said(seq=2, at=now, text=text),
            Observed(seq=3, at=now, observation=seen),
        ]
    )


def _note(state: InterviewState, directive: Directive, text: str) -> None:
    """Counts the question as asked, so that the next one is worded in another way."""
    assert state.last_at is not None
    state.apply(Asked(seq=state.last_seq + 1, at=state.last_at, directive=directive, text=text, worded_by="prober"))


def _directives(state: InterviewState) -> Iterator[tuple[Directive, str]]:
    """(directive, warning), the best first: what is wrong; then, in turns, what was said and what is missing."""
    answer = state.last_answer
    assert answer is not None
    assert answer.observation is not None
    seen = answer.observation
    for heard in seen.wrong:
        yield _about_claim(state, heard.claim)
    ranked = sorted(state.question.points, key=lambda p: value(state, p), reverse=True)
    reached = [p for p in ranked if state.points[p.id].rung]
    missing = [p for p in ranked if not state.points[p.id].rung]
    climbs = (d for p in reached if (d := one_rung_up(state, p.id, "one step further")) is not None)
    others = chain(
        (_about_claim(state, heard.claim) for heard in seen.doubtful[:1]),
        ((_opened(state, p, answer.text), "") for p in missing),
    )
    for climb, other in zip_longest(climbs, others):
        if climb is not None:
            yield climb, ""
        if other is not None:
            yield other


def _about_claim(state: InterviewState, claim_id: str) -> tuple[Directive, str]:
    claim = next(c for c in state.question.wrong_claims if c.id == claim_id)
    sure = any(w.claim == claim_id for t in state.turns if t.observation for w in t.observation.wrong)
    directive = challenge_move(state, claim, 0).model_copy(update={"target": claim.point})
    return directive, claim.consequence if sure else ""


def _opened(state: InterviewState, point: Point, text: str) -> Directive:
    """A question about a point that was not reached, hung on the sentence that comes nearest to it."""
    spoken = sentences(text)
    wanted = set(content_stems(" ".join((point.title, point.topic, point.text, *point.wordings))))
    near = max(spoken, key=lambda s: (len(wanted & set(content_stems(s.text))) / (4 + len(s.text.split())), s.start))
    directive = open_question(state, point.id, "not spoken of yet")
    if directive.move is Move.CLOSE_PHASE:  # it speaks of the clock, which is not ours here
        directive = directive.model_copy(update={"move": Move.EXPLORE})
    return directive.model_copy(update={"anchor": anchor(near.text, length_as_rarity), "anchor_quote": near.text})


def _strong(question: Question, directive: Directive, point: Point) -> str:
    own = directive.cleared.id if directive.cleared and directive.cleared.kind == "follow_up" else None
    for follow_up in question.follow_ups:
        if follow_up.id == own:
            return follow_up.strong
    parts: Sequence[str] = (point.text, _STRONG.get(directive.move, ""))
    return " ".join(part for part in parts if part)
