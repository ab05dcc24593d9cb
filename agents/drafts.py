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
from agents.events import Cleared, Directive
from agents.interviewer import MOST_WORDS, leaks
from agents.judgement import ASKING, judges, tokens
from agents.state import InterviewState
from knowledge.question import Question
from knowledge.spoken import requests
from knowledge.terms import Move
from knowledge.words import STOP_WORDS, content_stems, count_words, sentences, words

GIVEN_AWAY = 4
"""Content stems in a row that a turn may not share with what is confidential."""
ALIKE = 0.8
"""Similarity (0..1, difflib) of what two turns carry from which they are the same question."""
FREE_FIGURES = (Move.CONSTRAIN, Move.INJECT_FAILURE)
"""Moves that may bring in a figure of their own where no text is passed on: a changed condition is one."""
FIGURE_MOVES = (Move.QUANTIFY, Move.NUMBER)
"""Moves in whose question a figure and its place belong together ("which figure, and where would you measure it?")."""
WITHOUT_MARK = ("el", "ja", "th")
"""Languages in which a question is written without a question mark, or with one that means something else."""
_LABEL = re.compile(r"^\W*(?:interviewer|you|me|turn)(?: ?\([^)]{1,30}\))?[*_ ]*:[*_\s]*", re.IGNORECASE)
_INLINE_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_MARKUP = re.compile(
    r"[*_`#]{2,}|^\s*(?:[-*#>]|\d+[.)])\s+|`|\*\w[^*]*\*|\s[*•‣]\s|(?:^|\s)1[.)]\s.*\s2[.)]\s|\s- .*\s- .*\s- ",
    re.MULTILINE,
)
_OWN_NAME = re.compile(r"\b__\w+__\b")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,80}>|(?:https?://|\bwww\.)\S+|\[[^\]]*\]\([^)]*\)")
_QUOTED = re.compile(r"[“\"«„]([^“”\"«»„]{1,300})[”\"»“]|(?<!\w)['‘](.{8,300}?)['’](?!\w)")
_QUESTION_MARKS = re.compile("[?\uff1f\u061f\u037e]+")
_SET_UP = re.compile(
    r"^(?:(?:of course|sure|okay|ok|so|now|then|and|please|just),? )*take\b|\b(?:hear|know|see) more (?:about|of)\b",
    re.IGNORECASE,
)
"""How a sentence begins that only sets up the question behind it ("Take your time.", "Take one order at noon.")."""
_FREE_REQUEST = re.compile(
    r"^(?:(?:so|now|then|please|just),? )*(?:follow|go|imagine|read|run|step|talk|try)\b",
    re.IGNORECASE,
)
"""Requests that a stock of wordings does not need; looked for where no other is found."""
_SCORES = re.compile(
    r"\byour (?:score|rating|grade|marks?)\b|"
    r"\bthe (?:score|rating|grade|marks?) (?:of|for|on|in) (?:you|(?:your|this|the) (?:answers?|interview|area))\b|"
    r"\brubric\b|\bfull marks\b|\byou (?:have |['’]ve )?(?:passed|failed|aced)\b|"
    r"\b(?:expected|hidden) (?:points?|answers?)\b|"
    r"\b(?:system prompt|stage direction|the director|my (?:instructions|notes)|model answer)\b|"
    r"\bas an? (?:ai|language model)\b|\bI(?:['’]m| am) an? (?:ai|assistant|language model)\b",
    re.IGNORECASE,
)
_OUT_OF = re.compile(r"\b\d(?:\.\d)?\s?(?:/|out of)\s?(?:5|10|100)\b", re.IGNORECASE)
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*k?")
_TENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_UNITS = "one two three four five six seven eight nine".split()
_SPELLED = {
    **{w: n for n, w in enumerate(_UNITS, 1)},
    **{w: n for n, w in enumerate(_TENS, 10)},
    **{w: n * 10 for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)},
}
_IN_WORDS = re.compile(
    rf"\b(a|{'|'.join(_SPELLED)})(?:-({'|'.join(_UNITS)}))?(?: (hundred|thousand|million))?\b", re.IGNORECASE
)


