"""Listens to one answer: what kind it is, which points it reaches at which rung, which fact it asks for, what is wrong.

The local observer works on sentence vectors and word rarity alone (agents/ear.py). It reads English; an answer in
another language is said to be so and not judged. It keeps no state: the same exchange always yields the same
observation, live and when the assessor reads the transcript again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents import answer_kinds as kinds
from agents.anchors import anchor
from agents.ear import Ear, Heard, Statement, Stretch
from agents.events import AnswerKind, Directive, Observation, Reached, WrongHeard
from agents.fences import in_fence
from agents.rungs import hedged, rung_of, turned_round
from knowledge.question import Fact, Question
from knowledge.terms import Rung
from knowledge.words import Span, content_stems, sentences, words

MENTIONED = 0.34
"""Probability from which a point counts as mentioned."""
EXPLAINED = 0.5
"""Probability from which a point can count as more than mentioned. Both were set on the answers the ear was fitted
on."""
WRONG, DOUBTFUL = 0.8, 0.25
"""Probability from which a wrong claim counts as made, and from which it is worth a case that would bring it to light.
The second was set on the labelled answers, where it finds four in five wrong claims, and as many sound sentences."""
VERBATIM = 0.97
"""Probability from which a wrong claim is made in nearly the words of one of its wordings, hedges included."""
FACT, DATA = 0.25, 0.5
"""Probability from which a question is taken for one of the facts or evidence cards, and from which "I'd look at the
logs" is. Unrelated questions stay below 0.1."""
TARGET_BONUS = 0.6
"""Log-odds added for the point that was just asked about: an answer is probably about the topic of its question."""
OFF_TOPIC = 0.22
"""Highest cosine to anything of the question below which an answer is about something else."""
COPIED = 0.5
"""Share of an answer from which it is a copy."""
LONGEST_QUOTE = 320
LADDER = {
    Rung.MENTIONED: AnswerKind.MENTIONED,
    Rung.EXPLAINED: AnswerKind.EXPLAINED,
    Rung.JUSTIFIED: AnswerKind.JUSTIFIED,
    Rung.HELD: AnswerKind.HELD,
}
"""What an answer is called that gets its point so far."""


@dataclass(frozen=True)
class Exchange:
    """A question as it was put and the answer to it. `directive` is None in transcripts from elsewhere."""

    asked: str
    directive: Directive | None
    answer: str
    is_sketch: bool = False


