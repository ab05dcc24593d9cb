"""A new question file to fill in, from nothing or from a question in the plain template.

The plain template is what many question collections use: a heading, **Difficulty:**, **Category:**, **Time:**,
**Experience Level:**, then Problem Statement, Requirements, Hints, Expected Solution Components, Follow-up Questions
and Evaluation Criteria. What it has no place for stays marked TODO, and lint names every one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from knowledge.markdown_sections import Section, parse_sections
from knowledge.terms import CATEGORIES, FOLLOW_UP_MOVES, PHASES, Level

TODO = "TODO"
_EXPERIENCE = {Level.INTERMEDIATE: "2-5 years", Level.ADVANCED: "5-8 years", Level.EXPERT: "8+ years"}
_FIELD = re.compile(r"^\*\*(?P<name>[^*:]+):?\*\*:?\s*(?P<value>.+?)\s*$", re.MULTILINE)
_FINDING = re.compile(r"^\W*(?:red flags?|(?P<bonus>bonus(?: points?)?))\W+(?P<text>.+)$", re.IGNORECASE | re.DOTALL)
_FACT = f"- **{TODO}:** {TODO}\n  - Asked as: {TODO}"
_LABELS = {"functional": "Functional", "non-functional": "Non-functional", "constraints": "Constraints"}


class TemplateError(ValueError):
    """A text is not a question in the plain template. The message says what was looked for."""


@dataclass(frozen=True)
class Plain:
    """What a question in the plain template says; what it leaves out is empty."""

    title: str = TODO
    category: str = CATEGORIES[0]
    difficulty: Level = Level.ADVANCED
    minutes: int = 45
    experience: str = ""
    statement: str = ""
    requirements: dict[str, str] = field(default_factory=dict)
    hints: Sequence[str] = ()
    components: Sequence[str] = ()
    follow_ups: Sequence[str] = ()
    criteria: Sequence[str] = ()


def read_plain(text: str) -> Plain:
    """The first question in `text`. TemplateError when there is none."""
    text = text.replace("\r\n", "\n")
    headings = list(re.finditer(r"^(#{1,5})\s+(.+?)\s*$", text, re.MULTILINE))
    at = next((n for n, h in enumerate(headings) if h[2].casefold() == "problem statement"), None)
    if at is None:
        raise TemplateError('there is no section "### Problem Statement"')
    heading = next((h for h in reversed(headings[:at]) if len(h[1]) < len(headings[at][1])), None)
    if heading is None:
        raise TemplateError('there is no title above "Problem Statement": write it as "## Title"')
    body = re.split(rf"^#{{1,{len(heading[1])}}}\s", text[heading.end() :], maxsplit=1, flags=re.MULTILINE)[0]
    body = re.sub(rf"^{headings[at][1]}(?=\s)", "##", body, flags=re.MULTILINE)  # sections as our parser has them
    sections = {section.title.casefold(): section for section in parse_sections(body, 0)}
    fields = {match["name"].strip().casefold(): match["value"] for match in _FIELD.finditer(body)}
    difficulty = _one_of(fields.get("difficulty", ""), tuple(Level), Level.ADVANCED)
    minutes = re.findall(r"\d+", fields.get("time", ""))
    return Plain(
        re.sub(r"[*`]", "", heading[2]),
        _one_of(fields.get("category", ""), CATEGORIES, CATEGORIES[0]),
        Level(difficulty),
        min(max(int(minutes[-1]), 5), 120) if minutes else 45,
        fields.get("experience level", ""),
        sections["problem statement"].raw.strip(),
        _requirements(sections.get("requirements")),
        _items(sections.get("hints")),
        _items(sections.get("expected solution components")),
        _items(sections.get("follow-up questions")),
        _items(sections.get("evaluation criteria")),
    )


def _one_of(text: str, known: Sequence[str], otherwise: str) -> str:
    return next((name for name in known if name.casefold() == text.strip(" []").casefold()), otherwise)


def _items(section: Section | None) -> list[str]:
    """List items, else paragraphs, each on one line."""
    if section is None:
        return []
    return [" ".join(block.text.split()) for block in section.items() or section.paragraphs()]


def _requirements(section: Section | None) -> dict[str, str]:
    found = {}
    for item in _items(section):
        match = _FIELD.match(item)
        label = match and _LABELS.get(match["name"].casefold().removesuffix(" requirements").strip())
        if match and label:
            found[label] = match["value"]
    return found


def fill(id_: str, plain: Plain = Plain()) -> str:  # noqa: B008 - immutable
    """A question file with all that `plain` says in its place and TODO where something is missing."""
    phases = PHASES[plain.category]
    return "\n".join(
        [
            *_front(id_, plain, phases),
            "## Problem Statement\n",
            f"{plain.statement or TODO}\n",
            "## Requirements\n",
            *(f"- **{label}:** {plain.requirements.get(label, TODO)}" for label in _LABELS.values()),
            "\n## Facts\n",
            *[_FACT] * 5,
            *(("\n## Evidence\n", _FACT) if plain.category == "Debugging" else ()),
            "\n## Hints\n",
            *(f"{n + 1}. {_nth(plain.hints, n)} (P{n + 1})" for n in range(3)),
            "\n## Expected Solution Components\n",
            *(_point(n, plain, phases) for n in range(max(8, len(plain.components)))),
            "## Follow-up Questions\n",
            *(_follow_up(n, plain) for n in range(max(6, len(plain.follow_ups)))),
            "## Wrong Claims\n",
            *(
                f"### W{n} P{n}\n- Claim: {TODO}\n- Or: {TODO}\n- Consequence: {TODO}\n- Probe: {TODO}\n"
                for n in range(1, 4)
            ),
            f"## Solution Paths\n\n- **{TODO} 1:** {TODO}\n- **{TODO} 2:** {TODO}\n",
            *_criteria(plain),
            "\n## Level Guide\n",
            *(f"- **{level}:** {TODO}" for level in Level),
            *((f"\n## Cause\n\n{TODO}",) if plain.category == "Debugging" else ()),
            "\n## Senior Solution\n",
            *(f"### {phase}\n{TODO}\n" for phase in phases),
        ]
    )


def _front(id_: str, plain: Plain, phases: Sequence[str]) -> list[str]:
    return [
        "---",
        f"id: {id_}",
        f"title: {_quoted(plain.title)}",
        f"category: {plain.category}",
        f"difficulty: {plain.difficulty}",
        f"minutes: {plain.minutes}",
        f"experience: {_quoted(plain.experience or _EXPERIENCE[plain.difficulty])}",
        f"topics: [{TODO}]        # from knowledge/topics.yaml",
        "areas: [SY, PS]       # of PY, SY, AW, ML, PS; the main one first",
        f"phases: [{', '.join(phases)}]",
        "companies: []",
        "related: []",
        f"resources: [{TODO}]     # from knowledge/resources.yaml",
        "sources: [own]",
        f"not_first: [{TODO}]     # five to ten words the interviewer must not say before the candidate does",
        "---\n",
    ]


def _quoted(text: str) -> str:
    """As YAML takes it whatever it holds."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _nth(texts: Sequence[str], n: int) -> str:
    return texts[n] if n < len(texts) else TODO


