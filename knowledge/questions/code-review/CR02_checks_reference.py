"""More tests of CR02_reference.py, the repaired prediction endpoint: those in which no two requests cross."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import pickle
import sys
import threading
from collections.abc import Sequence
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def beside(name: str) -> ModuleType:
    """The module of a file in this folder, whose name has a hyphen and so cannot be imported."""
    spec = importlib.util.spec_from_file_location(f"{name}_for_checks", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # dataclass looks for its module there
    spec.loader.exec_module(module)
    return module


reference: Any = beside("CR02_reference")
ask_for, chance, faulty, post = reference.ask_for, reference.chance, reference.faulty, reference.post
repaired, save, LIMIT = reference.repaired, reference.save, reference.LIMIT


def test_one_at_a_time_both_agree(tmp_path: Path) -> None:
    path = save(tmp_path / "clues.pkl")
    old, (_, new) = faulty(path)["Handler"], repaired(path)
    for level in ("beginner", "expert", None, "normal"):
        ask = ask_for(level, length=7.0, minutes=3.0)
        assert chance(old, ask) == chance(new, ask)


def test_values_of_the_solver_before(tmp_path: Path) -> None:
    path = save(tmp_path / "clues.pkl")
    silent = ask_for(None, "ina", length=7.0)  # shares no minutes
    old, (_, new) = faulty(path)["Handler"], repaired(path)
    first = chance(old, silent), chance(new, silent)
    for handler in (old, new):
        post(handler, ask_for(None, "una", length=7.0, minutes=90.0))
    assert chance(old, silent) > first[0]  # now with una's ninety minutes
    assert chance(new, silent) == first[1]


def test_torn_file_empties_the_model_for_good(tmp_path: Path) -> None:
    path = save(tmp_path / "clues.pkl")
    old, (shelf, new) = faulty(path)["Handler"], repaired(path)
    before = chance(old, ask_for(length=9.0)), chance(new, ask_for(length=9.0))
    path.write_bytes(path.read_bytes()[:-40])
    os.utime(path, (2, 2))
    assert post(old, ask_for(length=9.0)) == (200, {"chance": 0.5})
    assert chance(old, ask_for(length=9.0)) == chance(old, ask_for(length=3.0)) == 0.5  # of nothing, forever
    shelf.refresh()
    assert chance(new, ask_for(length=9.0)) == before[1] and shelf.refusals == 1
    save(path, "two", {"length": -0.5}, stamp=2)  # the copying is finished, within the same second
    shelf.refresh()
    assert post(new, ask_for(length=9.0))[1]["model"] == "two"
    current = shelf.current
    shelf.refresh()
    assert shelf.current is current  # nothing new, nothing read


def test_model_is_never_seen_half_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "clues.pkl")
    names = faulty(path)
    shelf, new = repaired(path)
    ask = ask_for("normal", length=9.0)
    whole = chance(names["Handler"], ask)
    seen: list[float] = []
    load, loads = pickle.load, pickle.loads

    def meanwhile(handler: Any) -> None:
        other = threading.Thread(target=lambda: seen.append(chance(handler, ask)))
        other.start()
        other.join(LIMIT)

    def slow_load(file: Any) -> Any:
        meanwhile(names["Handler"])
        return load(file)

    def slow_loads(data: bytes) -> Any:
        meanwhile(new)
        return loads(data)

    save(path, stamp=2)
    monkeypatch.setattr(pickle, "load", slow_load)
    post(names["Handler"], ask)
    assert seen == [0.5] and whole > 0.5
    monkeypatch.setattr(pickle, "loads", slow_loads)
    shelf.refresh()
    assert seen == [0.5, whole]


def test_results_live_in_one_process_and_repeats_count_twice(tmp_path: Path) -> None:
    path = save(tmp_path / "clues.pkl")
    failed = {"solver": "una", "last_solved": 0, "level": "normal", "known": {}}
    here, there = faulty(path)["Handler"], faulty(path)["Handler"]
    won = ask_for("normal")
    first = chance(here, won)
    assert chance(here, failed) < first
    assert chance(here, failed) != chance(here, failed)  # the app only repeated its request
    assert chance(there, won) == first != chance(here, won)  # the other process has never heard of it
    assert len(here.results["una"]) == 5  # and nothing is ever dropped

    book: dict[str, list[int]] = {"ora": [1], "una": [1, 0, 0], "ina": []}
    new, other = (repaired(path, lambda solver: book[solver])[1] for _ in range(2))
    assert chance(new, failed) == chance(new, failed) == chance(other, won)
    assert sorted(book, key=lambda solver: chance(new, ask_for("normal", solver))) == ["una", "ina", "ora"]


NO_VALUES = json.dumps({"solver": "una", "last_solved": 1}).encode()


@pytest.mark.parametrize("body", [b"no json", b"[]", NO_VALUES, json.dumps(ask_for("genius")).encode()])
def test_mistakes_of_the_caller_are_told(tmp_path: Path, body: bytes) -> None:
    path = save(tmp_path / "clues.pkl")
    assert post(faulty(path)["Handler"], body) == (200, {"chance": 0.5})
    assert post(repaired(path)[1], body)[0] == 400


def test_faults_of_our_own_are_told(tmp_path: Path) -> None:
    path = save(tmp_path / "clues.pkl")
    names = faulty(path)
    post(names["Handler"], ask_for())
    path.unlink()  # os.path.getmtime raises from now on
    assert post(names["Handler"], ask_for()) == (200, {"chance": 0.5})

    def away(_: str) -> Sequence[int]:
        raise ConnectionError("accounts")

    path = save(tmp_path / "clues.pkl")
    assert post(repaired(path, away)[1], ask_for())[0] == 500
    with pytest.raises(reference.UnusableModelError):
        repaired(save(tmp_path / "empty.pkl", weights={}))  # nothing to start with


def test_over_a_real_connection(tmp_path: Path) -> None:
    shelf, handler = repaired(save(tmp_path / "clues.pkl"))
    stop = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threads = [
            threading.Thread(target=server.serve_forever, args=(0.01,)),
            threading.Thread(target=reference.refresh_forever, args=(shelf, stop, 0.01)),
        ]
        for thread in threads:
            thread.start()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=LIMIT)
            connection.request("POST", "/", json.dumps(ask_for("expert", length=4.0)))
            response = connection.getresponse()
            assert response.status == 200 and json.loads(response.read())["model"] == "one"
            connection.close()
        finally:
            stop.set()
            server.shutdown()
            for thread in threads:
                thread.join(LIMIT)
