"""Checks a model's draft of a turn before anyone sees it, in code and without a model.

To the turn rules that every interviewer keeps (agents/interviewer.py) come those that a model can break and a stock of
wordings cannot: figures and quotes that nobody said, talk of scores, another language, a point's own words, repetition.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher

from agents.answer_kinds import language_of, stem_runs
from agents.events import Directive
from agents.interviewer import MOST_WORDS, leaks
from agents.state import InterviewState
from knowledge.question import Question
from knowledge.spoken import requests, verdicts
from knowledge.terms import Move
from knowledge.words import STOP_WORDS, content_stems, count_words, words

GIVEN_AWAY = 4
"""Content stems in a row that a turn may not share with what is confidential."""
ALIKE = 0.8
"""Similarity (0..1, difflib) of content stems from which two turns are the same question."""
FREE_FIGURES = (Move.CONSTRAIN, Move.INJECT_FAILURE)
"""Moves that may bring in a figure of their own where no text is passed on: a changed condition is one."""
_LABEL = re.compile(r"^\W*(?:interviewer|you|me|turn)\s*:\s*", re.IGNORECASE)
_MARKUP = re.compile(r"[*_`#]{2,}|^\s*(?:[-*#>]|\d+[.)])\s+|`", re.MULTILINE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,80}>|https?://\S+|\[[^\]]*\]\([^)]*\)")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTED = re.compile(r"[“\"«„]([^“”\"«»„]{8,300})[”\"»“]")
_QUESTION_MARKS = re.compile("[?\uff1f\u061f\u037e]+")
_SCORES = re.compile(
    r"\b(?:your|the) (?:score|rating|grade|rubric|marks?)\b|\b\d(?:\.\d)?\s?(?:/|out of)\s?(?:5|10|100)\b|"
    r"\bfull marks\b|\byou (?:have |['’]ve )?(?:passed|failed|aced)\b|\b(?:expected|hidden) (?:points?|answers?)\b|"
    r"\b(?:system prompt|stage direction|the director|my instructions|model answer)\b",
    re.IGNORECASE,
)
_VERDICTS = {
    "de": "gut super toll genau richtig falsch perfekt prima ausgezeichnet leider stimmt",
    "es": "bien bueno excelente perfecto correcto incorrecto exacto exactamente genial mal",
    "fr": "bien bon bonne excellent parfait exact exactement correct faux malheureusement bravo",
    "it": "bene bravo ottimo esatto esattamente corretto sbagliato perfetto purtroppo",
    "nl": "goed prima juist precies fout perfect helaas uitstekend",
    "pt": "bom boa ótimo excelente perfeito correto certo errado exatamente infelizmente",
}
"""Words of judgement in the languages that are met most; in others the model's rules have to do."""


def tidied(draft: str) -> str:
    """A draft as one line of speech: without a name in front, quotation marks around it, or control characters."""
    text = "".join(c for c in draft if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    text = _LABEL.sub("", " ".join(text.split()))
    if len(text) > 1 and text[0] in "\"“«'" and text[-1] in "\"”»'" and not set(text[1:-1]) & set('"“”«»'):
        text = text[1:-1].strip()
    return text


def draft_faults(text: str, directive: Directive, state: InterviewState, language: str) -> list[str]:
    """Which rules a tidied draft breaks, as words that can follow "because it"; [] when it may be shown.

    None of them repeats a confidential word: they go back to the model, and into the log.
    """
    return [fault for fault in _faults(text, directive, state, language) if fault]


def _faults(text: str, directive: Directive, state: InterviewState, language: str) -> Iterator[str]:
    if not any(c.isalpha() for c in text):
        yield "says nothing"
        return
    most = MOST_WORDS + sum(
        count_words(c.text) for c in (directive.told_first, directive.cleared) if c and c.kind == "fact"
    )
    spoken = max(count_words(text), len(text) // 9)  # some languages write without spaces
    if spoken > most:
        yield f"has {spoken} words where {most} are the most"
        return  # whatever else is in it goes with it
    asked = len(requests(text)) if language == "en" else len(_QUESTION_MARKS.findall(text))
    if asked != 1:
        yield f"makes {asked} requests instead of exactly one"
    if _judges(text, directive, language):
        yield "judges what the candidate said"
    if _MARKUP.search(text) or _TAG.search(text):
        yield "holds markup, a link or a tag"
    if _SCORES.search(text):
        yield "speaks of scores, rules or notes"
    if not _speaks(text, language):
        yield "is in another language than the direction asks for"
    known = _known(directive, state)
    if not _figures_known(text, directive, known):
        yield "holds a figure that nobody has said"
    if any(len(q.split()) > 2 and _plain(q) not in _plain(known) for q in _QUOTED.findall(text)):
        yield "quotes words that were not said"
    if leaks(text, directive, state) or _gives_away(text, known, state.question):
        yield "names a technique or an answer that the candidate has not named"
    if _repeats(text, directive, state):
        yield "repeats an earlier turn"


def _known(directive: Directive, state: InterviewState) -> str:
    """Everything that has been said, the problem, and what this turn may pass on."""
    parts = [state.question.statement, *(t.text for t in state.turns), directive.topic]
    return "\n".join([*parts, *(c.text for c in (directive.told_first, directive.cleared) if c)])


def _judges(text: str, directive: Directive, language: str) -> bool:
    passed_on = {v.lower() for c in (directive.told_first, directive.cleared) if c for v in verdicts(c.text)}
    if {v.lower() for v in verdicts(text)} - passed_on:
        return True
    listed = set(_VERDICTS.get(language, "").split())
    # In a question such a word may ask ("is that good enough for you?"); in what leads to it, it judges.
    lead = re.split(r"[^.!]*[?？]", text)[0].lower()
    return bool(listed & set(re.findall(r"\w+", lead)))


def _speaks(text: str, language: str) -> bool:
    found = language_of(text)
    if found == language:
        return True
    if language == "en" or found != "en":
        return False
    spoken = [w.text.lower() for w in words(text)]  # short, or full of terms: English only if its small words are
    return sum(w in STOP_WORDS for w in spoken) <= 0.35 * len(spoken)


def _figures_known(text: str, directive: Directive, known: str) -> bool:
    if directive.move in FREE_FIGURES and directive.cleared is None:
        return True
    said = set(_FIGURE.findall(known))
    return all(len(figure) < 2 or figure in said for figure in _FIGURE.findall(text))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _gives_away(text: str, known: str, question: Question) -> bool:
    free = stem_runs(known, GIVEN_AWAY)
    said = stem_runs(text, GIVEN_AWAY) - free
    return bool(said) and any(said & stem_runs(hidden, GIVEN_AWAY) for hidden in _confidential(question))


def _confidential(question: Question) -> Iterator[str]:
    for point in question.points:
        yield from (point.text, *point.wordings)
    for claim in question.wrong_claims:
        yield from (claim.claim, claim.consequence)
    yield from (f.strong for f in question.follow_ups)
    yield from (question.cause, question.look_for)
    yield from (*question.solution_paths.values(), *question.senior_solution.values())


def _repeats(text: str, directive: Directive, state: InterviewState) -> bool:
    if directive.move in (Move.ANSWER, Move.GIVE_EVIDENCE, Move.WRAP_UP):
        return False  # what was asked for may be the same
    stems = content_stems(text)
    earlier = (content_stems(t.text) for t in state.asked if t.directive and t.directive.move is not Move.OPEN)
    return any(SequenceMatcher(None, stems, e, autojunk=False).ratio() >= ALIKE for e in earlier)
