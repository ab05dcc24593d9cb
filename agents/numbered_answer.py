"""One answer with its sentences numbered, for a model that points at them; code takes the quotes and bounds what they
prove."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from agents import answer_kinds as kinds
from agents.material import numbered, quotes
from agents.observer import LONGEST_QUOTE, Exchange, pasted
from agents.rungs import CHANGE_MOVES
from knowledge.question import Question
from knowledge.terms import Rung
from knowledge.words import sentences

ECHO = 0.5
"""Share of a quote's runs of words from which it only says again what was handed out or asked."""


class NumberedAnswer:
    """The answer of an exchange. Its sentences bear the numbers `first`..`last`."""

    def __init__(self, question: Question, exchange: Exchange, first: int = 1) -> None:
        self.question, self.exchange, self.first = question, exchange, first
        self.spans = sentences(exchange.answer)
        self.last = first + len(self.spans) - 1
        orders = {a.start for a in kinds.attacks(exchange.answer)}
        self._orders = {first + i for i, s in enumerate(self.spans) if s.start in orders}

    def text(self, left_out: Iterable[int] = ()) -> str:
        """The answer as a model sees it, without the sentences at the places `left_out`."""
        return numbered(self.spans, self.first, left_out)

    def quotes(self, numbers: Iterable[int]) -> list[str]:
        """A quote for each run of sentences with these numbers that can prove something.

        Numbers that do not exist are dropped, and so is what only repeats the problem or the question, and what tries
        to give orders.
        """
        wanted = {n for n in numbers if self.first <= n <= self.last} - self._orders
        found = quotes(self.exchange.answer, self.spans, wanted, self.first)
        return [quote[:LONGEST_QUOTE] for quote in found if not self._echoes(quote)]

    def _echoes(self, quote: str) -> bool:
        directive = self.exchange.directive
        told = directive.cleared.text if directive and directive.cleared else ""
        return kinds.copied_share(quote, [self.question.statement, self.exchange.asked, told]) > ECHO

    @property
    def gives_orders(self) -> bool:
        """Whether it tries to instruct or insult the interviewer."""
        return bool(self._orders)

    @cached_property
    def copied(self) -> Rung | None:
        """What a copied text can prove; None when it is not one."""
        return pasted(self.question, self.exchange.answer)

    @cached_property
    def highest(self) -> Rung:
        """The highest rung that it can prove: only a changed condition makes hold.

        In a recording nobody noted the moves; there a model is believed.
        """
        if self.exchange.is_sketch:
            return Rung.MENTIONED
        if self.copied is not None:
            return self.copied
        directive = self.exchange.directive
        return Rung.HELD if directive is None or directive.move in CHANGE_MOVES else Rung.JUSTIFIED
