"""Words and sentences of a text, with their places in it. Knows English; knows nothing of questions or scores."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_LATIN = "A-Za-zÀ-ÖØ-öø-ÿ"
_WORD = re.compile(rf"[{_LATIN}]+(?:['’][a-z]{{1,2}}\b)?|\d+(?:[.,]\d+)*")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLURAL_ACRONYM = re.compile(r"[A-Z]{2,}s")
_THOUSANDS = re.compile(r",(?=\d{3}\b)")
# A sentence may end at the end of a line, and at . ! ? with its closing quote or bracket before a space.
_BREAK = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"')\]”’]))\s+(?=\S)|\n")
# It does not end here, whatever follows: an abbreviation, initials, the number of a list's item.
_OPEN = re.compile(
    r"\b(?:vs|approx|resp|cf|fig|dr|mr|mrs|prof|(?:[a-z]\.)+[a-z])\.[\"')\]”’]?$|(?-i:\bMs\.$)|^\s*\d{1,2}\.$",
    re.IGNORECASE,
)
# It does not end here before a small letter: an ellipsis, a quote within it, units and words that are cut short.
_OPEN_BEFORE_SMALL = re.compile(r"(?:\.\.|[\"')\]”’]|\b(?:etc|incl|max|min|avg|sec|std|no|nos)\.)$", re.IGNORECASE)
_NUMERO = re.compile(r"\bnos?\.$", re.IGNORECASE)

STOP_WORDS = frozenset(
    """a about above after again all also am an and any are aren't as at be because been before being below between
    both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each else even ever
    every few for from further get gets getting go goes going gonna got had hadn't has hasn't have haven't having he
    her here hers him his how however i i'd i'll i'm i've if in into is isn't it it'd it'll it's its itself just kind
    let let's like lot lots many may maybe me might mine more most much must my need needs no nor not now of off ok
    okay on once one only onto or other others ought our ours out over own per perhaps pretty probably quite rather
    really same say see shall she should shouldn't so some something sort still stuff such sure than that that's the
    their theirs them then there there's these they they'd they're they've thing things think this those though
    through thus to too toward towards under until up upon us use used uses using usually very via want wants was
    wasn't way we we'd we'll we're we've well were weren't what what's when where whether which while who whom whose
    why will with within without won't would wouldn't yes yet you you'd you'll you're your yours basically actually
    simply first second""".split()
)
"""Words that carry no subject matter; they never count as lexical evidence."""


@dataclass(frozen=True)
class Span:
    """A piece of a text: `text == source[start:end]`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Word:
    """One word of a text; `stem` is its lower-case Snowball stem."""

    text: str
    stem: str
    start: int
    end: int

    @property
    def is_content(self) -> bool:
        """False for stop words and single letters."""
        lower = self.text.lower().replace("’", "'")
        return lower not in STOP_WORDS and (len(lower) > 1 or lower.isdigit())


class _Stemmers(threading.local):
    """A stemmer for each thread: it keeps the word it is at work on in itself, and two threads would mix theirs."""

    def __init__(self) -> None:
        import snowballstemmer

        self.english: Any = snowballstemmer.stemmer("english")


@lru_cache(maxsize=1)
def _stemmers() -> _Stemmers:
    return _Stemmers()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The lower-case English Snowball stem of one word without accents; numbers lose their thousands separators."""
    if word[:1].isdigit():
        return _THOUSANDS.sub("", word)
    if _PLURAL_ACRONYM.fullmatch(word):  # Snowball takes the s of "GPUs" or "LLMs" for a part of the word
        word = word[:-1]
    lower = word.lower().replace("’", "'").removesuffix("'s")
    plain = "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))
    return str(_stemmers().english.stemWord(plain))


def words(text: str) -> list[Word]:
    """Every word and number of `text` in order. `snake_case` and `camelCase` are taken apart."""
    found = []
    for match in _WORD.finditer(text):
        start = match.start()
        for part in _CAMEL.split(match.group()):
            found.append(Word(part, stem(part), start, start + len(part)))
            start += len(part)
    return found


def content_stems(text: str) -> list[str]:
    """Stems of the words that carry subject matter, in order, with repetitions."""
    return [w.stem for w in words(text) if w.is_content]


def sentences(text: str) -> list[Span]:
    """The sentences and lines of `text`, trimmed, in order, each literally a part of it. Empty for blank text."""
    spans: list[Span] = []
    begin = 0
    for match in _BREAK.finditer(text):
        if "\n" not in match.group() and not _ends(text[begin : match.start()], text[match.end()]):
            continue
        spans += _trimmed(text, begin, match.start())
        begin = match.end()
    return spans + _trimmed(text, begin, len(text))


def _ends(head: str, following: str) -> bool:
    """Whether a sentence ends between `head`, which ends in a mark, and the character behind the space."""
    if _OPEN.search(head) or (following.isdigit() and _NUMERO.search(head)):
        return False
    return not (following.islower() and _OPEN_BEFORE_SMALL.search(head))


def _trimmed(text: str, begin: int, end: int) -> list[Span]:
    piece = text[begin:end]
    left = len(piece) - len(piece.lstrip())
    stripped = piece.strip()
    if not any(c.isalnum() for c in stripped):
        return []
    return [Span(stripped, begin + left, begin + left + len(stripped))]


def find_phrases(text: str, phrases: Iterable[str]) -> list[str]:
    """Those of `phrases` whose word stems stand in `text` side by side, so that plurals and verb forms count too.

    A hyphen is a space, capitals do not count: "point-in-time" is found in "point in time", "PyTorch" in "pytorch".
    """
    stems, whole = _stems(text), _stems(text.lower())
    return [p for p in phrases if _contains(stems, _phrase(p)) or _contains(whole, _phrase(p.lower()))]


@lru_cache(maxsize=2_000)
def _phrase(phrase: str) -> tuple[str, ...]:
    return _stems(phrase)


def _stems(text: str) -> tuple[str, ...]:
    return tuple(w.stem for w in words(text))


def _contains(stems: tuple[str, ...], part: tuple[str, ...]) -> bool:
    n = len(part)
    return n > 0 and any(stems[i : i + n] == part for i in range(len(stems) - n + 1))


def count_words(text: str) -> int:
    """Number of whitespace-separated words."""
    return len(text.split())
