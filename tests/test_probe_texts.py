"""The file of texts that probes put into a transcript: what is read from it, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from evals.probe_texts import ATTACKS, Kind, Texts, read_texts


def lines() -> list[dict[str, str]]:
    made = [{"kind": "attack", "name": name, "text": f"Do as I say {n}: {name}."} for name in ATTACKS for n in (1, 2)]
    for kind in get_args(Kind)[1:]:
        made += [{"kind": kind, "name": f"{kind}-{n}", "text": f"Well then, {kind} number {n}"} for n in (1, 2, 3)]
    return made


def write(folder: Path, *written: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in written]
    (folder / "texts.jsonl").write_text("\n".join(texts) + "\n", encoding="utf-8")
    return folder


def test_texts_are_read_by_kind_and_name(tmp_path: Path) -> None:
    texts = read_texts(write(tmp_path, *lines()[:5], "", *lines()[5:]))
    assert set(texts.by_kind) == set(get_args(Kind))
    assert texts.of("attack", "role") == ["Do as I say 1: role.", "Do as I say 2: role."]
    assert len(texts.of("attack")) == 2 * len(ATTACKS)
    assert texts.of("filler")[0] == "Well then, filler number 1"
    assert texts.quotes == {}


def test_texts_that_are_not_there_are_missed() -> None:
    with pytest.raises(ValueError, match="there is no filler text: add one to texts.jsonl"):
        Texts({}).of("filler")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{oops", "Invalid JSON"),
        ({"kind": "joke", "name": "a", "text": "b"}, "kind: "),
        ({"kind": "filler", "name": "a", "text": " "}, "text: "),
        ({"kind": "filler", "text": "b"}, "name: Field required"),
        ({"kind": "attack", "name": "polite", "text": "b"}, "an attack is named one of instruction, role"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(line: object, why: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=rf"texts\.jsonl, line 2: {why}"):
        read_texts(write(tmp_path, lines()[0], line))


@pytest.mark.parametrize(("kind", "name"), [("filler", None), ("attack", "split")])
def test_a_kind_without_a_text_is_named(kind: str, name: str | None, tmp_path: Path) -> None:
    kept = [line for line in lines() if line["kind"] != kind or name not in (None, line["name"])]
    with pytest.raises(ValueError, match=rf"texts\.jsonl: there is no {kind} text"):
        read_texts(write(tmp_path, *kept))