def _point(n: int, plain: Plain, phases: Sequence[str]) -> str:
    area, phase = ("SY", "PS")[n % 2], phases[n % len(phases)]
    return (
        f"### P{n + 1} {TODO}\n{area} · {phase} · {plain.difficulty}\n\n{_nth(plain.components, n)}\n\n"
        f"- Topic: {TODO}\n- Or: {TODO}\n- Or: {TODO}\n- Study: {TODO}\n"
    )


def _follow_up(n: int, plain: Plain) -> str:
    move = FOLLOW_UP_MOVES[n % len(FOLLOW_UP_MOVES)]
    return f"### F{n + 1} {move} P{n % 8 + 1}\n{_nth(plain.follow_ups, n)}\n- Strong: {TODO}\n"


def _criteria(plain: Plain) -> list[str]:
    """What speaks of red flags or a bonus goes there, the rest is to be looked for."""
    found: dict[str, list[str]] = {"Look for": [], "Red flags": [], "Bonus points": []}
    for item in plain.criteria:
        match = _FINDING.match(item)
        kind = "Look for" if match is None else "Bonus points" if match["bonus"] else "Red flags"
        found[kind].append((match["text"] if match else item).rstrip("."))
    return [
        "## Evaluation Criteria\n",
        *(f"- **{kind}:** {'; '.join(texts) or TODO}" for kind, texts in found.items()),
    ]
