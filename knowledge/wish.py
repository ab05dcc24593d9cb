"""Takes a wish in somebody's own words apart: what can be filtered by becomes filters, the rest is searched by meaning.

Careful rather than clever: a word that may just as well be subject matter ("expert labels", "refreshed every 30
minutes", "target encoding") stays text, and so do two values for one thing ("junior or senior").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

from knowledge.index import Filters
from knowledge.terms import Level

T = TypeVar("T")


@dataclass(frozen=True)
class Wish:
    """`text` is what remains to be searched by meaning, perhaps ""; `filters` is what was understood: of Filters'
    fields category, difficulty, max_minutes and company."""

    text: str
    filters: Filters


_ASKED = r"(?:questions?|interviews?|exercises?|problems?|tasks?|rounds?|drills?|challenges?|sessions?)"
_START, _END = r"(?:^|(?<=[,;:.(])|(?<=[,;:.(]\s))", r"(?=\s?(?:$|[,;:.)]))"

# Bare words count where hardly anything else is meant; the others need "question" or the like behind them.
_CATEGORIES = {
    "System Design": rf"(?:(?:ml|machine[- ]learning)\s+)?system[- ]design|design(?=\s+{_ASKED})",
    "Data Pipeline": rf"data[- ]pipelines?(?=\s+{_ASKED})",
    "Model Ops": rf"(?:model|ml)[- ]?ops(?=\s+{_ASKED})",
    "Case Study": r"case[- ]stud(?:y|ies)",
    "Coding": rf"(?:live[- ])?(?:coding|programming)(?=\s+{_ASKED})|{_START}coding{_END}",
    "Debugging": r"debugging",
    "Code Review": r"code[- ]reviews?",
    "Shell": rf"shell(?:[- ]script(?:s|ing)?)?|bash(?=\s+{_ASKED})",
    "Behavioral": r"behaviou?ral",
}

_CERTAIN = {
    Level.INTERMEDIATE: r"intermediate|mid[- ]level|junior|entry[- ]level",
    Level.ADVANCED: r"senior",
}
_UNCERTAIN = {
    Level.INTERMEDIATE: r"mid",
    Level.ADVANCED: r"advanced",
    Level.EXPERT: r"expert|staff|principal",
}
_ROLE = (
    r"(?:(?:ml|mlops|ai|machine[- ]learning|data|software|platform)\s+)?(?:engineers?|developers?|candidates?|roles?|"
    r"positions?)"
)

_NUMBERS = {
    "five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50,
    "sixty": 60, "ninety": 90, "half an": 0.5, "half a": 0.5, "three quarters of an": 0.75, "a quarter of an": 0.25,
    "one and a half": 1.5, "an": 1, "one": 1, "two": 2,
}  # fmt: skip
_WORDS = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_TIME = re.compile(
    rf"(?:\b(?:i have|i've got|for|in|about|around|at most|up to|under|less than|max(?:imum)?|only|roughly)\s+){{0,3}}"
    rf"(?:\b\d{{1,3}}\s?(?:-|–|to)\s?)?(?<![\w.,])(?P<n>\d{{1,3}}(?:\.\d)?|{_WORDS})[\s-]*"
    r"(?:(?P<h>hours?|hrs?|h)(?P<half>\s+and\s+a\s+half)?(?:\s*(?:and\s+)?(?P<m>\d{1,2})\s*(?:minutes?|mins?))?"
    r"|minutes?|mins?)\b\.?",
    re.IGNORECASE,
)
_NO_TIME_BEFORE = re.compile(
    r"\b(?:every|each|per|within|after|before|by|last|past|next|first|than|every\s+\w+)\s*$", re.IGNORECASE
)
_NO_TIME_AFTER = re.compile(
    r"\s*(?:late|later|old|fresh|stale|ago|apart|ahead|windows?|delays?|lags?|latency|sla|intervals?|after|before|"
    r"of\s+(?:data|history|events|logs|video|audio|downtime|outage|traffic))\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?:\b(?:no|not|never|without|except|excluding|avoid|but|than|instead of)\s+(?:(?:an?|any|the|for)\s+)?|\bnon-)$",
    re.IGNORECASE,
)

_WORDS_TOO = frozenset(
    "apple block bolt box chase grab meta notion oracle shell slack snap square stripe target visa wise zoom".split()
)
"""Companies whose names say something else just as often: they need "at" or the like before them."""

_LEADING = re.compile(
    r"^(?:(?:please|i'd|i|we|would|want|need|like|love|to|can|could|you|give|show|find|get|me|let|us|let's|practi[sc]e|asked|"
    rf"do|try|have|something|anything|some|another|an?|one|the|{_ASKED}|on|about|around|regarding|involving|with|for|at|"
    r"in|of|and|that|which|is|takes|lasts)(?![\w'-])[\s:]*)+",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    rf"(?:(?:^|\s)(?:{_ASKED}|for|at|in|on|about|with|of|an?|the|and|or|from|by|please|levels?|{_ROLE}|thanks|that|takes|"
    r"lasts))+$",
    re.IGNORECASE,
)


def parse_wish(text: str, companies: Collection[str] = ()) -> Wish:
    """What `text` asks for. `companies` are the names to know, as the bank writes them."""
    text = " ".join(text.split())
    rest, minutes = _taken(text, ((m, _minutes(m, text)) for m in _TIME.finditer(text)))
    rest, company = _taken(rest, _matches(rest, [(name, _company(name)) for name in companies]))
    rest, level = _taken(rest, _matches(rest, _levels()))
    rest, category = _taken(rest, _matches(rest, _categories()))
    return Wish(_cleaned(rest), Filters(category, level, max_minutes=minutes, company=company))


def _categories() -> list[tuple[str, str]]:
    return [(name, rf"\b(?:{pattern})\b(?:\s+{_ASKED}\b)?") for name, pattern in _CATEGORIES.items()]


def _levels() -> list[tuple[Level, str]]:
    """A level's certain words anywhere; the others alone between commas, or where they can only be a level."""
    found, categories = [], "|".join(_CATEGORIES.values())
    for level in Level:
        certain, other = _CERTAIN.get(level, "(?!)"), _UNCERTAIN.get(level, "(?!)")
        pattern = (
            rf"\b(?:{certain})\b(?:[- ]level\b)?(?:\s+{_ROLE}\b)?"
            rf"|\b(?:{other})(?:[- ]level\b(?:\s+{_ROLE}\b)?|\s+{_ROLE}\b|(?=\s+(?:{_ASKED}|{categories})\b))"
            rf"|(?:{_START}|\b(?:for|at|as)\s+(?:an?\s+)?)(?:an?\s+)?(?:{other})\b{_END}"
        )
        found.append((level, pattern))
    return found


