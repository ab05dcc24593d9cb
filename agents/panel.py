"""Who sits on the panel: an observer, an interviewer, and a reader for the assessor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agents.ear import Ear
from agents.events import Directive, Observation
from agents.interviewer import LocalInterviewer
from agents.observer import Exchange, LocalObserver
from agents.reading import LocalReader, Reader
from agents.state import InterviewState
from knowledge.embedder import MiniLM
from knowledge.question import Question


class Observer(Protocol):
    """Listens to one answer."""

    name: str

    def observe(self, question: Question, exchange: Exchange) -> Observation: ...


class Interviewer(Protocol):
    """Words one directive."""

    name: str

    def speak(self, state: InterviewState, directive: Directive) -> str: ...


@dataclass(frozen=True)
class Panel:
    """Three roles that never mix: who listens, who speaks, who reads for the score."""

    name: str
    observer: Observer
    interviewer: Interviewer
    reader: Reader


def local_panel(embedder: MiniLM | None = None) -> Panel:
    """The panel that needs no key and no network. Loads nothing until it is first used."""
    observer = LocalObserver(Ear(embedder or MiniLM()))
    return Panel("local", observer, LocalInterviewer(), LocalReader(observer))
