"""The model that speaks: one streamed call per turn, held until it has passed the checks.

A draft that breaks a rule is replaced once by a new call that names the fault, then by the local wording of the same
directive. Only what is shown leaves this module.
"""

from __future__ import annotations

from agents.abilities import Message
from agents.calls import Connection
from agents.conversation import PROMPTS, language_of, speaking_messages
from agents.drafts import draft_faults, tidied
from agents.events import Directive
from agents.interviewer import LocalInterviewer, Spoken
from agents.llm import Request
from agents.model_failure import Failure, ModelFailed
from agents.patience import Beat, Patience, no_beat
from agents.state import InterviewState
from agents.tokens import count
from agents.work import Call, Work
from knowledge.terms import Move
from prompts import fingerprints, read, render

TEMPERATURE, MOST_TOKENS = 0.7, 4_000
"""Room for reasoning models, which think in tokens; a turn itself has about eighty."""
LONGEST_DRAFT = 4_000
"""Characters at which a draft is cut off; ten times what may be said."""
LONGEST_DRAFT_SHOWN = 200
"""Tokens of a failing draft that go back with its fault."""


class ModelInterviewer:
    """Words directives with a model; with the local interviewer when that fails."""

    def __init__(
        self, connection: Connection, local: LocalInterviewer, context: int, seconds: float, beat: Beat = no_beat
    ) -> None:
        self.connection, self.local = connection, local
        self.context, self.seconds, self.beat = context, seconds, beat

    def using(self, connection: Connection, beat: Beat) -> ModelInterviewer:
        """The same over another connection, telling somebody else that it waits."""
        return ModelInterviewer(connection, self.local, self.context, self.seconds, beat)

    @property
    def name(self) -> str:
        """ "model" and which."""
        return f"model {self.connection.endpoint.interviewer}"

    def speak(self, state: InterviewState, directive: Directive) -> Spoken:
        """The turn and how it came about."""
        if directive.move is Move.OPEN:  # the format of the interview and the problem as written: always the same words
            return self.local.speak(state, directive)
        self.connection.ready(self.beat)
        calls: list[Call] = []
        try:
            text = self._checked(state, directive, calls)
        except ModelFailed as failed:
            words = self.local.speak(state, directive)
            return Spoken(words.text, words.worded_by, Work(calls=tuple(calls), took_over=failed.plain))
        return Spoken(_with_cards(text, directive), self.name, Work(calls=tuple(calls), prompts=fingerprints(PROMPTS)))

    def _checked(self, state: InterviewState, directive: Directive, calls: list[Call]) -> str:
        patience = Patience(self.seconds, self.beat)
        language = language_of(state) if directive.move is not Move.SWITCH_LANGUAGE else "en"
        messages = speaking_messages(state, directive, self.context)
        for _ in range(2):
            text = tidied(self._draft(messages, patience, calls))
            found = draft_faults(text, directive, state, language)
            if not found:
                return text
            calls[-1] = calls[-1].model_copy(update={"outcome": f"{calls[-1].outcome}; it {', '.join(found)}"})
            again = render(read("interviewer_again.md"), faults=", and ".join(found))
            messages = [*messages, ("assistant", _head(text)), ("user", again)]
        raise ModelFailed(Failure.BROKE_RULES, ", ".join(found))

    def _draft(self, messages: list[Message], patience: Patience, calls: list[Call]) -> str:
        request = Request(messages, temperature=TEMPERATURE, most_tokens=MOST_TOKENS, longest=LONGEST_DRAFT)
        return self.connection.ask("interviewer", request, patience, calls)


def _head(draft: str) -> str:
    """What of a failing draft goes back: a flood would only cost tokens."""
    words = draft[:4_000].split()
    while count(" ".join(words)) > LONGEST_DRAFT_SHOWN:
        words = words[: len(words) * 3 // 4]
    return " ".join(words) or "(nothing)"


def _with_cards(text: str, directive: Directive) -> str:
    """The turn as it is shown: evidence stands above it as it is, no word of it left to a model."""
    cards = [c.text for c in (directive.told_first, directive.cleared) if c and c.kind == "evidence"]
    return "\n\n".join([*cards, text])
