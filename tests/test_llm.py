"""One request to a model: what comes back of an answer, and what becomes of everything that can go wrong."""

from __future__ import annotations

import time
from threading import Event
from typing import Any

import pytest
from pydantic import SecretStr

from agents.abilities import Form
from agents.endpoint import endpoint
from agents.llm import LONGEST_RESPONSE, Chat, Request, Response
from agents.model_failure import Failure, ModelFailed
from agents.tokens import count, count_messages
from tests.loopback import Dialect, Loopback
from tests.loopback_replies import FAULTS, Broken, Fail, Refuse, Reply, Say, dumps
from tests.one_answer import BOTH, FORM, KEY, MESSAGES, ask, body_with, failure, saying, sending


@BOTH
def test_an_answer_and_what_it_took(form: Form | None) -> None:
    with saying(Say('{"ready": true}')) as server:
        found = ask(server.url, form)
        assert found == Response('{"ready": true}', 6, 0, 2, counted=False)
        assert server.requests[0].streamed is (form is None)
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@BOTH
def test_tokens_are_counted_where_the_server_reports_none(form: Form | None) -> None:
    with saying(Say("One two three."), dialect=Dialect(usage=False)) as server:
        found = ask(server.url, form)
    read = count_messages(["Be brief.", "Are you ready?"])
    assert found == Response("One two three.", read, 0, count("One two three."), counted=True)


def test_usage_of_nothing_or_less_is_no_usage() -> None:
    for read, written in ((0, 0), (-1, 5), (5, -1)):
        usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": 0}
        with sending(body_with({"content": "Yes."}, usage=usage), Content_Type="application/json") as url:
            assert ask(url, FORM).counted is True


def test_what_was_read_from_the_cache_is_told() -> None:
    rules = "Mind this rule, and that one. " * 200
    with saying(Say("Yes.")) as server:
        chat = Chat(endpoint(server.url, None, "scripted"))
        request = Request([("system", rules), ("user", "Now?")])
        cached = [chat.once("scripted", request, 10, Event(), []).tokens_cached for _ in range(2)]
    assert cached[0] == 0
    assert cached[1] > 500


THOUGHTS = {
    "<think>Hm.\n\nWell.</think>\nYes.": "Yes.",
    "\n <think></think>Yes.": "Yes.",
    "<thinking>a < b</thinking>Yes. <think>": "Yes. <think>",
    "I wonder.\n</think>\n\nYes.": "Yes.",
    "Yes, I <think> so.": "Yes, I <think> so.",
    "Yes.": "Yes.",
}


@BOTH
@pytest.mark.parametrize("text", THOUGHTS)
def test_what_is_thought_aloud_is_cut(text: str, form: Form | None) -> None:
    with saying(Say(text)) as server:
        assert ask(server.url, form).text.strip() == THOUGHTS[text]


@BOTH
@pytest.mark.parametrize("text", ["<think>Only this.</think>", "<think>And no end", " \n", "<think></think>\n "])
def test_thought_alone_is_no_answer(text: str, form: Form | None) -> None:
    with saying(Say(text)) as server:
        assert failure(server.url, form).failure is Failure.EMPTY


def test_a_long_thought_does_not_use_up_the_answers_length() -> None:
    with saying(Say("<think>" + "well " * 100 + "</think>Yes.")) as server:
        assert ask(server.url, longest=50).text == "Yes."


WHAT_BECOMES: dict[Reply, Failure] = {
    Fail(400): Failure.BAD_REQUEST,
    Fail(401): Failure.BAD_KEY,
    Fail(403): Failure.FORBIDDEN,
    Fail(404): Failure.NO_MODEL,
    Fail(408): Failure.BUSY,
    Fail(409): Failure.BUSY,
    Fail(413): Failure.TOO_LONG,
    Fail(429): Failure.BUSY,
    Fail(500): Failure.SERVER,
    Fail(503): Failure.SERVER,
    Fail(400, "context_length_exceeded"): Failure.TOO_LONG,
    Fail(400, "content_filter"): Failure.FILTERED,
    Fail(429, "insufficient_quota"): Failure.NO_QUOTA,
    Refuse("I'm sorry, but I can't help with that."): Failure.REFUSED,
    Broken("reset"): Failure.CUT,
    Broken("cut"): Failure.CUT,
    Broken("quiet_end"): Failure.CUT,
    Broken("malformed_chunk"): Failure.UNREADABLE,
    Broken("not_json"): Failure.UNREADABLE,
    Broken("empty_choices"): Failure.EMPTY,
    Broken("empty_content"): Failure.EMPTY,
    Broken("no_message"): Failure.EMPTY,
    Broken("filtered"): Failure.FILTERED,
    Broken("length"): Failure.LENGTH,
    Broken("hang"): Failure.TIMEOUT,
    Fail(402): Failure.NO_QUOTA,
    Fail(418): Failure.BAD_REQUEST,
    Fail(422): Failure.BAD_REQUEST,
    Fail(400, message="Input too long: the Context Length is 4096."): Failure.TOO_LONG,
    Fail(529): Failure.SERVER,
    Say("", "content_filter"): Failure.FILTERED,
    Say("Half of it", "length"): Failure.LENGTH,
}


def test_every_fault_is_among_them() -> None:
    assert set(FAULTS) <= WHAT_BECOMES.keys()


@BOTH
@pytest.mark.parametrize("reply", WHAT_BECOMES, ids=repr)
def test_every_fault_is_named(reply: Reply, form: Form | None) -> None:
    with saying(reply) as server:
        failed = failure(server.url, form, seconds=0.3 if reply == Broken("hang") else 10)
        assert len(server.requests) == 1
    expected = WHAT_BECOMES[reply]
    unreadable = reply in (Broken("empty_choices"), Broken("no_message")) and form is not None
    assert failed.failure is (Failure.UNREADABLE if unreadable else expected)
    assert failed.plain in str(failed)
    assert failed.remedy in str(failed)
    if isinstance(reply, Refuse):
        assert failed.detail == reply.text


