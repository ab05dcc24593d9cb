"""The practice page, drawn by Streamlit's own test runner over a real archive, bank and search index."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from agents.archive import Archive, InterviewSummary
from agents.events import Finished, Opened, Said, Scored
from agents.phases import exchanges
from agents.scorecard import Scorecard
from knowledge.bank import load_bank
from knowledge.question import QUESTIONS, Question
from knowledge.terms import Level
from tests.built_index import BuiltIndex
from tests.page_ground import forget, tab
from views.practise_cards import LENGTHS, practised, taster_question
from views.practise_choice import draw

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
FILES = ("coding/CD01.md", "debugging/DB01.md", "system-design/SD02.md", "system-design/SD06.md")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder and four questions of the test's own; what the server keeps in memory is forgotten."""
    for name in [name for name in os.environ if name.startswith("GREENROOM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GREENROOM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GREENROOM_SPEECH_DELAY", "0")
    monkeypatch.setenv("GREENROOM_QUESTIONS", str(tmp_path / "questions"))
    monkeypatch.setenv("GREENROOM_THREADS", "1")  # two would mostly wait for each other
    (tmp_path / "questions").mkdir()
    for name in FILES:
        shutil.copy(QUESTIONS / name, tmp_path / "questions")
    monkeypatch.chdir(tmp_path)
    forget()
    yield tmp_path / "data"
    forget()


def page() -> AppTest:
    """The first page as a new visitor sees it."""
    return drawn(tab().run())


def drawn(app: AppTest) -> AppTest:
    """`app`, which must have been drawn without a traceback."""
    assert not app.exception, app.exception[0].message
    return app


def known() -> dict[str, Question]:
    """The questions of the bank that the page uses."""
    return load_bank(Path(os.environ["GREENROOM_QUESTIONS"])).questions


def held(data: Path) -> list[InterviewSummary]:
    return Archive.in_folder(data).interviews()


def by(app: AppTest, way: str) -> AppTest:
    return drawn(app.segmented_control(key="way").set_value(way).run())


def texts(app: AppTest) -> str:
    """Everything that is drawn as text, in one piece."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.text, app.info, app.warning, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def store(data: Path, interview: str, question: Question, answers: int = 1, overall: float | None = None) -> None:
    """An interview as it lies in the log; with `overall` it is finished and scored."""
    archive, seq = Archive.in_folder(data), 0
    opened = Opened(
        seq=0,
        at=NOW,
        question_id=question.id,
        question_source=question.source,
        level=question.difficulty,
        minutes=45,
        pace="typed",
        rubric="greenroom",
        panel="local",
    )
    archive.append(interview, opened)
    for seq in range(1, answers + 1):
        archive.append(interview, Said(seq=seq, at=NOW, text="Who uses it?"))
    if overall is not None:
        archive.append(interview, Finished(seq=answers + 1, at=NOW, reason="candidate"))
        card = Scorecard(
            question=question.id,
            title=question.title,
            level=question.difficulty,
            kind="practice estimate",
            overall=overall,
            coverage=0.5,
            assessor="local",
            rubric="greenroom",
            rubric_fingerprint="r",
            question_fingerprint="q",
        )
        archive.append(interview, Scored(seq=answers + 2, at=NOW, scorecard=card))


@pytest.fixture
def sd02() -> Question:
    return known()["SD02"]


def test_says_on_top_that_it_is_practice() -> None:
    app = page()
    assert app.title[0].value == "Practise an interview"
    assert "not for hiring decisions" in app.caption[0].value


def test_the_first_page_does_not_wait_for_the_search() -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest; "
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=60).run(); "
        "assert not app.exception; "
        "print([m for m in ('chromadb', 'onnxruntime', 'tokenizers', 'langchain_core') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_newcomer_is_offered_the_taster(data: Path) -> None:
    app = page()
    button = app.button(key="taster")
    assert button.proto.type == "primary"
    drawn(button.click().run())
    (summary,) = held(data)
    question = taster_question(load_bank(Path(os.environ["GREENROOM_QUESTIONS"])))
    assert question is not None
    assert (summary.taster, summary.minutes, summary.question_id) == (True, 10, question.id)
    assert summary.level == question.difficulty
    assert app.query_params["interview"] == summary.id
    assert app.subheader[0].value == question.title


def test_the_taster_steps_back_once_an_interview_was_held(data: Path, sd02: Question) -> None:
    store(data, "one", sd02, overall=3.0)
    assert page().button(key="taster").proto.type == "tertiary"


def test_an_empty_bank_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "questions").iterdir():
        path.unlink()
    app = drawn(page().button(key="taster").click().run())
    assert "empty" in app.warning[0].value


def test_taster_prefers_a_design_of_the_lowest_level() -> None:
    whole = load_bank()
    question = taster_question(whole)
    designs = [q for q in whole.questions.values() if q.category == "System Design"]
    assert question in designs
    assert question.difficulty.order == min(q.difficulty.order for q in designs)


def test_browsing_shows_every_question_as_a_card() -> None:
    app = by(page(), "Browse")
    shown = texts(app)
    assert "4 of 4 questions" in shown
    first = known()["CD01"]
    assert f"{first.difficulty} · {first.category} · {first.minutes} min · not practised yet" in shown
    assert "Concurrency, Data validation, Error handling and logging" in shown
    assert first.statement.splitlines()[0] in [text.value.splitlines()[0] for text in app.text]


def test_filters_narrow_the_list() -> None:
    app = by(page(), "Browse")
    drawn(app.selectbox(key="category").select("Debugging").run())
    assert [b.key for b in app.button if str(b.key).startswith("choose-")] == ["choose-DB01"]
    drawn(app.selectbox(key="fits").select(10).run())
    assert "No question passes all three." in texts(app)


def test_choosing_offers_the_questions_own_level_and_length(data: Path) -> None:
    question = known()["CD01"]
    app = by(page(), "Browse")
    drawn(app.button(key="choose-CD01").click().run())
    assert app.segmented_control(key="level-CD01").value == question.difficulty
    length = app.segmented_control(key="minutes-CD01-25")
    assert (length.value, set(length.options)) == (25, {str(m) for m in (*LENGTHS, 25)})
    assert app.segmented_control(key="pace-CD01").value == "typed"
    assert f"about {exchanges(25, 'typed')} exchanges are planned for 25 minutes" in texts(app)
    app.segmented_control(key="level-CD01").set_value(Level.EXPERT)
    length.set_value(45)
    app.segmented_control(key="pace-CD01").set_value("spoken")
    drawn(app.run())
    assert f"about {exchanges(45, 'spoken')} exchanges are planned for 45 minutes" in texts(app)
    drawn(app.button(key="start-CD01").click().run())
    (summary,) = held(data)
    opened = Archive.in_folder(data).events(summary.id)[0]
    assert isinstance(opened, Opened)
    assert (opened.level, opened.minutes, opened.pace, opened.taster) == (Level.EXPERT, 45, "spoken", False)
    assert app.query_params["interview"] == summary.id


def test_the_pace_set_for_the_machine_is_offered_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_PACE", "spoken")
    app = by(page(), "Browse")
    drawn(app.button(key="choose-CD01").click().run())
    assert app.segmented_control(key="pace-CD01").value == "spoken"


def wish_for(text: str, built: BuiltIndex | None = None) -> AppTest:
    """The page after a search, in a copy of the index if there is one."""
    if built is not None:
        built.copy(Path(os.environ["GREENROOM_DATA"]))
    app = page()
    app.text_input(key="wish").set_value(text)
    return drawn(app.button(key="find").click().run())


def test_a_wish_in_own_words(built_index: BuiltIndex) -> None:
    app = wish_for("recommendations that react to clicks, senior, 50 min", built_index)
    assert "Understood: Advanced · up to 50 min · about “recommendations that react to clicks”" in texts(app)
    assert "choose-SD02" in [b.key for b in app.button]
    drawn(app.button(key="choose-SD02").click().run())
    assert app.segmented_control(key="minutes-SD02-50").value == 50


def test_a_wish_that_nothing_fits_wholly_shows_what_comes_close(built_index: BuiltIndex) -> None:
    app = wish_for("recommendations that react to clicks, 10 minutes", built_index)
    assert "Nothing fits all of that" in app.info[0].value
    assert "choose-SD02" in [b.key for b in app.button]


def test_a_wish_for_something_else_finds_nothing(built_index: BuiltIndex) -> None:
    app = wish_for("baking sourdough bread", built_index)
    assert "Nothing in the bank comes close" in app.info[0].value


def test_the_first_search_builds_the_index(data: Path, tmp_path: Path) -> None:
    for name in ("CD01.md", "DB01.md", "SD06.md"):
        (tmp_path / "questions" / name).unlink()
    app = wish_for("recommendations that react to clicks")
    assert "choose-SD02" in [b.key for b in app.button]
    assert (data / "index").is_dir()


def test_without_weights_the_search_names_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    monkeypatch.setenv("GREENROOM_WEIGHTS", str(tmp_path / "weights"))
    st.cache_resource.clear()
    app = wish_for("recommendations")
    assert "GREENROOM\\_WEIGHTS" in app.error[0].value
    by(app, "Browse")
    assert "choose-SD02" in [b.key for b in app.button]


def test_the_draw_takes_what_was_practised_least(sd02: Question) -> None:
    pool = list(known().values())
    times = {"CD01": 2, "DB01": 2, "SD06": 1}
    assert draw(pool, times) == sd02
    assert draw(pool, times | {"SD02": 1}, other_than=sd02) == known()["SD06"]
    assert draw([sd02], {}, other_than=sd02) == sd02
    assert draw([], {}) is None


def test_drawing_shows_one_card_ready_to_start(data: Path) -> None:
    app = by(page(), "Draw one for me")
    drawn(app.button(key="draw").click().run())
    starts = [b for b in app.button if str(b.key).startswith("start-")]
    assert len(starts) == 1
    drawn(starts[0].click().run())
    assert held(data)[0].question_id == str(starts[0].key).removeprefix("start-")


def test_how_often_a_question_was_practised(data: Path, sd02: Question) -> None:
    store(data, "one", sd02)
    store(data, "two", sd02)
    store(data, "unanswered", sd02, answers=0)
    assert "practised twice" in texts(by(page(), "Browse"))
    assert practised(3) == "practised 3 times"


def test_the_list_of_interviews(data: Path, sd02: Question) -> None:
    store(data, "done", sd02, overall=3.44)
    store(data, "open", sd02)
    app = page()
    assert "Unfinished" in texts(app)
    links = [(link.proto.label, link.proto.query_string) for link in app.get("page_link")]
    assert links == [("Go on", "interview=open"), ("Go on", "interview=open"), ("Scorecard", "interview=done")]
    assert "**3.4** of 5" in texts(app)


def test_deleting_asks_first(data: Path, sd02: Question) -> None:
    store(data, "done", sd02, overall=3.0)
    app = drawn(page().button(key="delete-done").click().run())
    drawn(app.button(key="delete-not").click().run())
    assert [s.id for s in held(data)] == ["done"]
    drawn(app.button(key="delete-done").click().run())
    drawn(app.button(key="delete-now").click().run())
    assert held(data) == []
    assert "Your interviews" not in texts(app)


def test_an_unreadable_interview_can_still_be_deleted(data: Path) -> None:
    Archive.in_folder(data).append("odd", Said(seq=0, at=NOW, text="no beginning"))
    app = page()
    assert "does not begin with" in texts(app)
    assert not [link for link in app.get("page_link") if "odd" in link.proto.query_string]
    drawn(app.button(key="delete-odd").click().run())
    drawn(app.button(key="delete-now").click().run())
    assert held(data) == []


def test_many_interviews_come_in_pages(data: Path, sd02: Question) -> None:
    for number in range(9):
        store(data, f"n{number}", sd02, overall=2.0)
    app = page()
    assert len([b for b in app.button if str(b.key).startswith("delete-")]) == 8
    drawn(app.pagination(key="history-page").set_value(2).run())
    assert len([b for b in app.button if str(b.key).startswith("delete-")]) == 1


def test_settings_that_cannot_be_used_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_THREADS", "many")
    assert "GREENROOM\\_THREADS" in page().error[0].value


def test_a_damaged_database_is_named(data: Path) -> None:
    data.mkdir()
    (data / "greenroom.db").write_bytes(b"not a database" * 100)
    app = page()
    assert "greenroom\\.db" in app.error[0].value


def test_a_broken_question_leaves_the_others_standing(tmp_path: Path) -> None:
    (tmp_path / "questions" / "XX01.md").write_text("nothing like a question", encoding="utf-8")
    app = by(page(), "Browse")
    assert "XX01\\.md" in app.warning[0].value
    assert "choose-SD02" in [b.key for b in app.button]


def test_a_title_is_shown_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "questions" / "SD02.md"
    title = "Costs: $5 to $6 & a <b>*_bold_*</b> move"
    source = path.read_text(encoding="utf-8").replace(f"title: {known()['SD02'].title}", f"title: '{title}'")
    path.write_text(source, encoding="utf-8")
    assert r"**Costs\: \$5 to \$6 \& a \<b\>\*\_bold\_\*\</b\> move**" in texts(by(page(), "Browse"))
