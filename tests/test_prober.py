"""Follow-ups for people who interview: tied to words that were said, each with what a strong reply holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agents.__main__ import main
from agents.events import AnswerKind, Observation, Reached, WrongHeard
from agents.interviewer import LocalInterviewer
from agents.observer import Exchange
from agents.panel import Panel
from agents.prober import NothingToAsk, follow_ups
from agents.session import LONGEST_ANSWER
from evals.candidates import ANSWERS
from knowledge.bank import load_bank
from knowledge.question import Question
from knowledge.spoken import requests, verdicts
from knowledge.terms import Level, Move, Rung
from tests.quick_panel import QuickListener
from tests.sample_question import sample_question

ROOT = Path(__file__).parents[1]
BANK = load_bank().questions
SAID = (
    "The tram posts its place into a queue and a worker reads it. I keep the newest time per stop in memory. "
    "Every report of the whole trip goes into the training table."
)


class Fixed:
    """An observer that hears what it was told to."""

    name = "fixed"

    def __init__(self, seen: Observation) -> None:
        self.seen = seen

    def observe(self, question: Question, exchange: Exchange) -> Observation:
        return self.seen


def asked(seen: Observation, text: str = SAID, level: Level | None = None, most: int = 5) -> list[tuple[Move, str]]:
    panel = Panel("fixed", Fixed(seen), LocalInterviewer(), QuickListener())
    found = follow_ups(sample_question(), text, panel, level, most)
    for one in found:
        assert one.span == text[one.start : one.end]
        assert one.span.strip()
    return [(one.move, one.point) for one in found]


def reached(point: str, rung: Rung, quote: str = SAID.split(". ")[0]) -> Reached:
    return Reached(point=point, rung=rung, quote=quote, probability=0.9, anchor="your queue")


def test_what_is_wrong_comes_first_then_what_was_said_and_what_is_missing_in_turns() -> None:
    wrong = WrongHeard(claim="W1", quote=SAID.split(". ")[2], probability=0.9)
    seen = Observation(
        kind=AnswerKind.WRONG,
        reached=(reached("P3", Rung.MENTIONED), reached("P4", Rung.EXPLAINED)),
        wrong=(wrong,),
    )
    found = asked(seen)
    assert found[0] == (Move.CHALLENGE, "P6")
    assert {point for _, point in found[1:4:2]} == {"P3", "P4"}
    assert {move for move, _ in found[2::2]} == {Move.EXPLORE}
    assert len({point for _, point in found}) == 5


def test_the_next_rung_is_asked_for_and_a_finished_point_is_left() -> None:
    for rung, moves in ((Rung.MENTIONED, {Move.DEEPEN}), (Rung.EXPLAINED, {Move.JUSTIFY, Move.COMPARE})):
        assert asked(Observation(kind=AnswerKind.EXPLAINED, reached=(reached("P3", rung),)), most=1)[0][0] in moves
    held = asked(Observation(kind=AnswerKind.HELD, reached=(reached("P3", Rung.HELD),)), most=8)
    assert "P3" not in {point for _, point in held}


def test_a_doubtful_claim_is_tested_without_a_warning() -> None:
    doubt = WrongHeard(claim="W1", quote=SAID.split(". ")[2], probability=0.4)
    panel = Panel(
        "fixed", Fixed(Observation(kind=AnswerKind.VAGUE, doubtful=(doubt,))), LocalInterviewer(), QuickListener()
    )
    found = [f for f in follow_ups(sample_question(), SAID, panel) if f.point == "P6"]
    assert [(f.move, f.warning) for f in found] == [(Move.CHALLENGE, "")]


@pytest.mark.parametrize("question", ["SD06", "CS02", "BH03", "SH01"])
@pytest.mark.parametrize("kind", ["good", "weak"])
def test_real_answers_get_five_different_questions(panel: Panel, question: str, kind: str) -> None:
    lines = (ANSWERS / question / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()
    answer = json.loads(lines[3])["text"]
    found = follow_ups(BANK[question], answer, panel)
    assert len(found) == 5
    assert len({f.text for f in found}) == len({f.point for f in found}) == 5
    for one in found:
        assert answer[one.start : one.end] == one.span
        assert len(requests(one.text)) == 1
        assert verdicts(one.text) == []
        assert one.area in BANK[question].areas
        assert one.strong
        assert one.move is not Move.CLOSE_PHASE
    assert follow_ups(BANK[question], answer, panel) == found


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("", "write down what the candidate said"),
        ("   \n", "write down what the candidate said"),
        ("asdf qwerz lkjh poiu zxcv mnbv", "no words that could be read"),
        ("Ich würde zuerst die Ereignisse in ein Protokoll schreiben und dann daraus lesen.", "language"),
        ("word " * LONGEST_ANSWER, "can be read at once"),
    ],
)
def test_what_cannot_be_followed_up_is_said(panel: Panel, answer: str, says: str) -> None:
    with pytest.raises(NothingToAsk, match=says):
        follow_ups(BANK["SD06"], answer, panel)


def test_command_prints_json_and_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "answer.txt"
    file.write_text("I would keep every feature in one store, so that training and serving read the same values.\n")
    command = ["followups", "--question", "sd06", "--answer", str(file), "--top", "3"]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found) == 3
    assert {"text", "span", "start", "end", "move", "area", "point", "title", "strong", "warning"} == set(found[0])
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert all(f["text"] in printed and f["strong"] in printed for f in found)


def test_command_reads_standard_input() -> None:
    command = [sys.executable, "-m", "agents", "followups", "--question", "SD06", "--answer", "-", "--top", "1"]
    said = "We log every event and train on it once a night."
    ran = subprocess.run(command, input=said, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("1. ")
    assert said in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--question", "XX99", "--answer", "-"], "there is no question XX99"),
        (["--question", "SD06", "--answer", "nowhere.txt"], "nowhere.txt: cannot be read"),
        (["--question", "SD06", "--answer", "-", "--top", "0"], "--top is a number from 1"),
    ],
)
def test_command_refuses(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["followups", *arguments]) == 2
    assert says in capsys.readouterr().err
