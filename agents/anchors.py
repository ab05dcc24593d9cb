"""The candidate's own words for the next question to hang on: a short noun phrase, found without a grammar.

A phrase is a run of content words behind an article, a possessive, a preposition or a verb that ends in a noun, up to
the next function word or verb; a dictionary tells which words can be nouns. Where the form leaves open whether a word
is a noun or a verb ("the checks pass", "the pass checks"), what stands before and behind it decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from knowledge.spoken import requests, verdicts
from knowledge.words import STOP_WORDS

_TOKEN = re.compile(r"[A-Za-z][A-Za-z'’-]*|\d[\d.,]*%?|[^\sA-Za-z\d]")
_DETERMINERS = frozenset("a an the my our your this that these those".split())
_DEFINITE = frozenset("the your this that these those".split())
_PRONOUNS = frozenset(("this", "that"))
_OBJECTS = frozenset("its their his her it them him us what all whatever".split())
_SINGULAR_ONLY = frozenset("a an this that".split())
_PREPOSITIONS = frozenset("with of into through via by from".split())
_HAVING = frozenset("use uses used using have has need needs".split())
_VERBS = frozenset(
    """onboard onboards answer answers crash crashes fire fires hand hands lie lies poll polls restart restarts add
    adds added ask asks asked assign become becomes begin begins bend bends break breaks bring brings build builds
    built buy buys call calls called cap carries catch catches change changes changed check checks checked choose
    chooses come comes compare compares compute computes contain contains cost costs cover covers create creates cut
    cuts decide decides deploy deploys depends detect detects die dies drain drains drive drives drop drops emit
    emits end ends expect expects fail fails fall falls feed feeds fetch fetches find finds fit fits give gives go
    goes grow grows handle handles happen happens hit hits hold holds join joins keep keeps kept know knows land
    lands lead leads learn learns leave leaves let lets live lives load loads log logs look looks lose loses made
    make makes match matches mean means measure measures merge merges miss misses move moves own owns pass passes
    pay pays pick picks pin plug point pull pulls push pushes put puts reach reaches read reads recover recovers
    register registers rely reduce reduces refresh refreshes remain remains remove removes resume resumes return
    returns ride rise rises roll rolls run runs save saves scale scales score scores see sees seem seems send sends
    sent serve serves set sets ship ships show shows sit sits sized spend spends split splits spread stand stands
    start starts stay stays stop stops store stores sum sums take takes tell tells test tests think track tracks
    train trains trained try tries tune turn turns wait waits want wants warm warms watch watches win wins work
    works write writes written differ differs gets got said says tried arrives arrive needs include includes
    including followed based doing having being going getting looking using making taking""".split()
)
"""Forms that are verbs more often than not."""
_NOUNS = frozenset("cache config cut drop load log lookup merge refresh retry score set split store test".split())
"""Nouns of the trade that the dictionary or the list above takes for verbs."""
_HEADS = frozenset("costs drops loads logs lookups merges retries scores splits stores tests".split())
"""Plurals of such nouns, which end compounds: "feature stores"."""
_BREAKS = frozenset(
    """plus minus versus less least fewer inside outside around across behind beside besides despite towards along
    against among amongst within beyond except unless although whereas upon near today yesterday tonight tomorrow
    meanwhile instead somewhere everywhere anywhere two three four five six seven eight nine ten zero eleven twelve
    thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty hundred hundreds
    thousand thousands million millions billion billions dozen third fourth fifth sixth seventh eighth ninth tenth
    half ones everybody everyone anybody anyone somebody someone nobody everybody's everyone's anybody's anyone's
    somebody's someone's nobody's whatever whoever whichever""".split()
)
_DULL = frozenset(
    """way ways thing things lot bit kind sort case cases point points part parts example time times day days week
    weeks moment end start side people person team teams problem question idea next new old same other another whole
    different number numbers system approach use fact something everything anything nothing good bad better best big
    small large great right wrong sure minute minutes hour hours month months year years seconds rest remainder
    reason requirement topic type amount failure owner sender customer customers user users scientist scientists
    engineer engineers lead manager buyer buyers seller sellers shopper shoppers colleague colleagues developer
    developers analyst analysts goal beginning middle top bottom place answer thought thoughts average consistency
    expectation expectations word words detail details option options step steps work works ms sec secs min mins hr
    hrs kb mb gb tb monday tuesday wednesday thursday friday saturday sunday january february march april june july
    august september october november december""".split()
)
"""Words that a question cannot hang on: they name nothing of the candidate's, or a person."""
_NEVER_LAST = tuple(
    "-based -driven -time -aware -free -side -wise -term -specific -level -end -threaded -managed".split()
)
_ADJECTIVES = frozenset(
    "offline online real-time async ad-hoc stateless stateful serverless simple daily hourly generic idempotent".split()
)
MOST_WORDS = 3
_LONGEST_SPOKEN = 8
_UNKIND = frozenset("weak weaker weakest bad worse worst naive".split())
"""Words of the candidate that would sound like a verdict in the interviewer's mouth: "your weak signals"."""
_COMMON = 0.42
"""A single word below this rarity ("click", "record") says too little about what the candidate meant."""


