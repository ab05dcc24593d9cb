"""Scores transcripts one after the other with the assessor that practice uses: one record per transcript."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agents.assessor import assess
from agents.reading import LocalReader, Reader
from evals.panels import panel_named
from evals.samples import Sample, read_samples
from knowledge.bank import load_bank
from knowledge.question import Question
from knowledge.rubric import Rubric, load_rubric
from knowledge.words import count_words


def scored(path: Path, panel: str) -> Iterator[dict[str, Any]]:
    """A record for each transcript of `path`, in its order. ValueError with file and line for what cannot be read."""
    questions, rubric, reader = load_bank().questions, load_rubric(), panel_named(panel, os.cpu_count() or 1).reader
    for sample in read_samples(path, questions):
        yield record(sample, questions[sample.question_id], rubric, reader)


def record(sample: Sample, question: Question, rubric: Rubric, reader: Reader) -> dict[str, Any]:
    """What the assessor made of a sample.

    `overall` and `areas` are 1..5 or None; `coverage` is the share (0..1) of the rubric's weight that was assessed;
    `points` has every expected point with its rung (0..4), the probability that it was reached and the proving quote.
    """
    card = assess(sample.transcript(question), rubric, reader)
    cosine = _plain_cosine(sample, question, reader) if isinstance(reader, LocalReader) else None
    points: Mapping[str, dict[str, Any]] = {
        p.id: {
            "rung": int(p.rung),
            "probability": round(p.probability, 4),
            "quote": p.evidence[0].quote if p.evidence else "",
        }
        for p in card.points
    }
    return {
        "id": sample.id,
        "question": question.id,
        "level": str(card.level),
        "overall": card.overall,
        "coverage": card.coverage,
        "areas": {area.id: area.score for area in card.areas},
        "points": points,
        "wrong": [finding.id for finding in card.wrong_claims],
        "red_flags": [finding.id for finding in card.red_flags],
        "differentiators": [finding.id for finding in card.differentiators],
        "bar": card.bar,
        "unscored": card.unscored,
        "assessor": card.assessor,
        "rubric": card.rubric_fingerprint,
        "words": sum(count_words(answer) for answer in sample.answers),
        "baselines": {} if cosine is None else {"plain cosine": cosine},
        "labels": {name: label.model_dump() for name, label in sample.labels.items()},
    }


def _plain_cosine(sample: Sample, question: Question, reader: LocalReader) -> float | None:
    """What the embedding alone says: the mean over the points of the nearest sentence's cosine similarity."""
    ear = reader.observer.ear
    stretches = [s for answer in sample.answers for s in ear.stretches(answer)]
    if not stretches:
        return None
    return round(float(ear.similarity([p.text for p in question.points], stretches).max(axis=1).mean()), 4)


def line(found: Mapping[str, Any]) -> str:
    """A record as one line of a table for people."""
    overall = "unscored" if found["overall"] is None else f"{found['overall']:.2f}"
    areas = ", ".join(f"{area} {'-' if score is None else f'{score:.1f}'}" for area, score in found["areas"].items())
    why = f" ({found['unscored']})" if found["unscored"] else ""
    return f"{found['id']}  {overall}{why}  {areas}  covers {found['coverage']:.0%}"


def as_json(found: Mapping[str, Any]) -> str:
    """A record as one line of JSON."""
    return json.dumps(found, ensure_ascii=False)
