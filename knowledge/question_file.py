"""Reads question files. Every fault is reported with its line; a file with faults yields no question."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from knowledge.faults import Fault, KnowledgeError
from knowledge.markdown_sections import Block, Section, parse_sections, split_front_matter
from knowledge.question import Fact, FollowUp, Hint, Point, Question, WrongClaim
from knowledge.question_header import read_header
from knowledge.terms import FOLLOW_UP_MOVES, PHASES, Level, Move

_LABELLED = re.compile(r"^\*\*(?P<label>.+?):?\*\*:?\s*(?P<text>.*)$", re.DOTALL)
_HINT = re.compile(r"^(?P<text>.*?)\s*\((?P<points>P\d+(?:\s*,\s*P\d+)*)\)$", re.DOTALL)
_FOLLOW_UP = re.compile(r"^(?P<id>F\d+)\s+(?P<move>[A-Z_]+)\s+(?P<point>P\d+)$")
_SECTIONS = (
    "Problem Statement",
    "Requirements",
    "Facts",
    "Hints",
    "Expected Solution Components",
    "Follow-up Questions",
    "Wrong Claims",
    "Solution Paths",
    "Evaluation Criteria",
    "Level Guide",
    "Senior Solution",
)
_DEBUGGING_SECTIONS = ("Evidence", "Cause")


def read_question(path: Path) -> Question:
    """The question in the file at `path`. KnowledgeError lists every fault in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise KnowledgeError((Fault(path, 1, f"is not UTF-8 text ({error.reason}): save it as UTF-8"),)) from None
    return parse_question(text, path)


def parse_question(text: str, path: Path) -> Question:
    """The question that `text` holds; `path` only names it in faults."""
    return _Reader(text, path).question()


