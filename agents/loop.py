"""An interview of several parts: how far it is, and one scorecard over all of it.

Each part is an interview with a log of its own, whose first event names the loop. Nothing else is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.archive import InterviewSummary
from agents.events import Loop
from agents.scorecard import AreaScore, Finding, Scorecard
from agents.scoring import overall
from knowledge.rubric import Rubric


@dataclass(frozen=True)
class Progress:
    """The parts' interviews by place, None for one that was not begun or has been deleted."""

    loop: Loop
    held: tuple[InterviewSummary | None, ...]

    @property
    def next_part(self) -> Loop | None:
        """The first part that was not begun, unless an earlier one is still running; None when there is none."""
        for place, summary in enumerate(self.held):
            if summary is None:
                return self.loop.model_copy(update={"part": place})
            if not summary.finished:
                return None
        return None

    @property
    def is_over(self) -> bool:
        """Whether every part has been held."""
        return all(summary is not None and summary.finished for summary in self.held)


def progress(loop: Loop, interviews: Iterable[InterviewSummary]) -> Progress:
    """How far `loop` is, by the archive's interviews. Of two interviews for one part the later counts."""
    held: list[InterviewSummary | None] = [None] * len(loop.parts)
    for summary in sorted(interviews, key=lambda s: s.opened_at):
        if summary.loop is not None and summary.loop.id == loop.id:
            held[summary.loop.part] = summary
    return Progress(loop, tuple(held))


def combined(loop: Loop, cards: Sequence[Scorecard], rubric: Rubric) -> Scorecard:
    """One scorecard over the parts that have one; at least one is needed.

    An area's score is the mean of its scores in the parts, each counting by the number of its points that the candidate
    was asked about there, at least one; its range likewise. The overall score is the rubric's weighted mean over the
    areas that any part assessed. Where it stands is said by the thresholds alone: the further conditions of a level are
    those of one question.
    """
    areas = tuple(_area(area.id, area.name, area.weight, cards) for area in rubric.areas.values())
    central, low, high = ({a.id: getattr(a, which) for a in areas} for which in ("score", "low", "high"))
    mean, coverage = overall(rubric, central)
    level = cards[0].level
    return Scorecard(
        question=loop.plan,
        title=loop.name,
        level=level,
        kind=cards[0].kind,
        overall=mean,
        low=overall(rubric, low)[0],
        high=overall(rubric, high)[0],
        coverage=coverage,
        bar=rubric.bar(level, mean) if mean is not None and level in rubric.bars else None,
        unscored=None if mean is not None else "no part could be scored",
        areas=areas,
        red_flags=_findings(card.red_flags for card in cards),
        differentiators=_findings(card.differentiators for card in cards),
        rejected_quotes=sum(card.rejected_quotes for card in cards),
        assessor=", ".join(dict.fromkeys(card.assessor for card in cards)),
        rubric=f"{rubric.id} {rubric.version}",
        rubric_fingerprint=rubric.fingerprint,
        question_fingerprint=", ".join(card.question_fingerprint for card in cards),
        turns=sum(card.turns for card in cards),
    )


def _area(id_: str, name: str, weight: float, cards: Sequence[Scorecard]) -> AreaScore:
    scored = [(area, _asked(card, id_)) for card in cards for area in card.areas if area.id == id_ and area.score]
    if not scored:
        reasons = [area.unscored for card in cards for area in card.areas if area.id == id_ and area.unscored]
        return AreaScore(id=id_, name=name, weight=weight, score=None, unscored=reasons[0] if reasons else "")
    asked = sum(n for _, n in scored)
    score, low, high = (
        round(sum((getattr(area, which) or area.score or 0.0) * n for area, n in scored) / asked, 2)
        for which in ("score", "low", "high")
    )
    caps = tuple(cap for area, _ in scored for cap in area.caps)
    return AreaScore(id=id_, name=name, weight=weight, score=score, low=low, high=high, caps=caps)


def _asked(card: Scorecard, area: str) -> int:
    return max(1, sum(point.asked for point in card.points if point.area == area))


def _findings(groups: Iterable[Iterable[Finding]]) -> tuple[Finding, ...]:
    """Each red flag or sign once. Its quotes stand in the parts' own scorecards."""
    found: Mapping[str, Finding] = {f.id: Finding(id=f.id, text=f.text) for group in groups for f in group}
    return tuple(found.values())
