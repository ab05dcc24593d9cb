"""A model that follows a script, for the loopback server: it tells the roles apart by their prompts and does each job
by plain rules, from what it was shown and nothing else.

`python -m tests.loopback --script tests.scripted_model:answer` serves it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Literal

from knowledge.spoken import requests
from tests.loopback import Request
from tests.loopback_replies import Reply, Say

Role = Literal["observer", "interviewer", "assessor"]
_ROLES: dict[str, Role] = {
    "You listen to": "observer",
    "You are the interviewer": "interviewer",
    "You are the assessor": "assessor",
}
_SMALL = frozenset(
    "a an and are as at be by for from has have i if in is it its not of on or so that the then this to we".split()
)
_OPENERS = (
    "Okay.",
    "I follow.",
    "Let me stay there.",
    "I hear you.",
    "Taking that up.",
    "Going on from there.",
    "On we go.",
)
_REQUESTS = (
    "How would you go about {topic}?",
    "What is your plan for {topic}?",
    "Where do you begin with {topic}?",
    "What happens first in {topic}?",
    "Which part of {topic} comes to mind?",
    "What would {topic} look like on an ordinary day?",
    "Who depends on {topic}?",
    "Take one concrete case: what does {topic} mean for it?",
    "What would tell you that {topic} works?",
    "What have you left aside in {topic}?",
    "How does {topic} begin, step by step?",
)


def role_of(request: Request) -> Role:
    """Whose request this is."""
    return next(role for start, role in _ROLES.items() if start in request.text[:200])


def answer(request: Request) -> Reply:
    """What a well-behaved model says."""
    if "test of the connection" in request.last:
        return Say('{"ready": true}' if "JSON" in request.last else "Hello there.")
    return {"observer": observe, "interviewer": speak, "assessor": assess}[role_of(request)](request)


def by_role(**scripts: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    """A script that behaves except in the roles named."""

    def script(request: Request) -> Reply:
        return scripts.get(role_of(request), answer)(request)

    return script


def words_of(text: str) -> set[str]:
    """The words of a text that carry something, cut to their first five letters."""
    return {w[:5] for w in re.findall(r"[a-z]{3,}", text.lower()) if w not in _SMALL}


def material(request: Request, title: str) -> dict[str, str]:
    """Id -> text of the lines below a title of the prompt."""
    block = re.search(rf"^{title}:\n(.*?)(?:\n\n|\Z)", request.text, re.DOTALL | re.MULTILINE)
    lines = block[1].splitlines() if block else []
    return {found[1]: found[2] for line in lines if (found := re.match(r"([\w-]+)(?: \(area \w+\))?: (.*)", line))}


def sentences(request: Request) -> dict[int, str]:
    """Number -> sentence, as the prompt shows them behind their marks."""
    shown = request.text.split("# The transcript")[-1].split("last question")[-1]
    return {int(n): text for n, text in re.findall(r"^\[(\d+)\] (.*)$", shown, re.MULTILINE)}


def near(text: str, others: dict[int, str], least: int = 3) -> list[int]:
    """The numbers of the sentences that share the most words with a text, at most two."""
    wanted = words_of(text)
    ranked = sorted(others, key=lambda n: (-len(wanted & words_of(others[n])), n))
    return [n for n in ranked[:2] if len(wanted & words_of(others[n])) >= least]


def observe(request: Request) -> Reply:
    """Reports the points that share words with a sentence, and facts that a question shares a word with."""
    said, points = sentences(request), material(request, "Points")
    asks = [n for n, text in said.items() if text.endswith("?")]
    reached = [
        {"point": point, "sentences": found, "rung": "explained" if len(said[found[0]].split()) > 12 else "mentioned"}
        for point, text in points.items()
        if (found := near(text, said))
    ]
    kind, item = "answer" if reached else "vague", ""
    if asks and len(asks) == len(said):
        kind = "asks_open"
        for name, what in (("Facts", "asks_fact"), ("Evidence", "asks_evidence")):
            for id_, text in material(request, name).items():
                if near(text, {n: said[n] for n in asks}, least=2) and not item:
                    kind, item = what, id_
    if re.search(r"don't know|no idea|not sure where", request.last):
        kind = "stuck"
    report = {"kind": kind, "asked": item, "reached": reached, "wrong": [], "experience": "none"}
    return Say(json.dumps(report))


def direction(request: Request) -> dict[str, str]:
    """The parts of the direction in a speaking request."""
    shown = request.last if "<direction>" in request.last else request.text
    block = shown.rpartition("<direction>")[2].partition("</direction>")[0]
    found = dict(
        re.findall(
            r"^(Move|Topic|Language|Text to pass on|First answer what they asked)[^:\n]*: (.*)$", block, re.MULTILINE
        )
    )
    return {**found, "block": block}


def speak(request: Request) -> Reply:
    """Passes on what there is to pass on, or asks about the topic; never twice alike in one interview."""
    told, turns = direction(request), sum(m["role"] == "assistant" for m in request.body["messages"])
    opener = _OPENERS[turns % len(_OPENERS)]
    passed_on, first = told.get("Text to pass on", ""), told.get("First answer what they asked", "")
    asks = len(requests(passed_on)) == 1
    if passed_on and asks:
        return Say(f"{first or opener} {passed_on}")
    request_for = _REQUESTS[turns * 3 % len(_REQUESTS)].format(topic=told.get("Topic", "that"))
    facts = " ".join(part for part in (first, "" if asks else passed_on) if part)
    if "HINT" in told["Move"]:
        return Say(f"{opener} I note this as a hint. {passed_on}")
    return Say(f"{facts or opener} {request_for}")


def assess(request: Request) -> Reply:
    """Finds sentences for each point by shared words and gives each area the number that they support."""
    said, points = sentences(request), material(request, "Points")
    home = dict(re.findall(r"^([\w-]+) \(area (\w+)\):", request.text, re.MULTILINE))
    listed = re.search(r"^Areas to judge: (.*?)\. Give", request.text, re.MULTILINE)
    areas: list[dict[str, Any]] = []
    for area in listed[1].split(", ") if listed else []:
        evidence = [
            {"point": point, "sentences": found, "rung": "explained"}
            for point, text in points.items()
            if home.get(point) == area and (found := near(text, said))
        ]
        score = 1 + min(2.0, len(evidence) * 0.5)
        areas.append({"area": area, "evidence": evidence, "reason": "By shared words.", "score": score})
    empty: dict[str, list[Any]] = {"mistakes": [], "red_flags": [], "differentiators": [], "criteria": []}
    return Say(json.dumps({"areas": areas, **empty}))
