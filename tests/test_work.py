"""What the calls of a step used is added up, and a sum without all its prices is none."""

from __future__ import annotations

from agents.work import Call, Usage, Work


def test_what_a_step_used_is_added_up() -> None:
    priced = Call(role="observer", model="a", outcome="ok", tokens_in=10, tokens_out=2, cost=0.5)
    unpriced = priced.model_copy(update={"cost": None, "counted": True})
    failed = Call(role="observer", model="a", outcome="busy")
    used = Usage().plus(Work(calls=(priced, failed))).plus(None)
    assert used == Usage(calls=2, tokens_in=10, tokens_out=2, cost=0.5)
    assert used.plus(Work(calls=(unpriced,))) == Usage(calls=3, tokens_in=20, tokens_out=4, counted=True, cost=None)
