"""One request to a language model: an endpoint's LangChain chat model, adapted to what its server can do.

With agents/abilities.py and agents/llm_errors.py the only place that knows providers. What a server refuses is left out
or put differently, and that is remembered; everything that can go wrong becomes a ModelFailed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from threading import Event, Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from agents.abilities import Abilities, Form, Message, adapt, form_asked, messages_for
from agents.endpoint import NO_KEY, Endpoint
from agents.llm_errors import client_errors, translated
from agents.model_failure import Failure, ModelFailed
from agents.tokens import count, count_messages

if TYPE_CHECKING:
    from ssl import SSLContext

    from langchain_core.messages import BaseMessage
    from langchain_core.outputs import ChatGenerationChunk
    from langchain_openai import AzureChatOpenAI, ChatOpenAI
    from langchain_openai.chat_models.base import BaseChatOpenAI

CONNECT_SECONDS = 5.0
SHORTEST_SECRET = 8
LONGEST_RESPONSE = 60_000
"""Characters at which any answer is cut off."""
_THINKS, _HAS_THOUGHT = re.compile(r"\s*<think(?:ing)?>"), re.compile(r"</think(?:ing)?>")


@dataclass(frozen=True)
class Request:
    """What is asked of a model. `longest` is in characters: a streamed answer is cut off there."""

    messages: Sequence[Message]
    form: Form | None = None
    temperature: float = 0.0
    most_tokens: int = 1_000
    longest: int = LONGEST_RESPONSE

    @property
    def tokens(self) -> int:
        """Tokens of the messages, counted here."""
        return count_messages(text for _, text in self.messages)


@dataclass(frozen=True)
class Response:
    """What a model answered; `counted` when the tokens are ours because the server reports none."""

    text: str
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    counted: bool


@dataclass
class Chat:
    """The models of one endpoint. Safe to use from several threads."""

    endpoint: Endpoint
    is_loaded: bool = False
    _abilities: dict[str, Abilities] = field(default_factory=dict)
    _clients: dict[tuple[Any, ...], BaseChatOpenAI] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _http: Any = None

    def abilities(self, model: str) -> Abilities:
        """What is known of `model` so far."""
        return self._abilities.get(model, Abilities())

    def load(self) -> None:
        """Loads the clients and the encoding, which takes seconds and is no time that a server needs."""
        import tenacity  # noqa: F401

        _classes()
        count("ready")
        self.is_loaded = True

    def once(self, model: str, request: Request, seconds: float, given_up: Event, adapted: list[str]) -> Response:
        """One answer. What the server does not take is changed and appended to `adapted`. Raises ModelFailed."""
        while True:
            known = self.abilities(model)
            try:
                with _untraced():
                    return self._call(model, request, known, seconds, given_up)
            except client_errors() as error:
                failed = self._failed(error)
                other = adapt(known, failed, request.form) if failed.failure is Failure.BAD_REQUEST else None
                if other is None:
                    raise failed from None
                with self._lock:
                    if self.abilities(model) == known:  # else another thread has just learned something
                        self._abilities[model] = other[0]
                        adapted.append(other[1])

    def _call(self, model: str, request: Request, known: Abilities, seconds: float, given_up: Event) -> Response:
        client = self._client(model, request, known, seconds)
        messages = messages_for(request.messages, known)
        bound = form_asked(request.form, known)
        if not (known.streams and request.form is None):
            message = client.invoke(messages, **bound)
            return _response(message, request, self._text(message, request.form))
        text, last = "", None
        usage: dict[str, Any] = {"stream_usage": True} if known.reports_usage else {}
        for chunk in client.stream(messages, **usage):
            text += _content(chunk)
            if last is None:
                last = chunk
            elif chunk.usage_metadata or chunk.response_metadata.get("finish_reason") or chunk.additional_kwargs:
                last += chunk  # the many others bring only text, and take long to add up
            if given_up.is_set() or _is_endless(text, request.longest):
                break
        if last is None:
            raise ModelFailed(Failure.EMPTY)
        if not _is_endless(text, request.longest) and not given_up.is_set():
            self._text(last.model_copy(update={"content": text}), None)
        return _response(last, request, text)

    def _text(self, message: BaseMessage, form: Form | None) -> str:
        """The text of a finished message, a forced tool call's arguments included. Raises ModelFailed."""
        if message.additional_kwargs.get("refusal"):
            raise ModelFailed(Failure.REFUSED, self._scrubbed(str(message.additional_kwargs["refusal"])))
        ending = message.response_metadata.get("finish_reason")
        if ending == "content_filter":
            raise ModelFailed(Failure.FILTERED)
        if ending == "length":
            raise ModelFailed(Failure.LENGTH)
        if ending is None and _content(message):
            raise ModelFailed(Failure.CUT, "the answer ended without its last part")
        calls = [*getattr(message, "tool_calls", ()), *getattr(message, "invalid_tool_calls", ())]
        text = _content(message)
        if form is not None and calls:
            arguments = calls[0]["args"]
            text = arguments if isinstance(arguments, str) else json.dumps(arguments) if arguments is not None else ""
        if not _said(text).strip():
            raise ModelFailed(Failure.EMPTY)
        return text

    def _client(self, model: str, request: Request, known: Abilities, seconds: float) -> BaseChatOpenAI:
        plain, azure = _classes()
        key = (model, known, request.temperature, request.most_tokens, seconds)
        with self._lock:
            if key in self._clients:
                return self._clients[key]
            self._http = self._http or self._straight_on()
        common: dict[str, Any] = {
            "api_key": self.endpoint.key,
            "max_retries": 0,  # agents/calls.py tries again, and writes down that it did
            "timeout": (CONNECT_SECONDS, seconds, CONNECT_SECONDS, CONNECT_SECONDS),
            "use_responses_api": False,
            "cache": False,
            "http_client": self._http,
        }
        if known.has_temperature:
            common["temperature"] = request.temperature
        if known.limit == "max_completion_tokens":
            common["max_tokens"] = request.most_tokens
        elif known.limit:
            common["extra_body"] = {known.limit: request.most_tokens}
        client: BaseChatOpenAI
        if self.endpoint.api_version:
            client = azure(
                azure_endpoint=self.endpoint.url,
                api_version=self.endpoint.api_version,
                azure_deployment=model,
                model=model,
                **common,
            )
        else:
            client = plain(base_url=self.endpoint.url, model=model, **common)
        with self._lock:
            return self._clients.setdefault(key, client)

    def _straight_on(self) -> Any:
        """None for the usual way; straight on to a server on this machine, whatever proxy the environment names."""
        import openai

        return openai.DefaultHttpxClient(trust_env=False, verify=_authorities()) if self.endpoint.is_here else None

    def _failed(self, error: Exception) -> ModelFailed:
        return error if isinstance(error, ModelFailed) else translated(error, self._scrubbed)

    def _scrubbed(self, text: str) -> str:
        """`text` without the key: some servers send it back in their errors, as it is or escaped.

        Of what is too short for a secret, such as "x", only whole words are taken out.
        """
        key = self.endpoint.key.get_secret_value()
        if key == NO_KEY.get_secret_value():
            return text
        for shape in sorted({key, repr(key)[1:-1], json.dumps(key)[1:-1], quote(key, safe="")}, key=len, reverse=True):
            whole = re.escape(shape) if len(key) >= SHORTEST_SECRET else rf"(?<!\w){re.escape(shape)}(?!\w)"
            text = re.sub(whole, "[key]", text)
        return text

    def models(self, seconds: float = CONNECT_SECONDS) -> list[str]:
        """The models that the server lists. Raises ModelFailed."""
        import openai

        try:
            client = openai.OpenAI(
                base_url=self.endpoint.url,
                api_key=self.endpoint.key.get_secret_value(),
                timeout=seconds,
                max_retries=0,
                http_client=self._straight_on(),
            )
            with client:
                return sorted(model.id for model in client.models.list())
        except client_errors() as error:
            raise self._failed(error) from None


