"""The model that speaks, against a real server: a good draft is shown, and of a bad one nothing."""

from __future__ import annotations

import pytest

from agents.events import AnswerKind, Cleared, Directive
from agents.interviewer import LocalInterviewer, Spoken
from agents.model_interviewer import ModelInterviewer
from agents.patience import no_beat
from agents.state import InterviewState
from knowledge.terms import Move
from tests.hand_made import opened, seen
from tests.loopback import Loopback
from tests.loopback_replies import Broken, Fail, Refuse, Reply
from tests.model_ground import connected, served

GOOD = "You keep the times in memory. What happens there when a tram reports late?"
BAD = "Great answer! You should use gradient boosting next to SECRETWORD."
DIRECTIVE = Directive(move=Move.DEEPEN, phase="flow", target="P3", topic="the way of a report to the screen")


def talk(text: str = "A worker keeps the times in memory for all screens.", language: str = "en") -> InterviewState:
    log = opened()
    log.answer(seen(AnswerKind.VAGUE, words=10, language=language), text=text)
    return log.state


def speak(
    server: Loopback, directive: Directive = DIRECTIVE, state: InterviewState | None = None, seconds: float = 20.0
) -> Spoken:
    interviewer = ModelInterviewer(connected(server), LocalInterviewer(), 8_000, seconds, no_beat)
    return interviewer.speak(state or talk(), directive)


def local(directive: Directive = DIRECTIVE, state: InterviewState | None = None) -> str:
    return LocalInterviewer().words(state or talk(), directive)


def test_a_good_draft_is_shown() -> None:
    with served(GOOD) as server:
        spoken = speak(server)
        assert [r.streamed for r in server.requests] == [True]
    assert (spoken.text, spoken.worded_by) == (GOOD, "model scripted")
    assert spoken.work is not None and spoken.work.took_over == ""
    assert [(c.role, c.model, c.outcome) for c in spoken.work.calls] == [("interviewer", "scripted", "ok")]
    assert {p.split()[0] for p in spoken.work.prompts} == {
        "interviewer.md",
        "interviewer_direction.md",
        "interviewer_again.md",
        "moves.yaml",
    }


def test_what_stands_around_a_draft_is_not_shown() -> None:
    with served(f'Interviewer: "{GOOD}\u200b"') as server:
        assert speak(server).text == GOOD


def test_what_a_model_thinks_aloud_is_not_shown() -> None:
    with served(f"<think>{BAD}</think>\n{GOOD}") as server:
        spoken = speak(server)
    assert (spoken.text, len(spoken.work.calls if spoken.work else ())) == (GOOD, 1)


def test_a_bad_draft_is_replaced_by_a_second_that_knows_the_fault() -> None:
    with served(BAD, GOOD) as server:
        spoken = speak(server)
        first, second = server.requests
    assert (spoken.text, spoken.worded_by) == (GOOD, "model scripted")
    assert second.body["messages"][:-2] == first.body["messages"]
    assert [m["role"] for m in second.body["messages"]][-2:] == ["assistant", "user"]
    assert "because it makes 0 requests instead of exactly one, and judges what the candidate said" in second.last
    assert "gradient" not in second.last
    assert spoken.work is not None
    assert "judges what the candidate said" in spoken.work.calls[0].outcome
    assert spoken.work.calls[1].outcome == "ok"


def test_two_bad_drafts_are_replaced_by_the_local_wording() -> None:
    with served(BAD, "What is it? And <b>why</b>? SECRETWORD") as server:
        spoken = speak(server)
        assert len(server.requests) == 2
    assert (spoken.text, spoken.worded_by) == (local(), "local")
    assert spoken.work is not None
    assert spoken.work.took_over == "the model's wording broke the rules of the interview"
    first, second = (c.outcome for c in spoken.work.calls)
    assert "makes 0 requests" in first and "judges" in first and "technique" in first
    assert "makes 2 requests" in second and "tag" in second


