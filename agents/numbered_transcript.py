"""A transcript for a model that reads it: every sentence of the candidate's numbered, from first to last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from agents import answer_kinds as kinds
from agents.events import AnswerKind, Observation
from agents.material import BAR, harmless, numbered, quotes
from agents.observer import LONGEST_QUOTE, Exchange, pasted
from agents.reading import Mistake, ReadTurn, was_challenged
from agents.rungs import CHANGE_MOVES
from agents.state import Turn
from agents.transcript import Transcript
from knowledge.question import Question
from knowledge.terms import Rung
from knowledge.words import Span, sentences, words


class NumberedTranscript:
    """The transcript with its numbers. `sentences` are (turn, exchange, its sentences, number of the first)."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.sentences: list[tuple[Turn, Exchange, list[Span], int]] = []
        self._orders: dict[int, set[int]] = {}
        self._highest: dict[int, Rung] = {}
        following = 1
        for turn, exchange in transcript.exchanges():
            spans = sentences(turn.text)
            if spans:
                self.sentences.append((turn, exchange, spans, following))
                orders = {a.start for a in kinds.attacks(turn.text)}
                self._orders[turn.seq] = {following + i for i, s in enumerate(spans) if s.start in orders}
            following += len(spans)
        self.last = following - 1

    def text(self) -> str:
        """The transcript as the model sees it."""
        first = {turn.seq: (spans, number) for turn, _, spans, number in self.sentences}
        parts = []
        for turn in self.transcript.turns:
            if turn.speaker == "interviewer":
                move = f" ({turn.directive.move})" if turn.directive else ""
                body = "\n".join(BAR + harmless(line) for line in turn.text.splitlines() if line.strip())
                parts.append(f"Interviewer{move}:\n{body}")
            else:
                who = "The candidate's notes and diagram" if turn.speaker == "sketch" else "Candidate"
                parts.append(f"{who}:\n{numbered(*first[turn.seq]) if turn.seq in first else '(nothing)'}")
        return "\n\n".join(parts)

    def quoted(self, numbers: Iterable[int]) -> Iterator[tuple[Turn, Exchange, str]]:
        """(turn, exchange, quote) of each run of sentences with these numbers that can prove something.

        Numbers that do not exist are dropped, and so is what only repeats the problem or the question, and what tries
        to give orders.
        """
        wanted = {n for n in numbers if 0 < n <= self.last}
        for turn, exchange, spans, number in self.sentences:
            mine = wanted & set(range(number, number + len(spans))) - self._orders[turn.seq]
            for quote in quotes(turn.text, spans, mine, number):
                if not repeats(quote, self.transcript.question, exchange):
                    yield turn, exchange, quote[:LONGEST_QUOTE]

    def highest(self, turn: Turn, exchange: Exchange) -> Rung:
        """The highest rung that this turn can prove: a copied text mentions, only a changed condition makes hold."""
        if turn.seq not in self._highest:
            self._highest[turn.seq] = self._bound(turn, exchange)
        return self._highest[turn.seq]

    def _bound(self, turn: Turn, exchange: Exchange) -> Rung:
        if exchange.is_sketch:
            return Rung.MENTIONED
        copied = pasted(self.transcript.question, turn.text)
        if copied is not None:
            return copied
        changed = exchange.directive is None or exchange.directive.move in CHANGE_MOVES
        return Rung.HELD if changed else Rung.JUSTIFIED

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


def repeats(quote: str, question: Question, exchange: Exchange) -> bool:
    """Whether a sentence only says again what was handed out or asked."""
    told = exchange.directive.cleared.text if exchange.directive and exchange.directive.cleared else ""
    return kinds.copied_share(quote, [question.statement, exchange.asked, told]) > 0.5


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
