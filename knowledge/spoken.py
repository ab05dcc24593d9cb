"""Rules for what an interviewer says aloud: how many requests a turn makes, which words pass judgement."""

from __future__ import annotations

import re

from knowledge.words import find_phrases, sentences

_REQUEST_VERBS = (
    "choose|compare|convince|decide|define|derive|describe|draft|draw|estimate|explain|give|justify|list|name|order|"
    "outline|pick|rank|review|show|size|sketch|take|tell|trace|walk|write"
)
_IMPERATIVE = re.compile(
    rf"(?:^|[,;:–—-]\s+)(?:(?:so|please|now|then|first|just),?\s+)*(?:{_REQUEST_VERBS})\b", re.IGNORECASE
)
_WISH = re.compile(
    r"\bI(?:['’]d| would) (?:like|love) (?:to hear|you to|to see|to know)\b|\bI want to (?:hear|see|know)\b",
    re.IGNORECASE,
)
_SECOND_QUESTION = re.compile(
    r"(?:,|\band\b|\bor\b|;)\s+(?:and\s+|or\s+)?(?:what|how|who|when|where|why|which)\s+(?:\w+\s+){0,3}?"
    r"(?:is|are|was|were|do|does|did|would|will|can|could|should|has|have|breaks?|goes|happens?|changes?)\b",
    re.IGNORECASE,
)

VERDICTS = (
    "exactly",
    "great",
    "good",
    "excellent",
    "perfect",
    "correct",
    "incorrect",
    "right",
    "wrong",
    "unfortunately",
    "brilliant",
    "well done",
    "nice",
    "impressive",
    "spot on",
    "indeed",
    "awesome",
    "fantastic",
    "mistake",
    "mistaken",
    "smart",
    "sadly",
)
"""Words by which an interviewer would let on what an answer is worth."""


def requests(text: str) -> list[str]:
    """The sentences of `text` that ask for something: questions and imperatives; a double question counts twice."""
    found = []
    for sentence in sentences(text):
        words = sentence.text
        if words.endswith(("?", '?"', "?”")):
            found += [words] * (2 if _SECOND_QUESTION.search(words) else 1)
        elif _IMPERATIVE.search(words) or _WISH.search(words):
            found.append(words)
    return found


def verdicts(text: str) -> list[str]:
    """The verdict words that `text` contains."""
    return find_phrases(text, VERDICTS)