class LocalObserver:
    """Observes with an `Ear`. Raises EmbedderUnavailable when the weights are missing."""

    name = "local"

    def __init__(self, ear: Ear) -> None:
        self.ear = ear

    def observe(self, question: Question, exchange: Exchange) -> Observation:
        """What the exchange's answer shows; quotes are literal parts of it."""
        text = exchange.answer
        size = len(words(text))
        early = self._unreadable(exchange)
        if early is not None:
            return Observation(kind=early[0], language=early[1], words=size)
        attacks = kinds.attacks(text)
        copied = pasted(question, text)
        if copied is Rung.UNSEEN:  # what was handed out proves nothing, so there is nothing to listen for
            return Observation(kind=AnswerKind.ATTACK if attacks else AnswerKind.PASTE, words=size)
        stretches = self.ear.stretches(text, skip=attacks)
        reached = self._reached(question, exchange, stretches)
        if copied is not None:
            reached = [r.model_copy(update={"rung": min(r.rung, copied)}) for r in reached]
        wrong, doubtful = self._wrong(question, exchange, stretches)
        asked_kind, item = self._asks(question, text, stretches)
        hung = self._anchor(text, reached)
        seen = Observation(
            kind=AnswerKind.VAGUE,
            reached=tuple(reached),
            wrong=wrong,
            doubtful=doubtful,
            asked_item=item,
            anchor=hung[0],
            anchor_quote=hung[1],
            adjective=kinds.vague_adjective(text),
            claims_experience=kinds.claims_experience(text),
            own_case=kinds.tells_own_case(text),
            words=size,
        )
        kind = self._kind(question, exchange, seen, bool(attacks), copied is not None, asked_kind, stretches)
        return seen.model_copy(update={"kind": kind})

    def _unreadable(self, exchange: Exchange) -> tuple[AnswerKind, str] | None:
        text = exchange.answer
        if exchange.is_sketch:
            return None
        if kinds.is_stuck(text):
            return AnswerKind.STUCK, "en"
        language = kinds.language_of(text)
        if language != "en":  # before noise: to an English vocabulary, German is little else
            return AnswerKind.FOREIGN, language
        size, spoken = self.ear.vocabulary_size, words(kinds.prose(text))
        noise = "```" not in text and kinds.is_noise(text, (self.ear.embedder.rank(w.text) < size for w in spoken))
        return (AnswerKind.NOISE, "en") if noise else None

    def _reached(self, question: Question, exchange: Exchange, stretches: Sequence[Stretch]) -> list[Reached]:
        statements = point_statements(question)
        target = exchange.directive.target if exchange.directive else None
        echo = frozenset(content_stems(f"{question.statement}\n{exchange.asked}"))
        found = []
        for heard in self.ear.listen(statements, stretches, echo):
            on_target = heard.id == target
            probability = self.ear.shift(heard.probability, TARGET_BONUS if on_target else 0.0)
            if probability < MENTIONED:
                continue
            rung = rung_of(
                heard.quote,
                context(exchange.answer, heard),
                heard.overlap,
                probability,
                exchange.directive.move if exchange.directive else None,
                on_target,
                code=in_fence(exchange.answer, heard.start),
            )
            if rung is Rung.UNSEEN and not exchange.is_sketch:  # in a sketch, names are what one expects
                continue
            if exchange.is_sketch or probability < EXPLAINED:
                rung = Rung.MENTIONED
            quote = heard.quote[:LONGEST_QUOTE]
            hung = anchor(quote, self.ear.rarity)
            found.append(
                Reached(point=heard.id, rung=rung, quote=quote, probability=round(probability, 4), anchor=hung)
            )
        return found

    def _wrong(
        self, question: Question, exchange: Exchange, stretches: Sequence[Stretch]
    ) -> tuple[tuple[WrongHeard, ...], tuple[WrongHeard, ...]]:
        """The wrong claims that the answer makes, and those it may make.

        Someone sure of a mistake says "no need" and "never", too, so that a hedge tells little about the doubtful ones.
        """
        claims = [Statement(w.id, (w.claim, *w.wordings)) for w in question.wrong_claims]
        single = [s for s in stretches if len(sentences(s.span.text)) == 1 and not s.span.text.endswith("?")]
        single = [s for s in single if not in_fence(exchange.answer, s.span.start)]
        # A claim is heard against the points, so that a sound sentence on the same topic is not taken for the mistake.
        heard = self.ear.listen(
            [*claims, *point_statements(question)],
            single,
            frozenset(content_stems(f"{question.statement}\n{exchange.asked}")),
        )
        sure, doubtful = [], []
        for h, claim in zip(heard, claims, strict=False):
            found = WrongHeard(claim=h.id, quote=h.quote[:LONGEST_QUOTE], probability=round(h.probability, 4))
            if h.probability >= WRONG and not self._opposes(claim, h, single):
                sure.append(found)
            elif h.probability >= DOUBTFUL:
                doubtful.append(found)
        return tuple(sure), tuple(doubtful)

    def _opposes(self, claim: Statement, heard: Heard, stretches: Sequence[Stretch]) -> bool:
        """Whether what was heard is about `claim` without making it.

        Its nearest wording may be hedged itself ("if CPU is high, ..."): that excuses only what is almost the same.
        """
        said = [s for s in stretches if s.span.start == heard.start and s.span.end == heard.end]
        nearest = claim.wordings[int(self.ear.similarity(claim.wordings, said[:1]).argmax())]
        if heard.probability < VERBATIM and hedged(heard.quote) and not hedged(claim.wordings[0]):
            return True
        return turned_round(heard.quote, nearest)

    def _asks(
        self, question: Question, text: str, stretches: Sequence[Stretch]
    ) -> tuple[AnswerKind | None, str | None]:
        asking = kinds.asking_sentences(text, wants_data=bool(question.evidence))
        wanted = {a.text for a in asking}
        spans = [s for s in stretches if s.span.text in wanted]
        if not spans:
            return None, None
        items: list[tuple[AnswerKind, Fact]] = [(AnswerKind.FACT_QUESTION, f) for f in question.facts]
        items += [(AnswerKind.EVIDENCE_QUESTION, e) for e in question.evidence]
        statements = [Statement(f.id, (f.title, *f.asked_as)) for _, f in items]
        heard = self.ear.listen(statements, spans)
        best = max(heard, key=lambda h: h.probability, default=None)
        asks = any(s.text.endswith("?") or not kinds.wants_data(s.text) for s in asking)
        if best is not None and best.probability >= (FACT if asks else DATA):
            return next(k for k, f in items if f.id == best.id), best.id
        if any(kinds.is_decision_question(s.text) for s in asking):
            return AnswerKind.DECISION_QUESTION, None
        return (AnswerKind.OPEN_QUESTION, None) if any(s.text.endswith("?") for s in asking) else (None, None)

    def _anchor(self, text: str, reached: Sequence[Reached]) -> tuple[str, str]:
        best = max(reached, key=lambda r: (r.rung, r.probability), default=None)
        spans = sentences(kinds.prose(text))
        quote = best.quote if best else (spans[-1].text if spans else "")
        phrase = (best.anchor if best else anchor(quote, self.ear.rarity)) or anchor(kinds.prose(text), self.ear.rarity)
        return phrase, quote

    def _kind(
        self,
        question: Question,
        exchange: Exchange,
        seen: Observation,
        attacked: bool,
        was_pasted: bool,
        asked: AnswerKind | None,
        stretches: Sequence[Stretch],
    ) -> AnswerKind:
        text = exchange.answer
        checks: list[tuple[bool, AnswerKind]] = [
            (attacked, AnswerKind.ATTACK),
            (kinds.wants_answer(text), AnswerKind.WANTS_ANSWER),
            (was_pasted, AnswerKind.PASTE),
            (asked is not None, asked or AnswerKind.VAGUE),
            (kinds.is_dispute(text), AnswerKind.DISPUTE),
            (bool(seen.wrong), AnswerKind.WRONG),
        ]
        for holds, kind in checks:
            if holds:
                return kind
        rambles = seen.words > kinds.RAMBLE_WORDS
        if rambles or (not seen.reached and seen.words >= 8):
            share = self._share_on_topic(question, exchange, stretches)
            if not seen.reached and share == 0.0:
                return AnswerKind.OFF_TOPIC
            if rambles and share < 1 / 3:
                return AnswerKind.RAMBLE
        return kind_of(exchange, seen)

    def _share_on_topic(self, question: Question, exchange: Exchange, stretches: Sequence[Stretch]) -> float:
        """Share (0..1) of the answer's sentences that come near anything of the question."""
        singles = [s for s in stretches if len(sentences(s.span.text)) <= 1]
        if not singles:
            return 0.0
        near = [question.statement, exchange.asked or question.title, *(p.text for p in question.points)]
        best = self.ear.similarity(near, singles).max(axis=0)
        return float((best >= OFF_TOPIC).mean())


