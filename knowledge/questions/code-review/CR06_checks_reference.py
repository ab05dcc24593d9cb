"""Tests of CR06_reference.py: per fault one test shows it in the code under review and its absence in the repair."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def beside(name: str) -> ModuleType:
    """The module of a file in this folder, whose name has a hyphen and so cannot be imported."""
    spec = importlib.util.spec_from_file_location(f"{name}_for_checks", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ref: Any = beside("CR06_reference")
Graphs, Loader, Network, PodPhotos, loss_of = ref.Graphs, ref.Loader, ref.Network, ref.PodPhotos, ref.loss_of
FAULTY, REPAIRED = ref.under_review(), ref.REPAIRED


def pods(found: int = 45, missed: int = 15, good: int = 1_940) -> list[tuple[float, int]]:
    """Photos of which the first mouldy ones are found and the others missed, in a random but fixed order."""
    photos = [(2.0, 1)] * found + [(-2.0, 1)] * missed + [(-2.0, 0)] * good
    random.Random(5).shuffle(photos)
    return photos


def loader(photos: list[tuple[float, int]], size: int = 32) -> Any:
    return Loader(PodPhotos(photos, ref.whole), size)


def plain() -> Any:
    """A network without anything random or stored, so that only the arithmetic is left."""
    return Network(dropout=0.0, normalises=False)


def evaluate(code: str, model: Any, data: Any) -> tuple[float, float]:
    loss, found = ref.run(code)[0]["evaluate"](model, data, loss_of)
    return (loss if isinstance(loss, float) else loss.item()), found


def test_dropout_one_network_reads_differently_each_time() -> None:
    photos = pods()

    def readings(code: str) -> set[float]:
        return {evaluate(code, Network(normalises=False), loader(photos))[1] for _ in range(5)}

    random.seed(1)
    assert len(readings(FAULTY)) > 1
    assert readings(REPAIRED) == {0.75}


def test_neighbours_decide_about_a_pod() -> None:
    alone, among = [(2.0, 1)], [(2.0, 1)] + [(9.0, 0)] * 3
    network = Network(dropout=0.0)
    assert evaluate(FAULTY, network, loader(among))[1] == 0.0  # the others have raised the mean
    assert evaluate(REPAIRED, Network(dropout=0.0), loader(among))[1] == 1.0
    assert evaluate(REPAIRED, Network(dropout=0.0), loader(alone))[1] == 1.0


def test_measuring_leaves_the_network_as_it_was() -> None:
    photos = [(value + 5.0, label) for value, label in pods()]
    for code, moves in ((FAULTY, True), (REPAIRED, False)):
        network = Network()
        network.mean = 1.0
        evaluate(code, network, loader(photos))
        assert (network.state_dict() != {"mean": 1.0}) is moves
    network = Network(dropout=0.0)
    network.mean = 1_000.0
    evaluate(FAULTY, network, loader(photos))
    assert network.mean < 10.0  # after 63 portions hardly anything of the old value is left


def test_stored_file_holds_what_was_measured() -> None:
    names, stored = ref.run(FAULTY)
    network = Network(dropout=0.0)
    optimiser = ModuleType("optimiser")
    vars(optimiser).update(zero_grad=lambda: None, step=lambda: None)
    learn = loader([(0.0, 0)] * 64)
    names["train"](
        network, learn, [(50.0 + 10.0 * (i % 2), i % 2) for i in range(64 * 32)], loss_of, optimiser, epochs=1
    )
    assert stored[0]["mean"] > 30  # the learning photos are all 0.0


@pytest.mark.parametrize("training", [True, False])
def test_mode_is_given_back(training: bool) -> None:
    network = Network()
    network.train(training)
    evaluate(REPAIRED, network, loader(pods()))
    assert network.training is training
    with pytest.raises(ValueError, match="mouldy"):
        evaluate(REPAIRED, network, loader(pods(0, 0, 10)))
    assert network.training is training


def test_mode_is_given_back_after_an_error() -> None:
    def broken() -> Any:
        yield from loader(pods(1, 1, 30))
        raise OSError("a photo cannot be read")

    network = Network()
    with pytest.raises(OSError, match="photo"):
        evaluate(REPAIRED, network, broken())
    assert network.training


def test_free_marks_for_portions_without_mould() -> None:
    assert evaluate(FAULTY, plain(), loader(pods(0, 0, 64)))[1] == 1.0
    readings = [round(evaluate(FAULTY, plain(), loader(pods(), size))[1], 2) for size in (8, 32, 2_000)]
    assert readings[0] == pytest.approx(0.945, abs=0.02)
    assert readings[1] == pytest.approx(0.84, abs=0.04)
    assert readings[2] == 0.75
    assert {evaluate(REPAIRED, plain(), loader(pods(), size))[1] for size in (1, 7, 8, 32, 2_000)} == {0.75}


def test_mean_of_means() -> None:
    photos = [(2.0, 1)] + [(-2.0, 0)] * 3 + [(2.0, 1)] + [(-2.0, 1)] * 3
    assert evaluate(FAULTY, plain(), loader(photos, 4))[1] == 0.625
    assert evaluate(REPAIRED, plain(), loader(photos, 4))[1] == 0.4


def test_loss_weighs_pods_and_not_portions() -> None:
    photos = [(-2.0, 0)] * 31 + [(2.0, 1)] + [(2.0, 0)]  # the last portion is one bad guess
    (whole_faulty, _), (cut_faulty, _) = (evaluate(FAULTY, plain(), loader(photos, n)) for n in (33, 32))
    (whole, _), (cut, _) = (evaluate(REPAIRED, plain(), loader(photos, n)) for n in (33, 32))
    assert cut_faulty > 5 * whole_faulty
    assert cut == pytest.approx(whole) == pytest.approx(whole_faulty)


def test_follow_up_one() -> None:
    def portion(found: int, missed: int) -> list[tuple[float, int]]:
        return [(2.0, 1)] * found + [(-2.0, 1)] * missed + [(-2.0, 0)] * (4 - found - missed)

    photos = portion(1, 1) + portion(0, 0) + portion(0, 0) + portion(0, 1)
    assert evaluate(FAULTY, plain(), loader(photos, 4))[1] == 0.625
    photos = portion(1, 2) + portion(0, 0) * 3
    assert evaluate(FAULTY, plain(), loader(photos, 4))[1] == pytest.approx((1 / 3 + 3) / 4)


def test_loader_leaves_photos_out_mixes_and_cuts_them() -> None:
    photos = [(float(i + 1), 1) for i in range(2_000)]

    def seen(code: str) -> list[float]:
        return [value for part, _ in ref.run(code)[0]["make_loader"](photos) for value in part.values]

    random.seed(2)
    first, second = seen(FAULTY), seen(FAULTY)
    assert len(first) == len(second) == 1_984
    assert {abs(value) for value in first} != {abs(value) for value in second}
    assert first != sorted(first) and any(value < 0 for value in first)
    assert seen(REPAIRED) == [value for value, _ in photos]


def test_memories_stay_alive_until_the_end() -> None:
    most: list[int] = []

    def watched() -> Any:
        for part in loader(pods(1, 0, 32 * 40 - 1)):
            most.append(Graphs.alive)
            yield part

    evaluate(FAULTY, plain(), watched())
    assert most[-1] >= 39
    most.clear()
    evaluate(REPAIRED, plain(), watched())
    assert max(most) == 0


def test_forty_equal_networks_have_a_splendid_winner() -> None:
    photos = pods()
    random.seed(3)
    names = ref.run(FAULTY)[0]
    shuffled = [
        names["evaluate"](plain(), Loader(PodPhotos(photos, ref.whole), 32, shuffle=True, drop_last=True), loss_of)[1]
        for _ in range(40)
    ]
    assert max(shuffled) > sum(shuffled) / 40 + 0.03
    assert {evaluate(REPAIRED, plain(), loader(photos))[1] for _ in range(3)} == {0.75}


def test_solution_shows_the_repaired_function() -> None:
    text = ref.QUESTION.read_text(encoding="utf-8")
    assert "@torch.inference_mode()" + REPAIRED.split("@torch.inference_mode()")[1] in text
