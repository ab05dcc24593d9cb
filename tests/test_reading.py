"""The local reader: hints lower what can be proven, wrong claims are followed up, and silence is told from language."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agents.ear import Ear
from agents.events import AnswerKind, Cleared, Directive, Observation, Reached, WrongHeard
from agents.observer import Exchange, LocalObserver
from agents.panel import Panel
from agents.reading import LocalReader, Mistake, Reading
from agents.state import Turn
from agents.transcript import Transcript
from knowledge.embedder import MiniLM
from knowledge.question import Question
from knowledge.terms import Level, Move, Rung
from tests.sample_question import sample_question

QUESTION = sample_question()
W = QUESTION.wrong_claims[0]


class Scripted(LocalObserver):
    """Hears in each answer what its script says."""

    def __init__(self, embedder: MiniLM, *script: Observation) -> None:
        super().__init__(Ear(embedder))
        self.script = list(script)

    def observe(self, question: Question, exchange: Exchange) -> Observation:
        return self.script.pop(0)


def heard(
    kind: AnswerKind, reached: Sequence[str] = (), wrong: Sequence[str] = (), rung: Rung = Rung.HELD
) -> Observation:
    return Observation(
        kind=kind,
        reached=tuple(Reached(point=p, rung=rung, quote="said", probability=0.9) for p in reached),
        wrong=tuple(WrongHeard(claim=c, quote="said", probability=0.9) for c in wrong),
    )


def transcript(*directives: Directive, text: str = "said") -> Transcript:
    """A question with each of `directives`, and an answer to it."""
    turns: list[Turn] = []
    for directive in directives:
        turns.append(Turn(len(turns), "interviewer", "And?", 0.0, directive))
        turns.append(Turn(len(turns), "candidate", text, 0.0))
    return Transcript(QUESTION, Level.ADVANCED, tuple(turns))


def ask(target: str = "P1") -> Directive:
    return Directive(move=Move.EXPLORE, phase="goal", target=target)


def hint(stage: int) -> Directive:
    text = Cleared(kind="hint", id=f"hint-{stage}", text=QUESTION.hints[stage - 1].text)
    return Directive(move=Move.HINT, phase="goal", target="P1", cleared=text, hint_stage=stage)


def challenge() -> Directive:
    probe = Cleared(kind="probe", id=W.id, text=W.probe)
    return Directive(move=Move.CHALLENGE, phase="model", target=W.point, cleared=probe)


def read(embedder: MiniLM, told: Transcript, *script: Observation) -> Reading:
    return LocalReader(Scripted(embedder, *script)).read(told)


@pytest.mark.parametrize(("stage", "highest"), [(1, Rung.HELD), (2, Rung.JUSTIFIED), (3, Rung.EXPLAINED)])
def test_a_hint_lowers_what_its_points_can_prove_from_then_on(embedder: MiniLM, stage: int, highest: Rung) -> None:
    told = QUESTION.hints[stage - 1].points[0]
    other = next(p.id for p in QUESTION.points if p.id not in QUESTION.hints[stage - 1].points)
    best = heard(AnswerKind.HELD, (told, other))
    reading = read(embedder, transcript(ask(), hint(stage), ask()), best, best, best)
    assert [c.rung for c in reading.claims if c.point == told] == [Rung.HELD, highest, highest]
    assert [c.rung for c in reading.claims if c.point == other] == [Rung.HELD] * 3


def test_the_strongest_hint_counts(embedder: MiniLM) -> None:
    point = next(p for p in QUESTION.hints[2].points)
    reading = read(embedder, transcript(hint(3), hint(1)), *[heard(AnswerKind.HELD, (point,))] * 2)
    assert [c.rung for c in reading.claims] == [Rung.EXPLAINED] * 2


def mistakes(embedder: MiniLM, told: Transcript, *script: Observation) -> tuple[Mistake, ...]:
    return read(embedder, told, *script).mistakes


WRONG = heard(AnswerKind.WRONG, wrong=(W.id,))
WELL = heard(AnswerKind.EXPLAINED, ("P6",))
VAGUE = heard(AnswerKind.VAGUE)


@pytest.mark.parametrize(
    ("directives", "script", "challenged", "withdrawn"),
    [
        pytest.param((ask(),), (WRONG,), False, False, id="never challenged"),
        pytest.param((ask(), challenge()), (WRONG, WELL), True, True, id="taken back"),
        pytest.param((ask(), challenge()), (WRONG, VAGUE), True, False, id="evaded"),
        pytest.param((ask(), challenge()), (WRONG, WRONG), True, False, id="repeated at once"),
        pytest.param((ask(), challenge(), ask()), (WRONG, WELL, WRONG), True, False, id="taken back, then repeated"),
        pytest.param((ask(), challenge(), challenge()), (WRONG, WRONG, WELL), True, True, id="the second time"),
        pytest.param((ask(), ask()), (WRONG, WELL), False, False, id="never asked about it"),
        pytest.param((challenge(), ask()), (VAGUE, WRONG), False, False, id="challenged before it was made"),
    ],
)
def test_what_became_of_a_wrong_claim(
    embedder: MiniLM,
    directives: tuple[Directive, ...],
    script: tuple[Observation, ...],
    challenged: bool,
    withdrawn: bool,
) -> None:
    (found,) = mistakes(embedder, transcript(*directives), *script)
    assert (found.claim, found.quote) == (W.id, "said")
    assert (found.challenged, found.withdrawn, found.stands) == (challenged, withdrawn, challenged and not withdrawn)
    assert found.turn == 1 + 2 * script.index(WRONG)


def test_no_wrong_claim_no_mistake(embedder: MiniLM) -> None:
    assert mistakes(embedder, transcript(ask(), challenge()), WELL, WELL) == ()


@pytest.mark.parametrize("texts", [(), ("",), ("", "  \n ")])
def test_silence_is_unreadable(panel: Panel, texts: tuple[str, ...]) -> None:
    turns = tuple(Turn(n, "candidate", text, 0.0) for n, text in enumerate(texts))
    reading = panel.reader.read(Transcript(QUESTION, Level.ADVANCED, turns))
    assert reading.unreadable == "nothing was said"
    assert reading.claims == ()


def test_other_languages_are_unreadable_and_named(panel: Panel) -> None:
    told = transcript(ask(), text="Ich würde zuerst die Meldungen speichern und dann die Zeiten rechnen.")
    assert "(de)" in (panel.reader.read(told).unreadable or "")
    assert panel.reader.read(told).claims == ()


def test_noise_and_one_english_answer_are_readable(panel: Panel) -> None:
    noise = transcript(ask(), text="asdkjh aksjdh qwoeiu zmxncb")
    assert panel.reader.read(noise).unreadable is None
    english = Turn(9, "candidate", "I'd start with the rider who runs for a tram that has left.", 0.0)
    german = Turn(11, "candidate", "Ich würde zuerst die Meldungen speichern und dann die Zeiten rechnen.", 0.0)
    mixed = panel.reader.read(Transcript(QUESTION, Level.ADVANCED, (english, german)))
    assert mixed.unreadable is None
    assert {c.turn for c in mixed.claims} == {9}


def test_the_reader_hears_what_the_observer_heard_and_quotes_it(panel: Panel) -> None:
    text = "Everybody at a stop sees the same number, so it is computed once and kept in a cache, which costs little."
    told = transcript(ask("P4"), text=text)
    (turn,) = panel.reader.read(told).turns
    assert turn.observation == panel.observer.observe(QUESTION, Exchange("And?", ask("P4"), text))
    claims = panel.reader.read(told).claims
    assert "P4" in {c.point for c in claims}
    assert all(told.contains(c.turn, c.quote) for c in claims)
    assert panel.reader.read(told) == panel.reader.read(told)


def test_a_sketch_is_read_without_the_question_before_it(panel: Panel) -> None:
    turns = (*transcript(ask("P4")).turns, Turn(7, "sketch", "queue -> worker -> times in memory -> screen", 0.0))
    last = panel.reader.read(Transcript(QUESTION, Level.ADVANCED, turns)).turns[-1]
    assert (last.turn, last.is_sketch, last.directive) == (7, True, None)
    assert all(r.rung <= Rung.MENTIONED for r in last.observation.reached)
