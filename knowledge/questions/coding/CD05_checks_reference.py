"""Tests for the reference answer to CD05. All types are invented here; no team's package is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from knowledge.questions.coding.CD05_reference import (
    GROUP,
    Aside,
    CannotStartError,
    Catalogue,
    Offer,
    Payload,
    Problem,
    RecordType,
    Row,
    UnusableError,
    collect,
    installed,
)

SITES = ("PHI", "GEM", "LUX")


class GateScan:
    """The smallest type that there can be; tests change single attributes of it."""

    name = "gate_scan"
    contract = 1
    example: Payload = {"gate": "GEM-03", "at": "2026-05-11T09:14:02+03:00"}

    def read(self, payload: Payload, version: int) -> Row:
        if "gate" not in payload or "at" not in payload:
            raise UnusableError("fields")
        return Row(payload["gate"][:3], datetime.fromisoformat(payload["at"]), 1)


def kind(**changes: Any) -> RecordType:
    made: Any = type("Changed", (GateScan,), changes)()
    return made  # type: ignore[no-any-return]


def offer(owner: str, *kinds: RecordType) -> Offer:
    return Offer(owner, lambda: kinds)


def scan(**changes: Any) -> dict[str, Any]:
    return {"type": "gate_scan", "version": 1, "payload": dict(GateScan.example)} | changes


def catalogue(*offers: Offer) -> Catalogue:
    return collect(offers, SITES)


def test_a_type_from_outside_is_used() -> None:
    core = catalogue(offer("gates 1.0", GateScan()))
    row = core.read(scan())
    assert isinstance(row, Row)
    assert (row.site, row.visitors, row.moment.astimezone(UTC).hour) == ("GEM", 1, 6)
    assert core.owners == {"gate_scan": "gates 1.0"}
    assert core.problems == ()


def test_an_unknown_type_is_kept_as_it_came() -> None:
    record = {"type": "night_show", "version": 1, "payload": {"seats": 40}}
    assert catalogue(offer("gates 1.0", GateScan())).read(record) == Aside("unknown_type", None, record)
    assert catalogue().read({}) == Aside("unknown_type", None, {})
    assert catalogue().read({"type": ["gate_scan"]}).reason == "unknown_type"  # type: ignore[union-attr]


def test_what_was_put_aside_can_be_read_once_the_type_is_there() -> None:
    early = catalogue().read(scan())
    assert isinstance(early, Aside)
    assert isinstance(catalogue(offer("gates 1.0", GateScan())).read(early.record), Row)


def test_a_package_that_cannot_be_loaded_costs_only_itself() -> None:
    def broken() -> Iterable[RecordType]:
        raise ModuleNotFoundError("No module named 'ephem'")

    core = collect([Offer("boats 2.1", broken), offer("gates 1.0", GateScan())], SITES)
    assert core.owners == {"gate_scan": "gates 1.0"}
    assert core.problems == (Problem("boats 2.1", "package", "ModuleNotFoundError: No module named 'ephem'"),)


def test_without_a_required_type_there_is_no_start() -> None:
    with pytest.raises(CannotStartError, match="ticket_sale"):
        collect([offer("gates 1.0", GateScan())], SITES, required=("gate_scan", "ticket_sale"))
    assert collect([offer("gates 1.0", GateScan())], SITES, required=("gate_scan",)).owners


def test_a_type_on_which_the_check_itself_breaks_costs_only_its_package() -> None:
    shut = kind(name="boat", example={"cabin": (seat for seat in "AB")})  # a generator cannot be copied
    core = catalogue(offer("boats 2.1", shut), offer("gates 1.0", GateScan()))
    assert core.owners == {"gate_scan": "gates 1.0"}
    assert [(problem.owner, problem.about) for problem in core.problems] == [("boats 2.1", "package")]


def test_a_required_type_that_two_packages_claim_is_not_there() -> None:
    with pytest.raises(CannotStartError, match="gate_scan"):
        collect([offer("gates 1.0", GateScan()), offer("luxor 3.0", GateScan())], SITES, required=("gate_scan",))


@pytest.mark.parametrize("turned", [False, True])
def test_two_of_one_name_are_both_left_out_in_any_order(turned: bool) -> None:
    offers = [offer("luxor 3.0", kind(name="boat")), offer("aswan 1.2", kind(name="boat"), GateScan())]
    core = collect(reversed(offers) if turned else offers, SITES)
    assert core.owners == {"gate_scan": "aswan 1.2"}
    assert {problem.owner for problem in core.problems} == {"luxor 3.0", "aswan 1.2"}
    assert isinstance(core.read(scan(type="boat")), Aside)


def test_one_package_offering_a_name_twice_is_a_problem_too() -> None:
    assert catalogue(offer("gates 1.0", GateScan(), GateScan())).owners == {}


def returns(row: object) -> Callable[[object, Payload, int], object]:
    def read(self: object, payload: Payload, version: int) -> object:
        if not payload:
            raise UnusableError("fields")
        return row

    return read


NOON = datetime(2026, 5, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"name": "Gate Scan"}, "small letters"),
        ({"name": "gate_scan\n"}, "small letters"),
        ({"name": "g" * 41}, "small letters"),
        ({"name": None}, "small letters"),
        ({"contract": 2}, "contract 2 is not served"),
        ({"example": None}, "missing"),
        ({"read": None}, "missing"),
        ({"example": {"gate": "GEM-03"}}, "its own example raises UnusableError"),
        ({"example": {"gate": "GEM-03", "at": "noon"}}, "its own example raises ValueError"),
        ({"example": {"gate": "XXX-01", "at": "2026-05-11T09:14:02+03:00"}}, "fault: site"),
        ({"example": {"gate": "GEM-03", "at": "2026-05-11T09:14:02"}}, "fault: moment"),
        ({"read": returns({"site": "GEM"})}, "fault: no_row"),
        ({"read": returns(Row("GEM", NOON, -1))}, "fault: visitors"),
        ({"read": returns(Row("GEM", NOON, True))}, "fault: visitors"),
        ({"read": lambda self, payload, version: Row("GEM", NOON, 1)}, "makes a row of nothing"),
        ({"read": lambda self, payload, version: Row(payload["gate"][:3], NOON, 1)}, "raises KeyError and not"),
    ],
)
def test_a_type_that_breaks_the_agreement_is_found_at_the_start(changes: dict[str, Any], text: str) -> None:
    core = catalogue(offer("gates 1.0", kind(**changes)))
    assert core.owners == {}
    (problem,) = core.problems
    assert text in problem.text
    assert problem.owner == "gates 1.0"


def test_a_type_that_changes_what_it_reads_is_found_at_the_start() -> None:
    def read(self: object, payload: dict[str, Any], version: int) -> Row:
        if "gate" not in payload:
            raise UnusableError("fields")
        return Row(payload.pop("gate")[:3], NOON, 1)

    (problem,) = catalogue(offer("gates 1.0", kind(read=read))).problems
    assert problem.text == "it changes what it reads"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"gate": "GEM-03"}, "unusable:fields"),
        ({"gate": "GEM-03", "at": "noon"}, "defect:ValueError"),
        ({"gate": "XXX-03", "at": "2026-05-11T09:14:02+03:00"}, "bad_row:site"),
        ({"gate": "GEM-03", "at": "2026-05-11T09:14:02"}, "bad_row:moment"),
    ],
)
def test_what_goes_wrong_later_is_put_aside_under_its_owner(payload: dict[str, Any], reason: str) -> None:
    record = scan(payload=payload)
    found = catalogue(offer("gates 1.0", GateScan())).read(record)
    assert found == Aside(reason, "gates 1.0", record)


def test_a_row_with_a_site_that_is_no_text_does_not_reach_the_threads_as_an_error() -> None:
    def read(self: object, payload: Payload, version: int) -> Row:
        if not payload:
            raise UnusableError("fields")
        site: Any = [payload["gate"]] if "late" in payload else payload["gate"][:3]
        return Row(site, NOON, 1)

    core = catalogue(offer("gates 1.0", kind(read=read)))
    record = scan(payload=dict(GateScan.example) | {"late": True})
    assert core.read(record) == Aside("bad_row:site", "gates 1.0", record)


def test_the_catalogue_keeps_what_it_was_built_with() -> None:
    kinds: dict[str, tuple[RecordType, str]] = {"gate_scan": (GateScan(), "gates 1.0")}
    core = Catalogue(kinds, SITES, ())
    kinds.clear()
    core.owners.clear()
    assert core.owners == {"gate_scan": "gates 1.0"}


def test_the_record_stays_as_it_was_even_inside() -> None:
    def read(self: object, payload: dict[str, Any], version: int) -> Row:
        if not payload:
            raise UnusableError("fields")
        if "tickets" in payload:  # not in the example, so the check at the start cannot see it
            payload["tickets"].clear()
        return Row("GEM", NOON, 1)

    record = scan(payload=dict(GateScan.example) | {"tickets": [1, 2]})
    assert isinstance(catalogue(offer("gates 1.0", kind(read=read))).read(record), Row)
    assert record["payload"]["tickets"] == [1, 2]


def test_the_version_of_a_record_reaches_the_type() -> None:
    def read(self: object, payload: Payload, version: int) -> Row:
        if not payload:
            raise UnusableError("fields")
        return Row("GEM", NOON, version)

    row = catalogue(offer("gates 1.0", kind(read=read))).read(scan(version=7))
    assert isinstance(row, Row)
    assert row.visitors == 7


PACKAGE = """
from datetime import datetime, UTC
from CORE import Row, UnusableError

