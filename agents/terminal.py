"""The interview in a terminal: by hand, or unattended from a file of answers on a simulated clock."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agents.events import AnyEvent, Opened, Scored
from agents.interviewer import reveal
from agents.scorecard import Scorecard
from agents.session import LONGEST_ANSWER, AnswerTooLong, InterviewSession, MovedOn, cleaned
from agents.wording import number, span, usage
from agents.work import Work

TYPED_WORDS_PER_MINUTE, SPOKEN_WORDS_PER_MINUTE, THINKING = 43.0, 150.0, 0.4
HELP = "Finish an answer with an empty line. Commands: /hint  /time  /pause  /end  /help"
_COMMAND = re.compile(r"/\w+")


class AnswersError(ValueError):
    """A file of answers has lines that cannot be used; the message lists them."""


@dataclass
class SimulatedClock:
    """A clock that stands still until it is moved."""

    now: datetime = datetime(2026, 1, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


def read_answers(path: Path, pace: str) -> list[tuple[str, float]]:
    """(text, minutes) of every line `{"text": ..., "minutes": ...}`. Without minutes they follow from the words.

    AnswersError lists every line that is not such an object, with its number.
    """
    try:
        # Not splitlines(): a JSON string may hold the other characters that end a line there.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise AnswersError(f"{path}: cannot be read ({error})") from None
    answers, faults = [], []
    for place, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            answers.append(_answer(json.loads(line), pace))
        except (ValueError, TypeError) as error:
            faults.append(f"{path}:{place}: {error}")
    if faults:
        raise AnswersError("\n".join(faults))
    return answers


def _answer(data: Any, pace: str) -> tuple[str, float]:
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise ValueError('write the line as {"text": "...", "minutes": 2.5}')
    if len(cleaned(data["text"])) > LONGEST_ANSWER:
        raise ValueError(f"the text is longer than {LONGEST_ANSWER:,} characters: make it two answers")
    minutes = data.get("minutes")
    if minutes is None:
        speed = TYPED_WORDS_PER_MINUTE if pace == "typed" else SPOKEN_WORDS_PER_MINUTE
        minutes = THINKING + len(data["text"].split()) / speed
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 <= minutes <= 600:
        raise ValueError('"minutes" is a number from 0 to 600')
    return data["text"], float(minutes)


def run_unattended(
    session: InterviewSession, clock: SimulatedClock, answers: Iterable[tuple[str, float]], as_json: bool
) -> Scorecard:
    """Gives the answers one by one, then ends the interview; prints the log as it grows, the scorecard last."""
    printed = -1
    for text, minutes in answers:
        if session.state.finished:
            break
        printed = _print_new(session, printed, as_json)
        clock.advance(minutes)
        session.reply(text)
    if not session.state.finished:
        session.finish("answers_ran_out")
    session.advance()
    _print_new(session, printed, as_json)
    if not as_json and session.state.usage.calls:
        print(_used(session).strip())
    assert session.state.scorecard is not None
    return session.state.scorecard


def _print_new(session: InterviewSession, printed: int, as_json: bool) -> int:
    for event in session.archive.events(session.interview, after=printed):
        line = event_line(event) if as_json else event_text(event)
        if line:
            print(line, flush=True)
        printed = event.seq
    return printed


def event_line(event: AnyEvent) -> str:
    """One JSON object. Of `opened` the question's file is left out; a scorecard's fields stand beside seq and kind."""
    data = event.model_dump(mode="json")
    if isinstance(event, Opened):
        del data["question_source"]
    if isinstance(event, Scored):
        data |= data.pop("scorecard") | {"kind": "scored", "version": event.version, "estimate": event.scorecard.kind}
    return json.dumps(data, ensure_ascii=False)


def event_text(event: AnyEvent) -> str:
    """An event for people, "" for those they need not see."""
    match event.kind:
        case "asked":
            return f"\nInterviewer: {event.text}{_stood_in(event.work, 'asked')}"
        case "said":
            return f"\nYou: {event.text or '(asks for a hint)' if event.wants_hint else event.text}"
        case "observed":
            return _stood_in(event.observation.work, "listened")[1:]
        case "finished":
            return "\nThat's our time; thank you. Scoring ..."
        case "scored":
            return "\n" + card_text(event.scorecard)
    return ""


def _stood_in(work: Work | None, did: str) -> str:
    return f"\n(The local panel {did}: {work.took_over}.)" if work is not None and work.took_over else ""


def _used(session: InterviewSession) -> str:
    used = usage(session.state.usage)
    return f"\nThe whole interview: {used}." if used else ""


class _Thinking:
    """Says once that a model is waited for."""

    def __init__(self) -> None:
        self.beats = 0

    def __call__(self) -> None:
        self.beats += 1
        if self.beats == 15:
            print("(thinking ...)", flush=True)


def run_by_hand(
    session: InterviewSession, go_on: str | None = None, read: Callable[[str], str] = input
) -> Scorecard | None:
    """Talks with a person until the interview is over. None when the person leaves; the interview can be resumed.

    `go_on` is the command that does so, when it is not the usual one; `read` shows a prompt and returns a line.
    """
    with suppress(ImportError):  # not on Windows
        import readline  # noqa: F401 - input() edits with it; without, a terminal cuts a line at 4,095 characters
    go_on = go_on or f"python -m agents interview --resume {session.interview}"
    print(f"{HELP}\nCtrl-D pauses; go on with: {go_on}")
    shown = -1
    while True:
        for event in session.archive.events(session.interview, after=shown):
            shown = event.seq
            if event.kind == "asked":
                print()
                for word in reveal(event_text(event).strip()):
                    print(word, end="", flush=True)
                print()
            elif event.kind == "observed" and event_text(event):
                print(event_text(event))
        if session.state.scorecard is not None:
            print(card_text(session.state.scorecard) + _used(session))
            return session.state.scorecard
        try:
            _take(session, _read_answer(read))
        except (EOFError, KeyboardInterrupt):
            session.pause()
            print(f"\nPaused. Go on with: {go_on}")
            return None


def _take(session: InterviewSession, text: str) -> None:
    command = text.strip().lower()
    session.beat = _Thinking()
    if command == "/time":
        left = session.state.left(session.clock())
        print(f"{left:.0f} of {session.state.opened.minutes:g} minutes left; part: {session.state.phase}")
    elif command == "/pause":
        session.pause()
        print("The clock stands still; your next answer starts it again.")
    elif command == "/end":
        print("Scoring ...", flush=True)
        session.finish()
    elif command != "/hint" and _COMMAND.fullmatch(command):
        print(HELP if command == "/help" else f"There is no command {command}. {HELP}")
    else:
        try:
            if command == "/hint":
                session.ask_for_hint(seen=session.last_asked)
            else:
                session.reply(text, seen=session.last_asked)
        except AnswerTooLong as error:
            print(error)
        except MovedOn as error:
            print(error)
            session.resume()


def _read_answer(read: Callable[[str], str]) -> str:
    """What is typed up to an empty line, outside of code, or to the end of the input; or one command."""
    taken: list[str] = []
    fenced = False
    while True:
        try:
            line = read("> ")
        except EOFError:
            if not taken:
                raise
            break
        if not taken and _COMMAND.fullmatch(line.strip()):
            return line
        if line.strip() or fenced:
            fenced ^= line.count("```") % 2 == 1
            taken.append(line)
        elif taken:
            break
    return "\n".join(taken)


def card_text(card: Scorecard) -> str:
    """A scorecard for a terminal."""
    lines = [f"{card.title} · {card.level} · {card.kind}"]
    if card.overall is None:
        lines.append(f"Not scored: {card.unscored}")
    else:
        between = span(card.low, card.high)
        lines.append(
            f"Overall {card.overall:.2f} of 5{f' (range {between})' if between else ''}, "
            f"{card.coverage:.0%} of the weight assessed; bar: {card.bar or 'none'}"
        )
    lines += [f"  ({note})" for note in card.bar_notes]
    for area in card.areas:
        between = span(area.low, area.high)
        score = number(area.score) + (f"  ({between})" if between else "")
        score = f"unscored: {area.unscored}" if area.unscored else score
        lines.append(f"  {area.name:<24} {score}")
        lines += [f'      "{_shortened(e.quote)}"' for e in area.evidence[:2]]
    lines += [f"  Differentiator: {f.text}" for f in card.differentiators]
    lines += [f"  Red flag: {f.text}" for f in card.red_flags]
    lines += [f"  Work on: {i.title}. {i.advice}" for i in card.improvements]
    if card.work is not None:
        lines.append(f"Scored by {card.assessor}.{_stood_in(card.work, 'scored')}")
    lines.append("Practice only; not for hiring decisions.")
    return "\n".join(lines)


def _shortened(text: str, most: int = 110) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
