"""`python -m evals`: measurements."""

from __future__ import annotations

import argparse
import sys

from knowledge.embedder import EmbedderUnavailable


def main(argv: list[str] | None = None) -> int:
    """Exit code 0 on success, 1 when the embedding model cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m evals", description="Measurements of Greenroom.")
    commands = parser.add_subparsers(dest="command", required=True)
    bench = commands.add_parser("bench", help="speed, as ratios beside the plain alternative")
    bench.add_argument("--repeats", type=int, default=20, help="timings per side, at least 4 (default: 20)")
    bench.add_argument("--json", action="store_true", help="one JSON list instead of a table")
    commands.add_parser("ear", help="how well the local panel finds the points that labelled answers reach")
    commands.add_parser("scripted", help="scores of scripted candidates: excellent, good, weak, and nothing to say")
    args = parser.parse_args(argv)
    try:
        print(_measure(args))
    except EmbedderUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _measure(args: argparse.Namespace) -> str:
    # Imported here: each measurement brings libraries that the others, and --help, do not need.
    if args.command == "ear":
        from evals import ear

        return ear.report()
    if args.command == "scripted":
        from evals import scripted

        return scripted.table(scripted.run())
    from evals import bench

    ratios = bench.run(max(4, args.repeats))
    return bench.as_json(ratios) if args.json else bench.table(ratios)


if __name__ == "__main__":
    sys.exit(main())
