"""The archive, on real SQLite files; other processes are real ones."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from threading import Barrier
from typing import IO, get_args

import pytest

from agents.archive import (
    FILE_NAME,
    Archive,
    CannotWrite,
    Conflict,
    DamagedDatabase,
    NewerDatabase,
    UnknownInterview,
    UnreadableEvent,
)
from agents.events import (
    VERSION,
    AnswerKind,
    AnyEvent,
    Asked,
    Away,
    Cleared,
    Directive,
    Finished,
    NewerLog,
    Observation,
    Observed,
    Opened,
    Paused,
    Reached,
    Resumed,
    Said,
    Scored,
    Sketched,
    WrongHeard,
)
from agents.migrations.database import MIGRATIONS, Database
from agents.scorecard import AreaScore, Evidence, Scorecard
from knowledge.terms import Level, Move, Rung

ROOT = Path(__file__).parents[1]
NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
SECRET = "Shard the feature store by tenant."


def opened(seq: int = 0, at: datetime = NOON, question: str = "SD01", taster: bool = False) -> Opened:
    return Opened(
        seq=seq,
        at=at,
        question_id=question,
        question_source="# Design a feed\n",
        level=Level.ADVANCED,
        minutes=45,
        pace="typed",
        rubric="ml_system_design",
        panel="local",
        taster=taster,
    )


def said(seq: int = 1, text: str = SECRET, at: datetime = NOON) -> Said:
    return Said(seq=seq, at=at, text=text)


def scored(seq: int, overall: float | None) -> Scored:
    evidence = Evidence(point="P1", turn=1, quote=SECRET, rung=Rung.EXPLAINED)
    return Scored(
        seq=seq,
        at=NOON,
        scorecard=Scorecard(
            question="SD01",
            title="Feed",
            level=Level.ADVANCED,
            kind="design",
            overall=overall,
            coverage=0.8,
            areas=(AreaScore(id="data", name="Data", weight=0.3, score=3.5, evidence=(evidence,)),),
            assessor="local",
            rubric="ml_system_design",
            rubric_fingerprint="r1",
            question_fingerprint="q1",
        ),
    )


def every_kind() -> list[AnyEvent]:
    cleared = Cleared(kind="hint", id="H1", text="Think of two stages.")
    directive = Directive(move=Move.HINT, phase="flow", target="P1", cleared=cleared, hint_stage=1)
    observation = Observation(
        kind=AnswerKind.EXPLAINED,
        reached=(Reached(point="P1", rung=Rung.EXPLAINED, quote=SECRET, probability=0.1 + 0.2),),
        wrong=(WrongHeard(claim="W1", quote="\u017cadna zwloka", probability=1.0),),
        language="pl",
    )
    warsaw = datetime(2026, 3, 29, 3, 0, 0, 1, tzinfo=timezone(timedelta(hours=2)))
    return [
        opened(),
        Asked(seq=1, at=warsaw, directive=directive, text="Where does it wait?\n\n$x$", worded_by="local"),
        Said(
            seq=2,
            at=NOON,
            text="\u017c\U0001f600\u0000 'quoted' \"twice\"; DROP TABLE events",
            wants_hint=True,
        ),
        Observed(seq=3, at=NOON, observation=observation),
        Sketched(seq=4, at=NOON, notes="n", diagram="flowchart LR\n a --> b"),
        Paused(seq=5, at=NOON),
        Resumed(seq=6, at=NOON),
        Away(seq=7, at=NOON, seconds=1e-9),
        Finished(seq=8, at=NOON, reason="covered"),
        scored(9, 3.4),
    ]


def fill(archive: Archive, interview: str, *events: AnyEvent) -> None:
    for event in events:
        archive.append(interview, event)


def contents(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def sql(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection, connection:
        connection.execute(statement)


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Another process; its code may use what this module has, `folder` is the first argument."""
    start = "import sys; from pathlib import Path; from tests.test_archive import *; folder = Path(sys.argv[1])\n"
    command = [sys.executable, "-c", start + code, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def outcome(attempt: Callable[[], None]) -> str:
    try:
        attempt()
    except Conflict:
        return "conflict"
    return "written"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.in_folder(tmp_path)


# The log


def test_every_kind_of_event_comes_back_as_it_was(archive: Archive, tmp_path: Path) -> None:
    events = every_kind()
    assert {type(e) for e in events} == set(get_args(get_args(AnyEvent)[0]))
    fill(archive, "a", *events)
    archive.close()
    again = Archive(f"sqlite:///{tmp_path / FILE_NAME}")
    assert again.events("a") == events
    assert again.events("a", after=7) == events[8:]
    assert again.events("a", after=9) == []


def test_half_an_emoji_does_not_lose_the_answer(archive: Archive) -> None:
    fill(archive, "a", opened(), said(text="cut \ud83d"))
    assert archive.events("a", after=0) == [said(text="cut \ud83d")]


def test_an_unknown_interview_is_said_to_be_unknown(archive: Archive) -> None:
    with pytest.raises(UnknownInterview, match="^there is no interview nobody;"):
        archive.events("nobody")
    assert archive.events("nobody", after=3) == []


def test_only_the_next_seq_is_taken(archive: Archive) -> None:
    with pytest.raises(Conflict, match="event 0 comes next"):
        archive.append("a", opened(seq=1))
    fill(archive, "a", opened(), said())
    for seq in (1, 3):
        with pytest.raises(Conflict, match="event 2 comes next"):
            archive.append("a", said(seq, "other"))
    assert archive.events("a") == [opened(), said()]


def test_a_time_without_zone_is_refused(archive: Archive) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        archive.append("a", opened(at=datetime(2026, 3, 1)))


def test_of_two_threads_one_writes(archive: Archive) -> None:
    barrier = Barrier(8)

    def attempt(thread: int) -> str:
        barrier.wait()
        return outcome(lambda: archive.append("a", opened(question=f"SD{thread}")))

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert sorted(outcomes) == ["conflict"] * 7 + ["written"]
    winner = f"SD{outcomes.index('written')}"
    assert archive.events("a") == [opened(question=winner)]


def test_of_two_processes_one_writes_and_a_fresh_database_is_made_once(tmp_path: Path) -> None:
    code = (
        "archive = Archive.in_folder(folder); print('ready', flush=True); input()\n"
        "print(outcome(lambda: archive.append('a', opened(question=sys.argv[2]))))"
    )
    processes = [python(code, tmp_path / "new", name) for name in ("SD1", "SD2", "SD3")]
    for process in processes:
        assert pipe(process.stdout).readline() == "ready\n"
    for process in processes:
        pipe(process.stdin).write("\n")
        pipe(process.stdin).flush()
    outcomes = [process.communicate()[0].strip() for process in processes]
    assert sorted(outcomes) == ["conflict", "conflict", "written"]
    assert Archive.in_folder(tmp_path / "new").events("a") == [opened(question=f"SD{outcomes.index('written') + 1}")]


def test_what_append_returned_from_survives_a_killed_process(tmp_path: Path) -> None:
    code = (
        "import os, signal; fill(Archive.in_folder(folder), 'a', opened(), said())\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    process = python(code, tmp_path)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert Archive.in_folder(tmp_path).events("a") == [opened(), said()]


# Lists


def test_interviews_are_listed_newest_first(archive: Archive) -> None:
    later = NOON + timedelta(microseconds=1)
    fill(archive, "old", opened(), said(), said(2), Finished(seq=3, at=later, reason="time"), scored(4, 2.5))
    fill(archive, "new", opened(at=later, question="SD02", taster=True))
    fill(archive, "unscored", opened(), Finished(seq=1, at=NOON, reason="no_answer"), scored(2, None))
    new, unscored, old = archive.interviews()
    assert (new.id, new.question_id, new.level, new.minutes) == ("new", "SD02", Level.ADVANCED, 45)
    assert (new.opened_at, new.last_at, new.answers) == (later, later, 0)
    assert (new.finished, new.overall, new.taster, new.error) == (False, None, True, None)
    assert (unscored.id, unscored.finished, unscored.overall) == ("unscored", True, None)
    assert (old.id, old.finished, old.overall, old.answers, old.taster) == ("old", True, 2.5, 2, False)
    assert (old.opened_at, old.last_at) == (NOON, later)


def test_the_last_scorecard_counts(archive: Archive, tmp_path: Path) -> None:
    fill(archive, "a", opened(), Finished(seq=1, at=NOON, reason="time"), scored(2, 2.5), scored(3, 4.0))
    assert [s.overall for s in archive.interviews()] == [4.0]
    sql(tmp_path, "UPDATE events SET payload = '{}' WHERE seq = 3")
    assert [(s.finished, s.overall, s.error is None) for s in archive.interviews()] == [(True, None, False)]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ("SET payload = '{}' WHERE seq = 0", UnreadableEvent, "event 0 .opened. .* cannot be read"),
        ("SET payload = '[]' WHERE seq = 0", UnreadableEvent, "event 0 .opened. .* cannot be read"),
        ("SET payload = '{\"half' WHERE seq = 0", UnreadableEvent, "event 0 .opened. .* cannot be read"),
        ("SET kind = 'sung', version = 1 WHERE seq = 0", UnreadableEvent, "event 0 .sung. .* cannot be read"),
        (f"SET version = {VERSION + 1} WHERE seq = 1", NewerLog, "event 1 .* update Greenroom"),
    ],
)
def test_an_unreadable_interview_hides_no_other(
    archive: Archive, tmp_path: Path, change: str, error: type[Exception], message: str
) -> None:
    fill(archive, "good", opened(), said())
    fill(archive, "bad", opened(at=NOON + timedelta(hours=1)), said(at=NOON + timedelta(hours=1)))
    sql(tmp_path, f"UPDATE events {change} AND interview = 'bad'")
    with pytest.raises(error, match=message):
        archive.events("bad")
    bad, good = archive.interviews()
    assert (good.id, good.error) == ("good", None)
    assert bad.id == "bad"
    if "sung" in change:
        assert "does not begin with an 'opened' event" in (bad.error or "")
    else:
        assert re.search(message, bad.error or "")
    assert archive.times_practised()["SD01"] == (2 if error is NewerLog else 1)


