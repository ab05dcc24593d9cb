"""Sentences, words and stems: what belongs together, what does not, and that every piece is literally in its text."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from knowledge.words import content_stems, count_words, find_phrases, sentences, stem, words


def split(text: str) -> list[str]:
    """The sentences of `text`, each checked to stand where it says."""
    spans = sentences(text)
    assert all(text[s.start : s.end] == s.text for s in spans)
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
    return [s.text for s in spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One here. Two there! Three?", ["One here.", "Two there!", "Three?"]),
        ("i'd use kafka. then flink. and so on", ["i'd use kafka.", "then flink.", "and so on"]),
        ("is it fast? and how? yes", ["is it fast?", "and how?", "yes"]),
        ("Is that so?! Then we stop.", ["Is that so?!", "Then we stop."]),
        ("A read takes 5 ms. Then we write.", ["A read takes 5 ms.", "Then we write."]),
        ("Half goes to group B. If it wins, all.", ["Half goes to group B.", "If it wins, all."]),
        ("The answer is no. We go on.", ["The answer is no.", "We go on."]),
        ("We watch load, errors, etc. Then we page.", ["We watch load, errors, etc.", "Then we page."]),
        ("At 80 %. After that, more.", ["At 80 %.", "After that, more."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("“Stop.” Then he left. (Really.) Yes.", ["“Stop.”", "Then he left.", "(Really.)", "Yes."]),
        ('Unknown kinds go aside. "truck" is one.', ["Unknown kinds go aside.", '"truck" is one.']),
    ],
)
def test_sentences_end(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It costs 3.5 dollars, or 1.200 elsewhere",
        "I'd take a queue, e.g. Kafka, or a log, i.e. Kinesis",
        "Kafka vs. Flink",
        "approx. 5 GB, cf. Fig. 3",
        "Dr. Smith and Ms. Jones agree",
        "We deploy in the U.S. East region",
        "Take no. 5 instead",
        "logs, metrics etc. go there",
        "max. latency and avg. load",
        "well... i think so",
        '"why?" he asked',
        "(is it up?) and so on",
        "read main.py and v1.2.json at www.example.org now",
        "…",
    ],
)
def test_sentences_go_on(text: str) -> None:
    assert len(split(text)) <= 1


def test_lines_and_lists_are_apart_and_keep_their_numbers() -> None:
    text = "First a list:\n- one thing\n* another. And more\n1. Measure it. More later\n\n2) last"
    assert split(text) == [
        "First a list:",
        "- one thing",
        "* another.",
        "And more",
        "1. Measure it.",
        "More later",
        "2) last",
    ]
    assert split("1. Measure. 2. Decide.") == ["1. Measure.", "2. Decide."]


def test_code_is_taken_line_by_line() -> None:
    text = "Like this:\n```python\ndef rate(x):\n\n    return x * 2.5\n```\nIt doubles. Nearly."
    assert split(text) == ["Like this:", "```python", "def rate(x):", "return x * 2.5", "It doubles.", "Nearly."]


@pytest.mark.parametrize("text", ["", "  \n\t ", "...", "?!", "---\n***"])
def test_nothing_said_is_no_sentence(text: str) -> None:
    assert sentences(text) == []


def test_line_ends_of_other_systems() -> None:
    assert split("one\r\ntwo\r\n\r\nthree") == ["one", "two", "three"]


def test_a_long_text_without_an_end_stays_quick_and_whole() -> None:
    text = "word, " * 20_000
    assert split(text) == [text.strip()]


def test_words_with_their_places() -> None:
    text = "The user_id of getUserName isn't p99, it’s 1,200.5!"
    found = words(text)
    assert all(text[w.start : w.end] == w.text for w in found)
    assert [w.text for w in found] == [
        *("The", "user", "id", "of", "get", "User", "Name", "isn't", "p", "99", "it’s", "1,200.5")
    ]
    assert [w.text for w in found if w.is_content] == ["user", "id", "User", "Name", "99", "1,200.5"]


def test_accents_neither_cut_a_word_nor_count() -> None:
    assert [w.text for w in words("a naïve résumé")] == ["a", "naïve", "résumé"]
    assert find_phrases("a naïve baseline", ["naive baseline"]) == ["naive baseline"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("caches", "cache"),
        ("Caching", "caches"),
        ("canaries", "canary"),
        ("GPUs", "GPU"),
        ("SLAs", "SLA"),
        ("LLMs", "llm"),
        ("store's", "store"),
        ("store’s", "stores"),
        ("1,200,000", "1200000"),
    ],
)
def test_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("one", "other"), [("3.125", "3125"), ("0.5", "5"), ("1,5", "15"), ("bus", "bu"), ("IDs", "ideas")]
)
def test_two_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_content_stems_leave_out_what_says_nothing() -> None:
    assert content_stems("I would just use the caches of a cache") == ["cach", "cach"]
    assert content_stems("I'd say so, and that’s it") == []


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("two feature stores", "feature store"),
        ("joined point in time", "point-in-time"),
        ("a point-in-time join", "point in time"),
        ("we cached it", "caching"),
        ("pytorch or Pytorch", "PyTorch"),
        ("PyTorch", "pytorch"),
        ("read the feature_store", "feature store"),
        ("Stream", "streams"),
    ],
)
def test_phrase_is_found(text: str, phrase: str) -> None:
    assert find_phrases(text, ["absent", phrase]) == [phrase]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("store the feature", "feature store"),
        ("the feature of a store", "feature store"),
        ("upstreamed", "stream"),
        ("anything", ""),
        ("anything", " - "),
        ("", "cache"),
    ],
)
def test_phrase_is_not_found(text: str, phrase: str) -> None:
    assert find_phrases(text, [phrase]) == []


def test_words_are_counted_as_people_count_them() -> None:
    assert count_words("  99 % of  pages,\nwell-known ") == 5
    assert count_words("") == 0


def test_threads_stem_at_the_same_time() -> None:
    """The stemmer keeps the word it is at work on in itself; a shared one gave wrong stems and IndexErrors."""
    roots, ends = (
        ("relation", "organ", "national", "general", "hope"),
        ("s", "ise", "ising", "isation", "ful", "fulness"),
    )
    made = [f"{start}{root}{end}" for start in ("re", "un", "over", "pre") for root in roots for end in ends]
    alone = [stem.__wrapped__(word) for word in made]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            for found in pool.map(lambda _: [stem.__wrapped__(word) for word in made], range(16)):
                assert found == alone
    finally:
        sys.setswitchinterval(before)
