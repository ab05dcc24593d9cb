"""`python -m agents`: an interview in the terminal, by hand or from a file of answers; follow-ups to an answer."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from shlex import quote

from agents.archive import Archive, ArchiveError, UnknownInterview
from agents.events import NewerLog
from agents.panel import Panel, configured_panel, local_panel
from agents.prober import MOST, NothingToAsk, follow_ups
from agents.session import Clock, InterviewSession, utc_now
from agents.settings import Settings, SettingsError, load_settings
from agents.terminal import AnswersError, SimulatedClock, read_answers, run_by_hand, run_unattended
from agents.tokens import EncodingDamaged
from knowledge.embedder import EmbedderUnavailable, MiniLM
from knowledge.faults import KnowledgeError
from knowledge.question import Question
from knowledge.rubric import RUBRIC_FILE, load_rubric
from knowledge.terms import Level


class UsageError(ValueError):
    """The command line asks for something that is not there."""


def main(argv: list[str] | None = None) -> int:
    """Exit code 0 on success, 2 when the command line or a file cannot be used, 130 when interrupted, 1 for anything
    else that failed."""
    args = _parser().parse_args(argv)
    _speak_any_alphabet(args.json)
    try:
        run = _followups if args.command == "followups" else _interview
        return run(args, load_settings())
    except (UsageError, AnswersError, SettingsError, KnowledgeError, UnknownInterview, NothingToAsk) as error:
        print(error, file=sys.stderr)
        return 2
    except (ArchiveError, NewerLog, EmbedderUnavailable, EncodingDamaged) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes nowhere
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def _speak_any_alphabet(as_json: bool) -> None:
    """Keeps a terminal or pipe with an old encoding from ending an interview over an arrow or an emoji."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if as_json and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m agents", description="Greenroom in the terminal.")
    commands = parser.add_subparsers(dest="command", required=True)
    interview = commands.add_parser(
        "interview",
        help="hold an interview",
        description="Hold an interview by hand, or unattended with --answers; the score is an estimate for practice.",
    )
    interview.add_argument("--question", metavar="ID", help="question id, such as SD06; without it, one is drawn")
    interview.add_argument("--level", choices=[level.value for level in Level], help="default: the question's own")
    interview.add_argument("--minutes", type=float, help="length; default: the question's own")
    interview.add_argument("--pace", choices=["typed", "spoken"], help="how fast answers come; default: typed")
    interview.add_argument("--answers", type=Path, metavar="FILE", help='JSON lines {"text": ..., "minutes": ...}')
    interview.add_argument("--json", action="store_true", help="with --answers: print the event log as JSON lines")
    interview.add_argument("--data", type=Path, metavar="FOLDER", help="where to keep the interview")
    interview.add_argument("--resume", metavar="INTERVIEW", help="go on with an interview that was begun")
    probe = commands.add_parser(
        "followups",
        help="what to ask next, for people who interview",
        description="Follow-ups to an answer: each with the words it hangs on and what a strong reply holds.",
    )
    probe.add_argument("--question", metavar="ID", required=True, help="question id, such as SD06")
    probe.add_argument("--answer", type=Path, metavar="FILE", required=True, help="a text file; - for standard input")
    probe.add_argument("--level", choices=[level.value for level in Level], help="default: the question's own")
    probe.add_argument("--top", type=int, default=MOST, metavar="N", help=f"how many at most (default: {MOST})")
    probe.add_argument("--json", action="store_true", help="one JSON list instead of text")
    for command in (interview, probe):
        command.add_argument(
            "--panel",
            choices=["local", "model"],
            help="who listens, speaks and scores; default: the model that the settings name, else the local panel",
        )
    return parser


def _followups(args: argparse.Namespace, settings: Settings) -> int:
    question = _named(args.question, _bank(settings))
    if args.top < 1:
        raise UsageError("--top is a number from 1")
    try:
        whole = sys.stdin.read() if str(args.answer) == "-" else args.answer.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{args.answer}: cannot be read ({error}); it is a text file in UTF-8") from None
    level = Level(args.level) if args.level else None
    panel = _panel(args, settings)
    found = follow_ups(question, whole, panel, level, args.top)
    if args.json:
        print(json.dumps([asdict(f) for f in found], ensure_ascii=False, indent=2))
        return 0
    for number, f in enumerate(found, start=1):
        print(f'{number}. {f.text}\n   on: "{" ".join(f.span.split())}"\n   {f.move.value}, {f.area}: {f.title}')
        if f.warning:
            print(f"   careful, the claim is mistaken: {f.warning}")
        print(f"   strong: {f.strong}\n")
    return 0


