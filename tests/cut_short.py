"""Interviews that stop dead, each at its own place, in one process: `python -m tests.cut_short INTERVIEW < STOPS`.

STOPS has one JSON object per line: `place`, `folder` with the database, and the answer `text` after `minutes`; without
a text the interview is ended. The place is printed when it is reached; from then on nothing happens there any more.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

from agents.archive import FILE_NAME, Archive
from agents.ear import Ear
from agents.events import AnyEvent, Directive, Observation
from agents.interviewer import LocalInterviewer, Spoken
from agents.observer import Exchange, LocalObserver
from agents.panel import Panel
from agents.reading import LocalReader, Reading
from agents.session import InterviewSession
from agents.state import InterviewState
from agents.terminal import SimulatedClock
from agents.transcript import Transcript
from knowledge.embedder import MiniLM
from knowledge.question import Question
from knowledge.rubric import RUBRIC_FILE, load_rubric


class Place:
    """Where to stop."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stopped = threading.Event()

    def reached(self, name: str) -> None:
        """Stops for ever when this is the place."""
        if name == self.name:
            self.stopped.set()
            while True:
                time.sleep(60)


class StoppingArchive(Archive):
    """Stops before an event is written, before its transaction is committed, or after."""

    def __init__(self, file: Path, place: Place) -> None:
        super().__init__(file)
        self.file, self.place = file, place

    def append(self, interview: str, event: AnyEvent) -> None:
        from sqlalchemy import Connection, Engine
        from sqlalchemy.event import listen, remove

        def committing(connection: Connection) -> None:
            if connection.engine.url.database == str(self.file):
                self.place.reached(f"committing {event.kind}")

        self.place.reached(f"before {event.kind}")
        listen(Engine, "commit", committing)
        super().append(interview, event)
        remove(Engine, "commit", committing)
        self.place.reached(f"after {event.kind}")


class StoppingObserver(LocalObserver):
    """Stops when it has listened and before it says what it heard."""

    def __init__(self, ear: Ear, place: Place) -> None:
        super().__init__(ear)
        self.place = place

    def observe(self, question: Question, exchange: Exchange) -> Observation:
        observation = super().observe(question, exchange)
        self.place.reached("observing")
        return observation


class StoppingInterviewer(LocalInterviewer):
    """Stops when it knows what to say and before it says it."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def speak(self, state: InterviewState, directive: Directive) -> Spoken:
        said = super().speak(state, directive)
        self.place.reached("speaking")
        return said


class StoppingReader(LocalReader):
    """Stops when it has begun to read."""

    def __init__(self, observer: LocalObserver, place: Place) -> None:
        super().__init__(observer)
        self.place = place

    def read(self, transcript: Transcript) -> Reading:
        self.place.reached("reading")
        return super().read(transcript)


def hold(interview: str, ear: Ear, place: Place, stop: dict[str, str]) -> None:
    """Goes on with the interview in the stop's folder up to the place."""
    archive = StoppingArchive(Path(stop["folder"]) / FILE_NAME, place)
    observer = StoppingObserver(ear, place)
    panel = Panel("local", observer, StoppingInterviewer(place), StoppingReader(observer, place))
    clock = SimulatedClock()
    session = InterviewSession(archive, panel, load_rubric(RUBRIC_FILE), interview, clock)
    assert session.state.last_at is not None
    clock.now = session.state.last_at
    clock.advance(float(stop["minutes"]))
    if stop["text"]:
        session.reply(stop["text"])
    else:
        session.finish("answers_ran_out")


def main(interview: str) -> None:
    ear = Ear(MiniLM())
    for stop in map(json.loads, sys.stdin):
        place = Place(stop["place"])
        thread = threading.Thread(target=hold, args=(interview, ear, place, stop), daemon=True)
        thread.start()
        while not place.stopped.wait(0.01):
            assert thread.is_alive(), f"{place.name} was not reached"
        sys.stdout.write(f"{place.name}\n")
        sys.stdout.flush()
    threading.Event().wait()  # for the end


if __name__ == "__main__":
    main(*sys.argv[1:])
