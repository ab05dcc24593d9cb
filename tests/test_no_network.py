"""The guard of tests/offline holds: for this process, its threads, and the processes that it starts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.offline.sitecustomize import REFUSED, LeavesThisMachine

ELSEWHERE = "192.0.2.1"  # RFC 5737: an address that nobody has
ATTEMPTS: dict[str, Callable[[], object]] = {
    "connect": lambda: socket.create_connection((ELSEWHERE, 80), timeout=1),
    "connect_ex": lambda: _socket().connect_ex((ELSEWHERE, 80)),
    "connect over IPv6": lambda: _socket(socket.AF_INET6).connect(("2001:db8::1", 80)),
    "any address": lambda: _socket().connect(("0.0.0.0", 80)),
    "a datagram": lambda: _socket(kind=socket.SOCK_DGRAM).sendto(b"x", (ELSEWHERE, 53)),
    "a message": lambda: _socket(kind=socket.SOCK_DGRAM).sendmsg([b"x"], (), 0, (ELSEWHERE, 53)),
    "a name": lambda: socket.getaddrinfo("example.com", 443),
    "a name in bytes": lambda: socket.getaddrinfo(b"example.com", 443),
    "a name the old way": lambda: socket.gethostbyname("example.com"),
    "asyncio": lambda: asyncio.run(asyncio.open_connection(ELSEWHERE, 80)),
}


def _socket(family: socket.AddressFamily = socket.AF_INET, kind: int = socket.SOCK_STREAM) -> socket.socket:
    made = socket.socket(family, kind)
    made.settimeout(1)
    return made


@pytest.fixture(autouse=True)
def meant(nothing_leaves_this_machine: None) -> Iterator[None]:
    """The attempts of this file are no reason to fail it."""
    yield
    REFUSED.clear()


@pytest.mark.parametrize("name", ATTEMPTS)
def test_every_way_out_is_refused(name: str) -> None:
    with pytest.raises(LeavesThisMachine):
        ATTEMPTS[name]()
    assert len(REFUSED) == 1


def test_threads_are_guarded() -> None:
    caught: list[BaseException] = []

    def attempt() -> None:
        try:
            ATTEMPTS["connect"]()
        except LeavesThisMachine as error:
            caught.append(error)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join(30)
    assert len(caught) == 1


def test_swallowed_refusals_are_remembered() -> None:
    with contextlib.suppress(Exception):
        ATTEMPTS["a name"]()
    assert REFUSED == ["socket.getaddrinfo 'example.com'"]


def test_processes_are_guarded() -> None:
    code = f"import socket; socket.create_connection(({ELSEWHERE!r}, 80), timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "LeavesThisMachine" in done.stderr


@pytest.mark.parametrize(
    ("family", "host"),
    [
        (socket.AF_INET, "127.0.0.1"),
        (socket.AF_INET, "127.0.0.2"),
        (socket.AF_INET, "localhost"),
        (socket.AF_INET6, "::1"),
    ],
)
def test_this_machine_is_open(family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family) as server:
        try:
            server.bind((host, 0))
        except OSError:
            pytest.skip(f"this machine has no {host}")
        server.listen()
        with socket.create_connection((host, server.getsockname()[1]), timeout=5) as client:
            taken, _ = server.accept()
            with taken:
                client.sendall(b"hello")
                assert taken.recv(5) == b"hello"


def test_sockets_with_a_file_name_are_open() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/socket")
        server.listen()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(f"{folder}/socket")
            assert client.getpeername() == f"{folder}/socket"


def test_nobodys_settings_and_nobodys_data() -> None:
    names = {name for name in os.environ if name.startswith("GREENROOM_")}
    assert names == {"GREENROOM_DATA"}
    assert Path(os.environ["GREENROOM_DATA"]).parent == Path(tempfile.gettempdir())
