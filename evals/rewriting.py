"""Rewrites what somebody said by rules: other grammar, other spelling, other form, more words, the opposite.

Pure functions of a text and, where there is a choice, of a random.Random. English only. Code in Markdown fences stays
as it is unless a docstring says otherwise.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from random import Random
from typing import Literal

from agents.fences import in_fence
from knowledge.words import STOP_WORDS, count_words, sentences

_FENCE = re.compile(r"(```.*?(?:```|\Z))", re.DOTALL)


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """`text` with each stretch outside code fences changed. White space at the ends of a stretch stays."""
    parts = _FENCE.split(text)
    for i in range(0, len(parts), 2):
        core = parts[i].strip()
        if core:
            parts[i] = parts[i].replace(core, change(core), 1)
    return "".join(parts)


def joined(text: str, more: str) -> str:
    """`more` said after `text`, never inside its code."""
    if not text.strip():
        return more
    if text.count("```") % 2:
        return f"{text}\n```\n{more}"
    return f"{text}\n{more}" if "```" in text else f"{text} {more}"


def _each_sentence(text: str, change: Callable[[str], str]) -> str:
    """Every sentence changed in its place; what stands between them stays."""
    made, end = [], 0
    for span in sentences(text):
        made += [text[end : span.start], change(span.text)]
        end = span.end
    return "".join([*made, text[end:]])


# A capital A may be a name, as in "A/B" or "plan A": it is an article only at a sentence's start.
_NOT_A_NAME = r"[ \t]+(?!(?:is|was|has|and|or|to|then|will|would)\b)(?=[\w\"'(])"
_ARTICLE = re.compile(
    rf"(?<![\w'’/.-])(?:(?P<big>The|An)[ \t]+|(?:the|an)[ \t]+|a{_NOT_A_NAME}|"
    rf"(?P<start>(?:^|(?<=[.!?:]\s)|(?<=\n))A){_NOT_A_NAME})(?P<next>[\w\"'(]?)"
)
_SUBJECT = r"(?:he|she|it|who|everyone|everybody|nobody|someone|somebody|something|nothing|everything)"
_ADVERB = r"(?:also|always|just|only|still|then|usually|often|really|simply|already|never|even)"
_THIRD_VERB = (
    "needs|takes|makes|gives|keeps|gets|goes|comes|knows|tells|becomes|happens|depends|learns|reads|writes|sends|"
    "brings|finds|loses|contains|includes|requires|seems|stays|wants|uses|decides|chooses|follows|grows|holds|leaves|"
    "pays|provides|receives|remains|allows|arrives|believes|carries|tries|catches|belongs|breaks|covers"
)
_THIRD_PERSON = re.compile(
    rf"(?P<before>\b{_SUBJECT}\s+(?:{_ADVERB}\s+)*)(?P<verb>[a-z]{{2,}}(?<![suia])(?<!selve)s)\b(?!['’])"
    rf"|\b(?P<known>{_THIRD_VERB})\b",
    re.IGNORECASE,
)
_NO_VERB = frozenset("always sometimes perhaps towards besides afterwards upwards downwards yes does ours hers".split())
_FLAT = {"has": "have", "does": "do", "hasn't": "haven't", "doesn't": "don't", "were": "was", "weren't": "wasn't"}
_FLAT_WORD = re.compile(r"\b(?:hasn['’]t|doesn['’]t|weren['’]t|has|does|were)\b(?!['’])")
_PROGRESSIVE = re.compile(r"\b(I|we|you|they|he|she|it)\s+(?:am|are|is|was|were)\s+(?=[a-z]{2,}ing\b)", re.IGNORECASE)


def second_language(text: str) -> str:
    """Articles and the third person's s dropped, has, does and were flattened, "are" before a form in -ing left out.

    The content words stay, up to that s.
    """
    return outside_code(text, _second_language)


def _second_language(prose: str) -> str:
    def without_article(match: re.Match[str]) -> str:
        following = match["next"]
        return following.upper() if match["big"] or match["start"] else following

    def without_s(match: re.Match[str]) -> str:
        verb = match["known"] or match["verb"]
        base = base_form(verb)
        # "sees" carries subject matter by the list of stop words, "see" does not.
        kept = verb.lower() in _NO_VERB or (base.lower() in STOP_WORDS and verb.lower() not in STOP_WORDS)
        return (match["before"] or "") + (verb if kept else base)

    text = _PROGRESSIVE.sub(r"\1 ", _THIRD_PERSON.sub(without_s, prose))
    text = _FLAT_WORD.sub(lambda m: _FLAT[m.group().replace("’", "'")], text)
    return _ARTICLE.sub(without_article, text)


def base_form(verb: str) -> str:
    """The verb without the third person's s: "tries" -> "try", "catches" -> "catch", "keeps" -> "keep"."""
    if verb == "has":
        return "have"
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if re.search(r"(?:ss|sh|ch|x|zz|o)es$", verb) and verb != "caches":
        return verb[:-2]
    return verb[:-1] if re.search(r"[^sui]s$", verb) else verb


