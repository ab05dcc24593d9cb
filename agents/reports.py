"""The form of what a model reports, and reading it strictly: what does not fit is named, and nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agents.abilities import Form
from knowledge.terms import Rung

RUNGS = {"mentioned": Rung.MENTIONED, "explained": Rung.EXPLAINED, "justified": Rung.JUSTIFIED, "held": Rung.HELD}

MOST_BRACES = 50
"""Places in an answer at which an object is looked for."""


class Unreadable(ValueError):  # noqa: N818 - reads as what it is
    """A report that is not of the form asked for; the message says what is wrong, for whoever wrote it."""


def object_of(**properties: Any) -> dict[str, Any]:
    """The JSON schema of an object that has just these, as OpenAI's strict mode takes it."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def list_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON schema of a list."""
    return {"type": "array", "items": dict(item)}


TEXT = {"type": "string"}
NUMBERS = list_of({"type": "integer"})
A_RUNG = {"type": "string", "enum": list(RUNGS)}


def one_of(values: Sequence[str]) -> dict[str, Any]:
    """The JSON schema of a text out of a closed list."""
    return {"type": "string", "enum": list(values)}


def form(name: str, **properties: Any) -> Form:
    """A form with these properties."""
    return Form(name, object_of(**properties))


def read_object(text: str) -> dict[str, Any]:
    """The one JSON object in `text`, fenced or with words around it. Raises Unreadable, also when there are several."""
    found = [o for o in _objects_in(text) if o]
    if not found or any(other != found[0] for other in found):
        raise Unreadable("it is not one JSON object")
    return found[0]


def _objects_in(text: str) -> Iterator[dict[str, Any]]:
    decoder, at = json.JSONDecoder(), text.find("{")
    for _ in range(MOST_BRACES):
        if at < 0:
            return
        try:
            found, at = decoder.raw_decode(text, at)
            yield found
        except RecursionError:
            return
        except ValueError:
            at += 1
        at = text.find("{", at)


def objects(report: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The list of objects called `name`, [] when it is missing. Raises Unreadable."""
    found = report.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Unreadable(f'"{name}" is not a list of objects')
    return found


def numbers(item: Mapping[str, Any], name: str = "sentences") -> list[int]:
    """The whole numbers called `name`. Raises Unreadable for anything else, numbers as texts included."""
    found = item.get(name)
    if not isinstance(found, list) or not all(isinstance(n, int) and not isinstance(n, bool) for n in found):
        raise Unreadable(f'"{name}" is not a list of whole numbers')
    return found


def rung(item: Mapping[str, Any]) -> Rung:
    """The rung named. Raises Unreadable."""
    found = item.get("rung")
    if not isinstance(found, str) or found not in RUNGS:
        raise Unreadable(f'"rung" is none of {", ".join(RUNGS)}')
    return RUNGS[found]


def text_of(item: Mapping[str, Any], name: str) -> str:
    """The text called `name`, "" when it is missing. Raises Unreadable."""
    found = item.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise Unreadable(f'"{name}" is not a text')
    return found
