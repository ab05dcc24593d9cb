"""How directives become words: the turn rules, the candidate's own words, and enough variety to sound like a person."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from agents.events import AnswerKind, Cleared, Directive
from agents.interviewer import LocalInterviewer, agrees, faults, leaks, opening, reveal
from knowledge.bank import load_bank
from knowledge.terms import Level, Move, Rung
from prompts import phrasings
from tests.hand_made import START, Log, opened, seen

K = AnswerKind
TOPICS = sorted({(q.id, p.id) for q in load_bank().questions.values() for p in q.points})
SPEAKER = LocalInterviewer()


def words_for(log: Log, move: Move, target: str = "P3", **fields: object) -> str:
    """What the interviewer says for a directive about a point."""
    point = log.state.question.point(target)
    directive = Directive(move=move, phase=point.phase, target=target, topic=point.topic).model_copy(update=fields)
    text = SPEAKER.words(log.state, directive)
    assert faults(text, directive, log.state) == []
    return text


def openings(log: Log) -> list[str]:
    return [" ".join(t.text.split()[:2]) for t in log.state.asked[1:]]


@pytest.mark.parametrize("move", [m for m in Move if m not in (Move.OPEN, Move.WRAP_UP)])
def test_every_move_has_words_with_and_without_the_candidate_s(move: Move) -> None:
    log = opened()
    item = Cleared(kind="fact", id="fact-1", text="There are 300 trams.")
    ready = item if move in (Move.ANSWER, Move.GIVE_EVIDENCE) else None
    ready = Cleared(kind="hint", id="hint-1", text="Where does the time go?") if move is Move.HINT else ready
    detail = "attack" if move is Move.BOUNDARY else ""
    texts = [words_for(log, move, anchor=anchor, cleared=ready, detail=detail) for anchor in ("", "your event log")]
    assert all(texts)
    assert "{" not in "".join(texts)


@pytest.mark.parametrize(("question", "point"), TOPICS)
def test_every_topic_of_the_bank_can_be_spoken_about(question: str, point: str) -> None:
    log = opened(question=load_bank().questions[question])
    moves = (
        Move.EXPLORE,
        Move.CLOSE_PHASE,
        Move.NUMBER,
        Move.DEEPEN,
        Move.JUSTIFY,
        Move.COMPARE,
        Move.SPLIT,
        Move.REDIRECT,
    )
    texts = [words_for(log, move, point) for move in moves]
    texts += [words_for(log, Move.BOUNDARY, point, detail=detail) for detail in ("attack", "wants_answer")]
    assert all(log.state.question.point(point).topic in text for text in texts)


def test_the_opening_gives_format_clock_hints_and_the_problem_as_written() -> None:
    log = opened(minutes=45)
    text = log.state.asked[0].text
    assert text == opening(log.state)
    assert "45 minutes hold about 14 exchanges" in text
    assert "You can have hints; they go into the record." in text
    assert f"\n\n{log.state.question.statement}\n\n" in text
    assert text.endswith("Where would you like to begin?")
    assert (
        opened(minutes=45, pace="spoken").state.asked[0].text.count("We have 45 minutes, which is about 25 exchanges")
    )
    assert "about 1 exchange;" in opened(minutes=5).state.asked[0].text


def test_no_opening_gives_a_word_away() -> None:
    for question in load_bank().questions.values():
        state = opened(question=question).state
        assert leaks(opening(state), Directive(move=Move.OPEN, phase=state.phase), state) == []


def test_the_candidate_s_words_come_back_in_the_question() -> None:
    for move in (Move.DEEPEN, Move.JUSTIFY, Move.COMPARE, Move.CONSTRAIN, Move.EXPLORE, Move.CLARIFY):
        assert "your event log" in words_for(opened(), move, anchor="your event log").lower()


@pytest.mark.parametrize(
    "anchor",
    [
        "your **log**",
        "your log? Explain it",
        "your great log",
        "`log`",
        "your log\n\nSYSTEM",
        "your " + "long " * 60 + "log",
        "your {topic}",
        "your shadow",  # a word not to say first
    ],
)
def test_words_that_would_break_a_rule_give_way_to_a_plain_wording(anchor: str) -> None:
    log = opened()
    text = words_for(log, Move.DEEPEN, anchor=anchor)
    assert text in {t.format(topic="the way of a report to the screen") for t in phrasings()["DEEPEN"]["plain"]}


def test_without_words_of_the_candidate_the_topic_says_what_is_meant() -> None:
    log = opened()
    for move in (Move.DEEPEN, Move.JUSTIFY, Move.COMPARE):
        assert "the way of a report to the screen" in words_for(log, move)


def test_only_what_the_candidate_brought_in_is_called_a_choice() -> None:
    assert "your index" in words_for(opened(), Move.JUSTIFY, anchor="your index").lower()
    assert "index" not in words_for(opened(), Move.JUSTIFY, anchor="the index")
    assert "the index" in words_for(opened(), Move.DEEPEN, anchor="the index").lower()


def test_several_things_are_not_spoken_of_as_one() -> None:
    said = {
        words_for(opened(at=START + timedelta(days=day)), move, anchor="your retries")
        for day in range(40)
        for move in (Move.DEEPEN, Move.JUSTIFY, Move.CONSTRAIN, Move.INJECT_FAILURE)
    }
    assert len(said) > 8
    assert not any(f"retries {verb} " in text for text in said for verb in ("is", "has", "falls", "fails"))
    assert not agrees("{Anchor} is still a box to me.", "your retries")
    assert agrees("{Anchor} is still a box to me.", "your cache")
    assert not agrees("Stay with {anchor}.", "")


def test_a_word_is_free_once_the_candidate_has_said_it_or_a_fact_has_told_it() -> None:
    log = opened()
    directive = Directive(move=Move.DEEPEN, phase="flow", target="P3")
    assert leaks("Stay with the fallbacks.", directive, log.state) == ["fallback"]
    told = directive.model_copy(update={"told_first": Cleared(kind="fact", id="f", text="There is a fallback.")})
    assert leaks("There is a fallback. And then?", told, log.state) == []
    assert leaks("Stay with the fallback.", directive.model_copy(update={"hint_stage": 3}), log.state) == []
    log.answer(seen(K.VAGUE), text="I'd have a fallback.")
    assert leaks("Stay with the fallbacks.", directive, log.state) == []
    log.ask(Move.HINT, "P3", text="And a shadow?", hint_stage=2, cleared=Cleared(kind="hint", id="hint-2", text="?"))
    assert leaks("Stay with the shadow.", directive, log.state) == ["shadow"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("And then? And what else?", "makes 2 requests"),
        ("I see.", "makes 0 requests"),
        ("Great. What comes next?", "passes judgement: great"),
        ("What about a canary?", "says first: canary"),
        ("What " + "very " * 60 + "much?", "has 62 words"),
    ],
)
def test_faults_name_the_broken_rule(text: str, fault: str) -> None:
    assert faults(text, Directive(move=Move.CLARIFY, phase="goal"), opened().state) == [fault]


def test_a_fact_told_first_does_not_count_as_the_interviewer_s_words() -> None:
    log = opened()
    fact = Cleared(kind="fact", id="fact-1", text=" ".join(["Trams run."] * 25))
    text = words_for(log, Move.EXPLORE, told_first=fact, anchor="your event log")
    assert text.startswith(fact.text)
    assert len(text.split()) > len(fact.text.split())


def talk(log: Log, answers: int = 12) -> Log:
    """An interview in which every answer explains something; ladder and topics alternate."""
    points = itertools.cycle(p.id for p in log.state.question.points)
    for point in itertools.islice(points, answers):
        rung = Rung.EXPLAINED if int(point[1:]) % 2 else Rung.MENTIONED
        anchor = f"your {('event log', 'cheap cache', 'vector index')[int(point[1:]) % 3]}"
        if log.reply(seen(K.EXPLAINED, (point, rung), anchor=anchor, quote=f"I keep {anchor}."), 1.0) is None:
            break
    return log


@pytest.mark.parametrize("question", ["SD02", "SD06", "DB01"])
def test_the_same_log_gives_the_same_words_and_another_interview_others(question: str) -> None:
    asked = load_bank().questions[question]
    logs = [talk(opened(question=asked, minutes=75, at=START + timedelta(minutes=7 * i))) for i in range(5)]
    again = talk(opened(question=asked, minutes=75))
    said = [[t.text for t in log.state.asked[1:]] for log in logs]
    assert [t.text for t in again.state.asked[1:]] == said[0]
    assert len({tuple(texts) for texts in said}) >= 4


@pytest.mark.parametrize("question", ["SD02", "SD06", "DB01"])
def test_turns_open_differently_and_no_wording_comes_back_soon(question: str) -> None:
    for day in range(5):
        at = START + timedelta(days=day)
        log = talk(opened(question=load_bank().questions[question], minutes=75, at=at, level=Level.EXPERT), 18)
        begun = openings(log)
        assert len(begun) >= 10
        assert sum(a == b for a, b in itertools.pairwise(begun)) <= 1
        assert len(set(begun)) >= 0.6 * len(begun)
        assert len({t.text for t in log.state.asked}) == len(log.state.asked)


def test_a_turn_does_not_open_with_the_words_of_the_one_before() -> None:
    for template in phrasings()["EXPLORE"]["plain"]:
        begun = " ".join(template.split()[:2])
        for day in range(12):
            log = opened(at=START + timedelta(days=day))
            log.ask(Move.CLARIFY, "P1", text=f"{begun} else?")
            assert not words_for(log, Move.EXPLORE).startswith(begun)


def test_a_wording_is_used_again_only_after_the_others() -> None:
    log, said = opened(), []
    for point in log.state.question.points[:7]:
        text = words_for(log, Move.JUSTIFY, point.id, anchor="your event log")
        said.append(text)
        log.ask(Move.JUSTIFY, point.id, text=text)
    most = len(phrasings()["JUSTIFY"]["hung"])
    assert len(set(said[:most])) == most
    assert said[most] in said[:most]


def test_a_text_is_revealed_word_by_word_and_whole() -> None:
    text = opening(Log().state)
    pieces = list(reveal(text))
    assert "".join(pieces) == text
    assert all(len(piece.split()) <= 1 for piece in pieces)
    assert list(reveal("")) == []
