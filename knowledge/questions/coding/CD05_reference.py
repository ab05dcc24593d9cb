"""Reference answer to CD05: record types that come from other teams' packages, in a core that names none of them.

Packages say in their metadata what they offer. At the start the core collects the offers, checks each type with the
type's own example, and builds a catalogue that never changes afterwards. CD05_checks_reference.py holds the tests.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol

GROUP = "tazkara.record_types"
"""Under this name packages offer a function that returns their record types."""

CONTRACTS = (1,)
"""The versions of the agreement below that this core can serve."""

Payload = Mapping[str, Any]


# --- What a team writes against -----------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """What every type makes of a record, whatever it is about."""

    site: str
    moment: datetime
    visitors: int
    extra: Mapping[str, float] = field(default_factory=dict)


class UnusableError(Exception):
    """A type raises this for a record that cannot become a row. The text is a short, fixed reason."""


class RecordType(Protocol):
    """All that is asked of a type. It keeps nothing between two records, since threads share it."""

    name: str
    contract: int
    example: Payload  # a real payload of version 1, with which the core tries the type before it trusts it

    def read(self, payload: Payload, version: int) -> Row: ...


# --- The core -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """Something installed that says it has record types. `load` may fail in any way."""

    owner: str
    load: Callable[[], Iterable[RecordType]]


@dataclass(frozen=True)
class Problem:
    """Why a package or one of its types is not used. Meant for its owner."""

    owner: str
    about: str
    text: str


@dataclass(frozen=True)
class Aside:
    """A record that is kept for later, as it came, with the reason and whom to ask."""

    reason: str
    owner: str | None
    record: Mapping[str, Any]


class CannotStartError(Exception):
    """A type without which the work makes no sense is not there."""


class Catalogue:
    """The types of this process. Built once, only read afterwards, so threads need no lock."""

    def __init__(self, kinds: Mapping[str, tuple[RecordType, str]], sites: Iterable[str], problems: Iterable[Problem]):
        self._kinds = dict(kinds)
        self._sites = frozenset(sites)
        self.problems = tuple(problems)

    @property
    def owners(self) -> dict[str, str]:
        """Name of the type -> package and version that brought it; belongs into the log and beside the rows."""
        return {name: owner for name, (_, owner) in sorted(self._kinds.items())}

    def read(self, record: Mapping[str, Any]) -> Row | Aside:
        """A row, or the record put aside. Whatever a type does, it raises nothing and changes nothing."""
        name = record.get("type")
        kind, owner = self._kinds.get(name, (None, None)) if isinstance(name, str) else (None, None)
        if kind is None:
            return Aside("unknown_type", None, record)
        try:
            row = kind.read(copy.deepcopy(record.get("payload", {})), record.get("version", 1))
        except UnusableError as error:
            return Aside(f"unusable:{error}", owner, record)
        except Exception as error:  # the border to other people's code: a defect of theirs stays theirs
            return Aside(f"defect:{type(error).__name__}", owner, record)
        fault = fault_of(row, self._sites)
        return Aside(f"bad_row:{fault}", owner, record) if fault else row


def fault_of(row: object, sites: frozenset[str]) -> str | None:
    """What is wrong with a row, None if nothing is. Never trusts that it is one."""
    if not isinstance(row, Row):
        return "no_row"
    if not isinstance(row.site, str) or row.site not in sites:
        return "site"
    if not isinstance(row.moment, datetime) or row.moment.tzinfo is None:
        return "moment"
    if type(row.visitors) is not int or row.visitors < 0:  # True is an int as well
        return "visitors"
    return None


def complaints(kind: Any, sites: frozenset[str]) -> list[str]:
    """What keeps a type from being used. Teams call this in their own tests, the core at each start."""
    name = getattr(kind, "name", None)
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]{2,39}", name):
        return ["the name is 3 to 40 small letters, digits and underscores"]
    if getattr(kind, "contract", None) not in CONTRACTS:
        return [f"contract {getattr(kind, 'contract', None)} is not served; known: {CONTRACTS}"]
    if not callable(getattr(kind, "read", None)) or not isinstance(getattr(kind, "example", None), Mapping):
        return ["read and example are missing"]
    found = []
    example = copy.deepcopy(kind.example)
    try:
        fault = fault_of(kind.read(example, 1), sites)
        if fault:
            found.append(f"its own example gives a row with a fault: {fault}")
    except Exception as error:
        found.append(f"its own example raises {type(error).__name__}: {error}")
    if example != kind.example:
        found.append("it changes what it reads")
    try:
        kind.read({}, 1)
        found.append("it makes a row of nothing")
    except UnusableError:
        pass
    except Exception as error:
        found.append(f"an empty payload raises {type(error).__name__} and not UnusableError")
    return found


def installed(group: str = GROUP) -> list[Offer]:
    """The offers of all installed packages, in an order that does not depend on the machine."""
    offers = []
    for point in entry_points(group=group):
        owner = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        offers.append(Offer(owner, partial(_types_of, point)))
    return sorted(offers, key=lambda offer: offer.owner)


def _types_of(point: EntryPoint) -> Iterable[RecordType]:
    offered: Iterable[RecordType] = point.load()()  # imports the package, and calls the function that it names
    return offered


def collect(offers: Iterable[Offer], sites: Iterable[str], required: Iterable[str] = ()) -> Catalogue:
    """Takes what is sound and says what is not. Of two types with one name neither is used: which one is meant?

    Raises CannotStartError when a required type is not among them. The image's build calls this as well and accepts no
    problem at all.
    """
    places = frozenset(sites)
    problems: list[Problem] = []
    found: defaultdict[str, list[tuple[RecordType, str]]] = defaultdict(list)
    for offer in offers:
        try:
            checked = [(kind, complaints(kind, places)) for kind in offer.load()]
        except Exception as error:  # a package that cannot be imported must not keep the others from working
            problems.append(Problem(offer.owner, "package", f"{type(error).__name__}: {error}"))
            continue
        for kind, wrong in checked:
            problems += [Problem(offer.owner, str(getattr(kind, "name", kind)), text) for text in wrong]
            if not wrong:
                found[kind.name].append((kind, offer.owner))
    usable = {name: claims[0] for name, claims in found.items() if len(claims) == 1}
    for name, claims in found.items():
        owners = [owner for _, owner in claims]
        problems += [Problem(owner, name, f"offered by {', '.join(owners)}") for owner in owners if len(claims) > 1]
    missing = sorted(set(required) - usable.keys())
    if missing:
        raise CannotStartError(f"no usable type {', '.join(missing)}; problems: {problems}")
    return Catalogue(usable, places, problems)
