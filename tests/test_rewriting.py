"""Rewriting by rules, on sentences whose other form was written by hand."""

from __future__ import annotations

from random import Random

import pytest

from evals import rewriting

CODE = "```python\ndef build(model, colour):\n    return model.normalise(colour)\n```"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("We run an A/B test on plan A, a cheap one.", "We run A/B test on plan A, cheap one."),
        ("A cache helps. It doesn't fail, they were reading.", "Cache helps. It don't fail, they reading."),
        ("It always catches that; she tries it.", "It always catch that; she try it."),
        ("He sees the themes themselves.", "He sees themes themselves."),
    ],
)
def test_second_language_by_hand(said: str, expected: str) -> None:
    assert rewriting.second_language(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("The cache is full.", "The cache is not full."),
        ("I was there before I had it.", "I was not there before I had it."),
        ("It keeps the last row.", "It does not keep the last row."),
        ("They also batch it.", "They do not also batch it."),
        ("We measured it.", "We never measured it."),
        ("We need it, they embed it.", "We do not need it, they embed it."),
        ("The gate takes an hour.", "The gate never takes an hour."),
        ("You know, I think we batch them.", "You know, I think we do not batch them."),
        ("Keep the log.", "Never keep the log."),
    ],
)
def test_negations_by_hand(said: str, expected: str) -> None:
    assert rewriting.negation(said) == expected


def test_sentences_that_deny_or_ask_stay() -> None:
    assert rewriting.negated("We don't retry. Is it late? It is.") == "We don't retry. Is it late? It is not."


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("Colour, behaviour and neighbours", "Color, behavior and neighbors"),
        ("organisation, normalised, Analysing", "organization, normalized, Analyzing"),
        ("a modelled centre, cancelled", "a modeled center, canceled"),
        ("GREY artefacts towards defence", "GRAY artifacts toward defense"),
        ("a precise size for four actors otherwise", "a precise size for four actors otherwise"),
    ],
)
def test_spellings_go_both_ways(british: str, american: str) -> None:
    assert rewriting.respelled(british, "American") == american
    assert rewriting.respelled(american, "British") == british


def test_nothing_is_added_within_code() -> None:
    assert rewriting.joined("```python\nx = 1", "So.") == "```python\nx = 1\n```\nSo."
    assert rewriting.joined(CODE, "So.") == f"{CODE}\nSo."
    assert rewriting.padded(CODE, ["So it goes."], Random(1)).startswith(f"{CODE}\nSo it goes.")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("p99 of 2.5 s, 10-20% more.", "p99 of 2.5 s 10 to 20 percent more"),
        ("Point-in-time: it\u2019s snake_case!", "point in time it's snake case"),
    ],
)
def test_speech_by_hand(said: str, expected: str) -> None:
    heard = rewriting.speech_recognised(said, Random(2)).replace("you know", "uh").replace("um", "uh")
    assert [word for word in heard.split() if word != "uh"] == expected.split()
    assert "uh" in heard.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Plan\n\n1. **Ask** them\n2. Build it:\n* with care", "Plan. Ask them. Build it: with care"),
        (f"- One\n- Two\n{CODE}\n- Three\n", f"One. Two\n{CODE}\nThree\n"),
    ],
)
def test_paragraphs_by_hand(text: str, expected: str) -> None:
    assert rewriting.as_paragraph(text) == expected


def test_blank_text_stays_blank() -> None:
    assert rewriting.padded(" ", ["So it goes."], Random(1)) == " "
    assert rewriting.words_shuffled("", Random(1)) == ""
    assert rewriting.as_bullets("") == rewriting.negated("") == rewriting.second_language("") == ""
