"""Reference for CR05, the image that changes every week.

The files under review are read out of the question; the repaired ones stand below. A small imitation of a build knows
what counts here: what a tag, an index and a branch stand for on a given day, what stays in the image, and which steps
run again. Per planted fault one test shows the fault and its absence: here for what moves between two Sundays, in
CR05_checks_reference.py for what stays in the image and for serve.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

QUESTION = Path(__file__).with_name("CR05.md")


def fence(kind: str) -> str:
    """The text of the first code fence of a kind in the problem statement."""
    statement = QUESTION.read_text(encoding="utf-8").split("## Requirements", 1)[0]
    return statement.split(f"```{kind}\n", 1)[1].split("```", 1)[0]


# --- The repaired files; the digest of the base image is invented --------------------------------

DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM python:3.13-slim@sha256:7c1f0a8e5b3d49260e9f1c8b7a6d5e4f3c2b1a0918273645f0e1d2c3b4a59687
WORKDIR /app
COPY requirements.lock .
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \\
    pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock
COPY serve.py model.json ./
USER 10001
CMD ["uvicorn", "serve:app", "--host", "0.0.0.0", "--port", "8080"]
"""

LOCKED = {
    "fastapi": "0.116.1",
    "lotcodes": "1.3.0",
    "numpy": "2.3.2",
    "pydantic": "2.11.7",
    "rijnsaat-prices": "4.2.0",
    "scikit-learn": "1.7.1",
    "starlette": "0.47.2",
    "uvicorn": "0.35.0",
}


def _line(name: str, version: str) -> str:
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(f'{name} {version}'.encode()).hexdigest()}\n"


LOCK = "".join(_line(name, version) for name, version in LOCKED.items())  # a tool writes this file, nobody types it

SERVE = '''\
import hashlib
import json
import pickle
import urllib.request
from pathlib import Path

from fastapi import FastAPI, HTTPException
from lotcodes import group
from rijnsaat_prices import describe


def load(url, digest):
    """Fetch the model that this image was released with; unpickling runs code, so look before."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != digest:
        raise RuntimeError(f"{url} is not the model that this image was released with")
    return pickle.loads(content)


MODEL = json.loads(Path("model.json").read_text())
model = load(MODEL["url"], MODEL["sha256"])
app = FastAPI()


@app.post("/price")
def price(lot: dict):
    try:
        row = [*describe(lot), group(lot["code"])]
    except (KeyError, TypeError, ValueError) as error:  # what an incomplete lot can cause
        raise HTTPException(422, f"lot cannot be described: {error!r}") from error
    return {"cents": float(model.predict([row])[0]), "model": MODEL["sha256"][:12]}
'''

# --- What counts of a build ---------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """What names stand for on a given day."""

    tags: Mapping[str, str]
    public: Mapping[str, tuple[int, ...]]  # package -> newest version
    internal: Mapping[str, tuple[int, ...]]
    branches: Mapping[str, str]  # repository@branch -> commit


NEEDS = {"fastapi": ("starlette", "pydantic"), "scikit-learn": ("numpy",)}


@dataclass
class Image:
    """An image is a pile of layers: what a later one removes still lies in an earlier one."""

    base: str = ""
    user: str = "root"
    installed: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # as a program inside sees them
    layers: list[dict[str, str]] = field(default_factory=list)  # as somebody with the image can unpack them
    history: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)  # a step runs again when its key is new


class BuildError(Exception):
    pass


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", "", dockerfile)
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def build(context: Mapping[str, str], world: World, args: Mapping[str, str]) -> Image:
    """Build the Dockerfile of `context`, which maps paths to contents."""
    image, values, key = Image(), dict[str, str](), ""
    for word, rest in instructions(context["Dockerfile"]):
        layer: dict[str, str] = {}
        plain = re.sub(r"\$\{?(\w+)\}?", lambda m: values.get(m[1], ""), rest)
        if word == "FROM":
            image.base = rest.partition("@")[2] or world.tags[rest]
            key = image.base
        elif word == "ARG":
            values[rest] = args.get(rest, "")
        elif word == "ENV":
            name, _, value = plain.partition("=")
            values[name] = value
        elif word == "COPY":
            wanted = rest.split()[:-1]
            layer = {path: text for path, text in context.items() if wanted == ["."] or path in wanted}
        elif word == "USER":
            image.user = rest
        elif word == "RUN" and "pip install" in rest:
            listed = image.files[plain.split("-r ")[1].split()[0]]
            image.installed = install(listed, plain, world)
            layer = {f"site-packages/{name}": version for name, version in image.installed.items()}
        elif word == "RUN" and rest.startswith("rm -rf "):
            gone = tuple(rest.split()[2:])
            image.files = {p: t for p, t in image.files.items() if p.split("/")[0] not in gone}
        copied = sorted(layer.items()) if word == "COPY" else []
        key = hashlib.sha256(repr((key, word, plain, copied)).encode()).hexdigest()
        image.keys.append(key)
        image.history.append(f"{word} {plain} {sorted(values.items()) if word == 'RUN' else ''}")
        image.files |= layer
        image.layers.append(layer)
    return image


