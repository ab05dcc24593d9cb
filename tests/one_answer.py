"""One answer of a model's server, asked for as the panel does, and a server that sends whatever it is given."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any

import pytest
from pydantic import SecretStr

from agents.abilities import Form
from agents.endpoint import endpoint
from agents.llm import Chat, Request, Response
from agents.model_failure import ModelFailed
from tests.loopback import Loopback
from tests.loopback_replies import Reply, dumps

KEY = "sk-test-'0123456789/abcdefghijklmnopqrstuvwxyz"
FORM = Form("ready", {"type": "object", "properties": {"ready": {"type": "boolean"}}, "required": ["ready"]})
MESSAGES = Request([("system", "Be brief."), ("user", "Are you ready?")]).messages
BOTH = pytest.mark.parametrize("form", [FORM, None], ids=["whole", "streamed"])


def ask(url: str, form: Form | None = None, seconds: float = 10.0, key: str = KEY, **more: Any) -> Response:
    """One answer of a server that nothing is known of."""
    chat = Chat(endpoint(url, SecretStr(key), "scripted"))
    return chat.once("scripted", Request(MESSAGES, form, **more), seconds, Event(), [])


def failure(url: str, form: Form | None = None, seconds: float = 10.0, key: str = KEY) -> ModelFailed:
    with pytest.raises(ModelFailed) as raised:
        ask(url, form, seconds, key)
    return raised.value


@contextmanager
def saying(reply: Reply, **more: Any) -> Iterator[Loopback]:
    with Loopback(lambda request: reply, **more) as loopback:
        yield loopback


@contextmanager
def sending(body: bytes, status: int = 200, **headers: str) -> Iterator[str]:
    """The address of a server that sends just this to everybody."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 - the name is the base class's
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """No log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def body_with(message: dict[str, Any], finish: str | None = "stop", **more: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return dumps({"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], **more})
