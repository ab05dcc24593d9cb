"""What moves, rungs, verdicts and conditions are called for people; the pages and the reports share these words.

Pure and small: no Markdown, no drawing. Nothing here is ever said by the interviewer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.scorecard import PointResult, Scorecard
from agents.state import InterviewState, Turn
from agents.work import Usage
from knowledge.terms import PHASE_NAMES, Move, Rung

PRACTICE_ONLY = "Practice only; not for hiring decisions."

MOVES = {
    Move.OPEN: "Opening",
    Move.EXPLORE: "New topic",
    Move.ANSWER: "Gave a fact",
    Move.RETURN_DECISION: "Handed the decision back",
    Move.CLARIFY: "Asked what was meant",
    Move.QUANTIFY: "Asked for a figure",
    Move.NUMBER: "Asked for an estimate",
    Move.DEEPEN: "Asked how it works",
    Move.JUSTIFY: "Asked why",
    Move.COMPARE: "Asked for the alternative",
    Move.CONSTRAIN: "Changed a constraint",
    Move.INJECT_FAILURE: "Let something fail",
    Move.CHALLENGE: "Tested a claim",
    Move.EXPERIENCE: "Asked for experience",
    Move.REDIRECT: "Steered elsewhere",
    Move.WAIT: "Left room to think",
    Move.SPLIT: "Made the question smaller",
    Move.HINT: "Gave a hint",
    Move.GIVE_EVIDENCE: "Showed evidence",
    Move.CODE_TRACE: "Asked to trace the code",
    Move.INJECT_CONSEQUENCE: "Asked what would follow",
    Move.OWN_WORDS: "Asked for own words",
    Move.SWITCH_LANGUAGE: "Asked for English",
    Move.BOUNDARY: "Kept to the interview",
    Move.CONCEDE: "Accepted an objection",
    Move.CLOSE_PHASE: "Moved on",
    Move.WRAP_UP: "Closing question",
}

RUNGS = {
    Rung.UNSEEN: "not shown",
    Rung.MENTIONED: "mentioned",
    Rung.EXPLAINED: "explained",
    Rung.JUSTIFIED: "justified",
    Rung.HELD: "held under a change",
}

VERDICTS = {
    "below": "Below the bar for {level}",
    "approaching": "Approaching the bar for {level}",
    "meets": "Meets the bar for {level}",
    "exceeds": "Above the bar for {level}",
}

ENDINGS = {
    "time": "the time was up",
    "candidate": "ended by the candidate",
    "covered": "everything was covered",
    "answers_ran_out": "the answers ran out",
    "no_answer": "no answer came",
}

HINT_COSTS = {
    1: "full credit stays possible",
    2: "what follows counts up to justified",
    3: "what follows counts up to explained",
}
"""Hint stage -> what it does to the points it leads to (`HINT_CEILING` in agents/state.py)."""

_NOTES = (
    (re.compile(r"(\d+) of (\d+) choices justified"), r"\1 of the \2 justified choices that this level asks for"),
    (
        re.compile(r"(\d+) of (\d+) points held under a change"),
        r"\1 of the \2 points that this level wants held under a changed constraint or a failure",
    ),
    (re.compile(r"(\d+) of (\d+) differentiators shown"), r"\1 of the \2 signs of seniority that this level asks for"),
    (re.compile(r"(.+) is below (\S+)"), r"\1 is below \2, the least for this level"),
)


@dataclass(frozen=True)
class HintUsed:
    """A hint of the interview: its stage 1..3, its words, and the number of the turn that gave it."""

    stage: int
    text: str
    turn: int


@dataclass(frozen=True)
class Points:
    """The expected points by what became of them: asked about and not shown, left out, reached."""

    missed: tuple[PointResult, ...]
    untouched: tuple[PointResult, ...]
    reached: tuple[PointResult, ...]


def verdict(card: Scorecard) -> str:
    """Where the candidate stands at the level, "" when there is no bar."""
    return VERDICTS.get(card.bar or "", card.bar or "").format(level=card.level)


def conditions(card: Scorecard) -> list[str]:
    """The conditions of the bar that are not met, in plain words."""
    return [_condition(note, card) for note in card.bar_notes]


def _condition(note: str, card: Scorecard) -> str:
    for pattern, words in _NOTES:
        if pattern.fullmatch(note):
            return pattern.sub(words, note)
    spelled = flags_spelled(note, card)
    return spelled[:1].upper() + spelled[1:]


def flags_spelled(text: str, card: Scorecard) -> str:
    """`text` with what a red flag says in the place of its id."""
    for flag in card.red_flags:
        parts = re.split(rf"(?:red flag )?\b{re.escape(flag.id)}\b", text)
        text = f"red flag “{flag.text.rstrip('.')}”".join(parts)
    return text


def coverage(card: Scorecard) -> str:
    """How much of the rubric the score rests on."""
    return f"assessed {card.coverage * 100:.0f} % of the weight"


def number(score: float | None) -> str:
    """An area's or a criterion's score."""
    return "not assessed" if score is None else f"{score:.1f}"


def span(low: float | None, high: float | None, digits: int | None = None) -> str:
    """The range of an estimate, "" when it has none. Areas come in halves; a mean wants `digits`."""
    if low is None or high is None or low == high:
        return ""
    return f"{low:.1f} to {high:.1f}" if digits is None else f"{low:.{digits}f} to {high:.{digits}f}"


def sorted_points(card: Scorecard) -> Points:
    """The points of a scorecard by what became of them; reached ones from the highest rung down."""
    unseen = [p for p in card.points if p.rung == Rung.UNSEEN]
    reached = sorted((p for p in card.points if p.rung > Rung.UNSEEN), key=lambda p: -p.rung)
    return Points(
        missed=tuple(p for p in unseen if p.asked),
        untouched=tuple(p for p in unseen if not p.asked),
        reached=tuple(reached),
    )


def turn_numbers(state: InterviewState) -> dict[int, int]:
    """Event number of each turn -> its place in the transcript, from 1: what people count by."""
    return {turn.seq: place for place, turn in enumerate(state.turns, start=1)}


def hints_used(state: InterviewState) -> Iterator[HintUsed]:
    """The hints that were given, in order."""
    numbers = turn_numbers(state)
    for turn in state.asked:
        if turn.directive and turn.directive.hint_stage:
            item = turn.directive.cleared
            yield HintUsed(turn.directive.hint_stage, item.text if item else turn.text, numbers[turn.seq])


def is_code(quote: str) -> bool:
    """Whether a quote is a piece of code, which its line breaks and indentation belong to."""
    return re.search(r"\n(?: {2,}|\t)\s*\S", quote) is not None


def behind(turn: Turn) -> list[str]:
    """The move behind an interviewer's turn and the phase it was made in; [] for other turns."""
    if turn.directive is None:
        return []
    phase = PHASE_NAMES.get(turn.directive.phase, turn.directive.phase)
    return list(dict.fromkeys((MOVES[turn.directive.move], phase)))


def usage(used: Usage) -> str:
    """Tokens and cost, "" when no model was asked."""
    if not used.calls:
        return ""
    about = "about " if used.counted else ""
    cached = f", {used.tokens_cached:,} of them cached" if used.tokens_cached else ""
    parts = [f"{used.calls} model call{'s' * (used.calls > 1)}", f"{about}{used.tokens_in:,} tokens read{cached}"]
    parts += [f"{used.tokens_out:,} written"]
    return ", ".join(parts) + (
        f"; cost {about}{used.cost:.4f}" if used.cost is not None else "; cost unknown without a price"
    )


def stood_in(turn: Turn) -> str:
    """That the local panel wrote or heard this turn in a model's place, and why; "" when it did not."""
    if not turn.took_over:
        return ""
    did = "asked this" if turn.speaker == "interviewer" else "listened to this"
    return f"The local panel {did}: {turn.took_over}."


def clock(minutes: float) -> str:
    """Minutes of interview time as 12:30."""
    seconds = round(minutes * 60)
    return f"{seconds // 60}:{seconds % 60:02d}"
