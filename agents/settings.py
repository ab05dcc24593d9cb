"""Every setting, typed, from the environment or a `.env` file in the working folder. `.env.example` lists them all."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from agents.endpoint import OPENAI, Endpoint, EndpointError, checked_url, endpoint, read_prices
from agents.migrations.database import Database
from knowledge.bank import Bank, load_bank
from knowledge.question import QUESTIONS

_MAY_HOLD_A_KEY = ("LLM_KEY", "LLM_URL")


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names the variable and what it takes."""


class Settings(BaseSettings):
    """Names in the environment carry the prefix GREENROOM_, as in GREENROOM_DATA."""

    model_config = SettingsConfigDict(
        env_prefix="GREENROOM_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    data: Path = Field(default_factory=lambda: user_data_path("greenroom", appauthor=False))
    """Where interviews and the search index are kept."""
    database: str = ""
    """SQLAlchemy URL of the event log; empty: an SQLite file in the data folder."""
    weights: Path | None = None
    """Folder with model.safetensors and tokenizer.json, when the weights package is not installed."""
    rubric: Path | None = None
    """A team's own rubric file."""
    questions: Path | None = None
    """A folder of question files to use in place of the shipped ones."""
    private_questions: Path | None = None
    """A team's own folder of question files, used beside the others."""
    threads: int = Field(default=2, ge=1, le=64)
    """CPU threads of the embedding model."""
    pace: Literal["typed", "spoken"] = "typed"
    """What the practice page offers first."""
    speech_delay: float = Field(default=0.02, ge=0, le=1)
    """Seconds per word when the interviewer's words appear; 0 shows them at once."""

    llm_model: str = ""
    """The model that speaks, and does what no other is named for; empty: the local panel interviews."""
    llm_url: str = ""
    """Base address of a server that speaks OpenAI's protocol; empty: OpenAI's own."""
    llm_key: SecretStr = SecretStr("")
    """Its key; empty: OPENAI_API_KEY for OpenAI's own address, none for others."""
    llm_observer: str = ""
    """The model that listens; empty: the one that speaks."""
    llm_assessor: str = ""
    """The model that scores; empty: the one that speaks."""
    llm_api_version: str = ""
    """For Azure's deployments with dated versions, as in 2024-10-21; the address is then that of the resource."""
    llm_prices: str = ""
    """Per million tokens, as in "gpt-5-mini = 0.25 / 2" (read / written, or read / cached / written)."""
    llm_limit: float = Field(default=0.0, ge=0)
    """Most that one interview may cost, in the prices' currency; then the local panel goes on. 0: no limit."""
    llm_context: int = Field(default=24_000, ge=4_000, le=1_000_000)
    """Tokens of conversation that the interviewer is shown; the oldest part of a longer one is shortened."""
    llm_observer_seconds: float = Field(default=6.0, gt=0, le=600)
    """How long the model may listen before the local observer's result is used."""
    llm_interviewer_seconds: float = Field(default=20.0, gt=0, le=600)
    """How long the model may take to find its words before the local interviewer speaks."""
    llm_assessor_seconds: float = Field(default=180.0, gt=0, le=3_600)
    """How long the model may take to score before the local assessor does."""
    llm_samples: int = Field(default=1, ge=1, le=9)
    """How often the assessor judges; of several the median counts, and their spread is shown."""
    llm_per_area: bool = False
    """Whether the assessor judges each area in a call of its own, at the same time, instead of all in one."""

    @field_validator("data", "weights", "rubric", "questions", "private_questions")
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        return path and path.expanduser()  # no shell does it for a line of .env

    @field_validator("database")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if url and "://" not in url:
            raise ValueError("write an address such as sqlite:////home/me/greenroom.db")
        if url:
            Database(url)  # opens nothing; its ValueError says which addresses will not do
        return url

    @field_validator("llm_url")
    @classmethod
    def _is_endpoint(cls, url: str) -> str:
        return checked_url(url) if url else url

    @field_validator("llm_prices")
    @classmethod
    def _are_prices(cls, text: str) -> str:
        read_prices(text)
        return text

    def load_bank(self) -> Bank:
        """The questions of both folders, kept for the next start in the data folder if there is one. Raises
        KnowledgeError when a folder of questions is missing."""
        cache = self.data / "questions.json" if self.data.is_dir() else None
        return load_bank(self.questions or QUESTIONS, self.private_questions, cache)

    def endpoint(self, environment_key: str = "") -> Endpoint | None:
        """The endpoint that the settings name, None when they name no model.

        `environment_key` is OPENAI_API_KEY; it is sent to OpenAI and to nobody else. Raises SettingsError.
        """
        if not self.llm_model:
            return None
        key = self.llm_key
        if not key.get_secret_value() and checked_url(self.llm_url).startswith(OPENAI):
            key = SecretStr(environment_key)
        try:
            found = endpoint(
                self.llm_url,
                key,
                self.llm_model,
                self.llm_observer,
                self.llm_assessor,
                self.llm_api_version,
                read_prices(self.llm_prices),
            )
        except EndpointError as error:
            raise SettingsError(f"settings that cannot be used:\n{error}") from None
        self.check_limit(found)
        return found

    def check_limit(self, found: Endpoint) -> None:
        """Raises SettingsError when there is a spending limit and a model of `found` without a price."""
        models = (found.interviewer, found.observer, found.assessor)
        unpriced = [m for m in dict.fromkeys(models) if found.price(m) is None]
        if self.llm_limit and unpriced:
            raise SettingsError(
                f"settings that cannot be used:\nGREENROOM_LLM_LIMIT can only be kept with a price for every model: "
                f"add {', '.join(unpriced)} to GREENROOM_LLM_PRICES"
            )


def load_settings() -> Settings:
    """Settings from the environment. SettingsError lists every value that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for fault in error.errors():
            name = "_".join(str(part) for part in fault["loc"]).upper()
            said = fault["msg"].removeprefix("Value error, ")
            shown = "" if name in _MAY_HOLD_A_KEY else f" (it is {fault.get('input')!r})"
            lines.append(f"GREENROOM_{name}: {said}{shown}")
        raise SettingsError("settings that cannot be used:\n" + "\n".join(lines)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f".env cannot be read ({error}); it is a text file in UTF-8, see .env.example") from None