def _interview(args: argparse.Namespace, settings: Settings) -> int:
    _check(args)
    with tempfile.TemporaryDirectory() as scratch:
        # An unattended interview leaves nothing behind unless it is told where.
        passing = args.answers is not None and args.data is None and args.resume is None
        archive = _archive(settings, Path(scratch) if passing else args.data)
        try:
            if args.answers is None:
                _by_hand(args, settings, archive)
            else:
                _unattended(args, settings, archive, passing)
            return 0
        finally:
            archive.close()


def _check(args: argparse.Namespace) -> None:
    if args.json and not args.answers:
        raise UsageError("--json prints an unattended interview: name its answers with --answers FILE")
    if args.minutes is not None and not 5 <= args.minutes <= 240:
        raise UsageError("--minutes is a number from 5 to 240")
    settled = [name for name in ("question", "level", "minutes", "pace") if getattr(args, name) is not None]
    if args.resume and settled:
        raise UsageError(f"--resume goes on with an interview as it was opened: leave out --{' and --'.join(settled)}")


def _by_hand(args: argparse.Namespace, settings: Settings, archive: Archive) -> None:
    session = _begun(args, settings, archive) if args.resume else _new(args, settings, archive)
    session.resume()
    session.unpause()
    run_by_hand(session, _go_on(session, args))


def _unattended(args: argparse.Namespace, settings: Settings, archive: Archive, passing: bool) -> None:
    clock = SimulatedClock()
    if args.resume:
        session = _begun(args, settings, archive, clock)
        answers = read_answers(args.answers, session.state.opened.pace)
        clock.now = session.state.last_at or clock.now
        session.advance()
        session.unpause()
    else:
        answers = read_answers(args.answers, args.pace or settings.pace)
        session = _new(args, settings, archive, clock)
    if not passing:
        print(f"After an interruption go on with: {_go_on(session, args)}", file=sys.stderr, flush=True)
    given = sum(t.speaker == "candidate" for t in session.state.turns)
    run_unattended(session, clock, answers[given:], args.json)


def _go_on(session: InterviewSession, args: argparse.Namespace) -> str:
    """The command that goes on with the interview where it was left."""
    command = f"python -m agents interview --resume {session.interview}"
    command += f" --data {quote(str(args.data))}" if args.data else ""
    command += f" --answers {quote(str(args.answers))}" if args.answers else ""
    return command + (" --json" if args.json else "")


def _archive(settings: Settings, folder: Path | None) -> Archive:
    if folder is None and settings.database:
        return Archive(settings.database)
    return Archive.in_folder(folder or settings.data)


def _begun(args: argparse.Namespace, settings: Settings, archive: Archive, clock: Clock = utc_now) -> InterviewSession:
    rubric = load_rubric(settings.rubric or RUBRIC_FILE)
    return InterviewSession(archive, _panel(args, settings), rubric, args.resume, clock)


def _new(args: argparse.Namespace, settings: Settings, archive: Archive, clock: Clock = utc_now) -> InterviewSession:
    question = _question(args.question, settings, archive)
    return InterviewSession.start(
        archive,
        _panel(args, settings),
        load_rubric(settings.rubric or RUBRIC_FILE),
        question,
        Level(args.level) if args.level else question.difficulty,
        args.minutes or question.minutes,
        args.pace or settings.pace,
        clock,
    )


def _panel(args: argparse.Namespace, settings: Settings) -> Panel:
    """The panel asked for: the settings' own without a word."""
    embedder = MiniLM(settings.weights, settings.threads)
    if args.panel == "local":
        return local_panel(embedder)
    if args.panel == "model" and not settings.llm_model:
        raise UsageError("--panel model needs a model: set GREENROOM_LLM_MODEL, and see .env.example for the rest")
    return configured_panel(settings, load_rubric(settings.rubric or RUBRIC_FILE), os.environ, embedder)


def _question(wanted: str | None, settings: Settings, archive: Archive) -> Question:
    questions = _bank(settings)
    if wanted is None:
        done = archive.times_practised()
        return min(questions.values(), key=lambda q: (done.get(q.id, 0), q.id))
    return _named(wanted, questions)


def _bank(settings: Settings) -> dict[str, Question]:
    bank = settings.load_bank()
    for fault in bank.faults:
        print(f"left out: {fault}", file=sys.stderr)
    if not bank.questions:
        raise UsageError("the bank has no question that can be read")
    return bank.questions


def _named(wanted: str, questions: dict[str, Question]) -> Question:
    if wanted.upper() not in questions:
        raise UsageError(f"there is no question {wanted}; there are: {', '.join(questions)}")
    return questions[wanted.upper()]


if __name__ == "__main__":
    sys.exit(main())
