"""What page tests stand on: a data folder and a small bank of their own, and pages drawn from the whole app."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from agents.archive import Archive
from knowledge.bank import load_bank
from knowledge.question import QUESTIONS, Question
from views import house

ROOT = Path(__file__).parents[1]
FILES = ("coding/CD01.md", "coding/CD01_reference.py", "debugging/DB01.md", "system-design/SD06.md")


@contextmanager
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """The archive of an empty data folder; three questions; nothing remembered from another test."""
    for name in [name for name in os.environ if name.startswith("GREENROOM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GREENROOM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GREENROOM_QUESTIONS", str(tmp_path / "questions"))
    monkeypatch.setenv("GREENROOM_THREADS", "1")  # two would mostly wait for each other
    (tmp_path / "questions").mkdir()
    for name in FILES:
        shutil.copy(QUESTIONS / name, tmp_path / "questions")
    monkeypatch.chdir(tmp_path)  # away from a .env of whoever runs the tests
    forget()
    archive = Archive.in_folder(tmp_path / "data")
    yield archive
    archive.close()
    forget()


def question(question_id: str) -> Question:
    """A question of the test's bank."""
    return load_bank(Path(os.environ["GREENROOM_QUESTIONS"])).questions[question_id]


def forget() -> None:
    """Has the app forget what it keeps in memory, as a new server would. Panel and embedding model stay, which take
    seconds to get ready, unless the test has set other weights; it clears everything itself after it did so."""
    if "GREENROOM_WEIGHTS" in os.environ:
        st.cache_resource.clear()
    for kept in (
        house.settings,
        house.archive,
        house.bank,
        house.rubric,
        house.resources,
        house._index,
        house.configured,
    ):
        kept.clear()


@cache
def _components() -> BidiComponentManager:
    found = BidiComponentManager()
    found.discover_and_register_components(start_file_watching=False)
    return found


def tab() -> AppTest:
    """The app in a new browser tab, not drawn yet. All tabs share one list of installed components, as those of a
    server do; Streamlit's test runner would read the metadata of every installed package again for each."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app._bidi_component_manager = _components()
    return app


def page(path: str, **params: str) -> AppTest:
    """The page at `path`, a file below the app's folder, with `params` in its address."""
    app = drawn(tab().run())
    app.switch_page(path)
    for name, value in params.items():
        app.query_params[name] = value
    return drawn(app.run())


def bank_tab(label: str) -> AppTest:
    """The question bank's page with this tab open."""
    app = page("views/bank.py")
    app.session_state["bank-tab"] = label
    return drawn(app.run())


def drawn(app: AppTest) -> AppTest:
    """`app`, which must have been drawn without a traceback."""
    assert not app.exception, app.exception[0].message
    return app


def texts(app: AppTest) -> str:
    """Everything that is drawn as text, in one piece."""
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.text, app.code, app.info)
    return "\n".join(str(element.value) for kind in (*kinds, app.warning, app.error) for element in kind)


def links(app: AppTest) -> dict[str, str]:
    """Label -> query string of every link to another page."""
    return {link.label: link.proto.query_string for link in app.page_link}
