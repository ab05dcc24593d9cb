"""The content rules, one by one: the fault, its line, and that nothing else is said; the shipped bank is clean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.bank import Bank, load_bank, planned
from knowledge.faults import Fault
from knowledge.lint import Known, line_of, lint
from knowledge.resource import load_resources, load_topics
from knowledge.rubric import load_rubric
from tests.sample_question import KNOWN, PATH, SAMPLE, line, sample, sample_question, write_sample

F1 = "The budget is halved. Which part of your plan gives way first?"
PROBE = "An estimate is made ten minutes ahead. Which reports are in its training row?"
TOPIC = "a satisfying result"
HINT = "Where does the time between a report and a screen go?"


def complaints(*changes: tuple[str, str], known: Known = KNOWN, path: Path = PATH) -> list[tuple[int, str]]:
    """(line, message without the id) of every fault that lint finds in a changed sample."""
    question = sample_question(*changes)
    bank = Bank({question.id: question}, {question.id: path}, ())
    found = lint(bank, known)
    assert all(f.path == path and f.message.startswith(f"{question.id}: ") for f in found)
    return [(f.line, f.message.removeprefix(f"{question.id}: ")) for f in found]


def without(start: str, end: str) -> tuple[str, str]:
    """A change that takes out the sample's text from `start` up to `end`."""
    begin = SAMPLE.index(start)
    return SAMPLE[begin : SAMPLE.index(end, begin)], ""


def test_the_shipped_bank_is_clean() -> None:
    bank, topics = load_bank(), load_topics()
    known = Known(load_rubric().areas, topics, load_resources(topics=topics), {*planned(), *bank.questions})
    assert bank.questions
    assert lint(bank, known) == []


def test_the_sample_is_clean_also_by_the_shipped_names() -> None:
    topics = load_topics()
    assert complaints() == []
    assert complaints(known=Known(load_rubric().areas, topics, load_resources(topics=topics), planned())) == []


