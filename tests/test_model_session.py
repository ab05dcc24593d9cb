"""An interview with models, held by its session: steps given up and done again, the limit, scoring once more."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.archive import Archive
from agents.events import Asked, Observed, Said, Scored
from agents.panel import configured_panel
from agents.prober import follow_ups
from agents.session import InterviewSession
from agents.settings import load_settings
from agents.terminal import SimulatedClock, event_text
from knowledge.embedder import MiniLM
from tests.loopback import Loopback, Request
from tests.loopback_replies import Fail, Reply
from tests.scripted_model import answer, by_role, role_of
from tests.seated import begun, rubric, seated
from tests.whole import bank

QUESTION = bank()["SD16"]
ANSWER = (
    "I would put the tagging behind a queue, so that an upload never waits for the model, and keep tags beside photos."
)


class LetGo(BaseException):
    """As a page that is drawn anew ends its script."""


def log(session: InterviewSession) -> list[str]:
    return [e.kind for e in session.archive.events(session.interview)]


def test_a_step_that_was_given_up_is_pending_and_done_by_the_next(embedder: MiniLM, tmp_path: Path) -> None:
    with Loopback(answer, latency=1.0) as slow:
        session, clock = begun(tmp_path, seated(slow.url, embedder), QUESTION)
        clock.advance(1)

        def leave() -> None:
            raise LetGo

        session.beat = leave
        with pytest.raises(LetGo):
            session.reply(ANSWER)
    assert log(session) == ["opened", "asked", "said"]
    with Loopback(answer) as quick:
        again = InterviewSession(session.archive, seated(quick.url, embedder), rubric(), session.interview, clock)
        assert again.state.pending == "observer"
        again.resume()
        assert [role_of(r) for r in quick.requests] == ["observer", "interviewer"]
    assert log(again) == ["opened", "asked", "said", "observed", "asked"]
    said = [e.text for e in again.archive.events(again.interview) if isinstance(e, Said)]
    assert said == [ANSWER]


def test_a_turn_without_the_model_asks_it_nothing(embedder: MiniLM, tmp_path: Path) -> None:
    with Loopback(answer) as server:
        session, clock = begun(tmp_path, seated(server.url, embedder), QUESTION)
        clock.advance(1)
        session.without_model = True
        session.reply(ANSWER)
        assert server.requests == []
        assert {t.took_over for t in session.state.turns if t.took_over} == {
            "you went on without waiting for the model"
        }
        session.without_model = False
        clock.advance(1)
        session.reply("And tags that nobody wants go away when people remove them often.")
        assert len(server.requests) == 2


def test_past_the_limit_the_local_panel_goes_on(embedder: MiniLM, tmp_path: Path) -> None:
    with Loopback(answer) as server:
        panel = seated(server.url, embedder, prices="1000 / 1000", limit=10.0)
        session, clock = begun(tmp_path, panel, QUESTION)
        for _ in range(4):
            clock.advance(1)
            session.reply(ANSWER)
        session.finish()
    state = session.state
    assert state.usage.cost is not None
    assert 0 < state.usage.cost <= 10.0
    assert state.asked[-1].took_over == "the spending limit of this interview is reached"
    assert state.scorecard is not None
    assert state.scorecard.assessor == "local"
    assert state.scorecard.overall is not None


def test_a_score_that_could_not_be_had_is_made_up_for(embedder: MiniLM, tmp_path: Path) -> None:
    def down(request: Request) -> Reply:
        return Fail(503)

    with Loopback(by_role(assessor=down)) as server:
        session, clock = begun(tmp_path, seated(server.url, embedder), QUESTION)
        clock.advance(1)
        session.reply(ANSWER)
        session.finish()
        first = session.state.scorecard
        server.script = answer
        session.score_again()
    cards = [e.scorecard for e in session.archive.events(session.interview) if isinstance(e, Scored)]
    assert [c.assessor for c in cards] == ["local", "model scripted"]
    assert first == cards[0]
    assert session.state.scorecard == cards[1]
    assert cards[0].work is not None
    assert cards[0].work.took_over == "the model's server had an error"
    assert cards[1].work is not None
    assert cards[1].work.prompts
    assert cards[1].improvements


def test_an_unfinished_interview_is_not_scored_again(embedder: MiniLM, tmp_path: Path) -> None:
    with Loopback(answer) as server:
        session, _ = begun(tmp_path, seated(server.url, embedder), QUESTION)
        session.score_again()
    assert log(session) == ["opened", "asked"]


def test_the_terminal_tells_who_stood_in(embedder: MiniLM, tmp_path: Path) -> None:
    with Loopback(lambda request: Fail(401)) as server:
        session, clock = begun(tmp_path, seated(server.url, embedder), QUESTION)
        clock.advance(1)
        session.reply(ANSWER)
    *_, observed, asked = session.archive.events(session.interview)
    assert isinstance(observed, Observed)
    assert isinstance(asked, Asked)
    assert event_text(observed) == "(The local panel listened: the model's server did not accept the key.)"
    assert event_text(asked).endswith("\n(The local panel asked: the model's server did not accept the key.)")


def test_follow_ups_come_from_the_model_too(embedder: MiniLM) -> None:
    with Loopback(answer) as server:
        found = follow_ups(QUESTION, ANSWER, seated(server.url, embedder), most=3)
        assert {role_of(r) for r in server.requests} == {"observer", "interviewer"}
    assert len(found) == 3
    assert all(f.span in ANSWER for f in found)


def test_the_settings_make_the_panel(embedder: MiniLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert configured_panel(load_settings(), rubric(), {}, embedder).name == "local"
    monkeypatch.setenv("GREENROOM_LLM_MODEL", "gpt-x")
    monkeypatch.setenv("GREENROOM_LLM_OBSERVER", "gpt-y")
    panel = configured_panel(load_settings(), rubric(), {"OPENAI_API_KEY": "sk-of-openai"}, embedder)
    assert panel.name == "model gpt-x, gpt-y"
    session = InterviewSession.start(
        Archive.in_folder(tmp_path), panel, rubric(), QUESTION, QUESTION.difficulty, 30, clock=SimulatedClock()
    )
    assert session.state.opened.panel == "model gpt-x, gpt-y"
    session.archive.close()
