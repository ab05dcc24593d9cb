"""The shipped topics and resources hold together, and every kind of fault is reported with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.faults import Fault, KnowledgeError
from knowledge.resource import (
    GROUPS,
    RESOURCES_FILE,
    TOPICS_FILE,
    Resource,
    ResourceFileError,
    Topic,
    coverage_faults,
    load_resources,
    load_topics,
    resources_for,
)

TOPICS = """\
serving:
  name: Serving
  parent: null
  group: Serving, release, scaling
caching:
  name: Caching
  parent: serving
  group: Serving, release, scaling
"""

RESOURCES = """\
R1:
  title: Serving models
  url: https://example.org/serving
  kind: article
  access: open
  topics: [serving]
  section: Reading
  why: Shows one way to serve.
  checked: false
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _resource(id_: str, *topics: str) -> Resource:
    return Resource(id_, id_, f"https://example.org/{id_}", "article", "open", topics, "s", "w", False)


def _topic(tag: str, parent: str | None = None, none_yet: bool = False) -> Topic:
    return Topic(tag, tag, parent, GROUPS[0], none_yet)


def test_the_shipped_list_is_complete() -> None:
    topics, resources = load_topics(), load_resources()
    assert len(topics) == 65
    assert list(resources) == [f"R{number:03}" for number in range(1, 99)]
    assert len({resource.url for resource in resources.values()}) == 98
    assert {topic.group for topic in topics.values()} == set(GROUPS)
    assert not any(resource.checked for resource in resources.values())


def test_every_topic_reaches_a_resource_or_admits_that_it_does_not() -> None:
    topics, resources = load_topics(), load_resources()
    assert coverage_faults(resources, topics) == ()
    for tag, topic in topics.items():
        assert resources_for(tag, resources, topics) or topic.none_yet, tag


def test_the_shipped_uses_are_short_and_of_their_own_wording() -> None:
    whys = [resource.why for resource in load_resources().values()]
    assert all(len(why.split()) <= 25 and "\n" not in why for why in whys)
    openings = [tuple(why.lower().split()[:3]) for why in whys]
    assert len(set(openings)) == len(openings)


def test_the_shipped_texts_are_cleanly_encoded() -> None:
    for path in (RESOURCES_FILE, TOPICS_FILE):
        text = path.read_text(encoding="utf-8")
        assert [broken for broken in ("Ã", "â€", "à¤", "\ufffd") if broken in text] == []


def test_own_resources_come_before_those_of_ancestors() -> None:
    topics = {topic.tag: topic for topic in (_topic("a"), _topic("b", "a"), _topic("c", "b"), _topic("d"))}
    resources = {r.id: r for r in (_resource("R1", "a"), _resource("R2", "b", "a"), _resource("R3", "a"))}
    assert [r.id for r in resources_for("a", resources, topics)] == [
        "R1",
        "R3",
        "R2",
    ]  # mainly about a: first
    assert [r.id for r in resources_for("b", resources, topics)] == ["R2"]
    assert [r.id for r in resources_for("c", resources, topics)] == ["R2"]
    assert resources_for("d", resources, topics) == []
    with pytest.raises(KeyError):
        resources_for("unlisted", resources, topics)