def assert_one_fault(old: str, new: str, at: str, message: str) -> None:
    """A sample with `new` for `old` has one fault: it begins with `message`, its line with `at`."""
    found = complaints((old, new))
    assert [(n, m[: len(message)]) for n, m in found] == [(line(sample((old, new)), at), message)]


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("id: XX01", "id: XX02", "id:", "the file is called XX01.md, its id is XX02"),
        ("topics: [forecasting,", "topics: [weather,", "topics:", "there is no topics weather"),
        ("resources: [R085]", "resources: [R999]", "resources:", "there is no resources R999"),
        ("related: []", "related: [SD99]", "related:", "there is no related SD99"),
        ("- Study: forecasting", "- Study: weather", "Begins with", "P5 studies an unknown topic weather"),
        ("minutes: 30", "minutes: 30\nreference: a.py", "reference:", "there is no file a.py beside the question"),
    ],
)
def test_names_that_are_not_there(old: str, new: str, at: str, message: str) -> None:
    assert_one_fault(old, new, at, message)


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("Ostring runs", "word " * 75 + "Ostring runs", "word", "the statement has 95 words, at most 90"),
        (", fallback]", "]", "not_first:", "4 words not to say first; there are 5 to 10"),
        (", fallback]", ", a1, a2, a3, a4, a5, a6, a7]", "not_first:", "11 words not to say first; there are 5 to 10"),
        (*without("- **A learned", "\n## Eval"), "## Solution Paths", "there are at least two valid solution paths"),
        (*without("### W3", "## Solution"), "## Wrong Claims", "2 wrong claims; there are three to five"),
        (*without("- **Today:**", "\n## Hints"), "## Facts", "4 facts; there are 5 to 14"),
        (*without("- Or: Too late", "- Study"), "Says who", "P1 has 1 other wordings; there are two to four"),
        ("- Or: Too late", "- Or: a.\n- Or: b.\n- Or: c.\n- Or: Too late", "Says who", "P1 has 5 other wordings"),
        ("Study: forecasting", "Study: drift, caching, retraining, forecasting", "Begins with", "P5 names 4 topics"),
        ("Study: forecasting", "Study: ,", "Begins with", "P5 names 0 topics to study; there are one to three"),
        (*without("### F6", "## Wrong"), "## Follow-up", "there are 6 follow-ups, each with another move"),
        ("### F5 JUSTIFY", "### F5 DEEPEN", "## Follow-up", "there are 6 follow-ups, each with another move"),
        ("### F2 INJECT_FAILURE", "### F2 CLARIFY", "## Follow-up", "one follow-up changes a constraint (CONSTRAIN)"),
        ("### F1 CONSTRAIN", "### F1 CLARIFY", "## Follow-up", "one follow-up changes a constraint (CONSTRAIN)"),
    ],
)
def test_counts(old: str, new: str, at: str, message: str) -> None:
    assert_one_fault(old, new, at, message)


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        (TOPIC, "the measure " * 8, "- Topic: the measure", "the topic of P2 is a noun phrase"),
        (TOPIC, "the measure.", "- Topic: the measure", "the topic of P2 is a noun phrase"),
        (TOPIC, "a good result", "- Topic: a good", "the topic of P2 asks for something or"),
        (TOPIC, "order of steps", "- Topic: order", "the topic of P2 asks for something or"),
        (F1, "The budget is halved.", "The budget is halved.", "F1 makes 0 requests"),
        (F1, "What goes first, and why does it?\nWhat is next?", "What goes", "F1 makes 3 requests"),
        (PROBE, "It leaks.", "- Probe: It leaks.", "W1 makes 0 requests; one question mark or one imperative"),
        (HINT, "Look at the time.", "1. Look", "hint 1 makes 0 requests; one question mark or one imperative"),
        (F1, "word " * 45 + "which?", "word", "F1 has 46 words, at most 45"),
        (F1, "A good start. What next?", "A good", "F1 passes judgement: good"),
        (PROBE, "That is wrong. What now?", "- Probe: That", "W1 passes judgement: wrong"),
        (F1, "What does `rate` do?", "What does", "F1 has markup; it is read aloud as it stands"),
        (HINT, "What is *late*?", "1. What is", "hint 1 has markup; it is read aloud as it stands"),
        ("There are 300 trams.", "There are **300** trams.", "- **Vehicles:**", "fact-1 has markup; it is read aloud"),
        ("There are 300 trams.", "How many? 300 trams.", "- **Vehicles:**", "fact-1 asks for something"),
    ],
)
def test_what_is_said_aloud(old: str, new: str, at: str, message: str) -> None:
    assert_one_fault(old, new, at, message)


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("Ostring runs", "Ostring streams", "Ostring", 'the statement says "stream"'),
        ("two engineers", "a canary", "- **Constraints", 'requirement Constraints says "canary"'),
        ("the inputs of", "shadows of", "- Topic: shadows", 'the topic of P6 says "shadow"'),
        (F1, "Is there a fallback?", "Is there", 'F1 says "fallback"'),
        (PROBE, "Is there a stream?", "- Probe: Is", 'the probe of W1 says "stream"'),
        (HINT, "Is there a stream?", "1. Is", 'hint 1 says "stream"'),
    ],
)
def test_words_not_to_say_first(old: str, new: str, at: str, message: str) -> None:
    assert_one_fault(old, new, at, message)


def test_a_topic_is_no_question() -> None:
    found = complaints((TOPIC, "what counts?"))
    assert [m.split(" is a ")[0].split(" asks ")[0] for _, m in found] == ["the topic of P2"] * 3


def test_a_follow_up_that_stands_twice() -> None:
    found = complaints(("A line's radio is down for an hour. Describe what its riders read.", F1))
    assert found == [(line(SAMPLE, F1), "F2 says the same as F1 of XX01")]


