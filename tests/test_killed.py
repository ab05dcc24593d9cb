"""Killed at any place, an interview goes on where it was: nothing said is lost and the scorecard is the same.

One interview is held without disturbance. For every place it is held again up to there by another process, which is
killed with SIGKILL while it stands there; then this process takes over from the files that are left.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from agents.archive import FILE_NAME, Archive
from agents.events import AnyEvent, Observation, Said
from agents.observer import Exchange, LocalObserver
from agents.panel import Panel
from agents.reading import LocalReader
from agents.scorecard import Scorecard
from agents.session import InterviewSession
from agents.terminal import SimulatedClock, read_answers
from knowledge.bank import load_bank
from knowledge.question import Question
from knowledge.rubric import RUBRIC_FILE, load_rubric
from knowledge.terms import Level

ROOT = Path(__file__).parents[1]
ANSWERS = read_answers(ROOT / "evals/datasets/answers/SD06/good.jsonl", "typed")[:3]
MIDDLE = 1
"""The number of the answer that is given last before most of the places; the others come after the last answer."""
KEPT_AFTER = {
    "before said": "asked",
    "committing said": "asked",
    "after said": "said",
    "observing": "said",
    "after observed": "observed",
    "speaking": "observed",
    "after asked": "asked",
    "before finished": "asked",
    "reading": "finished",
    "committing scored": "finished",
}
"""Place -> the last kind of event that is on disk when the process dies there."""
AT_THE_END = list(KEPT_AFTER)[7:]


class Remembering(LocalObserver):
    """Listens to the same words once only: what it hears is the same every time."""

    def __init__(self, observer: LocalObserver) -> None:
        super().__init__(observer.ear)
        self.known: dict[Exchange, Observation] = {}

    def observe(self, question: Question, exchange: Exchange) -> Observation:
        if exchange not in self.known:
            self.known[exchange] = super().observe(question, exchange)
        return self.known[exchange]


@dataclass
class Whole:
    """The interview without disturbance."""

    panel: Panel
    interview: str
    log: list[AnyEvent]
    card: Scorecard


@pytest.fixture(scope="module")
def whole(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    assert isinstance(panel.observer, LocalObserver)
    observer = Remembering(panel.observer)
    quick = Panel("local", observer, panel.interviewer, LocalReader(observer))
    archive, clock = Archive.in_folder(tmp_path_factory.mktemp("whole")), SimulatedClock()
    question = load_bank().questions["SD06"]
    session = InterviewSession.start(archive, quick, load_rubric(RUBRIC_FILE), question, Level.EXPERT, 20, clock=clock)
    give(session, clock, 0)
    assert session.state.scorecard is not None
    return Whole(quick, session.interview, archive.events(session.interview), session.state.scorecard)


@pytest.fixture(scope="module")
def left_behind(whole: Whole, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Place -> the data folder that was left when the process that stood there was killed."""
    folders = {place: tmp_path_factory.mktemp("killed") for place in KEPT_AFTER}
    stops = []
    for place, folder in folders.items():
        at_the_end = place in AT_THE_END
        archive = Archive.in_folder(folder)
        for event in whole.log[: 2 + 3 * (len(ANSWERS) if at_the_end else MIDDLE)]:  # up to what was asked
            archive.append(whole.interview, event)
        archive.close()
        text, minutes = ("", 0.0) if at_the_end else ANSWERS[MIDDLE]
        stops.append(json.dumps({"place": place, "folder": str(folder), "text": text, "minutes": minutes}))
    command = [sys.executable, "-m", "tests.cut_short", whole.interview]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n".join(stops))
        process.stdin.close()
        reached = [process.stdout.readline().strip() for _ in stops]
        process.send_signal(signal.SIGKILL)
        assert (reached, process.wait(60)) == (list(KEPT_AFTER), -signal.SIGKILL)
    return folders


def give(session: InterviewSession, clock: SimulatedClock, first: int) -> None:
    """Gives the answers from number `first` and ends the interview."""
    for text, minutes in ANSWERS[first:]:
        clock.advance(minutes)
        session.reply(text, seen=session.last_asked)
    session.finish("answers_ran_out")


def taken_over(whole: Whole, folder: Path, hours: float) -> InterviewSession:
    """The interview, gone on with after the kill, `hours` after the last event that is left."""
    clock = SimulatedClock()
    session = InterviewSession(
        Archive(folder / FILE_NAME), whole.panel, load_rubric(RUBRIC_FILE), whole.interview, clock
    )
    assert session.state.last_at is not None
    clock.now = session.state.last_at
    clock.advance(60 * hours)
    session.resume()
    given = sum(turn.speaker == "candidate" for turn in session.state.turns)
    if not session.state.finished:
        give(session, clock, given)
    return session


def test_the_answers_fit_into_the_interview(whole: Whole) -> None:
    kinds = [event.kind for event in whole.log]
    assert kinds == ["opened", "asked", *["said", "observed", "asked"] * len(ANSWERS), "finished", "scored"]
    assert whole.card.overall is not None
    assert 0 < whole.card.coverage < 1


@pytest.mark.parametrize("place", KEPT_AFTER)
def test_what_was_written_is_kept(whole: Whole, left_behind: dict[str, Path], place: str, tmp_path: Path) -> None:
    copy = shutil.copytree(left_behind[place], tmp_path / "copy")
    kept = Archive(copy / FILE_NAME).events(whole.interview)
    assert kept == whole.log[: len(kept)]
    assert kept[-1].kind == KEPT_AFTER[place]


@pytest.mark.parametrize("place", KEPT_AFTER)
def test_the_interview_goes_on_as_if_nothing_had_happened(
    whole: Whole, left_behind: dict[str, Path], place: str, tmp_path: Path
) -> None:
    session = taken_over(whole, shutil.copytree(left_behind[place], tmp_path / "copy"), hours=0)
    assert session.archive.events(whole.interview) == whole.log


@pytest.mark.parametrize("place", KEPT_AFTER)
def test_the_next_morning_it_scores_the_same(
    whole: Whole, left_behind: dict[str, Path], place: str, tmp_path: Path
) -> None:
    session = taken_over(whole, shutil.copytree(left_behind[place], tmp_path / "copy"), hours=14)
    log = session.archive.events(whole.interview)
    assert [event.text for event in log if isinstance(event, Said)] == [text for text, _ in ANSWERS]
    assert session.state.scorecard is not None
    assert unnumbered(session.state.scorecard) == unnumbered(whole.card)


def unnumbered(card: Scorecard) -> object:
    """A scorecard without the numbers of turns: an absence in the log moves them."""

    def without(value: object) -> object:
        if isinstance(value, dict):
            return {key: without(item) for key, item in value.items() if key != "turn"}
        return [without(item) for item in value] if isinstance(value, list) else value

    return without(card.model_dump(mode="json"))
