"""The front matter of a question file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from knowledge.faults import Fault
from knowledge.terms import CATEGORIES, PHASES, Level

_TEXTS = ("id", "title", "category", "difficulty", "experience")
_LISTS = ("topics", "areas", "phases", "companies", "related", "resources", "sources", "not_first")
_MAY_BE_EMPTY = ("companies", "related", "sources")
_OPTIONAL = ("reference",)
_KNOWN = (*_TEXTS, "minutes", *_LISTS, *_OPTIONAL)


def read_header(front: str, path: Path) -> tuple[dict[str, Any], list[Fault]]:
    """(the fields of a Question that the front matter holds, faults). Lines count from the file's first."""
    try:
        node = yaml.compose(front, Loader=yaml.SafeLoader)
        data = yaml.safe_load(front)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 2
        return {}, [Fault(path, line, f"the front matter is not YAML: {error.problem}")]
    if not isinstance(node, yaml.MappingNode) or not isinstance(data, dict):
        return {}, [Fault(path, 1, "the file begins with front matter between two lines of ---")]
    lines = {key.value: key.start_mark.line + 2 for key, _ in node.value}
    faults = [
        Fault(path, lines.get(str(key), 1), f'unknown key "{key}"; known: {", ".join(_KNOWN)}')
        for key in data
        if key not in _KNOWN
    ]
    header: dict[str, Any] = {"reference": data.get("reference")}
    for key in (*_TEXTS, "minutes", *_LISTS):
        fault, value = _value(key, data)
        header[key] = value
        if fault:
            faults.append(Fault(path, lines.get(key, 1), fault))
    faults += [Fault(path, lines.get(key, 1), text) for key, text in _closed_lists(header)]
    if not faults:
        header["difficulty"] = Level(header["difficulty"])
    return header, faults


def _value(key: str, data: dict[str, Any]) -> tuple[str | None, Any]:
    value = data.get(key)
    if key in _LISTS:
        if not isinstance(value, list) or not all(isinstance(v, str | int | float) for v in value):
            return f'"{key}" is a list, as in {key}: [one, two]', ()
        if not value and key not in _MAY_BE_EMPTY:
            return f'"{key}" must not be empty', ()
        return None, tuple(str(v) for v in value)
    if key == "minutes":
        ok = isinstance(value, int) and not isinstance(value, bool) and 5 <= value <= 120
        return (None, value) if ok else ('"minutes" is a whole number from 5 to 120', 0)
    return (None, value) if isinstance(value, str) and value.strip() else (f'"{key}" is missing or not text', "")


def _closed_lists(header: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    if header["category"] not in CATEGORIES:
        found.append(("category", f'unknown category "{header["category"]}"; one of {", ".join(CATEGORIES)}'))
    if header["difficulty"] not in tuple(Level):
        found.append(("difficulty", f'unknown difficulty "{header["difficulty"]}"; one of {", ".join(Level)}'))
    known = PHASES.get(header["category"], ())
    for phase in header["phases"]:
        if known and phase not in known:
            found.append(("phases", f'unknown phase "{phase}"; for this category: {", ".join(known)}'))
    return found
