"""What is offered for the panel is what is there, and a first call says what is wrong with it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from pydantic import SecretStr

from agents.calls import Connection
from agents.endpoint import endpoint
from agents.model_failure import Failure, ModelFailed
from agents.offers import listed, ollama_models, tried
from tests.loopback import Loopback, Request
from tests.loopback_replies import Broken, Fail, Reply, Say


def good(request: Request) -> Reply:
    return Say(json.dumps({"ready": True}) if "JSON" in request.text else "Hello.")


@pytest.fixture
def other() -> Iterator[tuple[str, list[bytes]]]:
    """The address of something that is no server of models, and what it answers, "" for nothing."""
    answers = [b""]

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            kept.append(connection)
            with suppress(OSError):  # who only knocks has gone
                connection.sendall(answers[0])
                if answers[0] and connection.recv(10_000):
                    connection.shutdown(socket.SHUT_WR)

    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1", answers
        listener.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


def test_no_ollama_here() -> None:
    server = Loopback(good)
    server.close()
    began = time.monotonic()
    assert ollama_models(server.url) == []
    assert time.monotonic() - began < 1


def test_the_models_of_an_ollama_that_runs() -> None:
    with Loopback(good, models=("qwen:7b", "llama:8b")) as server:
        assert ollama_models(server.url) == ["llama:8b", "qwen:7b"]
        assert server.requests == []
    with Loopback(good, models=()) as server:
        assert ollama_models(server.url) == []


@pytest.mark.parametrize(
    "answer",
    [
        b"220 mail ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"data": [3]}',
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{",
        b"\x00",
    ],
)
def test_something_else_listens_there(other: tuple[str, list[bytes]], answer: bytes) -> None:
    url, answers = other
    answers[0] = answer
    assert ollama_models(url) == []


def test_something_listens_there_and_says_nothing(other: tuple[str, list[bytes]]) -> None:
    began = time.monotonic()
    assert ollama_models(other[0]) == []
    assert time.monotonic() - began < 4


def test_what_a_server_lists_or_why_not() -> None:
    with Loopback(good, models=("b", "a"), key="sk-right-0123") as server:
        assert listed(endpoint(server.url, SecretStr("sk-right-0123"), "any")) == ["a", "b"]
        with pytest.raises(ModelFailed, match="Check the key"):
            listed(endpoint(server.url, SecretStr("sk-wrong-0123"), "any"))


def test_all_is_good() -> None:
    beats: list[int] = []
    with Loopback(good, latency=0.15) as server:
        connection = Connection.to(endpoint(server.url, None, "speaks", "listens", "scores"))
        found = list(tried(connection, lambda: beats.append(1)))
        assert [request.model for request in server.requests] == ["speaks", "listens", "scores"]
    assert [(t.role, t.model, t.failed) for t in found] == [
        ("interviewer", "speaks", None),
        ("observer", "listens", None),
        ("assessor", "scores", None),
    ]
    assert [[call.outcome for call in t.calls] for t in found] == [["ok"]] * 3
    assert beats


def test_a_model_with_two_roles_of_one_kind_is_tried_once() -> None:
    with Loopback(good) as server:
        found = list(tried(Connection.to(endpoint(server.url, None, "one"))))
        assert [request.streamed for request in server.requests] == [True, False]
    assert [t.role for t in found] == ["interviewer", "observer"]


def test_a_bad_key_is_named_with_what_to_do() -> None:
    with Loopback(good, key="sk-right-0123") as server:
        found = list(tried(Connection.to(endpoint(server.url, SecretStr("sk-wrong-0123"), "one"))))
    for one in found:
        assert one.failed is not None
        assert one.failed.failure is Failure.BAD_KEY
        assert "GREENROOM_LLM_KEY" in one.failed.remedy
        assert "sk-wrong" not in f"{one.failed} {one.calls}"
        assert len(one.calls) == 1


def test_a_model_that_the_server_has_not() -> None:
    def script(request: Request) -> Reply:
        return Fail(404) if request.model == "listens" else good(request)

    with Loopback(script) as server:
        speaks, listens, scores = tried(Connection.to(endpoint(server.url, None, "speaks", "listens", "scores")))
    assert (speaks.failed, scores.failed) == (None, None)
    assert listens.failed is not None
    assert listens.failed.failure is Failure.NO_MODEL
    assert "Choose a model from the server's list" in str(listens.failed)


@pytest.mark.parametrize("text", ["I am ready!", "[true]", '{"ready": tr'])
def test_a_model_that_cannot_hand_in_a_report(text: str) -> None:
    with Loopback(lambda request: Say(text)) as server:
        speaks, listens = tried(Connection.to(endpoint(server.url, None, "one")))
    assert speaks.failed is None
    assert listens.failed is not None
    assert listens.failed.failure is Failure.UNREADABLE
    assert [call.outcome for call in listens.calls] == ["ok"]


def test_a_server_that_breaks_off_is_no_reason_to_stop_trying() -> None:
    def script(request: Request) -> Reply:
        return Broken("length") if request.streamed else good(request)

    with Loopback(script) as server:
        speaks, listens = tried(Connection.to(endpoint(server.url, None, "one")))
    assert speaks.failed is not None
    assert (speaks.failed.failure, listens.failed) == (Failure.LENGTH, None)
