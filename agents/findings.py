"""Red flags and differentiators, as statements that can be checked against the turns.

Each follows the rubric's own wording of when it is confirmed; a flag needs as many separate answers as the rubric
states. Rules exist for the ids of Greenroom's rubric; what another rubric adds is left to a reader that understands
prose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.answer_kinds import prose
from agents.events import AnswerKind
from agents.reading import Reading, ReadTurn
from agents.rungs import ALTERNATIVE, CHANGE_MOVES, CONDITION, COST, REASON_MOVES, has_reason, weighs
from agents.scorecard import Evidence, Finding
from agents.transcript import Transcript
from knowledge.rubric import Rubric
from knowledge.terms import Move, Rung
from knowledge.words import sentences

LATE_PHASES = ("operation", "prevention", "schedule", "process")
_SILENT = (AnswerKind.STUCK, AnswerKind.NOISE, AnswerKind.FOREIGN, AnswerKind.ATTACK)
_SIGNAL = re.compile(
    r"\b(?:monitor\w*|alert\w*|alarm\w*|metric\w*|dashboard\w*|signal\w*|drift|track|log(?:s|ged|ging)?)\b",
    re.I,
)
_COST = re.compile(
    r"(?:[$€£]\s?\d|(?<![\d,.])\d[\d,.]*\s?(?:dollars|euros|k\b|usd|eur|cents)|"
    r"\bper (?:request|user|thousand|month|hour)\b.{0,120}\bcost|\bcosts?\b.{0,120}\d)",
    re.I,
)
_SECURITY = re.compile(
    r"\b(?:permissions?|access control|least privilege|encrypt\w*|personal data|pii|gdpr|who (?:may|can) (?:read|see)|"
    r"audit|signed|(?:iam|access|service|read-only) roles?)\b",
    re.I,
)
_UPKEEP = re.compile(
    r"\b(?:on[- ]call|owner|owns|maintain\w*|upgrade\w*|deprecat\w*|hand-?over|runbook|documentation|team to run|"
    r"keeps? it (?:alive|running))\b",
    re.I,
)
_TWO_WAYS = re.compile(
    r"\b(?:two (?:options|ways|designs|approaches)|option (?:a|one|1)|first option|either\b.{0,120}\bor|"
    r"one way\b.{0,120}\b(?:another|other)|alternatively)\b",
    re.I,
)
_DECISION = re.compile(
    r"\b(?:i['’]d (?:go|start|pick|choose|take)|i (?:choose|pick|prefer|would (?:go|pick|choose|take|start))|"
    r"my (?:choice|pick|preference))\b",
    re.I,
)
_MODEL_FIX = re.compile(
    r"\b(?:retrain\w*|hyper-?parameter\w*|better model|bigger model|deeper|accuracy|more (?:training )?data|"
    r"fine-?tun\w*|ensembl\w*|architecture of the model|new features?)\b",
    re.I,
)
_SYSTEM_FIX = re.compile(
    r"\b(?:cach\w*|replica\w*|queue\w*|scal\w*|fall ?back\w*|roll ?back\w*|time-?outs?|monitor\w*|cost\w*|budget|"
    r"cheaper|batch\w*|degrad\w*|shed\w*|region\w*|backup\w*|limit\w*|cluster|pods?|servers?|machines?)\b",
    re.I,
)
_BAD_INPUT = ("error-handling-logging", "data-validation")
_HANDLES_BAD_INPUT = re.compile(
    r"\b(?:except (?!:|Exception:\s*pass)|raise |if .{0,40}(?:is None|not in)|valid\w*|reject\w*|refus\w*|invalid|"
    r"error)",
    re.I,
)
_FIGURE = re.compile(r"\d[\d,.]*\d")
"""Figures of two digits or more: a lone "3" turns up by chance."""
_SWALLOWS = re.compile(r"except(?: Exception)?:\s*\n?\s*pass")


def red_flags(transcript: Transcript, rubric: Rubric, reading: Reading) -> list[Finding]:
    """Flags with quotes from at least as many separate answers as the rubric asks for."""
    rules = {
        "RF1": _no_trade_offs,
        "RF2": _no_error_handling,
        "RF3": _no_monitoring,
        "RF4": _vague_past,
        "RF5": _only_accuracy,
    }
    found = []
    for flag in rubric.red_flags.values():
        rule = rules.get(flag.id)
        evidence = rule(transcript, [t for t in reading.turns if not t.is_sketch]) if rule else []
        if evidence and len({e.turn for e in evidence}) >= flag.opportunities:
            found.append(Finding(id=flag.id, text=flag.statement, evidence=tuple(evidence)))
    return found


def differentiators(transcript: Transcript, rubric: Rubric, reading: Reading) -> list[Finding]:
    """Differentiators that the candidate showed, with the quotes that show them."""
    spoken = [t for t in reading.turns if not t.is_sketch and t.observation.kind not in (*_SILENT, AnswerKind.PASTE)]
    rules = {
        "DF1": _clarifies,
        "DF2": _weighs,
        "DF3": _monitors_early,
        "DF4": _thinks_of_upkeep,
        "DF5": _two_designs,
    }
    found = []
    for plus in rubric.differentiators.values():
        rule = rules.get(plus.id)
        evidence = rule(transcript, spoken) if rule else []
        if evidence:
            found.append(Finding(id=plus.id, text=plus.statement, evidence=tuple(evidence)))
    return found


def _quote(turn: ReadTurn, pattern: re.Pattern[str] | None = None) -> Evidence | None:
    """The first sentence of a turn, or the first that `pattern` finds."""
    for span in sentences(turn.text):
        if pattern is None or pattern.search(span.text):
            return Evidence(point=None, turn=turn.turn, quote=span.text)
    return None


def _quotes(turns: Sequence[ReadTurn], pattern: re.Pattern[str] | None = None) -> list[Evidence]:
    return [e for e in (_quote(t, pattern) for t in turns) if e]


def answered(turns: Sequence[ReadTurn], moves: Sequence[Move]) -> list[ReadTurn]:
    """The turns that answer one of `moves` with words."""
    return [t for t in turns if t.directive and t.directive.move in moves and t.observation.kind not in _SILENT]


def _no_trade_offs(transcript: Transcript, turns: Sequence[ReadTurn]) -> list[Evidence]:
    probed = answered(turns, REASON_MOVES)
    bare = [t for t in probed if not weighs(t.text)]
    return _quotes(bare) if len(probed) >= 2 and len(bare) == len(probed) else []


def _no_error_handling(transcript: Transcript, turns: Sequence[ReadTurn]) -> list[Evidence]:
    with_code = [t for t in turns if "```" in t.text]
    if not with_code:
        return []
    if any(_HANDLES_BAD_INPUT.search(_SWALLOWS.sub("", t.text)) for t in turns):
        return []
    # "One prompt later" is a question that gave the chance: about memory or names nobody need speak of errors.
    prompted = [
        t
        for t in turns
        if t.turn > with_code[0].turn
        and t.observation.kind not in _SILENT
        and any(tag in _study(transcript, t) for tag in _BAD_INPUT)
    ]
    return [*_quotes(with_code[:1]), *_quotes(prompted[:1])]


def _no_monitoring(transcript: Transcript, turns: Sequence[ReadTurn]) -> list[Evidence]:
    asked = [
        t
        for t in turns
        if t.directive
        and t.directive.target
        and t.directive.phase in LATE_PHASES
        and "monitoring" in _study(transcript, t)
        and t.observation.kind not in _SILENT
    ]
    if not asked or any(_SIGNAL.search(t.text) for t in turns):
        return []
    return _quotes(asked)


def _study(transcript: Transcript, turn: ReadTurn) -> tuple[str, ...]:
    target = turn.directive.target if turn.directive else None
    return transcript.question.point(target).study if target else ()


def _vague_past(transcript: Transcript, turns: Sequence[ReadTurn]) -> list[Evidence]:
    probed = answered(turns, (Move.EXPERIENCE,))
    bare = [t for t in probed if not t.observation.own_case]
    return _quotes(bare) if len(bare) >= 2 and len(bare) == len(probed) else []


def _only_accuracy(transcript: Transcript, turns: Sequence[ReadTurn]) -> list[Evidence]:
    pressed = answered(turns, CHANGE_MOVES)
    model_only = [t for t in pressed if _MODEL_FIX.search(t.text) and not _SYSTEM_FIX.search(t.text)]
    if len(model_only) < 2 or len(model_only) != len(pressed):
        return []
    return _quotes(model_only, _MODEL_FIX)


def _clarifies(transcript: Transcript, turns: Sequence[ReadTurn]) -> list[Evidence]:
    """Two questions before anything is designed, and a told number that comes back in a later answer."""
    asking = (AnswerKind.FACT_QUESTION, AnswerKind.OPEN_QUESTION, AnswerKind.EVIDENCE_QUESTION)
    early: list[ReadTurn] = []
    for turn in turns:
        if turn.observation.kind not in asking:
            break
        early.append(turn)
    questions = [s for t in early for s in sentences(t.text) if s.text.endswith("?")]
    if len(questions) < 2:
        return []
    first = _quote(early[0], re.compile(r"\?"))
    for turn in turns[len(early) :]:
        told = _told_before(transcript, turn.turn)
        for span in sentences(turn.text):
            if first and told & set(_FIGURE.findall(span.text)):
                return [first, Evidence(point=None, turn=turn.turn, quote=span.text)]
    return []


def _told_before(transcript: Transcript, turn: int) -> set[str]:
    """The figures of the facts and evidence cards that the candidate had been told before `turn`."""
    cleared = [t.directive.cleared for t in transcript.turns if t.seq < turn and t.directive and t.directive.cleared]
    return {n for c in cleared if c.kind in ("fact", "evidence") for n in _FIGURE.findall(c.text)}


def _weighs(transcript: Transcript, turns: Sequence[ReadTurn]) -> list[Evidence]:
    """An alternative, a condition and a cost in one answer that no "why" had asked for."""
    for turn in turns:
        if turn.directive and turn.directive.move in REASON_MOVES:
            continue
        text = prose(turn.text)
        if all(p.search(text) for p in (ALTERNATIVE, CONDITION, COST)) and has_reason(text):
            return [e for e in (_quote(turn, ALTERNATIVE), _quote(turn, CONDITION)) if e]
    return []


def _monitors_early(transcript: Transcript, turns: Sequence[ReadTurn]) -> list[Evidence]:
    for turn in turns:
        if turn.directive and turn.directive.phase in LATE_PHASES:
            return []
        late = [
            r
            for r in turn.observation.reached
            if r.rung >= Rung.EXPLAINED and "monitoring" in transcript.question.point(r.point).study
        ]
        if late and _SIGNAL.search(late[0].quote):
            return [Evidence(point=late[0].point, turn=turn.turn, quote=late[0].quote)]
    return []


def _thinks_of_upkeep(transcript: Transcript, turns: Sequence[ReadTurn]) -> list[Evidence]:
    found = [next(iter(_quotes(turns, p)), None) for p in (_COST, _SECURITY, _UPKEEP)]
    evidence = [e for e in found if e]
    return evidence if len(evidence) >= 2 else []


def _two_designs(transcript: Transcript, turns: Sequence[ReadTurn]) -> list[Evidence]:
    for turn in turns:
        text = prose(turn.text)
        if _TWO_WAYS.search(text) and _DECISION.search(text) and (COST.search(text) or has_reason(text)):
            return [e for e in (_quote(turn, _TWO_WAYS), _quote(turn, _DECISION)) if e]
    return []
