"""An interview in a real browser: the app as a process of its own, driven through Chromium without a window."""

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
from knowledge.bank import load_bank
from knowledge.question import QUESTIONS
from knowledge.rubric import RUBRIC_FILE, load_rubric

pytestmark = pytest.mark.browser
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
ANSWER = "First I'd ask who sees the suggestions and how soon a click must count -> then I size the stream."
FILES = ("system-design/SD02.md",)


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
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on a free port, with one question and an empty data folder; comes after `browser`, which may skip."""
    folder = tmp_path_factory.mktemp("greenroom")
    (folder / "questions").mkdir()
    for name in FILES:
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


def _start_taster(page: Page, app: App) -> str:
    """The id of a ten-minute interview whose opening has been spoken."""
    page.goto(app.url)
    page.get_by_role("button", name="Ten-minute taster").click()
    expect(page.get_by_text("Where would you like to begin?")).to_be_visible()
    return page.url.rpartition("interview=")[2]


def _answer(page: Page, text: str = ANSWER) -> None:
    box = page.get_by_placeholder("Your answer")
    box.fill(text)
    box.press("Enter")


def _turns(page: Page, count: int) -> None:
    expect(page.get_by_test_id("stChatMessage")).to_have_count(count)


def test_a_newcomer_gets_from_the_first_page_to_a_scorecard(app: App, tab: Page) -> None:
    interview = _start_taster(tab, app)
    _answer(tab)
    _turns(tab, 3)
    expect(tab.get_by_test_id("stChatMessage").nth(1)).to_contain_text(ANSWER)
    tab.get_by_role("button", name="Hint 0/3").click()
    _turns(tab, 5)
    expect(tab.get_by_test_id("stChatMessage").nth(3)).to_contain_text("Asked for a hint")

    tab.get_by_role("textbox", name="Notes").fill("10 M users")
    tab.get_by_role("textbox", name="Diagram").fill("flowchart TD\n  User --> Stream")
    tab.get_by_role("textbox", name="Notes").click()
    expect(tab.get_by_role("img", name="Your diagram")).to_be_visible()

    tab.reload()
    _turns(tab, 5)
    expect(tab.get_by_role("textbox", name="Notes")).to_have_value("10 M users")
    tab.get_by_role("button", name="End", exact=True).click()
    tab.get_by_role("button", name="End and score").click()
    expect(tab.get_by_text("Thank you, that was the interview.")).to_be_visible()
    tab.get_by_role("button", name="See the scorecard").click()
    tab.wait_for_url(f"{app.url}/scorecard?interview={interview}")

    tab.goto(app.url)
    expect(tab.get_by_text("Your interviews")).to_be_visible()
    tab.get_by_test_id("stMain").get_by_role("link", name="Scorecard").click()
    tab.wait_for_url(f"{app.url}/scorecard?interview={interview}")


def test_the_newest_words_are_in_view(app: App, tab: Page) -> None:
    _start_taster(tab, app)
    _answer(tab, "\n\n".join(f"Part {number} of a long answer." for number in range(30)))
    _turns(tab, 3)
    expect(tab.get_by_test_id("stChatMessage").last).to_be_in_viewport()
    expect(tab.get_by_placeholder("Your answer")).to_be_in_viewport()


def test_a_broken_diagram_breaks_nothing_else(app: App, tab: Page) -> None:
    _start_taster(tab, app)
    tab.get_by_role("textbox", name="Diagram").fill("flowchart TD\n --> --> (((")
    tab.get_by_role("textbox", name="Notes").click()
    expect(tab.get_by_test_id("stMermaidError")).to_be_visible()
    _answer(tab)
    _turns(tab, 3)


def test_a_second_tab_follows_by_itself(app: App, tab: Page) -> None:
    _start_taster(tab, app)
    second = tab.context.new_page()
    second.goto(tab.url)
    _turns(second, 1)
    _answer(second, "From the second tab.")
    _turns(tab, 3)
    expect(tab.get_by_test_id("stChatMessage").nth(1)).to_contain_text("From the second tab.")


def test_what_was_being_typed_when_the_interview_ended_is_still_there(app: App, tab: Page) -> None:
    interview = _start_taster(tab, app)
    tab.get_by_placeholder("Your answer").fill("Half an answ")
    app.session(interview).finish()
    expect(tab.get_by_text("Thank you, that was the interview.")).to_be_visible()
    expect(tab.get_by_placeholder("The interview is over.")).to_have_value("Half an answ")


def test_on_a_phone_everything_is_within_reach(app: App, phone: Page) -> None:
    phone.goto(app.url)
    phone.get_by_role("radio", name="Browse").click()
    phone.get_by_role("button", name="Choose").click()
    phone.get_by_role("radio", name="Spoken").click()
    phone.get_by_role("button", name="Start the interview").click()
    expect(phone.get_by_text("Where would you like to begin?")).to_be_visible()
    _answer(phone)
    _turns(phone, 3)
    for name in ("Hint 0/3", "Pause", "End"):
        expect(phone.get_by_role("button", name=name, exact=True)).to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    phone.get_by_test_id("stExpandSidebarButton").click()
    statement = load_bank().questions["SD02"].statement
    expect(phone.get_by_test_id("stSidebar").get_by_text(statement[:60])).to_be_in_viewport()


def test_a_wish_finds_a_question(app: App, tab: Page) -> None:
    tab.goto(app.url)
    tab.get_by_label("What would you like to practise?").fill("recommendations that react to clicks, senior")
    tab.get_by_role("button", name="Find").click()
    expect(tab.get_by_text("Reading the question bank, once:")).to_be_visible()
    expect(tab.get_by_text("Understood: Advanced")).to_be_visible()
    expect(tab.get_by_role("button", name="Choose")).to_be_visible()


def test_deleting_takes_a_confirmation(app: App, tab: Page) -> None:
    interview = _start_taster(tab, app)
    tab.goto(app.url)
    row = tab.locator(f".st-key-held-{interview}")
    row.get_by_role("button").click()
    tab.get_by_role("button", name="Keep it").click()
    expect(row).to_be_visible()
    row.get_by_role("button").click()
    tab.get_by_role("button", name="Delete for good").click()
    expect(row).to_have_count(0)
    assert interview not in [summary.id for summary in Archive.in_folder(app.data).interviews()]
