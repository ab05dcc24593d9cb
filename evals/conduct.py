"""Judges an interviewer's turns, from the log alone and with means that no interviewer of ours uses.

The interviewer checks its own words before it speaks (agents/interviewer.py); measuring with the same functions would
only repeat that check. So requests, verdicts, leaks, repetition and ties to the candidate's words are found here anew,
by plainer means: question marks, a word list of its own, runs of words in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agents.events import Cleared
from agents.state import InterviewState, Turn
from knowledge.question import Question
from knowledge.terms import Move

NEAR = 0.6
"""Share of the shorter turn's word trigrams that another turn has, from which the two are near-repeats."""
QUOTED_RUN = 4
"""Words in a row taken from the candidate that count as quoting."""
GIVEN_AWAY_RUN = 5
"""Words in a row taken from a point that count as giving it away."""
CHALLENGE_WITHIN = 2
TICK = 1 / 60
"""Minutes between two looks at a simulated clock, and so what an interview may overshoot."""
_WORD = re.compile(r"[a-z0-9]+(?:['’-][a-z0-9]+)*")
_DOUBLE = re.compile(r"\b(?:and|or),?\s+(?:what|how|why|which|when|where|who|would|do|does|is|are)\b", re.IGNORECASE)
_COMMAND = re.compile(
    r"(?:^|(?<=[.?!:]\s))(?:please |now |then )?(?:calculate|choose|compare|defend|define|derive|describe|draft|draw|"
    r"estimate|explain|give|justify|list|name|order|outline|pick|rank|show|sketch|summarise|tell|trace|walk|write|take|"
    r"put|follow|help)\b[^.?!]*(?=[.!]|$)",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"\b(?:exactly(?![- ]once)|great|good|excellent|perfect|perfectly|correct|correctly|incorrect|right|wrong|"
    r"unfortunately|sadly|"
    r"brilliant|nice|nicely|impressive|awesome|amazing|fantastic|lovely|well done|spot on|i agree|i disagree|mistaken?|"
    r"not quite|makes sense|bravo|poor|weak|strong answer|interesting)\b",
    re.IGNORECASE,
)
_SMALL = frozenset(
    """a about all an and any are as at be but by can do does for from has have how i if in into is it its me more my no
    not of on one or our out over so some that the their them then there these they this those to up us was we were
    what when where which who why will with would you your""".split()
)


@dataclass(frozen=True)
class TurnRecord:
    """What the judges found in one turn of the interviewer."""

    seq: int
    move: str
    target: str | None
    text: str
    requests: int
    verdicts: tuple[str, ...]
    leaks: tuple[str, ...]
    repeats: str
    quotes: bool
    ties: bool | None


@dataclass(frozen=True)
class Conduct:
    """One interview. `probes`: wrong claims that were challenged; `mistakes`: per labelled one "challenged", "late",
    "missed", or "no room" when fewer than two questions were left for it."""

    turns: tuple[TurnRecord, ...]
    areas: tuple[str, ...]
    areas_asked: tuple[str, ...]
    closed: bool
    elapsed: float
    minutes: float
    hints: tuple[int, ...]
    interviewer_words: int
    card_words: int
    candidate_words: int
    probes: tuple[str, ...] = ()
    mistakes: dict[str, str] = field(default_factory=dict)


def conduct(state: InterviewState, mistakes: Mapping[int, Sequence[str]] | None = None) -> Conduct:
    """How the interviewer of a finished interview behaved.

    `mistakes`: answer number (from 0) -> the wrong claims that it makes.
    """
    turns = tuple(_judged(state))
    asked = [t.directive for t in state.asked if t.directive]
    own = [own_words(t) for t in state.asked]
    return Conduct(
        turns=turns,
        areas=tuple(state.question.areas),
        areas_asked=tuple(sorted(state.asked_areas)),
        closed=asked[-1].move is Move.WRAP_UP and state.elapsed() <= state.opened.minutes + TICK,
        elapsed=round(state.elapsed(), 2),
        minutes=state.opened.minutes,
        hints=tuple(d.hint_stage for d in asked if d.hint_stage),
        interviewer_words=sum(len(_words(text)) for text in own),
        card_words=sum(len(_words(t.text)) for t in state.asked) - sum(len(_words(text)) for text in own),
        candidate_words=sum(len(_words(t.text)) for t in state.turns if t.speaker == "candidate"),
        probes=tuple(dict.fromkeys(d.cleared.id for d in asked if d.cleared and d.cleared.kind == "probe")),
        mistakes=_challenged(state, mistakes or {}),
    )


