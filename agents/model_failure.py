"""What can become of a request to a model, in three tellings: for the log, for the candidate, for whoever set it up."""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    """Why a model gave nothing that can be used."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    BAD_KEY = "bad key"
    FORBIDDEN = "forbidden"
    NO_MODEL = "no such model"
    BAD_REQUEST = "bad request"
    TOO_LONG = "too long"
    BUSY = "busy"
    NO_QUOTA = "no quota"
    SERVER = "server error"
    CUT = "cut off"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    FILTERED = "filtered"
    REFUSED = "refused"
    LENGTH = "stopped at its length"
    BROKE_RULES = "broke the rules"
    RESTING = "resting"
    LIMIT = "limit"
    SKIPPED = "skipped"


AGAIN = (Failure.UNREACHABLE, Failure.BUSY, Failure.SERVER, Failure.CUT, Failure.UNREADABLE, Failure.EMPTY)
"""What is worth a second try; the others would only fail again."""
DOWN = (Failure.UNREACHABLE, Failure.TIMEOUT, Failure.BUSY, Failure.NO_QUOTA, Failure.SERVER, Failure.BAD_KEY)
"""What says that the server, and not just this request, is in trouble."""

_PLAIN = {
    Failure.UNREACHABLE: "the model could not be reached",
    Failure.TIMEOUT: "the model took too long",
    Failure.BAD_KEY: "the model's server did not accept the key",
    Failure.FORBIDDEN: "the model's server refused the request",
    Failure.NO_MODEL: "the model's server does not have that model",
    Failure.BAD_REQUEST: "the model's server did not understand the request",
    Failure.TOO_LONG: "the conversation is too long for the model",
    Failure.BUSY: "the model's server is too busy",
    Failure.NO_QUOTA: "the credit at the model's provider is used up",
    Failure.SERVER: "the model's server had an error",
    Failure.CUT: "the model's answer was cut off",
    Failure.UNREADABLE: "the model's answer could not be read",
    Failure.EMPTY: "the model's answer was empty",
    Failure.FILTERED: "the provider's content filter stopped the model",
    Failure.REFUSED: "the model declined",
    Failure.LENGTH: "the model's answer did not end",
    Failure.BROKE_RULES: "the model's wording broke the rules of the interview",
    Failure.RESTING: "the model failed several times and is given a rest",
    Failure.LIMIT: "the spending limit of this interview is reached",
    Failure.SKIPPED: "you went on without waiting for the model",
}
_REMEDY = {
    Failure.UNREACHABLE: "Is the server running, and is the address right?",
    Failure.TIMEOUT: "Try a smaller model, or give it more seconds (GREENROOM_LLM_..._SECONDS).",
    Failure.BAD_KEY: "Check the key; paste it again, or set GREENROOM_LLM_KEY.",
    Failure.FORBIDDEN: "This key may not use this model; ask whoever manages the account.",
    Failure.NO_MODEL: "Choose a model from the server's list, or check the address: it usually ends in /v1.",
    Failure.BAD_REQUEST: "Try another model; if none works, the server may not speak OpenAI's chat protocol.",
    Failure.TOO_LONG: "Take a model with a longer context, or set GREENROOM_LLM_CONTEXT lower.",
    Failure.BUSY: "Wait a minute, or take a model with a higher rate limit.",
    Failure.NO_QUOTA: "Add credit at the provider, or use another key.",
    Failure.SERVER: "The provider's side is in trouble; try again in a minute.",
    Failure.CUT: "Try again; if it stays, look at proxies between here and the server.",
    Failure.UNREADABLE: "Try another model, or check that the address is that of an OpenAI-compatible API.",
    Failure.EMPTY: "Try again, or another model.",
    Failure.FILTERED: "Loosen the content filter of this deployment, or take another model.",
    Failure.REFUSED: "Take another model; this one declines the task.",
    Failure.LENGTH: "Take another model; this one does not come to an end.",
    Failure.BROKE_RULES: "Take a stronger model.",
    Failure.RESTING: "Wait a few seconds; the next turn tries again.",
    Failure.LIMIT: "Raise GREENROOM_LLM_LIMIT for the next interview.",
    Failure.SKIPPED: "The next turn asks the model again.",
}


class ModelFailed(RuntimeError):  # noqa: N818 - reads as what it is
    """A model gave nothing that can be used. `detail` is what its server said, without the key, at most 300 characters.

    `after` is how many seconds the server asked to wait for, None when it did not.
    """

    def __init__(self, failure: Failure, detail: str = "", after: float | None = None) -> None:
        self.failure, self.detail, self.after = failure, " ".join(detail.split())[:300], after
        super().__init__(f"{self.plain}{f': {self.detail}' if self.detail else ''}. {self.remedy}")

    @classmethod
    def unreadable(cls, detail: str) -> ModelFailed:
        """The model answered, and not in the form asked for."""
        return cls(Failure.UNREADABLE, detail)

    @property
    def plain(self) -> str:
        """What happened, for a candidate: no code, no name of a server."""
        return _PLAIN[self.failure]

    @property
    def remedy(self) -> str:
        """What somebody who sets up the panel can do about it."""
        return _REMEDY[self.failure]
