"""Reference for CR08, a shared library grows another special case.

The file under review is read out of the question. Below stand a small core with theft as its first kind, the three old
functions as a thin layer over it, and per fault one test that shows the fault and its absence.
"""

from __future__ import annotations

import json
import math
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import pytest

QUESTION = Path(__file__).with_name("CR08.md")
FAULTY = QUESTION.read_text(encoding="utf-8").split("```python\n", 1)[1].split("```", 1)[0]

# --- The core: a promise, and a way in that nobody has to edit --------------------------------------

Hive = Mapping[str, float]


class Unit(str):
    """What a value is measured in."""


CHANCE, KILOGRAMS = Unit("chance"), Unit("kg")


@dataclass(frozen=True)
class Reading:
    """One answer of a model with its unit, so that nobody sorts kilograms among chances by accident."""

    value: float
    unit: Unit

    def __post_init__(self) -> None:
        if isinstance(self.value, bool) or not math.isfinite(self.value):
            raise ValueError(f"{self.value!r} is no reading")
        if self.unit == CHANCE and not 0 <= self.value <= 1:
            raise ValueError(f"{self.value} is no chance")


class Kind(Protocol):
    def predict(self, hive: Hive) -> Reading: ...

    def describe(self, reading: Reading) -> str: ...


Opener = Callable[[Path, Sequence[str]], Kind]
_HERE: dict[str, Opener] = {}  # kinds of this repository; those of other teams come as installed packages


class KindError(Exception):
    """A kind is unknown, or two packages use one name."""


def kind(name: str) -> Callable[[Opener], Opener]:
    """Announce how models of one kind are opened."""

    def announce(opener: Opener) -> Opener:
        if name in _HERE:
            raise KindError(f"two openers for {name}: {_HERE[name]!r} and {opener!r}")
        _HERE[name] = opener
        return opener

    return announce


def opener_of(name: str) -> Opener:
    """Find the opener; a package is imported only here, by whoever opens a model of its kind."""
    installed = {e.name: e for e in entry_points(group="panj.kinds")}
    if name in _HERE and name in installed:
        raise KindError(f"{name} is announced here and by {installed[name].value}")
    if name in _HERE:
        return _HERE[name]
    if name in installed:
        loaded: Opener = installed[name].load()
        return loaded
    raise KindError(f"no kind {name!r}; known are {', '.join(sorted({*_HERE, *installed}))}")


def open_model(folder: Path) -> Kind:
    """Open a model by nothing but its folder, which says itself what it is."""
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    return opener_of(card["kind"])(folder, tuple(card["inputs"]))


# --- Two kinds: the new one, and an old one that has been moved ----------------------------------------


@dataclass(frozen=True)
class Theft:
    """Knows nothing of telephones: at which chance somebody is rung is a setting of the alarm desk."""

    booster: Any
    inputs: Sequence[str]

    def predict(self, hive: Hive) -> Reading:
        return Reading(float(self.booster.predict([[hive[name] for name in self.inputs]])[0]), CHANCE)

    def describe(self, reading: Reading) -> str:
        return f"theft {reading.value:.0%}"


@kind("theft")
def open_theft(folder: Path, inputs: Sequence[str]) -> Theft:
    lightgbm = import_module("lightgbm")  # the barn boxes never come here
    return Theft(lightgbm.Booster(model_file=folder / "model.txt"), inputs)


@dataclass(frozen=True)
class Classifier:
    """What swarm and mites share; used by them, not inherited from."""

    model: Any
    inputs: Sequence[str]
    text: str = "risk"

    def predict(self, hive: Hive) -> Reading:
        return Reading(float(self.model.predict_proba([[hive[name] for name in self.inputs]])[0][1]), CHANCE)

    def describe(self, reading: Reading) -> str:
        return f"{self.text} {reading.value:.0%}"


@kind("mites")
def open_mites(folder: Path, inputs: Sequence[str]) -> Classifier:
    return Classifier(pickle.loads((folder / "model.pkl").read_bytes()), inputs)


