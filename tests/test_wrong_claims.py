"""Wrong claims of the shipped questions are heard when made; not when negated, set aside, asked or written as code."""

from __future__ import annotations

import pytest

from agents.events import AnswerKind
from agents.observer import WRONG, Exchange
from agents.panel import Panel
from knowledge.bank import load_bank

BANK = load_bank().questions
CLAIMS = [(q.id, w.id, w.claim) for q in BANK.values() for w in q.wrong_claims]

OPPOSITES = {
    "CD01": (
        "The GIL does not make this thread-safe, so the counter needs a lock.",
        "`self.total += n` is not atomic, so another thread can interrupt it.",
        "Some people think the GIL makes this thread-safe, so the counter needs no protection, but that is false.",
        "Missing amounts are refused instead of filled with the mean of the batch.",
        "I reject imputing gaps with the batch median because neighbours would change the row.",
        "With eight threads the parsing does not run eight times as fast.",
        "It is wrong to put one lock around the whole of process.",
        "I don't wrap every record in try and except Exception and skip whatever fails.",
        "The only shared thing is the stats counter, and that's inside the lock.",
    ),
    "DB01": (
        "The model has not become slower, so I would not retrain it or roll it back.",
        "We do not need more pods; more replicas will not bring the latency down.",
        "The mean latency tells us nothing about what users feel.",
        "The lookups time out, so I'd not allow more retries.",
        "The lookup is the slow stage, but the feature store itself is not overloaded.",
        "I doubt that the feature store is overloaded.",
        "If traffic doubled on top of this, I'd scale out the pods, put in rate limiting and turn retries down.",
    ),
    "SD02": (
        "We do not have to update the model itself every minute to react within a minute.",
        "A piece that was shown and not bought is not a negative example.",
        "It would be a mistake to treat a piece that was shown and not bought as a negative example.",
        "Going back is not easy, we cannot just load the previous model file again.",
        "Automatic scaling at sixty percent processor load does not take care of the evening.",
        "Collaborative filtering on who bought which piece cannot cover new pieces, even when renewed every night.",
    ),
    "SD06": (
        "No feature store guarantees that training and live values are the same.",
        "Building the whole platform first and moving all forty teams at the end of the year is the classic failure.",
        "The server does not ask the registry on every request; it keeps the version locally.",
        "We don't scale the model servers on CPU, because Kubernetes would miss the peaks.",
        "We can't show the live accuracy of every model on a dashboard, since labels come after ninety days.",
    ),
}
"""Sound sentences that share most of their words with a wrong claim."""


@pytest.mark.parametrize(("question", "claim", "text"), CLAIMS, ids=[f"{q}-{w}" for q, w, _ in CLAIMS])
def test_a_wrong_claim_is_heard(panel: Panel, question: str, claim: str, text: str) -> None:
    seen = panel.observer.observe(BANK[question], Exchange("", None, f"Let me go on. {text}"))
    assert seen.kind is AnswerKind.WRONG or seen.asked_item  # "I'd look at the mean" asks for it, too
    assert [w.claim for w in seen.wrong] == [claim]
    assert seen.wrong[0].quote == text
    assert WRONG <= seen.wrong[0].probability <= 1


@pytest.mark.parametrize(("question", "text"), [(q, t) for q, texts in OPPOSITES.items() for t in texts])
def test_its_opposite_is_not(panel: Panel, question: str, text: str) -> None:
    seen = panel.observer.observe(BANK[question], Exchange("", None, text))
    assert seen.wrong == ()
    assert seen.kind is not AnswerKind.WRONG


@pytest.mark.parametrize("question", list(OPPOSITES))
def test_a_wording_with_a_hedge_of_its_own_is_heard(panel: Panel, question: str) -> None:
    hedged = {
        "CD01": "I'd impute the gaps with the batch median so that we don't lose any rows.",
        "DB01": "If a lookup fails we simply send it again straight away, as often as it takes.",
        "SD02": "If the new version is bad we redeploy the old container and everything is as before.",
        "SD06": "If CPU is high Kubernetes makes new pods, if it is low it removes them, this is enough for all.",
    }
    assert len(panel.observer.observe(BANK[question], Exchange("", None, hedged[question])).wrong) == 1


@pytest.mark.parametrize("question", list(BANK))
def test_asking_is_not_claiming(panel: Panel, question: str) -> None:
    claim = BANK[question].wrong_claims[0].claim.rstrip(".")
    assert panel.observer.observe(BANK[question], Exchange("", None, f"{claim}?")).wrong == ()


def test_code_makes_no_claims(panel: Panel) -> None:
    code = "```python\n# I wrap every record in try and except Exception and skip whatever fails.\n```"
    assert panel.observer.observe(BANK["CD01"], Exchange("", None, code)).wrong == ()


def test_what_was_pasted_from_the_problem_makes_no_claims(panel: Panel) -> None:
    question = BANK["SD02"]
    assert panel.observer.observe(question, Exchange("", None, question.statement)).wrong == ()
