"""`python -m knowledge`: lint the question files, search questions and resources, build the search index."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from knowledge.bank import Bank, load_bank, planned
from knowledge.duplicates import SAME, nearest_pairs
from knowledge.embedder import EmbedderUnavailable, MiniLM
from knowledge.entries import sources
from knowledge.faults import Fault, KnowledgeError
from knowledge.find import find_questions
from knowledge.index import Filters, Hit, Index, IndexUnavailable, Opened, default_folder
from knowledge.lint import Known, lint
from knowledge.question import QUESTIONS
from knowledge.question_file import read_question
from knowledge.ready_vectors import FILE as VECTORS
from knowledge.ready_vectors import ReadyVectors
from knowledge.resource import coverage_faults, load_resources, load_topics
from knowledge.reviews import FILE, review_faults
from knowledge.rubric import load_rubric
from knowledge.source_items import source_faults
from knowledge.study import load_study_plans
from knowledge.terms import CATEGORIES, Level
from knowledge.writing import UsageError, add_commands


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Exit code 0 on success, 2 when the command line is wrong, 1 for faults found and anything else that failed.
    `environ` stands for the environment and the file .env in the working folder."""
    args = _parser().parse_args(argv)
    try:
        return int(args.run(args, _environ() if environ is None else environ))
    except UsageError as error:
        return _failed(error, 2)
    except (KnowledgeError, EmbedderUnavailable, IndexUnavailable) as error:
        return _failed(error, 1)
    except OSError as error:
        return _failed(f"{error}. Check that the file is there and may be read.", 1)
    except KeyboardInterrupt:
        return _failed("Interrupted. The next start carries on from here.", 130)


def _failed(message: object, code: int) -> int:
    print(message, file=sys.stderr)
    return code


def _environ() -> Mapping[str, str]:
    from dotenv import dotenv_values

    return {**{key: value or "" for key, value in dotenv_values(".env").items()}, **os.environ}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m knowledge", description="What Greenroom knows.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    checked = _command(commands, "lint", _lint, "report every fault in question files, rubric, topics and resources")
    checked.add_argument("path", nargs="?", type=Path, metavar="PATH", help="a question file or a folder of them")
    found = _command(commands, "search", _search, "find questions or resources by what they are about")
    found.add_argument("query", metavar="QUERY", help='what it should be about; "" lists what passes the filters')
    found.add_argument("--kind", choices=["question", "resource"], default="question", help="default: question")
    found.add_argument("--top", type=_positive, default=5, metavar="N", help="at most so many, 5 by default")
    found.add_argument("--category", type=_one_of(CATEGORIES), metavar="C", help="; ".join(CATEGORIES))
    found.add_argument("--difficulty", type=_one_of(tuple(Level)), metavar="D", help="; ".join(Level))
    found.add_argument(
        "--topic", nargs="+", action="extend", default=[], metavar="T", help="tags, one of them is enough"
    )
    found.add_argument("--minutes", type=_positive, metavar="M", help="the time there is: questions that fit into it")
    found.add_argument("--company", metavar="C", help="questions this company is known for")
    found.add_argument("--json", action="store_true", help="print one JSON list")
    add_commands(partial(_command, commands))
    alike = _command(commands, "duplicates", _duplicates, "list items of different questions that mean nearly the same")
    alike.add_argument(
        "--above", type=float, default=SAME, metavar="C", help=f"least cosine similarity, {SAME} by default"
    )
    built = _command(commands, "index", _index, "bring the search index up to date")
    built.add_argument("--rebuild", action="store_true", help="build it from nothing")
    _command(commands, "vectors", _vectors, "make the vectors that the repository keeps of its texts")
    for command in (found, built):
        help_ = (
            "data folder; the index is in its subfolder index (default: GREENROOM_DATA, else the user's data folder)"
        )
        command.add_argument("--data", type=Path, metavar="FOLDER", help=help_)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace, Mapping[str, str]], int],
    help_: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help_, description=f"{help_[0].upper()}{help_[1:]}.")
    command.set_defaults(run=run)
    return command


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def _one_of(values: Sequence[str]) -> Callable[[str], str]:
    """A reader of one of `values`, in whatever case it is written."""

    def read(text: str) -> str:
        for value in values:
            if value.casefold() == text.strip().casefold():
                return value
        raise argparse.ArgumentTypeError(f"{text!r} is not one of: {'; '.join(values)}")

    return read


