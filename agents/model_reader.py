"""The model that assesses: reads a finished transcript once, or once for each area, and proposes evidence and numbers.

It names sentences by number; code takes the quotes, checks every number it gives, and keeps nothing that does not fit.
A verdict that cannot be read is asked for once more with its faults named, and is then unscored with the reason. When
the model cannot be had at all, the local reader reads in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from agents.abilities import Message
from agents.calls import Connection
from agents.llm import Request
from agents.model_failure import Failure, ModelFailed
from agents.model_verdict import FORM, Verdict, merged, read_verdict
from agents.numbered_transcript import NumberedTranscript
from agents.patience import FOREVER, Beat, Patience, beside, no_beat
from agents.reading import Claim, LocalReader, Mistake, Reading, hinted
from agents.state import HINT_CEILING
from agents.transcript import Transcript
from agents.verdict_samples import median_of
from agents.work import Call, Work
from knowledge.rubric import Rubric
from knowledge.terms import Rung
from prompts import fingerprints, read, render

PROMPTS = ("assessor.md", "assessor_transcript.md", "assessor_again.md")
MOST_TOKENS = 16_000
SPREAD_TEMPERATURE = 0.7
"""Of several samples; a single one is taken at 0."""
NOT_A_VERDICT = (Failure.UNREADABLE, Failure.LENGTH, Failure.REFUSED, Failure.FILTERED, Failure.EMPTY)
"""Failures after which an area is unscored: the model was there, and gave no verdict. After others the local reader
reads."""


@dataclass(frozen=True)
class Task:
    """What one call judges: some areas, and perhaps everything that is not an area."""

    areas: tuple[str, ...]
    findings: bool


class _GivenUp(Exception):  # noqa: N818 - reads as what it is
    """Whoever asked for the reading no longer waits for it."""


class ModelReader:
    """Reads with a model; `estimate` and `name` are what the scorecards call it."""

    estimate = "model's estimate"

    def __init__(
        self,
        connection: Connection,
        local: LocalReader,
        rubric: Rubric,
        seconds: float,
        samples: int = 1,
        per_area: bool = False,
        beat: Beat = no_beat,
    ) -> None:
        self.connection, self.local, self.rubric = connection, local, rubric
        self.seconds, self.samples, self.per_area, self.beat = seconds, samples, per_area, beat

    def using(self, connection: Connection, beat: Beat) -> ModelReader:
        """The same over another connection, telling somebody else that it waits."""
        return ModelReader(connection, self.local, self.rubric, self.seconds, self.samples, self.per_area, beat)

    @property
    def name(self) -> str:
        """ "model" and which."""
        return f"model {self.connection.endpoint.assessor}"

    def read(self, transcript: Transcript) -> Reading:
        """What the model proposes. Raises EmbedderUnavailable when the local reader is needed and has no weights."""
        told = NumberedTranscript(transcript)
        if not told.last:
            return Reading(unreadable="nothing was said", turns=told.read_turns())
        self.connection.ready(self.beat)
        calls: list[Call] = []
        try:
            verdicts = self._verdicts(told, calls)
        except ModelFailed as failed:
            work = Work(calls=tuple(calls), took_over=failed.plain)
            return replace(self.local.read(transcript), work=work, taken_over_by=self.local)
        verdict = median_of(verdicts)
        work = Work(calls=tuple(calls), prompts=fingerprints(PROMPTS))
        return _reading(told, verdict, work)

    def tasks(self, transcript: Transcript) -> list[Task]:
        """The calls that one reading takes."""
        areas = tuple(a for a in self.rubric.areas if any(p.area == a for p in transcript.question.points))
        if not self.per_area:
            return [Task(areas, findings=True)]
        return [*(Task((a,), findings=False) for a in areas), Task((), findings=True)]

    def _verdicts(self, told: NumberedTranscript, calls: list[Call]) -> list[Verdict]:
        """One verdict for each sample, its parts judged at the same time. Raises ModelFailed when none came at all."""
        waiting = Patience(FOREVER, self.beat)  # each part keeps its own time

        def go_on() -> None:
            if waiting.given_up.is_set():
                raise _GivenUp

        tasks = self.tasks(told.transcript)
        running = [
            [beside(partial(self._tried, told, task, Patience(self.seconds, go_on), calls)) for task in tasks]
            for _ in range(self.samples)
        ]
        whole: list[Verdict] = []
        failed = ModelFailed(Failure.EMPTY)
        for sample in running:
            parts = [waiting.wait_for(part) for part in sample]
            judged = [p for p in parts if isinstance(p, Verdict)]
            whole += [merged(judged)] if len(judged) == len(parts) else []
            failed = next((p for p in parts if isinstance(p, ModelFailed)), failed)
        if not whole:
            raise failed
        return whole

    def _tried(
        self, told: NumberedTranscript, task: Task, patience: Patience, calls: list[Call]
    ) -> Verdict | ModelFailed:
        """As `_judged`, a failure handed over: it must not end what is judged beside it."""
        try:
            return self._judged(told, task, patience, calls)
        except ModelFailed as failed:
            return failed

    def _judged(self, told: NumberedTranscript, task: Task, patience: Patience, calls: list[Call]) -> Verdict:
        """The verdict on one task. What cannot be read in it after one more try is unscored in it with the reason."""
        messages, first = assessing_messages(told, task, self.rubric), Verdict()
        temperature = SPREAD_TEMPERATURE if self.samples > 1 else 0.0
        for last in (False, True):
            mine: list[Call] = []
            try:
                text = self.connection.ask(
                    "assessor", Request(messages, FORM, temperature, MOST_TOKENS), patience, mine
                )
                verdict = read_verdict(text, told, task.areas, self.rubric, task.findings)
                outcome = "; ".join((mine[-1].outcome, *dict.fromkeys(verdict.faults)))
                mine[-1] = mine[-1].model_copy(update={"outcome": outcome[:400]})
            except ModelFailed as failed:
                if last and any(v.score is not None for v in first.areas.values()):
                    return first  # what could be read the first time stands
                if failed.failure not in NOT_A_VERDICT:
                    raise
                text, verdict = "", Verdict.unscored(task.areas, failed.plain)
            finally:
                calls += mine
            verdict = first.mended_by(verdict)
            if last or not verdict.faults:
                return verdict
            faults = "; ".join(dict.fromkeys(verdict.faults))[:800]
            again = render(read("assessor_again.md"), faults=faults, last=str(told.last))
            messages = [*messages, ("assistant", text[:8_000] or "(nothing)"), ("user", again)]
            first = verdict
        raise AssertionError("the second round returns")


def assessing_messages(told: NumberedTranscript, task: Task, rubric: Rubric) -> list[Message]:
    """The request: rules, then material and transcript, which all calls about it share, then what this one judges."""
    question = told.transcript.question
    user = render(
        read("assessor_transcript.md"),
        statement=question.statement,
        points="\n".join(f"{p.id} (area {p.area}): {p.title}. {p.text}" for p in question.points),
        mistakes="\n".join(f"{w.id}: {w.claim} Why it matters: {w.consequence}" for w in question.wrong_claims),
        transcript=told.text(),
        task="\n\n".join(_asked_of(task, rubric)),
    )
    return [("system", render(read("assessor.md"))), ("user", user)]


def _asked_of(task: Task, rubric: Rubric) -> Sequence[str]:
    parts = []
    if task.areas:
        parts.append(f"Areas to judge: {', '.join(task.areas)}. Give each of them exactly once.")
    for area in task.areas:
        known = rubric.areas[area]
        anchors = "\n".join(f"  {level}: {text}" for level, text in known.anchors.items())
        parts.append(f'Area {area}, "{known.name}":\n{anchors}')
    if not task.findings:
        return [*parts, "No mistakes, red flags, differentiators or criteria are asked for here."]
    parts.append("Mistakes: each of the material's that the candidate made.")
    flags = [
        f"  {f.id}: {f.statement} Confirmed when: {f.confirmed_when} Not by: {f.not_confirmed_by} "
        f"Needs sentences from {f.opportunities} separate answers."
        for f in rubric.red_flags.values()
    ]
    plus = [f"  {d.id}: {d.statement} Observed when: {d.observed_when}" for d in rubric.differentiators.values()]
    criteria = [
        f"  {c.id}, {c.name}: " + " ".join(f"{level}: {text}" for level, text in c.anchors.items())
        for c in rubric.criteria.values()
    ]
    for title, lines in (
        ("Red flags, only those that are confirmed", flags),
        ("Differentiators, only those that were observed", plus),
        ("Criteria, each with a score from 1 to 5 in steps of 0.5 and its sentences; leave out what nothing speaks to",
         criteria),
    ):  # fmt: skip
        if lines:
            parts.append("\n".join([f"{title}:", *lines]))
    return parts


def _reading(told: NumberedTranscript, verdict: Verdict, work: Work) -> Reading:
    """The verdict as a reading: hints bound what follows them, and the log tells which mistakes were challenged."""
    ceilings = {turn.seq: highest for turn, _, highest in hinted(told.transcript)}
    after = {t.seq: HINT_CEILING[e.directive.hint_stage] for t, e in told.transcript.exchanges() if e.directive}
    claims = tuple(
        replace(c, rung=min(c.rung, ceilings[c.turn][c.point] if c.point else after.get(c.turn, Rung.HELD)))
        for c in _each_once(verdict.claims)
    )
    turns = told.read_turns()
    mistakes = tuple(told.with_challenges(m, turns) for m in _once(verdict.mistakes))
    return Reading(claims, mistakes, turns, areas=verdict.areas, findings=verdict.findings, work=work)


def _each_once(claims: Sequence[Claim]) -> list[Claim]:
    """The claims without ways of the candidate's own whose words prove something else of their area already."""
    kept: list[Claim] = []
    for claim in sorted(claims, key=lambda c: not c.point):  # listed points first, else in their order
        same = [k for k in kept if k.area == claim.area and k.turn == claim.turn]
        if claim.point or not any(claim.quote in k.quote or k.quote in claim.quote for k in same):
            kept.append(claim)
    return kept


def _once(mistakes: Sequence[Mistake]) -> list[Mistake]:
    return list({m.claim: m for m in reversed(mistakes)}.values())[::-1]
