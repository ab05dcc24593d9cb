"""The ground for tests of the model that reads: a talk of three answers, a verdict on it, and its scorecard."""

from __future__ import annotations

from typing import Any

from agents.assessor import assess
from agents.model_reader import ModelReader
from agents.patience import Beat, no_beat
from agents.reading import LocalReader, Reading
from agents.scorecard import AreaScore, Scorecard
from agents.transcript import Transcript
from knowledge.rubric import load_rubric
from knowledge.terms import Level, Move
from tests.loopback import Loopback
from tests.model_ground import Told, area, connected, served, verdict
from tests.read_by_hand import Talk

RUBRIC = load_rubric()
ONE = "A worker takes each report from a queue and writes the times into memory."
TWO = "All screens read the same copy, because every rider at a stop wants the same number."
THREE = "The mean error tells us how well it works."
FINE = verdict(
    area("SY", 3, ("P3", [1], "explained"), ("P4", [2], "explained")), area("ML", 2, ("P2", [3], "mentioned"))
)


class Beside(LocalReader):
    """A local reader that has its reading already."""

    def __init__(self) -> None:
        self.read_times = 0

    def read(self, transcript: Transcript) -> Reading:
        self.read_times += 1
        return Reading(turns=())


def talk(*moves: Move, level: Level = Level.ADVANCED) -> Talk:
    """Sentence 1 answers about P3, 2 about P4, 3 about P2; with one move each, EXPLORE unless given."""
    first, second, third = (*moves, *[Move.EXPLORE] * 3)[:3]
    made = Talk(level=level).exchange(first, "P3", ONE).exchange(second, "P4", TWO)
    return made.exchange(third, "P2", THREE)


def reader(
    server: Loopback, samples: int = 1, per_area: bool = False, seconds: float = 20.0, beat: Beat = no_beat
) -> ModelReader:
    return ModelReader(connected(server), Beside(), RUBRIC, seconds, samples, per_area, beat)


def card(*replies: Told, of: Talk | None = None, transcript: Transcript | None = None, **settings: Any) -> Scorecard:
    with served(*replies) as server:
        return assess(transcript or (of or talk()).transcript, RUBRIC, reader(server, **settings))


def areas(found: Scorecard) -> dict[str, AreaScore]:
    return {a.id: a for a in found.areas}


def scores(found: Scorecard) -> dict[str, float | None]:
    return {a.id: a.score for a in found.areas if a.id in ("SY", "ML")}
