"""The commands for those who write questions: start one, import one, mark one as read by somebody else."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from knowledge.bank import load_bank
from knowledge.question import QUESTIONS
from knowledge.question_file import parse_question
from knowledge.reviews import FILE, mark
from knowledge.template import TODO, Plain, TemplateError, fill, read_plain
from knowledge.terms import CATEGORIES, Level

_ID = re.compile(r"[A-Z]{2,8}[0-9]{1,4}")


class UsageError(ValueError):
    """The command line asks for something that is not there or cannot be done."""


def new(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Writes an empty question file."""
    return _write(args, environ, Plain(args.title, args.category, Level(args.difficulty), args.minutes))


def import_(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Writes a question file with what a question in the plain template says."""
    try:
        plain = read_plain(args.file.read_text(encoding="utf-8"))
    except TemplateError as error:
        raise UsageError(f"{args.file}: {error}. The template is described in docs/questions.md.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{args.file} is not UTF-8 text ({error.reason}): save it as UTF-8.") from None
    return _write(args, environ, plain)


def _write(args: argparse.Namespace, environ: Mapping[str, str], plain: Plain) -> int:
    id_ = args.id.upper()
    if not _ID.fullmatch(id_):
        raise UsageError(f"{args.id} is no id: take two to eight letters and a number, as in TEAM07.")
    folder = args.folder or _own_folder(environ)
    path = folder / plain.category.lower().replace(" ", "-") / f"{id_}.md"
    taken = load_bank().paths.get(id_) or (path if path.exists() else None)
    if taken:
        raise UsageError(f"{id_} is taken by {taken}. Choose another id; nothing was written.")
    text = fill(id_, plain)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(path)
    missing = text.count(TODO)
    print(f"{missing} places are marked {TODO}; this lists them: python -m knowledge lint {path}", file=sys.stderr)
    return 0


def _own_folder(environ: Mapping[str, str]) -> Path:
    named = environ.get("GREENROOM_PRIVATE_QUESTIONS") or environ.get("GREENROOM_QUESTIONS")
    if not named:
        raise UsageError("Say where it belongs: --folder FOLDER, or set GREENROOM_PRIVATE_QUESTIONS to a folder.")
    return Path(named).expanduser()


def reviewed(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Marks questions as read, in their present wording, by somebody who did not write them."""
    folder = args.folder or QUESTIONS
    for id_ in args.id:
        paths = list(folder.rglob(f"{id_.upper()}.md")) if folder.is_dir() else []
        if not paths:
            raise UsageError(f"{folder}: there is no question {id_} in it. --folder names another folder.")
        question = parse_question(paths[0].read_text(encoding="utf-8"), paths[0])
        mark(folder, question, args.by, date.today())
        print(f"{question.id}: marked in {folder / FILE}")
    return 0


def add_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds new, import and reviewed; `command(name, run, help)` makes a parser for one."""
    started = command("new", new, "write a question file to fill in")
    started.add_argument("--title", default=TODO, metavar="T", help="short and concrete")
    started.add_argument("--category", choices=CATEGORIES, default=CATEGORIES[0], help=f"default: {CATEGORIES[0]}")
    started.add_argument("--difficulty", choices=[str(level) for level in Level], default=str(Level.ADVANCED))
    started.add_argument("--minutes", type=int, default=45, metavar="M", help="5 to 120, 45 by default")
    taken = command("import", import_, "write a question file from one in the plain template")
    taken.add_argument("file", type=Path, metavar="FILE", help="Markdown in the plain template (docs/questions.md)")
    for parser in (started, taken):
        parser.add_argument("id", metavar="ID", help="letters and a number, as in TEAM07")
        help_ = "where your questions are (default: GREENROOM_PRIVATE_QUESTIONS)"
        parser.add_argument("--folder", type=Path, metavar="FOLDER", help=help_)
    read = command("reviewed", reviewed, "mark questions as read by somebody who did not write them")
    read.add_argument("id", nargs="+", metavar="ID", help="the questions that were read")
    read.add_argument("--by", required=True, metavar="NAME", help="who read them")
    read.add_argument("--folder", type=Path, metavar="FOLDER", help="where they are (default: the shipped ones)")
