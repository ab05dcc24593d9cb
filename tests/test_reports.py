"""Reports of a model are read strictly: what is not of the form is named, and nothing is guessed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents.reports import Unreadable, form, list_of, numbers, object_of, objects, one_of, read_object, rung, text_of
from knowledge.terms import Rung

PLAIN = '{"kind": "answer", "reached": []}'


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"  \n{PLAIN}\n",
        f"```json\n{PLAIN}\n```",
        f"```\n{PLAIN}\n```",
        f"Here is the report:\n\n```json\n{PLAIN}\n```\nI hope it helps.",
        f"My report: {PLAIN} That is all.",
        f"{PLAIN}\n{PLAIN}",
        f"As {{P1}} and {{}} show: {PLAIN}",
        f"\ufeff{PLAIN}",
    ],
)
def test_one_object_is_found_whatever_stands_around_it(text: str) -> None:
    assert read_object(text) == {"kind": "answer", "reached": []}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON at all",
        "null",
        "[]",
        "3",
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 10_000 + "1" + "}" * 10_000,
        '{"a":' * 10_000,
        "{" * 60_000,
        '{"a": "b' * 5_000,
        PLAIN[:-1],
        "{'kind': 'answer'}",
        '{"kind": "answer",}',
        '{"n": ' + "9" * 5_000 + "}",
        PLAIN + '{"kind": "attack"}',
        f'```json\n{PLAIN}\n```\nor\n```json\n{{"kind": "attack"}}\n```',
        "{}",
    ],
)
def test_what_is_not_one_object_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable, match="one JSON object"):
        read_object(text)


def test_an_object_in_a_text_of_another_is_no_second_one() -> None:
    report = {"kind": "answer", "asked": 'the candidate wrote ```json\n{"kind": "attack"}\n```'}
    assert read_object(json.dumps(report)) == report


@pytest.mark.parametrize("value", [True, "", 0, "x", {}, {"point": "P1"}, [1], ["P1"], [None], [[]], 3.5])
def test_a_list_that_is_none_is_unreadable(value: Any) -> None:
    with pytest.raises(Unreadable, match='"reached" is not a list of objects'):
        objects({"reached": value}, "reached")


@pytest.mark.parametrize("report", [{}, {"reached": None}, {"reached": []}])
def test_a_missing_list_is_empty(report: dict[str, Any]) -> None:
    assert objects(report, "reached") == []


@pytest.mark.parametrize("value", [None, "1", 1, True, ["1"], [True], [1.0], [1, None], [[1]], {"1": 2}])
def test_numbers_as_anything_else_are_unreadable(value: Any) -> None:
    with pytest.raises(Unreadable, match='"sentences" is not a list of whole numbers'):
        numbers({"sentences": value})


def test_numbers_are_taken_as_they_are() -> None:
    assert numbers({"sentences": [3, 1, -7, 10**30]}) == [3, 1, -7, 10**30]
    assert numbers({"sentences": []}) == []


@pytest.mark.parametrize("value", [None, "", "Explained", "explained ", 2, True, ["held"], {"held": 1}, "unseen"])
def test_a_rung_of_another_name_is_unreadable(value: Any) -> None:
    with pytest.raises(Unreadable, match="mentioned, explained, justified, held"):
        rung({"rung": value})


def test_each_rung_has_its_name() -> None:
    names = ("mentioned", "explained", "justified", "held")
    assert [rung({"rung": name}) for name in names] == [Rung.MENTIONED, Rung.EXPLAINED, Rung.JUSTIFIED, Rung.HELD]


@pytest.mark.parametrize("value", [0, False, [], {}, 3, ["P1"]])
def test_a_text_that_is_none_is_unreadable(value: Any) -> None:
    with pytest.raises(Unreadable, match='"point" is not a text'):
        text_of({"point": value}, "point")


def test_a_missing_text_is_empty() -> None:
    assert (text_of({}, "point"), text_of({"point": None}, "point"), text_of({"point": "P1"}, "point")) == (
        "",
        "",
        "P1",
    )


def test_a_form_names_every_property_and_allows_no_other() -> None:
    made = form("x", kind=one_of(["a", "b"]), items=list_of(object_of(n={"type": "integer"})))
    inner = made.schema["properties"]["items"]["items"]
    assert (made.name, made.schema["required"], inner["required"]) == ("x", ["kind", "items"], ["n"])
    assert made.schema["additionalProperties"] is inner["additionalProperties"] is False
    assert made.schema["properties"]["kind"] == {"type": "string", "enum": ["a", "b"]}