class _Reader:
    """One pass over one file; collects faults instead of stopping at the first."""

    def __init__(self, text: str, path: Path) -> None:
        self.text, self.path = text, path
        self.faults: list[Fault] = []
        front, body, offset = split_front_matter(text)
        self.header, header_faults = read_header(front, path)
        self.faults += header_faults
        self.sections: dict[str, Section] = {}
        for section in parse_sections(body, offset):
            if section.title in self.sections:
                self.fault(section.line, f'section "{section.title}" stands here a second time')
            self.sections.setdefault(section.title, section)

    def fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(self.path, line, message))

    def question(self) -> Question:
        self.check_sections()
        points = self.points()
        ids = {p.id for p in points}
        criteria = self.labelled("Evaluation Criteria", ("Look for", "Red flags", "Bonus points"))
        body: dict[str, Any] = {
            "statement": self.raw("Problem Statement"),
            "requirements": self.labelled("Requirements", ("Functional", "Non-functional", "Constraints")),
            "facts": self.facts("Facts", "fact"),
            "evidence": self.facts("Evidence", "evidence"),
            "hints": self.hints(ids),
            "points": points,
            "follow_ups": self.follow_ups(ids),
            "wrong_claims": self.wrong_claims(ids),
            "solution_paths": self.labelled("Solution Paths", ()),
            "look_for": criteria.get("Look for", ""),
            "red_flags": _listed(criteria.get("Red flags", "")),
            "bonus_points": _listed(criteria.get("Bonus points", "")),
            "level_guide": {
                Level(k): v for k, v in self.labelled("Level Guide", tuple(Level)).items() if k in tuple(Level)
            },
            "cause": self.raw("Cause"),
            "senior_solution": self.senior_solution(),
        }
        if self.faults:
            raise KnowledgeError(tuple(sorted(self.faults, key=lambda f: f.line)))
        return Question(**self.header, **body, source=self.text)

    def check_sections(self) -> None:
        expected = _SECTIONS + (_DEBUGGING_SECTIONS if self.header.get("category") == "Debugging" else ())
        for title in expected:
            if title not in self.sections:
                self.fault(1, f'section "## {title}" is missing')
            elif not self.sections[title].raw:
                self.fault(self.sections[title].line, f'section "{title}" is empty')
        for title, section in self.sections.items():
            if title not in expected:
                self.fault(section.line, f'unknown section "{title}"; known here: {", ".join(expected)}')

    def raw(self, title: str) -> str:
        return self.sections[title].raw if title in self.sections else ""

    def labelled(self, title: str, expected: tuple[str, ...]) -> dict[str, str]:
        """Items `- **Label:** text`; `expected` labels must all be there and no others, () allows any."""
        section = self.sections.get(title)
        if section is None:
            return {}
        found: dict[str, str] = {}
        for item in section.items():
            match = _LABELLED.match(item.text)
            if not match or not match["text"]:
                self.fault(item.line, "write the item as - **Label:** text")
            elif match["label"] in found:
                self.fault(item.line, f'"{match["label"]}" stands here a second time')
            elif expected and match["label"] not in expected:
                self.fault(item.line, f'unknown label "{match["label"]}"; known here: {", ".join(expected)}')
            else:
                found[match["label"]] = match["text"]
        for label in expected:
            if label not in found:
                self.fault(section.line, f'item "- **{label}:** ..." is missing')
        return found

    def facts(self, title: str, prefix: str) -> tuple[Fact, ...]:
        section = self.sections.get(title)
        found = []
        for number, item in enumerate(section.items() if section else (), start=1):
            match = _LABELLED.match(item.text)
            asked = self.pairs(item.items, item.line, required=("Asked as",)).get("Asked as", [])
            phrases = tuple(p.strip() for a in asked for p in a.split(";") if p.strip())
            if not match or not match["text"]:
                self.fault(item.line, "write the item as - **Title:** text")
            else:
                found.append(Fact(f"{prefix}-{number}", match["label"], match["text"], phrases))
        return tuple(found)

    def hints(self, ids: set[str]) -> tuple[Hint, ...]:
        section = self.sections.get("Hints")
        found = []
        for stage, item in enumerate(section.items() if section else (), start=1):
            match = _HINT.match(item.text)
            if not match:
                self.fault(item.line, "a hint ends with the points it leads to, as in (P3, P7)")
                continue
            points = tuple(p.strip() for p in match["points"].split(","))
            self.check_points(points, ids, item.line)
            found.append(Hint(stage, match["text"], points))
        if section and len(section.items()) != 3:
            self.fault(section.line, f"there are three hints, here are {len(section.items())}")
        return tuple(found)

    def points(self) -> tuple[Point, ...]:
        section = self.sections.get("Expected Solution Components")
        found: list[Point] = []
        for sub in section.sections if section else ():
            id_, _, title = sub.title.partition(" ")
            if not re.fullmatch(r"P\d+", id_) or not title:
                self.fault(sub.line, 'a point is headed "### P1 Title"')
                continue
            if any(p.id == id_ for p in found):
                self.fault(sub.line, f"point {id_} stands here a second time")
            tags, text = self.point_text(sub)
            pairs = self.pairs(sub.items(), sub.line, required=("Topic", "Or", "Study"), one=("Topic", "Study"))
            found.append(
                Point(
                    id_,
                    title,
                    *tags,
                    text,
                    topic=pairs.get("Topic", [""])[0],
                    wordings=tuple(pairs.get("Or", [])),
                    study=tuple(s.strip() for s in pairs.get("Study", [""])[0].split(",") if s.strip()),
                )
            )
        return tuple(found)

    def point_text(self, sub: Section) -> tuple[tuple[str, str, Level], str]:
        paragraphs = sub.paragraphs()
        tags = [t.strip() for t in paragraphs[0].text.split("·")] if paragraphs else []
        areas, phases = self.header.get("areas", ()), PHASES.get(self.header.get("category", ""), ())
        if len(tags) != 3 or tags[0] not in areas or tags[1] not in phases or tags[2] not in tuple(Level):
            self.fault(
                paragraphs[0].line if paragraphs else sub.line,
                'below its heading a point says "area · phase · level": '
                f"one of {', '.join(areas)} · {', '.join(phases)} · {', '.join(Level)}",
            )
            return ("", "", Level.INTERMEDIATE), ""
        if len(paragraphs) < 2:
            self.fault(sub.line, "a point needs a sentence that says what can be observed")
        return (tags[0], tags[1], Level(tags[2])), " ".join(p.text for p in paragraphs[1:])

    def follow_ups(self, ids: set[str]) -> tuple[FollowUp, ...]:
        section = self.sections.get("Follow-up Questions")
        found = []
        for sub in section.sections if section else ():
            match = _FOLLOW_UP.match(sub.title)
            if not match:
                self.fault(sub.line, 'a follow-up is headed "### F1 MOVE P3"')
                continue
            if match["move"] not in FOLLOW_UP_MOVES:
                self.fault(sub.line, f"unknown move {match['move']}; known: {', '.join(FOLLOW_UP_MOVES)}")
                continue
            self.check_points((match["point"],), ids, sub.line)
            text = " ".join(p.text for p in sub.paragraphs())
            if not text:
                self.fault(sub.line, "the follow-up has no text")
            strong = self.pairs(sub.items(), sub.line, required=("Strong",), one=("Strong",)).get("Strong", [""])[0]
            found.append(FollowUp(match["id"], Move(match["move"]), match["point"], text, strong))
        return tuple(found)

    def wrong_claims(self, ids: set[str]) -> tuple[WrongClaim, ...]:
        section = self.sections.get("Wrong Claims")
        found = []
        one = ("Claim", "Consequence", "Probe")
        for sub in section.sections if section else ():
            match = re.fullmatch(r"(W\d+)\s+(P\d+)", sub.title)
            if not match:
                self.fault(sub.line, 'a wrong claim is headed "### W1 P3"')
                continue
            self.check_points((match[2],), ids, sub.line)
            pairs = self.pairs(sub.items(), sub.line, required=(*one, "Or"), one=one)
            claim, consequence, probe = (pairs.get(key, [""])[0] for key in one)
            found.append(WrongClaim(match[1], match[2], claim, tuple(pairs.get("Or", [])), consequence, probe))
        return tuple(found)

    def senior_solution(self) -> dict[str, str]:
        section = self.sections.get("Senior Solution")
        if section is None:
            return {}
        found = {sub.title: sub.raw for sub in section.sections}
        for sub in section.sections:
            if sub.title not in self.header.get("phases", ()):
                self.fault(sub.line, f'"{sub.title}" is not one of the question\'s phases')
        for phase in self.header.get("phases", ()):
            if phase not in found:
                self.fault(section.line, f'the senior solution has no subsection "### {phase}"')
        return found

    def pairs(
        self, items: list[Block], line: int, required: tuple[str, ...], one: tuple[str, ...] = ()
    ) -> dict[str, list[str]]:
        """Items `- Key: text`, a key may repeat unless it is in `one`; keys outside `required` are faults."""
        found: dict[str, list[str]] = {}
        for item in items:
            key, colon, text = item.text.partition(":")
            if not colon or key not in required or not text.strip():
                self.fault(item.line, f'write the item as "- Key: text" with a key of {", ".join(required)}')
            elif key in one and key in found:
                self.fault(item.line, f"a second {key}")
            else:
                found.setdefault(key, []).append(text.strip())
        for key in required:
            if key not in found:
                self.fault(line, f'"- {key}: ..." is missing')
        return found

    def check_points(self, points: tuple[str, ...], ids: set[str], line: int) -> None:
        for point in points:
            if point not in ids:
                self.fault(line, f"there is no point {point}")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip(".") for part in text.split(";") if part.strip())
