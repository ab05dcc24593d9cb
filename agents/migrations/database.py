"""The database under agents/archive.py: opening, migrating, transactions, and what its errors mean.

It knows nothing of interviews. SQLAlchemy (0.7 s) is loaded at the first use, Alembic (0.2 s) only when the
schema is not the newest.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

MIGRATIONS = Path(__file__).parent
_MIGRATING = threading.Lock()  # Alembic keeps the running migration in globals of its own
_ADVISORY_LOCK = 0x677265656E  # any number will do, as long as every process takes the same
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = "another program holds it; close that program, or wait, and try again"
_NOT_ALLOWED = "check that the folder exists and may be written to, or set GREENROOM_DATA to another folder"
_REMEDIES = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_FULL: "the disk is full; free some space and try again",
    sqlite3.SQLITE_IOERR: "the disk failed; check that it is connected and has free space, and try again",
    sqlite3.SQLITE_READONLY: _NOT_ALLOWED,
    sqlite3.SQLITE_CANTOPEN: _NOT_ALLOWED,
    sqlite3.SQLITE_PERM: _NOT_ALLOWED,
}


class ArchiveError(RuntimeError):
    """The archive could not do what was asked; the message names the remedy."""


class NewerDatabase(ArchiveError):  # noqa: N818 - like the others, a state to act on
    """The schema was made by a newer Greenroom. Nothing was touched."""


class DamagedDatabase(ArchiveError):  # noqa: N818
    """The file is not, or no longer, a readable SQLite database. Nothing was deleted."""


class CannotWrite(ArchiveError):  # noqa: N818
    """The database cannot be opened or written to: not there, not allowed, disk full, in use."""


class Database:
    """The database at a SQLAlchemy URL (`sqlite:///FILE`, `postgresql+psycopg://...`) or in an SQLite file.

    Threads may share it. It is opened and migrated with the scripts of `migrations` at the first use, and
    opened again when its file was moved away or replaced meanwhile. `busy` is how many milliseconds to wait
    for another process. ValueError for an SQLite URL that names no file; every method may raise
    NewerDatabase, DamagedDatabase and CannotWrite.
    """

    def __init__(self, url: str | Path, migrations: Path = MIGRATIONS, busy: int = 5000) -> None:
        self.file = url.absolute() if isinstance(url, Path) else _sqlite_file(url)
        self._url, self._migrations, self._busy = str(url), migrations, busy
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._identity: tuple[int, int] | None = None

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever written: what is in a file that is not there is known without a database library."""
        return self._engine is None and self.file is not None and not self.file.exists()

    @contextmanager
    def transaction(self, *, write: bool = False) -> Iterator[Connection]:
        """Commits when the block ends, rolls back when it raises.

        `write` takes SQLite's write lock at once: what the block has read is then still true when it writes.
        """
        with self._explained(), _begin(self._opened(), "IMMEDIATE" if write else "DEFERRED") as connection:
            yield connection

    def scrub(self) -> None:
        """Leaves no trace of deleted rows in SQLite's files, copies made before a migration included.

        Raises CannotWrite when another program is in the way; doing it again finishes the job.
        """
        if self.file is None:
            return
        with self._explained(), closing(self._opened().raw_connection()) as raw:
            for copy in _copies(self.file):
                copy.unlink()
            cursor = raw.cursor()
            # secure_delete misses what a row left behind when it moved to another page; VACUUM does not.
            cursor.execute("VACUUM")
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise CannotWrite(
                    f"deleted, but {self.file}-wal still holds traces of it, since another program is "
                    "reading the database: close that program and delete again"
                )

    def close(self) -> None:
        """Lets go of the database; the next use opens it again."""
        with self._lock:
            self._dispose()

    def _dispose(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
        self._engine = None

    def _opened(self) -> Engine:
        with self._lock:
            if self._engine is not None and self._identity != _identity(self.file):
                self._dispose()  # its connections would go on writing to a file that nobody will find
            if self._engine is None:
                self._engine = self._open()
                self._identity = _identity(self.file)
            return self._engine

    def _open(self) -> Engine:
        from sqlalchemy import URL, create_engine, event

        revision = self._peek()
        # hide_parameters: an error, and so a log file, never quotes the candidate
        if self.file is None:
            engine = create_engine(self._url, hide_parameters=True, pool_pre_ping=True)
        else:
            address = URL.create("sqlite", database=str(self.file))
            engine = create_engine(address, hide_parameters=True, connect_args={"timeout": self._busy / 1000})
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _emit_begin)
        if revision != self._revisions()[-1]:
            try:
                self._migrate(engine)
            except BaseException:
                engine.dispose()
                raise
        return engine

    def _peek(self) -> str | None:
        """The SQLite file's revision. Only opened for reading: a newer or damaged file stays as it is."""
        from sqlalchemy import NullPool, create_engine

        if self.file is None or not self.file.exists():
            return None
        file = self.file
        with create_engine("sqlite://", creator=lambda: _read_only(file), poolclass=NullPool).connect() as connection:
            return self._known(_revision(connection))

    def _revisions(self) -> list[str]:
        """All revisions, oldest first, by the scripts' names: to load Alembic and ask it takes 0.2 s."""
        return sorted(script.name.split("_")[0] for script in self._migrations.glob("versions/[0-9]*_*.py"))

    def _known(self, revision: str | None) -> str | None:
        if revision is not None and revision not in self._revisions():
            raise NewerDatabase(
                f"{self._name} was made by a newer Greenroom (its schema is {revision}, this one knows up to "
                f"{self._revisions()[-1]}). Nothing was touched. Update Greenroom, or set GREENROOM_DATA to "
                "another folder"
            )
        return revision

    def _migrate(self, engine: Engine) -> None:
        from sqlalchemy import inspect, text

        newest = self._revisions()[-1]
        with _MIGRATING, _begin(engine, "IMMEDIATE") as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            # Asked again under the lock: another process may have migrated it meanwhile.
            if self._known(_revision(connection)) == newest:
                return
            if self.file is not None and inspect(connection).get_table_names():
                _copy(self.file, newest)
            from alembic import command
            from alembic.config import Config

            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(self._migrations).replace("%", "%%"))
            command.upgrade(config, "head")

    @property
    def _name(self) -> str:
        from sqlalchemy import make_url

        return str(self.file or make_url(self._url).render_as_string(hide_password=True))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns the database's errors into ours, as far as something can be done about them."""
        from sqlalchemy.exc import DBAPIError, OperationalError

        try:
            yield
        except OSError as error:
            raise CannotWrite(f"{self._name}: {error.strerror}; {_NOT_ALLOWED}") from error
        except (DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the lowest byte is the kind of error
            if code in _DAMAGED and self.file is not None:
                self.close()  # what lies there after the repair is another file
                raise DamagedDatabase(_damaged(self.file, cause)) from error
            if code in _REMEDIES:
                raise CannotWrite(f"{self._name}: {cause}; {_REMEDIES[code]}") from error
            if self.file is None and isinstance(error, OperationalError):
                raise CannotWrite(f"{self._name}: {cause}; check that it runs and that its address is right") from error
            raise


def cannot_create(folder: Path, error: OSError) -> CannotWrite:
    """What to raise when the database's folder cannot be created."""
    return CannotWrite(f"{folder} cannot be created: {error.strerror}; {_NOT_ALLOWED}")


def _sqlite_file(url: str) -> Path | None:
    """The file of an SQLite URL, None for another database. ValueError for one in memory or with options."""
    if not url.startswith("sqlite"):
        return None
    match = re.fullmatch(r"sqlite(?:\+pysqlite)?:///(?!:memory:|file:)([^?]+)", url)
    if match is None:
        raise ValueError(f"{url}: the archive needs a file of its own, without options; write sqlite:///FILE")
    return Path(match[1]).absolute()


def _identity(file: Path | None) -> tuple[int, int] | None:
    if file is None:
        return None
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins no transactions; _emit_begin does
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _emit_begin(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options()['begin']}")


@contextmanager
def _begin(engine: Engine, begin: str) -> Iterator[Connection]:
    with engine.connect().execution_options(begin=begin) as connection, connection.begin():
        yield connection


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)


def _revision(connection: Connection) -> str | None:
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _copies(file: Path) -> list[Path]:
    return [path for path in file.parent.iterdir() if path.name.startswith(f"{file.name}.before-")]


def _copy(file: Path, revision: str) -> None:
    """Copies the database before it becomes `revision`. The copy has its name only once it is complete."""
    target = file.with_name(f"{file.name}.before-{revision}")
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    with closing(_read_only(file)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
    part.replace(target)


def _damaged(file: Path, cause: Any) -> str:
    recovered = file.with_name(f"{file.name}.recovered")
    return (
        f"{file} cannot be read as a database ({cause}). Nothing was deleted. Stop Greenroom. To begin with an empty "
        f"history, move the file away, and with it {file.name}-wal and {file.name}-shm if they are there. To save what "
        f"is in it first: sqlite3 {quote(str(file))} .recover | sqlite3 {quote(str(recovered))} (if that says 'SQL "
        "logic error', your sqlite3 was built without .recover: take the one from sqlite.org); then move the old files "
        f"away and rename {recovered.name} to {file.name}"
    )