def test_practice_is_counted_where_the_candidate_answered(archive: Archive) -> None:
    assert archive.times_practised() == {}
    fill(archive, "a", opened(), said(), said(2))
    fill(archive, "b", opened(), said())
    fill(archive, "c", opened(question="SD02"), said())
    fill(archive, "d", opened(question="SD03"))
    assert archive.times_practised() == {"SD01": 2, "SD02": 1}


def test_a_page_is_seen(archive: Archive) -> None:
    archive.seen("a", NOON)  # not opened yet, or deleted
    assert archive.last_seen("a") is None
    fill(archive, "a", opened())
    archive.seen("a", NOON)
    archive.seen("a", NOON.astimezone(timezone(timedelta(hours=-5))) + timedelta(microseconds=1))
    seen = archive.last_seen("a")
    assert seen == NOON + timedelta(microseconds=1)
    assert seen is not None and seen.tzinfo is UTC


# Deleting


def test_deleting_leaves_nothing_of_an_interview_in_any_file(archive: Archive, tmp_path: Path) -> None:
    fill(archive, "gone", opened(), said())
    fill(archive, "kept", opened(), said(text="kept"))
    archive.seen("gone", NOON)
    (tmp_path / f"{FILE_NAME}.before-0001").write_text(SECRET)
    assert SECRET.encode() in contents(tmp_path)
    archive.delete("gone")
    assert SECRET.encode() not in contents(tmp_path)
    assert b"gone" not in contents(tmp_path)
    assert archive.last_seen("gone") is None
    assert archive.events("kept") == [opened(), said(text="kept")]
    archive.delete("gone")
    with pytest.raises(Conflict):  # a page that still shows it cannot bring a part of it back
        archive.append("gone", said(2))


