"""Records from a file of JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Record = TypeVar("Record", bound=BaseModel)


def read_lines(path: Path, model: type[Record]) -> Iterator[tuple[str, Record]]:
    """(where it stands, as "FILE, line N"; the record) of every line that is not blank, one at a time.

    ValueError with that place for a line that is not a record of `model`, and what is wrong with it.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            place = f"{path}, line {number}"
            try:
                record = model.model_validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(str(part) for part in first["loc"])
                raise ValueError(f"{place}: {f'{field}: ' if field else ''}{first['msg']}") from None
            yield place, record
