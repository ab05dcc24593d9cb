"""Several verdicts on one transcript: what most of them stand behind, and how far they lie apart."""

from __future__ import annotations

import pytest

from agents.model_verdict import Verdict
from agents.reading import AreaVerdict, Claim, Findings, Mistake
from agents.scorecard import Evidence, Finding
from agents.verdict_samples import median_of
from knowledge.terms import Rung

FLAG = Finding(id="RF1", text="x", evidence=(Evidence(point=None, turn=2, quote="Well."),))


def sample(score: float | None, rung: Rung = Rung.UNSEEN, **more: object) -> Verdict:
    """A verdict on one area, with one claim unless its rung is UNSEEN."""
    claims = (Claim("P3", rung, 2, f"quote {rung}", 0.9, "SY"),) if rung else ()
    area = AreaVerdict(score) if score is not None else AreaVerdict(None, unscored="not readable")
    made = Verdict({"SY": area}, claims)
    return Verdict(made.areas, made.claims, **more)  # type: ignore[arg-type]


def scored(*scores: float | None) -> AreaVerdict:
    return median_of([sample(s) for s in scores]).areas["SY"]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((2.0, 4.0, 3.0), (3.0, 2.0, 4.0)),
        ((5.0, 1.0, 1.0), (1.0, 1.0, 5.0)),
        ((4.0, 2.0), (2.0, 2.0, 4.0)),
        ((None, 4.0, 3.0), (3.0, 3.0, 4.0)),
        ((3.5, 3.5, 3.5), (3.5, 3.5, 3.5)),
        ((None, 4.0), (4.0, 4.0, 4.0)),
    ],
)
def test_the_score_is_the_lower_median_between_the_lowest_and_the_highest(
    scores: tuple[float | None, ...], expected: tuple[float, float, float]
) -> None:
    found = scored(*scores)
    assert (found.score, found.low, found.high) == expected


@pytest.mark.parametrize("scores", [(None, None, 5.0), (None, None, None), (None, None, None, 4.0)])
def test_where_fewer_than_half_have_a_number_there_is_none(scores: tuple[float | None, ...]) -> None:
    assert scored(*scores) == AreaVerdict(None, unscored="not readable")


def test_a_single_verdict_stays_as_it_is() -> None:
    one = sample(3.0, Rung.HELD)
    assert median_of([one]) is one


M, E, J, H, NONE = Rung.MENTIONED, Rung.EXPLAINED, Rung.JUSTIFIED, Rung.HELD, Rung.UNSEEN


@pytest.mark.parametrize(
    ("rungs", "expected"),
    [
        ((M, E, H), E),
        ((H, H, M), H),
        ((NONE, E, H), E),
        ((NONE, NONE, H), NONE),
        ((NONE, J), J),
        ((E, J), E),
        ((NONE, NONE, E, J), E),
        ((NONE, NONE, NONE, H), NONE),
    ],
)
def test_a_claim_stays_at_its_lower_median_if_half_have_it(rungs: tuple[Rung, ...], expected: Rung) -> None:
    found = median_of([sample(3.0, r) for r in rungs]).claims
    assert [c.rung for c in found] == ([expected] if expected else [])
    if expected:
        assert int(found[0].quote.split()[1]) >= expected


def test_a_verdict_without_a_number_has_no_voice_about_claims() -> None:
    found = median_of([sample(None), sample(None), sample(4.0, J), sample(4.0, J)])
    assert (found.areas["SY"].score, [c.rung for c in found.claims]) == (4.0, [J])


def test_a_mistake_stays_if_half_have_it_and_is_withdrawn_if_half_of_them_say_so() -> None:
    made, back = Mistake("W1", 2, "x"), Mistake("W1", 2, "x", withdrawn=True)
    for found, expected in (
        ([(made,), (made,), ()], [False]),
        ([(made,), (), ()], []),
        ([(made,), (back,), ()], [True]),
        ([(made,), (back,), (made,)], [False]),
        ([(made, made), (), ()], []),
    ):
        assert [m.withdrawn for m in median_of([sample(3.0, mistakes=m) for m in found]).mistakes] == expected


def test_findings_and_criteria_stay_if_half_have_them() -> None:
    some, none = Findings((FLAG,), (FLAG,), {"depth": 4.0}), Findings()
    for samples, stays in (([some, some, none], True), ([some, none, none], False), ([some, none], True)):
        found = median_of([sample(3.0, findings=f) for f in samples]).findings
        assert (found.red_flags, found.differentiators) == (((FLAG,), (FLAG,)) if stays else ((), ()))
        assert found.criteria == ({"depth": 4.0} if stays else {})


def test_a_finding_named_twice_by_one_verdict_is_one_voice() -> None:
    twice = Findings((FLAG, FLAG), (), {})
    assert median_of([sample(3.0, findings=f) for f in (twice, Findings(), Findings())]).findings.red_flags == ()
