"""Calls: what is tried again and when, what is written down of it, and when a server is left alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event

import pytest
from pydantic import SecretStr

from agents.abilities import Form
from agents.calls import FAILURES_TO_REST, TRIES, Breaker, Connection
from agents.endpoint import Price, endpoint
from agents.llm import Request
from agents.model_failure import AGAIN, Failure, ModelFailed
from agents.patience import Beat, Patience, no_beat
from agents.work import Call
from tests.loopback import Dialect, Loopback
from tests.loopback import Request as Asked
from tests.loopback_replies import Broken, Fail, Refuse, Reply, Say

ASKED = Request([("system", "Be brief."), ("user", "Are you ready?")])
FORM = Form("ready", {"type": "object", "properties": {"ready": {"type": "boolean"}}, "required": ["ready"]})
IN_A_FORM = replace(ASKED, form=FORM)
AT_ONCE = 0.0  # a Retry-After that keeps the tests from waiting


class Ground:
    """A server that gives the replies one after the other, the last for ever, and a connection to it."""

    def __init__(self, loopback: Loopback) -> None:
        self.loopback = loopback
        self.calls: list[Call] = []
        self.connection = Connection.to(endpoint(loopback.url, SecretStr("sk-test-0123456789"), "scripted"))

    def says(self, *replies: Reply) -> None:
        begins = len(self.loopback.requests)
        self.loopback.script = lambda request: replies[min(request.number - begins, len(replies) - 1)]

    def ask(self, request: Request = ASKED, seconds: float = 10.0, beat: Beat = no_beat) -> str:
        return self.connection.ask("observer", request, Patience(seconds, beat), self.calls)

    def fails(self, request: Request = ASKED, seconds: float = 10.0) -> ModelFailed:
        with pytest.raises(ModelFailed) as raised:
            self.ask(request, seconds)
        return raised.value

    @property
    def asked(self) -> int:
        return len(self.loopback.requests)

    @property
    def outcomes(self) -> list[str]:
        return [call.outcome for call in self.calls]


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    """What is loaded late is loaded before time matters."""
    Connection.to(endpoint("http://127.0.0.1:1/v1", None, "scripted")).ready(no_beat)


@pytest.fixture
def ground() -> Iterator[Ground]:
    with Loopback(lambda request: Say("Yes.")) as loopback:
        yield Ground(loopback)


def eventually(happens: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not happens() and time.monotonic() < end:
        time.sleep(0.005)
    return happens()


def test_a_call_is_written_down(ground: Ground) -> None:
    assert ground.ask() == "Yes."
    (call,) = ground.calls
    usual = Call(role="observer", model="scripted", outcome="ok", tokens_in=6, tokens_out=1)
    assert call == usual.model_copy(update={"seconds": call.seconds})
    assert 0 < call.seconds < 5


@pytest.mark.parametrize("reply", [Fail(503, retry_after=AT_ONCE), Fail(429, retry_after=AT_ONCE)], ids=repr)
def test_three_tries_and_no_more(ground: Ground, reply: Reply) -> None:
    ground.says(reply)
    failed = ground.fails()
    assert (ground.asked, len(ground.calls)) == (TRIES, TRIES)
    assert all(call.outcome.startswith(f"{failed.failure} (") and call.tokens_in == 0 for call in ground.calls)


@pytest.mark.parametrize(
    "reply",
    [Fail(500), Fail(429), Broken("reset"), Broken("cut"), Broken("quiet_end"), Broken("malformed_chunk")]
    + [Broken("empty_content"), Broken("empty_choices"), Broken("not_json")],
    ids=repr,
)
def test_what_may_pass_is_tried_again(ground: Ground, reply: Reply) -> None:
    ground.says(reply, Say("Yes."))
    assert ground.ask() == "Yes."
    assert ground.asked == 2
    assert ground.outcomes[0].partition(" (")[0] in AGAIN
    assert ground.outcomes[1:] == ["ok"]
    assert ground.connection.breaker.failed == 0


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Fail(400), Failure.BAD_REQUEST),
        (Fail(401), Failure.BAD_KEY),
        (Fail(403), Failure.FORBIDDEN),
        (Fail(404), Failure.NO_MODEL),
        (Fail(413), Failure.TOO_LONG),
        (Fail(429, "insufficient_quota"), Failure.NO_QUOTA),
        (Refuse("I will not."), Failure.REFUSED),
        (Broken("filtered"), Failure.FILTERED),
        (Broken("length"), Failure.LENGTH),
    ],
    ids=repr,
)
def test_what_would_only_fail_again_is_not(ground: Ground, reply: Reply, why: Failure) -> None:
    ground.says(reply, Say("Yes."))
    assert ground.fails().failure is why
    assert (ground.asked, len(ground.calls)) == (1, 1)
    assert ground.outcomes[0].startswith(why)


def test_what_had_to_be_changed_stands_in_the_outcome(ground: Ground) -> None:
    ground.loopback.dialect = Dialect(temperature=False)
    ground.ask()
    ground.ask()
    assert ground.outcomes == ["ok; without temperature", "ok"]


def test_nothing_is_tried_again_before_the_server_wants_it(ground: Ground) -> None:
    ground.says(Fail(429, retry_after=0.5), Fail(503, retry_after=0.3), Say("Yes."))
    assert ground.ask() == "Yes."
    first, second, third = (request.at for request in ground.loopback.requests)
    assert 0.5 <= second - first < 3
    assert 0.3 <= third - second < 3


def test_a_longer_wait_than_there_is_time_ends_at_once(ground: Ground) -> None:
    ground.says(Fail(429, retry_after=60.0))
    began = time.monotonic()
    assert ground.fails(seconds=10).failure is Failure.BUSY
    assert time.monotonic() - began < 3
    assert (ground.asked, len(ground.calls)) == (1, 1)


@pytest.mark.parametrize("request_", [ASKED, IN_A_FORM], ids=["streamed", "whole"])
def test_when_the_time_is_over_it_is_a_timeout_of_one_call(ground: Ground, request_: Request) -> None:
    ground.loopback.latency = 20.0
    began = time.monotonic()
    assert ground.fails(request_, seconds=0.3).failure is Failure.TIMEOUT
    assert 0.3 <= time.monotonic() - began < 3
    (call,) = ground.calls
    assert (call.outcome, call.counted, call.tokens_out) == ("timeout", True, 0)
    assert call.tokens_in == ASKED.tokens
    assert 0.2 < call.seconds < 3
    assert eventually(lambda: ground.loopback.hung_up == 1)
    assert len(ground.calls) == ground.asked == 1


def test_a_stream_that_lasts_too_long_is_left_at_its_next_chunk(ground: Ground) -> None:
    ground.says(Say("Word after word after word. " * 100))
    ground.loopback.speed = 40.0
    assert ground.fails(seconds=0.4).failure is Failure.TIMEOUT
    assert eventually(lambda: ground.loopback.hung_up == 1)
    assert ground.outcomes == ["timeout"]


def test_what_came_before_the_time_was_over_is_kept(ground: Ground) -> None:
    ground.says(Fail(503, retry_after=AT_ONCE), Broken("hang"))
    assert ground.fails(seconds=0.5).failure is Failure.TIMEOUT
    assert [outcome.partition(" (")[0] for outcome in ground.outcomes] == ["server error", "timeout"]


class Gone(BaseException):
    """Somebody has left the page; not an Exception, as Streamlit's own is not."""


