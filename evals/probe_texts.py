"""The texts that probes put into a transcript, by kind, and where a sample's points were proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from evals.json_lines import read_lines

PROBES = Path(__file__).parent / "datasets" / "probes"
Kind = Literal["attack", "small-talk", "off-topic", "confident-empty", "filler", "keywords"]
ATTACKS = ("instruction", "role", "fence", "fake-verdict", "rubric", "flattery", "encoded", "split")
"""The names that an attack text may have."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Kind
    name: str
    text: str = Field(pattern=r"\S")


@dataclass(frozen=True)
class Texts:
    """What the probes put into a transcript.

    `by_kind`: kind -> its (name, text). `quotes`: sample -> point -> (index of the message, literal quote from it),
    where a point was proven.
    """

    by_kind: Mapping[Kind, tuple[tuple[str, str], ...]]
    quotes: Mapping[str, Mapping[str, tuple[int, str]]] = field(default_factory=dict)

    def of(self, kind: Kind, name: str | None = None) -> list[str]:
        """The texts of a kind, or those with one name. ValueError when there are none."""
        found = [text for own, text in self.by_kind.get(kind, ()) if name in (None, own)]
        if not found:
            raise ValueError(f"there is no {kind} text{f' named {name}' if name else ''}: add one to texts.jsonl")
        return found


def read_texts(folder: Path = PROBES) -> Texts:
    """The texts of `folder`/texts.jsonl, one {"kind", "name", "text"} a line.

    ValueError with file and line for a line that cannot be used, with the file for a kind or an attack without a text.
    """
    path = folder / "texts.jsonl"
    found: dict[Kind, list[tuple[str, str]]] = {kind: [] for kind in get_args(Kind)}
    for place, read in read_lines(path, _Line):
        if read.kind == "attack" and read.name not in ATTACKS:
            raise ValueError(f"{place}: an attack is named one of {', '.join(ATTACKS)}")
        found[read.kind].append((read.name, read.text))
    texts = Texts({kind: tuple(of_kind) for kind, of_kind in found.items()})
    try:
        for kind in found:
            for name in ATTACKS if kind == "attack" else (None,):
                texts.of(kind, name)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return texts