def install(listed: str, command: str, world: World) -> dict[str, str]:
    """What pip would install: the newest of all indexes it may ask, unless version and hash are given."""
    found: dict[str, str] = {}
    waiting = [line.strip() for line in listed.splitlines() if line.strip()]
    locked = {name for name, _, version in (line.partition("==") for line in waiting) if "--hash=sha256:" in version}
    if "--require-hashes" in command and len(locked) < len(waiting):
        raise BuildError("a line without version and hash")
    while waiting:
        line = waiting.pop(0)
        name = re.split(r"[ =<>@]", line, maxsplit=1)[0]
        if name in found:
            continue
        if "git+" in line:
            found[name] = world.branches[line.split("git+https://")[1]]
        elif "==" in line:
            found[name] = line.split("==")[1].split()[0]
        else:
            indexes = (world.public, world.internal) if "--extra-index-url" in command else (world.internal,)
            found[name] = ".".join(map(str, max(index[name] for index in indexes if name in index)))
        for needed in NEEDS.get(name, ()):
            if "--require-hashes" in command and needed not in locked:
                raise BuildError(f"{needed} is needed by {name} and not locked")
            waiting.append(needed)
    return found


# --- Two Sundays, the faulty and the repaired files -----------------------------------------------

PUBLIC = {
    "fastapi": (0, 116, 1),
    "starlette": (0, 47, 2),
    "pydantic": (2, 11, 7),
    "uvicorn": (0, 35, 0),
    "numpy": (2, 3, 2),
    "scikit-learn": (1, 7, 1),
    "torch": (2, 8, 0),
    "jupyter": (1, 1, 1),
    "pytest": (8, 4, 1),
}
FIRST = World(
    {"python:slim": "sha256:aaa"},
    PUBLIC,
    {"rijnsaat-prices": (4, 2, 0)},
    {"git.rijnsaat.example/lots@main": "1a2"},
)
SECOND = World(
    {"python:slim": "sha256:bbb"},
    PUBLIC | {"starlette": (0, 48, 0), "scikit-learn": (1, 8, 0)},
    {"rijnsaat-prices": (4, 3, 0)},
    {"git.rijnsaat.example/lots@main": "3c4"},
)
TOKEN = {"INDEX_TOKEN": "s3cr3t"}
AROUND = {"data/sales.csv": "grower;price", ".git/config": "history", "README": "prices"}


def faulty() -> dict[str, str]:
    files = {"Dockerfile": fence("dockerfile"), "requirements.txt": fence("text"), "serve.py": fence("python")}
    return AROUND | files


def repaired() -> dict[str, str]:
    return AROUND | {"Dockerfile": DOCKERFILE, "requirements.lock": LOCK, "serve.py": SERVE, "model.json": "{}"}


def built(files: Mapping[str, str], world: World = FIRST) -> Image:
    return build(files, world, TOKEN)


# --- The tests: what moves between two Sundays --------------------------------------------------


def test_base_the_tag_moves_and_nobody_merged_anything() -> None:
    assert built(faulty(), FIRST).base != built(faulty(), SECOND).base
    assert built(repaired(), FIRST).base == built(repaired(), SECOND).base


def test_packages_and_branch_move_between_two_sundays() -> None:
    first, second = built(faulty(), FIRST).installed, built(faulty(), SECOND).installed
    moved = {name for name in first if first[name] != second[name]}
    assert moved == {"starlette", "scikit-learn", "rijnsaat-prices", "lotcodes"}
    assert built(repaired(), FIRST).installed == built(repaired(), SECOND).installed == LOCKED


def test_pinning_only_the_lines_that_are_there_leaves_the_rest_moving() -> None:
    half = faulty() | {"requirements.txt": "fastapi==0.116.1\nscikit-learn==1.7.1\n"}
    first, second = built(half, FIRST).installed, built(half, SECOND).installed
    assert {name for name in first if first[name] != second[name]} == {"starlette"}
    incomplete = repaired() | {"requirements.lock": "".join(_line(n, v) for n, v in LOCKED.items() if n != "starlette")}
    with pytest.raises(BuildError, match="starlette"):
        built(incomplete)


def test_two_indexes_a_stranger_with_a_higher_number_wins() -> None:
    stranger = World(FIRST.tags, PUBLIC | {"rijnsaat-prices": (99, 0)}, FIRST.internal, FIRST.branches)
    assert built(faulty(), stranger).installed["rijnsaat-prices"] == "99.0"
    assert built(repaired(), stranger).installed["rijnsaat-prices"] == "4.2.0"
    assert "index-url" not in DOCKERFILE  # the one index stands in the mounted pip.conf
