"""Turns a directive into words. The local interviewer speaks from prompts/phrasings.yaml.

It is handed the directive and nothing else of the question: no expected point, wording, rubric or score can be spoken,
because none is in reach. `faults` is the check on every turn before it is shown.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from string import Formatter

from agents.anchors import for_speech, is_plural
from agents.events import Directive
from agents.phases import exchanges
from agents.state import InterviewState
from agents.work import Work
from knowledge.spoken import requests, verdicts
from knowledge.terms import Move
from knowledge.words import count_words, find_phrases
from prompts import phrasings, render

MOST_WORDS = 60
CHOICE_MOVES = (Move.JUSTIFY, Move.COMPARE)
"""Moves that ask for the reasons of a choice."""
_SINGULAR = re.compile(
    r"\{anchor\} (?:is|has|gives|fails|falls|holds|behaves|changes)\b|\b(?:is|does|has) \{anchor\}|\bit\b",
    re.IGNORECASE,
)
"""What a wording says of one thing and not of several."""
LONG_MOVES = (Move.OPEN, Move.GIVE_EVIDENCE, Move.ANSWER)


@dataclass(frozen=True)
class Spoken:
    """A turn's text, who worded it, and what that asked of a model; `work` is None where none was asked."""

    text: str
    worded_by: str
    work: Work | None = None


class LocalInterviewer:
    """Words directives from a stock of phrasings; the same log always yields the same words."""

    name = "local"

    def speak(self, state: InterviewState, directive: Directive) -> Spoken:
        """The turn."""
        return Spoken(self.words(state, directive), self.name)

    def words(self, state: InterviewState, directive: Directive) -> str:
        """The turn's text. Where a wording with the candidate's words would break a turn rule, a plain one is used."""
        if directive.move is Move.OPEN:
            return opening(state)
        told = f"{directive.told_first.text} " if directive.told_first else ""
        texts = (told + words for words in self._wordings(state, directive))
        first = next(texts)
        return next((t for t in chain((first,), texts) if not faults(t, directive, state)), first)

    def _wordings(self, state: InterviewState, directive: Directive) -> Iterator[str]:
        """What may be said, the best first."""
        anchors = [for_speech(directive.anchor), ""]
        if directive.move in CHOICE_MOVES and anchors[0].startswith("the "):
            anchors = [""]  # "the index" is something given; only what the candidate brought in can be a choice
        item = directive.cleared.text if directive.cleared else ""
        for anchor in anchors:
            slots = {
                "anchor": anchor,
                "Anchor": anchor[:1].upper() + anchor[1:],
                "topic": directive.topic,
                "item": item,
            }
            told = state.question.category == "Behavioral"
            for template in self._ranked(state, directive, _templates(directive, anchor, told)):
                yield render(template, **{k: v for k, v in slots.items() if "{" + k + "}" in template})
        if item:
            yield item
        elif directive.topic:
            yield render(phrasings()["EXPLORE"]["plain"][0], topic=directive.topic)

    @staticmethod
    def _ranked(state: InterviewState, directive: Directive, templates: list[str]) -> list[str]:
        """The least used first, from a start that depends on the interview; those that open like the last turn last."""
        seed = f"{state.opened.at.isoformat()}{state.opened.question_id}{directive.move}"
        start = int(hashlib.sha256(seed.encode()).hexdigest(), 16) % max(1, len(templates))
        said = [t.text for t in state.asked]
        before = said[-1].split()[:2] if said else []
        return sorted(
            templates[start:] + templates[:start],
            key=lambda t: (sum(_says(text, t) for text in said), t.split()[:2] == before),
        )


