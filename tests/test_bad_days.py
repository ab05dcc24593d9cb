"""Accidents, as whoever meets them sees them: a message with its remedy, and nothing lost.

What happens further down is tested where it belongs: damaged, older and newer databases, locked and full disks in
test_archive.py; the damaged index in test_store.py; broken files of the bank and the rubric in test_bank.py and
test_rubric.py; two tabs in test_session_windows.py; a clock set back and a browser that slept in test_session_clock.py;
markup and formulas in answers in test_room_page.py and test_scorecard_page.py.
"""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest

from agents.archive import Archive, CannotWrite
from agents.events import AnyEvent, Said, read_event
from agents.export import as_markdown
from agents.panel import Panel
from agents.session import LONGEST_ANSWER, InterviewSession
from agents.state import fold
from agents.terminal import AnswersError, read_answers, run_by_hand
from knowledge.question import QUESTIONS
from knowledge.rubric import RUBRIC_FILE, load_rubric
from tests.page_ground import ROOT, drawn, forget, ground, page, question, texts

HOSTILE = "<script>alert(1)</script> **bold** $x^2$ [link](http://evil) :smile: \x1b[31mred\x07 \u202eback\ufeff"
OLD_LOG = Path(__file__).parent / "data" / "log-1.jsonl"
MODELS_LOG = Path(__file__).parent / "data" / "log-2.jsonl"


@pytest.fixture(autouse=True)
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    monkeypatch.setenv("GREENROOM_SPEECH_DELAY", "0")
    with ground(tmp_path, monkeypatch) as made:
        monkeypatch.setenv("GREENROOM_SPEECH_DELAY", "0")
        forget()
        yield made


@pytest.fixture
def session(archive: Archive, panel: Panel) -> InterviewSession:
    asked = question("SD06")
    return InterviewSession.start(archive, panel, load_rubric(RUBRIC_FILE), asked, asked.difficulty, 60)


def room(session: InterviewSession) -> AppTest:
    return page("views/room.py", interview=session.interview)


def answers(session: InterviewSession) -> list[str]:
    return [e.text for e in session.archive.events(session.interview) if isinstance(e, Said)]


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes."""
    resource = pytest.importorskip("resource")  # not on Windows
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)


def test_an_answer_on_a_full_disk_is_given_back_and_can_be_sent_again(session: InterviewSession) -> None:
    app = room(session)
    text = "I would begin with the teams that wait longest. " * 60
    with full_disk(1):
        drawn(app.chat_input(key="answer").set_value(text).run())
    assert answers(session) == []
    assert "free space" in app.error[0].value
    assert next(box.value for box in app.text_area if box.label == "Your unsent answer") == text
    drawn(app.button(key="try-again").click().run())
    assert answers(session) == [text]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_data_folder_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path("/proc/greenroom")  # not even for the administrator
    with pytest.raises(CannotWrite, match="GREENROOM_DATA"):
        Archive.in_folder(folder).interviews()
    monkeypatch.setenv("GREENROOM_DATA", str(folder))
    forget()
    said = texts(page("views/practise.py"))
    assert "GREENROOM\\_DATA" in said


def test_a_megabyte_is_refused_by_hand_and_the_interview_goes_on(
    session: InterviewSession, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter(["word " * 200_000, "", "I don't know.", ""])

    def read(prompt: str) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    run_by_hand(session, read=read)
    assert f"{LONGEST_ANSWER:,} fit into one turn" in capsys.readouterr().out
    assert answers(session) == ["I don't know."]


def test_a_megabyte_in_a_file_of_answers_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text('{"text": "short"}\n' + json.dumps({"text": "word " * 200_000}) + "\n", encoding="utf-8")
    with pytest.raises(AnswersError, match=r"answers\.jsonl:2: the text is longer than 20,000 characters"):
        read_answers(file, "typed")


def test_markup_and_control_characters_stay_words_from_room_to_export(session: InterviewSession) -> None:
    app = room(session)
    drawn(app.chat_input(key="answer").set_value(HOSTILE).run())
    kept = answers(session)[0]
    assert not any(ord(c) < 32 for c in kept)
    assert "<script>" in kept
    assert kept in [t.value for m in app.chat_message for t in m.text]  # as text, not as Markdown
    session.resume()
    session.finish()
    told = as_markdown(session.state)
    assert "\n<script>" not in told
    card = page("views/scorecard.py", interview=session.interview)
    assert not [m.value for m in card.markdown if "<script>" in m.value.replace("\\<script\\>", "")]


def test_a_broken_rubric_is_named_and_the_interview_kept(
    session: InterviewSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.reply("I don't know.")
    broken = tmp_path / "rubric.yaml"
    broken.write_text(RUBRIC_FILE.read_text(encoding="utf-8").replace("weight: 30", "weight: many"), encoding="utf-8")
    monkeypatch.setenv("GREENROOM_RUBRIC", str(broken))
    forget()
    said = texts(page("views/scorecard.py", interview=session.interview))
    assert "rubric\\.yaml" in said
    assert answers(session) == ["I don't know."]
    monkeypatch.delenv("GREENROOM_RUBRIC")
    forget()
    assert not page("views/room.py", interview=session.interview).error


def test_a_question_broken_during_its_interview_changes_nothing_in_it(
    session: InterviewSession, tmp_path: Path
) -> None:
    (tmp_path / "questions" / "SD06.md").write_text("---\nid: SD06\n", encoding="utf-8")
    forget()
    app = room(session)
    drawn(app.chat_input(key="answer").set_value("I don't know.").run())
    assert answers(session) == ["I don't know."]
    assert "SD06" in texts(page("views/practise.py"))


def test_a_log_of_the_first_version_is_read_for_good() -> None:
    lines = OLD_LOG.read_text(encoding="utf-8").splitlines()
    events: list[AnyEvent] = [read_event(json.loads(line)) for line in lines]
    assert {e.kind for e in events} == {kind.model_fields["kind"].default for kind in get_args(get_args(AnyEvent)[0])}
    state = fold(events)
    assert state.scorecard is not None
    assert state.finished is not None
    assert state.question.id == "DB01"
    assert len(as_markdown(state)) > 5_000


def test_a_log_with_a_model_on_the_panel_is_read_for_good() -> None:
    lines = MODELS_LOG.read_text(encoding="utf-8").splitlines()
    events: list[AnyEvent] = [read_event(json.loads(line)) for line in lines]
    assert {json.loads(line)["version"] for line in lines} == {2}
    state = fold(events)
    assert state.scorecard is not None
    assert state.scorecard.assessor == "model scripted"
    assert state.usage.calls > 8
    assert [t.took_over for t in state.turns if t.took_over] == ["the model's server had an error"]
    told = as_markdown(state)
    assert "The local panel listened to this: the model's server had an error" in told.replace("\\", "")


@pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")
def test_a_port_that_is_taken_is_said_before_anything_starts() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ready = ["-o", ".venv/.ready", f"BIN={Path(sys.executable).parent}"]
        ran = subprocess.run(
            ["make", "run", f"PORT={port}", *ready], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
    assert ran.returncode != 0
    assert f"Port {port} is taken" in ran.stderr
    assert "make run PORT=8600" in ran.stderr


def test_a_question_folder_of_ones_own_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GREENROOM_QUESTIONS", str(tmp_path / "nowhere"))
    forget()
    assert "nowhere" in texts(page("views/practise.py"))
    assert QUESTIONS.is_dir()