# --- The layer for the callers of today: same order of arguments, same answers, one kind moved ------------


def load(kind: str, folder: str | Path) -> Any:
    return open_model(Path(folder)) if kind == "mites" else panj()["load"](kind, folder)


def predict(kind: str, model: Any, hive: Hive) -> float:
    if isinstance(model, Classifier):
        return model.predict(hive).value * 100  # mites have always come as a hundredfold here
    answer: float = panj()["predict"](kind, model, hive)
    return answer


def describe(kind: str, value: float) -> str:
    text: str = panj()["describe"](kind, value)
    return text


def panj(source: str | None = None) -> dict[str, Any]:
    """The names of a library text; without one, of the file before Nejc's change."""
    before = "".join(f"{line}\n" for line in FAULTY.splitlines() if not line.endswith("# new"))
    names: dict[str, Any] = {"__name__": "panj"}
    exec(source or before.replace(", night=False", ""), names)
    return names


# --- The tests --------------------------------------------------------------------------------------

HIVE = {"weight": 0.4, "hum": 0.1, "heat": 0.1, "spots": 0.9, "week": 0.3, "rain": 2.0, "lid": 0.8, "moved": 0.5}


class Sums:
    """Stands for a fitted classifier and for a booster: the chance is the mean of the row."""

    def predict_proba(self, rows: Sequence[Sequence[float]]) -> list[list[float]]:
        return [[1 - sum(row) / len(row), sum(row) / len(row)] for row in rows]


class Booster:
    def __init__(self, model_file: Path) -> None:
        assert model_file.exists()

    def predict(self, rows: Sequence[Sequence[float]]) -> list[float]:
        return [sum(row) / len(row) + 0.3 for row in rows]


@pytest.fixture
def lightgbm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    module = ModuleType("lightgbm")
    module.__dict__["Booster"] = Booster
    monkeypatch.setitem(sys.modules, "lightgbm", module)
    yield


def folder(path: Path, name: str, inputs: Sequence[str]) -> Path:
    path.mkdir()
    (path / "model.pkl").write_bytes(pickle.dumps(Sums()))
    (path / "weights.json").write_text(json.dumps({"bias": 1.0, "w": [2.0, 0.5]}), encoding="utf-8")
    (path / "model.txt").touch()
    (path / "model.json").write_text(json.dumps({"kind": name, "inputs": list(inputs)}), encoding="utf-8")
    return path


def test_import_every_user_needs_the_new_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)  # what a barn box has
    with pytest.raises(ImportError):
        panj(FAULTY)
    place = folder(tmp_path / "m", "mites", ("weight", "spots", "week"))
    assert open_model(place).predict(HIVE).unit == CHANCE
    with pytest.raises(ImportError):
        open_model(folder(tmp_path / "t", "theft", ("weight", "lid", "moved")))


@pytest.mark.usefixtures("lightgbm")
def test_units_four_answers_under_one_name(tmp_path: Path) -> None:
    names, place = panj(FAULTY), folder(tmp_path / "x", "theft", ("weight", "lid", "moved"))
    answers = {k: names["predict"](k, names["load"](k, place), HIVE) for k in ("swarm", "mites", "flow", "theft")}
    assert answers["theft"] is False and 0 < answers["swarm"] < 1 < answers["flow"] < answers["mites"] < 100
    assert names["describe"]("mites", 87) == "risk 8700%"
    reading = open_model(place).predict(HIVE)
    assert reading.unit == CHANCE and 0.8 < reading.value < 0.95  # the desk can compare it as it likes
    for value in (True, 87.0, float("nan")):
        with pytest.raises(ValueError):
            Reading(value, CHANCE)
    assert Reading(87.0, KILOGRAMS).value == 87


