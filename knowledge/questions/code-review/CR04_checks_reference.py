"""Tests of CR04_reference.py: per planted fault one test shows the fault in the job and its absence in the repair."""

from __future__ import annotations

import datetime as dt
import importlib.util
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def beside(name: str) -> ModuleType:
    """The module of a file in this folder, whose name has a hyphen and so cannot be imported."""
    spec = importlib.util.spec_from_file_location(f"{name}_for_checks", Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ref = beside("CR04_reference")
GARDENS, Faulty, days, faulty, write = ref.GARDENS, ref.Faulty, ref.days, ref.faulty, ref.write
features, load, plan, repaired_db, send = ref.features, ref.load, ref.plan, ref.repaired_db, ref.send

DAY, NEXT = "2026-03-03", "2026-03-04"
EVENING = dt.datetime(2026, 3, 3, 19, 30)


def predict(garden: str, mean: float) -> float:
    return mean


class Service:
    """A text service that fails at one garden a number of times and drops references that it knows."""

    def __init__(self, fails_at: str = "", times: int = 0) -> None:
        self.fails_at, self.times = fails_at, times
        self.told: list[str] = []
        self.known: set[str] = set()

    def __call__(self, garden: str, lorries: int, reference: str = "") -> None:
        if garden == self.fails_at and self.times:
            self.times -= 1
            raise ConnectionError("no answer")
        if reference and reference in self.known:
            return
        self.known.add(reference)
        self.told.append(garden)


def attempts(step: Any, count: int = 4) -> None:
    """What the orchestrator does with three retries."""
    for _ in range(count):
        try:
            step()
        except OSError:
            continue
        return


def week(db: Any, inbox: Path, last: str = DAY) -> None:
    first = (dt.date.fromisoformat(last) - dt.timedelta(days=6)).isoformat()
    for day in days(first, 7):
        write(inbox, day)
        load(db, inbox, day, GARDENS)


def dump(db: Any) -> list[list[Any]]:
    return [
        db.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in ("leaf", "features", "orders")
    ]


def test_rows_pile_up_when_a_step_runs_again(faulty: Any, tmp_path: Path) -> None:
    write(faulty.inbox, DAY)
    faulty.run("load", DAY)
    for path in faulty.done.iterdir():  # what Ruwan does by hand
        shutil.move(path, faulty.inbox)
    faulty.run("load", DAY)
    faulty.run("features", DAY)
    faulty.run("features", DAY)
    assert faulty.rows("SELECT SUM(kg) FROM leaf WHERE garden = 'g01'") == [(8_000,)]
    assert faulty.rows("SELECT COUNT(*) FROM features") == [(60,)]

    db, service = repaired_db(), Service()
    week(db, tmp_path / "files")

    def evening() -> list[list[Any]]:
        load(db, tmp_path / "files", DAY, GARDENS)
        features(db, DAY)
        plan(db, DAY, predict)
        send(db, DAY, service, EVENING)
        return dump(db)

    assert evening() == evening()
    assert service.told == GARDENS
    assert db.execute("SELECT DISTINCT mean FROM features").fetchall() == [(4_000,)]
    assert db.execute("SELECT DISTINCT lorries, sent FROM orders").fetchall() == [(2, 1)]


def test_a_failed_move_counts_its_file_on_each_attempt(faulty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write(faulty.inbox, DAY)

    def move(path: Path, target: Path) -> None:
        if path.name.startswith("g20"):
            raise OSError("no space left on device")
        path.rename(target / path.name)

    monkeypatch.setattr(shutil, "move", move)
    attempts(lambda: faulty.run("load", DAY))
    sums = dict(faulty.rows("SELECT garden, SUM(kg) FROM leaf GROUP BY garden"))
    assert sums == dict.fromkeys(GARDENS[:19], 4000) | {"g20": 16_000}


def test_a_broken_file_leaves_the_day_as_it_was(tmp_path: Path) -> None:
    db, files = repaired_db(), tmp_path / "files"
    week(db, files)
    before = dump(db)
    (files / f"g20_{DAY}.csv").write_text("garden,kg\ng20,many\n", encoding="utf-8")
    with pytest.raises(ValueError, match="many"):
        load(db, files, DAY, GARDENS)
    assert dump(db) == before


def test_a_corrected_file_with_fewer_weighings_replaces_the_old_one(tmp_path: Path) -> None:
    db, files = repaired_db(), tmp_path / "files"
    week(db, files)
    (files / f"g01_{DAY}.csv").write_text("garden,kg\ng01,500\n", encoding="utf-8")
    load(db, files, DAY, GARDENS)
    assert db.execute("SELECT SUM(kg) FROM leaf WHERE garden = 'g01' AND day = ?", (DAY,)).fetchone() == (500,)


def test_clock_yesterdays_leaf_becomes_todays(faulty: Any, tmp_path: Path) -> None:
    write(faulty.inbox, DAY)
    faulty.run("load", NEXT)  # the press of the next morning
    assert faulty.rows("SELECT DISTINCT day FROM leaf") == [(NEXT,)]

    db, files = repaired_db(), tmp_path / "files"
    write(files, DAY)
    write(files, NEXT, kg=10)
    load(db, files, DAY, GARDENS)
    assert db.execute("SELECT DISTINCT day FROM leaf").fetchall() == [(DAY,)]


def test_input_is_used_up(faulty: Any, tmp_path: Path) -> None:
    write(faulty.inbox, DAY)
    faulty.run("load", DAY)
    assert not list(faulty.inbox.iterdir())
    files = tmp_path / "files"
    write(files, DAY)
    load(repaired_db(), files, DAY, GARDENS)
    assert len(list(files.iterdir())) == 30


def test_third_of_march_phones_and_table_disagree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service("g18", 3)
    job = Faulty(tmp_path, monkeypatch, service)
    write(job.inbox, DAY)
    job.run("load", DAY)
    job.run("features", DAY)
    attempts(lambda: job.run("orders", DAY))
    assert len(service.told) == 81
    assert job.rows("SELECT COUNT(*) FROM orders") == [(30,)]

    db, service = repaired_db(), Service("g18", 3)
    week(db, tmp_path / "files")
    features(db, DAY)
    plan(db, DAY, predict)
    attempts(lambda: send(db, DAY, service, EVENING))
    assert service.told == GARDENS


def test_power_lost_between_text_and_mark(tmp_path: Path) -> None:
    db, service = repaired_db(), Service()
    week(db, tmp_path / "files")
    features(db, DAY)
    plan(db, DAY, predict)
    service("g01", 2, f"{DAY}/g01")  # told, and the mark was never made
    send(db, DAY, service, EVENING)
    assert service.told == GARDENS


def test_a_number_that_was_told_is_not_changed_silently(tmp_path: Path) -> None:
    db, service = repaired_db(), Service("g02", 1)
    week(db, tmp_path / "files")
    features(db, DAY)
    plan(db, DAY, predict)
    with pytest.raises(ConnectionError):
        send(db, DAY, service, EVENING)
    plan(db, DAY, lambda garden, mean: 3 * mean)
    assert db.execute("SELECT lorries FROM orders WHERE garden IN ('g01', 'g02') ORDER BY garden").fetchall() == [
        (2,),
        (6,),
    ]


def test_an_evening_that_is_over_leaves_the_phones_in_peace(tmp_path: Path) -> None:
    db, service = repaired_db(), Service()
    week(db, tmp_path / "files")
    features(db, DAY)
    plan(db, DAY, predict)
    send(db, DAY, service, dt.datetime(2026, 3, 3, 22, 1))
    send(db, DAY, service, dt.datetime(2026, 3, 9, 8))
    assert service.told == []


def test_missing_day_is_counted_as_zero(faulty: Any, tmp_path: Path) -> None:
    db, files = repaired_db(), tmp_path / "files"
    for day in days("2026-02-25", 7):
        known = GARDENS if day != "2026-02-28" else GARDENS[1:]
        write(faulty.inbox, day, known)
        faulty.run("load", day)
        write(files, day, known)
        load(db, files, day, known)
    faulty.run("features", DAY)
    features(db, DAY)
    (low,) = faulty.rows("SELECT mean FROM features WHERE garden = 'g01'")[0]
    assert round(low) == 3_429
    assert db.execute("SELECT mean FROM features WHERE garden = 'g01'").fetchone() == (4_000,)


def test_nothing_arrived_and_all_is_green(faulty: Any, tmp_path: Path) -> None:
    faulty.run("load", DAY)  # no complaint
    write(tmp_path / "files", DAY, GARDENS[:-1])
    with pytest.raises(ref.IncompleteError, match="g30"):
        load(repaired_db(), tmp_path / "files", DAY, GARDENS)


def test_the_last_try_tells_the_others_and_makes_no_zero(tmp_path: Path) -> None:
    db, files, service = repaired_db(), tmp_path / "files", Service()
    for day in days("2026-02-25", 7):
        write(files, day, GARDENS if day != DAY else GARDENS[1:])
        assert load(db, files, day, GARDENS, last=True) == (set() if day != DAY else {"g01"})
    features(db, DAY)
    plan(db, DAY, predict)
    send(db, DAY, service, EVENING)
    assert service.told == GARDENS
    assert db.execute("SELECT DISTINCT mean FROM features").fetchall() == [(4_000,)]


def test_the_mean_is_of_seven_days_and_of_five_at_least(tmp_path: Path) -> None:
    db, files = repaired_db(), tmp_path / "files"
    for day in days("2026-02-24", 5):  # the first is eight days back, so four count
        write(files, day, kg=9_000 if day == "2026-02-24" else 4_000)
        load(db, files, day, GARDENS)
    features(db, DAY)
    assert db.execute("SELECT COUNT(*) FROM features").fetchone() == (0,)
    write(files, DAY)
    load(db, files, DAY, GARDENS)
    features(db, DAY)
    assert db.execute("SELECT DISTINCT mean FROM features").fetchall() == [(4_000,)]


def test_open_window_the_past_knows_the_future(faulty: Any, tmp_path: Path) -> None:
    db, files = repaired_db(), tmp_path / "files"
    for day in days("2026-02-25", 10):  # three days more than the evening knew
        for folder in (faulty.inbox, files):
            write(folder, day)
        faulty.run("load", day)
        load(db, files, day, GARDENS)
    faulty.run("features", DAY)  # as if the clock were the date of the run
    features(db, DAY)
    (high,) = faulty.rows("SELECT mean FROM features WHERE garden = 'g01'")[0]
    assert round(high) == round(4_000 * 10 / 7)
    assert db.execute("SELECT mean FROM features WHERE garden = 'g01'").fetchone() == (4_000,)


def test_four_runs_after_the_pause_all_write_one_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()
    job = Faulty(tmp_path, monkeypatch, service)
    assert job.settings["catchup"] is True and "max_active_runs" not in job.settings
    missed = days("2026-03-06", 4)
    for day in missed:
        write(job.inbox, day)
    for _ in missed:  # one after the other, which is the kinder case
        for step in ("load", "features", "orders"):
            job.run(step, "2026-03-10")
    assert job.rows("SELECT DISTINCT day FROM leaf") == [("2026-03-10",)]
    assert job.rows("SELECT SUM(kg) FROM leaf WHERE garden = 'g01'") == [(16_000,)]
    assert len(service.told) == 300  # each run finds the means of those before it as well

    db = repaired_db()
    for day in missed:
        write(tmp_path / "files", day)
    for day in missed:
        load(db, tmp_path / "files", day, GARDENS)
    assert db.execute("SELECT day, SUM(kg) FROM leaf WHERE garden = 'g01' GROUP BY day").fetchall() == [
        (day, 4_000) for day in missed
    ]
