"""Text of people in a Markdown file: escaped so that a reader sees what was typed, whatever it looks like.

For files in CommonMark with GitHub's additions. The pages have their own way (views/house.py): Streamlit's Markdown has
signs that no other has.
"""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[\\`*_\[\]<>$~|@]|&(?=#?\w+;)|(?<=http):(?=//)|(?<=https):(?=//)|(?<=www)\.")
_LINE_START = re.compile(r"^((?:&nbsp;)*)(?:([#+=-])|(\d{1,9})([.)])(?=\s|$))")
_RUN_OF_SPACES = re.compile(r" {2,}|^ ")
_FENCE = re.compile(r"^ {0,3}```[ \t]*([\w+-]*)[^`\n]*\n(.*?)^ {0,3}```[ \t]*$\n?", re.MULTILINE | re.DOTALL)


def literal(text: str) -> str:
    """`text` on one line for the inside of a paragraph or list item, nothing in it markup."""
    return _line(" ".join(text.split()))


def quoted(text: str) -> str:
    """`text` as a block quote, line by line as typed; its closed code fences become code."""
    lines: list[str] = []
    end = 0
    for fence in _FENCE.finditer(text):
        lines += _prose(text[end : fence.start()])
        lines += [*fenced(fence[1], fence[2]), ""]
        end = fence.end()
    lines += _prose(text[end:])
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(f"> {line}" if line else ">" for line in lines)


def linked(title: str, address: str) -> str:
    """A link; the address in angle brackets, because some hold parentheses."""
    safe = address.replace("<", "%3C").replace(">", "%3E").replace("\n", "")
    return f"[{literal(title)}](<{safe}>)"


def fenced(language: str, code: str) -> list[str]:
    """The lines of a code block whose fence is longer than any in `code`."""
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *code.rstrip("\n").split("\n"), fence]


def _prose(text: str) -> list[str]:
    """Lines with a hard break after each but the last of a paragraph; a blank one between paragraphs."""
    found: list[str] = []
    typed = [line.rstrip() for line in text.replace("\t", "    ").split("\n")]
    for line, following in zip(typed, [*typed[1:], ""], strict=True):
        if line:
            found.append(_line(line) + ("  " if following else ""))
        elif found and found[-1]:
            found.append("")
    if found and found[-1]:
        found.append("")
    return found


def _line(line: str) -> str:
    """One line escaped. Several spaces in a row, and those it begins with, are kept as typed."""
    escaped = _SIGNS.sub(r"\\\g<0>", line)
    spaced = _RUN_OF_SPACES.sub(lambda run: "&nbsp;" * len(run.group()), escaped)
    return _LINE_START.sub(_begun, spaced)


def _begun(match: re.Match[str]) -> str:
    indent, sign, digits, mark = match.groups()
    return f"{indent}\\{sign}" if sign else f"{indent}{digits}\\{mark}"
