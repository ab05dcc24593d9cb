"""What the model panel adds to the bare calls, and what it uses: against a scripted server on this machine.

The server is the tests' own (`python -m tests.loopback`), in a process of its own. Both sides make the same requests in
turns; ours also keeps the log, checks, and decides.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from agents.abilities import Abilities, Message, form_asked
from agents.archive import Archive
from agents.conversation import speaking_messages
from agents.endpoint import endpoint, read_prices
from agents.events import AnyEvent, Asked, Observed, Said
from agents.model_observer import FORM, observing_messages
from agents.model_reader import ModelReader
from agents.numbered_answer import NumberedAnswer
from agents.observer import Exchange
from agents.panel import ModelPanel, model_panel
from agents.session import InterviewSession
from agents.settings import Settings, load_settings
from agents.state import InterviewState, fold
from agents.terminal import SimulatedClock
from agents.tokens import count
from agents.transcript import transcript_of
from evals.bench_ratio import Ratio, ratio_of
from evals.candidates import Candidate
from evals.interview import wait
from knowledge.bank import load_bank
from knowledge.embedder import MiniLM
from knowledge.question import Question
from knowledge.rubric import load_rubric

ROOT = Path(__file__).parents[1]
PRICES = "1 / 0.1 / 4"
"""An example, per million tokens, for the costs that are printed when the settings have none."""
LENGTHS = (30, 100, 250, 600)
"""Words of an answer, for what an interview uses."""
CONTEXT = 24_000


@contextmanager
def server(latency: float, speed: float | None) -> Iterator[str]:
    """A scripted server in a process of its own; its address."""
    command = [sys.executable, "-m", "tests.loopback", "--script", "tests.scripted_model:answer"]
    command += ["--latency", str(latency), *(["--speed", str(speed)] if speed else [])]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().decode().strip()
    finally:
        process.kill()
        process.wait()


@dataclass(frozen=True)
class Turn:
    """One turn in seconds: ours, and the same two requests by the bare client."""

    ours: float
    plain: float


def run(n: int) -> list[Ratio]:
    """A turn at 300 ms and 50 tokens a second, and with a server that answers at once; two ways to assess."""
    found = []
    for latency, speed, most, slack in ((0.3, 50.0, 1.1, 0.0), (0.0, None, 1.0, 80.0)):
        with server(latency, speed) as url:
            pairs = [(t.ours * 1000, t.plain * 1000) for t in turns(url, n)]
            name = f"a model's turn, {latency * 1000:.0f} ms{f', {speed:g} tokens/s' if speed else ''}"
            found.append(ratio_of(f"{name} / the two bare calls", "ms", pairs, most, slack))
    with server(0.3, 50.0) as url:
        found.append(_assessing(url, max(4, n // 4)))
    return found


def turns(url: str, n: int) -> Iterator[Turn]:
    """`n` turns of whole interviews; the bare requests of each follow it."""
    panel, question = _panel(url), load_bank().questions["SD06"]
    texts = [t for kind in ("excellent", "good", "weak") for t, _ in Candidate(question, kind).answers()]
    panel.get_ready(question)
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive.in_folder(Path(folder))
        session, fresh = _begun(archive, panel, question), iter(texts * (1 + n // len(texts)))
        session.reply(next(fresh))
        for number in range(n):
            if session.state.finished or len(session.state.asked) > 12:
                session = _begun(archive, panel, question)
            began = time.perf_counter()
            session.reply(next(fresh))
            ours = time.perf_counter() - began
            yield Turn(ours, _bare(url, archive.events(session.interview)))
            print(f"\rmodel turns at {url}: {number + 1}/{n}", end="", file=sys.stderr, flush=True)
        archive.close()
    print(file=sys.stderr)


def _begun(archive: Archive, panel: ModelPanel, question: Question) -> InterviewSession:
    level = question.difficulty
    return InterviewSession.start(archive, panel, load_rubric(), question, level, 10_000, clock=SimulatedClock())


def _panel(url: str, per_area: bool = False) -> ModelPanel:
    settings = load_settings().model_copy(update={"llm_per_area": per_area, "llm_limit": 0.0})
    prices = read_prices(settings.llm_prices or PRICES)
    known = endpoint(url, SecretStr("none"), "scripted", prices=prices)
    return model_panel(known, Settings.model_validate(settings), load_rubric(), MiniLM())


def _bare(url: str, events: list[AnyEvent]) -> float:
    """Seconds that the bare client takes for the two requests behind the last turn, completed one after the other."""
    import openai

    *before, said, observed, asked = events
    assert isinstance(said, Said)
    assert isinstance(observed, Observed)
    assert isinstance(asked, Asked)
    state = fold(before)
    exchange = Exchange(state.asked[-1].text, state.directive, said.text)
    heard: Any = form_asked(FORM, Abilities())
    listening = observing_messages(NumberedAnswer(state.question, exchange))
    speaking = speaking_messages(fold([*before, said, observed]), asked.directive, CONTEXT)
    with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as client:
        client.models.list()  # the connection stands, as ours does
        began = time.perf_counter()
        client.chat.completions.create(model="scripted", messages=_as_dicts(listening), **heard)
        for _ in client.chat.completions.create(model="scripted", messages=_as_dicts(speaking), stream=True):
            pass
        return time.perf_counter() - began


def _as_dicts(messages: list[Message]) -> Any:
    return [{"role": role, "content": text} for role, text in messages]


def _assessing(url: str, n: int) -> Ratio:
    """The same transcript judged area by area at the same time, and in one call."""
    state = _held(url, "good", None)
    pairs = []
    for _ in range(n):
        seconds = []
        for per_area in (True, False):
            reader = _panel(url, per_area).reader
            began = time.perf_counter()
            reader.read(transcript_of(state))
            seconds.append((time.perf_counter() - began) * 1000)
        pairs.append((seconds[0], seconds[1]))
    return ratio_of("assessing, a call for each area / one call", "ms", pairs)


def _held(url: str, kind: str, words: int | None) -> InterviewState:
    """A whole interview of 45 minutes; with `words`, each answer has about so many, made of that candidate's own."""
    question, clock = load_bank().questions["SD02"], SimulatedClock()
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive.in_folder(Path(folder))
        session = InterviewSession.start(
            archive, _panel(url), load_rubric(), question, question.difficulty, 45, clock=clock
        )
        script = list(Candidate(question, kind).answers())
        pool = " ".join(text for text, _ in script).split()
        given = 0
        while not session.state.finished:
            text, minutes = script[given % len(script)]
            if words is not None:
                start = given * words % max(1, len(pool) - words)
                text, minutes = " ".join(pool[start : start + words]), 0.4 + words / 43
            given += 1
            wait(session, clock, minutes)
            if not session.state.finished:
                session.reply(text)
        archive.close()
        return session.state


