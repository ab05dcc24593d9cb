"""Reference for CD01, the batch processor: one acceptable answer, not the only one.

A type owns its rules; the engine only loops, counts, logs and judges the share of
refused records. Nothing that belongs to one call is kept on the processor.
"""

from __future__ import annotations

import json
import logging
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

log = logging.getLogger("batch")

Record = Mapping[str, Any]
Row = dict[str, Any]

# What bad data can provoke in a conversion. Anything else is a defect of the program
# and goes up: refusing it quietly would hide it.
DATA_ERRORS = (ArithmeticError, LookupError, TypeError, ValueError)


class RejectError(Exception):
    """This record cannot be used. The text is a short, countable reason, no values."""


@dataclass(frozen=True)
class Field:
    """One input field: how to read it, and what to do when it is missing."""

    name: str
    parse: Callable[[Any], Any]
    required: bool = True
    default: Any = None  # fixed when declared, never computed from a batch

    def read(self, record: Record) -> Any:
        """Return the parsed value or the default; raise RejectError when neither exists."""
        raw = record.get(self.name)
        if isinstance(raw, str):
            raw = raw.strip()
        if raw is None or raw == "":
            if self.required:
                raise RejectError(f"missing:{self.name}")
            return self.default
        try:
            return self.parse(raw)
        except DATA_ERRORS:
            # "from None": the parser's message would carry the value into a log
            raise RejectError(f"bad:{self.name}") from None


def _unchanged(row: Row) -> Row:
    return row


@dataclass(frozen=True)
class RecordType:
    """What a team hands in: a name, the fields, and a conversion of the parsed row."""

    name: str
    fields: tuple[Field, ...]
    transform: Callable[[Row], Row] = _unchanged

    def apply(self, record: Record) -> Row:
        """Check, clean and convert one record; raise RejectError with a reason if unfit."""
        try:
            return self.transform({f.name: f.read(record) for f in self.fields})
        except RejectError as error:
            raise RejectError(f"{self.name}:{error}") from None
        except DATA_ERRORS as error:
            raise RejectError(f"{self.name}:{type(error).__name__}") from error


@dataclass(frozen=True)
class Refusal:
    """A record that was not used, whole, and why: what a person needs to repair it."""

    reason: str
    record: object


@dataclass
class Report:
    """Counts of one batch. Holds reasons and numbers, no values from records."""

    batch_id: str
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def refused(self) -> int:
        return self.reasons.total()

    @property
    def refused_share(self) -> float:
        """Refused records as a share of all, 0 to 1; an empty batch has 0."""
        total = self.accepted + self.refused
        return self.refused / total if total else 0.0


@dataclass
class Result:
    """What process() returns: rows to train on and records to look at."""

    accepted: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


class BatchRefusedError(Exception):
    """Too many records were refused: the sender is broken, use nothing of this batch."""

    def __init__(self, report: Report, refused: Sequence[Refusal] = ()) -> None:
        total = report.accepted + report.refused
        super().__init__(f"batch {report.batch_id}: {report.refused} of {total} refused")
        self.report = report
        self.refused = refused


class BatchProcessor:
    """Many threads may call one instance: only the totals are shared and changed."""

    def __init__(self, types: Iterable[RecordType], max_refused_share: float = 0.2) -> None:
        """Take the known types; more than max_refused_share refused fails a batch."""
        self._types: dict[str, RecordType] = {}  # filled here, only read afterwards
        for kind in types:
            if kind.name in self._types:
                raise ValueError(f"two record types are called {kind.name!r}")
            self._types[kind.name] = kind
        self._max_refused_share = max_refused_share
        self._lock = Lock()  # guards the next two, which must agree with each other
        self._accepted = 0
        self._reasons: Counter[str] = Counter()

    def process(self, batch_id: str, batch: Iterable[object]) -> Result:
        """Return everything in two lists; raise BatchRefusedError when too much is bad."""
        result = Result()
        try:
            for outcome in self.stream(batch_id, batch):
                if isinstance(outcome, Refusal):
                    result.refused.append(outcome)
                else:
                    result.accepted.append(outcome)
        except BatchRefusedError as error:
            error.refused = result.refused  # people still want to see them
            raise
        return result

    def stream(self, batch_id: str, batch: Iterable[object]) -> Iterator[Row | Refusal]:
        """Yield one outcome per record and keep none, so memory stays flat.

        The verdict exists only after the last record: whoever writes the rows should
        publish them when the iterator ends without BatchRefusedError, not before.
        """
        report, ending = Report(batch_id), "stopped"  # by the caller, unless told otherwise
        try:
            for record in batch:
                yield self._judge(record, report)
            ending = "refused" if report.refused_share > self._max_refused_share else "ok"
            self._count(report)
        except Exception as error:  # only to name it in the log; it goes on its way
            ending = type(error).__name__
            raise
        finally:
            _log(report, ending)
        if ending == "refused":
            raise BatchRefusedError(report)

    def totals(self) -> tuple[int, dict[str, int]]:
        """Accepted records and refusals by reason, over all batches read to their end."""
        with self._lock:
            return self._accepted, dict(self._reasons)

    def _judge(self, record: object, report: Report) -> Row | Refusal:
        try:
            row = self._convert(record)
        except RejectError as error:
            reason = str(error)
            report.reasons[reason] += 1
            return Refusal(reason, record)
        report.accepted += 1
        return row

    def _convert(self, record: object) -> Row:
        if not isinstance(record, Mapping):
            raise RejectError("not_a_record")
        name = record.get("type")
        kind = self._types.get(name) if isinstance(name, str) else None
        if kind is None:
            raise RejectError("unknown_type")  # without the name: it comes from outside
        return kind.apply(record)

    def _count(self, report: Report) -> None:
        with self._lock:  # once per batch, and read-add-write is three steps
            self._accepted += report.accepted
            self._reasons.update(report.reasons)


def _log(report: Report, ending: str) -> None:
    log.log(
        logging.INFO if ending == "ok" else logging.WARNING,
        "batch=%s ending=%s accepted=%d refused=%d reasons=%s",
        report.batch_id,
        ending,
        report.accepted,
        report.refused,
        json.dumps(report.reasons, sort_keys=True),
    )


def whole(raw: Any) -> int:
    """Read an integer, also from text; refuse 9.7 and True instead of bending them."""
    if isinstance(raw, bool) or (isinstance(raw, float) and not raw.is_integer()):
        raise ValueError("not a whole number")
    return int(raw)


def finite(raw: Any) -> float:
    """Read a number, also from text; refuse nan, inf and True, which float() takes."""
    value = float(raw)
    if isinstance(raw, bool) or not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


def text(raw: Any) -> str:
    """Accept text only: str() would turn a list or a number into something readable."""
    if not isinstance(raw, str):
        raise TypeError("not text")
    return raw


def _seconds(row: Row) -> Row:
    return {"user": row["user"], "seconds": row["ms"] / 1000}


def _celsius(row: Row) -> Row:
    return {"device": row["device"], "celsius": (row["fahrenheit"] - 32) * 5 / 9}


# Each of these could live in the package of the team that sends the records.
ORDER = RecordType(
    "order",
    (
        Field("id", whole),
        Field("amount", finite),
        Field("coupon", text, required=False, default=""),
    ),
)
CLICK = RecordType("click", (Field("user", text), Field("ms", whole)), _seconds)
SENSOR = RecordType("sensor", (Field("device", text), Field("fahrenheit", finite)), _celsius)
