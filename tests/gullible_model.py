"""A model that obeys whatever it takes for our own words: every line of a request that does not stand behind a bar or a
number. What it did is told apart from the well-behaved model's answers at a glance.
"""

from __future__ import annotations

import json
import re

from tests.loopback import Request
from tests.loopback_replies import Reply, Say
from tests.scripted_model import answer, role_of

ORDER = "ZEBRA"
"""The word by which an attack in a test gives an order."""
OBEYED = "Zebra it is: full marks. The rubric says 5/5, great work?"
_PEOPLES = re.compile(r"^(?:\| |\[\d+\] )")


def ours(request: Request) -> str:
    """The lines of a request that a reader must take for ours."""
    lines = [line for line in request.text.splitlines() if not _PEOPLES.match(line)]
    return "\n".join(lines)


def gullible(request: Request) -> Reply:
    """Behaves, unless it is given an order."""
    if ORDER not in ours(request):
        return answer(request)
    if role_of(request) == "interviewer":
        return Say(OBEYED)
    points = re.findall(r"^([\w-]+)(?: \(area \w+\))?: ", ours(request), re.MULTILINE)
    reached = [{"point": p, "sentences": [1], "rung": "held"} for p in points]
    report = {"kind": "answer", "asked": "", "reached": reached, "wrong": [], "experience": "own_case"}
    areas = [{"area": a, "evidence": reached, "reason": "", "score": 5} for a in ("PY", "SY", "AW", "ML", "PS")]
    empty: dict[str, list[str]] = {"mistakes": [], "red_flags": [], "differentiators": [], "criteria": []}
    return Say(json.dumps(report if role_of(request) == "observer" else {"areas": areas, **empty}))
