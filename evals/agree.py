"""`python -m evals agree`: how far scores agree with people's, from a file of scored transcripts, one JSON a line.

    {"id": "...", "question": "SD04", "level": "Advanced", "overall": 3.4, "coverage": 1.0, "areas": {"SY": 3.4},
     "points": {"P1": {"rung": 2, "probability": 0.81, "quote": "..."}}, "unscored": null, "words": 812,
     "labels": {"NAME OF A READER": {...}}, "baselines": {"NAME": 0.41}}

Labels are as in evals/samples.py; `baselines` are optional. `overall` and an area may be null: not scored. The label of
a transcript is its first reader's; its overall is the mean of its areas by the rubric's weights, assessed ones only.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from agents.markdown_text import literal
from evals import agreement
from evals.agreement import BINS, HALVES, MEASURES, Array, as_array, bin_of, estimate
from evals.json_lines import read_lines
from evals.samples import Label
from knowledge.bank import Bank, load_bank
from knowledge.rubric import Rubric, load_rubric
from knowledge.terms import Level

SEED = 7
APART, WORST, QUOTES = 0.8, 10, 3
BANDS = {"below 2": (-math.inf, 2.0), "2 to 3": (2.0, 3.0), "3 to 4": (3.0, 4.0), "4 and above": (4.0, math.inf)}
"""Bands of the label; the lower end belongs to a band, the upper does not."""
MACHINE, MEAN, WORDS, READER = "machine", "always the mean label", "word count", "second reader"
READ_ME = f"""Value (95 % interval): questions resampled, {agreement.ROUNDS} rounds. "-": not defined.
Kappa: both sides rounded to halves, 1 to 5, quadratic weights; alpha: Krippendorff's, interval.
MAE and bias: machine minus label, in score points; SMD: bias / pooled standard deviation.
Exact: the same half. Within 0.5 and 1.0: the difference before rounding.
The mean label has seen the labels. Of word count and baselines only ranks count, as they are on other scales; their MAE
is that of a straight line fitted to the labels of the other questions.
The second reader is compared with the first, on all transcripts that both labelled."""

Score = Annotated[float, Field(ge=1, le=5)]
Rung = Annotated[int, Field(ge=0, le=4)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Label(Label):
    areas: dict[str, Score | None]
    points: dict[str, Rung] = Field(default_factory=dict)


class Heard(_Strict):
    """What the machine made of one expected point. `probability` that it was reached at all, 0..1."""

    rung: Rung
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    quote: str | None = None


class Scored(_Strict):
    """One line of the file. What else stands in it, such as the bar, is not needed here."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    id: str
    question: str
    level: Level | None = None
    overall: Score | None
    coverage: float | None = None
    areas: dict[str, Score | None] = Field(default_factory=dict)
    points: dict[str, Heard] = Field(default_factory=dict)
    unscored: str | None = None
    words: Annotated[int, Field(ge=0)]
    labels: dict[str, _Label] = Field(default_factory=dict)
    baselines: dict[str, float | None] = Field(default_factory=dict)

    def machine(self, area: str | None) -> float | None:
        """1..5 of an area, None for the whole. None of a transcript that has no overall score, whatever its areas."""
        return None if self.overall is None else self.overall if area is None else self.areas.get(area)

    def label(self, area: str | None, rubric: Rubric, reader: int = 0) -> float | None:
        """As `machine`, from the reader at this place; None without such a reader."""
        readers = list(self.labels.values())
        areas = readers[reader].areas if reader < len(readers) else {}
        if area is not None:
            return areas.get(area)
        weighted = [(rubric.areas[a].weight, score) for a, score in areas.items() if score is not None]
        return sum(w * s for w, s in weighted) / sum(w for w, _ in weighted) if weighted else None


