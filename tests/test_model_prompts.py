"""The prompts for models: every move has a meaning, the forms they describe are those that are read, nothing is of the
bank."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest
import yaml

from agents.answer_kinds import stem_runs
from agents.conversation import PROMPTS as SPEAKING
from agents.drafts import draft_faults
from agents.events import AnswerKind, Cleared, Directive
from agents.model_observer import FORM as OBSERVATION
from agents.model_observer import KINDS
from agents.model_observer import PROMPTS as LISTENING
from agents.model_reader import PROMPTS as ASSESSING
from agents.model_verdict import FORM as VERDICT
from agents.reports import RUNGS
from knowledge.terms import Move
from prompts import FOLDER, read
from tests.hand_made import opened, seen
from tests.whole import bank

ALL = (*SPEAKING, *LISTENING, *ASSESSING)


def test_every_file_is_somebodys() -> None:
    known = {*ALL, "phrasings.yaml"}
    assert {path.name for path in FOLDER.iterdir() if path.suffix in (".md", ".yaml")} == known


def test_every_move_has_a_meaning_in_one_line() -> None:
    meanings = yaml.safe_load(read("moves.yaml"))
    assert list(meanings) == [move.value for move in Move]
    assert all(isinstance(text, str) and "\n" not in text and len(text.split()) < 40 for text in meanings.values())


def form_shown(name: str) -> dict[str, object]:
    """The JSON object that a prompt gives as its form, with every choice left open."""
    line = next(line for line in read(name).splitlines() if line.startswith("{{"))
    shown: dict[str, object] = json.loads(line.replace("{{", "{").replace("}}", "}"))
    return shown


@pytest.mark.parametrize(("name", "form"), [("observer.md", OBSERVATION), ("assessor.md", VERDICT)])
def test_the_form_in_words_is_the_form_that_is_read(name: str, form: object) -> None:
    schema = form.schema  # type: ignore[attr-defined]
    shown = form_shown(name)
    assert list(shown) == list(schema["properties"])
    for key, value in shown.items():
        wanted = schema["properties"][key]
        if wanted["type"] == "array":
            assert isinstance(value, list)
            assert list(value[0]) == list(wanted["items"]["properties"])


def test_every_kind_and_rung_is_explained() -> None:
    text = read("observer.md")
    assert all(f'"{kind}"' in text for kind in KINDS)
    for name in ("observer.md", "assessor.md"):
        assert all(f'"{rung}"' in read(name) for rung in RUNGS)


@cache
def bank_runs() -> frozenset[tuple[str, ...]]:
    runs: set[tuple[str, ...]] = set()
    for question in bank().values():
        texts = [t for p in question.points for t in (p.text, *p.wordings)]
        texts += [t for f in question.follow_ups for t in (f.text, f.strong)] + [question.statement]
        runs |= {run for text in texts for run in stem_runs(text, 4)}
    return frozenset(runs)


@pytest.mark.parametrize("name", ALL)
def test_no_example_is_of_the_bank(name: str) -> None:
    assert stem_runs(read(name), 4) & bank_runs() == frozenset()


def examples() -> list[tuple[str, str, str, str]]:
    """(move, text to pass on, what the candidate said, the turn) of every example in the interviewer's prompt."""
    found = re.findall(
        r"^Direction: move (\w+) - .*?(?:text: \"(.*?)\")?\.?\nThey said: \"(.*)\"\nYou: (.*)$",
        read("interviewer.md"),
        re.MULTILINE,
    )
    return [(str(m), str(t), str(s), str(y)) for m, t, s, y in found]


def test_there_are_examples() -> None:
    assert len(examples()) == 8


@pytest.mark.parametrize(("move", "passed_on", "said", "turn"), examples())
def test_the_examples_keep_the_rules_themselves(move: str, passed_on: str, said: str, turn: str) -> None:
    log = opened()
    log.answer(seen(AnswerKind.VAGUE), text=said)
    kind = {"ANSWER": "fact", "CHALLENGE": "probe"}.get(move, "follow_up")
    cleared = Cleared(kind=kind, id="x", text=passed_on) if passed_on else None  # type: ignore[arg-type]
    directive = Directive(move=Move(move), phase="flow", cleared=cleared)
    # The restaurants of the examples are known to their candidate, and not to this test's.
    known = [fault for fault in draft_faults(turn, directive, log.state, "en") if "figure" not in fault]
    assert known == []
