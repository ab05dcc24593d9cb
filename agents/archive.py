"""The archive: the events of every interview, in SQLite (or Postgres, by URL). They are only ever appended.

It keeps and returns events. What they mean is agents/state.py; how the database is opened, migrated and
locked, and what its errors mean, is agents/migrations/database.py.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from agents.events import VERSION, AnyEvent, Finished, Loop, NewerLog, Opened, Scored, read_event
from agents.migrations.database import (
    MIGRATIONS,
    ArchiveError,
    CannotWrite,
    DamagedDatabase,
    Database,
    NewerDatabase,
    cannot_create,
)
from knowledge.terms import Level

if TYPE_CHECKING:
    from sqlalchemy import Row

FILE_NAME = "greenroom.db"

_LAST = "SELECT MAX(seq) FROM events WHERE interview = :interview"
_INSERT = (
    "INSERT INTO events (interview, seq, kind, version, at, payload) "
    "VALUES (:interview, :seq, :kind, :version, :at, :payload)"
)
_READ = "SELECT * FROM events WHERE interview = :interview AND seq > :after ORDER BY seq"
_SPANS = (
    "SELECT interview, MIN(at) AS first, MAX(at) AS last, "
    "COUNT(CASE WHEN kind = 'said' THEN 1 END) AS answers FROM events GROUP BY interview"
)
_MILESTONES = (  # with everything from a newer version, so that its reader's complaint is heard
    "SELECT * FROM events WHERE kind IN ('opened', 'finished', 'scored') OR version > :version ORDER BY seq"
)
_SEEN = (  # a page left open after its interview was deleted brings nothing back
    "INSERT INTO presence (interview, seen_at) "
    "SELECT CAST(:interview AS TEXT), CAST(:at AS TEXT) WHERE EXISTS "
    "(SELECT 1 FROM events WHERE interview = :interview) "
    "ON CONFLICT (interview) DO UPDATE SET seen_at = excluded.seen_at"
)
_LAST_SEEN = "SELECT seen_at FROM presence WHERE interview = :interview"


class Conflict(ArchiveError):  # noqa: N818 - like the others, a state to act on
    """The event does not directly follow the last one of the log: read the log again and go on from there."""


class UnknownInterview(ArchiveError, KeyError):  # noqa: N818
    """The log has no such interview: never opened, or deleted."""

    __str__ = RuntimeError.__str__  # KeyError's would put the message in quotes


class UnreadableEvent(ArchiveError):  # noqa: N818
    """A row of the log is not the event that it claims to be."""


@dataclass(frozen=True)
class InterviewSummary:
    """One interview, for a list of them. Times are UTC, `minutes` were agreed at the start.

    `overall` (1..5) is the last scorecard's, None while there is none. When `error` is set some events cannot
    be read: it says which and what to do; what they would have told is None (`finished`, `taster`: False).
    `loop` says of which interview of several parts it is one.
    """

    id: str
    question_id: str | None
    level: Level | None
    minutes: float | None
    opened_at: datetime
    last_at: datetime
    answers: int
    finished: bool
    overall: float | None
    taster: bool
    loop: Loop | None = None
    error: str | None = None


class Archive:
    """The log at `url`: an SQLAlchemy URL (`sqlite:///FILE`, `postgresql+psycopg://...`) or an SQLite file.

    Threads may share it, processes may use the same database. It is opened and its schema brought up to date
    at the first use. Every method may raise NewerDatabase, DamagedDatabase and CannotWrite.
    """

    migrations: ClassVar[Path] = MIGRATIONS
    busy: ClassVar[int] = 5000  # milliseconds to wait for another process

    def __init__(self, url: str | Path) -> None:
        self._database = Database(url, self.migrations, self.busy)

    @classmethod
    def in_folder(cls, folder: Path) -> Archive:
        """The log in `folder`/greenroom.db. Creates the folder, for this user only. Raises CannotWrite."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_create(folder, error) from error
        return cls(folder / FILE_NAME)

    def append(self, interview: str, event: AnyEvent) -> None:
        """Adds `event`; it is on disk when this returns. The first event's seq is 0, then always one more.

        Raises Conflict, and ValueError when `event.at` has no time zone.
        """
        from sqlalchemy import text
        from sqlalchemy.exc import IntegrityError

        row = _row(interview, event)
        try:
            with self._database.transaction(write=True) as connection:
                last = connection.scalar(text(_LAST), {"interview": interview})
                expected = 0 if last is None else last + 1
                if event.seq != expected:
                    raise _conflict(interview, event, f"event {expected} comes next")
                connection.execute(text(_INSERT), row)
        except IntegrityError as error:  # in Postgres two transactions can get this far
            raise _conflict(interview, event, "it is there already") from error

    def events(self, interview: str, after: int = -1) -> list[AnyEvent]:
        """The events with a seq above `after`, in order.

        Raises UnknownInterview when `after` is -1 and there are none; NewerLog and UnreadableEvent.
        """
        from sqlalchemy import text

        with self._database.transaction() as connection:
            rows = connection.execute(text(_READ), {"interview": interview, "after": after}).all()
        if not rows and after == -1:
            raise UnknownInterview(f"there is no interview {interview}; it may have been deleted: open another one")
        return [_event(row) for row in rows]

    def interviews(self) -> list[InterviewSummary]:
        """All interviews, the one opened last first. One that cannot be read has its `error` set."""
        if self._database.is_new:
            return []
        from sqlalchemy import text

        milestones = defaultdict(list)
        with self._database.transaction() as connection:
            spans = connection.execute(text(_SPANS)).all()
            for row in connection.execute(text(_MILESTONES), {"version": VERSION}):
                milestones[row.interview].append(row)
        summaries = [_summary(span, milestones[span.interview]) for span in spans]
        return sorted(summaries, key=lambda s: (s.opened_at, s.id), reverse=True)

    def times_practised(self) -> dict[str, int]:
        """Question id -> in how many interviews the candidate answered at least once; others are left out."""
        return dict(Counter(s.question_id for s in self.interviews() if s.question_id is not None and s.answers))

    def seen(self, interview: str, at: datetime) -> None:
        """Notes that a page shows the interview at `at`. Does nothing for an interview without events."""
        from sqlalchemy import text

        with self._database.transaction(write=True) as connection:
            connection.execute(text(_SEEN), {"interview": interview, "at": _utc(at)})

    def last_seen(self, interview: str) -> datetime | None:
        """When a page last showed the interview (UTC); None if never."""
        from sqlalchemy import text

        with self._database.transaction() as connection:
            seen_at = connection.scalar(text(_LAST_SEEN), {"interview": interview})
        return None if seen_at is None else datetime.fromisoformat(seen_at)

    def delete(self, interview: str) -> None:
        """Removes the interview for good; nothing happens when it is not there.

        SQLite's files hold no trace of it afterwards; the copies made before migrations, which may hold it
        too, are removed. CannotWrite when it is deleted but another program kept the traces in use: delete it
        again.
        """
        self._delete(" WHERE interview = :interview", {"interview": interview})

    def delete_all(self) -> None:
        """Removes every interview, as `delete` does one."""
        self._delete("", {})

    def close(self) -> None:
        """Lets go of the database; the next use opens it again."""
        self._database.close()

    def _delete(self, where: str, values: dict[str, str]) -> None:
        from sqlalchemy import text

        with self._database.transaction(write=True) as connection:
            connection.execute(text(f"DELETE FROM events{where}"), values)
            connection.execute(text(f"DELETE FROM presence{where}"), values)
        self._database.scrub()


