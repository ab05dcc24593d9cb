"""A server that cannot do everything is still asked, in a way that it takes, and what it takes is remembered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from threading import Event
from typing import Any

import pytest
from pydantic import SecretStr

from agents.abilities import Abilities, Form, Message, adapt, form_asked, messages_for
from agents.endpoint import endpoint
from agents.llm import Chat, Request
from agents.model_failure import Failure, ModelFailed
from tests.loopback import Dialect, Loopback
from tests.loopback import Request as Asked
from tests.loopback_replies import Reply, Say

pytestmark = pytest.mark.filterwarnings("ignore:This model does not support OpenAI's structured output")
READY: dict[str, Any] = {"type": "object", "properties": {"ready": {"type": "boolean"}}, "required": ["ready"]}
FORM = Form("ready", {**READY, "additionalProperties": False})
TEXT = '{"ready": true}'
MESSAGES: list[Message] = [("system", "Be brief."), ("user", "Are you ready?")]
ALL = tuple(field.name for field in fields(Dialect))

# What is lacking -> what is changed for an answer in a form, and for one that is streamed.
CHANGED: dict[tuple[str, ...], tuple[list[str], list[str]]] = {
    (): ([], []),
    ("json_schema",): (["form by tool"], []),
    ("json_object",): ([], []),
    ("tools",): ([], []),
    ("json_schema", "tools"): (["form by tool", "form by json_object"], []),
    ("json_schema", "tools", "json_object"): (["form by tool", "form by json_object", "form by words"], []),
    ("stream",): ([], ["without streaming"]),
    ("stream_options",): ([], ["without usage in the stream"]),
    ("stream", "stream_options"): ([], ["without streaming"]),
    ("system",): (["without the system's role"],) * 2,
    ("temperature",): (["without temperature"],) * 2,
    ("max_completion_tokens",): (["max_tokens for max_completion_tokens"],) * 2,
    ("usage",): ([], []),
    ALL: (
        ["form by tool", "without the system's role", "without temperature"]
        + ["form by json_object", "form by words", "max_tokens for max_completion_tokens"],
        ["without the system's role", "without temperature", "without streaming"]
        + ["max_tokens for max_completion_tokens"],
    ),
}


class Ground:
    """A server, and a chat that knows nothing of it yet."""

    def __init__(self, loopback: Loopback) -> None:
        self.loopback = loopback
        self.chat = Chat(endpoint(loopback.url, SecretStr("sk-test-0123456789"), "scripted"))

    def ask(self, form: Form | None, **more: Any) -> tuple[str, list[str]]:
        adapted: list[str] = []
        response = self.chat.once("scripted", Request(MESSAGES, form, **more), 10.0, Event(), adapted)
        assert response.counted is not (self.loopback.dialect.usage and self.chat.abilities("scripted").reports_usage)
        return response.text, adapted

    @property
    def last(self) -> dict[str, Any]:
        return self.loopback.requests[-1].body


@pytest.fixture
def ground() -> Iterator[Ground]:
    with Loopback(lambda request: Say(TEXT)) as loopback:
        yield Ground(loopback)


def test_every_ability_is_switched_off_once() -> None:
    assert {lacks[0] for lacks in CHANGED if len(lacks) == 1} == set(ALL)


@pytest.mark.parametrize("lacks", CHANGED, ids=lambda lacks: " ".join(lacks)[:60] or "nothing")
@pytest.mark.parametrize("form", [FORM, None], ids=["in a form", "streamed"])
def test_whatever_is_lacking_there_is_an_answer(ground: Ground, lacks: tuple[str, ...], form: Form | None) -> None:
    ground.loopback.dialect = Dialect(**dict.fromkeys(lacks, False))
    text, adapted = ground.ask(form)
    assert (text, sorted(adapted)) == (TEXT, sorted(CHANGED[lacks][form is None]))
    assert ground.ask(form) == (TEXT, [])
    assert ground.ask(form, most_tokens=77, temperature=0.5) == (TEXT, [])
    assert len(ground.loopback.requests) == 3 + len(adapted)  # each change after one refusal, and none later
    assert ground.loopback.dialect.complaint(ground.last) is None
    assert "Be brief." in ground.loopback.requests[-1].text
    assert 77 in (ground.last.get("max_completion_tokens"), ground.last.get("max_tokens"))
    assert ground.last.get("temperature") == (None if "temperature" in lacks else 0.5)


def test_a_server_is_asked_for_the_form_as_strictly_as_it_can(ground: Ground) -> None:
    ground.ask(FORM)
    asked = ground.last["response_format"]
    assert (asked["type"], asked["json_schema"]["strict"]) == ("json_schema", True)
    assert asked["json_schema"]["schema"] == FORM.schema
    ground.loopback.dialect = Dialect(json_schema=False)
    ground.ask(FORM)
    assert ground.last["tool_choice"] == {"type": "function", "function": {"name": "ready"}}
    assert ground.last["tools"][0]["function"]["parameters"] == FORM.schema
    ground.loopback.dialect = Dialect(json_schema=False, tools=False)
    ground.ask(FORM)
    assert ground.last["response_format"] == {"type": "json_object"}


def test_each_model_has_abilities_of_its_own(ground: Ground) -> None:
    ground.loopback.dialect = Dialect(temperature=False)
    ground.ask(None)
    assert ground.chat.abilities("scripted") == Abilities(has_temperature=False)
    assert ground.chat.abilities("other") == Abilities()


def test_what_several_threads_learn_at_once_is_not_lost(ground: Ground) -> None:
    together = threading.Barrier(4, timeout=10)
    ground.loopback.dialect = Dialect(**dict.fromkeys(ALL, False))

    def ask(form: Form | None) -> list[str]:
        together.wait()
        return ground.ask(form)[1]

    with ThreadPoolExecutor(4) as pool:
        told = [change for changes in pool.map(ask, [FORM, None, FORM, None]) for change in changes]
    assert sorted(told) == sorted({*CHANGED[ALL][0], *CHANGED[ALL][1]})
    for form in (FORM, None):
        assert ground.ask(form) == (TEXT, [])


def test_a_request_that_cannot_be_changed_any_further_is_refused(ground: Ground) -> None:
    refused = ModelFailed(Failure.BAD_REQUEST, "400: temperature, max_tokens, stream_options, stream, system, schema")
    known, changes = Abilities(), []
    for form in (FORM, None):
        while (other := adapt(known, refused, form)) is not None:
            known, change = other
            changes.append(change)
            assert len(changes) < 12
    assert known == Abilities("words", "", False, False, False, False)
    assert adapt(Abilities(), ModelFailed(Failure.BAD_REQUEST, "400: no"), FORM) is None
    assert adapt(Abilities(), ModelFailed(Failure.BAD_REQUEST, "400: json_schema"), None) is None


@pytest.mark.parametrize("key", ["x", "max", "tool", "none", "stream"])
def test_a_short_key_does_not_hide_what_a_server_says(key: str) -> None:
    with Loopback(lambda request: Say(TEXT), dialect=Dialect(json_schema=False, max_completion_tokens=False)) as server:
        ground = Ground(server)
        ground.chat = Chat(endpoint(server.url, SecretStr(key), "scripted"))
        assert ground.ask(FORM)[0] == TEXT


def test_where_no_limit_is_taken_there_is_none(ground: Ground) -> None:
    taken: list[dict[str, Any]] = []

    def script(request: Asked) -> Reply:
        taken.append(request.body)
        return Say(TEXT)

    ground.loopback.script = script
    ground.chat._abilities["scripted"] = Abilities(limit="")
    ground.ask(None)
    assert not {"max_tokens", "max_completion_tokens"} & taken[0].keys()


@pytest.mark.parametrize(
    ("messages", "put"),
    [
        ([], []),
        ([("user", "A")], [("user", "A")]),
        ([("system", "S")], [("user", "S")]),
        ([("system", "S"), ("user", "A"), ("assistant", "B")], [("user", "S\n\nA"), ("assistant", "B")]),
        ([("system", "S"), ("assistant", "B"), ("user", "A")], [("user", "S"), ("assistant", "B"), ("user", "A")]),
    ],
)
def test_without_the_systems_role_its_words_go_first(messages: list[Message], put: list[Message]) -> None:
    assert messages_for(messages, Abilities(has_system=False)) == put
    assert messages_for(messages, Abilities()) == messages


def test_no_form_asks_for_nothing() -> None:
    assert form_asked(None, Abilities()) == form_asked(FORM, Abilities(form="words")) == {}
