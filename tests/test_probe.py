"""The probes as a measurement: each demand can fail, and outcomes are counted and printed as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.assessor import assess
from agents.ear import Ear
from agents.panel import Panel
from agents.scorecard import Scorecard
from evals.perturb import Expectation
from evals.probe import Outcome, met, outcomes, report
from evals.probe_statements import Pair, compared
from evals.probe_statements import report as statements_report
from evals.samples import read_samples
from knowledge.bank import load_bank
from knowledge.embedder import MiniLM
from knowledge.rubric import load_rubric

DATA = Path(__file__).parent.parent / "evals" / "datasets"
TUNE = DATA / "transcripts" / "tune.jsonl"


@pytest.fixture(scope="module")
def card(panel: Panel) -> Scorecard:
    questions = load_bank().questions
    sample = next(read_samples(TUNE, questions))
    return assess(sample.transcript(questions[sample.question_id]), load_rubric(), panel.reader)


@pytest.mark.parametrize(
    ("expect", "before", "after", "kept"),
    [
        ("same", 3.0, 3.25, True),
        ("same", 3.0, 3.26, False),
        ("same", 3.0, None, False),
        ("same", None, None, True),
        ("not higher", 3.0, 3.0, True),
        ("not higher", 3.0, 3.01, False),
        ("not lower", 3.0, 3.0, True),
        ("not lower", 3.0, 2.99, False),
        ("lower", 3.0, 3.0, False),
        ("lower", 3.0, 2.99, True),
        ("lower", 1.2, 1.2, True),
        ("floor", 3.0, 1.25, True),
        ("floor", 3.0, None, True),
        ("floor", 3.0, 1.3, False),
    ],
)
def test_a_demand_is_met_or_not(
    card: Scorecard, expect: Expectation, before: float | None, after: float | None, kept: bool
) -> None:
    cards = (card.model_copy(update={"overall": score}) for score in (before, after))
    assert met(expect, *cards) is kept


def test_exactly_zero_wants_no_point_at_all(card: Scorecard) -> None:
    assert any(p.rung for p in card.points)
    floor = card.model_copy(update={"overall": 1.0})
    assert not met("exactly zero", card, floor)
    assert met("exactly zero", card, floor.model_copy(update={"points": ()}))
    assert not met("exactly zero", card, card.model_copy(update={"points": (), "overall": 1.5}))


def test_probes_of_a_transcript_are_reported() -> None:
    found = list(outcomes(TUNE, "local", ["emptied", "level", "repeated"], most=1))
    assert {o.probe for o in found} == {"emptied", "level", "repeated"}
    assert all(o.kept for o in found if o.probe in ("emptied", "level"))
    rows = report(found).splitlines()
    assert len(rows) == 5
    assert "| level | same | 2 | 100%" in rows[-2] + rows[-3] + rows[-1]


def test_an_unknown_probe_is_refused() -> None:
    with pytest.raises(ValueError, match="no probe nonsense; there are emptied"):
        list(outcomes(TUNE, "local", ["nonsense"]))


def test_a_failed_probe_shows() -> None:
    found = [Outcome("padded", "all", 3.0, 3.1, True), Outcome("padded", "all", 3.0, 4.0, False)]
    assert "| padded | same | 2 | 50% (9%-91%) | +0.55 | +1.00 |" in report(found)


def test_statements_are_compared_with_their_opposites(tmp_path: Path, embedder: MiniLM) -> None:
    lines = (DATA / "probes" / "negations.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "negations.jsonl").write_text("\n".join(lines[:2]))
    found = list(compared(tmp_path, Ear(embedder)))
    assert [p.known for p in found] == [True, False] * 3
    assert {p.mechanism for p in found} >= {"not", "shuffled keywords"}
    assert all(p.above for p in found if p.known)


def test_the_table_of_statements_counts_opposites_and_keywords_apart() -> None:
    found = [
        Pair("not", True, True),
        Pair("not", False, False),
        Pair("shuffled keywords", True, False),
        Pair("shuffled keywords", False, True),
    ]
    rows = statements_report(found).splitlines()[2:]
    assert [row.split("|")[1].strip() for row in rows] == ["not", "all opposites", "shuffled keywords"]
    assert "100%" in rows[1].split("|")[3]
    assert "0%" in rows[1].split("|")[4]
