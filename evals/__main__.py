"""`python -m evals`: measurements."""

from __future__ import annotations

import argparse
import os
import sys
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
    args = parser.parse_args(argv)
    try:
        print(_measure(args))
    except (EmbedderUnavailable, EncodingDamaged) as error:
        print(error, file=sys.stderr)
        return 1
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. With --out, the same command carries on.", file=sys.stderr)
        return 130
    return 0


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