def test_counts_of_points() -> None:
    fewer = complaints(without("### P8", "## Follow-up"), ("(P6, P8)", "(P6)"))
    assert [m for _, m in fewer] == ["7 points; there are 8 to 12"]
    begin, end = SAMPLE.index("### P7"), SAMPLE.index("## Follow-up")
    two = SAMPLE[begin:end].replace("Shows", "Then {n} shows").replace("Watches", "Then {n} watches")
    more = "".join(two.replace("P7", f"P{n}").replace("P8", f"P{n + 1}").format(n=n) for n in (20, 30, 40))
    found = complaints(("## Follow-up", f"{more}## Follow-up"))
    assert found == [(line(SAMPLE, "## Expected"), "14 points; there are 8 to 12")]


def test_every_area_has_two_points_and_every_phase_one() -> None:
    found = complaints(("SY · operation · Advanced", "SY · flow · Advanced"), ("ML · operation", "ML · model"))
    assert found == [(line(SAMPLE, "phases:"), "phase operation has no point")]
    assert [m for _, m in complaints(("areas: [SY, ML]", "areas: [SY, ML, PS]"))] == [
        "there is no areas PS",
        "area PS has fewer than two points",
    ]
    assert complaints(known=replace(KNOWN, areas={"SY"})) == [(line(SAMPLE, "areas:"), "there is no areas ML")]


def test_what_is_told_on_request_and_the_last_hint_may_say_the_words() -> None:
    assert complaints(("The printed timetable", "A stream"), ("hardest to foretell", "on the canary")) == []
    found = complaints(("when the number jumps", "on a canary"))
    assert found == [(line(SAMPLE, "2. What does"), 'hint 2 says "canary", a word not to say first')]


def test_code_in_the_statement_is_not_counted() -> None:
    fence = "\n\n```python\n" + "x = 1\n" * 50 + "```\n\n"
    assert complaints(("Design what", f"{fence}Design what")) == []


def test_the_folder_is_the_category() -> None:
    found = complaints(path=Path("coding/XX01.md"))
    assert found == [(line(SAMPLE, "category:"), "the file lies in coding, its category is System Design")]


def test_a_reference_beside_the_question_is_found(tmp_path: Path) -> None:
    path = write_sample(tmp_path, ("minutes: 30", "minutes: 30\nreference: XX01_reference.py"))
    path.with_name("XX01_reference.py").write_text("", encoding="utf-8")
    assert lint(load_bank(tmp_path), KNOWN) == []


def test_a_behavioural_question_needs_no_failure() -> None:
    question = replace(sample_question(("### F2 INJECT_FAILURE", "### F2 CLARIFY")), category="Behavioral")
    path = Path("behavioral/XX01.md")
    assert lint(Bank({"XX01": question}, {"XX01": path}, ()), KNOWN) == []


def test_questions_that_say_the_same_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    write_sample(tmp_path)
    copy = write_sample(tmp_path, ("id: XX01", "id: XX02"), name="XX02.md")
    broken = write_sample(tmp_path, ("minutes: 30", "minutes: 3"), name="XX03.md")
    known = replace(KNOWN, questions={"XX01", "XX02"})
    first, *repeats = lint(load_bank(tmp_path), known)
    assert first == Fault(broken, line(SAMPLE, "minutes:"), '"minutes" is a whole number from 5 to 120')
    assert len(repeats) == 8 + 6
    assert repeats[0] == Fault(copy, line(SAMPLE, "Says who"), "XX02: P1 says the same as P1 of XX01")


def test_all_faults_of_a_question_are_listed() -> None:
    found = complaints(("topics: [forecasting,", "topics: [weather,"), (F1, "A good stream."), ("(P6, P8)", "(P6)"))
    assert [m for _, m in found] == [
        "there is no topics weather",
        "F1 makes 0 requests; one question mark or one imperative",
        "F1 passes judgement: good",
        'F1 says "stream", a word not to say first',
    ]


def test_the_line_of_a_text() -> None:
    assert line_of("one\ntwo three\nfour", "three four") == 2
    assert line_of("a (b)\nc [d] *e", "[d] *e") == 2
    assert line_of("one\ntwo", "absent") == 1
    assert line_of("one\ntwo", "") == 1