_SPOKEN_FILLERS = ("uh", "um", "you know")
_WORDS_PER_FILLER = 12
# An apostrophe within a word and the mark within a number are no punctuation; signs that are read out stay, too.
_PUNCTUATION = re.compile(r"(?!(?<=\w)'(?=\w)|(?<=\d)[.,](?=\d))[^\w\s$€£+=<>]|_")


def speech_recognised(text: str, rng: Random) -> str:
    """As a speech recogniser writes it: no capitals, no punctuation, and about one "uh" or "you know" in 12 words."""
    return outside_code(text, lambda prose: _speech_recognised(prose, rng))


def _speech_recognised(prose: str, rng: Random) -> str:
    plain = re.sub(r"(?<=\d)\s?[-–](?=\d)", " to ", prose.lower().replace("’", "'"))
    plain = re.sub(r"(?<=\d)\s?%", " percent", plain)
    found = _PUNCTUATION.sub(" ", plain).split()
    for _ in range(math.ceil(len(found) / _WORDS_PER_FILLER)):
        found.insert(rng.randint(0, len(found)), rng.choice(_SPOKEN_FILLERS))
    return " ".join(found)


def padded(text: str, fillers: Sequence[str], rng: Random) -> str:
    """`fillers` put between the sentences until there are half as many words again. Blank text stays blank."""
    spans = [s for s in sentences(text) if not in_fence(text, s.end)]
    missing = math.ceil(count_words(text) / 2)
    ends = [s.end for s in spans[:-1]] or [s.end for s in spans]
    put: dict[int, list[str]] = {end: [] for end in ends}
    rest: list[str] = []
    for filler in itertools.cycle(rng.sample(fillers, len(fillers))):
        if missing <= 0:
            break
        (put[rng.choice(ends)] if ends else rest).append(filler if filler.endswith((".", "!", "?")) else filler + ".")
        missing -= count_words(filler)
    for end in reversed(ends):
        text = " ".join([text[:end], *put[end]]) + text[end:]
    return joined(text, " ".join(rest)) if rest else text


def words_shuffled(text: str, rng: Random) -> str:
    """The words of each sentence and of each line of code in another order. A sentence's last mark stays last."""

    def shuffle(sentence: str) -> str:
        core = sentence.rstrip(".!?")
        found = core.split()
        order = list(found)
        while len(set(found)) > 1 and order == found:
            rng.shuffle(order)
        return " ".join(order) + sentence[len(core) :]

    return _each_sentence(text, shuffle)


_NEGATIVE = re.compile(r"\b(?:not|never|no|nor|cannot|without|nobody|nothing|none|neither)\b|n['’]t\b", re.IGNORECASE)
_AUXILIARY = (
    r"(?:\b(?:can|could|will|would|should|must|may|might|shall|is|are|was|were|am)\b"
    r"|\b(?:has|have|had)(?=\s+(?:been|\w+ed|\w+en)\b)|\b(?:do|does|did)(?=\s+[a-z])|(?<=\w)['’](?:d|ll|re|ve|m)\b"
    r"|\b(?:it|that|there|he|she|what|who|here|let)['’]s\b|(?<=\w)['’]s(?=\s+(?:an?|the)\b))(?!\s+(?:say|think)\b)"
)
_CLAUSE = (
    r"\b(?P<who>I|we|you|they|he|she|it)\s+(?!(?:know|mean|guess|think|believe|suppose|say|to|and|or|in|on|at|for|from|"
    rf"with|by|as|if|when|so|that|the|a|an|of|but|is|are|was|were|am|can|could|will|would|should|must|may|might|shall|"
    rf"do|does|did)\b)(?P<adverb>(?:{_ADVERB}\s+)*)(?P<verb>[a-z]{{2,}})\b(?!['’])"
)
_NEGATABLE = re.compile(rf"(?P<auxiliary>{_AUXILIARY})|{_CLAUSE}|\b(?P<third>{_THIRD_VERB})\b", re.IGNORECASE)
_LEAD = re.compile(r"^(?:(?:so|and|then|but|well|yeah|yes|okay|also|because),?\s+)*", re.IGNORECASE)
_PAST = frozenset(
    "took went had saw made did got gave came knew told became brought found lost sent wrote kept left held paid chose "
    "grew built began ran thought met led read set put cut let meant caught taught broke spoke agreed".split()
)


def negated(text: str) -> str:
    """Every second sentence says the opposite. Those with a negation, questions and single words stay, uncounted."""
    turn = itertools.count()

    def change(sentence: str) -> str:
        if sentence.endswith("?") or count_words(sentence) < 2 or _NEGATIVE.search(sentence) or next(turn) % 2:
            return sentence
        return negation(sentence)

    return outside_code(text, lambda prose: _each_sentence(prose, change))


