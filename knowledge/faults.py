"""What is wrong in a knowledge file and where: the faults every loader in this package reports alike.

Loaders collect all faults of a file before they raise, so that whoever mends the file sees them in one go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """One mistake in a file. `line` counts from 1; its text form is what editors turn into a link."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class KnowledgeError(ValueError):
    """A knowledge file cannot be used. `faults` holds every reason, at least one; str() gives one a line."""

    faults: tuple[Fault, ...]

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)