@pytest.mark.usefixtures("lightgbm")
def test_parameter_that_means_something_to_one_kind(tmp_path: Path) -> None:
    names, place = panj(FAULTY), folder(tmp_path / "x", "theft", ("weight", "lid", "moved"))
    for name in ("swarm", "mites", "flow"):
        model = names["load"](name, place)
        assert names["predict"](name, model, HIVE, True) == names["predict"](name, model, HIVE, False)
    model = names["load"]("theft", place)
    assert names["predict"]("theft", model, HIVE, True) != names["predict"]("theft", model, HIVE, False)


@pytest.mark.usefixtures("lightgbm")
def test_forgotten_branch_is_not_refused() -> None:
    lines = FAULTY.splitlines()
    assert lines[36:38] == ['    if kind == "theft":  # new', '        return "stolen" if value else "quiet"  # new']
    forgotten = panj("\n".join(lines[:36] + lines[38:]))
    assert forgotten["describe"]("theft", True) == "risk 100%"
    assert [n for n, line in enumerate(lines, 1) if '"theft"' in line] == [10, 20, 26, 37]


def test_installed_package_is_found_when_its_kind_is_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = folder(tmp_path / "q", "queen", ("weight", "spots"))
    found = [
        EntryPoint("queen", f"{__name__}:open_mites", "panj.kinds"),
        EntryPoint("other", "torch_less:no", "panj.kinds"),
    ]
    monkeypatch.setattr(sys.modules[__name__], "entry_points", lambda group: found)
    assert open_model(place).predict(HIVE).value == pytest.approx(0.65)  # and the other package was never imported
    found[1] = EntryPoint("mites", "elsewhere:mites", "panj.kinds")
    with pytest.raises(KindError, match="mites is announced here and by elsewhere:mites"):
        opener_of("mites")


@pytest.mark.usefixtures("lightgbm")
def test_unknown_names_are_honey(tmp_path: Path) -> None:
    place = folder(tmp_path / "x", "Theft", ("weight",))
    assert panj(FAULTY)["load"]("Theft", place) == {"bias": 1.0, "w": [2.0, 0.5]}
    with pytest.raises(KindError, match="no kind 'Theft'; known are mites, theft"):
        open_model(place)


@pytest.mark.usefixtures("lightgbm")
def test_mix_up_of_may_kind_and_model_travel_apart(tmp_path: Path) -> None:
    names, place = panj(FAULTY), folder(tmp_path / "mites", "mites", ("weight", "spots", "week"))
    assert names["predict"]("swarm", names["load"]("swarm", place), HIVE) == pytest.approx(0.2)  # no error
    assert open_model(place).predict(HIVE).value == pytest.approx(1.6 / 3)  # the folder decides, nobody else


def test_inputs_come_in_the_order_of_the_folder(tmp_path: Path) -> None:
    one = open_model(folder(tmp_path / "a", "mites", ("spots", "week")))
    other = open_model(folder(tmp_path / "b", "mites", ("weight", "rain")))
    assert (one.predict(HIVE).value, other.predict(HIVE | {"rain": 0.0}).value) == pytest.approx((0.6, 0.2))


def test_new_kind_needs_no_edit_and_doubled_names_stop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(_HERE, "queen", lambda place, inputs: Classifier(Sums(), inputs, "queen lost"))
    queen = open_model(folder(tmp_path / "q", "queen", ("hum", "heat")))
    assert queen.describe(queen.predict(HIVE)) == "queen lost 10%"
    with pytest.raises(KindError, match="two openers for mites"):
        kind("mites")(open_mites)


def test_old_callers_get_the_same_answers(tmp_path: Path) -> None:
    before, place = panj(), folder(tmp_path / "x", "mites", ("weight", "spots", "week"))
    assert "lightgbm" not in before
    for name in ("swarm", "mites", "flow"):
        old = before["predict"](name, before["load"](name, place), HIVE)
        new = predict(name, load(name, place), HIVE)
        assert (new, describe(name, new)) == (old, before["describe"](name, old))
