"""`python -m evals interview`: whole interviews with simulated candidates, records that a run is carried on from."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from agents.events import Asked, Finished
from agents.panel import Panel
from evals import interview
from evals.__main__ import main
from evals.candidates import ALIKE, ANSWERS, OWN_SCRIPT, Candidate, candidates
from evals.interview_report import as_json, figures, report
from knowledge.bank import load_bank
from knowledge.terms import Move

BANK = load_bank().questions
LABELS = sorted(path.parent.name for path in ANSWERS.glob("*/labels.jsonl"))
"""The questions with every kind of script, whose answers are labelled; the others have a good and a weak one."""


def test_every_question_has_candidates_and_every_script_a_question() -> None:
    assert {folder.name for folder in ANSWERS.iterdir() if folder.is_dir()} == set(BANK)
    assert len(LABELS) >= 15


@pytest.mark.parametrize("question", sorted(BANK))
def test_a_question_has_its_kinds_of_candidates_with_enough_to_say(question: str) -> None:
    asked, own = BANK[question], OWN_SCRIPT if question in LABELS else ("good", "weak")
    assert [c.kind for c in candidates(asked)] == [*own, *ALIKE]
    for kind in own:
        script = list(Candidate(asked, kind).answers())
        assert sum(minutes for _, minutes in script) >= asked.minutes - 1e-6
        assert all(text.strip() for text, _ in script)


@pytest.mark.parametrize("kind", ALIKE)
def test_the_others_never_run_out(kind: str) -> None:
    answers = list(itertools.islice(Candidate(BANK["SD06"], kind).answers(), 100))
    assert len(answers) == 100
    assert all(0.25 <= minutes <= 6 for _, minutes in answers)


@pytest.mark.parametrize("question", LABELS)
def test_labels_name_what_is_there(question: str) -> None:
    points, claims = {p.id for p in BANK[question].points}, {w.id for w in BANK[question].wrong_claims}
    lines = (ANSWERS / question / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    labels = [json.loads(line) for line in lines]
    for label in labels:
        assert set(label["points"]) <= points
        assert set(label["wrong"]) <= claims
        assert set(label["points"].values()) <= {1, 2, 3, 4}
    for kind in ("excellent", "good", "weak", "wrong_but_sure"):
        script = (ANSWERS / question / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()
        assert [label["answer"] for label in labels if label["quality"] == kind] == list(range(len(script)))


@pytest.fixture(scope="module")
def records(panel: Panel) -> list[interview.Record]:
    kinds = ("wrong_but_sure", "attack_text", "silent")
    found = [interview.record(Candidate(BANK["BH03"], kind), panel) for kind in kinds]
    return [json.loads(json.dumps(record)) for record in found]  # as they come back from a file


def test_an_interview_is_held_to_its_end_on_a_simulated_clock(panel: Panel, tmp_path: Path) -> None:
    log = interview.hold(Candidate(BANK["BH03"], "does_not_know"), panel, tmp_path)
    moves = [e.directive.move for e in log if isinstance(e, Asked)]
    assert moves[0] is Move.OPEN
    assert moves[-1] is Move.WRAP_UP
    assert any(isinstance(e, Finished) for e in log)


def test_records_hold_what_the_report_needs(records: list[interview.Record]) -> None:
    for record in records:
        assert record["conduct"]["closed"]
        assert len(record["swaps"]) == len(record["conduct"]["turns"])
    told = report(records, failures=2)
    assert "3 kinds of candidates x 1 questions" in told
    by_name = {f.name: f for f in figures(records)}
    assert by_name["exactly one request"].share == 1.0
    assert by_name["exactly one request"].n == sum(len(r["conduct"]["turns"]) for r in records)
    assert json.loads(as_json(records))["interviews"] == 3


def test_a_swap_puts_another_candidate_s_answer_in_the_place(panel: Panel, tmp_path: Path) -> None:
    candidate = Candidate(BANK["BH03"], "good")
    log = interview.hold(candidate, panel, tmp_path)
    found = list(interview.swaps(candidate, log, panel))
    assert found
    assert any(s["text"] for s in found)
    same = list(interview.swaps(candidate, log, panel, donor=candidate))
    assert not any(s["text"] or s["target"] for s in same)  # one's own answer changes nothing


def test_a_fault_moves_its_figure(records: list[interview.Record]) -> None:
    spoilt = json.loads(json.dumps(records))
    turn = spoilt[0]["conduct"]["turns"][0]
    turn |= {"requests": 2, "verdicts": ["great"], "leaks": ["canary"], "repeats": "near"}
    spoilt[1]["conduct"] |= {"closed": False, "areas_asked": [], "hints": [2]}
    before, after = ({f.name: f for f in figures(r)} for r in (records, spoilt))
    for name in (
        "exactly one request",
        "verdict words",
        "a word not to say first, or a point's words",
        "every required area was asked about",
        "closed by the interviewer in time",
    ):
        assert len(after[name].failed) == len(before[name].failed) + 1, name
    assert not after["hint steps in order"].met


def test_what_is_done_is_not_done_again(records: list[interview.Record], tmp_path: Path) -> None:
    out = tmp_path / "records.jsonl"
    whole = "".join(json.dumps(record) + "\n" for record in records)
    out.write_text(whole + '{"question": "BH0', encoding="utf-8")  # killed while it wrote the fourth
    assert interview.read_records(out) == records
    assert out.read_text(encoding="utf-8") == whole
    done = interview.run("local", out, ["BH03"], [r["kind"] for r in records])
    assert {r["kind"] for r in done} == {r["kind"] for r in records}
    assert out.read_text(encoding="utf-8") == whole


def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "records.jsonl"
    out.write_text('{"question": "BH03"}\nnonsense\n{}\n{}\n', encoding="utf-8")
    assert main(["interview", "--out", str(out)]) == 2
    assert f"{out}:2: is no record of this command" in capsys.readouterr().err


def test_an_unknown_question_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["interview", "--question", "XX99"]) == 2
    assert "no question XX99 in the bank" in capsys.readouterr().err
