"""The page on one's data: where it lies, how to be rid of it, and what is said about the scores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.archive import Archive
from tests.page_ground import drawn, ground, links, page, question, texts
from tests.scored_interview import card_for, keep, log

PAGE = "views/data.py"


@pytest.fixture(autouse=True)
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    with ground(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def two(archive: Archive) -> Archive:
    """An archive with a scored interview and one that goes on."""
    keep(archive, "done", log(question("SD06"), card_for(question("SD06"))))
    keep(archive, "open", log(question("DB01"), None, finished=False))
    return archive


def test_where_it_lies_and_what_leaves(tmp_path: Path) -> None:
    app = page(PAGE)
    assert [code.value for code in app.code] == [
        str(tmp_path / "data" / "greenroom.db"),
        str(tmp_path / "data" / "index"),
    ]
    assert "Nothing leaves this machine" in texts(app)
    assert "There is none" in texts(app)
    assert not [button for button in app.button if button.key == "delete-all"]


def test_how_scores_are_made_with_their_limits() -> None:
    said = texts(page(PAGE))
    for part in ("practice estimate", "reads English only", "not for hiring decisions", "no default score"):
        assert part in said, part


def test_password_of_a_database_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_DATABASE", f"sqlite:///{tmp_path}/other.db")
    app = page(PAGE)
    assert app.code[0].value == f"sqlite:///{tmp_path}/other.db"
    from views.data import _without_password

    assert _without_password("postgresql+psycopg://me:secret@db/x") == "postgresql+psycopg://me:***@db/x"
    assert _without_password("interviews.db") == "interviews.db"


def test_list_leads_to_scorecard_and_room(two: Archive) -> None:
    app = page(PAGE)
    assert links(app) == {"Scorecard": "interview=done", "Go on": "interview=open"}


def test_one_interview_is_deleted_after_a_question(two: Archive) -> None:
    app = page(PAGE)
    drawn(app.button(key="delete-done").click().run())
    assert len(two.interviews()) == 2
    drawn(app.button(key="delete-now").click().run())
    assert [summary.id for summary in two.interviews()] == ["open"]


def test_all_are_deleted_after_a_question(two: Archive) -> None:
    app = page(PAGE)
    drawn(app.button(key="delete-all").click().run())
    assert "**2 interviews**" in texts(app)
    drawn(app.button(key="delete-all-not").click().run())
    assert len(two.interviews()) == 2
    drawn(app.button(key="delete-all").click().run())
    drawn(app.button(key="delete-all-now").click().run())
    assert two.interviews() == []
    assert "There is none" in texts(drawn(app.run()))


def test_interview_that_cannot_be_read_is_listed_with_the_reason(archive: Archive) -> None:
    events = log(question("SD06"), None, finished=False)
    keep(archive, "newer", [events[0].model_copy(update={"version": 99}), *events[1:]])
    app = page(PAGE)
    assert "update Greenroom" in texts(app)
    assert app.button(key="delete-newer")


def test_faults_of_question_files(tmp_path: Path) -> None:
    (tmp_path / "questions" / "XX01.md").write_text("# nothing\n")
    app = page(PAGE)
    assert "Question files with faults" in texts(app)
    assert any("XX01" in warning.value for warning in app.warning)


def test_damaged_archive_leaves_the_rest_standing(archive: Archive, tmp_path: Path) -> None:
    archive.close()
    (tmp_path / "data" / "greenroom.db").write_bytes(b"not a database" * 100)
    app = page(PAGE)
    assert app.error
    assert "How scores are made" in texts(app)
