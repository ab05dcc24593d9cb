"""The tables of `python -m evals interview`: what was measured, over how many, against which target; what failed."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evals.candidates import ANSWERS, KINDS, LABELLED, QUALITIES
from evals.share import interval

Record = dict[str, Any]
Turn = dict[str, Any]
TALKATIVE = 40
"""Words per answer from which a candidate's share of words says something about the interviewer."""
PROBES = frozenset(
    """CLARIFY QUANTIFY NUMBER DEEPEN JUSTIFY COMPARE CONSTRAIN INJECT_FAILURE CHALLENGE EXPERIENCE CODE_TRACE
    INJECT_CONSEQUENCE""".split()
)
"""Moves that are always about something that the candidate said."""


@dataclass(frozen=True)
class Figure:
    """`hits` of `n`; `target` is the least or, with `at_most`, the highest share. `failed` names what went wrong."""

    name: str
    hits: int
    n: int
    target: float
    at_most: bool
    failed: tuple[str, ...]

    @property
    def share(self) -> float:
        return self.hits / self.n if self.n else math.nan

    @property
    def met(self) -> bool:
        return self.share <= self.target if self.at_most else self.share >= self.target

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, as if turns of one interview were independent, which they are not quite."""
        return interval(self.hits, self.n)


def figures(records: Sequence[Record]) -> list[Figure]:
    """Every figure over all records."""
    return [
        _of_turns(records, "exactly one request", lambda t: t["requests"] == 1, 0.98),
        _of_turns(records, "same target and move again, or nearly the same words", lambda t: t["repeats"], 0.02, True),
        _of_turns(records, "a word not to say first, or a point's words", lambda t: t["leaks"], 0.0, True),
        _of_turns(records, "verdict words", lambda t: t["verdicts"], 0.0, True),
        _of_turns(records, "quotes four or more words of the last answer", lambda t: t["quotes"], 1 / 3, True),
        _of_turns(
            records,
            "probes that take up a word of the last answer",
            lambda t: t["ties"],
            0.85,
            among=lambda t: t["move"] in PROBES and t["ties"] is not None,
        ),
        _swapped(records, "swap test: target or question changes", lambda s: s["target"] or s["text"], 0.85),
        _swapped(records, "swap test: target changes", lambda s: s["target"], 0.0),
        _of_interviews(records, "every required area was asked about", _asked_all, 1.0),
        _of_interviews(records, "closed by the interviewer in time", lambda r: r["conduct"]["closed"], 1.0),
        _of_interviews(records, "hint steps in order", _in_order, 1.0, lambda r: bool(r["conduct"]["hints"])),
        _challenged(records),
        _caused(records),
        _words(records),
    ]


def _label(record: Record) -> str:
    return f"{record['question']} {record['kind']}"


def _figure(name: str, cases: Iterable[tuple[str, bool]], target: float, at_most: bool = False) -> Figure:
    listed = list(cases)
    failed = tuple(what for what, hit in listed if hit == at_most)
    return Figure(name, sum(hit for _, hit in listed), len(listed), target, at_most, failed)


def _of_turns(
    records: Sequence[Record],
    name: str,
    hit: Callable[[Turn], Any],
    target: float,
    at_most: bool = False,
    among: Callable[[Turn], bool] = lambda t: True,
) -> Figure:
    cases = (
        (f"{_label(r)} #{t['seq']} {t['move']}: {t['text']}", bool(hit(t)))
        for r in records
        for t in r["conduct"]["turns"]
        if among(t)
    )
    return _figure(name, cases, target, at_most)


def _swapped(records: Sequence[Record], name: str, hit: Callable[[dict[str, Any]], bool], target: float) -> Figure:
    return _figure(name, ((f"{_label(r)} #{s['seq']}", hit(s)) for r in records for s in r["swaps"]), target)


def _of_interviews(
    records: Sequence[Record],
    name: str,
    hit: Callable[[Record], bool],
    target: float,
    among: Callable[[Record], bool] = lambda r: True,
) -> Figure:
    return _figure(name, ((_label(r), hit(r)) for r in records if among(r)), target)


def _asked_all(record: Record) -> bool:
    return set(record["conduct"]["areas"]) <= set(record["conduct"]["areas_asked"])


def _in_order(record: Record) -> bool:
    hints = list(record["conduct"]["hints"])
    return hints == list(range(1, len(hints) + 1))


def _challenged(records: Sequence[Record]) -> Figure:
    cases = (
        (f"{_label(r)} {where}: {what}", what == "challenged")
        for r in records
        for where, what in r["conduct"]["mistakes"].items()
        if what != "no room"
    )
    return _figure("labelled wrong claims challenged within two turns", cases, 0.75)


def _caused(records: Sequence[Record]) -> Figure:
    """How many of the probes for wrong claims had a labelled one behind them, with candidates that were labelled."""
    cases = (
        (f"{_label(r)} {claim}", claim in {where.split(":")[1] for where in r["conduct"]["mistakes"]})
        for r in records
        if r["kind"] in LABELLED and (ANSWERS / r["question"] / "labels.jsonl").is_file()
        for claim in r["conduct"]["probes"]
    )
    return _figure("probes for wrong claims that had a labelled one behind them", cases, 0.9)


def _words(records: Sequence[Record]) -> Figure:
    """The interviewer's words among all words, facts, cards and code apart, with candidates who speak in sentences."""
    mine = theirs = 0
    failed = []
    for r in records:
        c = r["conduct"]
        answers = len(c["turns"]) or 1
        if c["candidate_words"] / answers < TALKATIVE:
            continue
        mine, theirs = mine + c["interviewer_words"], theirs + c["candidate_words"]
        if c["interviewer_words"] > 0.25 * (c["interviewer_words"] + c["candidate_words"]):
            failed.append(_label(r))
    name = f"interviewer's share of the words, with candidates of {TALKATIVE} words an answer or more"
    return Figure(name, mine, mine + theirs, 0.25, True, tuple(failed))


