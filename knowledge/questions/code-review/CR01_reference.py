"""Reference for CR01, the training script with a leak.

FAULTY is the script under review, letter for letter as in the question. Behind it stand one
repaired version and, per planted fault, one test that shows the fault and its absence; more of them
stand in CR01_checks_reference.py.
"""

from __future__ import annotations

import csv
import math
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FAULTY = """\
import csv
import math
import random

def load(path, rows=[]):
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            try:
                rows.append((row["manager"], float(row["age"]), int(row["broke"])))
            except Exception:
                pass
    return rows

def features(rows):
    seen = {}
    for manager, _, broke in rows:
        seen.setdefault(manager, []).append(broke)
    return [((1, age / 10, sum(seen[m]) / len(seen[m])), y) for m, age, y in rows]

def risk(w, x):
    return 1 / (1 + math.exp(-sum(a * b for a, b in zip(w, x))))

def fit(data, rate):
    w = [0, 0, 0]
    for x, y in data * 20:
        w = [a + rate * (y - risk(w, x)) * b for a, b in zip(w, x)]
    return w

def score(w, data):
    return sum((risk(w, x) > 0.5) == y for x, y in data) / len(data)

def train(path):
    data = features(load(path))
    random.shuffle(data)
    cut = len(data) * 4 // 5
    models = [fit(data[:cut], rate) for rate in (0.001, 0.01, 0.1)]
    best = max(models, key=lambda w: score(w, data[cut:]))
    return best, score(best, data[cut:])

if __name__ == "__main__":
    for region in ("north", "south"):
        print(region, train(region + ".csv"))
"""

# --- The repaired version -------------------------------------------------------------------

Row = tuple[str, float, int]
Example = tuple[tuple[float, float, float], int]

SEED = 20260301
LEARNING_RATES = (0.001, 0.01, 0.1)
VISITS = 0.05  # the crew reaches one lift in twenty
PRIOR_ROWS = 5  # a manager's rate starts as if the region's average had been seen this often
FOLDS = 5
MAX_REFUSED = 0.02  # above this share the file itself is suspect


class UnusableFileError(Exception):
    """Too many rows cannot be read: repair the file or the reader, train on nothing."""


def load(path: Path) -> tuple[list[Row], Counter[str]]:
    """Return the rows of one file and how many were refused, by reason."""
    rows: list[Row] = []  # a new list for every call
    refused: Counter[str] = Counter()
    with path.open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            try:
                age = float(line["age"].replace(",", "."))  # the south writes 31,5
                broke = int(line["broke"])
            except ValueError as error:  # what bad data causes; a missing column still stops us
                refused[str(error).split(":")[0]] += 1
                continue
            rows.append((line["manager"], age, broke))
    if refused.total() > MAX_REFUSED * (len(rows) + refused.total()):
        raise UnusableFileError(f"{path.name}: {refused.total()} rows refused: {dict(refused)}")
    return rows, refused


def manager_rates(rows: Sequence[Row]) -> tuple[dict[str, float], float]:
    """Return each manager's share of broken lifts, pulled to the average, and that average."""
    base = sum(broke for *_, broke in rows) / len(rows)
    seen: dict[str, list[int]] = {}
    for manager, _, broke in rows:
        seen.setdefault(manager, []).append(broke)
    return {m: (sum(ys) + PRIOR_ROWS * base) / (len(ys) + PRIOR_ROWS) for m, ys in seen.items()}, base


def features(rows: Sequence[Row], known: Sequence[Row]) -> list[Example]:
    """Describe `rows` with what `known` tells about their managers; a stranger gets the average."""
    rates, base = manager_rates(known)
    return [((1.0, age / 10, 10 * rates.get(manager, base)), broke) for manager, age, broke in rows]


def training_features(rows: Sequence[Row]) -> list[Example]:
    """Describe the training rows themselves: each fold only sees the answers of the others."""
    examples: list[Example] = []
    for fold in range(FOLDS):
        others = [row for i, row in enumerate(rows) if i % FOLDS != fold]
        examples += features(rows[fold::FOLDS], others)
    return examples


def risk(w: Sequence[float], x: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-sum(a * b for a, b in zip(w, x, strict=True))))


def fit(data: Sequence[Example], rate: float) -> list[float]:
    w = [0.0, 0.0, 0.0]
    for x, y in list(data) * 20:
        w = [a + rate * (y - risk(w, x)) * b for a, b in zip(w, x, strict=True)]
    return w


def found(w: Sequence[float], data: Sequence[Example]) -> float:
    """Return the share of the breakdowns that lie among the lifts the crew would visit."""
    ranked = sorted(data, key=lambda example: risk(w, example[0]), reverse=True)
    visited = ranked[: max(1, int(VISITS * len(ranked)))]
    return sum(y for _, y in visited) / max(1, sum(y for _, y in data))


def train(path: Path, seed: int = SEED) -> tuple[list[float], float]:
    """Return the chosen weights and their share found on rows that had no say in anything."""
    rows, _ = load(path)
    random.Random(seed).shuffle(rows)
    first, second = len(rows) * 6 // 10, len(rows) * 8 // 10
    learn, choose, report = rows[:first], rows[first:second], rows[second:]  # before any answer is used
    models = [fit(training_features(learn), rate) for rate in LEARNING_RATES]
    best = max(models, key=lambda w: found(w, features(choose, learn)))
    return best, found(best, features(report, learn))


