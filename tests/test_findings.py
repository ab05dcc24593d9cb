"""Red flags and differentiators, each confirmed and not confirmed, on turns written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from agents.events import AnswerKind
from agents.findings import differentiators, red_flags
from agents.scorecard import Finding
from knowledge.bank import load_bank
from knowledge.rubric import load_rubric
from knowledge.terms import Move, Rung
from tests.read_by_hand import Talk, fact

BANK = load_bank().questions
RUBRIC = load_rubric()
PLAIN = "The worker reads the log and writes the list into memory for the next page."
WEIGHED = "I rejected a hosted endpoint, since another hop costs ten milliseconds of the hundred and fifty."
NO_ERRORS = "```python\ndef process(batch):\n    return [convert(r) for r in batch]\n```"
SWALLOWED = "```python\ntry:\n    out.append(convert(r))\nexcept Exception:\n    pass\n```"
HANDLED = "```python\nif r.get('id') is None:\n    raise Refused('missing', 'id')\n```"
RETRAIN = "I'd retrain the model with more training data and a deeper architecture of the model."


def flags(talk: Talk) -> dict[str, Finding]:
    return {f.id: f for f in red_flags(talk.transcript, RUBRIC, talk.reading)}


def shown(talk: Talk) -> dict[str, Finding]:
    return {f.id: f for f in differentiators(talk.transcript, RUBRIC, talk.reading)}


def sd02() -> Talk:
    return Talk(BANK["SD02"])


def cd01() -> Talk:
    return Talk(BANK["CD01"])


def why(*answers: str) -> Talk:
    talk = sd02()
    for text, move in zip(answers, (Move.JUSTIFY, Move.COMPARE, Move.JUSTIFY), strict=False):
        talk.exchange(move, "P3", text)
    return talk


def test_a_plain_interview_has_no_findings() -> None:
    talk = sd02().exchange(Move.OPEN, None, PLAIN).exchange(Move.DEEPEN, "P3", PLAIN)
    assert flags(talk) == shown(talk) == {}


def test_rf1_two_reasons_asked_for_and_nothing_weighed() -> None:
    found = flags(why(PLAIN, PLAIN))
    assert list(found) == ["RF1"]
    assert [e.turn for e in found["RF1"].evidence] == [2, 6]
    assert all(e.quote in PLAIN for e in found["RF1"].evidence)


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(why(PLAIN), id="one question"),
        pytest.param(why(PLAIN, WEIGHED), id="weighed once"),
        pytest.param(why(PLAIN).exchange(Move.COMPARE, "P3", "", kind=AnswerKind.STUCK), id="silence"),
        pytest.param(why().exchange(Move.DEEPEN, "P3", PLAIN).exchange(Move.DEEPEN, "P4", PLAIN), id="not asked why"),
    ],
)
def test_rf1_not_confirmed(talk: Talk) -> None:
    assert "RF1" not in flags(talk)


@pytest.mark.parametrize("code", [NO_ERRORS, SWALLOWED])
def test_rf2_code_without_handling_and_none_after_a_prompt(code: str) -> None:
    found = flags(cd01().exchange(Move.EXPLORE, "P2", code).exchange(Move.DEEPEN, "P6", PLAIN))
    assert list(found) == ["RF2"]
    assert [e.turn for e in found["RF2"].evidence] == [2, 6]


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(cd01().exchange(Move.EXPLORE, "P2", PLAIN).exchange(Move.DEEPEN, "P6", PLAIN), id="no code"),
        pytest.param(cd01().exchange(Move.EXPLORE, "P2", NO_ERRORS), id="no prompt"),
        pytest.param(
            cd01().exchange(Move.EXPLORE, "P2", NO_ERRORS).exchange(Move.DEEPEN, "P8", PLAIN), id="prompt about threads"
        ),
        pytest.param(
            cd01().exchange(Move.EXPLORE, "P2", NO_ERRORS).exchange(Move.DEEPEN, "P6", "", kind=AnswerKind.STUCK),
            id="silence",
        ),
        pytest.param(
            cd01().exchange(Move.EXPLORE, "P2", HANDLED).exchange(Move.DEEPEN, "P6", PLAIN), id="handled in code"
        ),
        pytest.param(
            cd01().exchange(Move.EXPLORE, "P2", NO_ERRORS).exchange(Move.DEEPEN, "P6", "I'd reject such a record."),
            id="described later",
        ),
    ],
)
def test_rf2_not_confirmed(talk: Talk) -> None:
    assert "RF2" not in flags(talk)


def test_rf3_asked_twice_about_operation_and_no_signal() -> None:
    talk = (
        sd02().exchange(Move.EXPLORE, "P12", "It will be fine.").exchange(Move.DEEPEN, "P12", PLAIN.replace("log", "x"))
    )
    found = flags(talk)
    assert list(found) == ["RF3"]
    assert len({e.turn for e in found["RF3"].evidence}) == 2


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(sd02().exchange(Move.EXPLORE, "P12", "It will be fine."), id="asked once"),
        pytest.param(
            sd02().exchange(Move.EXPLORE, "P12", "Fine.").exchange(Move.DEEPEN, "P12", "An alert per feed."),
            id="signal",
        ),
        pytest.param(
            sd02()
            .exchange(Move.EXPLORE, "P3", "A dashboard shows the age.")
            .exchange(Move.EXPLORE, "P12", "Fine.")
            .exchange(Move.DEEPEN, "P12", "Fine."),
            id="signal before",
        ),
        pytest.param(
            sd02().exchange(Move.EXPLORE, "P11", "Fine.").exchange(Move.DEEPEN, "P11", "Fine."), id="asked about money"
        ),
    ],
)
def test_rf3_not_confirmed(talk: Talk) -> None:
    assert "RF3" not in flags(talk)


def experience(*own: bool) -> Talk:
    talk = sd02()
    for case in own:
        talk.exchange(Move.EXPERIENCE, "P3", "We did that, more or less.", own_case=case)
    return talk


def test_rf4_two_probes_into_a_project_and_no_fact() -> None:
    assert list(flags(experience(False, False))) == ["RF4"]


@pytest.mark.parametrize("own", [(False,), (False, True), (True, True), ()])
def test_rf4_not_confirmed(own: tuple[bool, ...]) -> None:
    assert "RF4" not in flags(experience(*own))


def test_rf5_only_the_model_is_ever_changed() -> None:
    talk = sd02().exchange(Move.CONSTRAIN, "P3", RETRAIN).exchange(Move.INJECT_FAILURE, "P10", RETRAIN)
    found = flags(talk)
    assert list(found) == ["RF5"]
    assert {e.quote for e in found["RF5"].evidence} == {RETRAIN}


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(sd02().exchange(Move.CONSTRAIN, "P3", RETRAIN), id="pressed once"),
        pytest.param(
            sd02()
            .exchange(Move.CONSTRAIN, "P3", RETRAIN)
            .exchange(Move.CONSTRAIN, "P4", "Then a cache and fewer replicas."),
            id="adapts later",
        ),
        pytest.param(
            sd02().exchange(Move.DEEPEN, "P3", RETRAIN).exchange(Move.DEEPEN, "P4", RETRAIN), id="never pressed"
        ),
    ],
)
def test_rf5_not_confirmed(talk: Talk) -> None:
    assert "RF5" not in flags(talk)


def test_a_flag_needs_as_many_answers_as_its_rubric_says() -> None:
    strict = {**RUBRIC.red_flags, "RF1": replace(RUBRIC.red_flags["RF1"], opportunities=3)}
    talk = why(PLAIN, PLAIN)
    assert red_flags(talk.transcript, replace(RUBRIC, red_flags=strict), talk.reading) == []


def test_flags_of_another_rubric_are_left_to_other_readers() -> None:
    other = {"X9": replace(RUBRIC.red_flags["RF1"], id="X9")}
    assert red_flags(why(PLAIN, PLAIN).transcript, replace(RUBRIC, red_flags=other), why(PLAIN, PLAIN).reading) == []


def asks_first(
    use: str, question: str = "How many are active? And how large is the catalogue?", told: bool = True
) -> Talk:
    talk = sd02().exchange(Move.OPEN, None, question, kind=AnswerKind.FACT_QUESTION)
    talk.ask(Move.ANSWER, cleared=fact("3.2 million come in two weeks.") if told else None)
    return talk.say(use)


USED = "With 3.2 million visitors in two weeks the lists fit into one node."
WAYS = "There are two options: a ready list or scoring at the request. I'd go with the second, the price is 25 ms."
WEIGHED_ALL = (
    "I keep it in memory because the next page comes within twenty-five seconds. A table on disk would also work, "
    "and I'd switch if the volume grows; the downside is the price of the nodes."
)
UPKEEP = "Each alert has an owner who is on call. The memory nodes cost 960 dollars a month."
SIGNAL = "I'd alert when the age of the oldest waiting action passes a minute."


@pytest.mark.parametrize(
    ("finding", "talk"),
    [
        ("DF1", asks_first(USED)),
        ("DF2", sd02().exchange(Move.DEEPEN, "P3", WEIGHED_ALL)),
        ("DF3", sd02().exchange(Move.DEEPEN, "P3", SIGNAL, reached={"P12": Rung.EXPLAINED})),
        ("DF4", sd02().exchange(Move.DEEPEN, "P3", UPKEEP)),
        ("DF5", sd02().exchange(Move.DEEPEN, "P3", WAYS)),
    ],
)
def test_a_differentiator_is_shown_by_literal_quotes(finding: str, talk: Talk) -> None:
    found = shown(talk)
    assert finding in found
    assert found[finding].evidence
    assert all(talk.transcript.contains(e.turn, e.quote) for e in found[finding].evidence)


@pytest.mark.parametrize(
    ("finding", "make"),
    [
        ("DF1", lambda: asks_first(PLAIN)),  # asked, told, and nothing made of it
        ("DF1", lambda: asks_first(USED, told=False)),
        ("DF1", lambda: asks_first(USED, "How many are active?")),
        ("DF1", lambda: sd02().exchange(Move.OPEN, None, PLAIN).exchange(Move.DEEPEN, "P3", USED)),
        ("DF1", lambda: asks_first("There are 3 zones.")),  # a lone digit turns up by chance
        ("DF2", lambda: sd02().exchange(Move.JUSTIFY, "P3", WEIGHED_ALL)),  # asked for
        ("DF2", lambda: sd02().exchange(Move.DEEPEN, "P3", WEIGHED)),  # no condition
        ("DF3", lambda: sd02().exchange(Move.EXPLORE, "P12", SIGNAL, reached={"P12": Rung.EXPLAINED})),  # asked for
        ("DF3", lambda: sd02().exchange(Move.DEEPEN, "P3", SIGNAL, reached={"P12": Rung.MENTIONED})),
        ("DF4", lambda: sd02().exchange(Move.DEEPEN, "P3", "The nodes cost 960 dollars a month.")),  # one of three
        ("DF4", lambda: sd02().exchange(Move.DEEPEN, "P3", "The role of the cache is small. It costs 9 dollars.")),
        ("DF5", lambda: sd02().exchange(Move.DEEPEN, "P3", "There are two options, a list and a score.")),  # undecided
        ("DF5", lambda: sd02().exchange(Move.DEEPEN, "P3", WAYS, kind=AnswerKind.PASTE)),
    ],
)
def test_a_differentiator_is_not_shown(finding: str, make: Callable[[], Talk]) -> None:
    assert finding not in shown(make())
