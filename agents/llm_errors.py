"""What the exceptions of OpenAI's and LangChain's clients mean, as ModelFailed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from agents.model_failure import Failure, ModelFailed

LONGEST_BODY = 20_000
_TOO_LONG = re.compile(r"context (?:length|window)|maximum context|too many tokens", re.IGNORECASE)


@cache
def client_errors() -> tuple[type[Exception], ...]:
    """What the clients raise when a server does not answer as it should.

    A body that is no JSON, or not of the shape they expect, breaks them in ways of their own: hence the plain errors.
    """
    import httpx2
    import openai
    from langchain_core.exceptions import LangChainException

    named = (openai.OpenAIError, LangChainException, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL)
    return (ModelFailed, *named, OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError)


def translated(error: Exception, scrubbed: Callable[[str], str]) -> ModelFailed:
    """What an exception of the clients means; `scrubbed` takes the key out of what a server said."""
    import httpx2
    import openai

    causes = list(_causes(error))  # LangChain's errors come from OpenAI's, and those from the connection's
    if any(isinstance(e, httpx2.ConnectTimeout) for e in causes):
        return ModelFailed(Failure.UNREACHABLE, "it does not answer")
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return ModelFailed(Failure.TIMEOUT)
    if isinstance(error, openai.APIStatusError):
        return _by_status(error, scrubbed)
    if isinstance(error, openai.LengthFinishReasonError):
        return ModelFailed(Failure.LENGTH)
    if isinstance(error, openai.ContentFilterFinishReasonError):
        return ModelFailed(Failure.FILTERED)
    if isinstance(error, openai.APIConnectionError | httpx2.TransportError):
        first = next((e for e in causes if isinstance(e, httpx2.TransportError)), causes[-1])
        cut = isinstance(first, httpx2.RemoteProtocolError | httpx2.ReadError)
        return ModelFailed(Failure.CUT if cut else Failure.UNREACHABLE, scrubbed(str(first)))
    if isinstance(error, openai.APIError):  # an error in the middle of a stream
        return ModelFailed(Failure.SERVER, scrubbed(str(error.message)))
    return ModelFailed(Failure.UNREADABLE, type(error).__name__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__


def _by_status(error: Any, scrubbed: Callable[[str], str]) -> ModelFailed:
    """By the status of the server's error and the code in its body."""
    body = error.body if isinstance(error.body, dict) else {}
    code, said = str(body.get("code") or error.code or ""), _said(error.body) or str(error.message)
    after = _seconds(error.response.headers)
    by_code = {
        "context_length_exceeded": Failure.TOO_LONG,
        "content_filter": Failure.FILTERED,
        "insufficient_quota": Failure.NO_QUOTA,
        "invalid_api_key": Failure.BAD_KEY,
        "model_not_found": Failure.NO_MODEL,
    }
    by_status = {
        401: Failure.BAD_KEY,
        402: Failure.NO_QUOTA,
        403: Failure.FORBIDDEN,
        404: Failure.NO_MODEL,
        408: Failure.BUSY,
        409: Failure.BUSY,
        413: Failure.TOO_LONG,
        425: Failure.BUSY,
        429: Failure.BUSY,
    }
    status = int(error.status_code)
    other = Failure.SERVER if status >= 500 else Failure.BAD_REQUEST
    found = by_code.get(code, by_status.get(status, other))
    if found is Failure.BAD_REQUEST and re.search(
        r"context (?:length|window)|maximum context|too many tokens", said, re.I
    ):
        found = Failure.TOO_LONG
    return ModelFailed(found, scrubbed(f"{status}: {said}"), after)


def _said(body: Any) -> str:
    """What the body of an error says: its message, or all of it where there is none; OpenAI's client drops that."""
    message = body.get("message") if isinstance(body, dict) else body
    told = message if isinstance(message, str) else json.dumps(body, ensure_ascii=False) if body else ""
    return told[:LONGEST_BODY]


def _seconds(headers: Mapping[str, str]) -> float | None:
    """How long a server asks to wait: in seconds, in milliseconds, or as a date."""
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            return max(0.0, float(value) / unit)
        except ValueError:
            pass
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            continue
        when = when if when.tzinfo else when.replace(tzinfo=UTC)  # "-0000"
        return max(0.0, (when - datetime.now(UTC)).total_seconds())
    return None
