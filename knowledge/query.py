"""What somebody typed, made ready for the search: spelling, other languages, names of products.

The embedding model knows English and little of brands. So a misspelt word is taken for the nearest word that the bank
uses, and a query with words of the glossary gets their English meaning beside its own words.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.embedder import MiniLM
from knowledge.resource import load_topics
from knowledge.words import words
from knowledge.yaml_lines import LOADER

GLOSSARY_FILE = Path(__file__).parent / "glossary.yaml"

FOREIGN_WORDS = 2
"""So many different meanings must a query have in the glossary's languages before they count: a single one may well be
an English word ("handy", "version")."""
SHORTEST, LONG = 4, 6
"""Letters: shorter words are never corrected; from LONG on a word may be wrong in two places, before in one."""
SENTENCE = 5
"""Words from which on the language can be told; shorter queries are taken for English."""

UNKNOWN_RANK = 30_522
"""`MiniLM.rank` of a word that its vocabulary has not."""

_WORD = re.compile(r"[A-Za-z]+")
_BETWEEN = re.compile(r"[\s,.;:!?¿¡()\[\]\"'’“”/]+")
"""What stands between words, in any script."""


@dataclass(frozen=True)
class Glossary:
    """Folded word or phrase -> what it means in English."""

    brands: Mapping[str, tuple[str, ...]]
    foreign: Mapping[str, tuple[str, ...]]

    def meanings(self, text: str) -> list[str]:
        """The English meanings of the brands and foreign words in `text`, in the glossary's order."""
        padded = f" {' '.join(part for part in _BETWEEN.split(_folded(text)) if part)} "
        brands, foreign = (
            [name for phrase, names in known.items() if f" {phrase} " in padded for name in names]
            for known in (self.brands, self.foreign)
        )
        return list(dict.fromkeys(brands + (foreign if len(set(foreign)) >= FOREIGN_WORDS else [])))


@lru_cache(maxsize=1)
def glossary(path: Path = GLOSSARY_FILE) -> Glossary:
    """The shipped glossary."""
    data: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe loader
    general = data.pop("general")
    names = {tag: topic.name for tag, topic in load_topics().items()}
    brands = _by_phrase((names[tag], rows["brands"]) for tag, rows in data.items())
    foreign = [(names[tag], rows["foreign"]) for tag, rows in data.items()] + list(general.items())
    return Glossary(brands, _by_phrase(foreign))


def _by_phrase(rows: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for meaning, phrases in rows:
        for phrase in phrases:
            key = _folded(str(phrase))
            found[key] = (*found.get(key, ()), meaning)
    return found


def _folded(text: str) -> str:
    """Lower case; without accents in Latin script, where people leave them out. In Devanagari they are vowels."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in parts if not ("\u0300" <= c <= "\u036f"))
    return unicodedata.normalize("NFC", bare)


class Speller:
    """Corrects words towards those in `texts`. `is_word` says which others are English words, too."""

    def __init__(self, texts: Iterable[str], is_word: Callable[[str], bool]) -> None:
        counted = Counter(word.lower() for text in texts for word in _WORD.findall(text))
        self._known = {word: n for word, n in counted.items() if len(word) >= SHORTEST}
        self._is_word = is_word

    def corrected(self, text: str) -> str:
        """`text` with its misspelt words mended; as it is when it does not seem to be English, or when more of its
        unknown words are like no word of the bank than are like one."""
        found = _WORD.findall(text)
        if any(c.isalpha() and not c.isascii() for c in text) or (len(found) >= SENTENCE and not _is_english(text)):
            return text
        unknown = {w for w in found if len(w) >= SHORTEST and not self._is_known(w.lower())}
        mended = {word: near for word in unknown if (near := self._nearest(word.lower()))}
        if len(mended) * 2 < len(unknown):
            return text
        return _WORD.sub(lambda match: mended.get(match.group(), match.group()), text)

    def _is_known(self, word: str) -> bool:
        return word in self._known or self._is_word(word)

    def _nearest(self, word: str) -> str | None:
        """The known word with the fewest letters added, left out, changed or swapped; of several the commonest."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        most = 1 if len(word) < LONG else 2
        candidates = [known for known in self._known if known[0] == word[0]]
        near = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=most, limit=20)
        return min(((d, -self._known[known], known) for known, d, _ in near), default=(0, 0, None))[2]


def _is_english(text: str) -> bool:
    import py3langid

    return bool(py3langid.classify(text)[0] == "en")


@lru_cache(maxsize=10_000)
def in_dictionary(word: str) -> bool:
    """Whether it is an English word or a form of one."""
    from lemminflect import getAllLemmas

    return bool(getAllLemmas(word))


class Asked:
    """A query, with its misspelt words mended and its meaning in English: its vector, and what each word weighs."""

    def __init__(self, query: str, embedder: MiniLM, speller: Speller) -> None:
        mended = speller.corrected(query)
        text = " ".join([mended, *glossary().meanings(mended)])
        self.vector = embedder.encode([text])[0]
        content = [word for word in words(text.lower()) if word.is_content]
        self._weights = {word.stem: _weight(embedder.rank(word.text)) for word in content}

    def in_common(self, text: str) -> float:
        """The share of the query, by weight, that stands in `text`; less if all that stands there is common words, so
        that "time" does not make a question of "what time is it"."""
        stems = _stems(text)
        there = sum(weight for stem, weight in self._weights.items() if stem in stems)
        return there / sum(self._weights.values()) * min(1.0, there / _weight(UNKNOWN_RANK)) if there else 0.0


def _weight(rank: int) -> float:
    """What a word of this rank tells: the commonest, near rank 2,000, some 0.3, an unknown one 3."""
    return math.log(max(rank, 1600) / 1500)


@lru_cache(maxsize=20_000)
def _stems(text: str) -> frozenset[str]:
    """The stems in `text`; of LeetCode those of "leet", "code" and "leetcode"."""
    return frozenset(word.stem for variant in (text, text.lower()) for word in words(variant))
