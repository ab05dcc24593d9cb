"""The candidate's own words for the next question to hang on: a short noun phrase, found without a grammar.

A phrase is a run of content words behind an article, a possessive or a preposition that ends in a noun, up to the next
function word or verb; a dictionary tells which words can be nouns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from knowledge.spoken import requests, verdicts
from knowledge.words import STOP_WORDS

_TOKEN = re.compile(r"[A-Za-z][A-Za-z'’-]*|\d[\d.,]*%?|[^\sA-Za-z\d]")
_OPENERS = frozenset(
    "a an the my our your each every one per this that these those of with into through via by from".split()
)
_VERBS = frozenset(
    """add adds added ask asks asked assign become becomes begin begins break breaks bring brings build builds built buy
    call calls called cap catch catches change changes changed check checks checked choose choose come comes compare
    compares compute computes cost costs cover create creates cut cuts decide decides deploy depends detect drive drives
    drop drops emit emits expect fails fall falls feed feeds fetch fetches find finds fit fits give gives go goes grow
    grows handle handles happen happens hit hits hold holds join joins keep keeps kept know knows land lands learn learns
    leave leaves let lets live lives load loads log logs lose loses made make makes mean means measure measures merge
    miss misses move moves own owns pay pays pick picks pin plug point points pull pulls push pushes put puts read reads
    rely reduce reduces refresh remain remove removes return returns ride roll rolls run runs save saves scale scales
    score scores see sees send sends sent serve serves set sets ship ships show shows sit sits sized spend spends split
    splits spread stand stands start starts stay stays stop stops store stores take takes tell tells test tests think
    track tracks train trains trained tune turn turns use uses used wait waits want wants watch watches work works write
    writes written differ differs gets got seems seem said say says tried try tries arrives arrive needs reach reaches
    include includes including followed based doing having being going getting looking using making taking""".split()
)
_DULL = frozenset(
    """way ways thing things lot bit kind sort case cases point points part parts example time times day days week weeks
    moment end start side people person team teams problem question idea first second last next new old same other
    another whole number numbers system approach use fact one two three four five six ten system something everything
    anything nothing good bad better best big small large great right wrong sure minute minutes hour hours month months
    year years second seconds""".split()
)
MOST_WORDS = 3
_DEFINITE = frozenset(("the", "this", "that", "these", "those"))


def anchor(text: str, rarity: Callable[[str], float]) -> str:
    """The most telling noun phrase of `text` with an article for speech ("your event log"), "" when there is none.

    `rarity` maps a word to 0 (common) .. 1 (rare).
    """
    best, best_value = "", 0.0
    for opener, phrase in noun_phrases(text):
        lowered = phrase.lower().split()
        value = sum(rarity(w) for w in lowered) / len(lowered) ** 0.5 + (0.25 if len(lowered) > 1 else 0.0)
        if value > best_value and not verdicts(phrase):
            best, best_value = f"{_article(opener, phrase)}{phrase}", value
    return best


def for_speech(phrase: str) -> str:
    """An anchor that may be spoken: "" when it would carry markup, digits only or a request into the interviewer's turn."""
    return "" if not phrase or re.search(r"[?*_`<>{}\[\]|$#]", phrase) or requests(phrase) else phrase


def _article(opener: str, phrase: str) -> str:
    if opener in _DEFINITE:
        return "the "
    named = phrase[0].isupper() and " " not in phrase
    return "" if named and opener not in ("a", "an", "my", "our") else "your "


def noun_phrases(text: str) -> list[tuple[str, str]]:
    """(word before it, phrase) of every candidate phrase of `text`, in order."""
    found: list[tuple[str, str]] = []
    run: list[tuple[str, int, int]] = []
    opener = ""
    for match in _TOKEN.finditer(text):
        token = match.group()
        lower = token.lower().replace("’", "'")
        content = token[0].isalpha() and lower not in STOP_WORDS and not _is_verb(lower, run)
        if content and (not run or text[run[-1][2] : match.start()] == " "):
            run.append((token, match.start(), match.end()))
            continue
        _close(text, run, opener, found)
        opener, run = lower if lower in _OPENERS else "", []
    _close(text, run, opener, found)
    return found


def _is_verb(word: str, run: list[tuple[str, int, int]]) -> bool:
    if word in _VERBS or word.endswith("ly") or (bool(run) and word.endswith("ed")):
        return True
    kinds = _kinds(word)
    return kinds == {"VERB"} and not word.endswith(("ing", "ed"))


@lru_cache(maxsize=20_000)
def _kinds(word: str) -> frozenset[str]:
    """The parts of speech that a dictionary knows `word` as; empty for words it does not know."""
    from lemminflect import getAllLemmas

    return frozenset(getAllLemmas(word))


def _can_end(word: str) -> bool:
    """Whether a noun phrase may end in `word`: nouns, names, and terms that no dictionary has."""
    kinds = _kinds(word.lower())
    return not kinds or bool(kinds & {"NOUN", "PROPN"})


def _close(text: str, run: list[tuple[str, int, int]], opener: str, found: list[tuple[str, str]]) -> None:
    while run and run[0][0].lower() in _DULL:
        run = run[1:]
    while run and not _can_end(run[-1][0]):
        run = run[:-1]
    if not run or not opener or len(run) > MOST_WORDS or run[-1][0].lower() in _DULL:
        return
    if len(run) == 1 and len(run[0][0]) < 4:
        return
    found.append((opener, text[run[0][1] : run[-1][2]]))
