"""How well does the ear find the points that an answer reaches? Fits it and tests it on questions left out.

The labelled answers are synthetic (evals/datasets/answers/README.md). Printed beside the result: the floors, cosine
alone and the answer's length alone. A ROC area of 0.5 is chance.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.ear import WEIGHTS, Ear, Statement, evidence, lead
from agents.observer import MENTIONED, point_statements
from evals.candidates import ANSWERS
from evals.share import interval
from knowledge.bank import load_bank
from knowledge.embedder import MiniLM
from knowledge.question import Question
from knowledge.words import content_stems, count_words

NAMES = ("soft", "vocabulary", "vocabulary_lead", "cosine_lead")
RIDGE, ROUNDS = 0.3, 6
Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Pair:
    """One (answer, point): evidence per stretch, shape (stretches, 4); best cosine; the label (rung 0..4)."""

    question: str
    evidence: Array
    cosine: float
    words: int
    rung: int


def labelled(folder: Path = ANSWERS) -> Iterator[tuple[str, str, int, str, dict[str, int]]]:
    """(question, quality, index, answer, point -> rung) of every labelled answer."""
    for labels in sorted(folder.glob("*/labels.jsonl")):
        for line in labels.read_text(encoding="utf-8").splitlines():
            label = json.loads(line)
            answers = (labels.parent / f"{label['quality']}.jsonl").read_text(encoding="utf-8").splitlines()
            text = json.loads(answers[label["answer"]])["text"]
            yield labels.parent.name, label["quality"], label["answer"], text, label["points"]


def pairs(ear: Ear) -> list[Pair]:
    """Every (answer, point) pair of the labelled answers."""
    bank = load_bank().questions
    found: list[Pair] = []
    for question_id, _, _, text, points in labelled():
        found += _pairs_of(ear, bank[question_id], text, points)
    return found


def _pairs_of(ear: Ear, question: Question, text: str, points: dict[str, int]) -> Iterator[Pair]:
    stretches = ear.stretches(text)
    statements: Sequence[Statement] = point_statements(question)
    cosine, soft, vocabulary = evidence(ear.known(statements), stretches, frozenset(content_stems(question.statement)))
    every = np.stack([soft, vocabulary, lead(vocabulary), lead(cosine)], axis=-1).astype(np.float64)
    for row, statement in enumerate(statements):
        yield Pair(question.id, every[row], float(cosine[row].max()), count_words(text), points.get(statement.id, 0))


def fit(chosen: Sequence[Pair]) -> tuple[Array, float]:
    """(weights, bias) of a logistic regression on each pair's best stretch, found again after every round."""
    weights, bias = np.ones(len(NAMES)), 0.0
    reached = np.array([p.rung > 0 for p in chosen], dtype=np.float64)
    for _ in range(ROUNDS):
        best = np.array([p.evidence[(p.evidence @ weights).argmax()] for p in chosen])
        weights, bias = _logistic(best, reached)
    return weights, bias


def _logistic(x: Array, y: Array) -> tuple[Array, float]:
    """Newton's method with a small ridge penalty on the weights, none on the bias."""
    with_bias = np.column_stack([x, np.ones(len(x))])
    penalty = np.diag([RIDGE] * x.shape[1] + [0.0])
    theta = np.zeros(with_bias.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-with_bias @ theta))
        gradient = with_bias.T @ (p - y) + penalty @ theta
        step = np.linalg.solve((with_bias * (p * (1 - p))[:, None]).T @ with_bias + penalty, gradient)
        theta = theta - step
        if np.abs(step).max() < 1e-8:
            break
    return theta[:-1], float(theta[-1])


def odds(chosen: Sequence[Pair], weights: Array, bias: float) -> Array:
    """The log-odds that each pair's point is reached."""
    return np.array([(p.evidence @ weights).max() + bias for p in chosen])


def area_under_curve(scores: Array, reached: Flags) -> float:
    """Share of (reached, not reached) pairs in the right order; ties count half."""
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    for value in np.unique(scores):
        ranks[scores == value] = ranks[scores == value].mean()
    n, m = int(reached.sum()), int((~reached).sum())
    return float((ranks[reached].sum() - n * (n + 1) / 2) / (n * m))


def report() -> str:
    """The measurement as Markdown."""
    every = pairs(Ear(MiniLM(threads=2)))
    questions = sorted({p.question for p in every})
    reached = np.array([p.rung > 0 for p in every])
    left_out = np.zeros(len(every))
    head = "| question left out | pairs | reached | ROC area, ear | cosine alone | length alone |"
    lines = [head, "| --- " * 6 + "|"]
    for question in questions:
        inside = np.array([p.question == question for p in every])
        weights, bias = fit([p for p in every if p.question != question])
        left_out[inside] = odds([p for p in every if p.question == question], weights, bias)
        lines.append(_row(question, every, left_out, reached, inside))
    lines.append(_row("all", every, left_out, reached, np.ones(len(every), dtype=bool)))
    heard = left_out >= np.log(MENTIONED / (1 - MENTIONED))
    hits = int((heard & reached).sum())
    for name, n in (("precision", int(heard.sum())), ("recall", int(reached.sum()))):
        low, high = interval(hits, n)
        lines.append(f"\n{name} at probability {MENTIONED:g}: {hits / n:.2f} ({low:.2f} to {high:.2f}, n = {n})")
    lines.append(f"\n{_shared_words()}")
    weights, bias = fit(every)
    fitted = ", ".join(f"{n}={w:.2f}" for n, w in zip(NAMES, weights, strict=True))
    lines.append(f"\nfitted on all: {fitted}, bias={bias:.2f}; in use: {WEIGHTS}")
    return "\n".join(lines)


def _shared_words() -> str:
    """How much of a point's own words the answers use: their writers had not seen the points."""
    bank, shares = load_bank().questions, defaultdict(list)
    scripts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for question_id, quality, _, text, _ in labelled():
        scripts[question_id, quality] |= set(content_stems(text))
    for (question_id, quality), said in scripts.items():
        for point in bank[question_id].points:
            own = set(content_stems(point.text))
            shares[quality].append(len(own & said) / len(own))
    told = ", ".join(f"{quality} {np.mean(found):.0%}" for quality, found in shares.items())
    return f"content words of a point that stand anywhere in a candidate's answers, on average: {told}"


def _row(name: str, every: Sequence[Pair], scores: Array, reached: Flags, inside: Flags) -> str:
    chosen = [p for p, i in zip(every, inside, strict=True) if i]
    truth = reached[inside]
    cosine = area_under_curve(np.array([p.cosine for p in chosen]), truth)
    length = area_under_curve(np.array([float(p.words) for p in chosen]), truth)
    ear = area_under_curve(scores[inside], truth)
    return f"| {name} | {len(chosen)} | {int(truth.sum())} | {ear:.2f} | {cosine:.2f} | {length:.2f} |"
