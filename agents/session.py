"""One interview, as the pages and the terminal hold it: the only door to the log.

Every step appends one event and is committed before the next begins. What is still to be done follows from the log
alone, so `advance` can be called at any time, by any process, after any accident; it does what is pending and nothing
twice.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from agents.archive import Archive, Conflict
from agents.assessor import assess
from agents.coach import with_advice
from agents.events import (
    AnyEvent,
    Asked,
    Away,
    Finished,
    Loop,
    Observed,
    Opened,
    Paused,
    Resumed,
    Said,
    Scored,
    Sketched,
)
from agents.observer import Exchange
from agents.panel import Panel
from agents.patience import Beat, no_beat
from agents.policy import next_move
from agents.state import InterviewState, fold
from agents.transcript import transcript_of
from knowledge.question import Question
from knowledge.rubric import Rubric
from knowledge.terms import Level

LONGEST_ANSWER = 20_000
"""Characters; about 3,500 words, ten times a long answer."""
AWAY_SECONDS = 180.0
"""A page reports every few seconds, in a background tab once a minute. Longer silence means nobody was there."""
Clock = Callable[[], datetime]
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")


class AnswerTooLong(ValueError):  # noqa: N818 - reads as what it is
    """The answer is longer than can be taken at once; nothing of it was stored or lost."""


class MovedOn(RuntimeError):  # noqa: N818 - reads as what it is
    """The interview has gone on elsewhere since the page was drawn; the text was not sent."""


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


def cleaned(text: str) -> str:
    """`text` as it is kept: every line ends with a newline, and no control character but the tab is left."""
    return _CONTROL.sub("", _LINE_END.sub("\n", text))


class InterviewSession:
    """An open interview. `state` is the fold of its log as far as this object has read it."""

    def __init__(self, archive: Archive, panel: Panel, rubric: Rubric, interview: str, clock: Clock = utc_now) -> None:
        self.archive, self.panel, self.rubric = archive, panel, rubric
        self.interview, self.clock = interview, clock
        self.beat: Beat = no_beat
        """Called while a step waits for a model; what it raises ends the step, which is pending then."""
        self.without_model = False
        """Whether the next step is done without asking a model."""
        self.state: InterviewState = fold(archive.events(interview))

    @classmethod
    def start(
        cls,
        archive: Archive,
        panel: Panel,
        rubric: Rubric,
        question: Question,
        level: Level,
        minutes: float,
        pace: Literal["typed", "spoken"] = "typed",
        clock: Clock = utc_now,
        taster: bool = False,
        loop: Loop | None = None,
    ) -> InterviewSession:
        """Opens a new interview and has the interviewer say its first words."""
        interview = uuid.uuid4().hex[:12]
        opened = Opened(
            seq=0,
            at=clock(),
            question_id=question.id,
            question_source=question.source,
            level=level,
            minutes=minutes,
            pace=pace,
            rubric=rubric.id,
            panel=panel.name,
            taster=taster,
            loop=loop,
        )
        archive.append(interview, opened)
        session = cls(archive, panel, rubric, interview, clock)
        session.advance()
        return session

    def resume(self) -> InterviewState:
        """Reads the log again, forgives an absence, closes on time, and finishes whatever step is pending."""
        self.refresh()
        self.tick()
        return self.advance()

    def refresh(self) -> None:
        """Takes in what others have appended meanwhile."""
        for event in self.archive.events(self.interview, after=self.state.last_seq):
            self.state.apply(event)

    def reply(self, text: str, seen: int | None = None) -> InterviewState:
        """The candidate's answer; stored first, then observed and answered.

        `seen` is the `last_asked` that the candidate had before them. Raises MovedOn when the interview has gone on
        since or is not waiting for an answer, AnswerTooLong beyond LONGEST_ANSWER characters.
        """
        self._say(text, wants_hint=False, seen=seen)
        return self.advance()

    def ask_for_hint(self, seen: int | None = None) -> InterviewState:
        """The hint button: a turn without words that asks for the next hint step."""
        self._say("", wants_hint=True, seen=seen)
        return self.advance()

    def _say(self, text: str, wants_hint: bool, seen: int | None) -> None:
        clean = cleaned(text)
        if len(clean) > LONGEST_ANSWER:
            raise AnswerTooLong(
                f"This answer has {len(clean):,} characters; {LONGEST_ANSWER:,} fit into one turn. "
                "Send it in parts, or give the gist in your own words."
            )
        self.refresh()
        answered = self.last_asked if seen is None else seen
        while True:  # until it is written: what else is written meanwhile, such as notes, is no reason to refuse it
            if self.state.finished or self.state.pending is not None or answered != self.last_asked:
                raise MovedOn(
                    "The interview has gone on in another window. Your text was not sent; read the last question."
                )
            if self.state.paused:
                self._try(Resumed(seq=self._next, at=self.clock()))
            elif self._try(Said(seq=self._next, at=self.clock(), text=clean, wants_hint=wants_hint)):
                return

    def advance(self) -> InterviewState:
        """Does what is pending until the candidate has the floor or the scorecard is written."""
        while self.state.pending is not None:
            try:
                self._step()
            except Conflict:
                self._overtaken()  # somebody else did this very step
        return self.state

    def _step(self) -> None:
        state = self.state
        panel = self.panel.seated(state, self.beat, self.without_model)
        if state.pending == "observer":
            answer = state.last_answer
            assert answer is not None
            asked = state.asked[-1] if state.asked else None
            exchange = Exchange(asked.text if asked else "", asked.directive if asked else None, answer.text)
            observation = panel.observer.observe(state.question, exchange)
            self._append(Observed(seq=self._next, at=self.clock(), observation=observation))
        elif state.pending == "interviewer":
            directive = next_move(state)
            if directive is None:
                reason: Literal["time", "covered"] = "time" if state.left() <= 0 else "covered"
                self._append(Finished(seq=self._next, at=self.clock(), reason=reason))
                return
            said = panel.interviewer.speak(state, directive)
            self._append(
                Asked(
                    seq=self._next,
                    at=self.clock(),
                    directive=directive,
                    text=said.text,
                    worded_by=said.worded_by,
                    work=said.work,
                )
            )
        else:
            self._append(self._scored(panel))

    def _scored(self, panel: Panel) -> Scored:
        card = assess(transcript_of(self.state), self.rubric, panel.reader)
        return Scored(seq=self._next, at=self.clock(), scorecard=with_advice(card, self.state.question))

    def score_again(self) -> InterviewState:
        """Scores a finished interview once more: the new scorecard counts, the old one stays in the log."""
        self.refresh()
        if self.state.scorecard is not None:
            self._try(self._scored(self.panel.seated(self.state, self.beat, self.without_model)))
        return self.advance()

    def tick(self) -> bool:
        """To be called every few seconds by a page that shows the interview; True when something changed.

        Leaves out the time in which no page was there, and closes the interview when its time is up.
        """
        now = self.clock()
        last = self.archive.last_seen(self.interview)
        changed = False
        since = max((t for t in (last, self.state.last_at) if t is not None), default=now)
        gap = (now - since).total_seconds()
        if self._running and gap > AWAY_SECONDS:
            changed = self._try(Away(seq=self._next, at=now, seconds=gap))
        self.archive.seen(self.interview, now)  # only now: killed in between, the absence would be forgotten
        if self._running and self.state.left(now) <= 0:
            changed = self._try(Finished(seq=self._next, at=now, reason="time")) or changed
            self.advance()
        return changed

    @property
    def _running(self) -> bool:
        return self.state.pending is None and not self.state.paused and not self.state.finished

    def pause(self) -> None:
        """Stops the clock; no effect when it stands already."""
        while not self.state.paused and not self.state.finished:
            self._try(Paused(seq=self._next, at=self.clock()))

    def unpause(self) -> None:
        """Starts the clock again."""
        while self.state.paused:
            self._try(Resumed(seq=self._next, at=self.clock()))

    def sketch(self, notes: str, diagram: str) -> None:
        """Keeps the candidate's notes and diagram; no effect when they are as before. Raises AnswerTooLong."""
        clean_notes, clean_diagram = cleaned(notes), cleaned(diagram)
        if len(clean_notes) + len(clean_diagram) > LONGEST_ANSWER:
            raise AnswerTooLong(f"Notes and diagram together hold {LONGEST_ANSWER:,} characters at most.")
        while not self.state.finished and (clean_notes, clean_diagram) != (self.state.notes, self.state.diagram):
            self._try(Sketched(seq=self._next, at=self.clock(), notes=clean_notes, diagram=clean_diagram))

    def finish(self, reason: Literal["candidate", "answers_ran_out"] = "candidate") -> InterviewState:
        """Ends the interview and has it scored."""
        self.refresh()
        while not self.state.finished:
            self._try(Finished(seq=self._next, at=self.clock(), reason=reason))
        return self.advance()

    @property
    def last_asked(self) -> int:
        """The number of the interviewer's last turn, -1 before the first."""
        return self.state.asked[-1].seq if self.state.asked else -1

    @property
    def _next(self) -> int:
        return self.state.last_seq + 1

    def _append(self, event: AnyEvent) -> None:
        self.archive.append(self.interview, event)
        self.state.apply(event)

    def _try(self, event: AnyEvent) -> bool:
        """Appends unless somebody else was faster; then only reads what they wrote."""
        try:
            self._append(event)
        except Conflict:
            self._overtaken()
            return False
        return True

    def _overtaken(self) -> None:
        """Takes in what was faster. Raises UnknownInterview when that was the interview's deletion."""
        known = self.state.last_seq
        self.refresh()
        if self.state.last_seq == known:  # deleted, or an older copy of the database was put in its place
            self.state = fold(self.archive.events(self.interview))
