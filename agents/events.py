"""The events of an interview. They are only ever appended; everything else is derived from them (agents/state.py).

Every event carries the version of its shape. A log written by an older Greenroom is read through `UPCASTERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agents.scorecard import Scorecard
from agents.work import Work
from knowledge.terms import Level, Move, Rung

VERSION = 3
"""The shape of events written today. 2: `work`, what was asked of a model. 3: `loop`, of which this is a part."""


class NewerLog(ValueError):  # noqa: N818 - reads as what it is
    """The log was written by a newer Greenroom than this one."""


class AnswerKind(StrEnum):
    """What kind of answer the candidate gave; the policy's first fork."""

    ATTACK = "ATTACK"  # instructions to the interviewer, abuse
    FOREIGN = "FOREIGN"  # a language the observer cannot read
    NOISE = "NOISE"  # no words of any language
    WANTS_ANSWER = "WANTS_ANSWER"  # asks for the solution or the score
    FACT_QUESTION = "FACT_QUESTION"
    EVIDENCE_QUESTION = "EVIDENCE_QUESTION"
    OPEN_QUESTION = "OPEN_QUESTION"  # asks for something that is not on the fact list
    DECISION_QUESTION = "DECISION_QUESTION"  # "is that right?", "what would you do?"
    DISPUTE = "DISPUTE"  # objects to the question
    STUCK = "STUCK"
    WRONG = "WRONG"
    RAMBLE = "RAMBLE"
    OFF_TOPIC = "OFF_TOPIC"
    PASTE = "PASTE"
    VAGUE = "VAGUE"
    MENTIONED = "MENTIONED"
    EXPLAINED = "EXPLAINED"
    JUSTIFIED = "JUSTIFIED"
    HELD = "HELD"


NO_CONTENT = (
    AnswerKind.STUCK,
    AnswerKind.NOISE,
    AnswerKind.ATTACK,
    AnswerKind.FOREIGN,
    AnswerKind.PASTE,
    AnswerKind.WANTS_ANSWER,
)
"""Answers in which there is nothing to hear."""
CANDIDATES_QUESTIONS = (
    AnswerKind.FACT_QUESTION,
    AnswerKind.EVIDENCE_QUESTION,
    AnswerKind.OPEN_QUESTION,
    AnswerKind.DECISION_QUESTION,
    AnswerKind.DISPUTE,
)
"""Kinds in which the candidate asks back instead of answering."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reached(_Record):
    """A point that an answer reaches. `quote` stands verbatim in the answer; `probability` is 0..1.

    `anchor` is a short noun phrase of the quote's, for a later question to hang on.
    """

    point: str
    rung: Rung
    quote: str
    probability: float
    anchor: str = ""


class WrongHeard(_Record):
    """A wrong claim of the question's list, heard in an answer; `quote` stands verbatim in it."""

    claim: str
    quote: str
    probability: float


class Observation(_Record):
    """What the observer made of one answer.

    `anchor` is a short noun phrase and `anchor_quote` a clause of the candidate's own, for the next question to hang
    on; `adjective` is a word that stands where a number should ("fast"); `asked_item` names a fact or an evidence card.
    `wrong` are mistakes that the answer makes; `doubtful` ones it may make: they call for a case and prove nothing.
    """

    kind: AnswerKind
    reached: tuple[Reached, ...] = ()
    wrong: tuple[WrongHeard, ...] = ()
    doubtful: tuple[WrongHeard, ...] = ()
    asked_item: str | None = None
    anchor: str = ""
    anchor_quote: str = ""
    adjective: str = ""
    claims_experience: bool = False
    own_case: bool = False
    language: str = "en"
    words: int = 0
    observer: str = "local"
    work: Work | None = None


class Cleared(_Record):
    """The one item that may be spoken in a turn."""

    kind: Literal["fact", "evidence", "hint", "follow_up", "probe"]
    id: str
    text: str


class Directive(_Record):
    """What the policy wants of the interviewer in the next turn. `reason` is neutral and may be shown to anyone."""

    move: Move
    phase: str
    target: str | None = None
    topic: str = ""
    anchor: str = ""
    anchor_quote: str = ""
    cleared: Cleared | None = None
    told_first: Cleared | None = None
    hint_stage: int = 0
    detail: str = ""
    reason: str = ""


class Event(_Record):
    """One line of the log: the `seq`-th of its interview, written `at` (UTC)."""

    seq: int
    at: datetime
    version: int = VERSION


class LoopPart(BaseModel):
    """One part of a loop, as it was planned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    question_id: str
    minutes: float


class Loop(BaseModel):
    """An interview of several parts, and which of them this is (from 0). Every part is an interview of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    plan: str
    name: str
    part: int
    parts: tuple[LoopPart, ...]


class Opened(Event):
    """The interview begins. The question's whole file is kept: a later edit must not change a running interview."""

    kind: Literal["opened"] = "opened"
    question_id: str
    question_source: str
    level: Level
    minutes: float
    pace: Literal["typed", "spoken"]
    rubric: str
    panel: str
    taster: bool = False
    loop: Loop | None = None


class Said(Event):
    """The candidate's words; committed before anything is computed from them."""

    kind: Literal["said"] = "said"
    text: str
    wants_hint: bool = False


class Observed(Event):
    """What the observer made of the last `said`."""

    kind: Literal["observed"] = "observed"
    observation: Observation


class Asked(Event):
    """The interviewer's words, as they were shown, and the directive behind them."""

    kind: Literal["asked"] = "asked"
    directive: Directive
    text: str
    worded_by: str
    work: Work | None = None


class Sketched(Event):
    """The candidate's notes and Mermaid diagram, whole, as they stand from now on."""

    kind: Literal["sketched"] = "sketched"
    notes: str = ""
    diagram: str = ""


class Paused(Event):
    """The clock stands still."""

    kind: Literal["paused"] = "paused"


class Resumed(Event):
    """The clock runs again."""

    kind: Literal["resumed"] = "resumed"


class Away(Event):
    """Nobody was there for this long before this event (page closed, machine asleep); it does not count."""

    kind: Literal["away"] = "away"
    seconds: float


class Finished(Event):
    """The interview is over."""

    kind: Literal["finished"] = "finished"
    reason: Literal["time", "candidate", "covered", "answers_ran_out", "no_answer"]


class Scored(Event):
    """The assessor's scorecard."""

    kind: Literal["scored"] = "scored"
    scorecard: Scorecard


AnyEvent = Annotated[
    Opened | Said | Observed | Asked | Sketched | Paused | Resumed | Away | Finished | Scored,
    Field(discriminator="kind"),
]
_ADAPTER: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)

UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""(kind, version) -> the same event one version newer. What versions 2 and 3 added may be left out."""


def read_event(data: dict[str, Any]) -> AnyEvent:
    """The event that `data` (a JSON object) holds. NewerLog when it comes from a newer Greenroom."""
    while data.get("version", VERSION) < VERSION:
        kind, version = data["kind"], data["version"]
        upcast = UPCASTERS.get((kind, version))
        data = {**(upcast(data) if upcast else data), "version": version + 1}
    if data.get("version", VERSION) > VERSION:
        raise NewerLog(
            f"event {data.get('seq')} has version {data['version']}, this Greenroom reads up to {VERSION}: "
            "update Greenroom to open this interview"
        )
    return _ADAPTER.validate_python(data)
