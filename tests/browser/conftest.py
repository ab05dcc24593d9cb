"""The app as a process of its own, tabs of a Chromium without a window. Test modules name their questions in FILES."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from agents.archive import Archive
from agents.panel import local_panel
from agents.session import InterviewSession
from knowledge.question import QUESTIONS
from knowledge.rubric import RUBRIC_FILE, load_rubric

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
WIDE, PHONE = (1280, 800), (390, 844)
START_SECONDS, PATIENCE = 60, 60_000


@dataclass(frozen=True)
class App:
    """A running app: where it is and where it keeps its data."""

    url: str
    data: Path

    def session(self, interview: str) -> InterviewSession:
        """The interview as another process holds it."""
        return InterviewSession(Archive.in_folder(self.data), local_panel(), load_rubric(RUBRIC_FILE), interview)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium. Skipped without one, except where the tests must prove themselves."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        reason = f"no Chromium on this machine (looked for {', '.join(NAMES)}); on Debian: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def app(browser: Browser, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on a free port, with the module's questions and an empty data folder; after `browser`, which may skip."""
    folder = tmp_path_factory.mktemp("greenroom")
    (folder / "questions").mkdir()
    for name in request.module.FILES:
        shutil.copy(QUESTIONS / name, folder / "questions")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("GREENROOM_", "STREAMLIT_"))}
    environ |= {
        "GREENROOM_DATA": str(folder / "data"),
        "GREENROOM_QUESTIONS": str(folder / "questions"),
        "GREENROOM_SPEECH_DELAY": "0.002",
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    with (folder / "log").open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, folder / "log")
            yield App(f"http://127.0.0.1:{port}", folder / "data")
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(url: str, server: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the app did not start:\n{output.read_text()}")


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A wide browser tab; in the end nothing may have been fetched from elsewhere, and no script may have failed."""
    yield from _tab(browser, WIDE)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """The same, narrow as a phone."""
    yield from _tab(browser, PHONE)


def _tab(browser: Browser, size: tuple[int, int]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    elsewhere: list[str] = []
    failed: list[str] = []
    here = re.compile(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:")
    context.on("request", lambda request: None if here.match(request.url) else elsewhere.append(request.url))
    page = context.new_page()
    page.on("pageerror", lambda error: failed.append(str(error)))
    yield page
    context.close()
    assert elsewhere == []
    assert failed == []
