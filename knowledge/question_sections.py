"""Which sections a question file has, and whether all of them are there once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from knowledge.faults import Fault
from knowledge.markdown_sections import Section
from knowledge.terms import PHASES

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
_OPTIONAL_SECTIONS = ("Figures",)


def by_title(sections: Iterable[Section], category: str | None, path: Path) -> tuple[dict[str, Section], list[Fault]]:
    """(title -> its first section, faults: missing, empty, unknown and repeated ones).

    Without a known category the sections of debugging questions may be there or not.
    """
    found: dict[str, Section] = {}
    faults = []
    required = _SECTIONS + (_DEBUGGING_SECTIONS if category == "Debugging" else ())
    known = (required if category in PHASES else _SECTIONS + _DEBUGGING_SECTIONS) + _OPTIONAL_SECTIONS
    for section in sections:
        if section.title in found:
            faults.append(Fault(path, section.line, f'section "{section.title}" stands here a second time'))
        elif section.title not in known:
            message = f'unknown section "{section.title}"; known here: {", ".join(known)}'
            faults.append(Fault(path, section.line, message))
        elif not section.raw:
            faults.append(Fault(path, section.line, f'section "{section.title}" is empty'))
        found.setdefault(section.title, section)
    faults += [Fault(path, 1, f'section "## {title}" is missing') for title in required if title not in found]
    return found, faults
