"""A key that was planted turns up nowhere: no log, database, address, page, export, exception or trace."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from agents.archive import Archive
from agents.export import as_json, as_markdown
from agents.llm import Request
from agents.model_failure import ModelFailed
from agents.patience import Patience
from agents.settings import Settings
from agents.work import Call
from evals.candidates import Candidate
from knowledge.embedder import MiniLM
from tests.loopback import Loopback
from tests.page_ground import drawn, ground, page
from tests.scripted_model import answer
from tests.seated import KEY, held, seated
from tests.whole import bank

ROOT = Path(__file__).parents[1]
PANEL = "views/panel.py"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    with ground(tmp_path, monkeypatch) as made:
        yield made


def searched(folder: Path) -> list[str]:
    """The files below a folder that hold the key."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


@pytest.mark.parametrize("accepted", [KEY, "sk-another"])
def test_an_interview_leaves_no_key_behind(
    accepted: str, embedder: MiniLM, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = list(Candidate(bank()["SD02"], "good").answers())[:2]
    with Loopback(answer, key=accepted) as server:
        panel = seated(server.url, embedder)
        state = held(tmp_path, panel, bank()["SD02"], answers, 12.0).state
        sent = [request.headers["authorization"] for request in server.requests]
    assert sent
    assert all(KEY in header for header in sent)  # it was used
    if accepted != KEY:
        assert all(t.took_over == "the model's server did not accept the key" for t in state.turns if t.observation)
    assert searched(tmp_path) == []
    for told in (as_markdown(state), as_json(state), repr(panel), str(panel), repr(state), caplog.text):
        assert KEY not in told
    out, err = capfd.readouterr()
    assert KEY not in out + err


def test_exceptions_and_their_traces_hold_no_key(embedder: MiniLM) -> None:
    with Loopback(answer, key="sk-another") as server:
        connection = seated(server.url, embedder).connection
        calls: list[Call] = []
        try:
            connection.ask("interviewer", Request([("user", "Hello")]), Patience(20), calls)
        except ModelFailed as error:
            told = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
            assert error.__cause__ is None
            assert KEY not in told
            assert "[key]" in error.detail  # this server sends the key back
        else:
            pytest.fail("the key was wrong")
    assert KEY not in repr(calls)


def test_settings_that_cannot_be_used_show_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_LLM_KEY", KEY)
    assert KEY not in repr(Settings()) + str(Settings()) + Settings().model_dump_json()


def test_a_command_that_fails_shows_no_key(tmp_path: Path) -> None:
    with Loopback(answer, key="sk-another") as server:
        environ = {k: v for k, v in os.environ.items() if not k.startswith("GREENROOM_")} | {
            "GREENROOM_LLM_URL": server.url,
            "GREENROOM_LLM_KEY": KEY,
            "GREENROOM_LLM_MODEL": "scripted",
            "GREENROOM_DATA": str(tmp_path / "data"),
        }
        answers = tmp_path / "answers.jsonl"
        answers.write_text(json.dumps({"text": "How many users are there?", "minutes": 3}) + "\n")
        command = [
            sys.executable,
            "-m",
            "agents",
            "interview",
            "--question",
            "SD02",
            "--minutes",
            "5",
            "--panel",
            "model",
        ]
        command += ["--answers", str(answers), "--json", "--data", str(tmp_path / "kept")]
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "did not accept the key" in done.stdout
    assert KEY not in done.stdout + done.stderr
    assert searched(tmp_path) == []


def whole(app: AppTest) -> str:
    """Everything that the server has sent to the page, and the page's address."""
    elements = "".join(str(element.proto) for element in app.main.children.values() if hasattr(element, "proto"))
    return elements + repr(app._tree) + str(app.query_params)


def test_a_key_on_the_page_is_taken_and_not_shown(archive: Archive, tmp_path: Path) -> None:
    with Loopback(answer, key=KEY) as server:
        app = page(PANEL)
        app.segmented_control[0].set_value("A language model")
        drawn(app.run())
        app.text_input(key="panel-url").set_value(server.url)
        app.text_input(key="panel-key").set_value(KEY)
        drawn(app.run())
        assert app.text_input(key="panel-key").value == ""
        app.button(key="panel-list").click()
        drawn(app.run())
        assert app.session_state["listed-models"] == ["scripted"]
        app.selectbox(key="panel-model").set_value("scripted")
        drawn(app.run())
        app.button(key="panel-test").click()
        drawn(app.run())
        assert len(app.success) == 2
        app.button(key="panel-seat").click()
        drawn(app.run())
    assert "scripted" in app.markdown[0].value + "".join(m.value for m in app.markdown)
    assert KEY not in whole(app)
    assert searched(tmp_path) == []


def test_a_key_that_is_refused_is_not_shown(archive: Archive) -> None:
    with Loopback(answer, key="sk-another") as server:
        app = page(PANEL)
        app.segmented_control[0].set_value("A language model")
        drawn(app.run())
        app.text_input(key="panel-url").set_value(server.url)
        app.text_input(key="panel-key").set_value(KEY)
        drawn(app.run())
        app.button(key="panel-list").click()
        drawn(app.run())
    assert "did not accept the key" in app.error[0].value
    assert "[key]" in app.code[0].value
    assert KEY not in whole(app)
