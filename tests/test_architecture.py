"""The rules that the layout stands on: which way imports point, what importing costs, how long a file may be."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.settings import Settings

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "knowledge": {"knowledge"},
    "prompts": {"prompts"},
    "agents": {"agents", "knowledge", "prompts"},
    "evals": {"evals", "agents", "knowledge", "prompts"},
    "views": {"views", "evals", "agents", "knowledge", "prompts"},
    "app": {"views", "evals", "agents", "knowledge", "prompts"},
}
"""Package -> the packages of ours that it may import. Nobody may import app or, from below, views."""
LATE = (
    "alembic",
    "chromadb",
    "httpx2",
    "langchain_core",
    "langchain_openai",
    "krippendorff",
    "lemminflect",
    "matplotlib",
    "scipy",
    "sklearn",
    "onnxruntime",
    "openai",
    "sqlalchemy",
    "tenacity",
    "tiktoken",
    "tokenizers",
)
"""What takes a while to load and is not needed to draw the first page or to say what an interview is."""
LONGEST_FILE, LONGEST_FUNCTION = 300, 50
RUN_BY_OTHERS = (
    "agents/migrations/env.py",
    "agents/migrations/versions",
    "knowledge/minilm/export.py",
    "knowledge/questions",
)
"""Scripts that Alembic, a developer or pytest runs."""


def sources() -> list[Path]:
    folders = [path for name in MAY_IMPORT for path in (ROOT / name).rglob("*.py")]
    return sorted([*folders, ROOT / "app.py"])


def package(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import of a file, those inside functions included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")


def test_there_is_something_to_look_at() -> None:
    found = {package(path) for path in sources()}
    assert {"knowledge", "prompts", "agents", "views", "app"} <= found <= set(MAY_IMPORT)


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_imports_point_one_way(name: str) -> None:
    wrong = [
        f"{shown(path)}:{line} imports {module}"
        for path in sources()
        if package(path) == name
        for line, module in imported(path)
        if module.split(".")[0] in MAY_IMPORT.keys() - MAY_IMPORT[name] or module.startswith(".")
    ]
    assert wrong == []


def test_only_the_pages_know_streamlit() -> None:
    knowing = {package(p) for p in sources() for _, module in imported(p) if module.split(".")[0] == "streamlit"}
    assert knowing == {"app", "views"}


def test_no_file_of_odds_and_ends() -> None:
    odd = [shown(p) for p in sources() if p.stem in ("utils", "util", "common", "helpers", "misc", "manager")]
    assert odd == []


def test_no_file_is_too_long() -> None:
    long = {shown(p): n for p in sources() if (n := len(p.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE}
    assert long == {}


def test_no_function_is_too_long() -> None:
    long = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_every_module_says_what_it_is() -> None:
    silent = [shown(p) for p in sources() if not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))]
    assert silent == []


def test_every_setting_stands_in_the_example() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^# GREENROOM_(\w+)=(.*)$", text, re.MULTILINE))
    assert {name.lower() for name in listed} == set(Settings.model_fields)
    for name, value in listed.items():
        default = Settings.model_fields[name.lower()].default
        assert value == ("" if not isinstance(default, int | float | str) else str(default)), name


WATCH = """
import importlib, json, os, sys
root, names = sys.argv[1], sys.argv[2].split()
seen = []

def watch(event, args):
    if event == "open":
        path, mode, flags = args
        written = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC)
        ours = str(path).startswith(root + os.sep) and ".venv" not in str(path)
        if written or (ours and not str(path).endswith((".py", ".pyc"))):
            seen.append(f"{event} {path}")
    elif event.startswith(("socket.", "subprocess.", "os.system", "os.mkdir", "os.remove", "os.rename", "sqlite3.")):
        seen.append(event)

sys.addaudithook(watch)
before = dict(os.environ)
for name in names:
    importlib.import_module(name)
print(json.dumps({"seen": seen, "loaded": sorted(sys.modules), "environ": sorted(before.items() ^ os.environ.items())}))
"""


def importing(*names: str) -> dict[str, list[str]]:
    """What a new process does and has loaded when it has imported the modules."""
    command = [sys.executable, "-B", "-c", WATCH, str(ROOT), " ".join(names)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1  # nothing but our own line was printed
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def modules() -> list[str]:
    """Every module of ours that is imported and not run; pages are run by Streamlit."""
    named = [p for p in sources() if package(p) not in ("app", "views") and not shown(p).startswith(RUN_BY_OTHERS)]
    return [shown(p).removesuffix(".py").removesuffix("/__init__").replace("/", ".") for p in named]


def test_importing_does_nothing_and_loads_nothing_heavy() -> None:
    found = importing(*modules())
    assert found["seen"] == []
    assert found["environ"] == []
    assert [name for name in LATE if name in found["loaded"]] == []


FIRST_PAGE = """
import json, sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=120).run()
assert not app.exception, app.exception
print(json.dumps({"title": [t.value for t in app.title], "loaded": sorted(sys.modules)}))
"""


def test_the_first_page_waits_for_nothing_heavy(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FIRST_PAGE]
    own = {**os.environ, "GREENROOM_DATA": str(tmp_path)}  # without the interviews of other tests
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert len(found["title"]) == 1
    assert [name for name in LATE if name in found["loaded"]] == []
