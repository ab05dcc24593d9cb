"""What the errors of servers and clients mean, how long to wait after them, and that they never show a key."""

from __future__ import annotations

import json
import time
from email.utils import formatdate

import httpx2
import openai
import pytest
from pydantic import SecretStr

from agents.abilities import Form
from agents.endpoint import endpoint
from agents.llm import Chat
from agents.llm_errors import translated
from agents.model_failure import AGAIN, DOWN, Failure, ModelFailed
from tests.loopback import Loopback
from tests.loopback_replies import Fail, Refuse, Say, dumps, error
from tests.one_answer import BOTH, FORM, KEY, failure, saying, sending

BY_STATUS = {
    400: Failure.BAD_REQUEST,
    401: Failure.BAD_KEY,
    404: Failure.NO_MODEL,
    429: Failure.BUSY,
    500: Failure.SERVER,
}


@pytest.mark.parametrize("status", BY_STATUS)
@pytest.mark.parametrize(
    "body", [b"", b"<html>No.</html>", b"[]", b'{"error": "No."}', b'{"detail": ["No."]}', b"\xff"]
)
def test_errors_in_any_shape(status: int, body: bytes) -> None:
    with sending(body, status, Content_Type="application/json") as url:
        assert failure(url, FORM).failure is BY_STATUS[status]


def test_nobody_there() -> None:
    server = Loopback(lambda request: Say("Yes."))
    server.close()
    failed = failure(server.url)
    assert failed.failure is Failure.UNREACHABLE
    assert "refused" in failed.detail
    with pytest.raises(ModelFailed, match="could not be reached"):
        Chat(endpoint(server.url, None, "scripted")).models()


def test_a_server_that_never_takes_up_is_not_reached() -> None:
    request = httpx2.Request("POST", "http://127.0.0.1:1/v1")
    for inner, named in ((httpx2.ConnectTimeout("late"), Failure.UNREACHABLE), (httpx2.ReadTimeout("late"), "timeout")):
        outer = openai.APITimeoutError(request)
        outer.__cause__ = inner
        assert {translated(e, str).failure for e in (outer, inner)} == {named}


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ({"Retry_After": "7"}, 7, 7),
        ({"Retry_After": "0.25"}, 0.25, 0.25),
        ({"Retry_After": "-5"}, 0, 0),
        ({"Retry_After": "inf"}, float("inf"), float("inf")),
        ({"retry_after_ms": "1500", "Retry_After": "9"}, 1.5, 1.5),
        ({"retry_after_ms": "soon", "Retry_After": "9"}, 9, 9),
        ({"Retry_After": formatdate(time.time() + 100_000, usegmt=True)}, 90_000, 100_001),
        ({"Retry_After": formatdate(time.time() + 100_000, localtime=False)}, 90_000, 100_001),
        ({"Retry_After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0, 0),
    ],
)
def test_how_long_a_server_asks_to_wait(headers: dict[str, str], low: float, high: float) -> None:
    with sending(b"{}", 429, **headers) as url:
        after = failure(url, FORM).after
    assert after is not None
    assert low <= after <= high


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "soon"}, {"Retry_After": ""}, {"Retry_After": "Wed, 99 Foo"}])
def test_nothing_said_about_waiting(headers: dict[str, str]) -> None:
    with sending(b"{}", 503, **headers) as url:
        assert failure(url, FORM).after is None


def test_every_failure_is_told_in_three_ways() -> None:
    for kind in Failure:
        failed = ModelFailed(kind, "a  detail\nof it")
        assert str(failed) == f"{failed.plain}: a detail of it. {failed.remedy}"
        assert len({failed.plain, failed.remedy, kind.value}) == 3
    assert not {*AGAIN, *DOWN} & {Failure.BAD_REQUEST, Failure.LENGTH, Failure.REFUSED, Failure.FILTERED}
    assert len(ModelFailed(Failure.SERVER, "long " * 1_000).detail) == 300


@BOTH
@pytest.mark.parametrize("before", [0, 10, 250, 280, 290, 296, 299, 400])
def test_a_key_that_a_server_sends_back_is_not_shown(before: int, form: Form | None) -> None:
    said = "x" * before + KEY + " is no key; " + KEY + KEY
    for reply in (Fail(400, message=said), Fail(500, message=said), Refuse(said)):
        with saying(reply) as server:
            failed = failure(server.url, form)
        for shown in (failed.detail, str(failed), repr(failed), str(failed.args)):
            assert not any(KEY[i : i + 8] in shown for i in range(len(KEY) - 7))


@pytest.mark.parametrize("body", [f"No: {KEY}".encode(), dumps({"detail": [KEY]}), dumps({"error": KEY}), dumps([KEY])])
def test_nor_is_one_in_a_body_of_any_shape(body: bytes) -> None:
    with sending(body, 400) as url:
        assert KEY[9:20] not in failure(url, FORM).detail


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "No temperature here."}},
        {"error": "No temperature here."},
        {"message": "No temperature here."},
        {"detail": [{"loc": ["body", "temperature"], "msg": "extra"}]},
        {"error": {"message": None, "param": "temperature"}},
        {"error": {"message": {"text": "No temperature here."}}},
        ["temperature"],
        "No temperature here.",
    ],
)
def test_what_a_server_says_is_kept_in_whatever_shape(body: object) -> None:
    with sending(dumps(body), 400) as url:
        detail = failure(url, FORM).detail
    assert detail.startswith("400: ")
    assert "temperature" in detail


@pytest.mark.parametrize("key", ['it\'s-a-key-"quoted"', "back\\slash-in-it", "percent%2F&key=?"])
def test_nor_is_one_that_is_escaped(key: str) -> None:
    for body in (dumps({"detail": [key]}), json.dumps({"message": json.dumps({"key": key})}).encode()):
        with sending(body, 400) as url:
            detail = failure(url, FORM, key=key).detail
        assert "[key]" in detail
        assert key[-8:] not in detail


def test_the_loopback_servers_own_word_about_a_wrong_key() -> None:
    with Loopback(lambda request: Say("Yes."), key="another") as server:
        failed = failure(server.url)
        assert failed.failure is Failure.BAD_KEY
        assert "Incorrect API key provided: [key]." in failed.detail
        with pytest.raises(ModelFailed) as raised:
            Chat(endpoint(server.url, SecretStr(KEY), "scripted")).models()
    assert KEY not in str(raised.value)


def test_where_there_is_no_key_none_is_taken_out() -> None:
    with saying(Fail(400, message="There is none of it.")) as server:
        assert failure(server.url, key="").detail == "400: There is none of it."
        assert failure(server.url, key="is").detail == "400: There [key] none of it."


def test_an_error_in_the_middle_of_a_stream() -> None:
    body = b"data: " + dumps(error(f"Out of memory at {KEY}.", "server_error", None, None)) + b"\n\n"
    with sending(body, Content_Type="text/event-stream") as url:
        failed = failure(url)
    assert (failed.failure, failed.detail) == (Failure.SERVER, "Out of memory at [key].")
