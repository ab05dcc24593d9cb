"""Reads question files. Every fault is reported with its line; a file with faults yields no question."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from knowledge.faults import Fault, KnowledgeError
from knowledge.markdown_sections import Block, Section, parse_sections, split_front_matter
from knowledge.question import Fact, Figure, FollowUp, Hint, Point, Question, WrongClaim
from knowledge.question_header import read_header
from knowledge.question_sections import by_title
from knowledge.terms import FOLLOW_UP_MOVES, PHASES, Level, Move

_LABELLED = re.compile(r"^\*\*(?P<label>.+?):?\*\*:?\s*(?P<text>.*)$", re.DOTALL)
_HINT = re.compile(r"^(?P<text>.*?)\s*\((?P<points>P\d+(?:\s*,\s*P\d+)*)\)$", re.DOTALL)
_FOLLOW_UP = re.compile(r"^(?P<id>F\d+)\s+(?P<move>[A-Z_]+)\s+(?P<point>P\d+)$")


def read_question(path: Path) -> Question:
    """The question in the file at `path`. KnowledgeError lists every fault in it."""
    return parse_question(read_text(path), path)


def read_text(path: Path) -> str:
    """The file's text. KnowledgeError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise KnowledgeError((Fault(path, line, f"is not UTF-8 text ({error.reason}): save it as UTF-8"),)) from None
    except OSError as error:
        raise KnowledgeError((Fault(path, 1, f"cannot be read: {error.strerror}"),)) from None


def parse_question(text: str, path: Path) -> Question:
    """The question that `text` holds; `path` only names it in faults. A byte order mark and CRLF are taken off."""
    return _Reader(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), path).question()