def pasted(question: Question, text: str) -> Rung | None:
    """UNSEEN for what the interviewer tells, MENTIONED for an essay or text of the bank, None for anything else."""
    prose = kinds.prose(text)
    given = [question.statement, *question.requirements.values()]
    given += [f"{t.title}: {t.text}" for t in (*question.facts, *question.evidence)]
    if kinds.copied_share(prose, given) > COPIED:
        return Rung.UNSEEN
    hidden = [*question.senior_solution.values(), *question.solution_paths.values(), *question.level_guide.values()]
    hidden += [t for p in question.points for t in (p.text, *p.wordings)]
    hidden += [f.text for f in question.figures] + [f.strong for f in question.follow_ups]
    hidden += [w.consequence for w in question.wrong_claims]
    copied = max(kinds.copied_share(t, hidden) for t in (prose, text))  # once without the code, once with it
    return Rung.MENTIONED if copied > COPIED or len(words(prose)) > kinds.ESSAY_WORDS else None


def kind_of(exchange: Exchange, seen: Observation) -> AnswerKind:
    """What an answer is by what it shows: how far it gets with the point asked about, or else with any."""
    if seen.wrong:
        return AnswerKind.WRONG
    if not seen.reached:
        return AnswerKind.VAGUE
    target = exchange.directive.target if exchange.directive else None
    rungs = {r.point: r.rung for r in seen.reached}
    return LADDER[rungs.get(target or "", max(rungs.values()))]


def point_statements(question: Question) -> list[Statement]:
    """The expected points as the ear listens for them: text, wordings, and title with topic."""
    return [Statement(p.id, (p.text, *p.wordings, f"{p.title}: {p.topic}")) for p in question.points]


def context(text: str, heard: Heard) -> str:
    """The stretch that was heard with one sentence before and behind it."""
    spans: list[Span] = sentences(text)
    inside = [i for i, s in enumerate(spans) if s.start < heard.end and s.end > heard.start]
    if not inside:
        return heard.quote
    first, last = max(0, inside[0] - 1), min(len(spans) - 1, inside[-1] + 1)
    return text[spans[first].start : spans[last].end]
