"""`python -m evals probe`: what scores do when transcripts are spoiled, padded, attacked or merely changed in form.

Any transcripts with evals/samples.py's format, any panel. Each probe of evals/perturb.py says what must happen.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from agents.assessor import assess
from agents.reading import Reader
from agents.scorecard import Scorecard
from evals.panels import panel_named
from evals.perturb import PERTURBATIONS, SAME, Expectation, Perturbation
from evals.probe_texts import Texts, read_texts
from evals.samples import Sample, read_samples
from evals.share import interval
from knowledge.bank import load_bank
from knowledge.question import Question
from knowledge.rubric import Rubric, load_rubric

SEED = 7
FLOOR = 1.0


@dataclass(frozen=True)
class Outcome:
    """What one variant of a sample was scored, beside the sample itself; None where there is no score."""

    probe: str
    variant: str
    before: float | None
    after: float | None
    kept: bool

    @property
    def moved(self) -> float | None:
        """After less before, in points of the scale 1..5; None where either has no score."""
        return None if self.before is None or self.after is None else self.after - self.before


def outcomes(path: Path, panel: str, names: Sequence[str] = (), most: int | None = None) -> Iterator[Outcome]:
    """Every variant's outcome, sample by sample, of the probes of these names or of all; of the first `most` samples.

    ValueError for a name that no probe has, and for what cannot be read.
    """
    unknown = [name for name in names if name not in PERTURBATIONS]
    if unknown:
        raise ValueError(f"there is no probe {unknown[0]}; there are {', '.join(PERTURBATIONS)}")
    chosen = [p for p in PERTURBATIONS.values() if not names or p.name in names]
    questions, rubric, reader, texts = (
        load_bank().questions,
        load_rubric(),
        panel_named(panel, os.cpu_count() or 1).reader,
        read_texts(),
    )
    for number, sample in enumerate(read_samples(path, questions)):
        if most is not None and number >= most:
            return
        print(f"\rprobing: {number + 1}", end="", file=sys.stderr, flush=True)
        yield from _of_sample(sample, questions[sample.question_id], chosen, texts, rubric, reader)
    print(file=sys.stderr)


def _of_sample(
    sample: Sample,
    question: Question,
    probes: Sequence[Perturbation],
    texts: Texts,
    rubric: Rubric,
    reader: Reader,
) -> Iterator[Outcome]:
    before = assess(sample.transcript(question), rubric, reader)
    proven = {p.id: (p.evidence[0].turn, p.evidence[0].quote) for p in before.points if p.evidence}
    own = Texts(texts.by_kind, {sample.id: proven})
    for probe in probes:
        rng = Random(f"{SEED} {sample.id} {probe.name}")  # noqa: S311 - the same variants every time
        for variant, changed in probe.change(sample, question, rng, own):
            after = assess(changed.transcript(question), rubric, reader)
            kept = met(probe.expect, before, after)
            yield Outcome(probe.name, variant, before.overall, after.overall, kept)


def met(expect: Expectation, before: Scorecard, after: Scorecard) -> bool:
    """Whether a variant's score did what the probe demands (evals/perturb.py, Expectation)."""
    old, new = before.overall, after.overall
    if expect == "exactly zero":
        return new in (None, FLOOR) and all(p.rung == 0 for p in after.points)
    if expect == "floor":
        return new is None or new <= FLOOR + SAME
    if old is None or new is None:
        return old == new
    moved = round(new - old, 6)
    if expect == "same":
        return abs(moved) <= SAME
    if expect == "lower" and old > FLOOR + SAME:
        return moved < 0
    return moved >= 0 if expect == "not lower" else moved <= 0


def report(found: Sequence[Outcome]) -> str:
    """The probes as a Markdown table: how often the score did what it should, and how far it moved."""
    head = [
        "| probe | it must be | n | it was | mean move | worst |",
        "| --- " * 6 + "|",
    ]
    return "\n".join([*head, *(_row(probe, found) for probe in PERTURBATIONS.values() if _own(probe, found))])


def _own(probe: Perturbation, found: Sequence[Outcome]) -> list[Outcome]:
    return [o for o in found if o.probe == probe.name]


def _row(probe: Perturbation, found: Sequence[Outcome]) -> str:
    own = _own(probe, found)
    kept = sum(o.kept for o in own)
    low, high = interval(kept, len(own))
    if probe.expect in ("floor", "exactly zero"):
        after = [o.after for o in own if o.after is not None]
        move, worst = f"scored {np.mean(after):.2f}" if after else "-", f"{max(after):.2f}" if after else "-"
    else:
        moves = [o.moved for o in own if o.moved is not None]
        far = max(moves, key=abs, default=None)
        move, worst = f"{np.mean(moves):+.2f}" if moves else "-", "-" if far is None else f"{far:+.2f}"
    share = f"{kept / len(own):.0%} ({low:.0%}-{high:.0%})"
    return f"| {probe.name} | {probe.expect} | {len(own)} | {share} | {move} | {worst} |"


def as_json(found: Sequence[Outcome]) -> list[Mapping[str, Any]]:
    """The outcomes, for JSON."""
    return [{**vars(o), "moved": o.moved} for o in found]
