"""A model panel over the loopback server, and whole interviews held by it on a simulated clock."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from agents.archive import Archive
from agents.endpoint import endpoint, read_prices
from agents.panel import ModelPanel, model_panel
from agents.session import InterviewSession
from agents.settings import load_settings
from agents.terminal import SimulatedClock
from knowledge.embedder import MiniLM
from knowledge.question import Question
from knowledge.rubric import Rubric, load_rubric

KEY = "sk-planted-5f2c9a71e8"
PRICES = "1 / 0.1 / 4"


@lru_cache(maxsize=1)
def rubric() -> Rubric:
    """Greenroom's own."""
    return load_rubric()


def seated(url: str, embedder: MiniLM, key: str = KEY, prices: str = PRICES, **settings: Any) -> ModelPanel:
    """Models at `url` in all seats; `settings` are those of agents/settings.py without their prefix "llm_"."""
    known = endpoint(url, SecretStr(key), "scripted", prices=read_prices(prices))
    changed = {f"llm_{name}": value for name, value in settings.items()}
    return model_panel(known, load_settings().model_copy(update=changed), rubric(), embedder)


def begun(
    folder: Path, panel: ModelPanel, question: Question, minutes: float | None = None
) -> tuple[InterviewSession, SimulatedClock]:
    """An interview that was just begun, at the question's own level."""
    clock = SimulatedClock()
    archive = Archive.in_folder(folder)
    session = InterviewSession.start(
        archive, panel, rubric(), question, question.difficulty, minutes or question.minutes, clock=clock
    )
    return session, clock


def held(
    folder: Path,
    panel: ModelPanel,
    question: Question,
    answers: Iterable[tuple[str, float]],
    minutes: float | None = None,
) -> InterviewSession:
    """An interview that is over: the answers, (text, minutes), were given until they or the time ran out."""
    session, clock = begun(folder, panel, question, minutes)
    for text, takes in answers:
        if session.state.finished:
            break
        clock.advance(takes)
        session.reply(text)
    session.finish("answers_ran_out")
    session.archive.close()
    return session
