"""The front matter of a question file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from knowledge.faults import Fault
from knowledge.terms import CATEGORIES, PHASES, Level
from knowledge.yaml_lines import LOADER

_TEXTS = ("id", "title", "category", "difficulty", "experience")
_LISTS = ("topics", "areas", "phases", "companies", "related", "resources", "sources", "not_first", "found_by")
_MAY_BE_EMPTY = ("companies", "related", "sources", "found_by")
_OPTIONAL = ("reference",)
_MAY_BE_ABSENT = ("found_by",)
_KNOWN = (*_TEXTS, "minutes", *_LISTS, *_OPTIONAL)
_TAG = "tag:yaml.org,2002:"
_NOTHING = (_TAG + "null", _TAG + "bool")


def read_header(front: str, path: Path) -> tuple[dict[str, Any], list[Fault]]:
    """(the fields of a Question that the front matter holds, faults). Lines count from the file's first.

    The fields are {} when there is no front matter or it cannot be read.
    """
    try:
        node = yaml.compose(front, Loader=LOADER)
    except yaml.YAMLError as error:
        return {}, [_not_yaml(error, front, path)]
    if not isinstance(node, yaml.MappingNode):
        return {}, [Fault(path, 1, "the file begins with front matter between two lines of ---")]
    faults: list[Fault] = []
    nodes: dict[str, yaml.Node] = {}
    lines: dict[str, int] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 2
        if key not in _KNOWN:
            faults.append(Fault(path, line, f'unknown key "{key}"; known: {", ".join(_KNOWN)}'))
        elif key in nodes:
            faults.append(Fault(path, line, f'"{key}" stands here a second time'))
        else:
            nodes[key], lines[key] = value_node, line
    header: dict[str, Any] = {}
    for key in _KNOWN:
        fault, header[key] = _value(key, nodes.get(key))
        if fault:
            faults.append(Fault(path, lines.get(key, 1), fault))
    faults += [Fault(path, lines.get(key, 1), text) for key, text in _closed_lists(header)]
    if not faults:
        header["difficulty"] = Level(header["difficulty"])
    return header, faults


def _not_yaml(error: yaml.YAMLError, front: str, path: Path) -> Fault:
    line, reason = 0, str(error)
    if isinstance(error, yaml.MarkedYAMLError):
        # What was opened and never closed is found at the end of the text; the context is where it was opened.
        opened = error.context_mark if re.search("quoted|flow", error.context or "") else None
        mark = opened or error.problem_mark
        line, reason = mark.line if mark else 0, " ".join(filter(None, (error.context, error.problem))) or reason
    elif isinstance(error, yaml.reader.ReaderError):
        line, reason = front.count("\n", 0, error.position), error.reason
    return Fault(path, line + 2, f"the front matter is not YAML: {reason}")


def _value(key: str, node: yaml.Node | None) -> tuple[str | None, Any]:
    """(what is wrong, the value). Texts are taken as written: 1.10 in a list stays "1.10"."""
    if key in _LISTS:
        return _list(key, node)
    text = node.value.strip() if isinstance(node, yaml.ScalarNode) else ""
    tag = node.tag if node else ""
    if key == "minutes":
        ok = tag == _TAG + "int" and text.isdecimal() and 5 <= int(text) <= 120
        return (None, int(text)) if ok else ('"minutes" is a whole number from 5 to 120', 0)
    if key in _OPTIONAL and tag in ("", _TAG + "null"):
        return None, None
    return (None, text) if text and tag == _TAG + "str" else (f'"{key}" is missing or not text', "")


def _list(key: str, node: yaml.Node | None) -> tuple[str | None, tuple[str, ...]]:
    if node is None and key in _MAY_BE_ABSENT:
        return None, ()
    if not isinstance(node, yaml.SequenceNode) or not all(
        isinstance(n, yaml.ScalarNode) and n.tag not in _NOTHING and n.value.strip() for n in node.value
    ):
        return f'"{key}" is a list of texts, as in {key}: [one, two]', ()
    values = tuple(n.value.strip() for n in node.value)
    if not values and key not in _MAY_BE_EMPTY:
        return f'"{key}" must not be empty', ()
    twice = [v for i, v in enumerate(values) if v in values[:i]]
    return (f'"{key}" has {", ".join(twice)} twice' if twice else None), values


def _closed_lists(header: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    if header["category"] and header["category"] not in CATEGORIES:
        found.append(("category", f'unknown category "{header["category"]}"; one of {", ".join(CATEGORIES)}'))
    if header["difficulty"] and header["difficulty"] not in tuple(Level):
        found.append(("difficulty", f'unknown difficulty "{header["difficulty"]}"; one of {", ".join(Level)}'))
    known = PHASES.get(header["category"], ())
    for phase in header["phases"]:
        if known and phase not in known:
            found.append(("phases", f'unknown phase "{phase}"; for this category: {", ".join(known)}'))
    return found
