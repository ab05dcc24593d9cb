"""YAML mappings read strictly, each value with its line, so that a fault names the place to mend.

PyYAML's loaders forget the lines and let a repeated key silently win; the node tree keeps both. This is
not a schema language: a loader asks a block for what it expects, and the block notes what it did not get.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from knowledge.faults import Fault, KnowledgeError

_TAG = "tag:yaml.org,2002:"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same nodes, ten times as fast where PyYAML was built with its C library."""


@dataclass
class Block:
    """One mapping of a YAML file.

    The readers (`text`, `number` ...) note a fault and return an empty value when the file holds something
    else; a key that is absent gives the default without a fault, because `expect` has said so already.
    Call `finish` before using what was read. `faults` is one list, shared by all blocks of the file.
    """

    path: Path
    where: str
    line: int
    faults: list[Fault] = field(default_factory=list)
    nodes: dict[str, yaml.Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, key: str) -> int:
        """The line of `key`, or the block's own line where the key is absent."""
        return self.lines.get(key, self.line)

    def fault(self, message: str, line: int | None = None) -> None:
        """Notes a fault of this block, at its first line unless told otherwise."""
        prefix = f"{self.where}: " if self.where else ""
        self.faults.append(Fault(self.path, line or self.line, prefix + message))

    def expect(self, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        """Notes every key that is missing and every key that nobody would read."""
        required = tuple(required)
        known = (*required, *optional)
        for key in self.nodes:
            if key not in known:
                self.fault(f"unknown key '{key}' (known: {', '.join(known)})", self.lines[key])
        for key in required:
            if key not in self.nodes:
                self.fault(f"missing key '{key}'")

    def text(self, key: str, default: str = "") -> str:
        """A non-empty text."""
        node = self.nodes.get(key)
        return default if node is None else self._text_of(node, key)

    def text_or_null(self, key: str) -> str | None:
        """A non-empty text, or None where the file says null."""
        node = self.nodes.get(key)
        if node is None or node.tag == _TAG + "null":
            return None
        return self._text_of(node, key)

    def lined_texts(self, key: str) -> tuple[tuple[str, int], ...]:
        """A list of one or more texts, each with its own line."""
        node = self.nodes.get(key)
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.fault(f"'{key}' must be a list of texts", self.line_of(key))
            return ()
        if not node.value:
            self.fault(f"'{key}' needs at least one entry", self.line_of(key))
        return tuple((self._text_of(item, key), _line(item)) for item in node.value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of one or more texts."""
        return tuple(text for text, _ in self.lined_texts(key))

    def ids(self, key: str, known: Collection[str], what: str) -> tuple[str, ...]:
        """A list of ids out of `known`; those outside it and those named twice are noted as a `what`."""
        named = self.lined_texts(key)
        seen: set[str] = set()
        for id_, line in named:
            if id_ and id_ not in known:
                self.fault(f"unknown {what} '{id_}'", line)
            if id_ in seen:
                self.fault(f"{what} '{id_}' is named twice", line)
            seen.add(id_)
        return tuple(id_ for id_, _ in named)

    def number(self, key: str, default: float = 0.0) -> float:
        """A finite number, whole or not."""
        node = self.nodes.get(key)
        if node is None:
            return default
        if node.tag in (_TAG + "int", _TAG + "float"):
            try:
                value = float(node.value)
            except ValueError:  # .inf, 0x1f and the like are numbers to YAML, not to a reader of rubrics
                value = math.nan
            if math.isfinite(value):
                return value
        self.fault(f"'{key}' must be a number", self.line_of(key))
        return default

    def number_within(self, key: str, low: float, high: float) -> float:
        """A number from `low` to `high`, both allowed; `low` where the key is absent."""
        value = self.number(key, low)
        if not low <= value <= high:
            self.fault(f"'{key}' must be from {low:g} to {high:g}", self.line_of(key))
        return value

    def whole(self, key: str, default: int = 0) -> int:
        """A whole number, zero or more."""
        value = self.number(key, float(default))
        if value < 0 or value != int(value):
            self.fault(f"'{key}' must be a whole number, zero or more", self.line_of(key))
            return default
        return int(value)

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        node = self.nodes.get(key)
        if node is None:
            return default
        if node.tag != _TAG + "bool":
            self.fault(f"'{key}' must be true or false", self.line_of(key))
            return default
        return str(node.value).lower() in ("true", "yes", "on")

    def block(self, key: str) -> Block | None:
        """The mapping under `key`; None where it is absent or something else (which is noted)."""
        node = self.nodes.get(key)
        if node is None:
            return None
        where = f"{self.where}.{key}" if self.where else key
        return _block(node, self.path, where, self.line_of(key), self.faults)

    def entries(self) -> list[tuple[str, Block]]:
        """All keys whose values are mappings, in the order of the file; other values are noted."""
        found = [(key, self.block(key)) for key in self.nodes]
        return [(key, block) for key, block in found if block is not None]

    def finish(self, error: type[KnowledgeError] = KnowledgeError) -> None:
        """Raises `error` with all faults of the file, in the order of their lines, if there are any."""
        if self.faults:
            raise error(sorted(self.faults, key=lambda fault: fault.line))

    def _text_of(self, node: yaml.Node, key: str) -> str:
        if node.tag != _TAG + "str":
            self.fault(f"'{key}' must be text (put it in quotes if it looks like a number)", _line(node))
            return ""
        text = str(node.value).strip()
        if not text:
            self.fault(f"'{key}' must not be empty", _line(node))
        return text


def read_bytes(path: Path, error: type[KnowledgeError] = KnowledgeError) -> bytes:
    """The file's bytes. Raises `error` when it cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as reason:
        raise error([Fault(path, 1, f"cannot be read: {reason.strerror or reason}")]) from reason


def parse_block(data: bytes, path: Path, error: type[KnowledgeError] = KnowledgeError) -> Block:
    """The file's outermost mapping. Raises `error` when the bytes are not one YAML mapping in UTF-8."""
    try:
        node = yaml.compose(data.decode("utf-8"), Loader=LOADER)
    except UnicodeDecodeError as reason:
        line = data[: reason.start].count(b"\n") + 1
        raise error([Fault(path, line, "not UTF-8 text")]) from reason
    except yaml.MarkedYAMLError as reason:
        mark = reason.problem_mark or reason.context_mark
        message = f"not valid YAML: {reason.problem or reason.context}"
        raise error([Fault(path, mark.line + 1 if mark else 1, message)]) from reason
    except yaml.YAMLError as reason:
        raise error([Fault(path, 1, f"not valid YAML: {reason}")]) from reason
    if not isinstance(node, yaml.MappingNode):
        line = _line(node) if node else 1
        raise error([Fault(path, line, "the file must be a mapping (lines of the form 'key: value')")])
    faults: list[Fault] = []
    block = _block(node, path, "", 1, faults)
    assert block is not None  # a mapping always gives a block
    return block


def _block(node: yaml.Node, path: Path, where: str, line: int, faults: list[Fault]) -> Block | None:
    """`node` as a block, or None with a fault noted where it is not a mapping."""
    if not isinstance(node, yaml.MappingNode):
        faults.append(Fault(path, line, f"{where}: must be a mapping (lines of the form 'key: value')"))
        return None
    block = Block(path, where, line, faults)
    for key_node, value in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            block.fault("a key must be a plain word", _line(key_node))
        elif key_node.value in block.nodes:
            first = block.lines[key_node.value]
            block.fault(f"'{key_node.value}' appears twice (first on line {first})", _line(key_node))
        else:
            block.nodes[key_node.value] = value
            block.lines[key_node.value] = _line(key_node)
    return block


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