def report(records: Sequence[Record], failures: int = 0) -> str:
    """The figures, then the scores, as Markdown tables; with `failures`, up to so many of each figure."""
    kinds, questions = _kinds(records), sorted({r["question"] for r in records})
    lines = [
        f"n = {len(records)} interviews: {len(kinds)} kinds of candidates x {len(questions)} questions, "
        f"{sum(len(r['conduct']['turns']) for r in records)} turns of the interviewer\n",
        "| measured | share | 95 % | n | target | met |",
        "| --- " * 6 + "|",
    ]
    found = figures(records)
    for f in found:
        if not f.n:
            lines.append(f"| {f.name} | - | - | 0 | - |  |")
            continue
        low, high = f.interval
        target = "-" if f.target == 0 and not f.at_most else f"{'<=' if f.at_most else '>='} {f.target:.0%}"
        met = "" if target == "-" else "yes" if f.met else "no"
        lines.append(f"| {f.name} | {f.share:.1%} | {low:.1%} to {high:.1%} | {f.n:,} | {target} | {met} |")
    lines += ["", *_scores(records), "", *_order(records), *_models(records)]
    for f in found:
        if failures and f.failed and (f.target or f.at_most):
            lines += ["", f"{f.name}: {len(f.failed)} failed", *(f"  {what}" for what in f.failed[:failures])]
    return "\n".join(lines)


def _models(records: Sequence[Record]) -> Iterator[str]:
    """What the interviews asked of models, and how often the local panel took over; nothing for the local panel."""
    used = [r["usage"] for r in records if r.get("usage", {}).get("calls")]
    if not used:
        return
    steps: Counter[str] = sum((Counter(r["steps"]) for r in records), Counter())
    done, whole = steps.pop("done by the model", 0), sum(steps.values())
    low, high = interval(done, done + whole)
    yield f"\n{records[0]['panel']}: {done / (done + whole):.1%} ({low:.1%} to {high:.1%}) of {done + whole} steps"
    yield from (f"  the local panel did {n}: {why}" for why, n in steps.most_common())
    per = {
        name: sum(u[name] for u in used) / len(used) for name in ("calls", "tokens_in", "tokens_cached", "tokens_out")
    }
    costs = [u["cost"] for u in used if u["cost"] is not None]
    cost = f", cost {sum(costs) / len(costs):.4f}" if costs else ", cost unknown without prices"
    yield (
        f"an interview (n = {len(used)}): {per['calls']:.1f} calls, {per['tokens_in']:,.0f} tokens read, "
        f"{per['tokens_cached']:,.0f} of them cached, {per['tokens_out']:,.0f} written{cost}"
    )


def _kinds(records: Sequence[Record]) -> list[str]:
    return [k for k in KINDS if any(r["kind"] == k for r in records)]


def _scores(records: Sequence[Record]) -> Iterator[str]:
    """Per kind of candidate: the overall scores over the questions. What was not assessed is counted apart."""
    yield "| candidate | assessed | not assessed | mean score | middle half | lowest | highest |"
    yield "| --- " * 7 + "|"
    for kind in _kinds(records):
        every = [r["score"] for r in records if r["kind"] == kind]
        scores = sorted(score for score in every if score is not None)
        cells = ["-"] * 4
        if scores:
            low, high = np.quantile(scores, (0.25, 0.75))
            cells = [f"{np.mean(scores):.2f}", f"{low:.2f} to {high:.2f}", f"{scores[0]:.2f}", f"{scores[-1]:.2f}"]
        yield f"| {kind.replace('_', ' ')} | {len(scores)} | {len(every) - len(scores)} | {' | '.join(cells)} |"
    quotes, rejected = sum(r["quotes"] for r in records), sum(r["rejected_quotes"] for r in records)
    yield f"\n{quotes:,} quotes accepted, {rejected} rejected"


def _order(records: Sequence[Record]) -> Iterator[str]:
    """How often excellent > good > weak > everybody with nothing to say holds, of the qualities that there are."""
    floor_kinds = ("silent", "does_not_know", "gibberish", "buzzwords", "attack_text", "pastes_the_question")
    scores = {(r["question"], r["kind"]): r["score"] or 1.0 for r in records}
    broken = []
    questions = sorted({r["question"] for r in records if r["kind"] in QUALITIES})
    for q in questions:
        ladder = [scores[q, k] for k in QUALITIES if (q, k) in scores]
        floor = max((scores[q, k] for k in floor_kinds if (q, k) in scores), default=1.0)
        if sorted({*ladder, floor}, reverse=True) != [*ladder, floor]:
            broken.append(q)
    yield (
        f"excellent > good > weak > silent, not knowing, gibberish, buzzwords, attack text and the pasted question: "
        f"{len(questions) - len(broken)} of {len(questions)} questions{'; not: ' + ', '.join(broken) if broken else ''}"
    )


def as_json(records: Sequence[Record]) -> str:
    """The figures as one JSON object; failures are named in full."""
    return json.dumps(
        {
            "interviews": len(records),
            "figures": [
                {"name": f.name, "hits": f.hits, "n": f.n, "share": f.share, "target": f.target, "at_most": f.at_most}
                | {"interval": f.interval, "met": f.met, "failed": f.failed}
                for f in figures(records)
            ],
            "scores": [{k: r[k] for k in ("question", "kind", "score", "low", "high", "coverage")} for r in records],
        },
        ensure_ascii=False,
    )