def _lint(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    bank = _bank(args.path) if args.path else _whole_bank(environ)
    try:
        rubric, topics = load_rubric(), load_topics()
        resources = load_resources(topics=topics)
        load_study_plans(topics, {*planned(), *bank.questions}, resources)
    except KnowledgeError as error:  # without these, a rule about names would call every name unknown
        faults = [*error.faults, *bank.faults]
    else:
        ids = {*planned(), *bank.questions, *(load_bank().questions if args.path else ())}
        faults = lint(bank, Known(rubric.areas, topics, resources, ids))
        if args.path is None:
            faults += source_faults(bank)
        faults += [*_unread(args.path or QUESTIONS, bank), *coverage_faults(resources, topics)]
    for fault in sorted(faults, key=lambda f: (str(f.path), f.line)):
        print(_shown(fault), file=sys.stderr)
    if faults:
        return _failed(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}.", 1)
    print(
        f"{len(bank.questions)} {'question' if len(bank.questions) == 1 else 'questions'}, {len(resources)} resources, "
        f"{len(topics)} topics and the rubric {rubric.id} {rubric.version}: no faults."
    )
    return 0


def _unread(folder: Path, bank: Bank) -> list[Fault]:
    """Questions that only their writer has read. Of a folder without marks, and of a single file, none is asked for."""
    return list(review_faults(bank, folder)) if (folder / FILE).is_file() else []


def _duplicates(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    weights = environ.get("GREENROOM_WEIGHTS")
    model = MiniLM(Path(weights) if weights else None, threads=os.cpu_count() or 1)
    pairs = nearest_pairs(_whole_bank(environ).questions.values(), model, args.above)
    for pair in pairs:
        print(f"{pair.cosine:.2f}  {pair.first}  {pair.texts[0]}\n      {pair.second}  {pair.texts[1]}")
    if pairs:
        return _failed(f"{len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'} above {args.above:g}.", 1)
    print(f"No two items of different questions are nearer than {args.above:g}.")
    return 0


def _bank(path: Path) -> Bank:
    """The questions of a folder, or the one of a file. UsageError when there are none."""
    if path.is_file():
        try:
            question = read_question(path)
        except KnowledgeError as error:
            return Bank({}, {}, error.faults)
        return Bank({question.id: question}, {question.id: path}, ())
    if not path.is_dir():
        raise UsageError(f"{path}: there is no such file or folder. Name a question file or a folder of them.")
    bank = load_bank(path)
    if not bank.questions and not bank.faults:
        raise UsageError(f"{path}: there is no question file (*.md) in it. Name a question file or a folder of them.")
    return bank


def _shown(fault: Fault) -> str:
    """The fault with a path as short as it can be."""
    path = fault.path.resolve()
    return str(
        Fault(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path, fault.line, fault.message)
    )


def _search(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    topics = load_topics()
    for tag in args.topic:
        if tag.casefold() not in topics:
            near = difflib.get_close_matches(tag.casefold(), topics, n=3) or ["see knowledge/topics.yaml"]
            raise UsageError(f"there is no topic {tag}; did you mean: {', '.join(near)}")
    filters = Filters(args.category, args.difficulty, tuple(args.topic), args.minutes, args.company)
    try:
        filters.where(args.kind)
    except ValueError as error:
        raise UsageError(f"{error}. Leave the other options out with --kind {args.kind}.") from None
    index, opened = _opened(args, environ, rebuild=False)
    if opened.rebuilt == "damaged":
        print("The index was damaged and has been built anew.", file=sys.stderr)
    if args.kind == "question":
        answer = find_questions(index, args.query, _whole_bank(environ).questions.values(), args.top, filters)
        hits = list(answer.hits)
        if answer.relaxed:
            print("Nothing fits all of that. These are about it, at another level or length.", file=sys.stderr)
    else:
        hits = index.search(args.query, args.kind, args.top, filters)
    index.close()
    if args.json:
        print(json.dumps([_record(hit) for hit in hits], indent=2))
    elif not hits:
        print("Nothing fits. Try other words or fewer filters.", file=sys.stderr)
    for hit in [] if args.json else hits:
        print(f"{hit.score:.2f}  {hit.id}  {hit.title}" + (f"\n            {hit.url}" if hit.url else ""))
    return 0


def _record(hit: Hit) -> dict[str, object]:
    record = {"id": hit.id, "title": hit.title, "score": round(hit.score, 4), "text": hit.text}
    return {**record, "url": hit.url} if hit.url else record


def _index(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    index, opened = _opened(args, environ, args.rebuild)
    index.close()
    built = f" Built anew: {opened.rebuilt}." if opened.rebuilt else ""
    print(f"{_folder(args, environ)}: {opened.embedded} entries embedded, {opened.removed} removed.{built}")
    return 0


def _vectors(_: argparse.Namespace, environ: Mapping[str, str]) -> int:
    weights = environ.get("GREENROOM_WEIGHTS")
    ready = ReadyVectors(MiniLM(Path(weights) if weights else None, threads=os.cpu_count() or 1))
    topics = load_topics()
    shipped = sources(load_bank(), load_resources(topics=topics), topics)
    new = ready.write((entry.text for source in shipped for entry in source.entries), _progress)
    print(f"{VECTORS}: {new} computed.")
    return 0


def _opened(args: argparse.Namespace, environ: Mapping[str, str], rebuild: bool) -> tuple[Index, Opened]:
    """The index, brought up to date with a line of progress on stderr."""
    bank, topics = _whole_bank(environ), load_topics()
    if bank.faults:
        broken = len({fault.path for fault in bank.faults})
        print(f"{broken} question files have faults and are left out: python -m knowledge lint", file=sys.stderr)
    weights = environ.get("GREENROOM_WEIGHTS")
    index = Index(_folder(args, environ), MiniLM(Path(weights) if weights else None, threads=os.cpu_count() or 1))
    opened = index.open(bank, load_resources(topics=topics), topics, _progress, rebuild)
    return index, opened


def _progress(done: int, total: int) -> None:
    last = done == total
    if sys.stderr.isatty() or last:
        print(f"\rBuilding the search index: {done} of {total}", end="\n" if last else "", file=sys.stderr, flush=True)


def _folder(args: argparse.Namespace, environ: Mapping[str, str]) -> Path:
    return default_folder({"GREENROOM_DATA": str(args.data)} if args.data else environ)


def _whole_bank(environ: Mapping[str, str]) -> Bank:
    """The questions that the application uses: those of the folders which the environment names, else the shipped."""
    named = {key: environ.get(f"GREENROOM_{key}", "") for key in ("QUESTIONS", "PRIVATE_QUESTIONS")}
    found = [Path(folder).expanduser() if folder else None for folder in named.values()]
    return load_bank(found[0] or QUESTIONS, found[1])


if __name__ == "__main__":
    sys.exit(main())
