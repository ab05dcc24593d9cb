"""Does the interviewer behave, whoever sits opposite? Puts every simulated candidate through a whole interview.

One record per interview is kept as it ends, so that a run can be stopped and carried on; the report is made from the
records alone.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from agents.archive import Archive
from agents.events import AnyEvent, Asked, Observed, Said
from agents.export import as_markdown
from agents.observer import Exchange
from agents.panel import Panel
from agents.policy import next_move
from agents.session import InterviewSession
from agents.state import InterviewState, fold
from agents.terminal import SimulatedClock
from evals.candidates import ALIKE, ANSWERS, Candidate, candidates
from evals.conduct import TICK, conduct
from evals.panels import panel_named
from knowledge.bank import load_bank
from knowledge.question import Question
from knowledge.rubric import load_rubric

Record = dict[str, Any]
DONORS = ("good", "weak")
"""Whose answers are swapped in, the first that is another kind; of a question without scripts, somebody else's."""


def hold(candidate: Candidate, panel: Panel, folder: Path) -> list[AnyEvent]:
    """The log of a whole interview at the question's own level and length, on a simulated clock."""
    question, clock, archive = candidate.question, SimulatedClock(), Archive.in_folder(folder)
    session = InterviewSession.start(
        archive, panel, load_rubric(), question, question.difficulty, question.minutes, clock=clock
    )
    for text, minutes in candidate.answers():
        wait(session, clock, minutes)
        if not session.state.finished:
            session.reply(text)
        if session.state.finished:
            break
    session.finish("answers_ran_out")
    events = archive.events(session.interview)
    archive.close()
    return events


def wait(session: InterviewSession, clock: SimulatedClock, minutes: float) -> None:
    """Time goes by before an open page: an answer that is still being written when the time is up is not heard."""
    while minutes > 0 and not session.state.finished:
        step = min(minutes, 1.0, max(session.state.left(clock.now), TICK))
        clock.advance(step)
        session.tick()
        minutes -= step


def record(candidate: Candidate, panel: Panel, transcripts: Path | None = None, swap: bool = True) -> Record:
    """One interview, judged. A folder `transcripts` gets the interview to read; without `swap` there are no swaps."""
    with tempfile.TemporaryDirectory() as scratch:
        events = hold(candidate, panel, Path(scratch))
    state = fold(events)
    card = state.scorecard
    assert card is not None
    if transcripts is not None:
        transcripts.mkdir(parents=True, exist_ok=True)
        name = f"{candidate.question.id}-{candidate.kind}.md"
        (transcripts / name).write_text(as_markdown(state), encoding="utf-8")
    return {
        "question": candidate.question.id,
        "kind": candidate.kind,
        "panel": panel.name,
        "conduct": asdict(conduct(state, labelled_mistakes(candidate.question.id, candidate.kind))),
        "swaps": list(swaps(candidate, events, panel)) if swap else [],
        "score": card.overall,
        "low": card.low,
        "high": card.high,
        "coverage": card.coverage,
        "unscored": card.unscored,
        "quotes": sum(len(p.evidence) for p in card.points),
        "rejected_quotes": card.rejected_quotes,
        "usage": state.usage.model_dump(),
        "steps": dict(_steps(state)),
    }


def _steps(state: InterviewState) -> Counter[str]:
    """What became of the steps that asked a model: how many it did, and how many the local panel did and why."""
    works = [t.work or (t.observation.work if t.observation else None) for t in state.turns]
    works += [state.scorecard.work] if state.scorecard else []
    return Counter(w.took_over or "done by the model" for w in works if w is not None)


def labelled_mistakes(question: str, kind: str) -> dict[int, list[str]]:
    """Answer number -> the wrong claims that it makes, as far as this kind of candidate was labelled."""
    path = ANSWERS / question / "labels.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    labels = [json.loads(line) for line in lines]
    return {label["answer"]: label["wrong"] for label in labels if label["quality"] == kind and label["wrong"]}


