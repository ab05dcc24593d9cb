"""Question files: what a sound one yields, and that every fault is reported at its line, all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.faults import KnowledgeError
from knowledge.question import statement_prose
from knowledge.question_file import parse_question, read_question
from knowledge.terms import Level, Move
from tests.sample_question import PATH, SAMPLE, faults, line, only, sample, sample_question


def test_a_sound_file_yields_all_it_holds() -> None:
    q = sample_question()
    assert (q.id, q.category, q.difficulty, q.minutes) == ("XX01", "System Design", Level.ADVANCED, 30)
    assert (q.areas, q.phases, q.companies, q.reference) == (
        ("SY", "ML"),
        ("goal", "flow", "model", "operation"),
        (),
        None,
    )
    assert q.statement.startswith("Ostring runs 300 trams.")
    assert q.requirements["Constraints"] == "two engineers and 3,000 euros a month."
    assert [f.id for f in q.facts] == ["fact-1", "fact-2", "fact-3", "fact-4", "fact-5"]
    assert q.facts[0].asked_as == ("how many trams", "how often do they report")
    assert [(h.stage, h.points) for h in q.hints] == [(1, ("P3", "P4")), (2, ("P1", "P5")), (3, ("P6", "P8"))]
    assert q.hints[0].text == "Where does the time between a report and a screen go?"
    assert (q.point("P4").phase, q.point("P4").level) == ("flow", Level.ADVANCED)
    assert q.point("P4").study == ("caching", "capacity-estimation")
    assert len(q.point("P4").wordings) == 2
    assert (q.follow_ups[1].move, q.follow_ups[1].point) == (Move.INJECT_FAILURE, "P7")
    assert q.wrong_claims[0].wordings == ("Every report of the trip goes into the row.",)
    assert list(q.solution_paths) == ["Means per section", "A learned estimate"]
    assert q.red_flags == ("leaks the arrival", "no measure", "computes per rider")
    assert set(q.level_guide) == set(Level)
    assert q.senior_solution["flow"].endswith("all riders want the same.")
    assert (q.evidence, q.cause) == ((), "")
    assert q.source == SAMPLE


def test_a_point_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        sample_question().point("P9")


def test_the_statement_without_its_code() -> None:
    q = sample_question(("Design what", "\n\n```python\n## Facts\nx = 1\n```\n\nDesign what"))
    assert "## Facts" in q.statement
    assert statement_prose(q.statement).endswith("Design what tells them.")
    assert "x = 1" not in statement_prose(q.statement)


# Every kind of fault


@pytest.mark.parametrize(
    "title",
    [
        "Problem Statement",
        "Requirements",
        "Facts",
        "Hints",
        "Expected Solution Components",
        "Follow-up Questions",
        "Wrong Claims",
        "Solution Paths",
        "Evaluation Criteria",
        "Level Guide",
        "Senior Solution",
    ],
)
def test_sections_missing_repeated_and_empty(title: str) -> None:
    head, rest = SAMPLE.split(f"## {title}\n", 1)
    own, mark, behind = rest.partition("\n## ")
    assert only(head + mark[1:] + behind) == (1, f'section "## {title}" is missing')
    twice = f"{SAMPLE}\n## {title}\n\nAgain.\n"
    assert only(twice) == (line(twice, f"## {title}", 2), f'section "{title}" stands here a second time')
    empty = f"{head}## {title}\n{mark}{behind}"
    assert (line(empty, f"## {title}"), f'section "{title}" is empty') in faults(empty)


def test_an_unknown_section_and_one_of_another_category() -> None:
    text = f"{SAMPLE}\n## Notes\n\nMine.\n\n## Cause\n\nA cable.\n"
    assert [(n, m.split(";")[0]) for n, m in faults(text)] == [
        (line(text, "## Notes"), 'unknown section "Notes"'),
        (line(text, "## Cause"), 'unknown section "Cause"'),
    ]


def test_a_debugging_question_needs_evidence_and_cause() -> None:
    found = faults(sample(("category: System Design", "category: Debugging")))
    assert [m for n, m in found if n == 1] == ['section "## Evidence" is missing', 'section "## Cause" is missing']


@pytest.mark.parametrize(
    "tags",
    [
        "SY · goal",
        "XX · goal · Advanced",
        "SY · trace · Advanced",
        "SY · goal · Senior",
        "SY, goal, Advanced",
        "Text only.",
    ],
)
def test_a_bad_tag_line(tags: str) -> None:
    text = sample(("SY · goal · Intermediate", tags))
    number, message = only(text)
    assert number == line(text, tags)
    assert message.startswith('below its heading a point says "area · phase · level": one of SY, ML · goal, sizing,')


def test_a_point_without_text() -> None:
    text = sample(("Says who reads the time and what a wrong one costs them.\n", ""))
    assert only(text) == (line(text, "### P1"), "a point needs a sentence that says what can be observed")


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("### P1 Riders first", "### Riders first", "### Riders", 'a point is headed "### P1 Title"'),
        ("### P1 Riders first", "### P1", "### P1", 'a point is headed "### P1 Title"'),
        ("### P2 One", "### P1 One", "### P1 One", "P1 stands here a second time"),
        (
            "- Topic: the people",
            "- Theme: the people",
            "- Theme",
            'write the item as "- Key: text" with a key of Topic',
        ),
        ("- Topic: the people who look at the time\n", "", "### P1", '"- Topic: ..." is missing'),
        ("- Topic: the people", "- Topic: x\n- Topic: the people", "- Topic: the people", "a second Topic"),
        ("- Study: problem-framing\n", "", "### P1", '"- Study: ..." is missing'),
        ("- Or: Too late", "  - Or: Too late", "  - Or: Too", "this item is indented into another"),
        ("- Study: problem-framing", "- Study: problem-framing\n\nMore.", "More.", "this stands outside the list"),
        ("Where does the time between a report and a screen go? (P3, P4)", "Where?", "1. Where?", "a hint ends with"),
        ("screen go? (P3, P4)", "screen go? (P3 P4)", "1. Where does", "a hint ends with"),
        ("screen go? (P3, P4)", "screen go? (P3, P19)", "1. Where does", "there is no point P19"),
        (
            "3. Which trams are hardest",
            "3. What else? (P1)\n4. Which trams are hardest",
            "## Hints",
            "there are three hints, here are 4",
        ),
        ("### F1 CONSTRAIN P4", "### F1 CONSTRAIN", "### F1", 'a follow-up is headed "### F1 MOVE P3"'),
        ("### F1 CONSTRAIN P4", "### F1 HINT P4", "### F1", "unknown move HINT; known: CLARIFY"),
        ("### F1 CONSTRAIN P4", "### F1 CONSTRAIN P19", "### F1", "there is no point P19"),
        ("### F2 INJECT", "### F1 INJECT", "### F1 INJECT", "F1 stands here a second time"),
        ("The budget is halved. Which part of your plan gives way first?\n", "", "### F1", "the follow-up has no text"),
        (
            "- Strong: keeps the shared copy and lengthens the interval of the updates.\n",
            "",
            "### F1",
            '"- Strong: ..." is missing',
        ),
        ("of the updates.\n", "of the updates.\n\nAnd a secret.\n", "And a secret.", "this stands outside the list"),
        ("### W1 P6", "### W1", "### W1", 'a wrong claim is headed "### W1 P3"'),
        ("### W1 P6", "### W1 P19", "### W1", "there is no point P19"),
        ("### W2 P2", "### W1 P2", "### W1 P2", "W1 stands here a second time"),
        ("- Or: I only watch the average.\n", "", "### W2", '"- Or: ..." is missing'),
        (
            "## Wrong Claims\n",
            "## Wrong Claims\n\nPeople say:\n",
            "People say:",
            '"Wrong Claims" holds subsections only',
        ),
        (
            "  - Asked as: how many stops; how large is the network\n",
            "",
            "- **Stops:**",
            '"- Asked as: ..." is missing',
        ),
        ("- **Stops:** The", "- Stops: The", "- Stops:", "write the item as - **Title:** text"),
        ("- **Functional:** a", "- Functional: a", "- Functional:", "write the item as - **Label:** text"),
        ("- **Constraints:** two", "- **Limits:** two", "- **Limits", 'unknown label "Limits"'),
        (
            "- **Constraints:** two",
            "- **Functional:** two",
            "- **Functional:** two",
            '"Functional" stands here a second time',
        ),
        ("- **Expert:** also P8, with reasons.\n", "", "## Level Guide", 'item "- **Expert:** ..." is missing'),
        ("### operation\nSilent", "### ops\nSilent", "### ops", '"ops" is not one of the question\'s phases'),
        ("### operation\nSilent", "### goal\nSilent", "### goal", "goal stands here a second time"),
        (
            "### operation\nSilent",
            "### operation\n\n### flow\nSilent",
            "### operation",
            'subsection "operation" is empty',
        ),
        ("### operation\nSilent", "Silent", "## Senior", 'the senior solution has no subsection "### operation"'),
    ],
)
def test_faults_of_the_body(old: str, new: str, at: str, message: str) -> None:
    text = sample((old, new))
    occurrence = 2 if "goal stands" in message else 1
    assert (line(text, at, occurrence), message) in [(n, m[: len(message)]) for n, m in faults(text)]


def test_every_fault_is_listed_in_the_order_of_the_lines() -> None:
    text = sample(
        ("minutes: 30", "minutes: 300"),
        ("phases: [goal,", "phases: [aim, goal,"),
        ("- **Stops:**", "- Stops:"),
        ("(P3, P4)", "(P33)"),
        ("SY · goal · Intermediate", "SY · goal · Junior"),
        ("### F3 NUMBER P4", "### F3 COUNT P4"),
        ("### W2 P2", "### W2"),
        ("## Level Guide", "## Levels"),
    )
    found = faults(text)
    starts = (
        "---",
        "minutes:",
        "phases:",
        "- Stops:",
        "1. Where",
        "SY · goal · Junior",
        "### F3",
        "### W2",
        "## Levels",
    )
    assert [n for n, _ in found] == [*(line(text, start) for start in starts), line(text, "## Senior")]
    with pytest.raises(KnowledgeError) as error:
        parse_question(text, PATH)
    assert str(error.value).splitlines() == [f"{PATH}:{n}: {m}" for n, m in found]


# Files as other systems write them


@pytest.mark.parametrize(
    "mangle", [lambda t: t.replace("\n", "\r\n"), lambda t: t.replace("\n", "\r"), lambda t: "\ufeff" + t]
)
def test_line_ends_and_byte_order_marks_change_nothing(mangle: object, tmp_path: Path) -> None:
    assert callable(mangle)
    path = tmp_path / "XX01.md"
    path.write_bytes(mangle(SAMPLE).encode())
    assert read_question(path) == sample_question()
    assert parse_question(mangle(SAMPLE), path) == sample_question()
    broken = sample(("(P3, P4)", "(P33)"))
    path.write_bytes(mangle(broken).encode())
    with pytest.raises(KnowledgeError, match=rf"XX01.md:{line(broken, '1. Where')}: there is no point P33"):
        read_question(path)


def test_characters_that_only_look_like_line_ends_move_no_line() -> None:
    text = sample(
        ("(P3, P4)", "(P33)"), ("Ostring runs", "Ostring\u2028runs\x0c\x85"), ("title: When", "title: When\u2028")
    )
    assert only(text) == (line(SAMPLE, "1. Where"), "there is no point P33")
    assert sample_question(("Ostring runs", "Ostring\u2028runs")).senior_solution == sample_question().senior_solution


def test_bytes_that_are_not_utf_8_are_reported_at_their_line(tmp_path: Path) -> None:
    path = tmp_path / "XX01.md"
    path.write_bytes(SAMPLE.replace("euros", "€").encode("cp1252"))
    with pytest.raises(KnowledgeError, match=r"is not UTF-8 text .*: save it as UTF-8") as error:
        read_question(path)
    assert [(f.path, f.line) for f in error.value.faults] == [(path, line(SAMPLE, "- **Constraints:**"))]


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="absent.md:1: cannot be read: No such file"):
        read_question(tmp_path / "absent.md")
    with pytest.raises(KnowledgeError, match="cannot be read: Is a directory"):
        read_question(tmp_path)
