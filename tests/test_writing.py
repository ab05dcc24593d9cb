"""Starting a question, importing one from the plain template, and the marks of second readers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.__main__ import main
from knowledge.bank import load_bank
from knowledge.faults import KnowledgeError
from knowledge.question_file import read_question
from knowledge.reviews import FILE, digest, load_reviews, mark, review_faults
from knowledge.template import TODO, TemplateError, fill, read_plain
from knowledge.terms import CATEGORIES, Level
from tests.sample_question import sample

PLAIN = """\
# A collection

Some words before.

## Who reads "which" page?
**Difficulty:** Expert
**Category:** [Model Ops]
**Time:** 30-60 minutes
**Experience Level:** 8+ years: leads

### Problem Statement
Readers of a paper see
one page first. Decide which.

### Requirements
- **Functional Requirements:** one page for each reader
- **Non-Functional Requirements:** within a second
- **Constraints:** two people

### Hints
Think of the readers who come once.

### Expected Solution Components
- Says how success is measured
- Compares two ways

### Follow-up Questions
- How would you handle ten times the readers?

### Evaluation Criteria
- Clear aims
- Red flags: no measure.
- **Bonus points:** asks about money

## Another question

### Problem Statement
Not this one.
"""


def run(*args: str | Path, **environ: str) -> int:
    return main([str(arg) for arg in args], {f"GREENROOM_{key}": value for key, value in environ.items()})


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_new_question_is_read_and_lint_names_every_open_place(
    category: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("new", "team07", "--category", category, "--folder", tmp_path) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == tmp_path / category.lower().replace(" ", "-") / "TEAM07.md"
    question = read_question(path)
    assert (question.id, question.category) == ("TEAM07", category)
    assert run("lint", path) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) - 1 == sum(TODO in line for line in question.source.splitlines())
    assert all("still to be written" in line for line in told[:-1])


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("new", "TEAM07", PRIVATE_QUESTIONS=str(tmp_path)) == 0
    path = Path(capsys.readouterr().out.strip())
    path.write_text("mine", encoding="utf-8")
    assert run("new", "TEAM07", "--folder", tmp_path) == 2
    assert path.read_text(encoding="utf-8") == "mine"
    assert "TEAM07 is taken" in capsys.readouterr().err
    assert run("new", "SD03", "--folder", tmp_path) == 2  # a shipped one's
    assert run("new", "x/../y", "--folder", tmp_path) == 2
    assert run("new", "TEAM08") == 2
    assert "--folder FOLDER, or set GREENROOM_PRIVATE_QUESTIONS" in capsys.readouterr().err


def test_an_import_puts_everything_in_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "plain.md"
    source.write_text(PLAIN.replace("\n", "\r\n"), encoding="utf-8")
    assert run("import", source, "TEAM07", "--folder", tmp_path / "ours") == 0
    question = read_question(Path(capsys.readouterr().out.strip()))
    assert (question.title, question.category, question.difficulty) == (
        'Who reads "which" page?',
        "Model Ops",
        Level.EXPERT,
    )
    assert (question.minutes, question.experience) == (60, "8+ years: leads")
    assert " ".join(question.statement.split()) == "Readers of a paper see one page first. Decide which."
    assert question.requirements == {
        "Functional": "one page for each reader",
        "Non-functional": "within a second",
        "Constraints": "two people",
    }
    assert question.hints[0].text == "Think of the readers who come once."
    assert [p.text for p in question.points[:3]] == ["Says how success is measured", "Compares two ways", TODO]
    assert question.follow_ups[0].text == "How would you handle ten times the readers?"
    assert (question.look_for, question.red_flags, question.bonus_points) == (
        "Clear aims",
        ("no measure",),
        ("asks about money",),
    )
    assert "Not this one" not in question.source


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("just words", "no section"),
        ("### Problem Statement\nx", "no title above"),
        ("## A title\n\ntext", "no section"),
    ],
)
def test_what_is_no_question_is_refused_with_what_was_looked_for(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=message):
        read_plain(text)
    (tmp_path / "plain.md").write_text(text, encoding="utf-8")
    assert run("import", tmp_path / "plain.md", "TEAM07", "--folder", tmp_path / "ours") == 2
    assert not (tmp_path / "ours").exists()


def test_a_text_that_is_not_utf8_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plain.md").write_bytes(b"## T\xff")
    assert run("import", tmp_path / "plain.md", "TEAM07", "--folder", tmp_path) == 2
    assert "save it as UTF-8" in capsys.readouterr().err


def test_an_awkward_title_stays_as_it_is() -> None:
    for title in ('a: "b" \\ c', "- x", "[y]", "# z"):
        assert f"title: {title!r}" not in fill("XX01")
        plain = read_plain(f"## {title}\n\n### Problem Statement\nx\n")
        (line,) = [row for row in fill("XX01", plain).splitlines() if row.startswith("title:")]
        import yaml

        assert yaml.safe_load(line) == {"title": title}


# Marks of second readers


def test_a_mark_holds_for_one_wording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "system-design" / "XX01.md"
    path.parent.mkdir()
    path.write_text(sample(), encoding="utf-8")
    assert [f.message for f in review_faults(load_bank(tmp_path), tmp_path)] == [
        "XX01: nobody but its writer has read it; see docs/contributing.md"
    ]
    assert run("reviewed", "xx01", "--by", "Ada", "--folder", tmp_path) == 0
    assert list(review_faults(load_bank(tmp_path), tmp_path)) == []
    assert load_reviews(tmp_path)["XX01"].by == "Ada"
    path.write_text(sample(("300 trams", "301 trams")), encoding="utf-8")
    assert [f.message for f in review_faults(load_bank(tmp_path), tmp_path)] == [
        "XX01: changed since its review; see docs/contributing.md"
    ]
    assert run("lint", tmp_path) == 1
    assert "changed since its review" in capsys.readouterr().err


def test_a_mark_without_its_question_is_a_fault_and_marks_are_never_lost(tmp_path: Path) -> None:
    path = tmp_path / "XX01.md"
    path.write_text(sample(), encoding="utf-8")
    question = read_question(path)
    mark(tmp_path, question, "Ada", date(2026, 1, 2))
    mark(tmp_path, question.__class__(**{**vars(question), "id": "XX02"}), "Bo: with a colon", date(2026, 1, 3))
    assert {id_: (r.by, r.on) for id_, r in load_reviews(tmp_path).items()} == {
        "XX01": ("Ada", date(2026, 1, 2)),
        "XX02": ("Bo: with a colon", date(2026, 1, 3)),
    }
    (fault,) = review_faults(load_bank(tmp_path), tmp_path)
    assert (fault.path, fault.message) == (tmp_path / FILE, "XX02: a review of a question that is not there")


def test_a_mark_holds_when_search_phrases_are_added_and_for_no_other_change(tmp_path: Path) -> None:
    question = read_question(_written(tmp_path, sample()))
    for phrases in ("found_by: [one, another]", "found_by:\n  - one\n  - another"):
        more = sample().replace("\ntitle:", f"\n{phrases}\ntitle:", 1)
        found = read_question(_written(tmp_path, more))
        assert len(found.found_by) == 2
        assert digest(found) == digest(question)
    changed = sample().replace(question.statement, question.statement + " Now.", 1)
    assert digest(read_question(_written(tmp_path, changed))) != digest(question)


def _written(folder: Path, text: str) -> Path:
    path = folder / "one.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_mark_does_not_depend_on_line_ends(tmp_path: Path) -> None:
    for name, text in (("a.md", sample()), ("b.md", "\ufeff" + sample().replace("\n", "\r\n"))):
        (tmp_path / name).write_bytes(text.encode())
    assert digest(read_question(tmp_path / "a.md")) == digest(read_question(tmp_path / "b.md"))


@pytest.mark.parametrize("text", ["- a", "XX01: {text: a}", "XX01: [", "XX01: 3"])
def test_marks_that_cannot_be_read_are_an_error_with_the_form_wanted(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match="ID: {text, on, by}"):
        load_reviews(tmp_path)


def test_a_question_that_is_not_there_cannot_be_marked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("reviewed", "XX09", "--by", "Ada", "--folder", tmp_path) == 2
    assert "there is no question XX09" in capsys.readouterr().err
    assert not (tmp_path / FILE).exists()