def negation(sentence: str) -> str:
    """The sentence with "not" behind its first auxiliary, "do not" or "never" before its verb, or "never" in front."""
    found = _NEGATABLE.search(sentence)
    if not found:
        at = len(sentence) - len(_LEAD.sub("", sentence))
        rest = sentence[at].lower() + sentence[at + 1 :] if re.match("[A-Z][a-z ]", sentence[at:]) else sentence[at:]
        return f"{sentence[:at]}{'never' if at else 'Never'} {rest}"
    if found["auxiliary"]:
        return f"{sentence[: found.end()]} not{sentence[found.end() :]}"
    if found["third"]:
        return f"{sentence[: found.start()]}never {sentence[found.start() :]}"
    verb, third = found["verb"], found["who"].lower() in ("he", "she", "it")
    # A past form, or a form that is not seen to be a present one, takes "never", which goes with any.
    present = verb.endswith("s") if third else not (re.search(r"[^be]ed$", verb) or verb in _PAST)
    at = found.start("verb")
    if not present:
        return f"{sentence[:at]}never {sentence[at:]}"
    begin, told = found.start("adverb"), "does not" if third else "do not"
    return f"{sentence[:begin]}{told} {found['adverb']}{base_form(verb) if third else verb}{sentence[found.end() :]}"


_MARKER = re.compile(r"^\s*(?:[-*+•]\s+|\d{1,2}[.)]\s+|#{1,6}\s+)")


def as_bullets(text: str) -> str:
    """Each sentence a Markdown bullet, its first two words bold."""

    def bullet(sentence: str) -> str:
        words = _MARKER.sub("", sentence).replace("**", "").split()
        return " ".join([f"- **{' '.join(words[:2])}**", *words[2:]])

    return outside_code(text, lambda prose: "\n".join(bullet(s.text) for s in sentences(prose)))


def as_paragraph(text: str) -> str:
    """Bullets, numbers, headings, bold type and line ends taken out; a line without a last mark gets a full stop."""

    def paragraph(prose: str) -> str:
        lines = [_MARKER.sub("", line).replace("**", "").strip() for line in prose.splitlines()]
        lines = [line for line in lines if line]
        return " ".join([*(s if re.search(r"\W$", s) else s + "." for s in lines[:-1]), *lines[-1:]])

    return outside_code(text, paragraph)


_SPELLINGS = (
    (
        "organ|real|recogn|optim|normal|general|special|priorit|standard|minim|maxim|token|serial|parallel|random|"
        "regular|quant|summar|initial|categor|visual|custom|central|final|util|personal|anonym|pseudonym|discret|"
        "vector|stabil|penal|container|local|synchron|monet|critic|emphas|character|equal|modern|memor|author|formal|"
        "factor|binar|material|digit|apolog|scrutin|capital|ideal|neutral|mobil|public|jeopard|monopol|subsid|item",
        ("is", "iz"),
        "(?:e|es|ed|ing|ers?|able|ations?|ational)",
    ),
    ("anal|catal|paral", ("ys", "yz"), "(?:e|ed|ing|ers?)"),
    (
        "behavi|col|fav|neighb|lab|hon|flav|hum|rum|harb|vap|endeav|arm|od",
        ("our", "or"),
        "(?:s|ed|ing|al|ally|hoods?|able|ably|ites?|ful|ers?)?",
    ),
    (
        "model|label|travel|cancel|signal|channel|level|fuel|total|tunnel|dial|marshal|funnel|panel",
        ("l", ""),
        "(?:ed|ing|ers?)",
    ),
    ("cent|kilomet|lit|fib|theat|calib", ("re", "er"), "s?"),
)
"""Heads of words, (British, American) middle, tails. Listed and not derived: "precise" and "actor" must stay."""
_PAIRS = """catalogue/catalog catalogues/catalogs dialogue/dialog analogue/analog grey/gray defence/defense
offence/offense licence/license licences/licenses artefact/artifact artefacts/artifacts judgement/judgment
judgements/judgments ageing/aging sceptical/skeptical learnt/learned fulfil/fulfill skilful/skillful enrol/enroll
instalment/installment towards/toward instalments/installments afterwards/afterward centred/centered centring/centering
aluminium/aluminum"""


@lru_cache(maxsize=2)
def _spellings(british: bool) -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]:
    """What is looked for, spelt the other way, and what is put in its place."""
    given, wanted = (1, 0) if british else (0, 1)
    rules = [
        (rf"\b(\w*?(?:{heads})){middle[given]}({tails})\b", rf"\1{middle[wanted]}\2")
        for heads, middle, tails in _SPELLINGS
    ]
    pairs = [pair.split("/") for pair in _PAIRS.split()]
    rules += [(rf"\b{forms[given]}\b", forms[wanted]) for forms in pairs]
    return [(re.compile(pattern, re.IGNORECASE), _replacement(form)) for pattern, form in rules]


def _replacement(form: str) -> Callable[[re.Match[str]], str]:
    return lambda match: _in_case(match.expand(form), match.group())


def respelled(text: str, to: Literal["British", "American"]) -> str:
    """`text` in the spelling of the other side of the Atlantic: -ise/-ize, -our/-or, -lled/-led, a list of words."""

    def change(prose: str) -> str:
        for pattern, replaced in _spellings(to == "British"):
            prose = pattern.sub(replaced, prose)
        return prose

    return outside_code(text, change)


def _in_case(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word[0].upper() + word[1:] if like[0].isupper() else word