def read_scored(path: Path) -> list[Scored]:
    """The transcripts of a file. ValueError with file and line for a line that cannot be used, or without any line."""
    bank, rubric = load_bank(), load_rubric()
    found: dict[str, Scored] = {}
    for place, record in read_lines(path, Scored):
        for fault in _faults(record, found, bank, rubric):
            raise ValueError(f"{place}: {fault}")
        found[record.id] = record
    if not found:
        raise ValueError(f"{path}, line 1: there is no transcript; write one scored transcript a line")
    return list(found.values())


def measured(run: Path, seed: int = SEED) -> dict[str, Any]:
    """What `report` shows, for JSON: estimates as {"value", "low", "high", "n"}, None for not defined. Raises alike."""
    records, rubric = read_scored(run), load_rubric()
    whole, label = as_array([r.overall for r in records]), as_array([r.label(None, rubric) for r in records])
    return {
        "transcripts": len(records),
        "questions": len({r.question for r in records}),
        "unscored": dict(Counter(r.unscored or "no reason given" for r in records if r.overall is None)),
        "unlabelled": int(np.isnan(label).sum()),
        "areas": {area: rubric.areas[area].name for area in rubric.areas},
        "scores": {area or "overall": _agreement(records, area, rubric, seed) for area in (None, *rubric.areas)},
        "pairs": _pairs(records, rubric, seed),
        "bands": _bands(records, whole, label, seed),
        "confusion": agreement.confusion(agreement.to_halves(label), agreement.to_halves(whole), HALVES),
        "points": _points(records, seed),
        "worst": _worst(records, rubric),
    }


def report(run: Path, seed: int = SEED) -> str:
    """The tables in Markdown. `seed` is of the bootstrap. ValueError as read_scored."""
    found = measured(run, seed)
    silent = sum(found["unscored"].values())
    reasons = "; ".join(f"{literal(why)}: {n}" for why, n in found["unscored"].items())
    counted = f"{found['transcripts']} transcripts of {found['questions']} questions"
    lines = [f"{counted}; {found['unlabelled']} without a label", f"Unscored, in no figure of the machine's: {silent}"]
    lines = [f"{'. '.join(lines)}{f' ({reasons})' if reasons else ''}.", "", READ_ME]
    for area, scores in found["scores"].items():
        named = f"{area}: {found['areas'][area]}" if area in found["areas"] else "Overall"
        rows = [[literal(who), str(row["MAE"]["n"]), *map(_cell, row.values())] for who, row in scores.items()]
        lines += _table(named, ["", "n", *MEASURES], rows)
    rows = [[literal(who), str(pair["n"]), _cell(pair)] for who, pair in found["pairs"].items()]
    title = f"Pairs of a question whose labels differ by {APART} or more: in the right order (equal scores are not)"
    lines += _table(title, ["", "n", "share"], rows)
    rows = [[band, str(row["MAE"]["n"]), _cell(row["bias"]), _cell(row["MAE"])] for band, row in found["bands"].items()]
    lines += _table("Overall by band of the label", ["label", "n", "bias", "MAE"], rows)
    lines += _table("Overall in halves (row: label, column: machine)", *_counts(HALVES, found["confusion"]))
    points = found["points"]
    rows = [[name, str(points[name]["n"]), _cell(points[name])] for name in ("ROC area", "calibration error")]
    lines += _table("Points: probability against rung > 0", ["", "n", "value"], rows)
    lines += ["", f"Labelled points that the machine says nothing of, not counted: {points['missing']}."]
    lines += _table("Points: rung (row: label, column: machine)", *_counts(range(5), points["confusion"]))
    rows = []
    for w in found["worst"]:
        said = "; ".join(f"{q['point']} (rung {q['rung']}): {literal(q['quote'])}" for q in w["quotes"])
        rows.append([literal(w["id"]), w["area"], f"{w['machine']:.2f}", f"{w['label']:.2f}", said or "no evidence"])
    lines += _table("The worst disagreements", ["id", "area", "machine", "label", "evidence"], rows)
    return "\n".join(lines)


