"""Every setting, typed, from the environment or a `.env` file in the working folder. `.env.example` lists them all."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from agents.migrations.database import Database


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
    """A team's own folder of question files."""
    threads: int = Field(default=2, ge=1, le=64)
    """CPU threads of the embedding model."""
    pace: Literal["typed", "spoken"] = "typed"
    """What the practice page offers first."""
    speech_delay: float = Field(default=0.02, ge=0, le=1)
    """Seconds per word when the interviewer's words appear; 0 shows them at once."""

    @field_validator("data", "weights", "rubric", "questions")
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


def load_settings() -> Settings:
    """Settings from the environment. SettingsError lists every value that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for fault in error.errors():
            name = "_".join(str(part) for part in fault["loc"]).upper()
            said = fault["msg"].removeprefix("Value error, ")
            lines.append(f"GREENROOM_{name}: {said} (it is {fault.get('input')!r})")
        raise SettingsError("settings that cannot be used:\n" + "\n".join(lines)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f".env cannot be read ({error}); it is a text file in UTF-8, see .env.example") from None