def usage() -> str:
    """What an interview of 45 minutes uses at several lengths of answers, and what the two ways to assess use."""
    lines = [
        f"An interview of 45 minutes, typed; costs at {PRICES} per million tokens read / cached / written:",
        "",
        "| words an answer | exchanges | calls | tokens read | of them cached | tokens written | cost |",
        "| --- " * 7 + "|",
    ]
    shares: list[float] = []
    with server(0.0, None) as url:
        for words in LENGTHS:
            state = _held(url, "excellent", words)
            used, answers = state.usage, sum(t.speaker == "candidate" for t in state.turns)
            numbers = f"{used.calls} | {used.tokens_in:,} | {used.tokens_cached:,} | {used.tokens_out:,}"
            lines.append(f"| {words} | {answers} | {numbers} | {used.cost or 0:.4f} |")
            shares += prefix_shares(state)
            print(f"\rinterviews with {words} words an answer", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        lines += ["", _prefixes(shares), "", *_two_ways(url, _held(url, "good", None))]
    return "\n".join(lines)


def _prefixes(shares: Sequence[float]) -> str:
    """How much of each speaking request the next one begins with, token by token."""
    return (
        f"Of a speaking request the next one repeats as its beginning: median {statistics.median(shares):.1%}, "
        f"least {min(shares):.1%} of its tokens (n = {len(shares)}); aim: at least 90 %."
    )


def prefix_shares(state: InterviewState) -> Iterator[float]:
    """Share (0..1) of each speaking request's tokens that the following request begins with."""
    directives = [(i, t.directive) for i, t in enumerate(state.turns) if t.directive is not None]
    requests = []
    for place, directive in directives[1:]:
        before = InterviewState(state.opened, state.question, state.plan, turns=state.turns[:place])
        requests.append(speaking_messages(before, directive, CONTEXT))
    for earlier, later in pairwise(requests):
        whole = "".join(f"{role}:{text}\n" for role, text in earlier)
        following = "".join(f"{role}:{text}\n" for role, text in later)
        same = len(os.path.commonprefix([whole, following]))
        yield count(whole[:same]) / count(whole)


def _two_ways(url: str, state: InterviewState) -> Iterator[str]:
    for per_area in (False, True):
        reader = _panel(url, per_area).reader
        assert isinstance(reader, ModelReader)
        work = reader.read(transcript_of(state)).work
        assert work is not None
        read, written = (sum(getattr(c, name) for c in work.calls) for name in ("tokens_in", "tokens_out"))
        yield (
            f"Assessing {'area by area' if per_area else 'in one call'}: {len(work.calls)} calls, "
            f"{read:,} tokens read, {written:,} written."
        )