def reliability_plot(run: Path, path: Path) -> None:
    """Per bin, the mean probability of points against the share reached, and counts; `path` ends in .png or .svg.

    ValueError as read_scored, for another suffix, and when no point has both a probability and a label.
    """
    from matplotlib.figure import Figure

    if path.suffix.lower() not in (".png", ".svg"):
        raise ValueError(f"{path}: name a file that ends in .png or .svg")
    pairs = [(p.probability, label > 0) for _, p, label in _heard(read_scored(run)) if p.probability is not None]
    if not pairs:
        raise ValueError(f"{run}: no point has both a probability and a label; label the points of a transcript")
    said, reached = np.array(pairs, dtype=np.float64).T
    bins = bin_of(said)
    figure = Figure(figsize=(5, 6.5), layout="constrained")  # without pyplot it draws with Agg, never on a screen
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    means, shares = ([float(side[bins == b].mean()) for b in np.unique(bins)] for side in (said, reached))
    above.plot([0, 1], [0, 1], "--", means, shares, "o-")
    above.set(ylabel="share with a rung above 0", xlim=(0, 1), ylim=(0, 1))
    below.bar_label(below.bar((np.arange(BINS) + 0.5) / BINS, np.bincount(bins, minlength=BINS), width=0.9 / BINS))
    below.margins(y=0.25)
    below.set(xlabel="probability that the point was reached", ylabel="points")
    figure.savefig(path, dpi=150)


def _agreement(records: Sequence[Scored], area: str | None, rubric: Rubric, seed: int) -> dict[str, Any]:
    """Who -> measure -> estimate, all on the transcripts that both the machine and the label score, but for readers."""
    both = [r for r in records if r.machine(area) is not None and r.label(area, rubric) is not None]
    label, questions = as_array([r.label(area, rubric) for r in both]), [r.question for r in both]

    def row(scores: agreement.Scores, only: Sequence[str] = tuple(MEASURES)) -> dict[str, Any]:
        asked = {m: estimate(MEASURES[m], scores, label, questions, seed).as_json() for m in only}
        return {m: asked.get(m) for m in MEASURES}

    rows = {MACHINE: row([r.machine(area) for r in both])}
    rows[MEAN] = row([label.mean()] * len(both) if both else [])
    for name, numbers in _others(both).items():
        line = agreement.fitted_elsewhere(numbers, label, questions)
        rows[name] = {**row(numbers, ["Spearman"]), "MAE": row(line, ["MAE"])["MAE"]}
    second, questions = [r.label(area, rubric, 1) for r in records], [r.question for r in records]
    label = as_array([r.label(area, rubric) for r in records])
    return rows | {READER: row(second)} if any(s is not None for s in second) else rows


def _others(records: Sequence[Scored]) -> dict[str, list[float | None]]:
    """Numbers that are no scores: the count of words and the baselines, one per transcript."""
    named = dict.fromkeys(name for r in records for name in r.baselines)
    words: dict[str, list[float | None]] = {WORDS: [r.words for r in records]}
    return words | {f"baseline: {name}": [r.baselines.get(name) for r in records] for name in named}


def _pairs(records: Sequence[Scored], rubric: Rubric, seed: int) -> dict[str, Any]:
    label, questions = [r.label(None, rubric) for r in records], [r.question for r in records]
    machine = as_array([r.overall for r in records])
    others = {who: np.where(np.isnan(machine), math.nan, as_array(n)) for who, n in _others(records).items()}
    second, found = as_array([r.label(None, rubric, 1) for r in records]), {}
    for who, scores in {MACHINE: machine, **others, READER: second}.items():
        hits, of = agreement.in_order(scores, label, questions, APART)
        found[who] = estimate(agreement.mean, hits, hits, of, seed).as_json()
    return found


