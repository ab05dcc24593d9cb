"""Three hundred faults of every kind in scripted interviews: nothing is lost, nothing half is spoken, all is logged.

Faults come in bursts of three, so that some are got over by trying again and others only by the local panel.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agents.events import Asked, Observed, Said, Scored
from agents.model_interviewer import ModelInterviewer
from agents.model_observer import ModelObserver
from agents.model_reader import ModelReader
from agents.panel import ModelPanel
from agents.work import Call, Work
from evals.candidates import Candidate
from knowledge.embedder import MiniLM
from tests.loopback import Loopback, Request
from tests.loopback_replies import FAULTS, Broken, Reply, Say
from tests.scripted_model import answer
from tests.seated import held, seated
from tests.whole import bank

EACH = 12
"""Faults of each kind; there are 25 kinds."""
BURST, PERIOD = 3, 5
QUESTION, ANSWERS, MINUTES = "SD02", 5, 14.0


class Failing:
    """A scripted model whose server fails in bursts, up to a number of times."""

    def __init__(self, fault: Reply, most: int) -> None:
        self.fault, self.most = fault, most
        self.injected = 0
        self.said: set[str] = set()

    def __call__(self, request: Request) -> Reply:
        if request.number % PERIOD < BURST and self.injected < self.most:
            self.injected += 1
            return self.fault
        reply = answer(request)
        assert isinstance(reply, Say)
        self.said.add(reply.text)
        return reply


def hurried(panel: ModelPanel) -> ModelPanel:
    """The same panel, with shorter waits between tries and a server that is never given a rest."""
    connection = replace(panel.connection, first_wait=0.01)
    connection.breaker.rest = 0.0
    return replace(panel, connection=connection)


def works(events: list[object]) -> list[Work]:
    """What the steps of a log asked of the model."""
    found = []
    for event in events:
        if isinstance(event, Observed) and event.observation.work:
            found.append(event.observation.work)
        if isinstance(event, Asked) and event.work:
            found.append(event.work)
        if isinstance(event, Scored) and event.scorecard.work:
            found.append(event.scorecard.work)
    return found


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_an_interview_gets_over_it(fault: Reply, embedder: MiniLM, tmp_path: Path) -> None:
    question = bank()[QUESTION]
    answers = [(text, 2.0) for text, _ in Candidate(question, "good").answers()][:ANSWERS]
    failing, round_ = Failing(fault, EACH), 0
    while failing.injected < EACH:
        round_ += 1
        assert round_ < 10
        with Loopback(failing) as server:
            before = failing.injected
            late = 0.7 if fault == Broken("hang") else 20.0  # more than a busy machine needs
            panel = hurried(
                seated(server.url, embedder, observer_seconds=late, interviewer_seconds=late, assessor_seconds=3 * late)
            )
            session = held(tmp_path / str(round_), panel, question, answers, MINUTES)
        events = session.archive.events(session.interview)
        assert [e.text for e in events if isinstance(e, Said)] == [text for text, _ in answers]
        assert session.state.finished
        assert session.state.scorecard is not None
        asked = [e for e in events if isinstance(e, Asked)]
        assert len(asked) == ANSWERS + 1
        assert all(e.text in failing.said for e in asked if e.worded_by != "local")
        calls = [call for work in works(list(events)) for call in work.calls]
        assert len([c for c in calls if went_wrong(c)]) == failing.injected - before
        *steps, scoring = works(list(events))
        assert all(work.took_over or work.calls[-1].outcome.startswith("ok") for work in steps)
        unscored = session.state.scorecard.unscored  # the assessor was there, and gave no verdict
        assert scoring.took_over or scoring.calls[-1].outcome.startswith("ok") or unscored
    assert failing.injected == EACH


def went_wrong(call: Call) -> bool:
    """Whether a call got nothing that could be used; a draft or report that broke a rule came through all the same."""
    return not call.outcome.startswith("ok")


def test_there_are_three_hundred_of_them() -> None:
    assert EACH * len(FAULTS) >= 300


def test_the_panel_of_this_test_is_a_model_panel(embedder: MiniLM) -> None:
    panel = hurried(seated("http://127.0.0.1:9/v1", embedder))
    assert isinstance(panel.observer, ModelObserver)
    assert isinstance(panel.interviewer, ModelInterviewer)
    assert isinstance(panel.reader, ModelReader)
