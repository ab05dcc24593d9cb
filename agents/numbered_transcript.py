"""A transcript for a model that reads it: every sentence of the candidate's numbered, from first to last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from agents import answer_kinds as kinds
from agents.events import AnswerKind, Observation
from agents.material import BAR, harmless
from agents.numbered_answer import NumberedAnswer
from agents.observer import Exchange, pasted
from agents.reading import Mistake, ReadTurn, was_challenged
from agents.state import Turn
from agents.transcript import Transcript
from knowledge.question import Question
from knowledge.words import sentences, words


class NumberedTranscript:
    """The transcript with its numbers, counted through all `answers`."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.answers: list[tuple[Turn, NumberedAnswer]] = []
        self.last = 0
        for turn, exchange in transcript.exchanges():
            answer = NumberedAnswer(transcript.question, exchange, self.last + 1)
            self.answers.append((turn, answer))
            self.last = answer.last

    def text(self) -> str:
        """The transcript as the model sees it."""
        answers = {turn.seq: answer for turn, answer in self.answers}
        parts = []
        for turn in self.transcript.turns:
            if turn.speaker == "interviewer":
                move = f" ({turn.directive.move})" if turn.directive else ""
                body = "\n".join(BAR + harmless(line) for line in turn.text.splitlines() if line.strip())
                parts.append(f"Interviewer{move}:\n{body}")
            else:
                who = "The candidate's notes and diagram" if turn.speaker == "sketch" else "Candidate"
                parts.append(f"{who}:\n{answers[turn.seq].text() or '(nothing)'}")
        return "\n\n".join(parts)

    def quoted(self, numbers: Iterable[int]) -> Iterator[tuple[Turn, NumberedAnswer, str]]:
        """(turn, answer, quote) of each run of sentences with these numbers that can prove something."""
        wanted = {n for n in numbers if 0 < n <= self.last}
        for turn, answer in self.answers:
            for quote in answer.quotes(wanted):
                yield turn, answer, quote

    def read_turns(self) -> tuple[ReadTurn, ...]:
        """What kind of answer each turn is: as it was heard in the interview, or by its form in other transcripts."""
        return tuple(
            ReadTurn(turn.seq, turn.text, exchange.directive, self._seen(turn, exchange), exchange.is_sketch)
            for turn, exchange in self.transcript.exchanges()
        )

    def _seen(self, turn: Turn, exchange: Exchange) -> Observation:
        heard = turn.observation
        if heard is not None and heard.kind is not AnswerKind.FOREIGN:  # a model reads what the local panel could not
            return heard.model_copy(update={"reached": (), "wrong": (), "doubtful": (), "work": None})
        return Observation(kind=_kind(self.transcript.question, turn.text), words=len(words(turn.text)))

    @cached_property
    def _has_directives(self) -> bool:
        return any(t.directive for t in self.transcript.turns)

    def with_challenges(self, mistake: Mistake, turns: Iterable[ReadTurn]) -> Mistake:
        """`mistake` with whether it was put to the test. In a recording nobody noted that: there it counts as made."""
        if not self._has_directives:
            return replace(mistake, challenged=True)
        later = [t for t in turns if t.turn > mistake.turn]
        return replace(mistake, challenged=any(was_challenged(t, mistake.claim) for t in later))


def _kind(question: Question, text: str) -> AnswerKind:
    """What an answer is by its form alone."""
    if kinds.is_stuck(text):
        return AnswerKind.STUCK
    if kinds.attacks(text):
        return AnswerKind.ATTACK
    if pasted(question, text) is not None:
        return AnswerKind.PASTE
    if kinds.wants_answer(text):
        return AnswerKind.WANTS_ANSWER
    asking = kinds.asking_sentences(text, wants_data=False)
    return AnswerKind.OPEN_QUESTION if len(asking) == len(sentences(text)) else AnswerKind.VAGUE
