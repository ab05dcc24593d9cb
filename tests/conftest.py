"""The ground under every test: no way out of this machine, a data folder that is thrown away, one panel for all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.offline import sitecustomize as offline

if TYPE_CHECKING:
    from agents.panel import Panel
    from knowledge.embedder import MiniLM
    from tests.built_index import BuiltIndex
    from tests.whole import Held

DATA = Path(tempfile.mkdtemp(prefix="greenroom-tests-"))


def _prepare(environ: os._Environ[str]) -> None:
    """Before anything of Greenroom is imported: nobody's own settings."""
    for name in [name for name in environ if name.upper().startswith("GREENROOM_")]:
        del environ[name]
    environ["GREENROOM_DATA"] = str(DATA)


_prepare(os.environ)


def pytest_configure(config: pytest.Config) -> None:
    """Guards the processes that tests start, but not pytest-xdist's workers: there this module is the guard, and a
    second one would keep a list of refusals of its own."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        guard = str(Path(offline.__file__).parent)
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (guard, os.environ.get("PYTHONPATH"))))


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine() -> Iterator[None]:
    """Fails a test that tried to reach another machine, even when the code under test swallowed the refusal."""
    yield
    tried = offline.REFUSED.copy()
    offline.REFUSED.clear()
    assert tried == []


@pytest.fixture(scope="session")
def panel() -> Panel:
    """The local panel; its model is loaded once for all tests of a process, which has one core."""
    from agents.panel import local_panel
    from knowledge.embedder import MiniLM

    return local_panel(MiniLM())


@pytest.fixture(scope="session")
def embedder(panel: Panel) -> MiniLM:
    """The panel's own embedding model."""
    from agents.observer import LocalObserver

    assert isinstance(panel.observer, LocalObserver)
    return panel.observer.ear.embedder


@pytest.fixture(scope="session")
def built_index(tmp_path_factory: pytest.TempPathFactory) -> BuiltIndex:
    """A search index with real vectors, to be copied; building it takes longer than most other tests together."""
    from tests.built_index import build_index

    return build_index(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def interviews(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Held]:
    """The scripted candidates' interviews by (question, quality), held once for all tests that look at them."""
    from tests.whole import CANDIDATES, hold

    folder = tmp_path_factory.mktemp("whole")
    return {who: hold(panel, folder / "-".join(who), *who) for who in CANDIDATES}
