"""Texts that are spoken: strictly rendered, and every wording keeps the rules of a turn."""

from __future__ import annotations

import hashlib
import itertools
import re

import pytest
import yaml

from knowledge.bank import load_bank
from knowledge.spoken import requests, verdicts
from knowledge.terms import Move
from knowledge.words import count_words
from prompts import FOLDER, PromptError, fingerprint, phrasings, render

SLOTS = {
    "anchor": "your event log",
    "Anchor": "Your event log",
    "topic": "the way of a single tap from the phone to the next page",
    "item": "Two of them arrive twice.",
}
CARDS = {"ANSWER", "GIVE_EVIDENCE"}
"""Moves whose item is a fact or a card, which asks nothing by itself."""
MOST_WORDS = 60
WORDINGS = [
    (move, variant, template)
    for move, variants in phrasings().items()
    for variant, templates in variants.items()
    for template in templates
]


def spoken(template: str, **slots: str) -> str:
    filled = {**SLOTS, **slots}
    return render(template, **{name: text for name, text in filled.items() if f"{{{name}}}" in template})


@pytest.mark.parametrize("move", phrasings())
def test_wordings_make_one_request_and_pass_no_judgement(move: str) -> None:
    for template in itertools.chain(*phrasings()[move].values()):
        text = spoken(template)
        asked = len(requests(text))
        assert asked == (0 if "{item}" in template and move not in CARDS else 1), text
        assert verdicts(text) == []
        assert count_words(text) <= MOST_WORDS
        assert re.fullmatch(r"[A-Z].*[.?]", text)


@pytest.mark.parametrize("move", phrasings())
def test_wordings_have_the_slots_of_their_variant(move: str) -> None:
    for variant, template in ((v, t) for v, templates in phrasings()[move].items() for t in templates):
        names = {name.lower() for name in re.findall(r"{(\w+)}", template)}
        assert names <= {"anchor", "topic", "item"}
        assert ("item" in names) == (variant == "item"), template
        assert "anchor" not in names or variant in ("hung", "item", "story"), template
        assert variant != "hung" or names & {"anchor", "topic"}, template


def test_an_anchor_has_a_capital_where_a_sentence_begins() -> None:
    for _, _, template in WORDINGS:
        for place in re.finditer(r"{[Aa]nchor}", template):
            begins = place.start() == 0 or template[: place.start()].endswith((". ", "? "))
            assert (place.group() == "{Anchor}") == begins, template


def test_every_topic_of_the_bank_fits_into_every_wording() -> None:
    with_topic = [t for move, _, t in WORDINGS if "{topic}" in t]
    topics = [p.topic for q in load_bank().questions.values() for p in q.points]
    broken = [
        text for topic in topics for template in with_topic if len(requests(text := spoken(template, topic=topic))) != 1
    ]
    assert topics
    assert broken == []
    assert verdicts(" / ".join(topics)) == []


def test_every_move_but_the_opening_has_wordings() -> None:
    assert set(phrasings()) == set(Move) - {Move.OPEN}
    assert all(templates for variants in phrasings().values() for templates in variants.values())


def test_every_move_can_be_made_without_an_anchor() -> None:
    without = {move for move, _, template in WORDINGS if "{anchor}" not in template.lower()}
    assert without == set(phrasings())


def test_no_wording_stands_twice_and_no_key_hides_another() -> None:
    everything = [template for _, _, template in WORDINGS if "{item}" not in template]
    assert [t for t in everything if everything.count(t) > 1] == [
        t for t in everything if t in phrasings()["SPLIT"]["hung"] and t in phrasings()["SPLIT"]["plain"]
    ]
    node = yaml.compose((FOLDER / "phrasings.yaml").read_text(encoding="utf-8"))
    assert isinstance(node, yaml.MappingNode)
    for mapping in (node, *(value for _, value in node.value)):
        keys = [key.value for key, _ in mapping.value]
        assert len(keys) == len(set(keys))


def test_values_are_put_in_as_they_are() -> None:
    assert render("{a} and {b}, {{c}}", a="{b}", b="100 %") == "{b} and 100 %, {c}"
    assert render("nothing to fill in") == "nothing to fill in"


@pytest.mark.parametrize(
    ("template", "variables"),
    [
        ("{a} and {b}", {"a": "1"}),
        ("{a}", {"a": "1", "b": "2"}),
        ("no slot", {"a": "1"}),
        ("{}", {}),
        ("{0}", {}),
        ("{a.real}", {"a": "1"}),
        ("{a[0]}", {"a": "1"}),
        ("{a!r}", {"a": "1"}),
        ("{a:>9}", {"a": "1"}),
        ("{a:{b}}", {"a": "1", "b": "2"}),
        ("{a", {"a": "1"}),
        ("a}", {}),
    ],
)
def test_what_does_not_fit_is_an_error(template: str, variables: dict[str, str]) -> None:
    with pytest.raises(PromptError, match=re.escape(template)):
        render(template, **variables)


def test_the_error_names_what_is_missing_and_what_is_too_much() -> None:
    with pytest.raises(PromptError, match=r"missing \['anchor'\], unused \['topic'\]"):
        render("On {anchor}: why?", topic="cost")


def test_fingerprint_follows_the_bytes_of_the_file() -> None:
    content = (FOLDER / "phrasings.yaml").read_bytes()
    assert fingerprint("phrasings.yaml") == hashlib.sha256(content).hexdigest()[:12]
