"""What tests/loopback.py can be told to answer, right or wrong, and how it looks in the chat-completions protocol.

The error bodies are those of OpenAI and, for the content filter, of Azure: same fields, same codes, same phrases.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal, get_args

Json = dict[str, Any]
How = Literal[
    Literal["reset", "cut", "quiet_end", "malformed_chunk", "not_json", "empty_choices"],
    Literal["empty_content", "no_message", "filtered", "length", "hang"],
]


@dataclass(frozen=True)
class Say:
    """An assistant's message; the arguments of the tool call when the request forces one."""

    text: str
    finish: str = "stop"


@dataclass(frozen=True)
class Refuse:
    """A model that will not: `refusal` is set and there is no content."""

    text: str


@dataclass(frozen=True)
class Fail:
    """An error status with a JSON body; code and message default to what OpenAI says with that status or code."""

    status: int
    code: str = ""
    message: str = ""
    retry_after: float | None = None


@dataclass(frozen=True)
class Broken:
    """An answer that is no good although the server took the request.

    `reset`: a TCP reset before any answer. `cut`: half of it, then the connection ends in the middle of the message.
    `quiet_end`: streaming, half of it and a clean end without finish_reason or [DONE]; else as `cut`.
    `malformed_chunk`: streaming, one data line in the middle is not JSON; else the body is not JSON. `not_json`: a page
    of HTML with status 200. `empty_choices`, `empty_content`, `no_message`: there is no answer in the answer.
    `filtered`, `length`: half of the text, with that finish_reason. `hang`: nothing for 30 s, then the connection ends.
    """

    how: How
    text: str = ""


Reply = Say | Refuse | Fail | Broken

FAULTS: tuple[Reply, ...] = (
    *(Fail(status) for status in (400, 401, 403, 404, 408, 409, 413, 429, 500, 503)),
    *(Fail(400, code) for code in ("context_length_exceeded", "content_filter")),
    Fail(429, "insufficient_quota"),
    Refuse("I'm sorry, but I can't help with that."),
    *(Broken(how) for how in get_args(How)),
)
"""Every kind of fault once. `hang` is the last: it takes as long as the client is patient."""

PAGE = b"<html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>"
TORN = b'{"id": "chatcmpl-torn", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"conte'
"""What `malformed_chunk` sends instead of JSON."""
_SOME_TEXT = "This was meant to be a whole answer of two sentences. Whoever reads this far has got all of it."

_ERRORS = """
400 - invalid_request_error messages.[0].content
    Invalid value for 'content': expected a string, got null.
400 context_length_exceeded invalid_request_error messages
    This model's maximum context length is 128000 tokens. However, your messages resulted in 130241 tokens.
    Please reduce the length of the messages.
400 content_filter - prompt
    The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your
    prompt and retry. To learn more about our content filtering policies please read our documentation:
    https://go.microsoft.com/fwlink/?linkid=2198766
401 invalid_api_key invalid_request_error -
    Incorrect API key provided: sk-wrong********************************1234.
    You can find your API key at https://platform.openai.com/account/api-keys.
403 unsupported_country_region_territory request_forbidden -
    Country, region, or territory not supported
404 model_not_found invalid_request_error -
    The model `scripted` does not exist or you do not have access to it.
408 request_timeout internal_error -
    Timed out generating response. Please try again with a shorter prompt or with `max_tokens` set to a lower value.
409 - invalid_request_error -
    The resource was updated by another request. Please retry your request.
413 - server_error -
    Maximum content size limit (26214400) exceeded (26417390 bytes read)
429 rate_limit_exceeded requests -
    Rate limit reached for scripted in organization org-loopback on requests per min (RPM): Limit 3, Used 3,
    Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to learn more.
429 insufficient_quota insufficient_quota -
    You exceeded your current quota, please check your plan and billing details. For more information on this error,
    read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.
500 - server_error -
    The server had an error while processing your request. Sorry about that!
503 - server_error -
    The engine is currently overloaded, please try again later
"""
"""Status, code, type and param, then the message; of a status the first is what is meant when no code is given."""


