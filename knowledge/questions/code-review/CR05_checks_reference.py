"""Further tests of CR05_reference.py: what stays in the image, and serve.py.

Per planted fault one test shows the fault and its absence. serve.py itself is run, with its two internal libraries and
the web framework replaced by stand-ins.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import pickle
import sys
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ref = import_module("knowledge.questions.code-review.CR05_reference")  # an import statement allows no hyphen
AROUND, DOCKERFILE, SERVE = ref.AROUND, ref.DOCKERFILE, ref.SERVE
built, faulty, fence, instructions, repaired = ref.built, ref.faulty, ref.fence, ref.instructions, ref.repaired

# --- What stays in the image, and which steps run again -------------------------------------------


def test_token_stays_readable_in_the_image() -> None:
    image = built(faulty())
    assert any("s3cr3t" in step for step in image.history)
    assert any(step.startswith("ENV ") and "s3cr3t" in step for step in image.history)
    assert not any("s3cr3t" in step for step in built(repaired()).history)
    assert "--mount=type=secret" in DOCKERFILE


def test_removed_files_still_travel_with_the_image() -> None:
    image = built(faulty())
    assert not any(path.startswith(("data/", ".git/")) for path in image.files)
    assert any("data/sales.csv" in layer for layer in image.layers)
    assert any(".git/config" in layer for layer in image.layers)
    assert not any(path in layer for layer in built(repaired()).layers for path in AROUND)


def test_order_one_line_of_serve_installs_everything_again() -> None:
    def reruns(files: dict[str, str]) -> list[str]:
        before, after = built(files), built(files | {"serve.py": files["serve.py"] + "# a comment\n"})
        steps = instructions(files["Dockerfile"])
        return [rest for (_, rest), old, new in zip(steps, before.keys, after.keys, strict=True) if old != new]

    assert any("pip install" in step for step in reruns(faulty()))
    assert reruns(repaired())
    assert not any("pip install" in step for step in reruns(repaired()))


def test_cargo_that_no_request_needs() -> None:
    for files, spare in ((faulty(), {"torch", "jupyter", "pytest"}), (repaired(), set[str]())):
        tree = ast.parse(files["serve.py"])
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        installed = set(built(files).installed)
        assert imported - {"pathlib"} <= {name.replace("-", "_") for name in installed}
        assert installed & {"torch", "jupyter", "pytest", "build-essential"} == spare
    assert "build-essential" in fence("dockerfile")
    assert "apt-get" not in DOCKERFILE
    assert "--only-binary :all:" in DOCKERFILE  # no compiler is there, and no package runs a script of its own here


def test_rights_the_service_runs_as_root() -> None:
    assert built(faulty()).user == "root"
    assert built(repaired()).user == "10001"


# --- serve.py, run with stand-ins ----------------------------------------------------------------


class Model:
    """Stands for the trained one; its price is fixed."""

    def __init__(self, cents: float) -> None:
        self.cents = cents

    def predict(self, rows: Sequence[Sequence[float]]) -> list[float]:
        return [self.cents for _ in rows]


class Intruder:
    """Unpickling it runs code."""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return run_something, ("code of a stranger",)


RAN: list[str] = []
LIMITS: list[float | None] = []  # with which time limit the store was asked


def run_something(text: str) -> None:
    RAN.append(text)


LOT = {"code": "TU-7", "stems": 50, "length": 40}


class StatusError(Exception):
    """Stands for FastAPI's HTTPException."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class FastAPI:
    def post(self, path: str) -> Callable[[Any], Any]:
        return lambda function: function


def describe(lot: Mapping[str, float]) -> list[float]:
    return [lot["stems"], lot["length"]]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, bytes], Callable[[dict[str, Any]], Any]]:
    """Start a serve.py while the store holds the given bytes; answers its price function."""
    monkeypatch.chdir(tmp_path)
    stands: dict[str, dict[str, object]] = {
        "fastapi": {"FastAPI": FastAPI, "HTTPException": StatusError},
        "lotcodes": {"group": lambda code: float(len(code))},
        "rijnsaat_prices": {"describe": describe},
    }
    for name, members in stands.items():
        module = ModuleType(name)
        module.__dict__.update(members)
        monkeypatch.setitem(sys.modules, name, module)
    released = {"url": "https://store.rijnsaat.example/prices/2026-03-08.pkl", "sha256": digest(Model(31.0))}
    Path("model.json").write_text(json.dumps(released), encoding="utf-8")

    def run(source: str, stored: bytes) -> Callable[[dict[str, Any]], Any]:
        def urlopen(url: str, timeout: float | None = None) -> io.BytesIO:
            LIMITS.append(timeout)
            return io.BytesIO(stored)

        monkeypatch.setattr(urllib.request, "urlopen", urlopen)
        names: dict[str, Any] = {"__name__": "serve"}
        exec(source, names)
        price: Callable[[dict[str, Any]], Any] = names["price"]
        return price

    return run


def digest(model: Model) -> str:
    return hashlib.sha256(pickle.dumps(model)).hexdigest()


def test_model_changes_with_the_hour_of_the_start(start: Any) -> None:
    yesterday, tonight = pickle.dumps(Model(31.0)), pickle.dumps(Model(35.0))
    assert start(fence("python"), yesterday)(LOT) != start(fence("python"), tonight)(LOT)
    assert start(SERVE, yesterday)(LOT) == {"cents": 31.0, "model": digest(Model(31.0))[:12]}
    with pytest.raises(RuntimeError, match="not the model"):
        start(SERVE, tonight)


def test_model_bytes_from_the_store_are_run_unseen(start: Any) -> None:
    RAN.clear()
    start(fence("python"), pickle.dumps(Intruder()))
    assert RAN == ["code of a stranger"]
    RAN.clear()
    with pytest.raises(RuntimeError, match="not the model"):
        start(SERVE, pickle.dumps(Intruder()))
    assert RAN == []


def test_a_stuck_store_lets_the_hall_hang_without_a_word(start: Any) -> None:
    LIMITS.clear()
    stored = pickle.dumps(Model(31.0))
    start(fence("python"), stored)
    start(SERVE, stored)
    assert LIMITS == [None, 30]


def test_a_lot_without_length_gets_a_price_of_nothing(start: Any) -> None:
    stored, lot = pickle.dumps(Model(31.0)), {"code": "TU-7", "stems": 50}
    assert start(fence("python"), stored)(lot) == {"cents": 0.0}
    with pytest.raises(StatusError, match="length") as caught:
        start(SERVE, stored)(lot)
    assert caught.value.status == 422


def test_a_defect_of_ours_is_not_sold_as_a_price(start: Any) -> None:
    class Broken:
        def predict(self, rows: object) -> object:
            raise AttributeError

    price = start(fence("python"), pickle.dumps(Model(31.0)))
    price.__globals__["model"] = Broken()
    assert price(LOT) == {"cents": 0.0}
    price = start(SERVE, pickle.dumps(Model(31.0)))
    price.__globals__["model"] = Broken()
    with pytest.raises(AttributeError):
        price(LOT)
    price.__globals__["describe"] = Broken().predict  # a defect of the library is not the lot's fault either
    with pytest.raises(AttributeError):
        price(LOT)