def test_deleting_reaches_what_rows_left_behind_when_they_moved(archive: Archive, tmp_path: Path) -> None:
    # Rows of many sizes, in turns: SQLite moves them between its pages and leaves bytes in the old ones,
    # which secure_delete misses. Of these ten interviews some would leave words behind.
    chance, names, seqs = Random(1), [f"<{n:02d}>" for n in range(10)], Counter[str]()
    fill(archive, "other", opened())
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection, connection:
        for _ in range(1000):
            name = chance.choice(names)
            payload = json.dumps({"text": name * chance.choice([1, 3, 20, 100, 700])})
            row = (name, seqs[name], "said", 1, NOON.isoformat(), payload)
            connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", row)
            seqs[name] += 1
    for name in names:
        archive.delete(name)
        assert name.encode() not in contents(tmp_path)
    assert archive.events("other") == [opened()]


def test_deleting_all_leaves_an_empty_archive(archive: Archive, tmp_path: Path) -> None:
    fill(archive, "a", *every_kind())
    fill(archive, "b", opened(), said())
    archive.seen("b", NOON)
    archive.delete_all()
    assert SECRET.encode() not in contents(tmp_path)
    assert archive.interviews() == []
    assert archive.last_seen("b") is None
    fill(archive, "a", opened())


