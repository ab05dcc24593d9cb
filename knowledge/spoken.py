"""Rules for what an interviewer says aloud: how many requests a turn makes, which words pass judgement."""

from __future__ import annotations

import re

from knowledge.words import find_phrases, sentences

_REQUEST_VERBS = (
    "calculate|choose|compare|convince|decide|defend|define|derive|describe|draft|draw|estimate|explain|give|help me|"
    "justify|list|name|order|outline|pick|rank|review|show|size|sketch|summari[sz]e|take|tell|trace|walk|write"
)
_IMPERATIVE = re.compile(
    rf"(?:^|[,;:–—-]\s+)(?:(?:so|please|now|then|first|just),?\s+)*(?:{_REQUEST_VERBS})\b", re.IGNORECASE
)
_WISH = re.compile(
    r"\bI(?:['’]d| would) (?:like|love) (?:to hear|you to|to see|to know)\b|\bI want to (?:hear|see|know)\b",
    re.IGNORECASE,
)
_AUXILIARY = "is|are|was|were|do|does|did|would|will|can|could|should|has|have"
_PRONOUN = "i|you|he|she|it|we|they|this|that|there"
_NO_ARTICLE = r"(?!(?:the|an?|your|their|its)\b)"
_WORDS = rf"(?:(?!(?:{_PRONOUN})\b)[\w'’-]+\s+)"
_WH_QUESTION = re.compile(
    # At the start, behind a lead-in or behind "and"; a preposition may come first: "and at what point does it ...".
    r"(?:^|(?P<bare>[,;:–—]\s+)|\b(?:and|or)\s+)(?:(?P<joined>and|or|so|then)\s+)?"
    r"(?P<preposition>(?:at|by|for|from|in|on|to|under|with)\s+)?"
    # "and what it has", "and how success would show" and ", which is" ask nothing by themselves.
    rf"(?:(?:what|which|whose)\s+{_NO_ARTICLE}{_WORDS}{{0,3}}?|(?:how|who|when|where|why)\s+"
    rf"|how\s+(?:big|far|fast|high|large|long|many|much|often|soon)\s+{_WORDS}{{0,2}}?)"
    rf"(?:{_AUXILIARY}|breaks?|goes|happens?|changes?)\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(rf"[,;:–—]\s+(?:which|who)\s+(?:{_AUXILIARY})\b", re.IGNORECASE)
_YES_NO_QUESTION = re.compile(
    rf"^(?:{_AUXILIARY})\b|\band\s+(?:{_AUXILIARY})\s+(?:the|{_PRONOUN})\b",
    re.IGNORECASE,
)
_CLOSERS = "\"')]”’ "

VERDICTS = (
    "exactly",
    "great",
    "good",
    "excellent",
    "perfect",
    "correct",
    "incorrect",
    "poor",
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

_NO_VERDICT = re.compile(
    r"\b(?:goods|rights|right[- ]hand|right (?:after|away|before|behind|now)|exactly[- ](?:one|once))\b", re.IGNORECASE
)


def requests(text: str) -> list[str]:
    """The sentences of `text` that ask for something: questions and imperatives; a double question counts twice.

    A sentence that ends in a quoted question is a question, too: whoever hears it answers.
    """
    found = []
    for sentence in sentences(text):
        words = sentence.text
        if words.rstrip(_CLOSERS).endswith("?"):
            found += [words] * (2 if _is_double(words) else 1)
        elif _IMPERATIVE.search(words) or _WISH.search(words):
            found.append(words)
    return found


def _is_double(question: str) -> bool:
    """Whether one sentence asks twice, as in "What is it, and how would you ...?"; a lead-in is no question."""
    starts = [m for m in _WH_QUESTION.finditer(question) if not (m["bare"] and _RELATIVE.match(m.group()))]
    if (
        starts
        and starts[0].start() == 0
        and starts[0]["preposition"]
        and any(m["bare"] and not m["joined"] for m in starts)
    ):
        del starts[0]  # "On what all calls have in common: where ...?"
    return len(starts) + len(_YES_NO_QUESTION.findall(question)) > 1


def verdicts(text: str) -> list[str]:
    """The verdict words that `text` contains."""
    return find_phrases(_NO_VERDICT.sub(" ", text), VERDICTS)
