"""What a query is taken for: spelling, other languages, brands; and what is left alone."""

from __future__ import annotations

import pytest

from knowledge.query import Speller, glossary
from knowledge.resource import load_topics

TEXTS = ("Monitor a model in production, without leakage", "Ranking search results in a marketplace", "scaling")
ENGLISH = {"what", "once", "a", "is", "the", "for", "cat", "keeps", "sneezing", "orchid", "market"}


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(TEXTS, lambda word: word in ENGLISH)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("what to monitr once a modle is in prodction", "what to monitor once a model is in production"),
        ("serch rankng", "search ranking"),
        ("wihtout leakge", "without leakage"),
        ("sclaing", "scaling"),
        ("Serch", "search"),
        ("", ""),
    ],
)
def test_misspelt_words_are_taken_for_the_nearest_of_the_bank(speller: Speller, typed: str, meant: str) -> None:
    assert speller.corrected(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "the cat keeps sneezing",  # words of English that the bank has not
        "mod",  # too short
        "markit",  # as near to an English word, but that is not the bank's
        "xqzv qqwx",  # like nothing
        "überblick über modelle",  # not English
        "quiero entrenar un modelo que prediga los precios de las casas",
        "gebraucht wird ein modell",
    ],
)
def test_what_is_no_misspelling_stays(speller: Speller, typed: str) -> None:
    assert speller.corrected(typed) == typed


def test_more_unknown_words_than_known_ones_are_another_language_or_subject(speller: Speller) -> None:
    assert speller.corrected("modle blargh fnord") == "modle blargh fnord"
    assert speller.corrected("modle serch fnord") == "model search fnord"


def test_brands_mean_their_topics() -> None:
    names = load_topics()
    assert names["batch-vs-stream"].name in glossary().meanings("windows in Flink, please")
    assert names["feature-store"].name in glossary().meanings("is FEAST any good?")
    assert glossary().meanings("a feast for the eyes of flinkers") == [names["feature-store"].name]
    assert glossary().meanings("boil eggs") == []


@pytest.mark.parametrize(
    ("typed", "meaning"),
    [
        ("detección de fraude en pagos", "fraud"),
        ("deteccion de fraude en pagos", "fraud"),
        ("Betrug bei Zahlungen erkennen", "fraud"),
        ("détecter la fraude aux paiements", "fraud"),
        ("भुगतान में धोखाधड़ी", "fraud"),
    ],
)
def test_foreign_words_get_their_english_meaning(typed: str, meaning: str) -> None:
    assert any(meaning in name.lower() for name in glossary().meanings(typed))


def test_a_single_foreign_word_is_not_enough() -> None:
    assert glossary().meanings("handy") == []