def _untraced() -> AbstractContextManager[None]:
    """LangChain sends what it is given to its maker's service where the environment says so. A candidate's words go
    to the server that the candidate was told of, and nowhere else."""
    from langsmith import tracing_context

    return tracing_context(enabled=False)


@cache
def _authorities() -> SSLContext:
    """Whom to trust, read once: it takes a tenth of a second."""
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)


@cache
def _classes() -> tuple[type[ChatOpenAI], type[AzureChatOpenAI]]:
    """LangChain's clients; their own drop from a stream what a model says when it refuses."""
    import warnings

    from langchain_openai import AzureChatOpenAI, ChatOpenAI

    class Plain(ChatOpenAI):
        def _convert_chunk_to_generation_chunk(self, chunk: dict[str, Any], *rest: Any) -> ChatGenerationChunk | None:
            return _with_refusal(chunk, super()._convert_chunk_to_generation_chunk(chunk, *rest))

    class Azure(AzureChatOpenAI):
        def _convert_chunk_to_generation_chunk(self, chunk: dict[str, Any], *rest: Any) -> ChatGenerationChunk | None:
            return _with_refusal(chunk, super()._convert_chunk_to_generation_chunk(chunk, *rest))

    # Advice for programmers, on standard error, about what `once` has an answer to.
    warnings.filterwarnings("ignore", "This model does not support OpenAI's structured output", UserWarning)
    return Plain, Azure


def _with_refusal(chunk: dict[str, Any], read: ChatGenerationChunk | None) -> ChatGenerationChunk | None:
    delta = (chunk.get("choices") or [{}])[0].get("delta") or {}
    if read is not None and delta.get("refusal"):
        read.message.additional_kwargs["refusal"] = delta["refusal"]
    return read


def _said(text: str) -> str:
    """`text` without what a reasoning model thought aloud first; some leave out where that begins."""
    thought = _HAS_THOUGHT.search(text)
    if thought:
        return text[thought.end() :]
    return "" if _THINKS.match(text) else text


def _is_endless(text: str, longest: int) -> bool:
    return len(text) > longest and (len(text) > LONGEST_RESPONSE or len(_said(text)) > longest)


def _content(message: BaseMessage) -> str:
    """The text of a message or chunk; servers may send it in parts."""
    if isinstance(message.content, str):
        return message.content
    return "".join(p if isinstance(p, str) else str(p.get("text", "")) for p in message.content)


def _response(message: BaseMessage, request: Request, text: str) -> Response:
    """The response, cut where it is too long. Without a token read, as some servers have it, usage is not reported."""
    said, usage = _said(text)[: LONGEST_RESPONSE + 1], getattr(message, "usage_metadata", None)
    if not said.strip():
        raise ModelFailed(Failure.EMPTY)
    if usage and usage["input_tokens"] > 0 and usage["output_tokens"] >= 0:
        cached = int((usage.get("input_token_details") or {}).get("cache_read") or 0)
        read = int(usage["input_tokens"])
        return Response(said, read, max(0, min(cached, read)), int(usage["output_tokens"]), counted=False)
    return Response(said, request.tokens, 0, count(text), counted=True)
