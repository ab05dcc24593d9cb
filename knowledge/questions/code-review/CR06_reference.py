"""Reference for CR06, the evaluation loop with silent bugs.

The code under review is read out of the question, the repaired one stands below. Both run on a stand-in for the few
parts of PyTorch that they use: a list that knows whether it keeps a graph alive, a loader, and a network with the two
kinds of layer that behave differently while training. Tests are in CR06_checks_reference.py.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

QUESTION = Path(__file__).with_name("CR06.md")

REPAIRED = """\
import torch
from torch.utils.data import DataLoader

from pods import PodPhotos, whole

def make_loader(folder):
    photos = PodPhotos(folder, transform=whole)
    return DataLoader(photos, batch_size=32, shuffle=False)

@torch.inference_mode()
def evaluate(model, loader, loss_of):
    was_training = model.training
    model.eval()
    loss, found, mouldy, seen = 0.0, 0, 0, 0
    try:
        for photos, labels in loader:
            logits = model(photos).squeeze(1)
            loss += loss_of(logits, labels.float()).item() * len(labels)
            found += ((logits > 0) & (labels == 1)).sum().item()
            mouldy += (labels == 1).sum().item()
            seen += len(labels)
    finally:
        model.train(was_training)
    if mouldy == 0:
        raise ValueError("no mouldy pod was seen, so nothing can be said about finding them")
    return loss / seen, found / mouldy
"""


def under_review() -> str:
    return QUESTION.read_text(encoding="utf-8").split("```python\n", 1)[1].split("```", 1)[0]


# --- A stand-in for the parts of PyTorch that both versions use ------------------------------------


class Graphs:
    """Whether results remember their making, and how many of these memories are alive."""

    enabled = True
    alive = 0


class Memory:
    """What a backward pass would need: the intermediate results of one portion."""

    def __init__(self) -> None:
        Graphs.alive += 1

    def __del__(self) -> None:
        Graphs.alive -= 1


class Tensor:
    """A row of numbers."""

    def __init__(self, values: Sequence[float], memory: Memory | None = None) -> None:
        self.values, self.memory = list(values), memory

    def _map(self, function: Callable[[float], float]) -> Tensor:
        return Tensor([function(value) for value in self.values], self.memory)

    def _pair(self, other: Any, function: Callable[[float, float], float]) -> Tensor:
        others = other.values if isinstance(other, Tensor) else [other] * len(self.values)
        return Tensor([function(a, b) for a, b in zip(self.values, others, strict=True)], self.memory)

    def __eq__(self, other: object) -> Any:
        return self._pair(other, lambda a, b: float(a == b))

    __hash__ = None  # type: ignore[assignment]

    def __gt__(self, other: Any) -> Tensor:
        return self._pair(other, lambda a, b: float(a > b))

    def __and__(self, other: Tensor) -> Tensor:
        return self._pair(other, lambda a, b: float(bool(a) and bool(b)))

    def __add__(self, other: Any) -> Tensor:
        return self._pair(other, lambda a, b: a + b)

    __radd__ = __add__

    def __truediv__(self, other: Any) -> Tensor:
        return self._pair(other, lambda a, b: a / b)

    def __bool__(self) -> bool:
        return bool(self.item())

    def __len__(self) -> int:
        return len(self.values)

    def sum(self) -> Tensor:
        return Tensor([math.fsum(self.values)], self.memory)

    def item(self) -> float:
        (value,) = self.values
        return value

    def squeeze(self, *_: int) -> Tensor:
        return self

    def float(self) -> Tensor:
        return self

    def backward(self) -> None:
        self.memory = None


class InferenceMode:
    """Switches memories off for the calls of one function."""

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def inner(*arguments: Any) -> Any:
            before, Graphs.enabled = Graphs.enabled, False
            try:
                return function(*arguments)
            finally:
                Graphs.enabled = before

        return inner


def loss_of(logits: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy of a portion."""
    losses = [
        math.log1p(math.exp(-z if y else z)) for z, y in zip(logits.values, labels.values, strict=True)
    ]  # fine for the small numbers here
    return Tensor([math.fsum(losses) / len(losses)], logits.memory)


class Loader:
    def __init__(self, data: Any, batch_size: int, shuffle: bool = False, drop_last: bool = False) -> None:
        self.data, self.batch_size, self.shuffle, self.drop_last = data, batch_size, shuffle, drop_last

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = list(range(len(self.data)))
        if self.shuffle:
            random.shuffle(order)
        for start in range(0, len(order), self.batch_size):
            part = [self.data[i] for i in order[start : start + self.batch_size]]
            if len(part) == self.batch_size or not self.drop_last:
                yield Tensor([photo for photo, _ in part]), Tensor([label for _, label in part])


class Network:
    """A normalisation with running averages, then dropout; a photo is one number, and mould is a large one."""

    def __init__(self, dropout: float = 0.3, momentum: float = 0.1, normalises: bool = True) -> None:
        self.training = True  # as a fresh module
        self.dropout, self.momentum, self.normalises = dropout, momentum, normalises
        self.mean = 0.0

    def train(self, mode: bool = True) -> None:
        self.training = mode

    def eval(self) -> None:
        self.training = False

    def state_dict(self) -> dict[str, float]:
        return {"mean": self.mean}

    def __call__(self, photos: Tensor) -> Tensor:
        mean = self.mean if self.normalises else 0.0
        if self.training and self.normalises:
            mean = math.fsum(photos.values) / len(photos)
            self.mean += self.momentum * (mean - self.mean)
        logits = [value - mean for value in photos.values]
        if self.training:
            logits = [0.0 if random.random() < self.dropout else z / (1 - self.dropout) for z in logits]
        return Tensor(logits, Memory() if Graphs.enabled else None)


Photo = tuple[float, int]


class PodPhotos:
    """The photos of a "folder", which is a list here."""

    def __init__(self, folder: Sequence[Photo], transform: Callable[[float], float]) -> None:
        self.folder, self.transform = folder, transform

    def __len__(self) -> int:
        return len(self.folder)

    def __getitem__(self, index: int) -> Photo:
        value, label = self.folder[index]
        return self.transform(value), label


def whole(value: float) -> float:
    return value


def cut(value: float) -> float:
    """A random piece may miss the mouldy tip."""
    return -abs(value) if random.random() < 0.1 else value


def run(code: str) -> tuple[dict[str, Any], list[dict[str, float]]]:
    """The names that a code defines on the stand-in, and what it stores."""
    stored: list[dict[str, float]] = []
    torch, data, pods = ModuleType("torch"), ModuleType("torch.utils.data"), ModuleType("pods")
    vars(torch).update(
        inference_mode=InferenceMode,
        sigmoid=lambda logits: logits._map(lambda z: 1 / (1 + math.exp(-z))),
        save=lambda state, name: stored.append(state),
    )
    vars(data).update(DataLoader=Loader)
    vars(pods).update(PodPhotos=PodPhotos, augment=cut, whole=whole)
    modules = {"torch": torch, "torch.utils": ModuleType("torch.utils"), "torch.utils.data": data, "pods": pods}
    before = {name: sys.modules.get(name) for name in modules}
    names: dict[str, Any] = {}
    sys.modules.update(modules)
    try:
        exec(code, names)
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return names, stored
