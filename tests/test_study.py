"""The study plans: readable, with ids that are there, and drawn with links to questions and resources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.archive import Archive
from knowledge.bank import planned
from knowledge.faults import KnowledgeError
from knowledge.resource import load_resources, load_topics
from knowledge.study import load_study_plans
from tests.page_ground import bank_tab, drawn, ground, links, texts

TOPICS, RESOURCES = load_topics(), load_resources()


def test_the_shipped_plans_have_four_weeks_and_eight() -> None:
    plans = load_study_plans(TOPICS, planned(), RESOURCES)
    assert {key: len(plan.parts) for key, plan in plans.items()} == {"four-weeks": 4, "eight-weeks": 4}
    for part in (part for plan in plans.values() for part in plan.parts):
        assert len(part.do) >= 3
        assert len(part.questions) >= 5
        assert len(part.resources) >= 3


def test_what_is_not_there_is_a_fault_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "plans.yaml"
    file.write_text(
        "one:\n  name: One\n  about: It.\n  parts:\n    first:\n      title: T\n      about: A\n      do: [x]\n"
        "      topics: [nothing]\n      questions: [ZZ99]\n      resources: [R999]\n",
        encoding="utf-8",
    )
    with pytest.raises(KnowledgeError) as raised:
        load_study_plans(TOPICS, planned(), RESOURCES, file)
    assert [(f.line, f.message.split(": ")[-1]) for f in raised.value.faults] == [
        (9, "unknown topic 'nothing'"),
        (10, "unknown question 'ZZ99'"),
        (11, "unknown resource 'R999'"),
    ]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    with ground(tmp_path, monkeypatch) as made:
        yield made


def test_the_page_links_the_questions_there_are_and_says_what_is_missing(archive: Archive) -> None:
    app = bank_tab("Study plans")
    assert "Week 1\\: designing whole systems" in texts(app)
    assert links(app)["Latency quadrupled overnight"] == "question=DB01"
    assert "planned and not in this bank" in texts(app)
    app.segmented_control(key="study-plan").set_value("eight-weeks")
    app = drawn(app.run())
    assert "Weeks 7 and 8\\: advanced topics and case studies" in texts(app)
