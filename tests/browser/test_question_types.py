"""Every category of question in a real browser: opening, answer, reload; code editor and evidence where they belong."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from knowledge.bank import load_bank
from tests.browser.conftest import App

pytestmark = pytest.mark.browser
FILES = (
    "system-design/SD16.md",
    "data-pipeline/DP07.md",
    "model-ops/MO05.md",
    "case-study/CS02.md",
    "coding/CD01.md",
    "coding/CD01_reference.py",
    "debugging/DB01.md",
    "code-review/CR01.md",
    "code-review/CR01_reference.py",
    "shell/SH01.md",
    "shell/SH01_reference.py",
    "shell/SH01_reference.sh",
    "behavioral/BH03.md",
)
TYPES = ("SD16", "DP07", "MO05", "CS02", "BH03")
WITH_CODE = {"CD01": "def process(batch):", "CR01": "random.Random(7).shuffle(data)", "SH01": "set -euo pipefail"}


def start(page: Page, app: App, question: str) -> None:
    """The interview on `question`, its opening spoken."""
    page.goto(f"{app.url}/bank?question={question}")
    page.get_by_role("button", name="Practise this question").click()
    page.get_by_role("button", name="Start the interview").click()
    expect(page.get_by_text("Where would you like to begin?")).to_be_visible()


def turns(page: Page, count: int) -> None:
    expect(page.get_by_test_id("stChatMessage")).to_have_count(count)


def answer(page: Page, text: str) -> None:
    box = page.get_by_placeholder("Your answer")
    box.fill(text)
    box.press("Enter")


@pytest.mark.parametrize("question", TYPES)
def test_a_question_that_is_talked_about(app: App, tab: Page, question: str) -> None:
    start(tab, app, question)
    answer(tab, "I'd start with the people who depend on it and what one mistake costs them.")
    turns(tab, 3)
    expect(tab.get_by_text("Code editor")).to_have_count(0)
    tab.reload()
    turns(tab, 3)


@pytest.mark.parametrize("question", WITH_CODE)
def test_a_question_that_is_answered_with_code(app: App, tab: Page, question: str) -> None:
    start(tab, app, question)
    tab.get_by_text("Code editor").click()
    editor = tab.get_by_role("textbox", name="Code", exact=True)
    given = load_bank().questions[question].statement.split("```python\n")[1:]
    expect(editor).to_have_value(given[0].split("```")[0].rstrip() if question == "CR01" else "")
    editor.click()
    tab.keyboard.press("Control+End")
    tab.keyboard.type(f"\n{WITH_CODE[question]}")
    tab.reload()  # what was typed and not sent is still there
    tab.get_by_text("Code editor").click()
    expect(editor).to_have_value(re.compile(rf"\n *{re.escape(WITH_CODE[question])}$"))
    editor.click()
    tab.keyboard.press("Control+Enter")
    turns(tab, 3)
    expect(tab.get_by_test_id("stChatMessage").nth(1).get_by_test_id("stCode")).to_contain_text(WITH_CODE[question])
    tab.reload()
    turns(tab, 3)


def test_tab_indents_and_escape_lets_it_leave(app: App, tab: Page) -> None:
    start(tab, app, "CD01")
    tab.get_by_text("Code editor").click()
    editor = tab.get_by_role("textbox", name="Code", exact=True)
    editor.click()
    tab.keyboard.type("def f(x):\nreturn x")
    expect(editor).to_have_value("def f(x):\n    return x")
    tab.keyboard.press("Shift+Tab")
    expect(editor).to_have_value("def f(x):\nreturn x")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Escape")
    tab.keyboard.press("Tab")
    expect(editor).not_to_be_focused()


def test_evidence_comes_as_a_card_when_it_is_asked_for(app: App, tab: Page) -> None:
    start(tab, app, "DB01")
    answer(tab, "What do the percentiles of the latency look like, p50, p95 and p99?")
    turns(tab, 3)
    card = tab.get_by_test_id("stChatMessage").nth(2)
    expect(card).to_contain_text("Evidence")
    expect(card).to_contain_text("p99 from 110 to 900")
    tab.reload()
    turns(tab, 3)
    expect(card).to_contain_text("Evidence")
    tab.get_by_text("Told so far (1)").click()
    expect(tab.get_by_test_id("stSidebar")).to_contain_text("p99 from 110 to 900")


def test_code_on_a_phone(app: App, phone: Page) -> None:
    start(phone, app, "SH01")
    phone.get_by_text("Code editor").click()
    expect(phone.get_by_role("button", name="Send this code")).to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_follow_ups_for_an_interviewer(app: App, tab: Page) -> None:
    tab.goto(f"{app.url}/followups")
    tab.get_by_role("textbox", name="Answer").fill(
        "We retrain every night and watch accuracy on a dashboard. If it falls, we roll back."
    )
    tab.get_by_role("button", name="Suggest follow-ups").click()
    expect(tab.get_by_text("A strong reply:")).to_have_count(5)
