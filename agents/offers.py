"""What can be put on the panel from here: a server's models, an Ollama server that runs, a first call as a test."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from agents.calls import Connection
from agents.endpoint import OLLAMA, Endpoint, Role, endpoint
from agents.llm import Chat, Request
from agents.model_failure import ModelFailed
from agents.patience import Beat, Patience, no_beat
from agents.reports import Unreadable, form, read_object
from agents.work import Call

KNOCK_SECONDS, LIST_SECONDS = 0.3, 1.0
TEST_SECONDS = 60.0
_READY = form("ready", ready={"type": "boolean"})
_SPEAK = "This is a test of the connection. Reply with one short greeting and nothing else."
_REPORT = 'This is a test of the connection. Reply with this JSON object and nothing else: {"ready": true}'


@dataclass(frozen=True)
class Tried:
    """A role that was tried: its calls, and what went wrong, None when nothing did."""

    role: Role
    model: str
    calls: tuple[Call, ...]
    failed: ModelFailed | None = None


def ollama_models(url: str = OLLAMA) -> list[str]:
    """The models of an Ollama server that runs here, [] when none does: known after a third of a second at the most,
    after a second when something else listens there and says nothing.
    """
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname, parts.port or 80), KNOCK_SECONDS):
            pass
    except OSError:
        return []
    try:
        return Chat(endpoint(url, None, "any")).models(LIST_SECONDS)
    except ModelFailed:  # something else listens there
        return []


def listed(known: Endpoint) -> list[str]:
    """The models that a server lists. Raises ModelFailed."""
    return Chat(known).models()


def tried(connection: Connection, beat: Beat = no_beat) -> Iterator[Tried]:
    """Has each role make one real, short call of the kind it makes in an interview; a role's model is tried once."""
    connection.ready(beat)
    done = set()
    roles: tuple[Role, ...] = ("interviewer", "observer", "assessor")
    for role in roles:
        model, speaks = connection.endpoint.model(role), role == "interviewer"
        if (model, speaks) in done:
            continue
        done.add((model, speaks))
        calls: list[Call] = []
        asked = Request([("user", _SPEAK if speaks else _REPORT)], None if speaks else _READY, most_tokens=2_000)
        try:
            text = connection.ask(role, asked, Patience(TEST_SECONDS, beat), calls)
            if not speaks:
                read_object(text)
        except ModelFailed as failed:
            yield Tried(role, model, tuple(calls), failed)
        except Unreadable as error:
            yield Tried(role, model, tuple(calls), ModelFailed.unreadable(str(error)))
        else:
            yield Tried(role, model, tuple(calls))