@dataclass
class _Run:
    """Content words side by side, and what stands before and behind them."""

    opener: str = ""
    words: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def last(self) -> str:
        return self.words[-1][0].lower() if self.words else ""


def anchor(text: str, rarity: Callable[[str], float]) -> str:
    """The most telling noun phrase of `text` with an article for speech ("your event log"), "" when there is none.

    `rarity` maps a word to 0 (common) .. 1 (rare).
    """
    best, best_value = "", 0.0
    for opener, phrase in noun_phrases(text):
        lowered = phrase.lower().split()
        value = sum(rarity(w) for w in lowered) / len(lowered) ** 0.5 + (0.25 if len(lowered) > 1 else 0.0)
        if value > max(best_value, _COMMON) and not verdicts(phrase) and not _UNKIND & set(lowered):
            best, best_value = f"{_article(opener, phrase)}{phrase}", value
    return best


def length_as_rarity(word: str) -> float:
    """Long words are rare words; near enough to choose among the few phrases of one sentence."""
    return min(1.0, len(word) / 10)


def for_speech(phrase: str) -> str:
    """An anchor that may be spoken: "" when it would carry markup, a sentence or a request into the turn."""
    if re.search(r"[?*_`<>{}\[\]|$#\n\r]|[.!:;](?:\s|$)", phrase) or len(phrase.split()) > _LONGEST_SPOKEN:
        return ""
    return "" if requests(phrase) else phrase.strip()


def is_plural(phrase: str) -> bool:
    """Whether a noun phrase takes a plural verb ("your retries are")."""
    last = (phrase.split() or [""])[-1]
    if not last.endswith("s") or last.endswith(("ss", "us", "is")) or last[0].isupper():
        return False
    lemmas = _lemmas(last.lower()).get("NOUN", ())
    return last.lower() in _HEADS or any(lemma != last.lower() for lemma in lemmas) or not _kinds(last.lower())


def noun_phrases(text: str) -> list[tuple[str, str]]:
    """(word before it, phrase) of every candidate phrase of `text`, in order."""
    found: list[tuple[str, str]] = []
    run = _Run()
    tokens = list(_TOKEN.finditer(text))
    for i, match in enumerate(tokens):
        token, lower = match.group(), match.group().lower().replace("’", "'")
        following = tokens[i + 1].group().lower() if i + 1 < len(tokens) else ""
        if _belongs(lower, run, following) and (not run.words or text[run.words[-1][2] : match.start()] == " "):
            run.words.append((token, match.start(), match.end()))
            continue
        _close(text, run, found)
        run = _Run(lower if lower in _DETERMINERS | _PREPOSITIONS or _opens(lower) else "")
    _close(text, run, found)
    return found


def _opens(word: str) -> bool:
    """Whether a verb is likely to be followed by what the candidate uses or builds."""
    return word in _VERBS or word in _HAVING or (word.endswith("ing") and _kinds(word) == {"VERB"})