def tidied(draft: str) -> str:
    """A draft as one line of speech: no name in front, no quotation marks around it, no characters that hide."""
    text = "".join(c for c in draft if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    text = _INLINE_CODE.sub(r"\1", _LABEL.sub("", " ".join(text.split())))
    if len(text) > 1 and text[0] in "\"“«„'" and text[-1] in "\"”»“'" and not set(text[1:-1]) & set('"“”«»„'):
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
    asked = _asks(text, directive, language)
    if asked != 1:
        yield f"makes {asked} requests instead of exactly one"
    if judges(text, " ".join(c.text for c in _passed_on(directive)), language):
        yield "judges what the candidate said"
    if _MARKUP.search(_OWN_NAME.sub(" ", text)) or _TAG.search(text) or _is_disguised(text):
        yield "holds markup, a link, a tag or a symbol"
    known = _known(directive, state)
    if _SCORES.search(text) or any(m.group() not in known for m in _OUT_OF.finditer(text)):
        yield "speaks of scores, rules or notes"
    if not _speaks(text, language):
        yield "is in another language than the direction asks for"
    if not all(_tells(text, c.text, language) for c in _passed_on(directive) if c.kind != "evidence"):
        yield "does not say what it has to pass on"
    if not _figures_known(text, directive, known):
        yield "holds a figure that nobody has said"
    if any(len(q.split()) > 2 and _plain(q) not in _plain(known) for pair in _QUOTED.findall(text) for q in pair):
        yield "quotes words that were not said"
    if leaks(text, directive, state) or _gives_away(text, known, state.question):
        yield "names a technique or an answer that the candidate has not named"
    if _repeats(text, directive, state):
        yield "repeats an earlier turn"


def _passed_on(directive: Directive) -> list[Cleared]:
    return [c for c in (directive.told_first, directive.cleared) if c]


def _known(directive: Directive, state: InterviewState) -> str:
    """Everything that has been said, the problem, and what this turn may pass on."""
    parts = [state.question.statement, *(t.text for t in state.turns), directive.topic]
    return "\n".join([*parts, *(c.text for c in _passed_on(directive))])


def _asks(text: str, directive: Directive, language: str) -> int:
    """How many requests a draft makes. In other languages than English only question marks can be counted."""
    if language != "en":
        marks = len(_QUESTION_MARKS.findall(text))
        return max(1, marks) if language in WITHOUT_MARK else marks
    found = requests(text) or [s.text for s in sentences(text) if _FREE_REQUEST.search(s.text)]
    questions = [r for r in found if "?" in r]
    if questions:
        found = [r for r in found if "?" in r or not _sets_up(r)]
    if directive.move in FIGURE_MOVES and len(found) == 2 and found[0] == found[1]:
        return 1
    return len(found)


def _sets_up(sentence: str) -> bool:
    """Whether a sentence only prepares the question that follows; one that asks for something more does not."""
    match = _SET_UP.search(sentence)
    return match is not None and not ASKING.search(sentence) and not re.search(r",? and \w+ me\b", sentence)


def _speaks(text: str, language: str) -> bool:
    found = language_of(text)
    if found == language or language == "en":
        return found == language
    import py3langid

    likely = [str(code) for code, _ in py3langid.rank(text)[:3]]
    if language not in likely:
        return False
    if likely[0] != "en":
        return True
    spoken = [w.text.lower() for w in words(text)]  # short, or full of terms: English only if its small words are
    return sum(w in STOP_WORDS for w in spoken) <= 0.35 * len(spoken)


def _is_disguised(text: str) -> bool:
    """Whether it holds pictures, or letters that only look like others: they would slip through what reads words."""
    plain = [unicodedata.normalize("NFKC", c) for c in text]
    if any(c.isalpha() and not c.isascii() and p.isascii() for c, p in zip(text, plain, strict=True)):
        return True
    pictures = any(unicodedata.category(c) == "So" and c not in "°©®™" for c in text)
    return pictures or bool(
        re.search(r"[a-z][\u0370-\u03bb\u03bd-\u052f]|[\u0370-\u03bb\u03bd-\u052f][a-z]", text, re.I)
    )


def _tells(text: str, item: str, language: str) -> bool:
    """Whether a turn holds at least half of an item: the log says that it was told, and nobody tells it again.

    In other languages only its figures can be looked for.
    """
    wanted, given = _figures(item), _figures(text)
    if language == "en":
        wanted, given = wanted | set(content_stems(item)), given | set(content_stems(text))
    return 2 * len(wanted & given) >= len(wanted)


def _figures_known(text: str, directive: Directive, known: str) -> bool:
    if directive.move in FREE_FIGURES and directive.cleared is None:
        return True
    return all(len(figure) < 2 for figure in _figures(text) - _figures(known))


def _figures(text: str) -> set[str]:
    """The numbers in a text, however they are written: "40,000", "40k" and "forty thousand" are the same."""
    found = set()
    for match in _FIGURE.finditer(text):
        digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in match.group())
        digits = re.sub(r"[.,](?=\d{3}(?!\d))", "", digits)
        found.add(f"{digits[:-1]}000" if digits.endswith("k") else digits)
    for first, unit, times in _IN_WORDS.findall(text):
        if first.lower() != "a" or times:
            number = _SPELLED.get(first.lower(), 1) + _SPELLED.get(unit.lower(), 0)
            found.add(str(number * {"hundred": 100, "thousand": 1_000, "million": 1_000_000}.get(times.lower(), 1)))
    return found


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _gives_away(text: str, known: str, question: Question) -> bool:
    """Whether `text` shares a run of words with what is confidential that nobody has said. Most share none at all."""
    said = stem_runs(text, GIVEN_AWAY)
    shared = {run for hidden in _confidential(question) for run in said & stem_runs(hidden, GIVEN_AWAY)}
    return bool(shared) and bool(shared - stem_runs(known, GIVEN_AWAY))


def get_ready(question: Question) -> None:
    """Takes the words of a question apart, which the first check would otherwise wait for."""
    for hidden in _confidential(question):
        stem_runs(hidden, GIVEN_AWAY)


def _confidential(question: Question) -> Iterator[str]:
    for point in question.points:
        yield from (point.text, *point.wordings)
    for claim in question.wrong_claims:
        yield from (claim.claim, claim.consequence)
    yield from (f.strong for f in question.follow_ups)
    yield from (question.cause, question.look_for)
    yield from (f.text for f in question.figures)
    yield from (*question.solution_paths.values(), *question.senior_solution.values())


def _repeats(text: str, directive: Directive, state: InterviewState) -> bool:
    # What is asked for may be the same again; only the very same turn is not.
    least = 1.0 if directive.move in (Move.ANSWER, Move.GIVE_EVIDENCE) else ALIKE
    mine = _carried(text)
    earlier = (_carried(t.text) for t in state.asked if t.directive and t.directive.move is not Move.OPEN)
    return any(SequenceMatcher(None, mine, e, autojunk=False).ratio() >= least for e in earlier)


def _carried(text: str) -> list[str]:
    """What a turn says beside its small words; where words are not known, every one, or every letter."""
    if sum(c.isascii() for c in text if c.isalpha()) * 2 > sum(c.isalpha() for c in text):
        return content_stems(text)
    return tokens(text) if len(text.split()) > 3 else list(text)
