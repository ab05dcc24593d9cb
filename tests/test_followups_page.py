"""The page for people who interview: paste an answer, get the next questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.archive import Archive
from tests.page_ground import drawn, ground, page, texts

PAGE = "views/followups.py"
ANSWER = (
    "Every team defines its features in one place, a job fills the store each night, and training joins them by the "
    "time of the event. <b>bold</b> costs $5 and $6."
)


@pytest.fixture(autouse=True)
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    with ground(tmp_path, monkeypatch) as made:
        yield made


def test_five_questions_each_with_words_and_a_strong_reply(archive: Archive) -> None:
    app = page(PAGE)
    app.selectbox(key="followups-question").set_value("SD06")
    app.text_area(key="followups-answer").set_value(ANSWER)
    drawn(app.button(key="suggest").click().run())
    said = texts(app)
    assert said.count("*A strong reply:*") == 5
    assert "**5. " in said
    assert "Nothing leaves this machine" in said
    assert "<b>" not in said.replace("\\<b\\>", "")
    assert archive.interviews() == []


@pytest.mark.parametrize(("answer", "says"), [("", "write down what"), ("qwrtz plkj mnbv hgfd zxcv", "no words")])
def test_what_cannot_be_read_is_said_and_old_questions_go(answer: str, says: str) -> None:
    app = page(PAGE)
    app.text_area(key="followups-answer").set_value(ANSWER)
    drawn(app.button(key="suggest").click().run())
    app.text_area(key="followups-answer").set_value(answer)
    drawn(app.button(key="suggest").click().run())
    assert says in texts(app)
    assert "A strong reply" not in texts(app)
    assert app.text_area(key="followups-answer").value == answer
