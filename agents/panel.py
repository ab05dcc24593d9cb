"""Who sits on the panel: an observer, an interviewer, a reader for the assessor; all local, or a model in each seat.

Behind each model sits its local colleague, who does the step when the model cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from agents import drafts
from agents.calls import Connection
from agents.ear import Ear
from agents.endpoint import Endpoint
from agents.events import Directive, Observation
from agents.interviewer import LocalInterviewer, Spoken
from agents.model_failure import Failure
from agents.model_interviewer import ModelInterviewer
from agents.model_observer import ModelObserver
from agents.model_reader import ModelReader
from agents.observer import Exchange, LocalObserver
from agents.patience import Beat, no_beat
from agents.reading import LocalReader, Reader
from agents.settings import Settings
from agents.state import InterviewState
from knowledge.embedder import MiniLM
from knowledge.question import Question
from knowledge.rubric import Rubric


class Observer(Protocol):
    """Listens to one answer."""

    @property
    def name(self) -> str: ...

    def observe(self, question: Question, exchange: Exchange) -> Observation: ...


class Interviewer(Protocol):
    """Words one directive."""

    @property
    def name(self) -> str: ...

    def speak(self, state: InterviewState, directive: Directive) -> Spoken: ...


@dataclass(frozen=True)
class Panel:
    """Three roles that never mix: who listens, who speaks, who reads for the score."""

    name: str
    observer: Observer
    interviewer: Interviewer
    reader: Reader

    def seated(self, state: InterviewState, beat: Beat = no_beat, without_model: bool = False) -> Panel:
        """The panel for the next step of this interview.

        `beat` is called while somebody is waited for; `without_model` has the local panel do the step.
        """
        return self

    def get_ready(self, question: Question) -> None:
        """Reads a question and loads what it takes, so that the first answer waits less. Asks no model anything.

        Raises EmbedderUnavailable.
        """
        self.observer.observe(question, _FIRST)


_FIRST = Exchange("", None, "How many users are there? I would start with the path from the data to the user.")


def local_panel(embedder: MiniLM | None = None) -> Panel:
    """The panel that needs no key and no network. Loads nothing until it is first used."""
    observer = LocalObserver(Ear(embedder or MiniLM()))
    return Panel("local", observer, LocalInterviewer(), LocalReader(observer))


@dataclass(frozen=True)
class ModelPanel(Panel):
    """Models in all three seats."""

    connection: Connection
    limit: float
    """Most that an interview may cost; 0 for any amount."""

    def get_ready(self, question: Question) -> None:
        """As in Panel: the local observer, who may be needed, and the clients."""
        assert isinstance(self.observer, ModelObserver)
        self.connection.chat.load()
        drafts.get_ready(question)
        self.observer.local.observe(question, _FIRST)

    def seated(self, state: InterviewState, beat: Beat = no_beat, without_model: bool = False) -> Panel:
        """The same seats for this step, with what the interview may still spend."""
        left = max(0.0, self.limit - (state.usage.cost or 0.0)) if self.limit else None
        refuses = Failure.SKIPPED if without_model else None
        connection = replace(self.connection, left=left, refuses=refuses)
        assert isinstance(self.observer, ModelObserver)
        assert isinstance(self.interviewer, ModelInterviewer)
        assert isinstance(self.reader, ModelReader)
        return Panel(
            self.name,
            self.observer.using(connection, beat),
            self.interviewer.using(connection, beat),
            self.reader.using(connection, beat),
        )


def model_panel(endpoint: Endpoint, settings: Settings, rubric: Rubric, embedder: MiniLM | None = None) -> ModelPanel:
    """The panel of an endpoint's models. Calls and loads nothing until it is first used."""
    connection = Connection.to(endpoint)
    observer = LocalObserver(Ear(embedder or MiniLM(settings.weights, settings.threads)))
    return ModelPanel(
        endpoint.name,
        ModelObserver(connection, observer, settings.llm_observer_seconds),
        ModelInterviewer(connection, LocalInterviewer(), settings.llm_context, settings.llm_interviewer_seconds),
        ModelReader(
            connection,
            LocalReader(observer),
            rubric,
            settings.llm_assessor_seconds,
            settings.llm_samples,
            settings.llm_per_area,
        ),
        connection,
        settings.llm_limit,
    )


def configured_panel(
    settings: Settings, rubric: Rubric, environment: Mapping[str, str], embedder: MiniLM | None = None
) -> Panel:
    """The panel that the settings name: models when one is named, the local panel otherwise. Raises SettingsError.

    `environment` may hold OPENAI_API_KEY.
    """
    embedder = embedder or MiniLM(settings.weights, settings.threads)
    endpoint = settings.endpoint(environment.get("OPENAI_API_KEY", ""))
    return local_panel(embedder) if endpoint is None else model_panel(endpoint, settings, rubric, embedder)
