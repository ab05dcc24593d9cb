"""An interview in a real browser, from the first page to the scorecard, with reloads, tabs and a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from agents.archive import Archive
from knowledge.bank import load_bank
from tests.browser.conftest import App

pytestmark = pytest.mark.browser
ANSWER = "First I'd ask who sees the suggestions and how soon a click must count -> then I size the stream."
FILES = ("system-design/SD02.md",)


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
    # Unless a scorecard has opened it before, the index is built first.
    expect(tab.get_by_text("Understood: Advanced")).to_be_visible(timeout=120_000)
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