# --- The tests: the text, then one per planted fault -----------------------------------------


def faulty() -> dict[str, Any]:
    """Return the names of a freshly loaded script under review, without running its last lines."""
    names: dict[str, Any] = {"__name__": "under_review"}
    exec(FAULTY, names)
    return names


def write(path: Path, rows: Sequence[tuple[str, str, int]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("manager", "age", "broke"), *rows])
    return path


def noise(lifts: int = 600) -> list[tuple[str, str, int]]:
    """Every manager has one lift, and chance alone decides which one lift in twenty breaks down."""
    dice = random.Random(4)
    broken = set(dice.sample(range(lifts), lifts // 20))
    return [(f"m{i}", f"{dice.uniform(0, 40):.3f}", int(i in broken)) for i in range(lifts)]


def test_faulty_version_is_the_text_of_the_question() -> None:
    question = Path(__file__).with_name("CR01.md").read_text(encoding="utf-8")
    assert question.split("```python\n", 1)[1].split("```", 1)[0] == FAULTY


def test_leak_the_answer_of_a_row_is_in_its_own_description(tmp_path: Path) -> None:
    script, path = faulty(), write(tmp_path / "noise.csv", noise())
    rows, _ = load(path)
    other = [*rows[:-1], (*rows[-1][:2], 1 - rows[-1][2])]
    assert script["features"](rows)[-1][0] != script["features"](other)[-1][0]
    assert features(rows[-1:], rows[:-1])[0][0] == features(other[-1:], other[:-1])[0][0]
    # So the faulty script "finds" what nobody could find; the repaired one stays near one in twenty.
    random.seed(1)
    data = script["features"](script["load"](path))
    random.shuffle(data)
    weights = script["fit"](data[:480], 0.1)
    assert found(weights, data[480:]) > 0.5
    figures = [train(path, seed)[1] for seed in range(5)]
    assert sum(figures) / len(figures) < 0.2


def test_mutable_default_the_second_region_contains_the_first(tmp_path: Path) -> None:
    north = write(tmp_path / "north.csv", [("a", "3", 0), ("b", "9", 1)])
    south = write(tmp_path / "south.csv", [("c", "5", 0)])
    script = faulty()
    assert len(script["load"](north)) == 2
    assert len(script["load"](south)) == 3
    assert len(load(north)[0]) == 2
    assert load(south)[0] == [("c", 5.0, 0)]


def test_swallowed_exception_rows_vanish_without_a_word(tmp_path: Path) -> None:
    path = write(tmp_path / "south.csv", [("a", "31,5", 1), ("b", "4.0", 0), ("c", "28,0", 1)])
    assert faulty()["load"](path) == [("b", 4.0, 0)]  # both broken lifts are gone
    assert load(path) == ([("a", 31.5, 1), ("b", 4.0, 0), ("c", 28.0, 1)], Counter())

    bad = write(tmp_path / "bad.csv", [("a", "unknown", 1), *[("b", "4", 0)] * 99])
    assert len(faulty()["load"](bad)) == 99
    assert load(bad)[1].total() == 1  # below the limit: counted

    worse = write(tmp_path / "worse.csv", [("a", "unknown", 1)] * 3 + [("b", "4", 0)] * 97)
    assert len(faulty()["load"](worse)) == 97
    try:
        load(worse)
    except UnusableFileError as error:
        assert "3 rows refused" in str(error)
    else:
        raise AssertionError("three of a hundred rows are unreadable, and nobody was told")


def test_missing_seed_every_run_prints_another_figure(tmp_path: Path) -> None:
    path = write(tmp_path / "noise.csv", noise())
    printed, repaired = set(), set()
    for run in range(5):
        random.seed(run)  # stands for five starts of the program
        printed.add(faulty()["train"](path)[1])
        repaired.add(train(path)[1])
    assert len(printed) > 1
    assert len(repaired) == 1


def test_wrong_metric_naming_no_lift_at_all_looks_splendid() -> None:
    data: list[Example] = [((1.0, float(i >= 97), 0.0), int(i >= 97)) for i in range(100)]
    names_nobody, ranks_well = [-9.0, 0.0, 0.0], [-3.0, 2.0, 0.0]  # neither passes one half
    score = faulty()["score"]
    assert score(names_nobody, data) == score(ranks_well, data) == 0.97
    assert found(names_nobody, data) == 0.0
    assert found(ranks_well, data) == 1.0


def test_choice_and_report_share_their_rows(tmp_path: Path, monkeypatch: Any) -> None:
    path = write(tmp_path / "noise.csv", noise(200))

    def spy(measure: Any, calls: list[set[float]]) -> Any:
        def measured(w: Sequence[float], data: Sequence[Example]) -> float:
            calls.append({x[1] for x, _ in data})  # ages are all different and name the rows
            return float(measure(w, data))

        return measured

    calls: list[set[float]] = []
    script = faulty()
    script["score"] = spy(script["score"], calls)
    script["train"](path)
    *choosing, reporting = calls
    assert len(choosing) == 3 and all(rows == reporting for rows in choosing)

    calls = []
    monkeypatch.setitem(globals(), "found", spy(found, calls))
    train(path)
    *choosing, reporting = calls
    assert len(choosing) == 3 and not any(rows & reporting for rows in choosing)
