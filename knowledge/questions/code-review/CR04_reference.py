"""Reference for CR04, the evening job that cannot be re-run.

The job under review is read out of the question and run with stand-ins for the orchestrator, the estate's own module
and the clock. The repaired steps take the date of their evening; behind them one test per planted fault.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

# --- The repaired steps ---------------------------------------------------------------------------

TABLES = """
CREATE TABLE leaf (day TEXT, garden TEXT, kg REAL);
CREATE TABLE features (day TEXT, garden TEXT, mean REAL, PRIMARY KEY (day, garden));
CREATE TABLE orders (day TEXT, garden TEXT, lorries INTEGER, sent INTEGER DEFAULT 0, PRIMARY KEY (day, garden));
"""
LORRY = 2_000
KNOWN_DAYS = 5  # of seven; with fewer there is no mean
LATEST = dt.time(22)  # by the gardens' clock; afterwards a text helps nobody

Weighing = tuple[str, str, float]
Text = Callable[[str, int, str], None]
Predict = Callable[[str, float], float]


class IncompleteError(Exception):
    """Gardens are missing: the orchestrator tries again later, nothing has been written."""


def load(db: sqlite3.Connection, inbox: Path, ds: str, gardens: Iterable[str], last: bool = False) -> set[str]:
    """Replace one evening's leaf by what its files say; they stay. The last try goes on without the missing."""
    rows: list[Weighing] = []
    for path in sorted(inbox.glob(f"*_{ds}.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            rows += [(ds, row["garden"], float(row["kg"])) for row in csv.DictReader(file)]
    missing = set(gardens) - {garden for _, garden, _ in rows}
    if missing and not last:
        raise IncompleteError(f"{ds}: no file from {sorted(missing)}")
    with db:
        db.execute("DELETE FROM leaf WHERE day = ?", (ds,))
        db.executemany("INSERT INTO leaf VALUES (?, ?, ?)", rows)
    return missing


def features(db: sqlite3.Connection, ds: str) -> None:
    """Replace one evening's means: of the known days among seven, none of them later than the evening."""
    with db:
        db.execute("DELETE FROM features WHERE day = ?", (ds,))
        db.execute(
            """INSERT INTO features
               SELECT ?, garden, AVG(kg)
               FROM (SELECT garden, day, SUM(kg) AS kg FROM leaf
                     WHERE day BETWEEN date(?, '-6 days') AND ? GROUP BY garden, day)
               GROUP BY garden HAVING COUNT(*) >= ?""",
            (ds, ds, ds, KNOWN_DAYS),
        )


def plan(db: sqlite3.Connection, ds: str, predict: Predict) -> None:
    """Store how many lorries each garden needs; what a foreman was told is left alone."""
    means = db.execute("SELECT garden, mean FROM features WHERE day = ? ORDER BY garden", (ds,)).fetchall()
    with db:
        db.executemany(
            """INSERT INTO orders (day, garden, lorries) VALUES (?, ?, ?)
               ON CONFLICT (day, garden) DO UPDATE SET lorries = excluded.lorries WHERE sent = 0""",
            [(ds, garden, math.ceil(predict(garden, mean) / LORRY)) for garden, mean in means],
        )


def send(db: sqlite3.Connection, ds: str, text: Text, now: dt.datetime) -> None:
    """Tell the foremen not yet told, each under a reference of its own; never for an evening that is over."""
    if now > dt.datetime.combine(dt.date.fromisoformat(ds), LATEST):
        return
    waiting = db.execute(
        "SELECT garden, lorries FROM orders WHERE day = ? AND sent = 0 ORDER BY garden", (ds,)
    ).fetchall()
    for garden, lorries in waiting:
        text(garden, lorries, f"{ds}/{garden}")
        with db:  # the service drops the reference if we die before this
            db.execute("UPDATE orders SET sent = 1 WHERE day = ? AND garden = ?", (ds, garden))


# --- The job under review, with stand-ins ---------------------------------------------------------

GARDENS = [f"g{i:02}" for i in range(1, 31)]
QUESTION = Path(__file__).with_name("CR04.md")


class Faulty:
    """The job as it stands in the question, on a database and folders of its own, at a day that the test sets."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, text: Callable[[str, int], None]) -> None:
        self.path, self.inbox, self.done = folder / "faulty.db", folder / "inbox", folder / "done"
        self.open: list[sqlite3.Connection] = []
        self.inbox.mkdir()
        self.done.mkdir()
        with closing(sqlite3.connect(self.path)) as db:
            db.executescript("CREATE TABLE leaf (day, garden, kg); CREATE TABLE features (day, garden, mean);")
            db.execute("CREATE TABLE orders (day, garden, lorries)")
        code = QUESTION.read_text(encoding="utf-8").split("```python\n", 1)[1].split("```", 1)[0]
        sdk, estate = ModuleType("airflow.sdk"), ModuleType("estate")
        self.settings: dict[str, Any] = {}
        vars(sdk).update(task=lambda **_: lambda step: step, dag=self._dag)
        vars(estate).update(connect=self._connect, text_foreman=text, predict=lambda _, mean: mean)
        for name, module in (("airflow", ModuleType("airflow")), ("airflow.sdk", sdk), ("estate", estate)):
            monkeypatch.setitem(sys.modules, name, module)
        self.names: dict[str, Any] = {}
        exec(code, self.names)
        self.names.update(INBOX=self.inbox, DONE=self.done)

    def _connect(self) -> sqlite3.Connection:
        """Every attempt is a process of its own: what the one before left uncommitted is gone."""
        for old in self.open:
            old.close()
        self.open = [sqlite3.connect(self.path)]
        self.open[0].execute("PRAGMA synchronous = OFF")  # a test need not survive a power cut
        return self.open[0]

    def _dag(self, **settings: Any) -> Callable[[Any], Callable[[], None]]:
        self.settings = settings
        return lambda _: lambda: None

    def run(self, step: str, day: str) -> None:
        class Clock(dt.date):
            @classmethod
            def today(cls) -> Clock:
                return cls.fromisoformat(day)

        self.names["date"] = Clock
        self.names[step]()

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.path)) as db:
            return db.execute(query).fetchall()


def write(folder: Path, day: str, gardens: Sequence[str] = GARDENS, kg: float = 4_000) -> None:
    folder.mkdir(exist_ok=True)
    for garden in gardens:
        lines = f"garden,kg\n{garden},{kg / 2}\n{garden},{kg / 2}\n"  # two equal weighings, both honest
        (folder / f"{garden}_{day}.csv").write_text(lines, encoding="utf-8")


def days(first: str, count: int) -> list[str]:
    start = dt.date.fromisoformat(first)
    return [(start + dt.timedelta(days=i)).isoformat() for i in range(count)]


def repaired_db() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.executescript(TABLES)
    return db


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Faulty:
    return Faulty(tmp_path, monkeypatch, lambda garden, lorries: None)
