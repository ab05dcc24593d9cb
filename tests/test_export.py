"""The exports: everything is in them, and what a candidate typed is read as typed."""

from __future__ import annotations

import json
from random import Random

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agents.export import as_json, as_markdown
from agents.export_card import card_lines
from agents.markdown_text import fenced, linked, literal, quoted
from agents.scorecard import Evidence, Scorecard
from agents.state import InterviewState, fold
from agents.wording import (
    ENDINGS,
    HINT_COSTS,
    MOVES,
    RUNGS,
    clock,
    conditions,
    flags_spelled,
    is_code,
    sorted_points,
    turn_numbers,
    verdict,
)
from knowledge.bank import load_bank
from knowledge.question import Question
from knowledge.resource import load_resources
from knowledge.terms import Move, Rung
from tests.scored_interview import CODE, DIAGRAM, FIRST, HINT, NASTY, NOTES, card_for, log

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@pytest.fixture(scope="module")
def question() -> Question:
    return load_bank().questions["SD06"]


@pytest.fixture(scope="module")
def state(question: Question) -> InterviewState:
    return fold(log(question, card_for(question)))


def shown(tokens: list[Token]) -> tuple[str, set[str]]:
    """What a reader sees of parsed Markdown, and the kinds of markup in it."""
    text, kinds = [], set()
    for token in tokens:
        kinds.add(token.type)
        for child in token.children or []:
            kinds.add(child.type)
            text.append("\n" if child.type in ("softbreak", "hardbreak") else child.content)
        if token.type in ("fence", "code_block"):
            text.append(token.content)
        if token.type in ("paragraph_close", "heading_close"):
            text.append("\n\n")
    return "".join(text).replace("\xa0", " "), kinds


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.replace("\t", "    ").split("\n") if line.strip()]


PROSE = {
    "blockquote_open",
    "blockquote_close",
    "paragraph_open",
    "paragraph_close",
    "inline",
    "text",
    "text_special",
    "hardbreak",
    "softbreak",
}


# What was typed is what is read


@pytest.mark.parametrize(
    "typed",
    [
        NASTY,
        "# no heading\n## none\n+ no\n* list\n- at\n12) all",
        "a\n---\nb\n===\nc\n***\n___",
        "<script>alert(1)</script> <!-- gone? --> <https://x.y>",
        "[a]: http://x.y\n[a] ![b](c) [d][e] [^1]",
        "| a | b |\n|---|---|\n| c | d |",
        "    four spaces\n\ttab\n  two   inside",
        "~~out~~ ~about~ **b** __c__ *d* _e_ `f` ``g``",
        "&amp; &#35; & AT&T \\ \\* \\\\",
        "```\nnever closed",
        "ends with a backslash\\\nand goes on  \nwith breaks",
        "> quoted\n>> twice",
        "x\n\n\n\ny",
    ],
)
def test_prose_is_read_as_typed(typed: str) -> None:
    text, kinds = shown(READER.parse(quoted(typed)))
    assert lines(text) == lines(typed)
    assert kinds <= PROSE


def test_any_keys_are_read_as_typed() -> None:
    random = Random(6)
    for _ in range(400):
        typed = "".join(random.choices("\\`*_{}[]()<>#+-=.!|$~:&1 a\n\t@/", k=40)).strip()
        if "```" in typed or not typed:
            continue
        text, kinds = shown(READER.parse(quoted(typed)))
        assert (lines(text), kinds <= PROSE) == (lines(typed), True), repr(typed)
        flat, kinds = shown(READER.parse(f"- {literal(typed)}"))
        assert flat.strip() == " ".join(typed.split()), repr(typed)


def test_closed_fence_becomes_code() -> None:
    tokens = READER.parse(quoted(CODE))
    fence = next(token for token in tokens if token.type == "fence")
    assert (fence.info, fence.content) == ("python", "def rate(x):\n    return x * 2  # `doubled`\n")
    assert lines(shown(tokens)[0])[0] == "Here it is:"


def test_fence_is_longer_than_any_inside() -> None:
    tokens = READER.parse("\n".join(fenced("", "a\n````\nb")))
    assert [token.content for token in tokens] == ["a\n````\nb\n"]


def test_link_with_awkward_title_and_address() -> None:
    (_, inline, _) = READER.parse(linked("A [b] *c*", "https://x.y/a_(b)>"))
    assert inline.children is not None
    assert inline.children[0].attrs["href"] == "https://x.y/a_(b)%3E"
    assert shown([inline])[0] == "A [b] *c*"


# The Markdown report


def test_report_has_everything(state: InterviewState, question: Question) -> None:
    text, _ = shown(READER.parse(as_markdown(state)))
    for part in (
        question.title,
        "Practice estimate. Practice only; not for hiring decisions.",
        "2.75 of 5 (range 2.25 to 3.50), assessed 40 % of the weight.",
        f"Approaching the bar for {question.difficulty}.",
        "1 of the 2 justified choices that this level asks for",
        "ML System Design: 2.5 of 5",
        "Python & OOP: not assessed",
        "capped at 2.5 by red flag “Cannot explain basic trade-offs”",
        question.points[1].text,
        "Money is lost (left standing)",
        "Technical depth: 3.5. One mechanism",
        f"Hint 2 (turn 4; {HINT_COSTS[2]})",
        load_resources()["R001"].title,
        "Practise next: DB01.",
        "quotes rejected: 1",
        "Interviewer · Gave a hint · Goal and requirements",
        FIRST,
        NOTES,
        "ended by the candidate",
    ):
        assert part in text, part
    assert load_resources()["R001"].url in as_markdown(state)
    assert f"```mermaid\n{DIAGRAM}\n```" in as_markdown(state)


