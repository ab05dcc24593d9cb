"""Where the models of the panel are: an address, a key, a model for each role, their prices. Calls nothing itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

Role = Literal["interviewer", "observer", "assessor"]
OPENAI = "https://api.openai.com/v1"
OLLAMA = "http://127.0.0.1:11434/v1"
"""Where an Ollama server listens unless it was told otherwise."""
NO_KEY = SecretStr("none")
"""Servers on one's own machine want none, but the protocol's client wants some text."""
_LOCAL = re.compile(r"(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)", re.IGNORECASE)


class EndpointError(ValueError):
    """An endpoint that cannot be used as it is written; the message says what to write instead."""


@dataclass(frozen=True)
class Price:
    """What a million tokens cost: read, read from the provider's cache, written. In any one currency."""

    read: float
    cached: float
    written: float

    def cost(self, read: int, cached: int, written: int) -> float:
        """The price of a call; `cached` of the `read` tokens came from the cache."""
        return ((read - cached) * self.read + cached * self.cached + written * self.written) / 1_000_000


@dataclass(frozen=True)
class Endpoint:
    """A server that speaks OpenAI's protocol, and what is used there. The key is never shown by `repr` or `str`.

    `api_version` is for Azure's deployments of the older kind only. `prices` maps a model, or "" for any, to its price.
    """

    url: str
    key: SecretStr
    interviewer: str
    observer: str
    assessor: str
    api_version: str = ""
    prices: Mapping[str, Price] = field(default_factory=dict)

    def model(self, role: Role) -> str:
        """The model that does `role`."""
        return {"interviewer": self.interviewer, "observer": self.observer, "assessor": self.assessor}[role]

    def price(self, model: str) -> Price | None:
        """What `model` costs, None when nobody has said."""
        return self.prices.get(model, self.prices.get(""))

    @property
    def host(self) -> str:
        """The server's name, with its port if it has one of its own: what people are told where their words go."""
        parts = urlsplit(self.url)
        name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
        return f"{name}:{parts.port}" if parts.port else name

    @property
    def is_here(self) -> bool:
        """Whether the server is on this machine, so that nothing leaves it."""
        return bool(_LOCAL.fullmatch(urlsplit(self.url).hostname or ""))

    @property
    def name(self) -> str:
        """How the panel calls itself in the log: "model" and the models, each once."""
        return "model " + ", ".join(dict.fromkeys((self.interviewer, self.observer, self.assessor)))


def endpoint(
    url: str,
    key: SecretStr | None,
    interviewer: str,
    observer: str = "",
    assessor: str = "",
    api_version: str = "",
    prices: Mapping[str, Price] | None = None,
) -> Endpoint:
    """An endpoint as people write it: without an address it is OpenAI's, without a second model the first does all.

    Raises EndpointError.
    """
    speaking = interviewer.strip()
    if not speaking:
        raise EndpointError("name a model: set GREENROOM_LLM_MODEL, or choose one on the page “Panel”")
    address = checked_url(url)
    if (key is None or not key.get_secret_value().strip()) and address.startswith(OPENAI):
        raise EndpointError(
            "OpenAI wants a key: set GREENROOM_LLM_KEY or OPENAI_API_KEY, or paste one on the page “Panel”"
        )
    given = key if key is not None and key.get_secret_value().strip() else NO_KEY
    secret = SecretStr(given.get_secret_value().strip())
    if re.search(r"[^\x21-\x7e]", secret.get_secret_value()):
        raise EndpointError("the key holds a space or a character that no key has; copy it once more")
    return Endpoint(
        url=address,
        key=secret,
        interviewer=speaking,
        observer=observer.strip() or speaking,
        assessor=assessor.strip() or speaking,
        api_version=api_version.strip(),
        prices=dict(prices or {}),
    )


def checked_url(url: str) -> str:
    """`url` without a slash at its end, OpenAI's for an empty one. EndpointError when it will not do."""
    address = url.strip().rstrip("/") or OPENAI
    try:
        parts = urlsplit(address)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        port_is_fine = False
        parts = urlsplit("")
    unseen = re.search(r"[\s\x00-\x1f\x7f]", address)  # urlsplit leaves some of them out without a word
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine or unseen:
        raise EndpointError("the address is no web address; write it like https://api.openai.com/v1")
    if "@" in parts.netloc or "?" in address or "#" in address:
        raise EndpointError("leave name, password and what follows ? out of the address; the key has its own place")
    return address.removesuffix("/chat/completions").rstrip("/")


def server_of(url: str) -> str:
    """Scheme, host and port of an address: whom a key was meant for. EndpointError as in `checked_url`."""
    parts = urlsplit(checked_url(url))
    return f"{parts.scheme}://{parts.netloc.lower()}"


def written_prices(prices: Mapping[str, Price]) -> str:
    """Prices as `read_prices` reads them."""
    return "; ".join(
        f"{f'{model} = ' if model else ''}{p.read:g} / {p.cached:g} / {p.written:g}" for model, p in prices.items()
    )


def read_prices(text: str) -> dict[str, Price]:
    """Prices per million tokens from "MODEL = IN / OUT" or "MODEL = IN / CACHED / OUT", several divided by semicolons.

    Without "MODEL =" it is the price of every model that has none of its own. ValueError says what to write.
    """
    found = {}
    for part in filter(None, (p.strip() for p in text.split(";"))):
        model, equals, numbers = part.rpartition("=")
        try:
            figures = [float(n) for n in numbers.split("/")]
        except ValueError:
            figures = []
        named = (not equals or model.strip()) and "=" not in model
        if not named or len(figures) not in (2, 3) or not all(0 <= f < 1e6 for f in figures):
            raise ValueError("write prices per million tokens like 'gpt-5-mini = 0.25 / 2; gpt-5 = 1.25 / 0.125 / 10'")
        read, written = figures[0], figures[-1]
        found[model.strip()] = Price(read, figures[1] if len(figures) == 3 else read, written)
    return found