def _judged(state: InterviewState) -> Iterator[TurnRecord]:
    before: list[tuple[str | None, str, str]] = []
    for i, turn in enumerate(state.turns):
        d = turn.directive
        if d is None or d.move is Move.OPEN:
            continue
        said = [t.text for t in state.turns[:i] if t.speaker == "candidate"]
        text = own_words(turn)
        yield TurnRecord(
            seq=turn.seq,
            move=d.move.value,
            target=d.target,
            text=turn.text,
            requests=requests(turn.text),
            verdicts=tuple(m.group().lower() for m in _VERDICT.finditer(text)),
            leaks=tuple(_leaks(state, i)),
            repeats=_repeats(before, d.target, d.move.value, text),
            quotes=any(_runs(text, QUOTED_RUN) & _runs(s, QUOTED_RUN) for s in said[-1:]),
            ties=bool(_telling(text) & _telling(said[-1])) if said and _telling(said[-1]) else None,
        )
        before.append((d.target, d.move.value, text))


def own_words(turn: Turn) -> str:
    """An interviewer's turn without the problem's statement, facts, cards and code that it hands over."""
    text = turn.text
    if turn.directive is not None:
        if turn.directive.move is Move.OPEN:
            paragraphs = text.split("\n\n")
            text = f"{paragraphs[0]} {paragraphs[-1]}"
        for given in (turn.directive.told_first, turn.directive.cleared):
            if given is not None and given.kind in ("fact", "evidence"):
                text = text.replace(given.text, " ")
    return re.sub(r"```.*?```", " ", text, flags=re.DOTALL)


def requests(text: str) -> int:
    """How often a turn asks for something: question marks, double questions twice, and commands where there is none."""
    marks = 0
    for sentence in re.findall(r"[^.?!]*\?", text):
        marks += 1 + len(_DOUBLE.findall(sentence))
    return marks or len(_COMMAND.findall(text))


def _repeats(before: Sequence[tuple[str | None, str, str]], target: str | None, move: str, text: str) -> str:
    """ "same" for a target and move that were there before, "near" for nearly the same words, "" for neither."""
    if target is not None and any((t, m) == (target, move) for t, m, _ in before):
        return "same"
    mine = _runs(text, 3)
    for _, _, earlier in before:
        theirs = _runs(earlier, 3)
        if mine and theirs and len(mine & theirs) / min(len(mine), len(theirs)) >= NEAR:
            return "near"
    return ""


def _leaks(state: InterviewState, i: int) -> list[str]:
    """Words not to say first, and runs of words of a point or a correction, said by nobody before the turn `i`.

    The third hint may name a word of the first kind; facts and cards that the candidate asked for are no leak.
    """
    question, turn = state.question, state.turns[i]
    d = turn.directive
    assert d is not None
    known = " \n ".join([question.statement, question.title, *(t.text for t in state.turns[:i])])
    text = own_words(turn)
    found = []
    if d.hint_stage < 3:
        found = [w for w in question.not_first if _says(text, w) and not _says(known, w)]
    heard = _runs(known, GIVEN_AWAY_RUN)
    free = _runs(" \n ".join(_public(question, (d.cleared, d.told_first))), GIVEN_AWAY_RUN)
    mine = _runs(text, GIVEN_AWAY_RUN) - heard - free
    hidden = [w for p in question.points for w in (p.text, *p.wordings)] + [
        w.consequence for w in question.wrong_claims
    ]
    for run in mine & set().union(*(_runs(text, GIVEN_AWAY_RUN) for text in hidden)):
        if sum(w not in _SMALL for w in run) > 1:
            found.append(" ".join(run))
    return found


def _public(question: Question, cleared: Sequence[Cleared | None]) -> list[str]:
    """What may be said in so many words although a point may use the same: requirements are the task itself."""
    told = [c.text for c in cleared if c is not None and c.kind in ("fact", "evidence")]
    return [*question.requirements.values(), *told]


def _says(text: str, phrase: str) -> bool:
    return re.search(rf"\b{re.escape(phrase.lower())}(?:e?s)?\b", text.lower().replace("’", "'")) is not None


def _challenged(state: InterviewState, mistakes: Mapping[int, Sequence[str]]) -> dict[str, str]:
    """What became of every labelled mistake, keyed by "answer:claim"."""
    answers = [i for i, t in enumerate(state.turns) if t.speaker == "candidate"]
    found = {}
    for number, claims in mistakes.items():
        if number >= len(answers):
            continue  # the interview was over before
        later = [t.directive for t in state.turns[answers[number] + 1 :] if t.directive]
        room = [d for d in later if d.move is not Move.WRAP_UP]
        earlier = [t.directive for t in state.turns[: answers[number]] if t.directive]
        for claim in claims:
            probes = [
                n for n, d in enumerate(later) if d.cleared and d.cleared.kind == "probe" and d.cleared.id == claim
            ]
            known = any(d.cleared and d.cleared.kind == "probe" and d.cleared.id == claim for d in earlier)
            if known or (probes and probes[0] < CHALLENGE_WITHIN):
                result = "challenged"
            elif probes:
                result = "late"
            else:
                result = "missed" if len(room) >= CHALLENGE_WITHIN else "no room"
            found[f"{number}:{claim}"] = result
    return found


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def _telling(text: str) -> set[str]:
    """The beginnings of the words of a text that are not small ones: rough stems."""
    return {w[:5] for w in _words(text) if w not in _SMALL and len(w) > 2}