def _bands(records: Sequence[Scored], machine: Array, label: Array, seed: int) -> dict[str, Any]:
    found, questions, near = {}, [r.question for r in records], label + agreement.TINY
    for band, (low, high) in BANDS.items():
        inside = np.where((near >= low) & (near < high), label, math.nan)
        found[band] = {m: estimate(MEASURES[m], machine, inside, questions, seed).as_json() for m in ("bias", "MAE")}
    return found


def _heard(records: Sequence[Scored]) -> Iterator[tuple[Scored, Heard, int]]:
    """The points of scored transcripts that machine and first reader both speak of, with the reader's rung."""
    for record in records:
        if record.overall is not None and record.labels:
            labelled = next(iter(record.labels.values())).points
            yield from ((record, record.points[p], rung) for p, rung in labelled.items() if p in record.points)


def _points(records: Sequence[Scored], seed: int) -> dict[str, Any]:
    """All points together: a single one has a handful of transcripts."""
    heard = list(_heard(records))
    said, of = [p.probability for _, p, _ in heard], [r.question for r, *_ in heard]
    labelled = sum(len(next(iter(r.labels.values())).points) for r in records if r.labels and r.overall is not None)
    machine, label = as_array([p.rung for _, p, _ in heard]), as_array([rung for *_, rung in heard])
    reached = (label > 0).astype(np.float64)
    return {
        "ROC area": estimate(agreement.roc_area, said, reached, of, seed).as_json(),
        "calibration error": estimate(agreement.calibration_error, said, reached, of, seed).as_json(),
        "missing": labelled - len(heard),
        "confusion": agreement.confusion(label, machine, range(5)),
    }


def _worst(records: Sequence[Scored], rubric: Rubric) -> list[dict[str, Any]]:
    """Furthest apart first; the quotes are of the area's points with the highest rungs."""
    bank = load_bank().questions
    cases = [(r, a, r.machine(a), r.label(a, rubric)) for r in records for a in rubric.areas]
    apart = [(abs(m - y), r, a, m, y) for r, a, m, y in cases if m is not None and y is not None]
    found = []
    for gap, r, area, machine, label in sorted(apart, key=lambda c: (-round(c[0], 9), c[1].id, c[2]))[:WORST]:
        points = [(p.rung, i, p.quote) for i, p in r.points.items() if bank[r.question].point(i).area == area]
        best = sorted((p for p in points if p[0] and p[2]), key=lambda p: -p[0])[:QUOTES]
        quotes = [{"point": i, "rung": rung, "quote": quote} for rung, i, quote in best]
        if gap > agreement.TINY:
            found.append({"id": r.id, "area": area, "machine": machine, "label": label, "quotes": quotes})
    return found


def _faults(record: Scored, before: Mapping[str, Scored], bank: Bank, rubric: Rubric) -> Iterator[str]:
    if record.id in before:
        yield f"the id {record.id} stands on an earlier line, too"
    if record.question not in bank.questions:
        yield f"there is no question {record.question} in the bank"
        return
    known = {p.id for p in bank.questions[record.question].points}
    for areas, points in [(record.areas, {*record.points}), *((s.areas, {*s.points}) for s in record.labels.values())]:
        yield from (f"there is no area {area} in the rubric" for area in areas if area not in rubric.areas)
        yield from (f"{record.question} has no point {point}" for point in sorted(points - known))


def _cell(found: Mapping[str, Any] | None) -> str:
    value, low = (found["value"], found["low"]) if found else (None, None)
    interval = "" if found is None or low is None else f" ({low:z.2f} to {found['high']:z.2f})"
    return "-" if value is None else f"{value:z.2f}{interval}"


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [head, ["---"] * len(head), *rows]
    return ["", f"## {title}", "", *(f"| {' | '.join(row)} |" for row in cells)]


def _counts(categories: Sequence[float], counts: Sequence[Sequence[int]]) -> tuple[list[str], list[list[str]]]:
    names = [f"{c:g}" for c in categories]
    return ["", *names], [[name, *map(str, row)] for name, row in zip(names, counts, strict=True)]