def test_traces_that_a_reader_still_holds_are_admitted(tmp_path: Path) -> None:
    archive = Impatient(tmp_path / FILE_NAME)
    fill(archive, "a", opened(), said())
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM events").fetchall()
        with pytest.raises(CannotWrite, match="delete again"):
            archive.delete("a")
    archive.delete("a")
    assert SECRET.encode() not in contents(tmp_path)


# Opening


class Impatient(Archive):
    busy = 20


@pytest.fixture
def later(tmp_path_factory: pytest.TempPathFactory) -> type[Archive]:
    """The archive of the next Greenroom: it has one migration more."""
    folder = tmp_path_factory.mktemp("50% newer") / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "0002_note.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        "revision, down_revision = '0002', '0001'\n"
        "def upgrade() -> None:\n"
        "    op.add_column('presence', sa.Column('note', sa.Text))\n"
    )

    class Later(Archive):
        migrations = folder

    return Later


def test_a_new_folder_is_the_users_own(tmp_path: Path) -> None:
    folder = tmp_path / "some" / "data"
    Archive.in_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


def test_sqlite_waits_for_the_disk_and_for_others(tmp_path: Path) -> None:
    wanted = {
        "journal_mode": "wal",
        "busy_timeout": 5000,
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
    }
    with Database(tmp_path / FILE_NAME).transaction() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    assert found == wanted


def test_script_names_are_their_revisions() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    revisions = [script.revision for script in scripts.walk_revisions()]
    names = [path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("*.py")]
    assert sorted(revisions) == sorted(names)
    assert scripts.get_current_head() == max(names)


def test_an_older_database_is_copied_and_migrated(archive: Archive, tmp_path: Path, later: type[Archive]) -> None:
    fill(archive, "a", opened(), said())
    archive.close()
    newer = later(tmp_path / FILE_NAME)
    assert newer.events("a") == [opened(), said()]
    newer.append("a", said(2))
    before = tmp_path / f"{FILE_NAME}.before-0002"
    assert Archive(before).events("a") == [opened(), said()]


