"""Nothing of a conversation goes to LangChain's tracing service, whatever the environment says."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.loopback import Loopback
from tests.loopback_replies import Say

ROOT = Path(__file__).parents[1]
ASK = """
import sys, threading
from pydantic import SecretStr
from agents.endpoint import endpoint
from agents.llm import Chat, Request
chat = Chat(endpoint(sys.argv[1], SecretStr("sk"), "scripted"))
if sys.argv[2] == "ours":
    print(chat.once("scripted", Request([("user", "Hello")]), 20.0, threading.Event(), []).text)
else:
    from langchain_openai import ChatOpenAI
    print(ChatOpenAI(base_url=sys.argv[1], api_key="sk", model="scripted").invoke("Hello").text)
from langchain_core.tracers.langchain import wait_for_all_tracers
wait_for_all_tracers()
"""


def knocked(how: str) -> bool:
    """Whether somebody came to the tracing service, which listens here, while a model was asked."""
    with socket.create_server(("127.0.0.1", 0)) as service, Loopback(lambda _: Say("A plain answer.")) as server:
        service.settimeout(0.5)
        environ = os.environ | {
            "LANGSMITH_TRACING": "true",
            "LANGCHAIN_TRACING_V2": "true",
            "LANGSMITH_API_KEY": "ls-test",
            "LANGSMITH_ENDPOINT": f"http://127.0.0.1:{service.getsockname()[1]}",
        }
        process = subprocess.Popen(
            [sys.executable, "-c", ASK, server.url, how], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
        )
        came = False
        while process.poll() is None and not came:
            try:
                service.accept()[0].close()
                came = True
            except TimeoutError:
                continue
        process.kill()
        assert process.stdout is not None
        answered = process.stdout.read()
        process.stdout.close()
        process.wait()
    assert came or answered == "A plain answer.\n"
    return came


def test_what_the_panel_says_is_not_traced() -> None:
    assert not knocked("ours")


def test_without_care_it_would_be() -> None:
    assert knocked("plain")
