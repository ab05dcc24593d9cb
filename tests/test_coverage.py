"""What the bank covers: counted by topic, group, category and level, and drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents.archive import Archive
from knowledge.bank import planned
from knowledge.coverage import against_plan, by_topic, missing_topics
from knowledge.resource import Topic
from knowledge.terms import CATEGORIES, Level
from tests.page_ground import bank_tab, drawn, ground, texts
from tests.sample_question import sample_question
from views.bank_coverage import heat_map

TOPICS = {
    "forecasting": Topic("forecasting", "Forecasting", None, "Markets", False),
    "pricing": Topic("pricing", "Pricing", None, "Markets", False),
    "serving-realtime": Topic("serving-realtime", "Live serving", None, "Serving", False),
}
ONE = replace(sample_question(), topics=("forecasting", "pricing", "unknown"), category="Coding")
TWO = replace(sample_question(), id="XX02", topics=("serving-realtime",), difficulty=Level.EXPERT)


def test_a_question_counts_once_in_each_row_that_it_belongs_to() -> None:
    assert by_topic([ONE, TWO], TOPICS, grouped=True) == {"Markets": {"Coding": 1}, "Serving": {"System Design": 1}}
    assert by_topic([ONE, TWO], TOPICS, grouped=False) == {
        "Forecasting": {"Coding": 1},
        "Pricing": {"Coding": 1},
        "Live serving": {"System Design": 1},
    }


def test_topics_without_a_question_are_named() -> None:
    assert [t.tag for t in missing_topics([ONE], TOPICS)] == ["serving-realtime"]
    assert missing_topics([ONE, TWO], TOPICS) == []


def test_the_plan_is_counted_beside_what_there_is() -> None:
    plan = {
        "XX02": {"category": "System Design", "difficulty": "Expert"},
        "XX03": {"category": "Shell", "difficulty": "Expert"},
    }
    found = against_plan([ONE, TWO], plan)
    assert found["System Design"][Level.EXPERT] == (1, 1)
    assert found["Shell"][Level.EXPERT] == (0, 1)
    assert found["Coding"][ONE.difficulty] == (1, 0)
    assert sum(wanted for row in against_plan([], planned()).values() for _, wanted in row.values()) == 121


def test_the_map_leaves_cells_without_a_question_empty() -> None:
    option = heat_map(by_topic([ONE, TWO], TOPICS, grouped=True))
    assert option["yAxis"]["data"] == ["Markets", "Serving"]
    assert option["series"][0]["data"] == [[CATEGORIES.index("Coding"), 0, 1], [0, 1, 1]]
    assert heat_map({})["visualMap"]["max"] == 1


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    with ground(tmp_path, monkeypatch) as made:
        yield made


def test_the_page_counts_and_names_what_is_missing(archive: Archive) -> None:
    app = bank_tab("Coverage")
    assert "3 questions. A question counts" in texts(app)
    assert "**No question about:**" in texts(app)
    app.segmented_control(key="coverage-level").set_value(Level.EXPERT)
    app = drawn(app.run())
    assert "1 questions. A question counts" in texts(app)
    rows = app.table[0].value
    assert list(rows["Expert"])[:2] == ["1 of 8", "0 of 5"]
