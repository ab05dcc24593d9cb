"""A real HTTP server on this machine that speaks OpenAI's chat-completions protocol and answers as a script says.

By hand: `python -m tests.loopback --script module:function` prints its URL and serves until its stdin is closed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import responses
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any, Self

from tests import loopback_replies as replies
from tests.loopback_replies import Broken, Dialect, Fail, Json, Reply, Say, dumps, text_of

__all__ = ["Dialect", "Loopback", "Request", "Script"]
_CHAT = re.compile(r"/v1/chat/completions|/openai/deployments/(?P<model>[^/]+)/chat/completions")


@dataclass(frozen=True)
class Request:
    """A chat completion that was asked for: number 0 first, header names in lower case, `at` by time.monotonic()."""

    number: int
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float

    @property
    def text(self) -> str:
        return "\n\n".join(text_of(message) for message in self.body["messages"])

    @property
    def system(self) -> str:
        return text_of(self.body["messages"][0])

    @property
    def last(self) -> str:
        return text_of(self.body["messages"][-1])

    @property
    def model(self) -> str:
        """The deployment where the body names no model, as Azure's clients may do."""
        found = _CHAT.fullmatch(self.path.partition("?")[0])
        return str(self.body.get("model") or (found and found["model"]) or "")

    @property
    def streamed(self) -> bool:
        return bool(self.body.get("stream"))


Script = Callable[[Request], Reply]


