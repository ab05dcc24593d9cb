"""Front matter: every fault of it at its line, and no consequences of it reported as faults of their own."""

from __future__ import annotations

import pytest

from tests.sample_question import SAMPLE, faults, line, only, sample, sample_question


def test_front_matter_that_is_missing_costs_one_fault() -> None:
    body = SAMPLE.split("---\n", 2)[2]
    assert only(body) == (1, "the file begins with front matter between two lines of ---")
    assert only("---\n" + "\n".join(SAMPLE.split("---\n", 2)[1:]))[0] == 1


def test_an_empty_file_says_so() -> None:
    found = faults("")
    assert found[0] == (1, "the file begins with front matter between two lines of ---")
    assert (1, 'section "## Facts" is missing') in found


@pytest.mark.parametrize(
    ("old", "new", "at", "part"),
    [
        (
            "topics: [forecasting, serving-realtime]",
            "topics: [forecasting",
            "topics:",
            "not YAML: while parsing a flow sequence",
        ),
        ("title: When", "title: 'When", "title:", "not YAML: while scanning a quoted scalar"),
        ("minutes: 30", "minutes: \x07", "minutes:", "characters are not allowed"),
        ("minutes: 30", "\tminutes: 30", "\tminutes", "not YAML"),
    ],
)
def test_front_matter_that_is_not_yaml(old: str, new: str, at: str, part: str) -> None:
    text = sample((old, new))
    number, message = only(text)
    assert number == line(text, at)
    assert part in message


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("minutes: 30", "colour: red\nminutes: 30", "colour:", 'unknown key "colour"'),
        ("minutes: 30", "minutes: 30\nminutes: 45", "minutes: 45", '"minutes" stands here a second time'),
        ("title: When the next tram comes", "title: 2024-13-45", "title:", '"title" is missing or not text'),
        ("title: When the next tram comes", "title:", "title:", '"title" is missing or not text'),
        ("title: When the next tram comes", "title: [a]", "title:", '"title" is missing or not text'),
        ("id: XX01\n", "", "---", '"id" is missing or not text'),
        ("minutes: 30", "minutes: 4", "minutes:", '"minutes" is a whole number from 5 to 120'),
        ("minutes: 30", "minutes: 121", "minutes:", '"minutes" is a whole number from 5 to 120'),
        ("minutes: 30", "minutes: 30.0", "minutes:", '"minutes" is a whole number from 5 to 120'),
        ("minutes: 30", "minutes: yes", "minutes:", '"minutes" is a whole number from 5 to 120'),
        ("minutes: 30", "minutes: half an hour", "minutes:", '"minutes" is a whole number from 5 to 120'),
        ("minutes: 30\n", "", "---", '"minutes" is a whole number from 5 to 120'),
        ("topics: [forecasting, serving-realtime]", "topics: []", "topics:", '"topics" must not be empty'),
        ("resources: [R085]", "resources: R085", "resources:", '"resources" is a list of texts'),
        ("resources: [R085]", "resources: [[R085]]", "resources:", '"resources" is a list of texts'),
        ("resources: [R085]", "resources: [R085, '']", "resources:", '"resources" is a list of texts'),
        ("resources: [R085]", "resources: [R085, no]", "resources:", '"resources" is a list of texts'),
        ("resources: [R085]", "resources: [R085, R085]", "resources:", '"resources" has R085 twice'),
        ("related: []\n", "", "---", '"related" is a list of texts'),
        ("difficulty: Advanced", "difficulty: Senior", "difficulty:", 'unknown difficulty "Senior"'),
        ("phases: [goal,", "phases: [goal, sketch,", "phases:", 'unknown phase "sketch"'),
        ("minutes: 30", "minutes: 30\nreference: [a.py]", "reference:", '"reference" is missing or not text'),
    ],
)
def test_faults_of_the_front_matter(old: str, new: str, at: str, message: str) -> None:
    text = sample((old, new))
    found = faults(text)
    assert (found[0][0], found[0][1][: len(message)]) == (line(text, at), message)


def test_texts_of_a_list_are_taken_as_written() -> None:
    q = sample_question(
        ("sources: [own]", "sources: [1.10, 0123, 2024-02-30, 'no']"), ("minutes: 30", "minutes: 30\nreference:")
    )
    assert q.sources == ("1.10", "0123", "2024-02-30", "no")
    assert q.reference is None


def test_an_unknown_category_names_the_known_ones_and_no_consequence() -> None:
    number, message = only(sample(("category: System Design", "category: Systems")))
    assert number == line(SAMPLE, "category:")
    assert message.startswith('unknown category "Systems"; one of System Design, Data Pipeline')


def test_a_missing_category_is_one_fault() -> None:
    assert only(sample(("category: System Design\n", ""))) == (1, '"category" is missing or not text')
