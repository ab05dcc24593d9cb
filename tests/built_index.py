"""A search index with real vectors, built once for all tests: each that needs one takes a copy."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from knowledge.bank import Bank, load_bank
from knowledge.embedder import MiniLM
from knowledge.index import Index
from knowledge.resource import load_resources, load_topics


@dataclass(frozen=True)
class BuiltIndex:
    """The index of four questions and the shipped resources, in `folder`, which nobody else opens or changes."""

    folder: Path

    def copy(self, data: Path) -> Path:
        """A copy for a test to use or harm, in the data folder `data`; gives the folder of the index. An opening with
        fewer questions embeds nothing."""
        return Path(shutil.copytree(self.folder, data / "index"))


def four_questions() -> Bank:
    """Some questions only, so that the tests stay as they are while the bank grows."""
    whole, ids = load_bank(), ("CD01", "DB01", "SD02", "SD06")
    return Bank({i: whole.questions[i] for i in ids}, {i: whole.paths[i] for i in ids}, ())


def build_index(folder: Path) -> BuiltIndex:
    """Builds it in `folder`. One thread, as the texts of one source are too few for more to be of use."""
    index = Index(folder, MiniLM())
    index.open(four_questions(), load_resources(), load_topics())
    index.close()
    return BuiltIndex(folder)
