"""Interviews of several parts: what is drawn, how far they are, and the one scorecard over their parts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agents.archive import Archive
from agents.events import Loop
from agents.loop import combined, progress
from agents.plans import PLANS, NothingFits, draw, first_part
from agents.scorecard import AreaScore, Finding, Scorecard
from knowledge.bank import load_bank
from knowledge.question import Question
from knowledge.rubric import load_rubric
from knowledge.terms import CATEGORIES, Level
from tests.page_ground import drawn, ground, links, page, question, tab, texts
from tests.scored_interview import card_for, keep, log

BANK = load_bank().questions
RUBRIC = load_rubric()
BY_ID = {plan.id: plan for plan in PLANS}
WHOLE = BY_ID["loop-60"]


def made(
    id_: str, category: str, area: str, level: Level = Level.ADVANCED, companies: tuple[str, ...] = ()
) -> Question:
    return replace(BANK["SD03"], id=id_, category=category, areas=(area,), difficulty=level, companies=companies)


# Drawing


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
@pytest.mark.parametrize("level", list(Level))
def test_every_plan_can_be_drawn_from_the_shipped_bank(plan: object, level: Level) -> None:
    assert isinstance(plan, type(WHOLE))
    chosen = draw(plan, BANK.values(), level, {}, random.Random(1))
    assert len({q.id for q in chosen}) == len(plan.slots)
    for slot, q in zip(plan.slots, chosen, strict=True):
        assert q.category in slot.categories
        assert slot.area in (None, *q.areas)


def test_the_plans_have_their_minutes_and_know_every_category() -> None:
    assert {plan.id: plan.minutes for plan in PLANS} == {
        "loop-60": 60,
        "loop-75": 75,
        "mixed": 60,
        "drill-design": 20,
        "drill-operations": 20,
        "drill-code": 20,
    }
    assert {c for plan in PLANS for slot in plan.slots for c in slot.categories} <= set(CATEGORIES)


def test_the_level_comes_first_then_what_was_practised_least() -> None:
    drill = BY_ID["drill-code"]
    questions = [made("CD90", "Coding", "PY"), made("CD91", "Coding", "PY"), made("CD92", "Coding", "PY", Level.EXPERT)]
    for seed in range(5):
        lot = random.Random(seed)
        assert [q.id for q in draw(drill, questions, Level.ADVANCED, {"CD91": 1}, lot)] == ["CD90"]
        assert [q.id for q in draw(drill, questions, Level.EXPERT, {"CD92": 9}, lot)] == ["CD92"]
    assert {draw(drill, questions, Level.ADVANCED, {}, random.Random(s))[0].id for s in range(20)} == {"CD90", "CD91"}


def test_a_mixed_set_rises_in_difficulty_and_prefers_what_companies_are_known_for() -> None:
    questions = [
        made(f"{category[:2].upper()}{n}{level.order}", category, "SY", level, ("Uber",) if n else ())
        for category in ("Coding", "Model Ops", "System Design")
        for level in Level
        for n in (0, 1)
    ]
    chosen = draw(BY_ID["mixed"], questions, Level.ADVANCED, {}, random.Random(3))
    assert [q.difficulty for q in chosen] == list(Level)
    assert len({q.category for q in chosen}) == 3
    assert [bool(q.companies) for q in chosen[1:]] == [True, True]


def test_a_bank_without_a_part_says_which() -> None:
    with pytest.raises(NothingFits, match="the part “Python” of “Whole loop, 60 minutes”"):
        draw(WHOLE, [BANK["SD03"]], Level.ADVANCED, {}, random.Random(1))


def test_a_plan_of_one_part_is_a_plain_interview() -> None:
    assert first_part(BY_ID["drill-code"], [BANK["CD01"]]) is None


# The result


def card(area_scores: dict[str, float | None], asked: dict[str, int] | None = None, flag: str = "") -> Scorecard:
    base = card_for(BANK["SD06"])
    areas = tuple(
        AreaScore(id=a.id, name=a.name, weight=a.weight, score=s, low=s and s - 0.5, high=s and s + 0.5)
        for a in RUBRIC.areas.values()
        if (s := area_scores.get(a.id)) is not None or a.id in area_scores
    )
    point = base.points[0]
    points = tuple(
        point.model_copy(update={"area": area, "asked": True}) for area, n in (asked or {}).items() for _ in range(n)
    )
    flags = (Finding(id=flag, text=flag),) if flag else ()
    return base.model_copy(update={"areas": areas, "points": points, "red_flags": flags, "turns": 3})


def loop_of(*ids: str) -> Loop:
    known = first_part(WHOLE, [BANK[i] for i in (*ids, *["SD03"] * (4 - len(ids)))])
    assert known is not None
    return known


def test_an_area_counts_by_what_was_asked_and_the_whole_by_the_rubrics_weights() -> None:
    cards = [
        card({"PY": 4.0, "PS": 2.0}, {"PY": 4, "PS": 1}),
        card({"SY": 3.0, "PS": 4.0, "AW": None}, {"SY": 5, "PS": 3}),
    ]
    whole = combined(loop_of("CD01"), cards, RUBRIC)
    assert {a.id: a.score for a in whole.areas} == {"PY": 4.0, "SY": 3.0, "AW": None, "ML": None, "PS": 3.5}
    weights = {a.id: a.weight for a in RUBRIC.areas.values()}
    expected = (weights["PY"] * 4 + weights["SY"] * 3 + weights["PS"] * 3.5) / (
        weights["PY"] + weights["SY"] + weights["PS"]
    )
    assert whole.overall == pytest.approx(expected, abs=0.005)
    assert whole.coverage == pytest.approx((weights["PY"] + weights["SY"] + weights["PS"]) / 100)
    assert [whole.low, whole.high] == pytest.approx([expected - 0.5, expected + 0.5], abs=0.01)
    assert (whole.turns, whole.bar) == (6, RUBRIC.bar(whole.level, expected))


def test_parts_without_any_score_give_none_and_flags_come_once() -> None:
    whole = combined(loop_of("CD01"), [card({"PY": None}, flag="RF1"), card({"PY": None}, flag="RF1")], RUBRIC)
    assert (whole.overall, whole.bar, whole.coverage) == (None, None, 0.0)
    assert whole.unscored == "no part could be scored"
    assert [f.id for f in whole.red_flags] == ["RF1"]
    assert whole.red_flags[0].evidence == ()


# Its way through the pages


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    with ground(tmp_path, monkeypatch) as made_archive:
        monkeypatch.setenv("GREENROOM_SPEECH_DELAY", "0")
        yield made_archive


def part(archive: Archive, loop: Loop, name: str, finished: bool = True, later: int = 0) -> str:
    """An interview held as one part of `loop`."""
    asked = question(loop.parts[loop.part].question_id)
    events = log(asked, card_for(asked) if finished else None, finished)
    first = events[0].model_copy(update={"loop": loop})
    shift = timedelta(hours=later)
    return keep(archive, name, [e.model_copy(update={"at": e.at + shift}) for e in (first, *events[1:])])


def test_progress_follows_from_the_interviews_alone(archive: Archive) -> None:
    loop = loop_of("CD01", "SD06", "DB01")
    assert progress(loop, []).next_part == loop
    part(archive, loop, "one")
    second = loop.model_copy(update={"part": 1})
    known = progress(loop, archive.interviews())
    assert known.next_part == second
    part(archive, second, "two", finished=False, later=1)
    known = progress(loop, archive.interviews())
    assert (known.next_part, known.is_over) == (None, False)
    assert [s.id if s else None for s in known.held] == ["one", "two", None, None]
    archive.delete("one")
    assert progress(loop, archive.interviews()).next_part == loop
    other = loop_of("CD01")
    assert progress(other, archive.interviews()).held == (None,) * 4


def test_a_loop_is_started_on_the_practice_page(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    app = drawn(tab().run())
    app.segmented_control(key="way").set_value("Several parts")
    app = drawn(app.run())
    assert "no question left for the part" in texts(app)  # three questions are no whole loop
    app.selectbox(key="plan").set_value(BY_ID["drill-code"])
    app = drawn(app.run())
    assert "Batch processor for mixed schemas" in texts(app)
    drawn(app.button(key="start-plan").click().run())
    (held,) = archive.interviews()
    assert (held.question_id, held.minutes, held.loop) == ("CD01", 20, None)


def test_a_finished_part_offers_the_next_and_the_whole(archive: Archive) -> None:
    loop = loop_of("CD01", "SD06", "DB01")
    part(archive, loop, "one")
    app = page("views/scorecard.py", interview="one")
    assert "**Whole loop, 60 minutes**: 1 of 4 parts done" in texts(app)
    assert links(app)["All parts"] == f"loop={loop.id}"
    drawn(app.button(key="next-part").click().run())
    second = archive.interviews()[0]
    assert (second.question_id, second.minutes) == ("SD06", 21)
    assert second.loop == loop.model_copy(update={"part": 1})


def test_the_page_of_a_loop_tells_the_parts_and_their_result(archive: Archive) -> None:
    loop = loop_of("CD01", "SD06", "DB01")
    part(archive, loop, "one")
    part(archive, loop.model_copy(update={"part": 1}), "two", later=1)
    app = page("views/loop.py", loop=loop.id)
    told = texts(app)
    assert "So far, from 2 of 4 parts." in told
    assert "**Cloud**: Latency quadrupled overnight" in told
    assert "12 min · to come" in told
    both = combined(loop, [card_for(BANK[i]) for i in ("CD01", "SD06")], RUBRIC)
    assert [m.value for m in app.metric] == [f"{both.overall:.2f} of 5"]


def test_a_loop_whose_next_question_is_gone_says_so(archive: Archive) -> None:
    loop = loop_of("CD01", "BH03")
    part(archive, loop, "one")
    assert "BH03, the next question, is no longer in the bank" in texts(page("views/loop.py", loop=loop.id))


def test_an_unknown_loop_leads_back(archive: Archive) -> None:
    assert "This interview is not there" in texts(page("views/loop.py", loop="nope"))