def _belongs(word: str, run: _Run, following: str) -> bool:
    """Whether `word` goes on with the noun phrase at hand."""
    if not word[0].isalpha() or len(word) == 1 or word in STOP_WORDS or word in _BREAKS:
        return False
    kinds = _kinds(word)
    if word.endswith("ly") and kinds and not kinds & {"ADJ", "NOUN"}:
        return word == "hourly"
    if word.endswith("ed") and "VERB" in kinds:
        return not run.words  # "the managed queue", but not "the queue filled"
    if word.endswith("ing") and kinds == {"VERB"}:
        return bool(run.opener in _DETERMINERS and not run.words)
    return not _acts(word, kinds, run, following)


def _acts(word: str, kinds: frozenset[str], run: _Run, following: str) -> bool:
    """Whether `word` is a verb here."""
    can_be_noun = "NOUN" in kinds or word in _NOUNS or not kinds
    if not can_be_noun and not kinds & {"ADJ", "PROPN"}:
        return True
    if word not in _VERBS and "VERB" not in kinds:
        return False
    third_person = word.endswith("s") and not word.endswith("ss")
    if third_person and run.opener in _PRONOUNS and not run.words:
        return True  # "that keeps me honest"
    if third_person and run.words:
        singular = run.opener in _SINGULAR_ONLY
        return singular or following in _DETERMINERS | _OBJECTS or (word in _VERBS and word not in _HEADS)
    if run.words and is_plural(run.last):
        return True  # "the spans sum to"
    return word in _VERBS and run.opener not in _DETERMINERS and not (run.words and word in _NOUNS)


def _lemmas(word: str) -> dict[str, tuple[str, ...]]:
    from lemminflect import getAllLemmas

    known: dict[str, tuple[str, ...]] = getAllLemmas(word)
    return known


@lru_cache(maxsize=20_000)
def _kinds(word: str) -> frozenset[str]:
    """The parts of speech that a dictionary knows `word` as; empty for words it does not know."""
    return frozenset(_lemmas(word))


def _can_end(word: str) -> bool:
    """Whether a noun phrase may end in `word`: nouns, names, and terms that no dictionary has."""
    lower = word.lower()
    if lower.endswith(("'s", "’s", *_NEVER_LAST)) or lower in _ADJECTIVES:
        return False
    kinds = _kinds(lower)
    if "ADJ" in kinds and lower.endswith(("ible", "able", "ous", "ful")) and lower != "variable":
        return False  # "the actions visible"
    return not kinds or lower in _NOUNS or bool(kinds & {"NOUN", "PROPN"})


def _close(text: str, run: _Run, found: list[tuple[str, str]]) -> None:
    words, whole = run.words, len(run.words)
    while words and words[0][0].lower() in _DULL:
        if words[0][0][0].isupper() and len(words) > 1 and words[1][0][0].isupper():
            return  # part of a name
        words = words[1:]
    if len(words) == 1 < whole and run.opener not in _DETERMINERS:
        return  # "use best practices"
    while words and not _can_end(words[-1][0]):
        words = words[:-1]
    words = words[-MOST_WORDS:]
    if words and run.opener and words[-1][0].lower() not in _DULL and _says_enough(words, run.opener):
        found.append((run.opener, text[words[0][1] : words[-1][2]]))


def _says_enough(words: Sequence[tuple[str, int, int]], opener: str) -> bool:
    """Behind a preposition or a verb, a single ordinary word is part of an idiom ("by hand", "from batch")."""
    word = words[0][0]
    if len(words) > 1:
        return True
    return len(word) > 3 and (opener in _DETERMINERS or word[0].isupper() or not _kinds(word) or is_plural(word))


def _article(opener: str, phrase: str) -> str:
    if opener in _DEFINITE:
        return "the "
    named = phrase[0].isupper() and " " not in phrase
    return "" if named and opener not in ("a", "an", "my", "our") else "your "
