"""Reference for CD12, a tiny pipeline runner: one acceptable answer, not the only one.

root/<step>/<digest>/       a complete result, named by its content
root/<step>/<key>.json      the parts of a key and the result; last.json is a copy of the newest
root/trying/                the try in progress; nothing in it ever counts
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

Task = Callable[[Mapping[str, Path], Mapping[str, Any], Path], None]
"""Called with the folders of its inputs, its settings and an empty folder of its own."""


class PlanError(ValueError):
    """The steps do not fit together; nothing was run."""


class TryAgainError(Exception):
    """Raised by a step whose failure may pass by itself."""


@dataclass(frozen=True)
class Step:
    name: str
    task: Task
    code: tuple[Path, ...]  # every file whose change makes the result another one, helpers included
    needs: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    tries: int = 1
    outside: bool = False  # reads what nobody here can fingerprint, so it always runs


State = Enum("State", "RAN SKIPPED FAILED BLOCKED")


@dataclass(frozen=True)
class Outcome:
    step: str
    state: State
    why: str  # it ran, failed or could not begin
    tries: int = 0
    seconds: float = 0.0
    result: str = ""


@dataclass(frozen=True)
class Report:
    outcomes: tuple[Outcome, ...]

    @property
    def ok(self) -> bool:
        return all(o.state in (State.RAN, State.SKIPPED) for o in self.outcomes)

    def __getitem__(self, step: str) -> Outcome:
        return next(o for o in self.outcomes if o.step == step)


def plan(steps: Iterable[Step]) -> list[Step]:
    """Return the steps in an order in which they can run, or say what is wrong before any does."""
    steps = list(steps)
    known = {step.name: step for step in steps}
    if len(known) < len(steps):
        raise PlanError("more than one step has the same name")
    for step in steps:
        if missing := [name for name in step.needs if name not in known]:
            raise PlanError(f"{step.name} needs {', '.join(missing)}, which nobody makes")
        if not step.code or step.tries < 1 or not all(path.exists() for path in step.code):
            raise PlanError(f"{step.name} names no try, or code that is not there")
    try:
        return [known[name] for name in TopologicalSorter({s.name: s.needs for s in steps}).static_order()]
    except CycleError as error:
        raise PlanError(f"steps wait for each other: {' -> '.join(error.args[1])}") from None


def digest(path: Path) -> str:
    """Name the content of a file or a folder: names and bytes count, times do not."""
    total = hashlib.sha256()
    for file in sorted(p for p in ([path] if path.is_file() else path.rglob("*")) if p.is_file()):
        with file.open("rb") as content:
            inner = hashlib.file_digest(content, "sha256").hexdigest()
        total.update(json.dumps([str(file.relative_to(path)), inner]).encode())
    return total.hexdigest()


def _key(parts: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Runner:
    def __init__(self, root: Path, sleep: Callable[[float], None] = time.sleep, pause: float = 240) -> None:
        self._root, self._sleep, self._pause = root, sleep, pause

    def run(self, steps: Iterable[Step]) -> Report:
        results: dict[str, str] = {}
        outcomes: list[Outcome] = []
        for step in plan(steps):
            if gone := [name for name in step.needs if name not in results]:
                outcomes.append(Outcome(step.name, State.BLOCKED, f"no {', '.join(gone)}"))
                continue
            outcomes.append(self._one(step, results))
            if outcomes[-1].result:
                results[step.name] = outcomes[-1].result
        return Report(tuple(outcomes))

    def _one(self, step: Step, results: Mapping[str, str]) -> Outcome:
        began, tries = time.monotonic(), 0
        try:
            parts = self._parts(step, results)
            record = self._read(step, _key(parts))
            why = self._why(step, parts, record)
            if not why:
                self._write(step, "last", record)
                return Outcome(step.name, State.SKIPPED, "nothing changed", result=record["result"])
            inputs = {name: self._root / name / results[name] for name in step.needs}
            for tries in range(1, step.tries + 1):
                try:
                    result = self._try(step, inputs)
                    break
                except TryAgainError:
                    if tries == step.tries:
                        raise
                    self._sleep(self._pause * 2 ** (tries - 1))
            for name in (_key(parts), "last"):
                self._write(step, name, {"parts": parts, "result": result})
        except Exception as error:  # of this step: its neighbours may still run, and the report tells
            why = f"{type(error).__name__}: {error}"
            return Outcome(step.name, State.FAILED, why, tries, time.monotonic() - began)
        return Outcome(step.name, State.RAN, why, tries, time.monotonic() - began, result)

    @staticmethod
    def _parts(step: Step, results: Mapping[str, str]) -> dict[str, str]:
        """What the result depends on. Inputs count by content, so an equal one changes nothing."""
        code = _key({str(i): digest(file) for i, file in enumerate(step.code)})
        settings = json.dumps(step.settings, sort_keys=True)
        return {"code": code, "settings": settings} | {f"input {name}": results[name] for name in step.needs}

    def _why(self, step: Step, parts: Mapping[str, str], record: Mapping[str, Any]) -> str:
        """Why the step must run; empty when it need not."""
        if step.outside:
            return "reads the outside"
        if record:
            whole = digest(self._root / step.name / record["result"]) == record["result"]
            return "" if whole else "result gone or altered"
        if not (last := self._read(step, "last").get("parts")):
            return "first run"
        return ", ".join(sorted(k for k in {*last, *parts} if last.get(k) != parts.get(k))) + " changed"

    def _try(self, step: Step, inputs: Mapping[str, Path]) -> str:
        work = self._root / "trying"
        shutil.rmtree(work, ignore_errors=True)  # of an earlier try, or of a run that was killed
        work.mkdir(parents=True)
        step.task(inputs, step.settings, work)
        if not any(work.iterdir()):
            raise ValueError("the step ended well and wrote nothing")
        result = digest(work)
        target = self._root / step.name / result
        shutil.rmtree(target, ignore_errors=True)  # the same bytes once more, or an altered copy
        target.parent.mkdir(exist_ok=True)
        work.rename(target)
        return result

    def _read(self, step: Step, name: str) -> dict[str, Any]:
        path = self._root / step.name / f"{name}.json"
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return record

    def _write(self, step: Step, name: str, record: Mapping[str, Any]) -> None:
        """The record comes last and at once: without it the result does not count."""
        (draft := self._root / step.name / "draft").write_text(json.dumps(record), encoding="utf-8")
        draft.replace(draft.with_name(f"{name}.json"))


# --- The tests: three steps in a row and one beside them --------------------------------------


class Roads:
    """fetch -> clean -> train, and a chart of fetch; counts what ran."""

    def __init__(self, path: Path) -> None:
        self.root, self.code, self.helper = path / "store", path / "step.py", path / "helper.py"
        self.code.write_text("one")
        self.helper.write_text("one")
        self.ran: list[str] = []
        self.slept: list[float] = []
        self.rows, self.rate, self.fails = "3 -1 2", 0.1, dict[str, list[BaseException]]()

    def task(self, name: str, text: Callable[[Mapping[str, Path], Mapping[str, Any]], str]) -> Task:
        def run(inputs: Mapping[str, Path], settings: Mapping[str, Any], folder: Path) -> None:
            assert not any(folder.iterdir())
            self.ran.append(name)
            (folder / "half").write_text("half")
            if self.fails.get(name):
                raise self.fails[name].pop(0)
            (folder / "half").unlink()
            (folder / "out").write_text(text(inputs, settings))

        return run

    def steps(self) -> list[Step]:
        fetch = Step("fetch", self.task("fetch", lambda i, s: self.rows), (self.code,), tries=3, outside=True)
        clean = self.task("clean", lambda i, s: (i["fetch"] / "out").read_text().replace("-1", "").strip())
        train = self.task("train", lambda i, s: f"{s['rate']} {(i['clean'] / 'out').read_text()}")
        chart = self.task("chart", lambda i, s: "chart")
        return [
            Step("train", train, (self.code, self.helper), ("clean",), {"rate": self.rate}),
            Step("chart", chart, (self.code,), ("fetch",)),
            Step("clean", clean, (self.code,), ("fetch",)),
            fetch,
        ]

    def run(self) -> Report:
        self.ran.clear()
        return Runner(self.root, self.slept.append).run(self.steps())


@pytest.fixture
def roads(tmp_path: Path) -> Roads:
    made = Roads(tmp_path)
    assert made.run().ok
    assert [name for name in made.ran if name != "chart"] == ["fetch", "clean", "train"] and len(made.ran) == 4
    return made


def test_second_run_only_looks_outside(roads: Roads) -> None:
    roads.code.write_text("one")  # a checkout writes the same bytes anew
    report = roads.run()
    assert report.ok and roads.ran == ["fetch"] and report["train"].state is State.SKIPPED


def test_a_setting_a_helper_or_a_row_runs_what_it_touches(roads: Roads) -> None:
    roads.rate = 0.2
    assert roads.run()["train"].why == "settings changed" and roads.ran == ["fetch", "train"]
    roads.rate = 0.1  # back to a result that is still there
    assert roads.run().ok and roads.ran == ["fetch"]
    roads.helper.write_text("two")
    assert roads.run()["train"].why == "code changed" and roads.ran == ["fetch", "train"]
    roads.rows = "3 -1 5"
    assert roads.run()["train"].why == "input clean changed" and len(roads.ran) == 4


def test_an_equal_result_stops_the_wave(roads: Roads) -> None:
    roads.rows = "3 -1 2 -1"  # cleaning takes the new value out again: "3  2 " and "3  2" once stripped
    report = roads.run()
    assert report["clean"].why == "input fetch changed" and report["train"].state is State.SKIPPED


def test_only_what_may_pass_is_repeated(roads: Roads) -> None:
    roads.fails = {"fetch": [TryAgainError("503"), TryAgainError("503")]}
    assert roads.run()["fetch"].tries == 3 and roads.slept == [240, 480]
    roads.fails = {"fetch": [KeyError("station")]}
    report = roads.run()
    assert report["fetch"].tries == 1 and "KeyError" in report["fetch"].why and len(roads.slept) == 2
    roads.fails = {"fetch": [TryAgainError("503")] * 3}
    assert roads.run()["fetch"].state is State.FAILED and roads.ran == ["fetch"] * 3


def test_failure_blocks_what_needs_it_and_nothing_else(roads: Roads) -> None:
    roads.code.write_text("two")
    roads.fails = {"clean": [MemoryError()]}
    report = roads.run()
    states = {(o.step, o.state.name) for o in report.outcomes}
    assert states == {("fetch", "RAN"), ("clean", "FAILED"), ("train", "BLOCKED"), ("chart", "RAN")}
    assert not report.ok and roads.run().ok and "chart" not in roads.ran


def test_killed_in_the_middle_nothing_of_it_counts(roads: Roads) -> None:
    roads.rate, roads.fails = 0.3, {"train": [KeyboardInterrupt()]}
    with pytest.raises(KeyboardInterrupt):
        roads.run()
    assert (roads.root / "trying" / "half").exists()
    assert [p.name for p in (roads.root / "train" / roads.run()["train"].result).iterdir()] == ["out"]


def test_edited_and_empty_results(roads: Roads) -> None:
    (roads.root / "clean" / roads.run()["clean"].result / "out").write_text("by hand")
    assert roads.run()["clean"].why == "result gone or altered" and "train" not in roads.ran
    silent = Step("silent", lambda i, s, folder: None, (roads.code,))
    assert "wrote nothing" in Runner(roads.root).run([silent])["silent"].why


def test_faulty_plan_runs_nothing(roads: Roads) -> None:
    task, code, roads.ran = roads.task("x", lambda i, s: "x"), (roads.code,), []
    a, b = Step("a", task, code, ("b",)), Step("b", task, code, ("a",))
    for steps, message in (([a, b], "wait for each other"), ([a], "needs b"), ([a, a, b], "more than one")):
        with pytest.raises(PlanError, match=message):
            Runner(roads.root).run([Step("first", task, code), *steps])
    assert roads.ran == []