@pytest.mark.parametrize("raised", [Gone, ValueError, KeyboardInterrupt])
def test_a_beat_that_raises_ends_the_wait(ground: Ground, raised: type[BaseException]) -> None:
    ground.says(Say("Word after word after word. " * 100))
    ground.loopback.speed = 40.0
    beats: list[float] = []

    def beat() -> None:
        beats.append(time.monotonic())
        if len(beats) == 2:
            raise raised

    with pytest.raises(raised):
        ground.ask(beat=beat)
    assert time.monotonic() - beats[-1] < 1
    assert eventually(lambda: ground.loopback.hung_up == 1)
    assert (len(beats), ground.asked, ground.outcomes) == (2, 1, ["skipped"])
    assert ground.connection.breaker.failed == 0
    assert ground.calls[0].tokens_in > 0


def test_who_gives_up_between_two_tries_ends_them(ground: Ground) -> None:
    ground.says(Fail(503, retry_after=0.5), Say("Yes."))

    def beat() -> None:
        if ground.calls:
            raise Gone

    with pytest.raises(Gone):
        ground.ask(beat=beat)
    time.sleep(0.8)
    assert ground.asked == 1


def test_three_failures_in_a_row_and_the_server_rests(ground: Ground) -> None:
    ground.says(Fail(429, "insufficient_quota"))
    for _ in range(FAILURES_TO_REST):
        assert ground.fails().failure is Failure.NO_QUOTA
    made = len(ground.calls)
    assert ground.fails().failure is Failure.RESTING
    assert (ground.asked, len(ground.calls)) == (FAILURES_TO_REST, made)


