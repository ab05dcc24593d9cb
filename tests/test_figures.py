"""The arithmetic of question files: notation, units, tolerance, and numbers that come from nowhere."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from knowledge.bank import load_bank
from knowledge.figures import figure_faults, given_numbers
from tests.sample_question import sample_question

HINTS_END = "## Expected Solution Components"


def faults(*lines: str) -> list[tuple[str, str]]:
    """The faults of a sample question (300 trams, one report every ten seconds, 800 stops) with these figures."""
    section = "## Figures\n\n" + "\n".join(f"- {line}" for line in lines) + f"\n\n{HINTS_END}"
    return list(figure_faults(sample_question((HINTS_END, section))))


@pytest.mark.parametrize(
    "line",
    [
        "300 trams / 10 seconds = 30 trams/second",
        "300 trams * 1 report/tram / 10 seconds * 1 day ~ 2.6 million reports",
        "300 trams * 24 lines = 7,200 tram*lines",
        "1 - 1 / 300 = 99.67 %",
        "(100 % - 1 / 300) ** 800 ~ 7 %",
        "2,000 requests/second * 1 KB/request * 1 hour = 7.2 GB",
        "3,000 euros/month * 1 year = 36,500 euros",
        "300 W * 2 years = 5,256 kWh",
        "300 KiB = 307,200 bytes",
        "2 queries + 10 query = 12 Queries",
        "(2 boxes + 10 box) * (1 batch + 2 batches) = 36 box*batches",
        "2 engineer-months + 10 engineer-month = 12 engineer-months",
        "(300 - 24) / 300 = 0.9",  # right to the digits shown
    ],
)
def test_what_is_right(line: str) -> None:
    assert faults(f"**A:** {line}") == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("300 trams / 10 seconds = 33 trams/second", "33 trams/second is written, 30 is computed"),
        ("300 trams / 10 seconds ~ 33 trams/second", "33 trams/second is written, 30 is computed"),
        ("300 trams / 10 seconds = 30 trams", "the units differ: 30 tram / second is computed, 30 trams is written"),
        ("300 trams + 800 stops = 1,100 trams", "both sides of + and - need the same units"),
        ("300 trams / (10 - 10) = 3 trams", "it cannot be computed"),
        ("300 trams", 'write it as "EXPRESSION = RESULT"'),
        ("300 trams = 300 trams = 300 trams", 'write it as "EXPRESSION = RESULT"'),
        ("300 trams x 2 = 600 trams", "the units differ: 600 tram * x is computed"),
        ("300 trams & 2 = 600 trams", '"& 2" cannot be read'),
        ("[B] * 2 = 600 trams", "there is no figure [B] above"),
        ("300 trams * 7 = 2,100 trams", "7 stands neither in the question nor behind '; assumes': where is it from?"),
    ],
)
def test_what_is_wrong(line: str, message: str) -> None:
    found = faults(f"**A:** {line}")
    assert [name for name, _ in found] == ["A"]
    assert message in found[0][1]


def test_an_earlier_figure_has_its_computed_value_not_the_rounded_one() -> None:
    day = "**Day:** 300 trams * 1 report/tram / 10 seconds * 1 day ~ 2.6 million reports"
    assert faults(day, "**Year:** [Day] * 1 year / 1 day = 946 million reports") == []
    assert "9.4608e+08" in faults(day, "**Year:** [Day] * 1 year / 1 day = 955 million reports")[0][1]


def test_a_number_may_be_assumed_aloud() -> None:
    assert faults("**A:** 300 trams * 7 seats/tram = 2,100 seats; assumes 7 seats/tram") == []
    assert faults("**A:** 300 trams * 7 = 2,100 trams; assumes seven") == []
    assert "11 stands neither" in faults("**A:** 300 trams * 11 = 3,300 trams; assumes seven")[0][1]


def test_numbers_are_found_in_figures_and_in_words() -> None:
    question = sample_question(
        ("Ostring runs 300 trams.", "Ostring runs twenty-four of 1,300 trams, 2.5 million people and 12 % of a fleet.")
    )
    assert {24.0, 1300.0, 2.5e6, 12.0, 0.12} <= given_numbers(question)


def test_every_shipped_figure_is_right_and_a_wrong_one_would_be_found() -> None:
    """All figures of the bank are right, and none is when its result is ten times as large."""
    checked = 0
    for question in load_bank().questions.values():
        assert list(figure_faults(question)) == []
        spoiled = tuple(replace(f, text=re.sub(r"([=~])", r"\1 10.0000 *", f.text)) for f in question.figures)
        found = {name for name, why in figure_faults(replace(question, figures=spoiled)) if "computed" in why}
        assert found == {f.name for f in question.figures}
        checked += len(spoiled)
    assert checked > 1_000
