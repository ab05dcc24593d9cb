"""The model that listens: one structured call about one answer, with the local observer beside it.

The candidate's sentences are numbered and the model returns numbers; code takes the quotes, so that each of them
stands in the answer. When the model fails or is late, the local observer's result is used and marked so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from agents import answer_kinds as kinds
from agents.abilities import Message
from agents.anchors import anchor, length_as_rarity
from agents.calls import Connection
from agents.events import AnswerKind, Observation, Reached, WrongHeard
from agents.fences import in_fence
from agents.llm import Request
from agents.model_failure import Failure, ModelFailed
from agents.numbered_answer import NumberedAnswer
from agents.observer import Exchange, LocalObserver, kind_of
from agents.patience import Beat, Patience, Reserve, no_beat
from agents.reports import (
    A_RUNG,
    NUMBERS,
    TEXT,
    Unreadable,
    form,
    list_of,
    numbers,
    object_of,
    objects,
    one_of,
    read_object,
    rung,
    text_of,
)
from agents.tokens import count
from agents.work import Call, Work
from knowledge.question import Fact, Question
from knowledge.words import Span, words
from prompts import fingerprints, read, render

PROMPTS = ("observer.md", "observer_answer.md", "observer_again.md")
MOST_TOKENS = 4_000
HEAD_START = 1.0
"""Seconds after which the local observer begins beside the model. It needs a fraction of one, so that its result is
there long before the model's time is over, and a model that is quick does not have to share the machine with it."""
LONGEST_ANSWER = 6_000
"""Tokens of an answer that are shown; of a longer one the sentences in the middle are left out."""
SURE, UNSURE = 0.9, 0.5
"""Probability of what a model reports; it gives none of its own."""
KINDS = {
    "attack": AnswerKind.ATTACK,
    "wants_solution": AnswerKind.WANTS_ANSWER,
    "asks_fact": AnswerKind.FACT_QUESTION,
    "asks_evidence": AnswerKind.EVIDENCE_QUESTION,
    "asks_open": AnswerKind.OPEN_QUESTION,
    "asks_decision": AnswerKind.DECISION_QUESTION,
    "disputes": AnswerKind.DISPUTE,
    "stuck": AnswerKind.STUCK,
    "noise": AnswerKind.NOISE,
    "off_topic": AnswerKind.OFF_TOPIC,
    "rambling": AnswerKind.RAMBLE,
    "vague": AnswerKind.VAGUE,
    "answer": None,
}
"""What the model calls an answer -> the kind; None: by what it reaches."""
EXPERIENCE = ("none", "claimed", "own_case")
FORM = form(
    "observation",
    kind=one_of(list(KINDS)),
    asked=TEXT,
    reached=list_of(object_of(point=TEXT, sentences=NUMBERS, rung=A_RUNG)),
    wrong=list_of(object_of(claim=TEXT, sentences=NUMBERS, certain={"type": "boolean"})),
    experience=one_of(EXPERIENCE),
)


class ModelObserver:
    """Observes with a model; with the local observer when that fails or takes longer than `seconds`."""

    def __init__(self, connection: Connection, local: LocalObserver, seconds: float, beat: Beat = no_beat) -> None:
        self.connection, self.local = connection, local
        self.seconds, self.beat = seconds, beat

    def using(self, connection: Connection, beat: Beat) -> ModelObserver:
        """The same over another connection, telling somebody else that it waits."""
        return ModelObserver(connection, self.local, self.seconds, beat)

    @property
    def name(self) -> str:
        """ "model" and which."""
        return f"model {self.connection.endpoint.observer}"

    def observe(self, question: Question, exchange: Exchange) -> Observation:
        """What the answer shows. Raises EmbedderUnavailable when the model fails and there are no weights."""
        if not exchange.answer.strip():  # a hint was asked for, or nothing said: there is nothing to judge
            return Observation(kind=AnswerKind.STUCK, observer=self.name)
        self.connection.ready(self.beat)
        local = Reserve(lambda: self.local.observe(question, exchange), HEAD_START)
        calls: list[Call] = []
        try:
            seen = self._observed(question, exchange, calls)
        except ModelFailed as failed:
            work = Work(calls=tuple(calls), took_over=failed.plain)
            return local.call_in(self.beat).model_copy(update={"work": work})
        finally:
            local.call_off()
        return seen.model_copy(update={"work": Work(calls=tuple(calls), prompts=fingerprints(PROMPTS))})

    def _observed(self, question: Question, exchange: Exchange, calls: list[Call]) -> Observation:
        patience, answer = Patience(self.seconds, self.beat), NumberedAnswer(question, exchange)
        messages = observing_messages(answer)
        found: list[str] = []
        for _ in range(2):
            request = Request(messages, FORM, most_tokens=MOST_TOKENS)
            text = self.connection.ask("observer", request, patience, calls)
            try:
                report = read_object(text)
                seen, found = observation(report, answer)
            except Unreadable as error:
                seen, found = None, [str(error)]
            if seen is not None and not (found and not seen.reached and not seen.wrong):
                return seen.model_copy(update={"observer": self.name})
            calls[-1] = calls[-1].model_copy(update={"outcome": f"{calls[-1].outcome}; {'; '.join(found)}"[:400]})
            again = render(read("observer_again.md"), faults="; ".join(found)[:600], last=str(answer.last))
            messages = [*messages, ("assistant", text[:4_000]), ("user", again)]
        raise ModelFailed(Failure.UNREADABLE, "; ".join(found))


