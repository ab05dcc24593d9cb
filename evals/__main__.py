"""`python -m evals`: measurements."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from agents.tokens import EncodingDamaged
from knowledge.embedder import EmbedderUnavailable


def main(argv: list[str] | None = None) -> int:
    """Exit code 0 on success, 1 without the embedding model, 2 for unusable arguments or files, 130 when stopped."""
    parser = argparse.ArgumentParser(prog="python -m evals", description="Measurements of Greenroom.")
    commands = parser.add_subparsers(dest="command", required=True)
    bench = commands.add_parser("bench", help="speed, as ratios beside the plain alternative")
    bench.add_argument("--repeats", type=int, default=20, help="timings per side, at least 4 (default: 20)")
    bench.add_argument("--only", choices=["model", "index"], help="just language models, or just the search index")
    bench.add_argument("--json", action="store_true", help="one JSON list instead of a table")
    commands.add_parser("ear", help="how well the local panel finds the points that labelled answers reach")
    interview = commands.add_parser(
        "interview",
        help="how the interviewer behaves, and how it scores, with every kind of simulated candidate",
        description="Whole interviews with simulated candidates; stop with Ctrl-C, carry on with the same --out.",
    )
    interview.add_argument("--panel", choices=["local", "model"], default="local", help="who interviews")
    interview.add_argument("--question", action="append", default=[], metavar="ID", help="only this one; repeatable")
    interview.add_argument("--kind", action="append", default=[], metavar="KIND", help="only this one; repeatable")
    interview.add_argument("--out", type=Path, metavar="FILE", help="keep a record per interview; carry on from it")
    interview.add_argument("--failures", type=int, default=0, metavar="N", help="name up to N failures of each figure")
    interview.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes at a time")
    interview.add_argument("--transcripts", type=Path, metavar="FOLDER", help="write each interview there, to be read")
    interview.add_argument("--no-swaps", action="store_true", help="leave out the swap test, half of a model's calls")
    interview.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    kills = commands.add_parser("kills", help="interviews killed at random instants: is anything lost?")
    kills.add_argument("--n", type=int, default=20, help="how many (default: 20)")
    kills.add_argument("--seed", type=int, default=1, help="of the instants (default: 1)")
    retrieval = commands.add_parser("retrieval", help="how well the search finds questions and resources")
    retrieval.add_argument(
        "--part", choices=["report", "tune"], default="report", help="which half of the queries (default: report)"
    )
    retrieval.add_argument(
        "--without-phrases", action="store_true", help="leave out the search phrases of questions and resources"
    )
    _scoring(commands)
    args = parser.parse_args(argv)
    try:
        for text in _printed(args):
            print(text, flush=True)
    except (EmbedderUnavailable, EncodingDamaged) as error:
        print(error, file=sys.stderr)
        return 1
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. With --out, the same command carries on.", file=sys.stderr)
        return 130
    return 0


def _scoring(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    score = commands.add_parser("score", help="score transcripts, one after the other")
    score.add_argument("data", type=Path, metavar="FILE", help="JSON lines as in evals/datasets/transcripts")
    score.add_argument("--json", action="store_true", help="one JSON object per transcript instead of a line")
    agree = commands.add_parser("agree", help="how far scores agree with labels")
    agree.add_argument("run", type=Path, metavar="RUN", help="what `score --json` printed for labelled transcripts")
    agree.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    agree.add_argument("--plot", type=Path, metavar="FILE", help="draw the points' reliability, .png or .svg")
    probe = commands.add_parser("probe", help="what scores do when transcripts are spoiled, padded or attacked")
    probe.add_argument("data", type=Path, metavar="FILE", help="JSON lines as in evals/datasets/transcripts")
    probe.add_argument("--probe", action="append", default=[], metavar="NAME", help="only this one; repeatable")
    probe.add_argument("--most", type=int, metavar="N", help="the first N transcripts only")
    probe.add_argument("--json", action="store_true", help="one JSON list instead of a table")
    for command in (score, probe):
        command.add_argument("--panel", choices=["local", "model"], default="local", help="who assesses")
    commands.add_parser("statements", help="is a statement heard better than its opposite?")
    reach = commands.add_parser("reach", help="which given points answers reach, by the local panel's ear")
    reach.add_argument("data", type=Path, metavar="FILE", help='JSON lines {"id", "question", "points", "answer"}')
    reach.add_argument("--panel", choices=["local"], default="local", help="the ear is the local panel's alone")
    reach.add_argument("--out", type=Path, metavar="FILE", help="write there instead of printing")


def _printed(args: argparse.Namespace) -> Iterator[str]:
    """What a command prints, as it comes: one measurement, or line after line."""
    if args.command == "score":
        from evals import score

        yield from map(score.as_json if args.json else score.line, score.scored(args.data, args.panel))
    elif args.command == "reach":
        from evals import reach

        results = map(reach.as_json, reach.reached(args.data))
        if args.out is None:
            yield from results
        else:
            args.out.write_text("".join(f"{line}\n" for line in results), encoding="utf-8")
    else:
        yield _measure(args)


def _measure_scores(args: argparse.Namespace) -> str:
    if args.command == "agree":
        from evals import agree

        if args.plot is not None:
            agree.reliability_plot(args.run, args.plot)
        return json.dumps(agree.measured(args.run)) if args.json else agree.report(args.run)
    if args.command == "statements":
        from evals import probe_statements

        return probe_statements.report(list(probe_statements.compared()))
    from evals import probe

    found = list(probe.outcomes(args.data, args.panel, args.probe, args.most))
    return json.dumps(probe.as_json(found)) if args.json else probe.report(found)


def _measure(args: argparse.Namespace) -> str:
    # Imported here: each measurement brings libraries that the others, and --help, do not need.
    if args.command == "ear":
        from evals import ear

        return ear.report()
    if args.command == "interview":
        from evals import interview, interview_report

        records = interview.run(
            args.panel, args.out, args.question, args.kind, args.jobs, args.transcripts, not args.no_swaps
        )
        return interview_report.as_json(records) if args.json else interview_report.report(records, args.failures)
    if args.command in ("agree", "probe", "statements"):
        return _measure_scores(args)
    if args.command == "retrieval":
        from evals import retrieval

        return retrieval.report(args.part, not args.without_phrases)
    if args.command == "kills":
        from evals import kills

        return kills.table(kills.run(args.n, args.seed))
    from evals import bench, bench_index, bench_model, bench_ratio

    run = {"model": bench_model.run, "index": bench_index.run}.get(args.only, bench.run)
    ratios = run(max(4, args.repeats))
    if args.only == "index":
        return bench_ratio.as_json(ratios) if args.json else bench_ratio.table(ratios)
    return bench_ratio.as_json(ratios) if args.json else f"{bench_ratio.table(ratios)}\n\n{bench_model.usage()}"


if __name__ == "__main__":
    sys.exit(main())