def error(message: str, kind: str | None, param: str | None, code: str | None) -> Json:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def wrong_key(key: str) -> Json:
    """What OpenAI says to a key that it does not know, with the whole key in it as some servers have it."""
    usual = str(error_body(Fail(401))["error"]["message"])
    return error_body(Fail(401, message=usual.replace(usual.split()[4], f"{key}.")))


def error_body(fail: Fail) -> Json:
    """The body of an error."""
    for entry in re.split(r"\n(?=\d)", _ERRORS.strip()):
        head, *lines = entry.splitlines()
        status, code, kind, param = (None if word == "-" else word for word in head.split())
        if status == str(fail.status) and fail.code in ("", code):
            body = error(fail.message or " ".join(line.strip() for line in lines), kind, param, code)
            if code == "content_filter":
                found: Json = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "sexual", "violence")}
                found["jailbreak"] = {"filtered": True, "detected": True}
                inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": found}
                body["error"] |= {"status": 400, "innererror": inner}
            return body
    kind = "server_error" if fail.status >= 500 else "invalid_request_error"
    return error(fail.message or f"The request failed: {fail.code or fail.status}.", kind, None, fail.code or None)


@dataclass(frozen=True)
class Dialect:
    """What the server's model can do; what is False is refused as OpenAI refuses it. `usage`: whether it is told."""

    json_schema: bool = True
    json_object: bool = True
    tools: bool = True
    stream: bool = True
    stream_options: bool = True
    system: bool = True
    temperature: bool = True
    max_completion_tokens: bool = True
    usage: bool = True

    def complaint(self, body: Json) -> Json | None:
        """The error for a request that has no messages or uses what the model has not."""
        if not body:
            return error("We could not parse the JSON body of your request.", "invalid_request_error", None, None)
        form = (body.get("response_format") or {}).get("type")
        if form in ("json_schema", "json_object") and not getattr(self, form):
            said = f"Invalid parameter: 'response_format' of type '{form}' is not supported with this model."
            return error(said, "invalid_request_error", "response_format", None)
        roles = [message.get("role") for message in body["messages"]]
        if not self.system and "system" in roles:
            param = f"messages[{roles.index('system')}].role"
            return _unsupported("value", param, "does not support 'system' with this model.")
        for name, only in (("temperature", 1), ("stream", False)):
            if not getattr(self, name) and body.get(name) not in (None, only):
                given, default = json.dumps(body[name]), json.dumps(only)
                rest = f"does not support {given} with this model. Only the default ({default}) value is supported."
                return _unsupported("value", name, rest)
        for name in ("tools", "max_completion_tokens", "stream_options"):
            if not getattr(self, name) and body.get(name) is not None:
                instead = " Use 'max_tokens' instead." if name == "max_completion_tokens" else ""
                return _unsupported("parameter", name, f"is not supported with this model.{instead}")
        return None


def _unsupported(what: str, param: str, rest: str) -> Json:
    return error(f"Unsupported {what}: '{param}' {rest}", "invalid_request_error", param, f"unsupported_{what}")


def parsed(sent: bytes) -> Json:
    """The body of a chat completion's request; empty when it is none."""
    with suppress(ValueError):
        body = json.loads(sent)
        if isinstance(body, dict) and isinstance(body.get("messages"), list) and body["messages"]:
            return body
    return {}


def text_of(message: Json) -> str:
    """The content of a message, which may be in parts."""
    content = message.get("content") or ""
    return "\n".join(part.get("text") or "" for part in content) if isinstance(content, list) else str(content)


def usage(asked: str, before: str, told: str) -> Json:
    """The tokens of a prompt and an answer; as cached count the blocks of 128 that a prompt before it had, too."""
    prompt, completion = len(asked.split()) * 4 // 3, len(told.split()) * 4 // 3
    block = 128 * 4  # characters
    starts = range(0, min(len(asked), len(before), prompt * 4) - block + 1, block)
    same = takewhile(lambda at: asked[at : at + block] == before[at : at + block], starts)
    counted = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**counted, "prompt_tokens_details": {"cached_tokens": 128 * len([*same])}}