def _company(name: str) -> str:
    before = r"\b(?:at|from|by)\s+" if name.lower() in _WORDS_TOO else r"(?:\b(?:at|for|from|by|like)\s+)?"
    return rf"{before}(?<!\w){re.escape(name)}(?!\w)(?:['’]s\b)?"


def _minutes(match: re.Match[str], text: str) -> int | None:
    """The length in minutes, None where the match is about something else."""
    number = match["n"].lower()
    value = _NUMBERS[number] if number in _NUMBERS else float(number)
    if match["h"]:
        value = (value + (0.5 if match["half"] else 0)) * 60 + float(match["m"] or 0)
    before, bare = text[: match.start()], match.group().lower() == match.group("n").lower() + " hour"
    if bare and re.search(r"\w\s*$", before):  # "a million events an hour" is a rate
        return None
    about_the_subject = _NO_TIME_BEFORE.search(before) or _NO_TIME_AFTER.match(text, match.end())
    return int(value) if 5 <= value <= 240 and not about_the_subject else None


def _matches(text: str, patterns: Iterable[tuple[T, str]]) -> Iterable[tuple[re.Match[str], T | None]]:
    for value, pattern in patterns:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            yield match, None if _NOT.search(text[: match.start()]) else value


def _taken(text: str, matches: Iterable[tuple[re.Match[str], T | None]]) -> tuple[str, T | None]:
    """The text without the matches and the value they agree on; the text as it is and None where they do not."""
    understood = [(match.span(), value) for match, value in matches if value is not None]
    values = {value for _, value in understood}
    if len(values) != 1:
        return text, None
    for (start, end), _ in sorted(understood, reverse=True):
        text = f"{text[:start]}, {text[end:]}"
    return " ".join(text.split()), values.pop()


def _cleaned(text: str) -> str:
    """The text without the frame of the wish ("give me something on ..."), which means nothing to a search."""
    parts = (
        _TRAILING.sub("", _LEADING.sub("", part.strip(" .:!?()"))).strip() for part in re.split(r"[,;]|\.\s", text)
    )
    return ", ".join(part for part in parts if part)
