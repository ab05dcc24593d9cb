"""The scorecard's page, drawn by Streamlit's own test runner over a real archive."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from agents.archive import Archive
from agents.scorecard import Scorecard
from knowledge.question import Question
from tests.page_ground import drawn, ground, links, page, question, texts
from tests.scored_interview import CODE, DIAGRAM, FIRST, HINT, NASTY, NOTES, card_for, keep, log
from views.scorecard_summary import chart
from views.texts import ours, quotes, typed

PAGE = "views/scorecard.py"


@pytest.fixture(autouse=True)
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    with ground(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> AppTest:
    """The page of an interview with one of everything in it, drawn once: to look at, not to click on."""
    with pytest.MonkeyPatch.context() as patch, ground(tmp_path_factory.mktemp("scored"), patch) as archive:
        return of(archive, question("SD06"))


def of(archive: Archive, asked: Question, **changes: object) -> AppTest:
    """The page of the same interview with a scorecard changed here and there."""
    return page(PAGE, interview=keep(archive, "two", log(asked, card_for(asked).model_copy(update=changes))))


# The way to a scorecard


def test_without_an_id_there_is_a_choice(archive: Archive) -> None:
    app = page(PAGE)
    assert "Which scorecard?" in texts(app)
    assert "no finished interview yet" in texts(app)
    assert "To Practise" in links(app)
    keep(archive, "one", log(question("DB01"), card_for(question("DB01"))))
    app = page(PAGE)
    assert question("DB01").title in texts(app)
    drawn(app.button(key="open-one").click().run())
    assert app.metric[0].value == "2.75 of 5"


def test_unknown_interview() -> None:
    app = page(PAGE, interview="<b>nobody</b>")
    assert "It may have been deleted" in texts(app)
    assert "To Practise" in links(app)
    assert not app.error


def test_unfinished_interview_leads_back_to_its_room(archive: Archive) -> None:
    app = page(PAGE, interview=keep(archive, "one", log(question("SD06"), None, finished=False)))
    assert "not finished" in texts(app)
    assert links(app)["Back to the interview"] == "interview=one"
    assert not app.metric


def test_interview_that_died_before_its_score_is_scored_now(archive: Archive) -> None:
    keep(archive, "one", log(question("SD06"), None))
    app = page(PAGE, interview="one")
    (summary,) = archive.interviews()
    assert summary.overall is not None
    assert app.metric[0].value == f"{summary.overall:.2f} of 5"
    assert not app.error


def test_missing_weights_are_said_with_their_remedy(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENROOM_WEIGHTS", str(tmp_path))
    st.cache_resource.clear()
    app = page(PAGE, interview=keep(archive, "one", log(question("SD06"), None)))
    assert "requirements\\-weights\\.txt" in app.error[0].value
    assert not app.metric


def test_damaged_archive_is_said(archive: Archive, tmp_path: Path) -> None:
    archive.close()
    (tmp_path / "data" / "greenroom.db").write_bytes(b"not a database" * 100)
    app = page(PAGE, interview="one")
    assert app.error
    assert not app.metric


# The score


def test_head_says_what_it_is_about(scored: AppTest) -> None:
    assert scored.title[0].value == ours(question("SD06").title).replace("-", "\\-")
    said = texts(scored)
    for part in ("practice estimate", "Expert", "System Design", "1 March 2026", "you ended it", "3 answers"):
        assert part in said, part


def test_overall_never_stands_alone(scored: AppTest) -> None:
    said = texts(scored)
    assert scored.metric[0].value == "2.75 of 5"
    for part in (
        "Likely **2.25 to 3.50**",
        "assessed 40 % of the weight",
        "Approaching the bar for Expert",
        "Problem Solving is below 3, the least for this level",
        "Red flag “Cannot explain basic trade\\-offs”",
        "not for hiring decisions",
        "rubric greenroom 1",
        "n \\= 3 answers",
        "not in your words\\: 1",
    ):
        assert part in said, part


def test_chart_shows_score_and_range(scored: AppTest) -> None:
    spec = json.loads(scored.get("echarts_chart")[0].proto.spec)
    assert spec["yAxis"]["data"][:2] == ["Overall: 2.75", "ML System Design: 2.5"]
    assert spec["yAxis"]["data"][-1] == "Python & OOP: not assessed"
    start, width, dots = (series["data"] for series in spec["series"])
    assert start == [2.25, 2, 3, None]
    assert width == [1.25, 1.5, 0, None]
    assert dots == [[2.75, 0], [2.5, 1], [3, 2]]


def test_chart_of_a_score_without_range() -> None:
    card = card_for(question("SD06")).model_copy(update={"low": None, "high": None})
    assert chart(card)["series"][1]["data"][0] == 0


def test_unscored_says_why_and_shows_no_number(archive: Archive) -> None:
    app = of(
        archive, question("SD06"), overall=None, low=None, high=None, areas=(), unscored="nothing was said", bar=None
    )
    assert app.header[0].value == "Not scored"
    assert "Nothing was said" in app.subheader[0].value
    assert not app.metric
    assert not app.get("echarts_chart")
    assert "#areas" not in texts(app)
    assert any(FIRST in element.value for element in app.text)


def test_nothing_assessed_at_all(archive: Archive) -> None:
    """As bare as a scorecard can be."""
    bare = Scorecard.model_validate(
        card_for(question("SD06")).model_dump()
        | dict.fromkeys(("areas", "points", "criteria", "improvements", "wrong_claims", "red_flags"), ())
        | {"overall": None, "low": None, "high": None, "bar": None, "unscored": None, "next_question": None}
    )
    app = page(PAGE, interview=keep(archive, "two", log(question("SD06"), bare)))
    assert "No reason was given" in texts(app)
    assert "Choose another question" in links(app)


# What it rests on


def test_areas_with_anchor_cap_and_weight(scored: AppTest) -> None:
    said = texts(scored)
    for part in (
        "2.5 of 5",
        "30 % of the weight · likely 2.0 to 3.5",
        "A whole design for \\$5.",
        "Capped at 2\\.5 by red flag “Cannot explain basic trade\\-offs”",
        "no words of yours could be counted",
        "**Python \\& OOP** (25 % of the weight)",
    ):
        assert part in said, part


def test_every_quote_leads_to_a_turn_that_is_there(scored: AppTest) -> None:
    markdown = [element.value for element in scored.markdown]
    targets = {int(n) for text in markdown for n in re.findall(r"\]\(#turn-(\d+)\)", text)}
    headings = {int(m[1]) for text in markdown if (m := re.fullmatch(r"###### Turn (\d+)", text))}
    assert targets == {2, 4, 5, 7}
    assert targets <= headings == set(range(1, 8))
    area = next(text for text in markdown if FIRST[:10] in text and "justified" in text)
    assert f"[Turn 2](#turn-2) · {question('SD06').points[0].title}\\: justified" in area


def test_quote_of_a_turn_that_is_gone() -> None:
    evidence = card_for(question("SD06")).areas[0].evidence[:1]
    assert "no longer kept" in next(quotes(evidence, {}, {}))


def test_same_words_for_several_points_stand_once() -> None:
    first = card_for(question("SD06")).areas[0].evidence[0]
    again = first.model_copy(update={"point": "P9", "rung": None})
    (text,) = quotes((first, again), {first.turn: 2}, {"P1": "One", "P9": "Nine"})
    assert text.endswith("[Turn 2](#turn-2) · One\\: justified; Nine]")


def test_code_quotes_keep_their_lines(scored: AppTest) -> None:
    assert any("```\ndef rate(x):\n    return x * 2  # `doubled`\n```" in element.value for element in scored.markdown)


def test_points_missed_untouched_and_reached(scored: AppTest) -> None:
    reached, missed, untouched = question("SD06").points[:3]
    inside = {tab.label: "\n".join(element.value for element in tab.markdown) for tab in scored.tabs}
    assert ours(missed.text) in inside["Asked, not shown (1)"]
    assert ours(untouched.text) in inside["Left out (1)"]
    assert ours(reached.text) in inside["Reached (1)"]
    assert "green-badge[justified]" in inside["Reached (1)"]


def test_reached_point_of_an_area_without_a_question_is_shown_as_not_counted(archive: Archive) -> None:
    first = card_for(question("SD06")).points[0].model_copy(update={"asked": False})
    app = of(archive, question("SD06"), points=(first,))
    assert "not counted: you answered no question about this area" in texts(app)


def test_findings_with_their_quotes(scored: AppTest) -> None:
    said = texts(scored)
    for part in (
        ours(question("SD06").wrong_claims[0].claim),
        "Money is lost (left standing)",
        "Cannot explain basic trade-offs.",
        "Weighs trade-offs.",
        "never added to it",
        "**Technical depth** · 3.5",
        "**Practical experience** · not assessed",
    ):
        assert part in said, part


def test_hints_with_what_they_cost(scored: AppTest) -> None:
    assert f"**Hint 2:** {HINT}" in texts(scored)
    assert "what follows counts up to justified" in texts(scored)


# What to do next


def test_study_and_the_next_question(archive: Archive) -> None:
    app = of(archive, question("SD06"))
    said = texts(app)
    assert "[Introduction to algorithms](<https://ocw.mit.edu" in said
    assert "R999" not in said
    assert question("DB01").title in said
    drawn(app.button(key="choose-DB01").click().run())
    assert app.button(key="start-DB01")


def test_next_question_that_is_not_in_the_bank_is_not_offered(archive: Archive) -> None:
    app = of(archive, question("SD06"), next_question="SD03")
    assert not [button for button in app.button if button.key == "choose-SD03"]
    assert "SD03" not in texts(app)


def test_solutions_of_each_kind_of_question(archive: Archive) -> None:
    labels = {}
    for asked in (question("SD06"), question("DB01"), question("CD01")):
        app = page(PAGE, interview=keep(archive, asked.id, log(asked, card_for(asked))))
        labels[asked.id] = {expander.label for expander in app.expander}
        if asked.id == "CD01":
            assert any("class RejectError" in code.value for code in app.code)
        if asked.id == "DB01":
            assert ours(asked.cause) in texts(app)
    assert "A senior solution, phase by phase" in labels["SD06"]
    assert "The cause" in labels["DB01"] - labels["SD06"]
    assert "Reference code" in labels["CD01"] - labels["DB01"]


def test_question_that_the_bank_has_lost(archive: Archive, tmp_path: Path) -> None:
    keep(archive, "one", log(question("CD01"), card_for(question("CD01"))))
    (tmp_path / "questions" / "CD01.md").unlink()
    assert "no longer has this question's code" in texts(page(PAGE, interview="one"))


# The transcript and the files


def test_transcript_shows_what_was_typed(scored: AppTest) -> None:
    plain = [element.value for element in scored.text]
    assert FIRST in plain
    assert NASTY in plain
    assert NOTES in plain
    code = next(element for element in scored.code if element.language == "python")
    assert code.value == CODE.split("```")[1].removeprefix("python\n").rstrip()
    assert any("mermaid" in element.value and DIAGRAM.splitlines()[1] in element.value for element in scored.markdown)
    assert any(element.value == DIAGRAM for element in scored.code)
    said = [element.value for element in scored.caption]
    assert any(text.startswith("Interviewer · Gave a hint · Goal and requirements") for text in said)


def test_nothing_typed_becomes_markup(scored: AppTest) -> None:
    for element in scored.markdown:
        assert "<b>" not in element.value
        assert ":material/home:" not in element.value
        assert "](javascript" not in element.value
        assert not element.allow_html


def test_files_to_keep(scored: AppTest) -> None:
    assert {button.label for button in scored.download_button} == {"Markdown", "JSON"}


# Words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("costs $5 and `a$b`", "costs \\$5 and `a$b`"),
        ("about ~5 to ~6, ~~not~~", "about \\~5 to \\~6, ~~not~~"),
        ("```\n$x <b>\n```\n<b>", "```\n$x <b>\n```\n\\<b>"),
        ("see :red[this]: at 02:00", "see \\:red[this]: at 02:00"),
        ("**bold** and [a](https://b.c)", "**bold** and [a](https://b.c)"),
    ],
)
def test_our_own_markdown_without_what_only_streamlit_reads(text: str, shown: str) -> None:
    assert ours(text) == shown


def test_typed_words_lose_nothing_but_line_breaks() -> None:
    made = typed(NASTY)
    assert made.replace("\u2060", "").replace("\\", "") == " ".join(NASTY.split())
    for sign in ("->", "https:", "me@example", ":material"):
        assert sign not in made.replace("\\", "")