def _templates(directive: Directive, anchor: str, is_story: bool) -> list[str]:
    """The wordings that fit a directive and its anchor; of a story one asks what happened, not what one would do."""
    variants = phrasings()[directive.move.value]
    if directive.cleared and directive.cleared.text:
        return [t for t in variants.get("item", []) if agrees(t, anchor)]
    if directive.detail in variants:
        return [t for t in variants[directive.detail] if _takes(t, directive.topic)]
    if is_story and "story" in variants:
        fit = [t for t in variants["story"] if agrees(t, anchor) and _takes(t, directive.topic)]
        hung = [t for t in fit if "{anchor}" in t.lower()]
        return hung or [t for t in fit if "{topic}" in t] or fit
    hung = [t for t in variants.get("hung", []) if anchor and agrees(t, anchor) and _takes(t, directive.topic)]
    plain = [t for t in variants["plain"] if _takes(t, directive.topic)]
    if directive.topic and not anchor:  # then only the topic says what the question is about
        plain = [t for t in plain if "{topic}" in t] or plain
    return hung or plain


def agrees(template: str, anchor: str) -> bool:
    """Whether a wording can be spoken about `anchor`: it needs one if it has a place for it, and the same number."""
    if "{anchor}" not in template.lower():
        return True
    return bool(anchor) and not (is_plural(anchor) and _SINGULAR.search(template))


def _takes(template: str, topic: str) -> bool:
    """Whether a wording can be spoken about `topic`: it needs one if it has a place for it."""
    return bool(topic) or "{topic}" not in template


def _says(text: str, template: str) -> bool:
    """Whether `text` was worded by `template`: all its fixed parts stand in it."""
    return all(fixed.strip() in text for fixed, _, _, _ in Formatter().parse(template) if len(fixed.strip()) > 3)


def opening(state: InterviewState) -> str:
    """The first turn: format, clock, hints, the problem as written, and the floor to the candidate."""
    opened, question = state.opened, state.question
    turns = exchanges(opened.minutes, opened.pace)
    about = f"about {turns} exchange{'s' * (turns > 1)}"
    pace = (
        f"Typing takes longer than talking, so {opened.minutes:g} minutes hold {about}"
        if opened.pace == "typed"
        else f"We have {opened.minutes:g} minutes, which is {about}"
    )
    return (
        f"Hello, and welcome. {pace}; I'll interrupt now and then to cover the ground, which is normal. "
        "Ask me for any fact you need. You can have hints; they go into the record.\n\n"
        f"{question.statement}\n\n"
        "Where would you like to begin?"
    )


def faults(text: str, directive: Directive, state: InterviewState) -> list[str]:
    """Which turn rules `text` breaks; [] when it may be shown."""
    found = []
    asked = len(requests(text))
    if asked != 1 and directive.move is not Move.OPEN:  # the problem's own task is a request, too
        found.append(f"makes {asked} requests")
    if directive.move not in LONG_MOVES and count_words(text) > MOST_WORDS + _told_words(directive):
        found.append(f"has {count_words(text)} words")
    if directive.move not in LONG_MOVES and verdicts(text):
        found.append(f"passes judgement: {', '.join(verdicts(text))}")
    leaked = leaks(text, directive, state)
    if leaked:
        found.append(f"says first: {', '.join(leaked)}")
    return found


def _told_words(directive: Directive) -> int:
    return count_words(directive.told_first.text) if directive.told_first else 0


def leaks(text: str, directive: Directive, state: InterviewState) -> list[str]:
    """Words not to say first that neither candidate nor problem has said, outside facts, evidence and hint 3."""
    found = find_phrases(text, state.question.not_first) if directive.hint_stage < 3 else []
    if not found:
        return []
    free = [state.question.statement]
    free += [t.text for t in state.turns if t.speaker != "interviewer" or (t.directive and _told(t.directive))]
    free += [c.text for c in (directive.cleared, directive.told_first) if c and c.kind in ("fact", "evidence")]
    said = find_phrases("\n".join(free), found)
    return [word for word in found if word not in said]


def _told(directive: Directive) -> bool:
    return bool(directive.told_first or (directive.cleared and directive.cleared.kind in ("fact", "evidence")))


def reveal(text: str) -> Iterator[str]:
    """`text` word by word, spaces and line breaks kept, for a page that shows it as if it were spoken."""
    word = ""
    for character in text:
        word += character
        if character.isspace():
            yield word
            word = ""
    if word:
        yield word