def _utc(at: datetime) -> str:
    """UTC ISO text of one width: its text order is its order in time, to the microsecond."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone; use datetime.now(UTC)")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _row(interview: str, event: AnyEvent) -> dict[str, Any]:
    columns = {"seq": event.seq, "kind": event.kind, "version": event.version, "at": _utc(event.at)}
    # Pure ASCII: half an emoji, as a cut paste leaves it, has no UTF-8 form and would lose the whole answer.
    payload = json.dumps(event.model_dump(mode="json", exclude=set(columns)))
    return {"interview": interview, **columns, "payload": payload}


def _event(row: Row[Any]) -> AnyEvent:
    try:
        data = {
            **json.loads(row.payload),
            "seq": row.seq,
            "kind": row.kind,
            "version": row.version,
            "at": row.at,
        }
        return read_event(data)
    except NewerLog:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableEvent(
            f"event {row.seq} ({row.kind}) of interview {row.interview} cannot be read: it was changed "
            "from outside or written by another Greenroom; update Greenroom, or delete this interview"
        ) from error


def _conflict(interview: str, event: AnyEvent, why: str) -> Conflict:
    return Conflict(
        f"event {event.seq} of interview {interview} was not written: {why}. Another page or process wrote "
        "to this interview, or deleted it: open it again"
    )


def _summary(span: Row[Any], milestones: Sequence[Row[Any]]) -> InterviewSummary:
    opened: Opened | None = None
    finished, overall, error = False, None, None
    for row in milestones:
        try:
            event = _event(row)
        except (NewerLog, UnreadableEvent) as problem:
            error = error or str(problem)
            overall = None if row.kind == "scored" else overall  # an older score must not stand for this one
            continue
        match event:
            case Opened():
                opened = event
            case Finished():
                finished = True
            case Scored():
                overall = event.scorecard.overall
    if opened is None:
        error = error or f"interview {span.interview} does not begin with an 'opened' event; delete it"
    return InterviewSummary(
        id=span.interview,
        question_id=opened.question_id if opened else None,
        level=opened.level if opened else None,
        minutes=opened.minutes if opened else None,
        opened_at=opened.at if opened else datetime.fromisoformat(span.first),
        last_at=datetime.fromisoformat(span.last),
        answers=span.answers,
        finished=finished,
        overall=overall,
        taster=opened.taster if opened else False,
        loop=opened.loop if opened else None,
        error=error,
    )


__all__ = [
    "FILE_NAME",
    "Archive",
    "ArchiveError",
    "CannotWrite",
    "Conflict",
    "DamagedDatabase",
    "InterviewSummary",
    "NewerDatabase",
    "UnknownInterview",
    "UnreadableEvent",
]