@pytest.mark.parametrize("drafts", [(BAD, GOOD), (BAD, BAD), ("SECRETWORD " * 1_000, BAD)])
def test_nothing_of_a_rejected_draft_leaves(drafts: tuple[str, str]) -> None:
    with served(*drafts) as server:
        spoken = speak(server)
    assert spoken.work is not None
    left = spoken.text + spoken.work.model_dump_json()
    assert not [word for word in ("SECRETWORD", "gradient", "Great", "boosting") if word in left]


def test_of_a_flood_only_the_beginning_goes_back() -> None:
    with served("flood " * 1_500, GOOD) as server:
        assert speak(server).text == GOOD
        assert len(server.requests[1].body["messages"][-2]["content"]) < 1_500


def test_a_card_stands_above_the_words_as_it_is() -> None:
    card = Cleared(kind="evidence", id="E1", text="| step | ms |\n| --- | --- |\n| **parse** | 12,345 |")
    for field in ("cleared", "told_first"):
        directive = Directive(move=Move.GIVE_EVIDENCE, phase="flow").model_copy(update={field: card})
        with served("You have it in front of you now. What do you read from it?") as server:
            spoken = speak(server, directive)
            assert "12,345" not in server.requests[0].text
        assert spoken.text == f"{card.text}\n\nYou have it in front of you now. What do you read from it?"


def test_a_card_stands_there_also_when_the_local_interviewer_speaks() -> None:
    card = Cleared(kind="evidence", id="E1", text="| step | ms |\n| parse | 12,345 |")
    with served(Fail(401)) as server:
        spoken = speak(server, Directive(move=Move.GIVE_EVIDENCE, phase="flow", cleared=card))
    assert card.text in spoken.text and spoken.worded_by == "local"


def test_the_opening_asks_no_model() -> None:
    state = opened().state
    with served(GOOD) as server:
        spoken = speak(server, Directive(move=Move.OPEN, phase="goal"), state)
        assert server.requests == []
    assert state.question.statement in spoken.text and spoken.work is None


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Fail(401), "the model's server did not accept the key"),
        (Fail(400, "context_length_exceeded"), "the conversation is too long for the model"),
        (Refuse("I can't help with that."), "the model declined"),
        (Broken("filtered"), "the provider's content filter stopped the model"),
        (Broken("length"), "the model's answer did not end"),
    ],
)
def test_a_model_that_fails_is_replaced_and_marked(reply: Reply, why: str) -> None:
    with served(reply) as server:
        spoken = speak(server)
    assert (spoken.text, spoken.worded_by) == (local(), "local")
    assert spoken.work is not None and (spoken.work.took_over, len(spoken.work.calls)) == (why, 1)


def test_a_slow_model_is_replaced_and_marked() -> None:
    with served(Broken("hang")) as server:
        spoken = speak(server, seconds=0.2)
    assert spoken.text == local()
    assert spoken.work is not None and spoken.work.took_over == "the model took too long"


def test_a_draft_in_the_candidates_language_is_shown() -> None:
    state = talk("Ein Dienst schreibt die Zeiten in den Speicher, weil alle sie lesen.", "de")
    german = "Bleiben wir bei Ihrem Dienst. Was passiert dort, wenn sich eine Bahn verspätet?"
    with served(GOOD, german) as server:
        spoken = speak(server, state=state)
        assert "another language than the direction asks for" in server.requests[1].last
    assert spoken.text == german


def test_whoever_asks_for_english_speaks_english() -> None:
    state = talk("Ein Dienst schreibt die Zeiten in den Speicher, weil alle sie lesen.", "de")
    with served("I could not follow that. Could you tell it to me in English?") as server:
        spoken = speak(server, Directive(move=Move.SWITCH_LANGUAGE, phase="flow", detail="de"), state)
    assert spoken.worded_by == "model scripted"
