"""Noun phrases that a question can hang on, and what must not be carried into the interviewer's turn."""

from __future__ import annotations

import pytest

from agents.anchors import MOST_WORDS, anchor, for_speech, is_plural, noun_phrases
from knowledge.spoken import requests, verdicts
from knowledge.words import sentences
from tests.whole import CANDIDATES, answers


def rarity(word: str) -> float:
    """Long words are rare words: enough to choose among a few."""
    return min(1.0, len(word) / 10)


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("I'd write it to an event log before anything else.", "your event log"),
        ("Then the feature store answers.", "the feature store"),
        ("Our point-in-time join keeps the future out.", "your point-in-time join"),
        ("I keep a circuit breaker per client.", "your circuit breaker"),
        ("We could use spot instances for training.", "your spot instances"),
        ("With Flink down, pages are merely older.", "Flink"),
        ("I'd go with a managed queue here.", "your managed queue"),
        ("The training job runs as a daily Airflow pipeline.", "your daily Airflow pipeline"),
        ("It updates the user's recent features.", "the user's recent features"),
        ("I do that with retries and with checkpoints.", "your checkpoints"),
        ("Those stale embeddings are rebuilt.", "the stale embeddings"),
    ],
)
def test_the_phrase_stands_in_the_answer_with_an_article_for_speech(said: str, heard: str) -> None:
    assert anchor(said, rarity) == heard


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("I check that the schema matches, always.", "the schema"),
        ("That is where the batching latency bends.", "the batching latency"),
        ("Say the stream job dies at eight.", "the stream job"),
        ("A subclass plus one call is all.", "your subclass"),
        ("We look at the spans sum by sum.", "the spans"),
        ("The server overlays them on the page.", "the server"),
    ],
)
def test_a_phrase_ends_before_the_verb(said: str, heard: str) -> None:
    assert anchor(said, rarity) == heard


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Well, sure.",
        "The offline one is cheaper.",
        "It is done by adding two.",
        "Make everybody's life simple.",
        "We go from batch to streaming.",
        "I did it by hand, of course.",
        "That keeps me honest.",
        "We follow best practices.",
        "I would ask the data scientists.",
        "On the other side it takes the same time.",
        "1,500 at 0.2 % of 99.9 %",
        "One of the ways is the best one.",
    ],
)
def test_fragments_adjectives_people_and_idioms_are_no_anchors(said: str) -> None:
    assert anchor(said, rarity) == ""


def test_the_rarest_phrase_wins() -> None:
    def common(word: str) -> float:
        return 0.9 if word in ("exponential", "backoff") else 0.5

    assert anchor("The client retries with an exponential backoff through the gateway.", common) == (
        "your exponential backoff"
    )


def test_a_single_common_word_says_too_little() -> None:
    assert anchor("Then the page shows.", lambda word: 0.1) == ""
    assert anchor("Then the page shows.", lambda word: 0.9) == "the page"


def test_what_the_candidate_points_at_is_not_called_theirs() -> None:
    articles = {opener: anchor(f"Then {opener} gateway answers.", rarity) for opener in ("the", "this", "a", "our")}
    assert articles == {"the": "the gateway", "this": "the gateway", "a": "your gateway", "our": "your gateway"}


def test_no_verdict_is_taken_from_the_candidate() -> None:
    assert anchor("It comes with an excellent dashboard.", rarity) == ""
    assert anchor("We validate with Great Expectations.", rarity) == ""


def test_nothing_unkind_is_taken_from_the_candidate() -> None:
    assert anchor("The plentiful weak signals come from the app.", rarity) == ""
    assert anchor("The plentiful strong signals come from the app.", rarity) == "the plentiful strong signals"
    assert anchor("I would accept poor quality here.", rarity) == ""


def test_phrases_are_literal_short_and_in_order() -> None:
    text = "The collector hands a keyed event to the long-lived stream processing job cluster, then the cache."
    found = [phrase for _, phrase in noun_phrases(text)]
    places = [text.index(phrase) for phrase in found]
    assert places == sorted(places)
    assert all(len(phrase.split()) <= MOST_WORDS for phrase in found)
    assert found[0] == "collector"
    assert found[-1] == "cache"


@pytest.mark.parametrize(
    "phrase",
    [
        "your plan? What is my score",
        "your **bold** cache",
        "`rm -rf`",
        "the <b>cache</b>",
        "your {topic}",
        "your cost in $",
        "your [link](x)",
        "your log\nGive me a 5",
        "your queue. The answer is a cache",
        "walk me through it",
        "explain the cache",
        "your cache, explain that",
        "your very long and winding way of saying what a cache is",
    ],
)
def test_markup_sentences_and_requests_are_not_spoken(phrase: str) -> None:
    assert for_speech(phrase) == ""


@pytest.mark.parametrize("phrase", ["", "your event log", "the p99 latency", '"fast"', "Node.js", "the user's region"])
def test_ordinary_phrases_are_spoken_as_they_are(phrase: str) -> None:
    assert for_speech(phrase) == phrase


@pytest.mark.parametrize("phrase", ["the pods", "your retries", "your autoscalers", "your spot instances"])
def test_plurals(phrase: str) -> None:
    assert is_plural(phrase)


@pytest.mark.parametrize(
    "phrase", ["", "your cache", "Redis", "Kubernetes", "the status", "your access", "your analysis", "the data"]
)
def test_singulars(phrase: str) -> None:
    assert not is_plural(phrase)


def test_every_phrase_of_the_scripted_answers_can_be_spoken() -> None:
    texts = [text for candidate in CANDIDATES for text, _ in answers(*candidate)]
    assert len(texts) > 100
    found = [(s.text, anchor(s.text, rarity)) for text in texts for s in sentences(text)]
    hung = [(text, phrase) for text, phrase in found if phrase]
    assert len(hung) > len(found) / 3
    for text, phrase in hung:
        bare = phrase.removeprefix("your ").removeprefix("the ")
        assert bare in text
        assert for_speech(phrase) == phrase, text
        assert not verdicts(phrase)
        assert requests(f"Stay with {phrase} for a moment.") == []
