"""What a server's model can do, learned from what it refuses, and how a request is put to it accordingly.

Servers that speak OpenAI's protocol differ in how an answer's form can be asked for, in streaming, and in the roles
and parameters they take.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from agents.model_failure import ModelFailed

Message = tuple[Literal["system", "user", "assistant"], str]
FORMS = ("json_schema", "tool", "json_object", "words")
"""How the form of an answer can be asked for, the strictest first; every prompt describes it in words as well."""
TOKEN_LIMITS = ("max_completion_tokens", "max_tokens", "")


@dataclass(frozen=True)
class Form:
    """The form an answer is to have: a name and a JSON schema as OpenAI's strict mode takes it."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Abilities:
    """What a server's model has turned out to take."""

    form: Literal["json_schema", "tool", "json_object", "words"] = "json_schema"
    limit: Literal["max_completion_tokens", "max_tokens", ""] = "max_completion_tokens"
    streams: bool = True
    reports_usage: bool = True
    has_system: bool = True
    has_temperature: bool = True


def messages_for(messages: Sequence[Message], known: Abilities) -> list[Message]:
    """The messages, the system's put in front of the first of the user's where there is no such role."""
    found = list(messages)
    if not known.has_system and found and found[0][0] == "system":
        (_, rules), *rest = found
        first = rest[0][1] if rest and rest[0][0] == "user" else ""
        found = [("user", f"{rules}\n\n{first}".strip()), *(rest[1:] if first else rest)]
    return found


def form_asked(form: Form | None, known: Abilities) -> dict[str, Any]:
    """How the form is asked for, as parameters of the call."""
    if form is None or known.form == "words":
        return {}
    if known.form == "json_object":
        return {"response_format": {"type": "json_object"}}
    if known.form == "json_schema":
        described = {"name": form.name, "strict": True, "schema": dict(form.schema)}
        return {"response_format": {"type": "json_schema", "json_schema": described}}
    tool = {"name": form.name, "description": "Hands in the result.", "parameters": dict(form.schema)}
    return {
        "tools": [{"type": "function", "function": tool}],
        "tool_choice": {"type": "function", "function": {"name": form.name}},
    }


def adapt(known: Abilities, failed: ModelFailed, form: Form | None) -> tuple[Abilities, str] | None:
    """(what to try instead, what was changed) after a server refused a request; None when nothing is left to change."""
    said = failed.detail.lower()
    if known.has_temperature and "temperature" in said:
        return replace(known, has_temperature=False), "without temperature"
    if known.limit and re.search(r"max_(?:completion_)?tokens", said):
        following = TOKEN_LIMITS[TOKEN_LIMITS.index(known.limit) + 1]
        return replace(known, limit=following), f"{following or 'no limit'} for {known.limit}"  # type: ignore[arg-type]
    if known.reports_usage and "stream_options" in said:
        return replace(known, reports_usage=False), "without usage in the stream"
    if known.streams and form is None and "stream" in said:
        return replace(known, streams=False), "without streaming"
    if known.has_system and ("system" in said or "messages[0].role" in said):
        return replace(known, has_system=False), "without the system's role"
    names_form = re.search(r"response_format|json_?schema|json_?object|tool|function|schema|grammar|structured", said)
    if form is not None and known.form != "words" and names_form:
        following = FORMS[FORMS.index(known.form) + 1]
        return replace(known, form=following), f"form by {following}"  # type: ignore[arg-type]
    return None
