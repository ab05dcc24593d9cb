"""Texts that are spoken or sent to a model, as files. Rendered strictly: a missing or unused variable is an error."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from string import Formatter

import yaml

FOLDER = Path(__file__).parent


class PromptError(ValueError):
    """A text and the variables it is rendered with do not fit together."""


def render(template: str, **variables: str) -> str:
    """`template` with every `{name}` replaced. PromptError when a name is missing, or given and not used.

    {{ and }} stand for braces; conversions and formats are errors. Braces in a value are left alone.
    """
    try:
        fields = [(name, spec or kind) for _, name, spec, kind in Formatter().parse(template) if name is not None]
    except ValueError as error:
        raise PromptError(f"{error} in: {template[:60]}") from None
    if any(extra for _, extra in fields):
        raise PromptError(f"a {{name}} takes no format or conversion in: {template[:60]}")
    wanted = {name for name, _ in fields}
    if wanted != variables.keys():
        missing, unused = sorted(wanted - variables.keys()), sorted(variables.keys() - wanted)
        raise PromptError(f"missing {missing}, unused {unused} in: {template[:60]}")
    return template.format(**variables)


@lru_cache(maxsize=64)
def read(name: str) -> str:
    """The text of the file `name` in this folder, to be rendered."""
    return (FOLDER / name).read_text(encoding="utf-8").rstrip("\n")


@lru_cache(maxsize=64)
def fingerprint(name: str) -> str:
    """The first 12 hex digits of the SHA-256 of the file `name` in this folder."""
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]


def fingerprints(names: Iterable[str]) -> tuple[str, ...]:
    """Name and fingerprint of each of these files."""
    return tuple(f"{name} {fingerprint(name)}" for name in names)


@lru_cache(maxsize=1)
def moves() -> dict[str, str]:
    """Move -> what it means, for a model that speaks."""
    data: dict[str, str] = yaml.safe_load(read("moves.yaml"))
    return data


@lru_cache(maxsize=1)
def phrasings() -> dict[str, dict[str, list[str]]]:
    """The local interviewer's wordings: move -> variant -> templates."""
    data: dict[str, dict[str, list[str]]] = yaml.safe_load(read("phrasings.yaml"))
    return data
