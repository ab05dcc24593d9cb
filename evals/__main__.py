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
    args = parser.parse_args(argv)
    from evals import bench as benchmarks

    try:
        ratios = benchmarks.run(max(4, args.repeats))
    except EmbedderUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    print(benchmarks.as_json(ratios) if args.json else benchmarks.table(ratios))
    return 0


if __name__ == "__main__":
    sys.exit(main())