class _Reader:
    """One pass over one file; collects faults instead of stopping at the first."""

    def __init__(self, text: str, path: Path) -> None:
        self.text, self.path = text, path
        self.faults: list[Fault] = []
        front, body, offset = split_front_matter(text)
        self.header, header_faults = read_header(front, path)
        self.faults += header_faults
        self.sections, section_faults = by_title(parse_sections(body, offset), self.header.get("category"), path)
        self.faults += section_faults

    def fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(self.path, line, message))

    def question(self) -> Question:
        points = self.points()
        ids = {p.id for p in points}
        criteria = self.labelled("Evaluation Criteria", ("Look for", "Red flags", "Bonus points"))
        body: dict[str, Any] = {
            "statement": self.raw("Problem Statement"),
            "requirements": self.labelled("Requirements", ("Functional", "Non-functional", "Constraints")),
            "facts": self.facts("Facts", "fact"),
            "evidence": self.facts("Evidence", "evidence"),
            "hints": self.hints(ids),
            "figures": tuple(
                Figure(name, *(part.strip() for part in (*text.split("; assumes", 1), "")[:2]))
                for name, text in self.labelled("Figures", ()).items()
            ),
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

    def raw(self, title: str) -> str:
        return self.sections[title].raw if title in self.sections else ""

    def labelled(self, title: str, expected: tuple[str, ...]) -> dict[str, str]:
        """Items `- **Label:** text`; `expected` labels must all be there and no others, () allows any."""
        section = self.sections.get(title)
        if section is None:
            return {}
        self.check_list(section)
        found: dict[str, str] = {}
        for item in section.items():
            self.check_flat(item)
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
        found = []
        for number, item in enumerate(self.items(title), start=1):
            match = _LABELLED.match(item.text)
            asked = self.pairs(item.items, item.line, required=("Asked as",)).get("Asked as", [])
            phrases = tuple(p.strip() for a in asked for p in a.split(";") if p.strip())
            if not match or not match["text"]:
                self.fault(item.line, "write the item as - **Title:** text")
            else:
                found.append(Fact(f"{prefix}-{number}", match["label"], match["text"], phrases))
        return tuple(found)

    def hints(self, ids: set[str]) -> tuple[Hint, ...]:
        found = []
        for stage, item in enumerate(self.items("Hints"), start=1):
            match = _HINT.match(item.text)
            if not match:
                self.fault(item.line, "a hint ends with the points it leads to, as in (P3, P7)")
                continue
            points = tuple(p.strip() for p in match["points"].split(","))
            self.check_points(points, ids, item.line)
            found.append(Hint(stage, match["text"], points))
        if (section := self.sections.get("Hints")) and len(section.items()) != 3:
            self.fault(section.line, f"there are three hints, here are {len(section.items())}")
        return tuple(found)

    def points(self) -> tuple[Point, ...]:
        found: list[Point] = []
        for sub in self.subsections("Expected Solution Components"):
            id_, _, title = sub.title.partition(" ")
            if not re.fullmatch(r"P\d+", id_) or not title:
                self.fault(sub.line, 'a point is headed "### P1 Title"')
                continue
            self.check_new(id_, [p.id for p in found], sub.line)
            self.check_list(sub)
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
        known = (areas, phases, tuple(Level))  # without readable front matter the first two are empty: not checked
        if len(tags) != 3 or any(names and tag not in names for tag, names in zip(tags, known, strict=True)):
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
        found: list[FollowUp] = []
        for sub in self.subsections("Follow-up Questions"):
            match = _FOLLOW_UP.match(sub.title)
            if not match:
                self.fault(sub.line, 'a follow-up is headed "### F1 MOVE P3"')
                continue
            if match["move"] not in FOLLOW_UP_MOVES:
                self.fault(sub.line, f"unknown move {match['move']}; known: {', '.join(FOLLOW_UP_MOVES)}")
                continue
            self.check_new(match["id"], [f.id for f in found], sub.line)
            self.check_list(sub)
            self.check_points((match["point"],), ids, sub.line)
            text = " ".join(p.text for p in sub.paragraphs())
            if not text:
                self.fault(sub.line, "the follow-up has no text")
            strong = self.pairs(sub.items(), sub.line, required=("Strong",), one=("Strong",)).get("Strong", [""])[0]
            found.append(FollowUp(match["id"], Move(match["move"]), match["point"], text, strong))
        return tuple(found)

    def wrong_claims(self, ids: set[str]) -> tuple[WrongClaim, ...]:
        found: list[WrongClaim] = []
        one = ("Claim", "Consequence", "Probe")
        for sub in self.subsections("Wrong Claims"):
            match = re.fullmatch(r"(W\d+)\s+(P\d+)", sub.title)
            if not match:
                self.fault(sub.line, 'a wrong claim is headed "### W1 P3"')
                continue
            self.check_new(match[1], [w.id for w in found], sub.line)
            self.check_list(sub)
            self.check_points((match[2],), ids, sub.line)
            pairs = self.pairs(sub.items(), sub.line, required=(*one, "Or"), one=one)
            claim, consequence, probe = (pairs.get(key, [""])[0] for key in one)
            found.append(WrongClaim(match[1], match[2], claim, tuple(pairs.get("Or", [])), consequence, probe))
        return tuple(found)

    def senior_solution(self) -> dict[str, str]:
        section = self.sections.get("Senior Solution")
        if section is None:
            return {}
        found: dict[str, str] = {}
        phases = self.header.get("phases", ())
        for sub in self.subsections("Senior Solution"):
            if phases and sub.title not in phases:
                self.fault(sub.line, f'"{sub.title}" is not one of the question\'s phases')
            if not sub.raw:
                self.fault(sub.line, f'subsection "{sub.title}" is empty')
            self.check_new(sub.title, found, sub.line)
            found.setdefault(sub.title, sub.raw)
        for phase in phases:
            if phase not in found:
                self.fault(section.line, f'the senior solution has no subsection "### {phase}"')
        return found

    def pairs(
        self, items: list[Block], line: int, required: tuple[str, ...], one: tuple[str, ...] = ()
    ) -> dict[str, list[str]]:
        """Items `- Key: text`, a key may repeat unless it is in `one`; keys outside `required` are faults."""
        found: dict[str, list[str]] = {}
        for item in items:
            self.check_flat(item)
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

    def items(self, title: str) -> list[Block]:
        section = self.sections.get(title)
        if section is not None:
            self.check_list(section)
        return section.items() if section else []

    def subsections(self, title: str) -> list[Section]:
        section = self.sections.get(title)
        for block in section.blocks if section else ():
            self.fault(block.line, f'"{title}" holds subsections only; this stands before the first')
        return section.sections if section else []

    def check_points(self, points: tuple[str, ...], ids: set[str], line: int) -> None:
        for point in points:
            if ids and point not in ids:
                self.fault(line, f"there is no point {point}")

    def check_new(self, id_: str, seen: Collection[str], line: int) -> None:
        if id_ in seen:
            self.fault(line, f"{id_} stands here a second time")

    def check_flat(self, item: Block) -> None:
        if item.items:
            self.fault(item.items[0].line, "this item is indented into another and would not be read")

    def check_list(self, section: Section) -> None:
        """What stands outside the list would be lost, or be spoken with the text before it."""
        for block in section.outside_list():
            self.fault(block.line, "this stands outside the list; indent it or take it out")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip(".") for part in text.split(";") if part.strip())
