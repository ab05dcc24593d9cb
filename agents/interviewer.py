"""Turns a directive into words. The local interviewer speaks from prompts/phrasings.yaml.

It is handed the directive and nothing else of the question: no expected point, wording, rubric or score can be spoken,
because none is in reach. `faults` is the check on every turn before it is shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from agents.anchors import for_speech
from agents.events import Directive
from agents.phases import exchanges
from agents.state import InterviewState
from knowledge.spoken import requests, verdicts
from knowledge.terms import Move
from knowledge.words import count_words, find_phrases
from prompts import phrasings, render

MOST_WORDS = 60
FREE_MOVES = (Move.OPEN, Move.WAIT, Move.CONCEDE, Move.WRAP_UP)
"""Moves that need no request; every other turn makes exactly one."""
FLOOR_BACK = (Move.ANSWER, Move.GIVE_EVIDENCE)
"""Moves that may simply hand the floor back."""
LONG_MOVES = (Move.OPEN, Move.GIVE_EVIDENCE, Move.ANSWER)


class LocalInterviewer:
    """Words directives from a stock of phrasings; the same log always yields the same words."""

    name = "local"

    def speak(self, state: InterviewState, directive: Directive) -> str:
        """The turn's text. It keeps the turn rules; when a wording with the candidate's words would not, a plain one does."""
        if directive.move is Move.OPEN:
            return opening(state)
        told = f"{directive.told_first.text} " if directive.told_first else ""
        for anchor in (for_speech(directive.anchor), ""):
            text = told + self._word(state, directive, anchor)
            if not faults(text, directive, state):
                return text
        return text

    def _word(self, state: InterviewState, directive: Directive, anchor: str) -> str:
        variants = phrasings()[directive.move.value]
        item = directive.cleared.text if directive.cleared else ""
        if item and "item" in variants:
            template = self._pick(state, directive, variants["item"], anchor)
        elif item:
            return item
        elif directive.detail in variants:
            template = self._pick(state, directive, variants[directive.detail], anchor)
        else:
            hung = variants.get("hung", []) if anchor else []
            template = self._pick(state, directive, hung or variants.get("plain") or variants["item"], anchor)
        if "{anchor}" in template.lower() and not anchor:
            return item
        slots = {
            "anchor": anchor,
            "Anchor": anchor[:1].upper() + anchor[1:],
            "topic": directive.topic,
            "item": item,
        }
        return render(template, **{k: v for k, v in slots.items() if "{" + k + "}" in template})

    @staticmethod
    def _pick(state: InterviewState, directive: Directive, templates: list[str], anchor: str) -> str:
        """The next template of this move: a start that depends on the interview, then one after the other."""
        if not directive.topic:
            templates = [t for t in templates if "{topic}" not in t] or templates
        seed = f"{state.opened.at.isoformat()}{state.opened.question_id}{directive.move}"
        start = int(hashlib.sha256(seed.encode()).hexdigest(), 16)
        return templates[(start + state.used(directive.move)) % len(templates)]


def opening(state: InterviewState) -> str:
    """The first turn: format, clock, hints, the problem as written, and the floor to the candidate."""
    opened, question = state.opened, state.question
    turns = exchanges(opened.minutes, opened.pace)
    pace = (
        f"Typing takes longer than talking, so {opened.minutes:g} minutes hold about {turns} exchanges"
        if opened.pace == "typed"
        else f"We have {opened.minutes:g} minutes, which is about {turns} exchanges"
    )
    return (
        f"Hello, and welcome. {pace}; I'll interrupt now and then to cover the ground, which is normal. "
        "Ask me for any fact you need. Hints are available and go into the record.\n\n"
        f"{question.statement}\n\n"
        "Where would you like to begin?"
    )


def faults(text: str, directive: Directive, state: InterviewState) -> list[str]:
    """Which turn rules `text` breaks; [] when it may be shown."""
    found = []
    asked = len(requests(text))
    most = {*FREE_MOVES, *FLOOR_BACK}
    if asked > 1 or (asked == 0 and directive.move not in most):
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
    """Words not to say first that neither the candidate nor the problem has said, outside facts, evidence and hint 3."""
    if directive.hint_stage == 3:
        return []
    free = [state.question.statement]
    free += [t.text for t in state.turns if t.speaker != "interviewer" or (t.directive and _told(t.directive))]
    free += [c.text for c in (directive.cleared, directive.told_first) if c and c.kind in ("fact", "evidence")]
    said = set(find_phrases("\n".join(free), state.question.not_first))
    return [word for word in find_phrases(text, state.question.not_first) if word not in said]


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