class Boat:
    name = "philae_boat"
    contract = 1
    example = {"seats": 12}
    def read(self, payload, version):
        if "seats" not in payload:
            raise UnusableError("fields")
        return Row("PHI", datetime(2026, 5, 11, tzinfo=UTC), payload["seats"])

def types():
    return [Boat()]
"""


def install(folder: Path, package: str, source: str) -> None:
    """As pip would leave it: a module and its metadata."""
    (folder / f"{package}.py").write_text(source)
    info = folder / f"{package}-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 2.1\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\nrecords = {package}:types\n")


def test_an_installed_package_is_found_without_being_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "cd05_boats", PACKAGE.replace("CORE", Row.__module__))
    install(tmp_path, "cd05_broken", "import a_library_that_is_not_there")
    monkeypatch.syspath_prepend(tmp_path)
    core = collect([*installed(), offer("gates 1.0", GateScan())], SITES)
    assert core.owners == {"gate_scan": "gates 1.0", "philae_boat": "cd05_boats 2.1"}
    row = core.read({"type": "philae_boat", "version": 1, "payload": {"seats": 9}})
    assert isinstance(row, Row)
    assert (row.site, row.visitors) == ("PHI", 9)
    assert [(problem.owner, problem.about) for problem in core.problems] == [("cd05_broken 2.1", "package")]


def test_offers_come_in_an_order_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("cd05_apes", "cd05_zebras"):  # the one put in front last is looked at first
        folder = tmp_path / package
        folder.mkdir()
        install(folder, package, "")
        monkeypatch.syspath_prepend(folder)
    assert [offer.owner for offer in installed()] == ["cd05_apes 2.1", "cd05_zebras 2.1"]


def test_nothing_is_left_over_for_the_next_test() -> None:
    assert installed() == []
    assert catalogue().owners == {}
