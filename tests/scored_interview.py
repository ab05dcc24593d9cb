"""A finished and scored interview with one of everything in it, for the tests of pages and exports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from agents.archive import Archive
from agents.events import (
    AnswerKind,
    AnyEvent,
    Asked,
    Cleared,
    Directive,
    Finished,
    Observation,
    Observed,
    Opened,
    Said,
    Scored,
    Sketched,
)
from agents.scorecard import (
    AreaScore,
    CriterionScore,
    Evidence,
    Finding,
    Improvement,
    PointResult,
    Scorecard,
)
from knowledge.question import Question
from knowledge.terms import Move, Rung

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
FIRST = "I'd ask who the platform is for, because ten teams are content; half the lead time is my target."
NASTY = (
    "<b>Bold</b> costs $5 and $6, *not* `code` [link](javascript:alert(1)) -> :material/home: ~5 to ~6\n"
    "===\n\n    indented | piped & &amp; escaped\n1. one\n- two\n# three https://example.org me@example.org"
)
CODE = "Here it is:\n```python\ndef rate(x):\n    return x * 2  # `doubled`\n```\nand that is all."
NOTES, DIAGRAM = "80 GB in memory * 3", "flowchart LR\n  User --> API"
HINT = "What does a **late** value cost?"


def opened(question: Question, taster: bool = False) -> Opened:
    return Opened(
        seq=0,
        at=NOW,
        question_id=question.id,
        question_source=question.source,
        level=question.difficulty,
        minutes=45,
        pace="typed",
        rubric="greenroom",
        panel="local",
        taster=taster,
    )


def log(question: Question, card: Scorecard | None, finished: bool = True) -> list[AnyEvent]:
    """Opening, an answer, notes, a hint, two more answers, the end, and the scorecard."""
    phase = question.phases[0]
    hint = Cleared(kind="hint", id="2", text=HINT)
    moves = (
        Directive(move=Move.OPEN, phase="open"),
        Directive(move=Move.HINT, phase=phase, target=question.points[0].id, cleared=hint, hint_stage=2),
        Directive(move=Move.JUSTIFY, phase=phase, target=question.points[0].id),
    )
    events: list[AnyEvent] = [opened(question)]

    def add(make: type[AnyEvent], **fields: object) -> None:
        at = NOW + timedelta(minutes=2 * len(events))
        events.append(make(seq=len(events), at=at, **fields))  # type: ignore[arg-type]

    for place, (move, text) in enumerate(zip(moves, (FIRST, NASTY, CODE), strict=True)):
        add(Asked, directive=move, text=HINT if place == 1 else f"Question {place + 1}?", worded_by="local")
        add(Said, text=text)
        add(Observed, observation=Observation(kind=AnswerKind.EXPLAINED))
        if place == 0:
            add(Sketched, notes=NOTES, diagram=DIAGRAM)
    if finished:
        add(Finished, reason="candidate")
    if card is not None:
        add(Scored, scorecard=card)
    return events


def seq_of(events: Iterable[AnyEvent], text: str) -> int:
    """The number of the event that said `text`."""
    return next(e.seq for e in events if isinstance(e, Said) and e.text == text)


def card_for(question: Question) -> Scorecard:
    """A scorecard of `log`: two areas assessed, one of them capped; every kind of finding; the first three points."""
    events = log(question, None)
    first = Evidence(point=question.points[0].id, turn=seq_of(events, FIRST), quote=FIRST[:40], rung=Rung.JUSTIFIED)
    nasty = Evidence(point=question.points[1].id, turn=seq_of(events, NASTY), quote=NASTY.split("\n")[0])
    code = "def rate(x):\n    return x * 2  # `doubled`"
    coded = Evidence(point=question.points[1].id, turn=seq_of(events, CODE), quote=code, rung=Rung.MENTIONED)
    return Scorecard(
        question=question.id,
        title=question.title,
        level=question.difficulty,
        kind="practice estimate",
        overall=2.75,
        low=2.25,
        high=3.5,
        coverage=0.4,
        bar="approaching",
        bar_notes=("Problem Solving is below 3", "1 of 2 choices justified", "red flag RF1"),
        areas=(
            AreaScore(
                id="SY",
                name="ML System Design",
                weight=30,
                score=2.5,
                low=2,
                high=3.5,
                anchor="A whole design for $5.",
                caps=("capped at 2.5 by RF1",),
                evidence=(first, nasty, coded),
            ),
            AreaScore(id="PS", name="Problem Solving", weight=10, score=3, low=3, high=3, anchor="Orderly."),
            AreaScore(id="PY", name="Python & OOP", weight=25, score=None),
        ),
        criteria=(
            CriterionScore(id="depth", name="Technical depth", score=3.5, anchor="One mechanism."),
            CriterionScore(id="practice", name="Practical experience", score=None),
        ),
        points=tuple(
            PointResult(
                id=point.id,
                title=point.title,
                text=point.text,
                area=point.area,
                rung=rung,
                asked=asked,
                evidence=(first,) if rung else (),
            )
            for point, rung, asked in zip(
                question.points,
                (Rung.JUSTIFIED, Rung.UNSEEN, Rung.UNSEEN),
                (True, True, False),
                strict=False,
            )
        ),
        wrong_claims=(
            Finding(id=question.wrong_claims[0].id, text="Money is lost (left standing)", evidence=(nasty,)),
        ),
        red_flags=(Finding(id="RF1", text="Cannot explain basic trade-offs.", evidence=(first, nasty)),),
        differentiators=(Finding(id="DF2", text="Weighs trade-offs.", evidence=(first,)),),
        improvements=(
            Improvement(
                point=question.points[1].id,
                title=question.points[1].title,
                advice=f"Bring this up yourself: {question.points[1].text}",
                topics=("monitoring",),
                resources=("R001", "R999"),
            ),
        ),
        next_question="DB01",
        rejected_quotes=1,
        assessor="local",
        rubric="greenroom 1",
        rubric_fingerprint="abc",
        question_fingerprint="def",
        turns=3,
    )


def keep(archive: Archive, interview: str, events: Iterable[AnyEvent]) -> str:
    """Writes a log under the name `interview`."""
    for event in events:
        archive.append(interview, event)
    return interview
