"""Reference for CR02, the prediction endpoint with hidden state.

The program under review is read out of the question. Here stand one repaired version, what the tests need, and the
tests of faults that need more than one thread or process; CR02_checks_reference.py beside it has the other tests. Each
shows a fault in the program and its absence here. Threads that have to cross are made to cross by events.
"""

from __future__ import annotations

import io
import json
import logging
import math
import os
import pickle
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

QUESTION = Path(__file__).with_name("CR02.md").read_text(encoding="utf-8")
FAULTY = QUESTION.split("```python\n", 1)[1].split("```", 1)[0]

# --- The repaired version -------------------------------------------------------------------

log = logging.getLogger("clues")

SKILL: Mapping[str, float] = {"beginner": -1.0, "normal": 0.0, "expert": 1.5}
AVERAGE_FORM = 0.6  # of a solver of whom no result is known

Results = Callable[[str], Sequence[int]]
"""The last results of a solver, from the accounts service: the same for every process."""


class UnusableModelError(Exception):
    """The file is no whole model; go on with the one in use."""


class BadRequestError(Exception):
    """The caller has to change something; trying again would not help."""


@dataclass(frozen=True)
class ClueModel:
    """A model that nobody changes after it was made, so that any number of threads may use it."""

    version: str
    weights: Mapping[str, float]
    defaults: Mapping[str, float]

    def chance(self, known: Mapping[str, float], level: str) -> float:
        row = {**self.defaults, **known}  # a dictionary of this call
        score = sum(self.weights.get(name, 0.0) * value for name, value in row.items())
        return 1 / (1 + math.exp(-score - SKILL[level]))


def read_model(path: Path) -> ClueModel:
    """Return the model of a file, or say why it must not be used."""
    try:
        saved = pickle.loads(path.read_bytes())  # our own training writes it; never a file of somebody else
        model = ClueModel(saved["version"], dict(saved["weights"]), dict(saved["defaults"]))
        trial = model.chance({}, "normal")
    except Exception as error:  # a torn file raises almost anything
        raise UnusableModelError(f"{path.name}: {error!r}") from error
    if not model.weights or not 0 < trial < 1:
        raise UnusableModelError(f"{path.name}: no weights, or no chance between 0 and 1")
    return model