def test_coverage_names_both_the_gap_and_the_stale_excuse(tmp_path: Path) -> None:
    path = _write(tmp_path, TOPICS)
    resources = {"R1": _resource("R1", "caching")}
    topics = {"serving": _topic("serving"), "caching": _topic("caching", "serving", none_yet=True)}
    first, second = coverage_faults(resources, topics, path)
    assert (first.line, second.line) == (1, 5)
    assert "serving: reaches no resource" in first.message
    assert "caching: reaches a resource" in second.message
    admitted = {"serving": _topic("serving", none_yet=True), "caching": _topic("caching", "serving")}
    assert coverage_faults(resources, admitted, path) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("  name: Serving\n", "", 1, "serving: missing key 'name'"),
        ("  name: Serving", "  nam: Serving", 2, "serving: unknown key 'nam' (known: name, parent, group"),
        ("parent: serving", "parent: servign", 7, "caching: parent 'servign' is not in the list"),
        ("parent: null", "parent: caching", 7, "parents go in a circle: caching -> serving -> caching"),
        ("parent: null", "parent: serving", 3, "parents go in a circle: serving -> serving"),
        ("group: Serving, release, scaling\ncaching", "group: Serving\ncaching", 4, "group 'Serving' is not"),
        ("caching:", "serving:", 5, "'serving' appears twice (first on line 1)"),
        ("parent: null", "parent: null\n  none_yet: maybe", 4, "'none_yet' must be true or false"),
        ("name: Serving", "name: 7", 2, "'name' must be text"),
        ("name: Serving", "name: ''", 2, "'name' must not be empty"),
    ],
)
def test_topic_faults_name_their_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    path = _write(tmp_path, TOPICS.replace(old, new, 1))
    with pytest.raises(ResourceFileError) as caught:
        load_topics(path)
    assert [(fault.line, message in fault.message) for fault in caught.value.faults][-1:] == [(line, True)]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("  why: Shows one way to serve.\n", "", 1, "R1: missing key 'why'"),
        ("  section:", "  chapter: 3\n  section:", 7, "R1: unknown key 'chapter'"),
        ("[serving]", "[serving, baking]", 6, "unknown topic 'baking'"),
        ("[serving]", "\n    - serving\n    - baking", 8, "unknown topic 'baking'"),
        ("[serving]", "[serving, serving]", 6, "topic 'serving' is named twice"),
        ("[serving]", "[]", 6, "'topics' needs at least one entry"),
        ("[serving]", "serving", 6, "'topics' must be a list of texts"),
        ("https://example.org/serving", "ftp://example.org/x", 3, "does not start with http:// or https://"),
        ("https://example.org/serving", "https:/example.org", 3, "does not start with http:// or https://"),
        ("https://example.org/serving", "http://[", 3, "does not start with http:// or https://"),
        ("kind: article", "kind: podcast", 4, "kind 'podcast' is not one of"),
        ("access: open", "access: free", 5, "access 'free' is not one of"),
        ("checked: false", "checked: 0", 9, "'checked' must be true or false"),
        (RESOURCES, RESOURCES + RESOURCES, 10, "'R1' appears twice (first on line 1)"),
        (RESOURCES, RESOURCES + RESOURCES.replace("R1", "R2"), 12, "url already listed on line 3"),
        (RESOURCES, "R1: [a list]\n", 1, "R1: must be a mapping"),
    ],
)
def test_resource_faults_name_their_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    topics = {"serving": _topic("serving")}
    path = _write(tmp_path, RESOURCES.replace(old, new, 1))
    with pytest.raises(ResourceFileError) as caught:
        load_resources(path, topics)
    (fault,) = caught.value.faults
    assert fault.line == line
    assert message in fault.message


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"", 1, "must be a mapping"),
        (b"\n- a list\n", 2, "must be a mapping"),
        (b"R1:\n  title: [open\n", 3, "not valid YAML"),
        (b"R1: a\n---\nR2: b\n", 2, "not valid YAML"),
        (b"R1: \x07\n", 1, "not valid YAML"),
        (b"R1:\n  title: \xff\n", 2, "not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_mapping_is_one_fault(tmp_path: Path, data: bytes, line: int, message: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(data)
    with pytest.raises(ResourceFileError) as caught:
        load_resources(path)
    (fault,) = caught.value.faults
    assert fault.line == line
    assert message in fault.message


def test_a_missing_file_is_a_fault_too(tmp_path: Path) -> None:
    with pytest.raises(ResourceFileError, match="cannot be read: No such file"):
        load_topics(tmp_path / "absent.yaml")


def test_all_faults_come_at_once_one_a_line_in_order(tmp_path: Path) -> None:
    broken = RESOURCES.replace("https:", "gopher:").replace("checked: false", "checked: no idea")
    path = _write(tmp_path, broken)
    with pytest.raises(KnowledgeError) as caught:
        load_resources(path, {"serving": _topic("serving")})
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{path}:3", f"{path}:9"]
    assert str(Fault(Path("a.yaml"), 4, "wrong")) == "a.yaml:4: wrong"