STRANGE = {
    b"": "no body",
    b"null": "null",
    b"[]": "a list",
    b'"Yes."': "a text",
    b'{"choices": null}': "no choices",
    b'{"choices": "Yes."}': "choices that are a text",
    b'{"error": {"message": "out of memory"}}': "an error with status 200",
    b'{"error": "out of memory"}': "another",
    b"\xff\xfe\x00": "no text",
    b"[" * 30_000: "nested without end",
    body_with({"content": 7}): "a number",
    body_with({"content": {"text": "Yes."}}): "an object",
    body_with({"content": None, "tool_calls": [{"id": "1"}]}): "half a tool's call",
    body_with({"content": "Half of it"}, finish=None): "no finish",
    body_with({"content": "Yes."}, finish="content_filter"): "filtered",
}


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@BOTH
@pytest.mark.parametrize("body", STRANGE, ids=STRANGE.values())
def test_no_body_is_so_strange_that_it_raises_anything_else(body: bytes, form: Form | None) -> None:
    for kind in ("application/json", "text/event-stream"):
        with sending(b"data: " + body + b"\n\n" if "event" in kind else body, Content_Type=kind) as url:
            assert failure(url, form).failure in (
                *(Failure.UNREADABLE, Failure.EMPTY, Failure.CUT, Failure.FILTERED, Failure.SERVER),
            )


def until(loopback: Loopback, hung_up: int) -> None:
    """Waits until the server has noticed that so many clients have gone."""
    end = time.monotonic() + 5
    while loopback.hung_up < hung_up and time.monotonic() < end:
        time.sleep(0.005)
    assert loopback.hung_up == hung_up


@pytest.mark.parametrize("longest", [2_000, LONGEST_RESPONSE])
def test_a_flood_is_cut_off_and_the_stream_closed(longest: int) -> None:
    with saying(Say(("y" * 999 + " ") * 1_000)) as server:
        found = ask(server.url, longest=longest)
        until(server, 1)
    assert longest < len(found.text) <= longest + 1_001
    assert found.counted
    assert count(found.text) <= found.tokens_out < count(found.text) + 500


@BOTH
def test_a_flood_in_one_piece_is_cut_off(form: Form | None) -> None:
    with saying(Say("y" * 1_000_000)) as server:
        assert len(ask(server.url, form).text) == LONGEST_RESPONSE + 1


def test_a_flood_of_thoughts_is_no_answer_and_ends() -> None:
    with saying(Say("<think>" + ("y" * 999 + " ") * 1_000)) as server:
        assert failure(server.url).failure is Failure.EMPTY
        until(server, 1)


def test_who_gives_up_ends_the_stream_at_its_next_chunk() -> None:
    given_up = Event()
    given_up.set()
    with saying(Say("Many words that nobody waits for. " * 50), speed=50.0) as server:
        chat = Chat(endpoint(server.url, None, "scripted"))
        began = time.monotonic()
        with pytest.raises(ModelFailed):
            chat.once("scripted", Request(MESSAGES), 10, given_up, [])
        until(server, 1)
    assert time.monotonic() - began < 4


def test_azures_dated_deployments() -> None:
    with saying(Say('{"ready": true}')) as server:
        known = endpoint(server.url.removesuffix("/v1"), SecretStr(KEY), "mine", api_version="2024-10-21")
        for form in (FORM, None):
            assert Chat(known).once("mine", Request(MESSAGES, form), 10, Event(), []).text == '{"ready": true}'
        for request in server.requests:
            assert request.path == "/openai/deployments/mine/chat/completions?api-version=2024-10-21"
            assert request.headers["api-key"] == KEY
            assert request.body["max_completion_tokens"] == 1_000
        server.script = lambda request: Refuse("I will not.")
        with pytest.raises(ModelFailed, match="I will not"):
            Chat(known).once("mine", Request(MESSAGES), 10, Event(), [])


def test_the_models_that_a_server_lists() -> None:
    with Loopback(lambda request: Say(""), models=("b", "a", "c")) as server:
        chat = Chat(endpoint(f"{server.url}/", SecretStr(KEY), "a"))
        assert chat.models() == chat.models() == ["a", "b", "c"]
        assert server.models_asked == 2


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@BOTH
def test_content_in_parts(form: Form | None) -> None:
    parts = [{"type": "text", "text": '{"ready": '}, {"type": "text", "text": "true}"}]
    if form is not None:
        with sending(body_with({"content": parts}), Content_Type="application/json") as url:
            assert ask(url, form).text == '{"ready": true}'
        return
    chunks: list[Any] = [({"role": "assistant", "content": [part]}, None) for part in parts] + [({}, "stop")]
    made = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    events = [{**made, "choices": [{"index": 0, "delta": delta, "finish_reason": end}]} for delta, end in chunks]
    body = b"".join(b"data: " + dumps(event) + b"\n\n" for event in events) + b"data: [DONE]\n\n"
    with sending(body, Content_Type="text/event-stream") as url:
        assert ask(url).text == '{"ready": true}'


@BOTH
def test_what_goes_to_this_machine_takes_no_proxy(form: Form | None, monkeypatch: pytest.MonkeyPatch) -> None:
    with saying(Say("Yes.")) as server, saying(Say("I am a proxy.")) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        assert ask(server.url, form).text == "Yes."
        assert Chat(endpoint(server.url, None, "scripted")).models() == ["scripted"]