def observing_messages(answer: NumberedAnswer) -> list[Message]:
    """The request about one answer; what stays the same for a question comes first."""
    question, exchange = answer.question, answer.exchange
    system = render(
        read("observer.md"),
        statement=question.statement,
        points="\n".join(f"{p.id}: {p.title}. {p.text}" for p in question.points),
        mistakes="\n".join(f"{w.id}: {w.claim} Why it matters: {w.consequence}" for w in question.wrong_claims),
        facts=_listed(question.facts),
        evidence=_listed(question.evidence),
    )
    directive = exchange.directive
    target = directive.target if directive else None
    about = f", about {target}" if target else ""
    user = render(
        read("observer_answer.md"),
        move=directive.move if directive else "unknown",
        about=about,
        asked=exchange.asked or "(none: these are notes and a diagram that the candidate keeps)",
        sentences=answer.text(_left_out(answer.spans)),
    )
    return [("system", system), ("user", user)]


def _listed(facts: Iterable[Fact]) -> str:
    return "\n".join(f"{f.id}: {f.title}. {f.text}" for f in facts) or "(none)"


def _left_out(spans: Sequence[Span]) -> range:
    """The places in the middle that do not fit into LONGEST_ANSWER, two thirds of which are for the beginning."""
    sizes = [count(s.text) + 4 for s in spans]
    if sum(sizes) <= LONGEST_ANSWER:
        return range(0)
    head, room = 0, LONGEST_ANSWER * 2 // 3
    while head < len(spans) and room >= sizes[head]:
        room -= sizes[head]
        head += 1
    tail, room = len(spans), LONGEST_ANSWER // 3
    while tail > head and room >= sizes[tail - 1]:
        tail -= 1
        room -= sizes[tail]
    return range(head, tail)


def observation(report: dict[str, Any], answer: NumberedAnswer) -> tuple[Observation, list[str]]:
    """(what a report says, as far as it can be so, what was dropped from it and why). Raises Unreadable."""
    text, spans, faults = answer.exchange.answer, answer.spans, list[str]()
    reached = _reached(report, answer, faults)
    wrong = _wrong(report, answer, faults)
    named = text_of(report, "kind")
    if named not in KINDS:
        raise Unreadable(f'"kind" is none of {", ".join(KINDS)}')
    kind, item = _asked(KINDS[named], text_of(report, "asked"), answer.question, faults)
    if answer.copied is not None:
        kind = AnswerKind.PASTE
    if answer.gives_orders:
        kind = AnswerKind.ATTACK
    best = max(reached, key=lambda r: r.rung, default=None)
    quote = best.quote if best else (spans[-1].text if spans else "")
    experience = text_of(report, "experience")
    seen = Observation(
        kind=AnswerKind.VAGUE,
        reached=tuple(reached),
        wrong=tuple(w for w in wrong if w.probability == SURE),
        doubtful=tuple(w for w in wrong if w.probability != SURE),
        asked_item=item,
        anchor=best.anchor if best else anchor(quote, length_as_rarity),
        anchor_quote=quote,
        adjective=kinds.vague_adjective(text),
        claims_experience=experience in EXPERIENCE[1:],
        own_case=experience == EXPERIENCE[2],
        language=kinds.language_of(text),
        words=len(words(text)),
    )
    return seen.model_copy(update={"kind": kind or kind_of(answer.exchange, seen)}), faults


def _asked(
    kind: AnswerKind | None, item: str, question: Question, faults: list[str]
) -> tuple[AnswerKind | None, str | None]:
    """(the kind, the fact or evidence asked for); what there is not is an open question."""
    if kind not in (AnswerKind.FACT_QUESTION, AnswerKind.EVIDENCE_QUESTION):
        return kind, None
    if item in {f.id for f in question.facts}:
        return AnswerKind.FACT_QUESTION, item
    if item in {e.id for e in question.evidence}:
        return AnswerKind.EVIDENCE_QUESTION, item
    faults.append(f"there is no fact or evidence {item[:20]!r}")
    return AnswerKind.OPEN_QUESTION, None


def _reached(report: dict[str, Any], answer: NumberedAnswer, faults: list[str]) -> list[Reached]:
    """Each point once, at the highest rung that its sentences and the question asked allow."""
    points, best, text = {p.id for p in answer.question.points}, dict[str, Reached](), answer.exchange.answer
    for item in objects(report, "reached"):
        point, step, parts = text_of(item, "point"), min(rung(item), answer.highest), answer.quotes(numbers(item))
        if point not in points:
            faults.append(f"there is no point {point[:20]!r}")
        elif not parts:
            faults.append(f"no sentence that can be used stands behind {point}")
        elif step and (point not in best or step > best[point].rung):
            quote = max(parts, key=len)
            hung = "" if in_fence(text, text.find(quote)) else anchor(quote, length_as_rarity)
            best[point] = Reached(point=point, rung=step, quote=quote, probability=SURE, anchor=hung)
    return list(best.values())


def _wrong(report: dict[str, Any], answer: NumberedAnswer, faults: list[str]) -> list[WrongHeard]:
    claims, found = {w.id for w in answer.question.wrong_claims}, dict[str, WrongHeard]()
    for item in objects(report, "wrong"):
        claim, parts = text_of(item, "claim"), answer.quotes(numbers(item))
        if claim not in claims:
            faults.append(f"there is no mistake {claim[:20]!r}")
        elif not parts:
            faults.append(f"no sentence that can be used stands behind {claim}")
        elif claim not in found:
            sure = SURE if item.get("certain") is True else UNSURE
            found[claim] = WrongHeard(claim=claim, quote=parts[0], probability=sure)
    return list(found.values())
