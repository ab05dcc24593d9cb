"""A search index with real vectors, built once for all tests: each that needs one takes a copy."""

from __future__ import annotations

import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from knowledge.__main__ import main
from knowledge.question import QUESTIONS

FILES = (
    "coding/CD01.md",
    "coding/CD01_reference.py",
    "debugging/DB01.md",
    "system-design/SD02.md",
    "system-design/SD06.md",
)
"""Some questions only, so that the tests stay as they are while the bank grows."""


@dataclass(frozen=True)
class BuiltIndex:
    """The index of FILES and the shipped resources, in the folder "index" of `data`, which nobody else opens or
    changes; `out` and `err` are what the command printed that built it."""

    data: Path
    out: str
    err: str

    def copy(self, data: Path) -> Path:
        """A copy for a test to use or harm, in the data folder `data`; gives the folder of the index. An opening with
        fewer questions embeds nothing."""
        return Path(shutil.copytree(self.data / "index", data / "index"))


def build_index(folder: Path) -> BuiltIndex:
    """Builds it below `folder`, from nothing, as a user would."""
    for name in FILES:
        (folder / "questions" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(QUESTIONS / name, folder / "questions" / name)
    environ = {"GREENROOM_QUESTIONS": str(folder / "questions"), "GREENROOM_DATA": str(folder / "data")}
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        assert main(["index"], environ) == 0
    return BuiltIndex(folder / "data", out.getvalue(), err.getvalue())
