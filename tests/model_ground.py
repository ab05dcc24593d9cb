"""The ground for tests of the model panel: a real server that replies in order, and what an observer reports."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from agents.calls import Connection
from agents.endpoint import endpoint
from agents.events import Directive
from agents.observer import Exchange
from knowledge.terms import Move
from tests.loopback import Loopback, Request
from tests.loopback_replies import Reply, Say

ASKED = "How does a report get from the tram to a screen that people look at?"
FIRST = "The tram posts its place every few seconds, and a worker takes it from a queue."
SECOND = "It writes the new times into memory, because all screens want the same ones."
THIRD = "I have not thought about the night."
ANSWER = f"{FIRST} {SECOND} {THIRD}"
Told = Reply | str | dict[str, Any] | Callable[[Request], Reply]


@contextmanager
def served(*replies: Told) -> Iterator[Loopback]:
    """A server that gives these replies in order, the last of them again and again."""

    def script(request: Request) -> Reply:
        reply = replies[min(request.number, len(replies) - 1)]
        if isinstance(reply, dict):
            return Say(json.dumps(reply))
        if isinstance(reply, str):
            return Say(reply)
        return reply(request) if callable(reply) else reply

    with Loopback(script) as server:
        yield server


def connected(server: Loopback) -> Connection:
    """A connection to a server, with nothing known of it."""
    return Connection.to(endpoint(server.url, None, "scripted"))


def exchange(text: str = ANSWER, move: Move | None = Move.EXPLORE, **fields: Any) -> Exchange:
    """An answer to a question about P3 of the sample."""
    directive = Directive(move=move, phase="flow", target="P3", **fields) if move else None
    return Exchange(ASKED, directive, text)


def report(kind: str = "answer", *reached: tuple[str, list[Any], str], **more: Any) -> dict[str, Any]:
    """What an observer reports: (point, sentences, rung) of what the answer reaches."""
    items = [{"point": p, "sentences": s, "rung": r} for p, s, r in reached]
    return {"kind": kind, "asked": "", "reached": items, "wrong": [], "experience": "none", **more}


def area(id_: str, score: Any, *evidence: tuple[str, list[Any], str]) -> dict[str, Any]:
    """What an assessor says of an area, with (point, sentences, rung) of its evidence."""
    pieces = [{"point": p, "sentences": n, "rung": r} for p, n, r in evidence]
    return {"area": id_, "evidence": pieces, "reason": "Because.", "score": score}


def verdict(*areas: dict[str, Any], **more: Any) -> str:
    """A verdict as an assessor writes it."""
    empty: dict[str, Any] = {"mistakes": [], "red_flags": [], "differentiators": [], "criteria": []}
    return json.dumps({"areas": list(areas), **empty, **more})
