"""A Markdown file as front matter and a tree of headings, paragraphs and list items, each with its line number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode


@dataclass
class Block:
    """A paragraph, a list item or a code fence. `line` counts from 1 in the whole file."""

    kind: str  # "text", "item" or "code"
    text: str
    line: int
    items: list[Block] = field(default_factory=list)


@dataclass
class Section:
    """A heading with what stands below it; `raw` is the Markdown between it and the next heading of its rank."""

    title: str
    line: int
    raw: str
    blocks: list[Block] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    def items(self) -> list[Block]:
        """The list items directly in this section."""
        return [b for b in self.blocks if b.kind == "item"]

    def paragraphs(self) -> list[Block]:
        """The paragraphs directly in this section."""
        return [b for b in self.blocks if b.kind == "text"]

    def outside_list(self) -> list[Block]:
        """The blocks behind the first list item that belong to no item, and code in front of it."""
        first = next((i for i, b in enumerate(self.blocks) if b.kind == "item"), len(self.blocks))
        return [b for i, b in enumerate(self.blocks) if b.kind == "code" or (b.kind == "text" and i > first)]


def split_front_matter(text: str) -> tuple[str, str, int]:
    """(front matter, body, number of lines before the body). Front matter is "" when there is none."""
    lines = text.split("\n")  # splitlines() also breaks at characters that are no line ends in Markdown
    if lines[0].strip() != "---":
        return "", text, 0
    for i, line in enumerate(lines[1:], start=1):
        if line.strip() == "---":
            return "\n".join(lines[1:i]), "\n".join(lines[i + 1 :]), i + 1
    return "", text, 0


def parse_sections(body: str, line_offset: int) -> list[Section]:
    """The level-2 sections of `body`, each with its level-3 subsections. Text before the first one is dropped."""
    blocks_only = MarkdownIt("commonmark").disable(["inline", "text_join"])  # texts are taken as written
    root = SyntaxTreeNode(blocks_only.parse(body))
    lines = body.split("\n")
    return _sections(list(root.children), 2, lines, len(lines), line_offset)


def _sections(nodes: list[SyntaxTreeNode], rank: int, lines: list[str], end: int, offset: int) -> list[Section]:
    heads = [i for i, n in enumerate(nodes) if n.type == "heading" and n.tag == f"h{rank}"]
    found = []
    for here, following in zip(heads, [*heads, len(nodes)][1:], strict=True):
        head, inside = nodes[here], nodes[here + 1 : following]
        stop = _first_line(nodes[following]) if following < len(nodes) else end
        section = Section(_inline(head), _first_line(head) + offset + 1, "")
        section.raw = "\n".join(lines[_first_line(head) + 1 : stop]).strip()
        first_child = next((i for i, n in enumerate(inside) if n.type == "heading"), len(inside))
        section.blocks = list(_blocks(inside[:first_child], offset))
        if rank == 2:
            section.sections = _sections(inside, 3, lines, stop, offset)
        found.append(section)
    return found


def _blocks(nodes: list[SyntaxTreeNode], offset: int) -> Iterator[Block]:
    for node in nodes:
        line = _first_line(node) + offset + 1
        if node.type == "paragraph":
            yield Block("text", _inline(node), line)
        elif node.type in ("fence", "code_block"):
            yield Block("code", node.content, line)
        elif node.type in ("bullet_list", "ordered_list"):
            for item in node.children:
                own = list(_blocks(list(item.children), offset))
                text = " ".join(b.text for b in own if b.kind == "text")
                nested = [b for b in own if b.kind == "item"]
                yield Block("item", text, _first_line(item) + offset + 1, nested)


def _first_line(node: SyntaxTreeNode) -> int:
    return node.map[0] if node.map else 0


def _inline(node: SyntaxTreeNode) -> str:
    return " ".join(" ".join(c.content.split()) for c in node.children if c.type == "inline")
