"""An interview as a file to keep: scorecard and transcript as Markdown for people, as JSON for programs.

Pure functions of the state, which knows everything but the interview's id. The JSON holds what was said, the directive
behind each question and the whole scorecard; the question's own file is left out, its fingerprint says which it was.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from agents.export_card import card_lines
from agents.markdown_text import fenced, literal, quoted
from agents.state import InterviewState, Turn
from agents.wording import ENDINGS, PRACTICE_ONLY, behind, clock, stood_in, turn_numbers

FORMAT = "greenroom interview"
VERSION = 1
"""Of the JSON's shape."""


def as_markdown(state: InterviewState) -> str:
    """The whole interview as CommonMark. What the candidate typed is shown as typed, wherever it stands."""
    numbers = turn_numbers(state)
    lines = [*_head(state), ""]
    if state.scorecard is None:
        lines += ["This interview has no scorecard yet.", ""]
    else:
        lines += card_lines(state.scorecard, state)
    lines += ["## Transcript", ""]
    for turn in state.turns:
        lines += _turn(turn, numbers[turn.seq], state)
    lines += [f"*{PRACTICE_ONLY}*"]
    return _encodable("\n".join(lines) + "\n")


def as_json(state: InterviewState) -> str:
    """One JSON object. Times are UTC, minutes are interview time; turns keep the event numbers that evidence names."""
    opened, finished = state.opened, state.finished
    record = {
        "format": FORMAT,
        "version": VERSION,
        "note": PRACTICE_ONLY,
        "question": opened.question_id,
        "question_fingerprint": hashlib.sha256(opened.question_source.encode()).hexdigest()[:12],
        "title": state.question.title,
        "level": opened.level,
        "minutes": opened.minutes,
        "pace": opened.pace,
        "panel": opened.panel,
        "taster": opened.taster,
        "loop": opened.loop.model_dump(mode="json") if opened.loop else None,
        "opened_at": opened.at.isoformat(),
        "finished_at": finished.at.isoformat() if finished else None,
        "finished_because": finished.reason if finished else None,
        "elapsed": round(state.elapsed(), 2),
        "usage": state.usage.model_dump(mode="json"),
        "scorecard": state.scorecard.model_dump(mode="json") if state.scorecard else None,
        "transcript": [_turn_record(turn) for turn in state.turns],
        "notes": state.notes,
        "diagram": state.diagram,
    }
    return _encodable(json.dumps(record, ensure_ascii=False, indent=2) + "\n")


def _turn_record(turn: Turn) -> dict[str, Any]:
    record: dict[str, Any] = {
        "turn": turn.seq,
        "speaker": turn.speaker,
        "at": round(turn.elapsed, 2),
        "text": turn.text,
    }
    if turn.directive is not None:
        record["directive"] = turn.directive.model_dump(mode="json")
    if turn.wants_hint:
        record["wants_hint"] = True
    work = turn.work or (turn.observation.work if turn.observation else None)
    if work is not None:
        record["work"] = work.model_dump(mode="json")
    return record


def _encodable(text: str) -> str:
    """Half an emoji, as a cut paste leaves it, has no UTF-8 form and would spoil the whole file."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _head(state: InterviewState) -> list[str]:
    opened, finished = state.opened, state.finished
    kind = state.scorecard.kind if state.scorecard else "no score"
    lines = [
        f"# {literal(state.question.title)}",
        "",
        f"**{literal(kind[:1].upper() + kind[1:])}.** {PRACTICE_ONLY}",
        "",
        f"- Question: {literal(opened.question_id)}, {literal(state.question.category)}",
        f"- Level: {opened.level}",
        f"- Date: {opened.at:%Y-%m-%d %H:%M} UTC",
        f"- Time: {clock(state.elapsed())} of {opened.minutes:g} minutes, answers {opened.pace}",
    ]
    if finished:
        lines.append(f"- End: {ENDINGS[finished.reason]}")
    return lines


def _turn(turn: Turn, place: int, state: InterviewState) -> list[str]:
    said_by = {"interviewer": "Interviewer", "candidate": "Candidate", "sketch": "Candidate's notes and diagram"}
    about = [said_by[turn.speaker], *behind(turn), clock(turn.elapsed)]
    lines = [f"### Turn {place}", "", f"*{literal(' · '.join(about))}*", ""]
    if turn.speaker == "sketch":
        diagram = ["", *fenced("mermaid", state.diagram)] if state.diagram.strip() else []
        return [*lines, quoted(state.notes), *diagram, ""]
    text = "*(asks for a hint)*" if turn.wants_hint and not turn.text.strip() else quoted(turn.text)
    told = stood_in(turn)
    return [*lines, text, "", *((f"*{literal(told)}*", "") if told else ())]