def test_report_shows_the_nasty_answer_as_typed(state: InterviewState) -> None:
    text, kinds = shown(READER.parse(as_markdown(state)))
    assert all(line in text for line in lines(NASTY))
    assert not {"html_block", "html_inline", "table_open", "image", "s_open"} & kinds


def test_evidence_leads_to_its_turn(state: InterviewState) -> None:
    numbers = turn_numbers(state)
    report = as_markdown(state)
    places = {numbers[e.turn] for area in state.scorecard.areas for e in area.evidence}  # type: ignore[union-attr]
    for place in places:
        assert f"[turn {place}](#turn-{place})" in report
        assert f"### Turn {place}\n" in report


def test_code_among_the_evidence_keeps_its_lines(state: InterviewState) -> None:
    fences = [token.content for token in READER.parse(as_markdown(state)) if token.type == "fence"]
    assert "def rate(x):\n    return x * 2  # `doubled`\n" in fences


def test_unscored_and_unfinished_reports(question: Question) -> None:
    card = card_for(question).model_copy(
        update={"overall": None, "low": None, "high": None, "areas": (), "points": (), "unscored": "nothing was said"}
    )
    assert "**Not scored:** nothing was said." in as_markdown(fold(log(question, card)))
    unfinished = as_markdown(fold(log(question, None, finished=False)))
    assert "no scorecard yet" in unfinished
    assert "End:" not in unfinished


def test_report_outlives_the_things_it_names(question: Question) -> None:
    """A resource, a turn or a move that is no longer there leaves the rest standing."""
    card = card_for(question)
    lost = Evidence(point=None, turn=99, quote="gone")
    card = card.model_copy(update={"areas": (card.areas[0].model_copy(update={"evidence": (lost,)}),)})
    report = "\n".join(card_lines(card, fold(log(question, card))))
    assert "“gone” (a turn no longer shown)" in report
    assert "R999" not in report


# The JSON


def test_json_holds_the_interview(state: InterviewState, question: Question) -> None:
    data = json.loads(as_json(state))
    assert (data["format"], data["version"], data["question"]) == ("greenroom interview", 1, "SD06")
    assert "not for hiring decisions" in data["note"]
    assert Scorecard.model_validate(data["scorecard"]) == state.scorecard
    assert [turn["text"] for turn in data["transcript"] if turn["speaker"] == "candidate"] == [FIRST, NASTY, CODE]
    assert (data["notes"], data["diagram"]) == (NOTES, DIAGRAM)
    hint = next(turn for turn in data["transcript"] if turn["text"] == HINT)
    assert (hint["directive"]["move"], hint["directive"]["hint_stage"]) == ("HINT", 2)
    assert question.source not in as_json(state)


def test_exports_can_be_written_as_files(question: Question) -> None:
    """Half an emoji, which has no UTF-8 form."""
    events = log(question, card_for(question))
    broken = [e.model_copy(update={"text": "half \ud83d"}) if e.kind == "said" else e for e in events]
    for made in (as_markdown(fold(broken)), as_json(fold(broken))):
        assert made.encode("utf-8").decode() == made


# The words


def test_every_move_rung_and_ending_has_a_name() -> None:
    assert set(MOVES) == set(Move)
    assert set(RUNGS) == set(Rung)
    assert set(ENDINGS) == {"time", "candidate", "covered", "answers_ran_out", "no_answer"}


def test_conditions_are_said_in_plain_words(question: Question) -> None:
    card = card_for(question).model_copy(
        update={
            "bar_notes": (
                "ML System Design is below 3",
                "0 of 1 points held under a change",
                "2 of 3 differentiators shown",
                "red flag RF1",
                "something new",
            )
        }
    )
    assert conditions(card) == [
        "ML System Design is below 3, the least for this level",
        "0 of the 1 points that this level wants held under a changed constraint or a failure",
        "2 of the 3 signs of seniority that this level asks for",
        "Red flag “Cannot explain basic trade-offs”",
        "Something new",
    ]
    assert flags_spelled("RF10 and RF1", card) == "RF10 and red flag “Cannot explain basic trade-offs”"
    assert verdict(card.model_copy(update={"bar": None})) == ""


def test_points_are_sorted_by_what_became_of_them(question: Question) -> None:
    found = sorted_points(card_for(question))
    ids = [[p.id for p in group] for group in (found.reached, found.missed, found.untouched)]
    assert ids == [[p.id] for p in question.points[:3]]


@pytest.mark.parametrize(("minutes", "shown_as"), [(0, "0:00"), (12.5, "12:30"), (59.999, "60:00"), (75, "75:00")])
def test_clock(minutes: float, shown_as: str) -> None:
    assert clock(minutes) == shown_as


@pytest.mark.parametrize(
    ("quote", "code"), [("a\n  b", True), ("a:\n\tb", True), ("a b", False), ("One.\n\nTwo.", False)]
)
def test_what_counts_as_code(quote: str, code: bool) -> None:
    assert is_code(quote) is code
