"""A model on the panel in a real browser: seated on the page, tried, interviewing, late, skipped, scoring."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App
from tests.loopback import Loopback, Request
from tests.loopback_replies import Fail, Reply
from tests.scripted_model import answer, role_of
from tests.seated import KEY

FILES = ("system-design/SD06.md",)
SLOW = "take your time"
"""What a candidate says to a model that then takes long to listen."""
DOWN = "fall over"
"""What a candidate says to a model whose server then has an error."""


def script(request: Request) -> Reply:
    """Behaves; is slow, or fails, when it is asked to listen to certain words."""
    if role_of_or_none(request) == "observer" and SLOW in request.last:
        time.sleep(20)
    if role_of_or_none(request) == "observer" and DOWN in request.last:
        return Fail(503)
    return answer(request)


def role_of_or_none(request: Request) -> str:
    return "test" if "test of the connection" in request.last else role_of(request)


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    with Loopback(script, key=KEY) as running:
        yield running


def seat(tab: Page, app: App, server: Loopback) -> None:
    """Chooses the models on the page "Panel", with a list of models and a test on the way."""
    tab.goto(f"{app.url}/panel")
    expect(tab.get_by_text("Nothing leaves this machine")).to_be_visible()
    tab.get_by_text("A language model", exact=True).click()
    address = tab.get_by_role("textbox", name="Address", exact=True)
    address.fill(server.url)
    address.press("Tab")
    key = tab.get_by_role("textbox", name="Key", exact=True)
    key.fill(KEY)
    key.press("Enter")
    expect(tab.get_by_role("button", name="Forget the key")).to_be_visible()
    tab.get_by_role("button", name="List its models").click()
    expect(tab.get_by_text("The server lists 1 model;")).to_be_visible()
    tab.get_by_role("combobox", name=re.compile("Model")).first.click()
    tab.get_by_role("option", name="scripted").click()
    tab.get_by_role("button", name="Test the connection").click()
    expect(tab.get_by_text(re.compile("Speaks: scripted answered in"))).to_be_visible()
    expect(tab.get_by_text(re.compile("Listens: scripted answered in"))).to_be_visible()
    tab.get_by_role("button", name="Seat this panel").click()
    expect(tab.get_by_text("Chosen in this tab.")).to_be_visible()


def say(tab: Page, text: str) -> None:
    box = tab.get_by_placeholder("Your answer")
    box.fill(text)
    box.press("Enter")


def test_a_model_interviews_is_late_fails_and_scores(app: App, tab: Page, server: Loopback, tmp_path: Path) -> None:
    seat(tab, app, server)
    assert KEY not in tab.content()
    assert KEY not in tab.url
    tab.get_by_role("link", name="Practise").first.click()
    expect(tab.get_by_text("Practise an interview")).to_be_visible()
    expect(tab.get_by_role("link", name="Change")).to_be_visible()
    tab.get_by_role("button", name="Ten-minute taster").click()
    expect(tab.get_by_text("Where would you like to begin?")).to_be_visible()
    expect(tab.get_by_text(re.compile("scripted at 127.0.0.1:[0-9]+ listens"))).to_be_visible()

    say(
        tab,
        "The forty teams compute features twice. I would define each feature once, with history and online value.",
    )
    second = tab.get_by_test_id("stChatMessage").nth(2)
    expect(second).to_be_visible()
    asked = [r for r in server.requests if role_of_or_none(r) == "interviewer"]
    assert len(asked) == 1
    expect(tab.get_by_text(re.compile(r"model calls, .* tokens read"))).to_be_visible()

    say(tab, f"Please {SLOW} with this: I would version the data of a run.")
    expect(tab.get_by_text(re.compile(r"Thinking for \d+ s"))).to_be_visible()
    skip = tab.get_by_role("button", name="Go on without the model")
    expect(skip).to_be_visible()
    tab.screenshot(path=str(tmp_path / "thinking.png"))
    skip.click()
    expect(tab.get_by_text(re.compile("The local panel listened to this: you went on without"))).to_be_visible()
    expect(tab.get_by_test_id("stChatMessage").nth(4)).to_be_visible()

    say(tab, f"If the store should {DOWN}, every team falls back to its last known values.")
    expect(tab.get_by_text(re.compile("listened to this: the model's server had an error"))).to_be_visible()
    expect(tab.get_by_test_id("stChatMessage").nth(6)).to_be_visible()
    tab.screenshot(path=str(tmp_path / "room.png"), full_page=True)

    tab.get_by_role("button", name="End", exact=True).click()
    tab.get_by_role("button", name="End and score").click()
    tab.get_by_role("button", name="See the scorecard").click()
    expect(tab.get_by_text("model's estimate").first).to_be_visible()
    expect(tab.get_by_text(re.compile("Assessor model scripted"))).to_be_visible()
    tab.screenshot(path=str(tmp_path / "card.png"), full_page=True)
    assert KEY not in tab.content()
    assert not [p for p in app.data.rglob("*") if p.is_file() and KEY.encode() in p.read_bytes()]
    assert len(tab.get_by_text("Traceback").all()) == 0