class Shelf:
    """Holds the model in use. One thread refreshes it; everybody else reads `current` once per request."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = path.stat().st_mtime_ns
        self.current = read_model(path)  # no model, no start
        self.refusals = 0

    def refresh(self) -> None:
        """Put a new whole model in place of the old one; keep the old one when the new one is unusable."""
        try:
            stamp = self._path.stat().st_mtime_ns
            if stamp == self._stamp:
                return
            model = read_model(self._path)  # aside: nobody sees it yet
        except (OSError, UnusableModelError):
            self.refusals += 1  # watched from outside; the next round tries again
            log.exception("keeping model %s", self.current.version)
            return
        self.current, self._stamp = model, stamp


def refresh_forever(shelf: Shelf, stop: threading.Event, seconds: float = 30.0) -> None:
    while not stop.wait(seconds):
        shelf.refresh()


def predict(model: ClueModel, body: bytes, results: Results) -> dict[str, Any]:
    """Return the answer to one request. Everything it needs comes in; nothing of it stays."""
    try:
        ask = json.loads(body)
        solver, level = str(ask["solver"]), ask.get("level", "normal")
        known = {str(name): float(value) for name, value in ask["known"].items()}
        if level not in SKILL:
            raise ValueError(f"no level {level!r}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequestError(str(error)) from error
    recent = results(solver)
    known["form"] = sum(recent) / len(recent) if recent else AVERAGE_FORM
    return {"chance": model.chance(known, level), "model": model.version}


def handler_for(shelf: Shelf, results: Results) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            model = shelf.current  # once: the whole request works with this one
            try:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                status, answer = 200, predict(model, body, results)
            except BadRequestError as error:
                status, answer = 400, {"error": str(error)}
            except Exception:  # ours: say so, the app has a plan of its own for it
                log.exception("no answer with model %s", model.version)
                status, answer = 500, {"error": "no chance could be computed"}
            reply = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

    return Handler


# --- What the tests need ---------------------------------------------------------------------

WEIGHTS = {"length": -0.2, "minutes": 0.05, "form": 1.0}
DEFAULTS = {"length": 6.0, "minutes": 20.0}
LIMIT = 10  # seconds until a test that hangs gives up


def save(path: Path, version: str = "one", weights: Mapping[str, float] = WEIGHTS, stamp: int = 1) -> Path:
    path.write_bytes(pickle.dumps({"version": version, "weights": dict(weights), "defaults": dict(DEFAULTS)}))
    os.utime(path, (stamp, stamp))
    return path


def faulty(path: Path) -> dict[str, Any]:
    """Return the names of a freshly started program under review; each call stands for a process."""
    names: dict[str, Any] = {"__name__": "under_review"}
    exec(FAULTY, names)
    names["PATH"] = str(path)
    return names


def post(handler: Any, ask: object) -> tuple[int, dict[str, Any]]:
    """Let a handler answer one request without a network."""
    body = ask if isinstance(ask, bytes) else json.dumps(ask).encode()
    one = handler.__new__(handler)
    one.rfile, one.wfile = io.BytesIO(body), io.BytesIO()
    one.headers = {"Content-Length": str(len(body))}
    one.request_version, one.requestline, one.command = "HTTP/1.1", "POST / HTTP/1.1", "POST"
    one.client_address = ("test", 0)
    one.log_message = lambda *_: None
    one.do_POST()
    head, _, reply = one.wfile.getvalue().partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(reply)


def ask_for(level: str | None = None, solver: str = "una", **known: float) -> dict[str, Any]:
    named = {} if level is None else {"level": level}
    return {"solver": solver, "last_solved": 1, "known": known, **named}


def chance(handler: Any, ask: object) -> float:
    status, answer = post(handler, ask)
    assert status == 200
    return float(answer["chance"])


def solved(_: str) -> Sequence[int]:
    return [1]


def repaired(path: Path, results: Results = solved) -> tuple[Shelf, Any]:
    shelf = Shelf(path)
    return shelf, handler_for(shelf, results)


def crossing(handler: Any, model: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[float, float]:
    """An expert's and a beginner's request: the expert comes first and is answered first, and both overlap."""
    inside, gone, chances = threading.Event(), threading.Event(), {}
    original = model.chance

    def slow(self: Any, *args: Any) -> Any:
        if threading.current_thread().name == "expert":
            beginner.start()
            assert inside.wait(LIMIT)
        else:
            inside.set()
            assert gone.wait(LIMIT)
        return original(self, *args)

    def run(level: str) -> None:
        chances[level] = chance(handler, ask_for(level))
        gone.set()

    expert, beginner = (threading.Thread(target=run, args=(who,), name=who) for who in ("expert", "beginner"))
    monkeypatch.setattr(model, "chance", slow)
    expert.start()
    expert.join(LIMIT)
    beginner.join(LIMIT)
    monkeypatch.undo()
    return chances["expert"], chances["beginner"]


def alone(path: Path, level: str) -> float:
    return chance(repaired(path)[1], ask_for(level))


def test_level_of_another_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "clues.pkl")
    right = alone(path, "expert"), alone(path, "beginner")
    names = faulty(path)
    expert, beginner = crossing(names["Handler"], names["ClueModel"], monkeypatch)
    assert expert == alone(path, "beginner") and beginner == alone(path, "normal")
    assert crossing(repaired(path)[1], ClueModel, monkeypatch) == right


def test_level_that_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "clues.pkl")
    normal, expert = alone(path, "normal"), alone(path, "expert")
    names = faulty(path)
    crossing(names["Handler"], names["ClueModel"], monkeypatch)
    assert chance(names["Handler"], ask_for(None)) == expert  # and so for everybody who names no level

    names = faulty(path)
    post(names["Handler"], {"solver": "una", "last_solved": 1, "level": "expert"})  # fails behind the change
    assert chance(names["Handler"], ask_for(None)) == expert

    _, handler = repaired(path)
    crossing(handler, ClueModel, monkeypatch)
    post(handler, {"solver": "una", "last_solved": 1, "level": "expert"})
    assert chance(handler, ask_for(None)) == normal
