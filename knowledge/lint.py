"""The content rules of the bank, beyond what the parser needs. docs/questions.md gives the reasons."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.bank import Bank
from knowledge.faults import Fault
from knowledge.figures import figure_faults
from knowledge.question import Question, statement_prose
from knowledge.spoken import requests, verdicts
from knowledge.template import TODO
from knowledge.terms import Move
from knowledge.words import content_stems, count_words, find_phrases, sentences, words

STATEMENT_WORDS = 90
FOLLOW_UP_WORDS = 45
TOPIC_WORDS = 14
POINTS = range(8, 13)
WORDINGS = range(2, 5)
STUDY = range(1, 4)
WRONG_CLAIMS = range(3, 6)
FOLLOW_UPS = 6
NOT_FIRST = range(5, 11)
FACTS = range(5, 15)
GIVEN_AWAY = 5
"""Words in a row that stand in a point and in what is said aloud: too many to be chance."""
SENTENCES = 3
TESTED = ("Coding", "Code Review", "Shell")
"""Categories whose answer is code, kept beside the question with its tests."""

_CLAUSE = re.compile(r"(?:how|what|when|where|which|who|whose|whether|why)\b", re.IGNORECASE)
_MARKUP = re.compile(r"[*`<>|]|__|\]\(")

Complaint = tuple[str, str]
"""(a text that stands in the file, what is wrong with it)"""


@dataclass(frozen=True)
class Known:
    """The ids that questions may name."""

    areas: Collection[str]
    topics: Collection[str]
    resources: Collection[str]
    questions: Collection[str]


def lint(bank: Bank, known: Known) -> list[Fault]:
    """Every fault of the bank: those of the parser, of single questions, and between questions."""
    faults = list(bank.faults)
    for question in bank.questions.values():
        path = bank.paths[question.id]
        unfinished = [
            Fault(path, n, f"{question.id}: still to be written: {line.strip()}")
            for n, line in enumerate(question.source.split("\n"), start=1)
            if re.search(rf"\b{TODO}\b", line)
        ]
        if unfinished:  # the other rules would only say the same again
            faults += unfinished
            continue
        for text, message in (
            *_names(question, path, known),
            *_counts(question),
            *_speech(question),
            *_leaks(question),
            *((f"- **{name}", f'figure "{name}": {message}') for name, message in figure_faults(question)),
        ):
            faults.append(Fault(path, line_of(question.source, text), f"{question.id}: {message}"))
    return faults + _repeats(bank)


def line_of(source: str, text: str) -> int:
    """The line of `source` in which `text` begins (its first words), 1 when it is not there."""
    parts = [re.escape(p) for p in text.split()[:6]]
    match = re.search(r"\s+".join(parts), source) if parts else None
    return source.count("\n", 0, match.start()) + 1 if match else 1


def _names(q: Question, path: Path, known: Known) -> Iterator[Complaint]:
    if path.stem != q.id:
        yield "id:", f"the file is called {path.name}, its id is {q.id}"
    if path.parent.name != q.category.lower().replace(" ", "-"):
        yield "category:", f"the file lies in {path.parent.name}, its category is {q.category}"
    for key, values, there in (
        ("topics:", q.topics, known.topics),
        ("areas:", q.areas, known.areas),
        ("resources:", q.resources, known.resources),
        ("related:", q.related, known.questions),
    ):
        for value in values:
            if value not in there:
                yield key, f"there is no {key.removesuffix(':')} {value}"
    for point in q.points:
        for tag in point.study:
            if tag not in known.topics:
                yield point.text, f"{point.id} studies an unknown topic {tag}"
    if q.reference and not (path.parent / q.reference).is_file():
        yield "reference:", f"there is no file {q.reference} beside the question"


def _counts(q: Question) -> Iterator[Complaint]:
    words = count_words(statement_prose(q.statement))
    if words > STATEMENT_WORDS:
        yield q.statement, f"the statement has {words} words, at most {STATEMENT_WORDS}"
    if len(q.points) not in POINTS:
        yield "## Expected", f"{len(q.points)} points; there are {POINTS[0]} to {POINTS[-1]}"
    if len(q.follow_ups) != FOLLOW_UPS or len({f.move for f in q.follow_ups}) != FOLLOW_UPS:
        yield "## Follow-up", f"there are {FOLLOW_UPS} follow-ups, each with another move"
    if q.category != "Behavioral" and not {Move.CONSTRAIN, Move.INJECT_FAILURE} <= {f.move for f in q.follow_ups}:
        yield (
            "## Follow-up",
            "one follow-up changes a constraint (CONSTRAIN) and one injects a failure (INJECT_FAILURE)",
        )
    if len(q.not_first) not in NOT_FIRST:
        yield (
            "not_first:",
            f"{len(q.not_first)} words not to say first; there are {NOT_FIRST[0]} to {NOT_FIRST[-1]}",
        )
    if len(q.solution_paths) < 2:
        yield "## Solution Paths", "there are at least two valid solution paths"
    if len(q.wrong_claims) not in WRONG_CLAIMS:
        yield "## Wrong Claims", f"{len(q.wrong_claims)} wrong claims; there are three to five"
    if len(q.facts) not in FACTS:
        yield "## Facts", f"{len(q.facts)} facts; there are {FACTS[0]} to {FACTS[-1]}"
    if q.category in TESTED and not q.reference:
        yield "category:", f"a {q.category} question names a tested answer beside the file (reference:)"
    for point in q.points:
        if len(point.wordings) not in WORDINGS:
            yield point.text, f"{point.id} has {len(point.wordings)} other wordings; there are two to four"
        if len(point.study) not in STUDY:
            yield point.text, f"{point.id} names {len(point.study)} topics to study; there are one to three"
    for area in q.areas:
        if sum(p.area == area for p in q.points) < 2:
            yield "areas:", f"area {area} has fewer than two points"
    for phase in q.phases:
        if not any(p.phase == phase for p in q.points):
            yield "phases:", f"phase {phase} has no point"


def _speech(q: Question) -> Iterator[Complaint]:
    for point in q.points:
        if count_words(point.topic) > TOPIC_WORDS or point.topic.endswith((".", "?")):
            yield (
                point.topic,
                f"the topic of {point.id} is a noun phrase of at most {TOPIC_WORDS} words without a full stop",
            )
        if _CLAUSE.match(point.topic) or (point.topic[:1].isupper() and not point.topic[:2].isupper()):
            yield (
                point.topic,
                f"the topic of {point.id} is a noun phrase in lower case, not a clause: it is spoken behind "
                '"What about ..."',
            )
        in_turn = f"On {point.topic}: where would you begin?"
        if requests(point.topic) or len(requests(in_turn)) != 1 or verdicts(point.topic):
            yield point.topic, f"the topic of {point.id} asks for something or passes judgement where it is spoken"
    spoken = [(f.id, f.text) for f in q.follow_ups] + [(w.id, w.probe) for w in q.wrong_claims]
    spoken += [(f"hint {h.stage}", h.text) for h in q.hints]
    for id_, text in spoken:
        asked = len(requests(text))
        if asked != 1:
            yield text, f"{id_} makes {asked} requests; one question mark or one imperative"
        if count_words(text) > FOLLOW_UP_WORDS:
            yield text, f"{id_} has {count_words(text)} words, at most {FOLLOW_UP_WORDS}"
        if verdicts(text):
            yield text, f"{id_} passes judgement: {', '.join(verdicts(text))}"
        if len(sentences(text)) > SENTENCES:
            yield text, f"{id_} has {len(sentences(text))} sentences, at most {SENTENCES} with the request"
    told = [(f.id, f.text) for f in (*q.facts, *q.evidence)]
    for id_, text in spoken + told:
        if _MARKUP.search(text):
            yield text, f"{id_} has markup; it is read aloud as it stands"
    for id_, text in told:
        if requests(text):
            yield text, f"{id_} asks for something; a fact only tells"


def _runs(text: str) -> set[tuple[str, ...]]:
    """Every GIVEN_AWAY words in a row."""
    spoken = [w.text.lower() for w in words(text)]
    return {tuple(spoken[i : i + GIVEN_AWAY]) for i in range(len(spoken) - GIVEN_AWAY + 1)}


def _leaks(q: Question) -> Iterator[Complaint]:
    hidden = set().union(*(_runs(text) for p in q.points for text in (p.text, *p.wordings)))
    hidden |= set().union(*(_runs(w.consequence) for w in q.wrong_claims))
    given = set().union(*(_runs(text) for text in (q.statement, *q.requirements.values())))
    places = [("the statement", q.statement)]
    places += [(f"requirement {label}", text) for label, text in q.requirements.items()]
    places += [(f"the topic of {p.id}", p.topic) for p in q.points]
    places += [(f.id, f.text) for f in q.follow_ups]
    places += [(f"the probe of {w.id}", w.probe) for w in q.wrong_claims]
    places += [(f"hint {h.stage}", h.text) for h in q.hints if h.stage < 3]
    for name, text in places:
        for run in sorted(_runs(text) & hidden - given):
            yield text, f'{name} takes "{" ".join(run)}" from a point or a consequence: it would give that away'
        for word in find_phrases(text, q.not_first):
            yield text, f'{name} says "{word}", a word not to say first'


def _repeats(bank: Bank) -> list[Fault]:
    """Points and follow-ups that stand in two questions, compared by their content words."""
    faults: list[Fault] = []
    seen: dict[tuple[str, ...], str] = {}
    for q in (q for q in bank.questions.values() if TODO not in q.source):
        for id_, text in [(p.id, p.text) for p in q.points] + [(f.id, f.text) for f in q.follow_ups]:
            key = tuple(content_stems(text))
            if key in seen:
                line = line_of(q.source, text)
                faults.append(Fault(bank.paths[q.id], line, f"{q.id}: {id_} says the same as {seen[key]}"))
            seen.setdefault(key, f"{id_} of {q.id}")
    return faults
