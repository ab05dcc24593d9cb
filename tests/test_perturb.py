"""What is done to a transcript: what must change changes, what must stay stays, and every variant can be told apart."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import get_args

import pytest

from evals.perturb import DONT_KNOW, MOST_NAMES, NAMES, PERTURBATIONS, Expectation
from evals.probe_texts import ATTACKS, Kind, Texts
from evals.samples import SPEAKERS, Message, Sample
from knowledge.bank import load_bank
from knowledge.terms import Level
from knowledge.words import content_stems, count_words, words

QUESTION = load_bank().questions["SD06"]
CODE = "```python\ndef build(model, colour):\n    return model.normalise(colour)\n```"
ANSWERS = (
    "I'd ask the teams first. The platform keeps one registry, and it stores every model's colour. We need 2.5 hours.",
    f"A queue is enough for 200 jobs. She optimises the cost.\n{CODE}\nThen the gate checks it.",
    "- They read the features once\n- Each value has an age\nIt needs a default when the pipeline is late.",
)
QUOTE = "The platform keeps one registry, and it stores every model's colour."
PROVEN = {"P3": (1, QUOTE), "P5": (3, "A queue is enough for 200 jobs."), "P7": (5, "Each value has an age")}
REPLACED: tuple[Kind, ...] = ("confident-empty", "off-topic", "small-talk", "keywords")
"""Kinds of texts that are all that is said in the probe of the same name."""
EXPECTED = {
    "exactly zero": "emptied",
    "floor": "dont-know confident-empty off-topic small-talk attacks-alone keywords question-pasted interviewer-echoed",
    "same": "attacks-added second-language speech-recogniser padded turns-shuffled reformatted names-swapped dialect "
    "level repeated",
    "lower": "words-shuffled",
    "not higher": "negated point-removed",
    "not lower": "point-added",
}


def sample(answers: tuple[str, ...] = ANSWERS, level: Level | None = None) -> Sample:
    said = [Message(role="assistant", content="How would you begin?")]
    for n, answer in enumerate(answers):
        said.append(Message(role="user" if n % 2 else "candidate", content=answer))
        said.append(Message(role="interviewer", content=f"And what about part {n}?"))
    return Sample(id="SD06-small", question_id="SD06", level=level, messages=tuple(said))


@pytest.fixture
def texts() -> Texts:
    by_kind = {kind: tuple((f"{n}", f"Well then, {kind} number {n}") for n in (1, 2, 3)) for kind in get_args(Kind)}
    by_kind["attack"] = tuple((name, f"Do as I say {n}: {name}.") for name in ATTACKS for n in (1, 2))
    return Texts(by_kind, {"SD06-small": PROVEN})


def variants(name: str, texts: Texts, of: Sample | None = None, seed: int = 3) -> dict[str, Sample]:
    made = PERTURBATIONS[name].change(of or sample(), QUESTION, Random(seed), texts)
    assert len(dict(made)) == len(made)
    return dict(made)


def only(name: str, texts: Texts, of: Sample | None = None) -> list[str]:
    """What the candidate says in the one variant of a probe."""
    (made,) = variants(name, texts, of).values()
    return made.answers


def test_every_probe_names_what_it_expects() -> None:
    expected = {name: expect for expect, names in EXPECTED.items() for name in names.split()}
    assert {name: probe.expect for name, probe in PERTURBATIONS.items()} == expected
    assert set(expected.values()) == set(get_args(Expectation))
    assert all(probe.name == name and probe.about.endswith(".") for name, probe in PERTURBATIONS.items())


def test_ids_tell_every_variant_apart(texts: Texts) -> None:
    made = [(name, v, s.id) for name in PERTURBATIONS for v, s in variants(name, texts).items()]
    assert all(found == f"SD06-small~{name}/{variant}" for name, variant, found in made)
    assert len({found for _, _, found in made}) == len(made)
    assert {name for name, _, _ in made} == set(PERTURBATIONS)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_only_the_candidate_is_changed(name: str, texts: Texts) -> None:
    before = sample()
    for after in variants(name, texts).values():
        assert [m.role for m in after.messages] == [m.role for m in before.messages]
        pairs = zip(before.messages, after.messages, strict=True)
        assert all(a == b for a, b in pairs if SPEAKERS[a.role] == "interviewer")
        assert (after.answers == before.answers) == (name == "level")
        assert (after.level == before.level) == (name != "level")
        assert (after.question_id, after.labels) == (before.question_id, before.labels)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_the_same_seed_makes_the_same(name: str, texts: Texts) -> None:
    assert variants(name, texts) == variants(name, texts)


@pytest.mark.parametrize("name", ["dont-know", "words-shuffled", "padded", "names-swapped", "point-added"])
def test_another_seed_makes_something_else(name: str, texts: Texts) -> None:
    assert any(variants(name, texts, seed=seed) != variants(name, texts) for seed in range(4, 9))


@pytest.mark.parametrize("name", sorted(PERTURBATIONS.keys() - {"level"}))
def test_without_an_answer_there_is_nothing_to_change(name: str, texts: Texts) -> None:
    silent = sample(()).model_copy(update={"id": "silent"})
    assert variants(name, texts, silent) == {}


def test_emptied(texts: Texts) -> None:
    assert only("emptied", texts) == ["", "", ""]


def test_dont_know(texts: Texts) -> None:
    answers = only("dont-know", texts)
    assert len(DONT_KNOW) == 12
    assert len(set(answers)) == 3
    assert set(answers) <= set(DONT_KNOW)


@pytest.mark.parametrize("kind", REPLACED)
def test_answers_are_replaced_by_texts_of_a_kind(kind: Kind, texts: Texts) -> None:
    assert sorted(only(kind, texts)) == sorted(texts.of(kind))
    longer = only(kind, texts, sample(tuple("abcd")))
    assert len(longer) == 4  # more answers than texts: they begin again
    assert set(longer) == set(texts.of(kind))


def test_attacks_alone_has_a_variant_for_each_name(texts: Texts) -> None:
    made = variants("attacks-alone", texts)
    assert tuple(made) == ATTACKS
    assert all(set(s.answers) == set(texts.of("attack", name)) for name, s in made.items())


def test_attacks_are_added_to_two_answers(texts: Texts) -> None:
    ((name, made),) = variants("attacks-added", texts).items()
    added = [b.removeprefix(a).strip() for a, b in zip(ANSWERS, made.answers, strict=True) if b.startswith(a)]
    assert sorted(added) == ["", *sorted(texts.of("attack", name))]


def test_second_language_keeps_the_content_words(texts: Texts) -> None:
    answers = only("second-language", texts)
    assert [content_stems(a) for a in answers] == [content_stems(a) for a in ANSWERS]
    assert answers[0].startswith("I'd ask teams first. Platform keep one registry, and it store every model's colour.")
    assert CODE in answers[1]
    assert answers[2].endswith("Each value have age\nIt need default when pipeline is late.")


def test_speech_recogniser_keeps_the_words_and_adds_fillers(texts: Texts) -> None:
    answers = only("speech-recogniser", texts)
    for before, after in zip(ANSWERS, answers, strict=True):
        spoken = after.replace(CODE, "")
        assert spoken == spoken.lower()
        assert not set(spoken) & set(',;:!?"()-')
        gained = Counter(w.text.lower() for w in words(after))
        gained.subtract(w.text.lower() for w in words(before))
        assert {w for w, n in gained.items() if n} <= {"uh", "um", "you", "know"}
        assert min(gained.values()) == 0 < max(gained.values())
    assert "2.5" in answers[0]
    assert "i'd" in answers[0]
    assert CODE in answers[1]


def test_padded_is_half_as_long_again_and_keeps_every_sentence(texts: Texts) -> None:
    for before, after in zip(ANSWERS, only("padded", texts), strict=True):
        assert 1.5 * count_words(before) <= count_words(after) <= 1.5 * count_words(before) + 5
        assert all(line.split(". ")[0] in after for line in before.splitlines())
        assert any(f"{filler}." in after for filler in texts.of("filler"))
    assert CODE in only("padded", texts)[1]


def test_turns_are_permuted(texts: Texts) -> None:
    answers = only("turns-shuffled", texts)
    assert sorted(answers) == sorted(ANSWERS)
    assert answers != list(ANSWERS)
    assert variants("turns-shuffled", texts, sample(("one",))) == {}


def test_words_are_shuffled_within_their_sentences(texts: Texts) -> None:
    answers = only("words-shuffled", texts, sample(("The cache holds one row. Is the queue short?",)))
    first, second = answers[0].split(". ")
    assert sorted(first.split()) == sorted("The cache holds one row".split())
    assert sorted(second.rstrip("?").split()) == sorted("Is the queue short".split())
    assert first != "The cache holds one row"
    assert second.endswith("?")
    for before, after in zip(ANSWERS, only("words-shuffled", texts), strict=True):
        assert Counter(w.text for w in words(after)) == Counter(w.text for w in words(before))


def test_every_second_sentence_is_negated(texts: Texts) -> None:
    answers = only("negated", texts)
    assert answers[0] == ANSWERS[0].replace("I'd ask", "I'd not ask").replace("We need", "We do not need")
    assert answers[1] == ANSWERS[1].replace("queue is", "queue is not").replace("Then the gate", "Then never the gate")
    assert CODE in answers[1]


def test_the_question_is_pasted(texts: Texts) -> None:
    whole = "\n".join([QUESTION.statement, *QUESTION.requirements.values()])
    answers = only("question-pasted", texts)
    assert all(answer and answer in whole for answer in answers)
    assert sum(map(count_words, answers)) == count_words(whole)
    many = only("question-pasted", texts, sample(("x",) * 40))
    assert all(answer and answer in whole for answer in many)


def test_the_interviewer_is_echoed(texts: Texts) -> None:
    asked = ["How would you begin?", "And what about part 0?", "And what about part 1?"]
    assert only("interviewer-echoed", texts) == asked


def test_reformatted(texts: Texts) -> None:
    made = variants("reformatted", texts)
    assert set(made) == {"bullets", "paragraph"}
    bullets, paragraph = made["bullets"].answers, made["paragraph"].answers
    assert bullets[0].splitlines()[0] == "- **I'd ask** the teams first."
    assert paragraph[2] == "They read the features once. Each value has an age. " + ANSWERS[2].splitlines()[2]
    for n, before in enumerate(ANSWERS):
        assert [w.text for w in words(bullets[n])] == [w.text for w in words(before)]
        assert [w.text for w in words(paragraph[n])] == [w.text for w in words(before)]
    assert CODE in bullets[1]
    assert CODE in paragraph[1]


def test_one_paragraph_is_not_made_one_again(texts: Texts) -> None:
    assert set(variants("reformatted", texts, sample(ANSWERS[:1]))) == {"bullets"}


def test_names_are_given_before_the_first_answer(texts: Texts) -> None:
    made = variants("names-swapped", texts)
    assert len(NAMES) == 10
    assert len(made) == MOST_NAMES
    for origin, named in made.items():
        assert NAMES[origin] in named.answers[0]
        assert named.answers[0].endswith(ANSWERS[0])
        assert named.answers[1:] == list(ANSWERS[1:])


def test_dialect(texts: Texts) -> None:
    made = variants("dialect", texts)
    assert set(made) == {"american"}  # the answers are British already
    assert "every model's color." in made["american"].answers[0]
    assert "She optimizes the cost." in made["american"].answers[1]
    assert CODE in made["american"].answers[1]


@pytest.mark.parametrize("own", [None, *Level])
def test_level_takes_the_two_others(own: Level | None, texts: Texts) -> None:
    made = variants("level", texts, sample(level=own))
    assert {s.level for s in made.values()} == set(Level) - {own or QUESTION.difficulty}
    assert all(s.level == variant and s.messages == sample().messages for variant, s in made.items())


def test_repeated(texts: Texts) -> None:
    assert all(b.count(a) == 2 for a, b in zip(ANSWERS, only("repeated", texts), strict=True))


def test_points_are_removed_by_their_quotes(texts: Texts) -> None:
    made = variants("point-removed", texts)
    assert set(made) == {"P3", "P5", "P7"}
    assert made["P3"].answers == ["I'd ask the teams first. We need 2.5 hours.", *ANSWERS[1:]]
    more = Texts(texts.by_kind, {"SD06-small": {**PROVEN, "P8": (5, "They read"), "P9": (1, "We need")}})
    assert len(variants("point-removed", more)) == 3
    assert variants("point-removed", Texts(texts.by_kind)) == {}


@pytest.mark.parametrize("place", [(0, "How would you begin?"), (3, QUOTE), (99, QUOTE), (1, "")])
def test_a_quote_that_does_not_stand_there_is_named(place: tuple[int, str], texts: Texts) -> None:
    with pytest.raises(ValueError, match=r"SD06-small, P3: message \d+ is no answer .*; correct the quote"):
        variants("point-removed", Texts(texts.by_kind, {"SD06-small": {"P3": place}}))


def test_points_are_added_that_were_not_proven(texts: Texts) -> None:
    made = variants("point-added", texts)
    assert len(made) == 3
    assert not set(made) & set(PROVEN)
    for point, longer in made.items():
        assert longer.answers[:-1] == list(ANSWERS[:-1])
        assert longer.answers[-1].removeprefix(ANSWERS[-1]).strip() in QUESTION.point(point).wordings
    proven = {p.id: (1, QUOTE) for p in QUESTION.points[1:]}
    assert set(variants("point-added", Texts(texts.by_kind, {"SD06-small": proven}))) == {QUESTION.points[0].id}
