"""The code in an answer: Markdown fences, cut into blocks that say enough to be compared with a sentence."""

from __future__ import annotations

import re

from knowledge.words import Span

MOST_CODE_LINES = 12
_FENCE = re.compile(r"```[ \t]*[\w+#.-]*[ \t]*\n(?P<code>.*?)(?:```|\Z)", re.DOTALL)
_LINE = re.compile(r"[^\n]*\n?")
_OPENS_BLOCK = re.compile(r"\s*(?:def |class |@|async def )")


def in_fence(text: str, position: int) -> bool:
    """Whether `position` lies in a fence; one that is not closed lasts to the end."""
    return text.count("```", 0, position) % 2 == 1


def code_blocks(text: str) -> list[Span]:
    """The code in the fences of `text`, cut at empty lines and definitions into blocks of at most twelve lines.

    A single line of code says too little to be compared with a sentence.
    """
    found = []
    for fence in _FENCE.finditer(text):
        begin, lines, start = fence.start("code"), 0, fence.start("code")
        for match in _LINE.finditer(fence["code"]):
            opens = _OPENS_BLOCK.match(match.group()) is not None
            if lines and (not match.group().strip() or opens or lines >= MOST_CODE_LINES):
                found.append((start, begin + match.start()))
                start, lines = begin + match.start(), 0
            lines += 1
        found.append((start, begin + len(fence["code"])))
    spans = [
        Span(text[a:b].strip(), a + len(text[a:b]) - len(text[a:b].lstrip()), 0) for a, b in found if text[a:b].strip()
    ]
    return [Span(s.text, s.start, s.start + len(s.text)) for s in spans]
