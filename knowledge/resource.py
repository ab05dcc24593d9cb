"""What to study: the resources, the closed list of topics, and which resources serve a topic.

The links were collected, not opened: `checked` says whether anyone has looked. Nothing here fetches them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from knowledge.faults import Fault, KnowledgeError
from knowledge.yaml_lines import Block, parse_block, read_bytes

TOPICS_FILE = Path(__file__).parent / "topics.yaml"
RESOURCES_FILE = Path(__file__).parent / "resources.yaml"

KINDS = ("article", "book", "course", "docs", "practice", "repo", "video", "workshop")
ACCESS = ("open", "paid or login")
GROUPS = (
    "Framing, requirements, sizing",
    "Ingestion, quality, storage, labels",
    "Features, parity, freshness",
    "Training, tuning, tracking",
    "Evaluation, experiments",
    "Versions, lineage, packaging, CI/CD",
    "Serving, release, scaling",
    "Platform, cloud, cost",
    "Monitoring, drift, incidents, retraining",
    "Privacy, security, fairness",
    "Recommendation, search, ads",
    "Vision, language, LLM",
    "Fraud, forecasting, marketplaces",
    "Code craft, concurrency, shell",
    "People and direction",
)


class ResourceFileError(KnowledgeError):
    """The topics or the resources file has faults."""


@dataclass(frozen=True)
class Topic:
    """One tag of the closed list. `parent` is a broader or prerequisite topic, whose resources serve a
    learner too; `none_yet` admits that neither the topic nor an ancestor has a resource. `group` is one
    of GROUPS."""

    tag: str
    name: str
    parent: str | None
    group: str
    none_yet: bool


@dataclass(frozen=True)
class Resource:
    """One thing to study. `kind` is one of KINDS, `access` one of ACCESS; the first of `topics` is what it
    is mainly about; `why` is one line on its use to a candidate; `checked` says that its link was opened;
    `found_by` are phrases that somebody types who looks for it."""

    id: str
    title: str
    url: str
    kind: str
    access: str
    topics: tuple[str, ...]
    section: str
    why: str
    checked: bool
    found_by: tuple[str, ...] = ()


def load_topics(path: Path = TOPICS_FILE) -> dict[str, Topic]:
    """Tag -> topic, in the order of the file. Raises ResourceFileError with every fault."""
    root = parse_block(read_bytes(path, ResourceFileError), path, ResourceFileError)
    topics: dict[str, Topic] = {}
    blocks = dict(root.entries())
    for tag, block in blocks.items():
        block.expect(("name", "parent", "group"), ("none_yet",))
        parent = block.text_or_null("parent")
        if parent is not None and parent not in root.nodes:
            block.fault(f"parent '{parent}' is not in the list", block.line_of("parent"))
        _among(block, "group", GROUPS)
        name, group = block.text("name"), block.text("group")
        topics[tag] = Topic(tag, name, parent, group, block.flag("none_yet"))
    for tag, block in blocks.items():
        ring = _ring(tag, topics)
        if ring and tag == min(ring):  # once per ring, not once per member
            block.fault(f"parents go in a circle: {' -> '.join((*ring, tag))}", block.line_of("parent"))
    root.finish(ResourceFileError)
    return topics


def load_resources(path: Path = RESOURCES_FILE, topics: Mapping[str, Topic] | None = None) -> dict[str, Resource]:
    """Id -> resource, in the order of the file. `topics` are the tags allowed, the shipped ones by default.
    Raises ResourceFileError with every fault."""
    allowed = load_topics() if topics is None else topics
    root = parse_block(read_bytes(path, ResourceFileError), path, ResourceFileError)
    resources: dict[str, Resource] = {}
    url_lines: dict[str, int] = {}
    for key, block in root.entries():
        block.expect(("title", "url", "kind", "access", "topics", "section", "why", "checked"), ("found_by",))
        _check_url(block, url_lines)
        _among(block, "kind", KINDS)
        _among(block, "access", ACCESS)
        resources[key] = Resource(
            id=key,
            title=block.text("title"),
            url=block.text("url"),
            kind=block.text("kind"),
            access=block.text("access"),
            topics=block.ids("topics", allowed, "topic"),
            section=block.text("section"),
            why=block.text("why"),
            checked=block.flag("checked"),
            found_by=block.texts("found_by"),
        )
    root.finish(ResourceFileError)
    return resources


def resources_for(topic: str, resources: Mapping[str, Resource], topics: Mapping[str, Topic]) -> list[Resource]:
    """What to study for `topic`: its own resources, else those of the nearest ancestor that has any, else
    nothing. Those mainly about the topic come first. Raises KeyError for a tag outside the list."""
    for tag in _lineage(topic, topics):
        found = [resource for resource in resources.values() if tag in resource.topics]
        if found:
            return sorted(found, key=lambda resource: resource.topics.index(tag))
    return []


def coverage_faults(
    resources: Mapping[str, Resource], topics: Mapping[str, Topic], path: Path = TOPICS_FILE
) -> tuple[Fault, ...]:
    """Where the topics file at `path` promises more or less than the resources hold: topics that reach no
    resource without saying `none_yet`, and those that say it although they reach one. Apart from loading,
    because a team's short list of resources is usable before it covers everything."""
    root = parse_block(read_bytes(path, ResourceFileError), path, ResourceFileError)
    for tag, topic in topics.items():
        served = bool(resources_for(tag, resources, topics))
        if not served and not topic.none_yet:
            root.fault(f"{tag}: reaches no resource; give it a parent or 'none_yet: true'", root.line_of(tag))
        if served and topic.none_yet:
            root.fault(f"{tag}: reaches a resource; remove 'none_yet'", root.line_of(tag))
    return tuple(root.faults)


def _lineage(tag: str, topics: Mapping[str, Topic]) -> list[str]:
    """The topic and its ancestors, nearest first; ends at a repetition, as hand-made topics may go round."""
    line = [tag]
    parent = topics[tag].parent
    while parent is not None and parent not in line:
        line.append(parent)
        parent = topics[parent].parent
    return line


def _ring(tag: str, topics: Mapping[str, Topic]) -> list[str]:
    """The tags from `tag` up to itself if its parents lead back to it, else nothing."""
    ring = [tag]
    parent = topics[tag].parent
    while parent is not None and parent in topics and parent not in ring:
        ring.append(parent)
        parent = topics[parent].parent
    return ring if parent == tag else []


def _among(block: Block, key: str, allowed: tuple[str, ...]) -> None:
    """Notes a value outside the closed list. Silent where the value is missing: that is noted elsewhere."""
    value = getattr(block.nodes.get(key), "value", None)
    if value and isinstance(value, str) and value not in allowed:
        block.fault(f"{key} '{value}' is not one of: {'; '.join(allowed)}", block.line_of(key))


def _check_url(block: Block, url_lines: dict[str, int]) -> None:
    """Notes an address that is no web address or has been listed before; remembers it in `url_lines`."""
    node, line = block.nodes.get("url"), block.line_of("url")
    if node is None or not isinstance(node.value, str):
        return
    if not _is_web_address(node.value):
        block.fault(f"url '{node.value}' does not start with http:// or https://", line)
    elif node.value in url_lines:
        block.fault(f"url already listed on line {url_lines[node.value]}", line)
    url_lines.setdefault(node.value, line)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # an unclosed bracket in the host
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