class Loopback:
    """A server that is up from here until `close`; as a context manager it also raises what its script has raised.

    The script is called by one thread per connection, at the same time when requests come at the same time.
    """

    def __init__(
        self,
        script: Script,
        *,
        models: Sequence[str] = ("scripted",),
        latency: float = 0.0,
        speed: float | None = None,
        dialect: Dialect = Dialect(),  # noqa: B008 - frozen
        key: str | None = None,
        port: int = 0,
    ) -> None:
        """`latency`: seconds before the first byte; `speed`: tokens a second; `key`: the only one that is let in."""
        self.script, self.models, self.dialect, self.key = script, models, dialect, key
        self.latency, self.speed = latency, speed
        self.requests: list[Request] = []
        self.models_asked = self.hung_up = 0
        self.script_errors: list[Exception] = []
        self.closing, self.lock = threading.Event(), threading.Lock()
        self._latest: dict[tuple[str, str], Request] = {}
        self._connections: set[socket.socket] = set()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.loopback = self
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def arrived(self, path: str, headers: dict[str, str], body: Json) -> tuple[Request, Request | None]:
        """Keeps the request; with it the latest of the same model that began with the same message, if any."""
        with self.lock:
            request = Request(len(self.requests), path, headers, body, time.monotonic())
            self.requests.append(request)
            begins = (request.model, json.dumps(body["messages"][0], sort_keys=True))
            before = self._latest.get(begins)
            self._latest[begins] = request
        return request, before

    def reply(self, request: Request) -> Reply:
        """What the script says; a server error when it raises."""
        try:
            return self.script(request)
        except Exception as raised:
            self.script_errors.append(raised)
            return Fail(500, message=f"The script raised {raised!r}")

    def connected(self, connection: socket.socket, there: bool) -> None:
        """Keeps account of the open connections, so that nobody is left waiting in one."""
        with self.lock:
            (self._connections.add if there else self._connections.discard)(connection)
        if there and self.closing.is_set():
            connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Ends the server and every connection, whatever they are waiting for."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        with self.lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)  # wakes whoever reads from it or writes to it

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close()
        if kind is None and self.script_errors:
            raise RuntimeError("the script of the loopback server raised") from self.script_errors[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512
    loopback: Loopback

    def server_bind(self) -> None:
        """Without HTTPServer's look-up of this machine's name."""
        super(HTTPServer, self).server_bind()
        self.server_name, self.server_port = "127.0.0.1", self.socket.getsockname()[1]


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.loopback = self.server.loopback
        try:
            self.loopback.connected(self.connection, True)
            super().handle()
        except OSError:  # the client has gone, between requests
            self.close_connection = True
        finally:
            self.loopback.connected(self.connection, False)

    def log_message(self, *_: Any) -> None:
        """No log."""

    def do_GET(self) -> None:  # noqa: N802 - the name is the base class's
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self._route(sent)
        except OSError:
            self.close_connection = True
            with self.loopback.lock:
                self.loopback.hung_up += not self.loopback.closing.is_set()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def _route(self, sent: bytes) -> None:
        loopback, method, path = self.loopback, self.command, self.path.partition("?")[0]
        chat = method == "POST" and _CHAT.fullmatch(path)
        body = replies.parsed(sent) if chat else {}
        kept = loopback.arrived(self.path, {k.lower(): v for k, v in self.headers.items()}, body) if body else None
        given = self.headers.get("api-key") or (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if loopback.key not in (None, given):
            self._send(401, replies.wrong_key(given))
        elif chat and (complaint := loopback.dialect.complaint(body)):
            self._send(400, complaint)
        elif kept:
            self._reply(*kept)
        elif (method, path) == ("GET", "/v1/models"):
            with loopback.lock:
                loopback.models_asked += 1
            data = [{"id": name, "object": "model", "created": 0, "owned_by": "loopback"} for name in loopback.models]
            self._send(200, {"object": "list", "data": data})
        else:
            self._send(404, replies.error(f"Invalid URL ({method} {path})", "invalid_request_error", None, None))

    def _reply(self, request: Request, before: Request | None) -> None:
        """Answers as the script says."""
        reply, started = self.loopback.reply(request), request.at + self.loopback.latency
        how = reply.how if isinstance(reply, Broken) else None
        self._wait(request.at + 30.0 if how == "hang" else started)
        self.close_connection = self.close_connection or how in ("hang", "reset", "cut")
        if how == "hang":
            return
        if how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
            self.connection.close()
        elif how == "not_json":
            self._send(200, replies.PAGE, {"Content-Type": "text/html; charset=utf-8"})
        elif isinstance(reply, Fail):
            after = {} if reply.retry_after is None else {"Retry-After": f"{reply.retry_after:g}"}
            self._send(reply.status, replies.error_body(reply), after)
        else:
            self._put(request, replies.answer(reply, request.body), before.text if before else "", started)

    def _put(self, request: Request, put: replies.Answer, before: str, started: float) -> None:
        """Sends the answer, whole or as a stream."""
        made = {"id": f"chatcmpl-{request.number}", "created": int(time.time()), "model": request.model}
        usage = {"usage": replies.usage(request.text, before, put.text)} if self.loopback.dialect.usage else {}
        if request.streamed:
            asked = bool((request.body.get("stream_options") or {}).get("include_usage"))
            self._stream({**made, "object": "chat.completion.chunk"}, put, usage if asked else {}, started)
            return
        self._wait(started + len(replies.tokens(put.text)) / (self.loopback.speed or float("inf")))
        body = dumps({**made, "object": "chat.completion", "choices": put.choices(), **usage})
        broken = body[: len(body) // 2]
        if put.how in ("cut", "quiet_end"):
            self._send(200, broken, {"Content-Length": str(len(body))})
            self.close_connection = True
        else:
            self._send(200, broken if put.how == "malformed_chunk" else body)

    def _stream(self, made: Json, put: replies.Answer, usage: Json, started: float) -> None:
        """Sends the answer as server-sent events, each token when it is due."""
        words, pace = len(replies.tokens(put.text)), self.loopback.speed or float("inf")
        self._head(200, {"Content-Type": "text/event-stream; charset=utf-8", "Transfer-Encoding": "chunked"})
        for number, piece in enumerate(put.pieces()):
            self._wait(started + min(number, words) / pace)
            chunk = {**made, "choices": piece, **dict.fromkeys(usage)}
            self.wfile.write(_event(piece if isinstance(piece, bytes) else dumps(chunk)))
        last = [dumps({**made, "choices": [], **usage})] if usage else []
        last = [] if put.how in ("cut", "quiet_end") else [*last, b"[DONE]"]
        # In one write, as the client may go when it has seen [DONE].
        self.wfile.write(b"".join(map(_event, last)) + (b"" if put.how == "cut" else b"0\r\n\r\n"))

    def _head(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        rest = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.wfile.write(f"HTTP/1.1 {status} {responses.get(status, '')}\r\n{rest}\r\n".encode() + body)

    def _send(self, status: int, body: Json | bytes, more: dict[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else dumps(body)
        self._head(status, {"Content-Type": "application/json", "Content-Length": str(len(data)), **(more or {})}, data)

    def _wait(self, until: float) -> None:
        """Waits, at least for as long as it takes to see whether the client is still there; OSError when it is not."""
        left = max(until - time.monotonic(), 0.0)
        self.connection.settimeout(left)
        try:
            if not self.connection.recv(1, socket.MSG_PEEK):
                raise ConnectionAbortedError("the client has hung up")
            self.loopback.closing.wait(left)  # it has sent its next request already
        except (BlockingIOError, TimeoutError):
            return
        finally:
            self.connection.settimeout(None)


def _event(data: bytes) -> bytes:
    return b"%x\r\ndata: %b\n\n\r\n" % (len(data) + 8, data)


def main() -> None:
    """Serves until stdin is closed."""
    parser = argparse.ArgumentParser(prog="python -m tests.loopback", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before the first byte")
    parser.add_argument("--speed", type=float, help="tokens a second")
    parser.add_argument("--script", help="module:function, from a request to a reply")
    given = parser.parse_args()
    script: Script = lambda request: Say("A plain answer.")  # noqa: E731
    if given.script:
        module, _, name = given.script.partition(":")
        script = getattr(importlib.import_module(module), name)
    with Loopback(script, port=given.port, latency=given.latency, speed=given.speed) as loopback:
        print(loopback.url, flush=True)  # noqa: T201
        sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
