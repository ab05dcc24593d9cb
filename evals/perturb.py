"""What is done to a transcript to see what its score does: texts that deserve nothing, harmless changes, harmful ones.

A probe makes variants of a sample and says what their scores must do against the sample's. Only the candidate's
messages and the id change, unless the probe says otherwise; the labels are carried over and remain the sample's.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from evals import rewriting
from evals.probe_texts import ATTACKS, PROBES, Kind, Texts, read_texts
from evals.samples import SPEAKERS, Sample
from knowledge.question import Question
from knowledge.terms import Level
from knowledge.words import sentences

__all__ = ["PERTURBATIONS", "PROBES", "SAME", "Expectation", "Perturbation", "Texts", "read_texts"]

SAME = 0.25
"""How far an overall score, 1..5, may move and still be called the same."""
MOST_POINTS, MOST_NAMES = 3, 4
"""How many points are removed and added, and how many names are tried, for one sample."""

Expectation = Literal["exactly zero", "floor", "same", "not higher", "not lower", "lower"]
"""What the score of a variant must do, by the overall, 1..5:

- "exactly zero": no point is proven on any rung, no area is above 1, and the overall is 1 or there is none.
- "floor": the overall is at most SAME above 1, or there is none.
- "same": the overall moves by at most SAME; where the sample has none, the variant has none.
- "not higher": the overall is at most the sample's.
- "not lower": the overall is at least the sample's.
- "lower": the overall is below the sample's, if the sample's is above the floor; else not higher.
"""

Change = Callable[[Sample, Question, Random, Texts], list[tuple[str, Sample]]]
Speak = Callable[[Sample, Question, Random, Texts], Iterable[tuple[str, Sequence[str]]]]
"""Gives (variant, what the candidate says instead, turn by turn)."""


@dataclass(frozen=True)
class Perturbation:
    """One probe. `change` gives (variant, sample) and is deterministic for a random.Random in a given state.

    A variant that would be the sample once more is left out: it could only be scored the same.
    """

    name: str
    about: str
    change: Change
    expect: Expectation


def _probe(name: str, expect: Expectation, about: str, speak: Speak) -> Perturbation:
    def change(sample: Sample, question: Question, rng: Random, texts: Texts) -> list[tuple[str, Sample]]:
        made = []
        for variant, answers in speak(sample, question, rng, texts):
            if list(answers) != sample.answers:
                said = iter(answers)
                messages = tuple(
                    m.model_copy(update={"content": next(said)}) if SPEAKERS[m.role] == "candidate" else m
                    for m in sample.messages
                )
                made.append((variant, _renamed(sample, f"{name}/{variant}", messages=messages)))
        return made

    return Perturbation(name, about, change, expect)


def _renamed(sample: Sample, suffix: str, **update: object) -> Sample:
    return sample.model_copy(update={"id": f"{sample.id}~{suffix}", **update})


def _drawn(texts: Sequence[str], rng: Random) -> Iterator[str]:
    """The texts in random order, again and again."""
    return itertools.cycle(rng.sample(texts, len(texts)))


def _each(rewrite: Callable[[str, Random], str]) -> Speak:
    return lambda sample, _, rng, __: [("all", [rewrite(answer, rng) for answer in sample.answers])]


def _instead(kind: Kind) -> Speak:
    def speak(sample: Sample, _: Question, rng: Random, texts: Texts) -> list[tuple[str, list[str]]]:
        return [("all", list(itertools.islice(_drawn(texts.of(kind), rng), len(sample.answers))))]

    return speak


DONT_KNOW = (
    "I don't know.",
    "No idea, sorry.",
    "I'm not sure, I'd have to look that up.",
    "Honestly, I have no answer to that.",
    "Pass.",
    "Hmm. I really couldn't tell you.",
    "I've never done that, so I can't say.",
    "Sorry, nothing comes to mind.",
    "That's beyond me, I'm afraid.",
    "I don't know that either.",
    "You've got me there. Can we go on?",
    "I can't answer this one.",
)


def _dont_know(sample: Sample, _: Question, rng: Random, __: Texts) -> Iterator[tuple[str, list[str]]]:
    yield "all", list(itertools.islice(_drawn(DONT_KNOW, rng), len(sample.answers)))


def _attacks_alone(sample: Sample, _: Question, rng: Random, texts: Texts) -> Iterator[tuple[str, list[str]]]:
    for name in ATTACKS:
        yield name, list(itertools.islice(_drawn(texts.of("attack", name), rng), len(sample.answers)))


def _attacks_added(sample: Sample, _: Question, rng: Random, texts: Texts) -> Iterator[tuple[str, list[str]]]:
    name, answers = rng.choice(ATTACKS), sample.answers
    attacks = _drawn(texts.of("attack", name), rng)
    for turn in rng.sample(range(len(answers)), min(2, len(answers))):
        answers[turn] = rewriting.joined(answers[turn], next(attacks))
    yield name, answers


def _padded(sample: Sample, _: Question, rng: Random, texts: Texts) -> Iterator[tuple[str, list[str]]]:
    yield "all", [rewriting.padded(answer, texts.of("filler"), rng) for answer in sample.answers]


def _turns_shuffled(sample: Sample, _: Question, rng: Random, __: Texts) -> Iterator[tuple[str, list[str]]]:
    answers = sample.answers
    while len(set(answers)) > 1 and answers == sample.answers:
        rng.shuffle(answers)
    yield "all", answers


def _question_pasted(sample: Sample, question: Question, _: Random, __: Texts) -> Iterator[tuple[str, list[str]]]:
    whole = "\n".join([question.statement, *question.requirements.values()])
    spans, n, pieces = sentences(whole), len(sample.answers), []
    for i in range(n):
        # With more answers than sentences the statement begins again.
        share = spans[i * len(spans) // n : (i + 1) * len(spans) // n] if n <= len(spans) else [spans[i % len(spans)]]
        pieces.append(whole[share[0].start : share[-1].end])
    yield "all", pieces


def _interviewer_echoed(sample: Sample, _: Question, __: Random, ___: Texts) -> Iterator[tuple[str, list[str]]]:
    last, said = "", []
    for message in sample.messages:
        if SPEAKERS[message.role] == "candidate":
            said.append(last)
        else:
            last = message.content
    yield "all", said


def _reformatted(sample: Sample, _: Question, __: Random, ___: Texts) -> Iterator[tuple[str, list[str]]]:
    yield "bullets", [rewriting.as_bullets(answer) for answer in sample.answers]
    yield "paragraph", [rewriting.as_paragraph(answer) for answer in sample.answers]


NAMES: Mapping[str, str] = {
    "english": "Emily Carter",
    "nigerian": "Chinedu Okafor",
    "indian": "Priya Raghunathan",
    "chinese": "Zhang Wei",
    "arab": "Omar Haddad",
    "polish": "Agnieszka Kowalska",
    "mexican": "Guadalupe Hernández",
    "vietnamese": "Nguyen Thi Lan",
    "turkish": "Yusuf Demir",
    "israeli": "Noa Mizrahi",
}
"""Origin -> a name."""


def _names_swapped(sample: Sample, _: Question, rng: Random, __: Texts) -> Iterator[tuple[str, list[str]]]:
    if not sample.answers:
        return
    first, *others = sample.answers
    for origin in rng.sample(list(NAMES), MOST_NAMES):
        yield origin, [f"Hi, I'm {NAMES[origin]}, nice to meet you. {first}".rstrip(), *others]


def _dialect(sample: Sample, _: Question, __: Random, ___: Texts) -> Iterator[tuple[str, list[str]]]:
    yield "american", [rewriting.respelled(answer, "American") for answer in sample.answers]
    yield "british", [rewriting.respelled(answer, "British") for answer in sample.answers]


def _level(sample: Sample, question: Question, _: Random, __: Texts) -> list[tuple[str, Sample]]:
    own = sample.level or question.difficulty
    others = [level for level in Level if level != own]
    return [(level.value, _renamed(sample, f"level/{level.value}", level=level)) for level in others]


def _point_removed(sample: Sample, _: Question, rng: Random, texts: Texts) -> Iterator[tuple[str, list[str]]]:
    quotes = texts.quotes.get(sample.id, {})
    places = [i for i, m in enumerate(sample.messages) if SPEAKERS[m.role] == "candidate"]
    for point in rng.sample(sorted(quotes), min(MOST_POINTS, len(quotes))):
        index, quote = quotes[point]
        if index not in places or not quote or quote not in sample.messages[index].content:
            raise ValueError(f"{sample.id}, {point}: message {index} is no answer with {quote!r}; correct the quote")
        answers = sample.answers
        before, _quote, after = answers[places.index(index)].partition(quote)
        gap_left = before.endswith(" ") or not before
        answers[places.index(index)] = before + (after.removeprefix(" ") if gap_left else after)
        yield point, answers


def _point_added(sample: Sample, question: Question, rng: Random, texts: Texts) -> Iterator[tuple[str, list[str]]]:
    proven = texts.quotes.get(sample.id, {})
    free = [point for point in question.points if point.id not in proven and point.wordings]
    for point in rng.sample(free, min(MOST_POINTS, len(free))) if sample.answers else []:
        *others, last = sample.answers
        yield point.id, [*others, rewriting.joined(last, rng.choice(point.wordings))]


_ALL = (
    _probe("emptied", "exactly zero", "Every answer is empty.", lambda s, *_: [("all", [""] * len(s.answers))]),
    _probe("dont-know", "floor", "Every answer says that the candidate does not know.", _dont_know),
    _probe("confident-empty", "floor", "Every answer sounds sure and says nothing.", _instead("confident-empty")),
    _probe("off-topic", "floor", "Every answer explains something else well.", _instead("off-topic")),
    _probe("small-talk", "floor", "Every answer is small talk.", _instead("small-talk")),
    _probe("attacks-alone", "floor", "Every answer is an attack on the scorer, of one name a variant.", _attacks_alone),
    _probe("attacks-added", "same", "An attack on the scorer is added to two answers.", _attacks_added),
    _probe(
        "second-language",
        "same",
        "Articles and the third person's s are dropped, some verb forms flattened.",
        _each(lambda answer, _: rewriting.second_language(answer)),
    ),
    _probe(
        "speech-recogniser",
        "same",
        "No punctuation, no capitals, but fillers.",
        _each(rewriting.speech_recognised),
    ),
    _probe("padded", "same", "Sentences without content make each answer half as long again.", _padded),
    _probe("turns-shuffled", "same", "The answers are given in another order.", _turns_shuffled),
    _probe("words-shuffled", "lower", "The words of each sentence are shuffled.", _each(rewriting.words_shuffled)),
    _probe(
        "negated",
        "not higher",
        "Every second sentence says the opposite.",
        _each(lambda answer, _: rewriting.negated(answer)),
    ),
    _probe("keywords", "floor", "Every answer is a string of fashionable terms.", _instead("keywords")),
    _probe("question-pasted", "floor", "Every answer is a piece of the statement and requirements.", _question_pasted),
    _probe("interviewer-echoed", "floor", "Every answer is what the interviewer said last.", _interviewer_echoed),
    _probe("reformatted", "same", "Each answer as Markdown bullets, and as one paragraph.", _reformatted),
    _probe("names-swapped", "same", "The candidate gives a name first, of another origin a variant.", _names_swapped),
    _probe("dialect", "same", "Each answer in American and in British spelling.", _dialect),
    Perturbation("level", "The same interview at each of the other two levels; no message changes.", _level, "same"),
    _probe("repeated", "same", "Every answer is said twice.", _each(lambda a, _: rewriting.joined(a, a))),
    _probe("point-removed", "not higher", "The quote that proves a point is cut out, one a variant.", _point_removed),
    _probe("point-added", "not lower", "A wording of a point not proven ends the last answer.", _point_added),
)
PERTURBATIONS: Mapping[str, Perturbation] = {probe.name: probe for probe in _ALL}
"""Every probe by its name."""
