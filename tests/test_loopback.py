"""The loopback server, by the real client: each reply and each fault is what it says."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from json import JSONDecodeError
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from tests.loopback import Dialect, Loopback, Request
from tests.loopback_replies import FAULTS, Broken, Fail, How, Refuse, Reply, Say

ROOT = Path(__file__).parents[1]
TEXT = "One answer of exactly eight words, no more."
HALF = "One answer of exactly "
TOOL = {"type": "function", "function": {"name": "score", "parameters": {"type": "object", "properties": {}}}}
FORCED = {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "score"}}}


class Ground:
    """A server whose next answer is set, and a client that asks it once without retries."""

    def __init__(self, loopback: Loopback) -> None:
        self.loopback = loopback
        self.client = openai.OpenAI(base_url=loopback.url, api_key="sk-test", max_retries=0, timeout=10)

    def says(self, reply: Reply) -> None:
        self.loopback.script = lambda request: reply

    def ask(self, *texts: str, **more: Any) -> Any:
        roles = ["system", *["user"] * len(texts)] if len(texts) > 1 else ["user"]
        messages = [{"role": role, "content": text} for role, text in zip(roles, texts or ["Hello."], strict=False)]
        return self.client.chat.completions.create(**{"model": "scripted", "messages": messages, **more})

    def stream(self, *texts: str, **more: Any) -> list[Any]:
        return list(self.ask(*texts, stream=True, **more))

    def both(self, reply: Reply) -> Iterator[pytest.ExceptionInfo[openai.APIError]]:
        """What the client raises when the reply is whole and when it is streamed."""
        self.says(reply)
        for ask in (self.ask, self.stream):
            with pytest.raises(openai.APIError) as raised:
                ask()
            yield raised


@pytest.fixture
def ground() -> Iterator[Ground]:
    with Loopback(lambda request: Say(TEXT)) as loopback:
        yield Ground(loopback)


def told(chunks: list[Any], field: str = "content") -> str:
    return "".join(getattr(chunk.choices[0].delta, field) or "" for chunk in chunks if chunk.choices)


def finishes(chunks: list[Any]) -> list[str]:
    return [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason]


def body_of(raised: pytest.ExceptionInfo[openai.APIError]) -> dict[str, Any]:
    assert isinstance(raised.value.body, dict)
    return raised.value.body


def test_an_answer_whole_and_streamed(ground: Ground) -> None:
    whole = ground.ask().choices[0]
    assert (whole.message.content, whole.message.refusal, whole.finish_reason) == (TEXT, None, "stop")
    chunks = ground.stream()
    assert (told(chunks), finishes(chunks), len(chunks)) == (TEXT, ["stop"], 10)
    assert {chunk.usage for chunk in chunks} == {None}
    assert chunks[0].choices[0].delta.role == "assistant"


@pytest.mark.parametrize("text", ["", " ", "\n\nTwo\n\nlines,  with spaces ", "één — 二", '{"a": "b\\n"}'])
def test_every_character_arrives(ground: Ground, text: str) -> None:
    ground.says(Say(text, "length"))
    assert ground.ask().choices[0].message.content == text
    chunks = ground.stream()
    assert (told(chunks), finishes(chunks)) == (text, ["length"])


def test_a_forced_tool_gets_the_text(ground: Ground) -> None:
    ground.says(Say('{"points": 3}'))
    whole = ground.ask(**FORCED).choices[0]
    assert (whole.message.content, whole.finish_reason) == (None, "stop")
    assert [call.function.arguments for call in whole.message.tool_calls] == ['{"points": 3}']
    deltas = [c.choices[0].delta.tool_calls[0].function for c in ground.stream(**FORCED)[:-1]]
    assert (deltas[0].name, "".join(delta.arguments for delta in deltas)) == ("score", '{"points": 3}')
    assert ground.ask(tools=[TOOL], tool_choice="required").choices[0].finish_reason == "tool_calls"
    assert ground.ask(tools=[TOOL], tool_choice="auto").choices[0].message.content == '{"points": 3}'


def test_a_refusal(ground: Ground) -> None:
    ground.says(Refuse("I will not."))
    message = ground.ask().choices[0].message
    assert (message.content, message.refusal) == (None, "I will not.")
    chunks = ground.stream()
    assert (told(chunks), told(chunks, "refusal"), finishes(chunks)) == ("", "I will not.", ["stop"])


@pytest.mark.parametrize(
    ("fail", "raises", "code"),
    [
        (Fail(400), openai.BadRequestError, None),
        (Fail(400, "context_length_exceeded"), openai.BadRequestError, "context_length_exceeded"),
        (Fail(400, "content_filter"), openai.BadRequestError, "content_filter"),
        (Fail(401), openai.AuthenticationError, "invalid_api_key"),
        (Fail(403), openai.PermissionDeniedError, "unsupported_country_region_territory"),
        (Fail(404), openai.NotFoundError, "model_not_found"),
        (Fail(408), openai.APIStatusError, "request_timeout"),
        (Fail(409), openai.ConflictError, None),
        (Fail(413), openai.APIStatusError, None),
        (Fail(429), openai.RateLimitError, "rate_limit_exceeded"),
        (Fail(429, "insufficient_quota"), openai.RateLimitError, "insufficient_quota"),
        (Fail(500), openai.InternalServerError, None),
        (Fail(503), openai.InternalServerError, None),
        (Fail(529, "overloaded"), openai.InternalServerError, "overloaded"),
    ],
)
def test_an_error_has_its_status_and_code(ground: Ground, fail: Fail, raises: type[Exception], code: str) -> None:
    for raised in ground.both(fail):
        assert isinstance(raised.value, raises)
        assert isinstance(raised.value, openai.APIStatusError)
        assert (raised.value.status_code, raised.value.code) == (fail.status, code)
        assert {*body_of(raised)} >= {"message", "type", "param", "code"}
        assert len(body_of(raised)["message"]) > 20


def test_an_error_says_what_it_is_told_to(ground: Ground) -> None:
    for raised in ground.both(Fail(429, message="Slow down.", retry_after=0.25)):
        assert isinstance(raised.value, openai.APIStatusError)
        assert raised.value.response.headers["retry-after"] == "0.25"
        assert body_of(raised)["message"] == "Slow down."
    for raised in ground.both(Fail(400, "content_filter")):
        assert body_of(raised)["innererror"]["content_filter_result"]["jailbreak"]["filtered"] is True


def test_connections_that_break(ground: Ground) -> None:
    for raised in ground.both(Broken("reset")):
        assert isinstance(raised.value, openai.APIConnectionError)
        assert "reset" in str(raised.value.__cause__)
    for raised in ground.both(Broken("cut", TEXT)):
        assert isinstance(raised.value, openai.APIConnectionError)
        assert "peer closed connection" in str(raised.value.__cause__)
    assert ground.loopback.hung_up == 0


@pytest.mark.parametrize("how", ["cut", "malformed_chunk"])
def test_half_of_a_stream_arrives_before_it_breaks(ground: Ground, how: How) -> None:
    ground.says(Broken(how, TEXT))
    chunks = []
    with pytest.raises((openai.APIConnectionError, JSONDecodeError)):
        for chunk in ground.ask(stream=True):
            chunks.append(chunk)
    assert told(chunks) == HALF


def test_a_stream_that_ends_without_saying_so(ground: Ground) -> None:
    ground.says(Broken("quiet_end", TEXT))
    chunks = ground.stream(stream_options={"include_usage": True})
    assert (told(chunks), finishes(chunks), chunks[-1].usage) == (HALF, [], None)
    with pytest.raises(openai.APIConnectionError):
        ground.ask()


def test_bodies_that_are_no_answer(ground: Ground) -> None:
    ground.says(Broken("malformed_chunk"))
    with pytest.raises(JSONDecodeError):
        ground.ask()
    ground.says(Broken("not_json"))
    assert str(ground.ask()).startswith("<html>")
    assert ground.stream() == []
    ground.says(Broken("empty_choices"))
    assert ground.ask().choices == []
    assert [chunk.choices for chunk in ground.stream()] == [[], [], []]
    ground.says(Broken("no_message"))
    assert ground.ask().choices[0].message is None
    assert {chunk.choices[0].delta.content for chunk in ground.stream()} == {None}
    ground.says(Broken("empty_content"))
    assert ground.ask().choices[0].message.content == ""
    assert (told(ground.stream()), finishes(ground.stream())) == ("", ["stop"])


@pytest.mark.parametrize(("how", "finish"), [("filtered", "content_filter"), ("length", "length")])
def test_half_an_answer(ground: Ground, how: How, finish: str) -> None:
    ground.says(Broken(how, TEXT))
    whole, chunks = ground.ask().choices[0], ground.stream()
    assert (whole.message.content, whole.finish_reason) == (HALF, finish)
    assert (told(chunks), finishes(chunks)) == (HALF, [finish])


def test_every_kind_is_among_the_faults() -> None:
    hows = "reset cut quiet_end malformed_chunk not_json empty_choices empty_content no_message filtered length hang"
    assert [fault.how for fault in FAULTS if isinstance(fault, Broken)] == hows.split()
    assert len({repr(fault) for fault in FAULTS}) == len(FAULTS) == 25


FORMAT = {"type": "json_schema", "json_schema": {"name": "score", "schema": {"type": "object"}}}


@pytest.mark.parametrize(
    ("lacks", "asks", "param", "said"),
    [
        ("json_schema", {"response_format": FORMAT}, "response_format", "of type 'json_schema' is not supported"),
        ("json_object", {"response_format": {"type": "json_object"}}, "response_format", "of type 'json_object' is"),
        ("tools", FORCED, "tools", "Unsupported parameter: 'tools'"),
        ("stream", {"stream": True}, "stream", "'stream' does not support true"),
        ("stream_options", {"stream": True, "stream_options": {"include_usage": True}}, "stream_options", "options'"),
        ("system", {}, "messages[0].role", "Unsupported value: 'messages[0].role' does not support 'system' with"),
        ("temperature", {"temperature": 0}, "temperature", "0 with this model. Only the default (1) value is"),
        ("max_completion_tokens", {"max_completion_tokens": 9}, "max_completion_tokens", "Use 'max_tokens' instead."),
    ],
)
def test_a_model_refuses_what_it_has_not(
    ground: Ground, lacks: str, asks: dict[str, Any], param: str, said: str
) -> None:
    assert ground.ask("Be brief.", "Hello.", **asks)
    ground.loopback.dialect = Dialect(**{lacks: False})
    with pytest.raises(openai.BadRequestError, match=re.escape(said)) as raised:
        ground.ask("Be brief.", "Hello.", **asks)
    assert raised.value.param == param
    assert ground.ask(temperature=1).choices[0].message.content == TEXT
    assert len(ground.loopback.requests) == 3


def test_usage(ground: Ground) -> None:
    usage = ground.ask("One two three.").usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (4, 10, 14)
    *chunks, last = ground.stream("One two three.", stream_options={"include_usage": True})
    assert (last.choices, last.usage) == ([], usage)
    assert told(chunks) == TEXT
    ground.loopback.dialect = Dialect(usage=False)
    assert ground.ask().usage is None
    assert ground.stream(stream_options={"include_usage": True})[-1].choices != []


def test_what_was_sent_before_is_cached(ground: Ground) -> None:
    def cached(*texts: str, **more: Any) -> int:
        return int(ground.ask(*texts, **more).usage.prompt_tokens_details.cached_tokens)

    rules = "Rule: mind it. " * 200  # 3000 characters, 750 tokens of four
    assert cached(rules, "One.") == 0
    assert cached(rules, "Two.") == 640
    assert cached(rules, "Two.", model="other") == 0
    assert cached("Other: " + rules, "Two.") == 0
    assert cached(rules, "x" * 4000) == 640  # never more than there are


def test_requests_are_kept(ground: Ground) -> None:
    ground.ask("Be brief.", "One.", extra_headers={"X-Case": "7"})
    parts = [{"type": "text", "text": "Two"}, {"type": "text", "text": "parts."}]
    ground.stream(messages=[{"role": "user", "content": parts}], model="other")
    first, second = ground.loopback.requests
    assert (first.number, first.path, first.headers["x-case"]) == (0, "/v1/chat/completions", "7")
    assert (first.text, first.system, first.last) == ("Be brief.\n\nOne.", "Be brief.", "One.")
    assert (first.streamed, second.streamed, second.model, second.text) == (False, True, "other", "Two\nparts.")
    assert first.at < second.at <= time.monotonic()


def test_models_azure_and_wrong_ways(ground: Ground) -> None:
    ground.loopback.models = ("one", "two")
    assert [model.id for model in ground.client.models.list()] == ["one", "two"]
    assert (ground.loopback.models_asked, ground.loopback.requests) == (1, [])
    azure = openai.AzureOpenAI(
        azure_endpoint=ground.loopback.url.removesuffix("/v1"), api_key="sk-az", api_version="2024-10-21", max_retries=0
    )
    azure.chat.completions.create(model="mine", messages=[{"role": "user", "content": "Hello."}])
    assert ground.loopback.requests[0].path == "/openai/deployments/mine/chat/completions?api-version=2024-10-21"
    assert ground.loopback.requests[0].headers["api-key"] == "sk-az"
    with pytest.raises(openai.NotFoundError, match="Invalid URL \\(POST /v1/embeddings\\)"):
        ground.client.embeddings.create(model="one", input="Hello.")
    for sent in (b"{", b"[]", b'{"messages": []}'):
        assert httpx2.post(ground.loopback.url + "/chat/completions", content=sent).status_code == 400


def test_a_key_that_is_asked_for(ground: Ground) -> None:
    ground.loopback.key = "sk-right"
    for call in (ground.ask, ground.stream, ground.client.models.list):
        with pytest.raises(openai.AuthenticationError, match="Incorrect API key provided: sk-test. You can") as raised:
            call()
        assert raised.value.code == "invalid_api_key"
    ground.client.api_key = "sk-right"
    assert ground.ask().choices[0].message.content == TEXT


def test_time_is_taken(ground: Ground) -> None:
    ground.ask()  # what the client loads late
    ground.loopback.latency, ground.loopback.speed = 0.1, 40.0
    begun = time.monotonic()
    ground.ask()
    assert 0.29 < time.monotonic() - begun < 0.8
    begun = time.monotonic()
    at = [time.monotonic() - begun for _ in ground.ask(stream=True)]
    assert 0.09 < at[0] < 0.4
    assert at == sorted(at)
    assert 0.29 < at[-1] < 0.8
    assert at[4] < at[-1] - 0.05


def test_sixty_at_once_and_nothing_waits_for_nagle(ground: Ground) -> None:
    here = threading.Barrier(60, timeout=20)

    def meet(request: Request) -> Reply:
        here.wait()
        return Say(request.last)

    def ask(number: int) -> tuple[str, str]:
        return ground.ask(str(number)).choices[0].message.content, told(ground.stream(str(number)))

    ground.loopback.script = meet
    with ThreadPoolExecutor(60) as pool:
        assert list(pool.map(ask, range(60))) == [(str(number), str(number)) for number in range(60)]
    assert [request.number for request in ground.loopback.requests] == [*range(120)]
    ground.says(Say(TEXT))
    begun = time.monotonic()
    for _ in range(20):
        ground.ask()
    assert time.monotonic() - begun < 20 * 0.035
    assert ground.loopback.hung_up == 0


def eventually(loopback: Loopback, hung_up: int) -> None:
    until = time.monotonic() + 5
    while loopback.hung_up < hung_up and time.monotonic() < until:
        time.sleep(0.005)
    assert loopback.hung_up == hung_up


def test_a_client_that_goes_is_noticed(ground: Ground, capfd: pytest.CaptureFixture[str]) -> None:
    ground.loopback.speed = 20.0
    with ground.ask(stream=True) as stream:
        next(stream)
    eventually(ground.loopback, 1)
    ground.says(Broken("hang"))
    for ask in (ground.ask, ground.stream):
        with pytest.raises(openai.APITimeoutError):
            ask(timeout=0.1)
    eventually(ground.loopback, 3)
    assert capfd.readouterr() == ("", "")


def test_closing_waits_for_nobody(ground: Ground, capfd: pytest.CaptureFixture[str]) -> None:
    ground.says(Broken("hang"))
    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(ground.ask) for _ in range(5)]
        while len(ground.loopback.requests) < 5:
            time.sleep(0.005)
        begun = time.monotonic()
        ground.loopback.close()
        assert {type(one.exception(timeout=1)) for one in waiting} == {openai.APIConnectionError}
        assert time.monotonic() - begun < 1
    ground.loopback.close()
    with pytest.raises(openai.APIConnectionError):
        ground.ask()
    assert (ground.loopback.hung_up, capfd.readouterr()) == (0, ("", ""))


def test_what_the_script_raises_comes_out() -> None:
    def script(request: Request) -> Reply:
        raise KeyError(request.last)

    outer, inner = pytest.raises(RuntimeError, match="script"), pytest.raises(openai.InternalServerError, match="KeyE")
    with outer as raised, Loopback(script) as loopback, inner:
        Ground(loopback).ask()
    assert repr(raised.value.__cause__) == "KeyError('Hello.')"


def shout(request: Request) -> Reply:
    """For the test below."""
    return Say(request.last.upper())


@pytest.mark.parametrize(
    ("more", "said"), [([], "A plain answer."), (["--script", "tests.test_loopback:shout"], "HELLO.")]
)
def test_by_hand(more: list[str], said: str) -> None:
    command = [sys.executable, "-m", "tests.loopback", "--latency", "0.01", "--speed", "1000", *more]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        url = server.stdout.readline().strip()
        client = openai.OpenAI(base_url=url, api_key="sk-test", max_retries=0)
        asked = client.chat.completions.create(model="scripted", messages=[{"role": "user", "content": "Hello."}])
        assert asked.choices[0].message.content == said
        server.stdin.close()
        assert server.wait(timeout=5) == 0