def test_a_database_before_the_first_revision_is_migrated(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    sql(tmp_path, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    archive = Archive.in_folder(tmp_path)
    assert archive.interviews() == []
    fill(archive, "a", opened())
    assert (tmp_path / f"{FILE_NAME}.before-0001").exists()


def test_an_archive_that_was_never_written_is_empty_and_makes_no_file(archive: Archive, tmp_path: Path) -> None:
    assert archive.interviews() == []
    assert archive.times_practised() == {}
    assert list(tmp_path.iterdir()) == []


def test_a_new_database_needs_no_copy(archive: Archive, tmp_path: Path) -> None:
    fill(archive, "a", opened())
    archive.close()
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_migration_that_fails_changes_nothing(archive: Archive, tmp_path: Path, later: type[Archive]) -> None:
    fill(archive, "a", opened())
    archive.close()
    (later.migrations / "versions" / "0003_fails.py").write_text(
        "revision, down_revision = '0003', '0002'\ndef upgrade() -> None:\n    raise ZeroDivisionError\n"
    )
    with pytest.raises(ZeroDivisionError):
        later(tmp_path / FILE_NAME).interviews()
    assert archive.events("a") == [opened()]


def test_threads_that_open_at_once_migrate_once(tmp_path: Path, later: type[Archive]) -> None:
    archives = [later(tmp_path / f"{n % 3}.db") for n in range(9)]
    with ThreadPoolExecutor(9) as pool:
        assert list(pool.map(lambda archive: archive.interviews(), archives)) == [[]] * 9
    assert not [path.name for path in tmp_path.iterdir() if "before" in path.name]


def test_a_newer_database_is_refused_and_untouched(archive: Archive, tmp_path: Path, later: type[Archive]) -> None:
    newer = later(tmp_path / FILE_NAME)
    fill(newer, "a", opened())
    newer.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    for attempt in (archive.interviews, archive.delete_all, lambda: archive.append("a", said())):
        with pytest.raises(NewerDatabase, match="Update Greenroom, or set GREENROOM_DATA to another folder"):
            attempt()
    archive.close()
    assert (tmp_path / FILE_NAME).read_bytes() == before
    assert newer.events("a") == [opened()]


def test_a_newer_database_that_was_killed_is_untouched_too(
    archive: Archive, tmp_path: Path, later: type[Archive]
) -> None:
    newer = later(tmp_path / "newer" / FILE_NAME)
    (tmp_path / "newer").mkdir()
    fill(newer, "a", opened())
    for name in (FILE_NAME, f"{FILE_NAME}-wal"):  # as a killed process leaves them: the log is in the second
        shutil.copy(tmp_path / "newer" / name, tmp_path / name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    with pytest.raises(NewerDatabase):
        archive.interviews()
    archive.close()
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_what_is_no_database_is_refused_and_untouched(archive: Archive, tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(b"my notes on feature stores" * 100)
    with pytest.raises(DamagedDatabase, match=re.escape(f"sqlite3 {file} .recover")):
        archive.append("a", opened())
    assert file.read_bytes() == b"my notes on feature stores" * 100
    assert list(tmp_path.iterdir()) == [file]
    file.rename(tmp_path / "away")
    archive.append("a", opened())  # the remedy works without a restart


def test_a_page_damaged_in_use_is_reported_and_the_file_untouched(archive: Archive, tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    fill(archive, "a", opened(), *(said(seq, "w" * 3000) for seq in range(1, 9)))
    archive.close()
    damaged = file.read_bytes()[:8192] + b"\xff" * (file.stat().st_size - 8192)
    file.write_bytes(damaged)
    with pytest.raises(DamagedDatabase, match="Nothing was deleted"):
        archive.events("a")
    archive.close()
    assert file.read_bytes() == damaged


def test_a_file_moved_away_in_use_is_not_written_to_any_more(archive: Archive, tmp_path: Path) -> None:
    fill(archive, "a", opened(), said())
    archive.close()
    archive.interviews()
    (tmp_path / FILE_NAME).rename(tmp_path / "elsewhere.db")
    with pytest.raises(Conflict):
        archive.append("a", said(2))
    fill(archive, "b", opened())
    assert [s.id for s in Archive.in_folder(tmp_path).interviews()] == ["b"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match="set GREENROOM_DATA to another folder"):
        Archive.in_folder(tmp_path / "file" / "data")
    with pytest.raises(CannotWrite, match="unable to open.*set GREENROOM_DATA to another folder"):
        Archive(tmp_path / "file" / FILE_NAME).append("a", opened())


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(CannotWrite, match="set GREENROOM_DATA to another folder"):
        Archive.in_folder(tmp_path).append("a", opened())


def test_a_locked_database_is_said(tmp_path: Path) -> None:
    archive = Impatient(tmp_path / FILE_NAME)
    fill(archive, "a", opened())
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CannotWrite, match="another program holds it"):
            archive.append("a", said())
        assert archive.events("a") == [opened()]
    archive.append("a", said())


def test_a_full_disk_is_said_and_nothing_is_half_written(archive: Archive, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")  # not on Windows
    fill(archive, "a", opened())
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
        with pytest.raises(CannotWrite, match="free space") as caught:
            archive.append("a", said(text=SECRET * 90_000))  # more than SQLite's cache holds
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert SECRET not in f"{caught.value} {caught.value.__cause__}"  # errors go to logs, answers do not
    assert archive.events("a") == [opened()]
    archive.append("a", said())


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///a.db?timeout=1"])
def test_an_archive_is_a_file(url: str) -> None:
    with pytest.raises(ValueError, match="write sqlite:///FILE"):
        Archive(url)


def test_importing_the_archive_loads_no_database() -> None:
    code = "print([m for m in sys.modules if m in ('sqlalchemy', 'alembic')])"
    command = [sys.executable, "-c", f"import sys, agents.archive; {code}"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_database_up_to_date_is_opened_without_alembic(archive: Archive, tmp_path: Path) -> None:
    archive.interviews()
    process = python("Archive.in_folder(folder).interviews(); print('alembic.command' in sys.modules)", tmp_path)
    assert process.communicate()[0] == "False\n"