def swaps(
    candidate: Candidate, events: Sequence[AnyEvent], panel: Panel, donor: Candidate | None = None
) -> Iterator[dict[str, Any]]:
    """For every question after an answer: what becomes of it when another candidate's answer stands there.

    Everything before the answer, and the clock, stay as they were. The donor's answer has the same number in their
    script.
    """
    others = [text for text, _ in (donor or _donor(candidate)).answers()]
    number = 0
    for i, event in enumerate(events):
        if not isinstance(event, Said):
            continue
        asked = next((e for e in events[i:] if isinstance(e, Asked)), None)
        if asked is None:
            return
        other = others[number % len(others)]
        number += 1
        state = fold([*events[:i], event.model_copy(update={"text": other, "wants_hint": False})])
        before = state.asked[-1]
        seen = panel.observer.observe(state.question, Exchange(before.text, before.directive, other))
        state.apply(Observed(seq=event.seq + 1, at=event.at, observation=seen))
        directive = next_move(state)
        text = panel.interviewer.speak(state, directive).text if directive else ""
        target = directive.target if directive else None
        yield {"seq": asked.seq, "target": target != asked.directive.target, "text": text != asked.text}


def _donor(candidate: Candidate) -> Candidate:
    """Somebody with other things to say about the same question."""
    there = {c.kind: c for c in candidates(candidate.question) if c.kind != candidate.kind}
    return next(there[kind] for kind in (*DONORS, *ALIKE) if kind in there)


_panel = lru_cache(maxsize=1)(panel_named)


def _task(question: str, kind: str, panel: str, transcripts: Path | None, swap: bool) -> Record:
    return record(Candidate(load_bank().questions[question], kind), _panel(panel), transcripts, swap)


def run(
    panel: str,
    out: Path | None = None,
    questions: Sequence[str] = (),
    kinds: Sequence[str] = (),
    jobs: int = 2,
    transcripts: Path | None = None,
    swap: bool = True,
) -> list[Record]:
    """A record per candidate, in the order of questions and KINDS.

    What the file `out` holds already is not done again. ValueError for an unknown question or a damaged file, or when
    the panel cannot be had.
    """
    panel_named(panel)  # what is wrong with it is said here and not by each process
    wanted = [(q.id, c.kind) for q in _chosen(questions) for c in candidates(q) if not kinds or c.kind in kinds]
    done = {(r["question"], r["kind"]): r for r in read_records(out)} if out else {}
    left = [w for w in wanted if w not in done]
    pool = ProcessPoolExecutor(max_workers=max(1, jobs))
    try:
        futures = [pool.submit(_task, *w, panel, transcripts, swap) for w in left]
        for n, (who, future) in enumerate(zip(left, futures, strict=True), start=1):
            done[who] = future.result()
            if out:
                out.parent.mkdir(parents=True, exist_ok=True)
                with out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(done[who], ensure_ascii=False) + "\n")
            print(f"\r{n}/{len(left)} interviews, last: {' '.join(who):<30}", end="", file=sys.stderr, flush=True)
    finally:  # interrupted: what has not begun is not begun
        pool.shutdown(wait=False, cancel_futures=True)
    print(file=sys.stderr)
    return [done[w] for w in wanted]


def _chosen(questions: Sequence[str]) -> list[Question]:
    bank = load_bank().questions
    unknown = [q for q in questions if q not in bank]
    if unknown:
        raise ValueError(f"no question {', '.join(unknown)} in the bank; there are: {', '.join(bank)}")
    return [q for q in bank.values() if not questions or q.id in questions]


def read_records(path: Path) -> list[Record]:
    """The records of a file; a last line that was cut off in the middle is left out and done again."""
    if not path.is_file():
        return []
    records = []
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, start=1):
        try:
            records += [json.loads(line)] if line.strip() else []
        except ValueError:
            if number < len(lines) - 1:
                raise ValueError(f"{path}:{number}: is no record of this command; move the file away") from None
            path.write_text("".join(f"{kept}\n" for kept in lines[: number - 1]), encoding="utf-8")
    return records