def test_after_the_rest_one_call_tries_again(ground: Ground) -> None:
    ground.connection = replace(ground.connection, breaker=Breaker(rest=0.4))
    ground.says(*[Fail(401)] * 4, Say("Yes."), Fail(401))
    for _ in range(FAILURES_TO_REST):
        ground.fails()
    assert ground.fails().failure is Failure.RESTING
    time.sleep(0.45)
    assert ground.fails().failure is Failure.BAD_KEY
    assert ground.fails().failure is Failure.RESTING
    assert ground.asked == FAILURES_TO_REST + 1
    time.sleep(0.45)
    assert ground.ask() == "Yes."
    assert [ground.fails().failure for _ in range(4)] == [*[Failure.BAD_KEY] * 3, Failure.RESTING]


def test_a_success_begins_the_count_anew(ground: Ground) -> None:
    ground.says(*(Fail(401), Fail(401), Say("Yes.")) * 2)
    for _ in range(2):
        assert [ground.fails().failure, ground.fails().failure] == [Failure.BAD_KEY] * 2
        assert ground.ask() == "Yes."


def test_a_request_that_is_refused_does_not_make_the_server_rest(ground: Ground) -> None:
    for reply in (Fail(400), Refuse("No."), Broken("filtered"), Broken("length"), Fail(404)):
        ground.says(reply)
        for _ in range(2):
            assert ground.fails().failure is not Failure.RESTING
    assert ground.asked == 10
    assert ground.connection.breaker.failed == 0


def test_the_limit_is_looked_at_before_anything_is_asked(ground: Ground) -> None:
    prices = {"scripted": Price(read=1.0, cached=1.0, written=1.0)}
    known = replace(ground.connection.endpoint, prices=prices)
    needed = prices["scripted"].cost(ASKED.tokens, 0, 300)
    ground.connection = replace(ground.connection, endpoint=known, left=needed * 0.99)
    assert ground.fails().failure is Failure.LIMIT
    assert (ground.asked, ground.calls) == (0, [])
    ground.connection = replace(ground.connection, left=needed * 1.01)
    assert ground.ask() == "Yes."
    assert ground.calls[0].cost == pytest.approx(7e-6)
    ground.calls[0] = ground.calls[0].model_copy(update={"cost": needed * 0.5})
    assert ground.fails().failure is Failure.LIMIT  # what this step has used counts
    assert ground.asked == 1
    ground.connection = replace(ground.connection, left=0.0, endpoint=replace(known, prices={}))
    assert ground.ask() == "Yes."  # without a price there is no sum to compare


def test_who_refuses_asks_nothing(ground: Ground) -> None:
    ground.connection = replace(ground.connection, refuses=Failure.SKIPPED)
    assert ground.fails().failure is Failure.SKIPPED
    assert (ground.asked, ground.calls) == (0, [])


def test_the_same_patience_serves_a_second_question(ground: Ground) -> None:
    """A question that failed is no reason to hurry the next one, nor to leave it out of the log."""
    ground.says(Refuse("I will not."), Fail(503, retry_after=AT_ONCE), Say("Word after word."))
    patience = Patience(10)
    with pytest.raises(ModelFailed):
        ground.connection.ask("assessor", ASKED, patience, ground.calls)
    assert ground.connection.ask("assessor", ASKED, patience, ground.calls) == "Word after word."
    assert [o.partition(" (")[0] for o in ground.outcomes] == ["refused", "server error", "ok"]


def test_a_beat_comes_while_one_waits(ground: Ground) -> None:
    came = Event()

    def script(request: Asked) -> Reply:
        came.wait(5)
        return Say("Yes.")

    ground.loopback.script = script
    assert ground.ask(beat=came.set) == "Yes."
