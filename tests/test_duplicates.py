"""Items of different questions that mean the same: found where there are some, none in the shipped bank."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.__main__ import main
from knowledge.bank import load_bank
from knowledge.duplicates import nearest_pairs
from knowledge.embedder import MiniLM
from tests.sample_question import sample_question


def test_the_shipped_bank_asks_nothing_twice(embedder: MiniLM) -> None:
    pairs = nearest_pairs(load_bank().questions.values(), embedder)
    assert [(p.first, p.second, p.cosine) for p in pairs] == []


def test_the_same_in_other_words_is_found_between_questions_only(embedder: MiniLM) -> None:
    one = sample_question()
    asked = replace(one.follow_ups[0], text="The money is cut to one half. What do you give up first?")
    twin = replace(one, id="XX02", points=(), wrong_claims=(), follow_ups=(replace(asked, id="F9"),))
    same = replace(
        one, points=(), wrong_claims=(), follow_ups=(replace(asked, text="The budget is halved. What goes first?"),)
    )
    (pair,) = nearest_pairs([same, twin], embedder, 0.5)
    assert (pair.first, pair.second) == ("XX01/F1", "XX02/F9")
    assert 0.5 < pair.cosine <= 1
    assert nearest_pairs([replace(same, follow_ups=(asked, asked))], embedder, 0.5) == []
    assert nearest_pairs([], embedder) == []


def test_the_command_lists_pairs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["duplicates"], {}) == 0
    assert "nearer than 0.7" in capsys.readouterr().out
    assert main(["duplicates", "--above", "0.5"], {}) == 1
    assert "pairs above 0.5" in capsys.readouterr().err
