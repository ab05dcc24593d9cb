"""The page "Panel": who sits there, what is sent where; its list of models and its test are real calls."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from agents.archive import Archive
from agents.panel import Panel
from agents.session import InterviewSession
from tests.loopback import Dialect, Loopback, Request
from tests.loopback_replies import Fail
from tests.page_ground import drawn, forget, ground, links, page, question, texts
from tests.scripted_model import answer
from tests.seated import KEY, rubric

PAGE = "views/panel.py"


@pytest.fixture(autouse=True)
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    with ground(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(answer, models=("large", "scripted", "small")) as running:
        yield running


def form(url: str, model: str | None = "scripted") -> AppTest:
    """The page with the form filled in."""
    app = page(PAGE)
    app.segmented_control[0].set_value("A language model")
    drawn(app.run())
    app.text_input(key="panel-url").set_value(url)
    drawn(app.run())
    if model is not None:
        app.button(key="panel-list").click()
        drawn(app.run())
        app.selectbox(key="panel-model").set_value(model)
        drawn(app.run())
    return app


def clicked(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    return drawn(app.run())


def test_nothing_is_set_and_nothing_leaves() -> None:
    app = page(PAGE)
    assert "The local panel" in texts(app)
    assert "Nothing leaves this machine" in texts(app)
    assert app.segmented_control[0].value == "The local panel"
    assert not app.text_input


def test_models_are_listed_by_the_server(server: Loopback) -> None:
    app = form(server.url, None)
    app = clicked(app, "panel-list")
    assert list(app.selectbox(key="panel-model").options) == ["large", "scripted", "small"]
    assert "lists 3 models" in texts(app)


def test_a_test_is_a_real_call_of_each_kind(server: Loopback) -> None:
    app = clicked(form(server.url), "panel-test")
    assert [s.value.split(" answered")[0] for s in app.success] == ["**Speaks:** scripted", "**Listens:** scripted"]
    assert [r.streamed for r in server.requests] == [True, False]


def test_what_had_to_be_adapted_is_told() -> None:
    with Loopback(answer, dialect=Dialect(json_schema=False, temperature=False)) as server:
        app = clicked(form(server.url), "panel-test")
    assert "without temperature" in app.success[0].value
    assert "form by tool" in app.success[1].value


def test_the_exact_error_is_shown_with_its_remedy() -> None:
    with Loopback(lambda request: Fail(429, "insufficient_quota")) as server:
        app = clicked(form(server.url), "panel-test")
    assert "credit at the model's provider is used up" in app.error[0].value
    assert "Add credit" in app.error[0].value
    assert app.code[0].value.startswith("429: ")


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    app = clicked(form(url, None), "panel-list")
    assert "could not be reached" in app.error[0].value
    assert "Is the server running" in app.error[0].value


@pytest.mark.parametrize(
    ("url", "told"),
    [("api.example.com", "no web address"), ("https://me:secret@example.com/v1", "leave name, password")],
)
def test_an_address_that_cannot_be(url: str, told: str) -> None:
    app = clicked(form(url, None), "panel-list")
    assert told in app.error[0].value.replace("\\", "")


def test_a_panel_is_seated_for_this_tab_and_sent_away_again(server: Loopback) -> None:
    app = clicked(form(server.url), "panel-seat")
    assert "scripted" in app.markdown[0].value
    assert "on this machine" in texts(app)
    practise = drawn(app.switch_page("views/practise.py").run())
    assert "scripted at 127.0.0.1" in texts(practise).replace("\\", "")
    data = drawn(app.switch_page("views/data.py").run())
    assert "A language model is on the panel" in texts(data)
    app = drawn(app.switch_page(PAGE).run())
    app = clicked(app, "seat-configured")
    assert "Nothing leaves this machine" in texts(app)


def test_the_settings_seat_a_model(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_LLM_URL", server.url)
    monkeypatch.setenv("GREENROOM_LLM_MODEL", "large")
    monkeypatch.setenv("GREENROOM_LLM_KEY", KEY)
    monkeypatch.setenv("GREENROOM_LLM_PRICES", "1 / 2")
    monkeypatch.setenv("GREENROOM_LLM_LIMIT", "0.5")
    forget()
    app = page(PAGE)
    assert "**large**" in app.markdown[0].value
    assert "At most 0.5 per interview" in texts(app).replace("\\", "")
    assert "From the settings" in texts(app)
    assert app.text_input(key="panel-url").value == server.url
    assert app.text_input(key="panel-key").value == ""
    app = drawn(app.segmented_control[0].set_value("The local panel").run())
    app = clicked(app, "seat-local")
    assert "Nothing leaves this machine" in texts(app)


def test_settings_that_cannot_be_used_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_LLM_MODEL", "large")
    forget()
    app = page(PAGE)
    assert "GREENROOM_LLM_KEY or OPENAI_API_KEY" in app.error[0].value.replace("\\", "")


def test_a_limit_without_a_price_is_refused(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_LLM_LIMIT", "0.5")
    forget()
    app = clicked(form(server.url), "panel-seat")
    assert "add scripted to GREENROOM_LLM_PRICES" in app.error[0].value.replace("\\", "")


def test_an_interview_that_began_with_a_model_tells_that_it_is_gone(archive: Archive, panel: Panel) -> None:
    gone, asked = replace(panel, name="model scripted"), question("SD06")
    session = InterviewSession.start(archive, gone, rubric(), asked, asked.difficulty, 30)
    app = page("views/room.py", interview=session.interview)
    assert "began with the model scripted; here the local panel goes on" in texts(app)
    assert "Seat it again" in links(app)
    here = InterviewSession.start(archive, panel, rubric(), asked, asked.difficulty, 30)
    assert "Seat it again" not in links(page("views/room.py", interview=here.interview))


def test_a_pasted_key_goes_to_no_other_server(server: Loopback) -> None:
    app = form(server.url, None)
    app.text_input(key="panel-key").set_value(KEY)
    drawn(app.run())
    app = clicked(app, "panel-list")
    app.selectbox(key="panel-model").set_value("scripted")
    drawn(app.run())
    assert [r.headers["authorization"] for r in clicked_test(app, server)] == [f"Bearer {KEY}"] * 2
    with Loopback(answer) as other:
        app.text_input(key="panel-url").set_value(other.url)
        drawn(app.run())
        assert app.text_input(key="panel-key").placeholder == ""
        assert [r.headers["authorization"] for r in clicked_test(app, other)] == ["Bearer none"] * 2


def clicked_test(app: AppTest, server: Loopback) -> list[Request]:
    """The requests that a test of the connection makes."""
    before = len(server.requests)
    clicked(app, "panel-test")
    return server.requests[before:]


def test_a_forgotten_key_is_gone_with_the_panel_that_was_seated_with_it(server: Loopback) -> None:
    app = form(server.url)
    app.text_input(key="panel-key").set_value(KEY)
    drawn(app.run())
    app = clicked(clicked(app, "panel-seat"), "forget-key")
    assert "Nothing leaves this machine" in texts(app)


def test_prices_and_limit_are_those_of_the_seated_panel(server: Loopback) -> None:
    app = form(server.url)
    app.text_input(key="panel-prices").set_value("scripted = 1 / 0.1 / 4")
    app.number_input(key="panel-limit").set_value(0.25)
    app = clicked(app, "panel-seat")
    assert "At most 0.25 per interview" in texts(app).replace("\\", "")
    drawn(app.switch_page("views/practise.py").run())
    app = drawn(app.switch_page(PAGE).run())
    assert app.text_input(key="panel-prices").value == "scripted = 1 / 0.1 / 4"
    assert app.number_input(key="panel-limit").value == 0.25