def tokens(text: str) -> list[str]:
    """The words of a text, each with the space after it."""
    return re.findall(r"\S+\s*|\s+", text)


def half(text: str) -> str:
    """The first half of the words; of a single word its first half."""
    words = tokens(text)
    return "".join(words[: len(words) // 2]) if len(words) > 1 else text[: len(text) // 2]


@dataclass(frozen=True)
class Answer:
    """An assistant's turn, whole or in pieces; `tool`: the function that must be called; `how`: what is wrong."""

    text: str
    finish: str = "stop"
    field: Literal["content", "refusal"] = "content"
    tool: str | None = None
    how: How | None = None

    def choices(self) -> list[Json]:
        """The choices of a body that is sent whole."""
        ends: Json = {"index": 0, "logprobs": None, "finish_reason": self.finish}
        if self.how in ("empty_choices", "no_message"):
            return [] if self.how == "empty_choices" else [ends]
        message: Json = {"role": "assistant", "content": None, "refusal": None}
        if self.tool is None:
            message[self.field] = self.text
        else:
            message["tool_calls"] = [_call(self.tool, self.text)]
        return [{**ends, "message": message}]

    def pieces(self) -> list[list[Json] | bytes]:
        """What a stream's chunks hold: choices, or what is no JSON. After the first there is one for each token."""
        if self.how == "empty_choices":
            return [[], [], []]
        hollow = self.how == "no_message"
        first: Json = {"role": "assistant", "content": None, "refusal": None}
        if self.tool is not None:
            first["tool_calls"] = [{"index": 0, **_call(self.tool, "")}]
        elif self.field == "content" and not hollow:
            first["content"] = ""
        deltas = [first, {"content": None}] if hollow else [first, *map(self._piece, tokens(self.text))]
        pieces: list[list[Json] | bytes] = [_choices(delta) for delta in deltas]
        if self.how == "malformed_chunk":
            pieces.insert(1 + len(pieces) // 2, TORN)
        return pieces if self.how in ("cut", "quiet_end") else [*pieces, _choices({}, self.finish)]

    def _piece(self, token: str) -> Json:
        if self.tool is not None:
            return {"tool_calls": [{"index": 0, "function": {"arguments": token}}]}
        return {self.field: token}


def _call(tool: str, arguments: str) -> Json:
    return {"id": "call_loopback", "type": "function", "function": {"name": tool, "arguments": arguments}}


def _choices(delta: Json, finish: str | None = None) -> list[Json]:
    return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]


def forced_tool(body: Json) -> str | None:
    """The function that a request says must be called."""
    choice = body.get("tool_choice")
    forced = (body.get("tools") or [{}])[0] if choice == "required" else choice if isinstance(choice, dict) else {}
    name: str | None = forced.get("function", {}).get("name")
    return name


def answer(reply: Say | Refuse | Broken, body: Json) -> Answer:
    """How the reply to the request with this body is put; of a stream that breaks off, the half that is sent."""
    tool = forced_tool(body)
    if isinstance(reply, Refuse):
        return Answer(reply.text, field="refusal")
    if isinstance(reply, Say):
        called = reply.finish == "stop" and body.get("tool_choice") == "required" and tool is not None
        return Answer(reply.text, "tool_calls" if called else reply.finish, tool=tool)
    text = reply.text or _SOME_TEXT
    if reply.how in ("filtered", "length"):
        return Answer(half(text), "content_filter" if reply.how == "filtered" else "length", tool=tool)
    if reply.how in ("empty_choices", "empty_content", "no_message", "not_json"):
        return Answer("", tool=tool if reply.how == "empty_content" else None, how=reply.how)
    if reply.how in ("cut", "quiet_end") and body.get("stream"):
        text = half(text)
    return Answer(text, tool=tool, how=reply.how)


def dumps(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
