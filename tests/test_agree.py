"""`python -m evals agree`: what is read from a file of scored transcripts, and what the tables make of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals import agree
from knowledge.bank import load_bank
from knowledge.rubric import load_rubric

BANK, RUBRIC = load_bank().questions, load_rubric()
QUESTIONS = ("SD01", "SD02", "SD04")
QUALITIES = {"weak": 1.5, "fair": 2.5, "good": 3.5, "strong": 4.5}


def line(question: str, quality: str, **changed: Any) -> dict[str, Any]:
    """A transcript whose first reader gives every area the quality's score, and the machine a quarter more."""
    score = QUALITIES[quality]
    point = BANK[question].points[0].id
    label = {"areas": dict.fromkeys(RUBRIC.areas, score), "points": {point: round(score) - 1}}
    return {
        "id": f"{question}-{quality}",
        "question": question,
        "level": "Advanced",
        "overall": score + 0.25,
        "coverage": 1.0,
        "areas": dict.fromkeys(RUBRIC.areas, score + 0.25),
        "points": {point: {"rung": round(score) - 1, "probability": score / 5, "quote": f"said | {quality}"}},
        "unscored": None,
        "words": int(100 * score),
        "labels": {"first reader": label},
        **changed,
    }


def every() -> list[dict[str, Any]]:
    return [line(question, quality) for question in QUESTIONS for quality in QUALITIES]


def written(folder: Path, records: list[dict[str, Any]]) -> Path:
    path = folder / "run.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_a_run_by_hand(tmp_path: Path) -> None:
    found = agree.measured(written(tmp_path, every()))
    machine = found["scores"]["overall"]["machine"]
    assert (found["transcripts"], found["questions"], found["unscored"], found["unlabelled"]) == (12, 3, {}, 0)
    assert machine["MAE"] == {"value": 0.25, "low": 0.25, "high": 0.25, "n": 12}
    assert (machine["Spearman"]["value"], machine["exact"]["value"]) == (pytest.approx(1), 0)
    assert found["pairs"]["machine"] == {"value": 1, "low": 1, "high": 1, "n": 18}
    assert {band: row["bias"]["n"] for band, row in found["bands"].items()} == dict.fromkeys(agree.BANDS, 3)
    assert [found["confusion"][n][n + 1] for n in (1, 3, 5, 7)] == [3, 3, 3, 3]
    json.dumps(found, allow_nan=False)


def test_the_unscored_are_counted_and_in_no_figure(tmp_path: Path) -> None:
    silent = line("SD01", "weak", id="silent", overall=None, unscored="too | short")
    unsaid = line("SD02", "weak", id="unsaid", overall=None)
    run = written(tmp_path, [*every(), silent, unsaid])
    found, before = agree.measured(run), agree.measured(written(tmp_path, every()))
    assert found["unscored"] == {"too | short": 1, "no reason given": 1}
    for part in ("scores", "pairs", "bands", "confusion", "points", "worst"):
        assert found[part] == before[part]
    assert "Unscored, in no figure of the machine's: 2 (too \\| short: 1; no" in agree.report(
        written(tmp_path, [*every(), silent, unsaid])
    )


def test_the_label_weighs_the_assessed_areas(tmp_path: Path) -> None:
    first, second, *rest = RUBRIC.areas
    areas = {first: 2.0, second: 4.0, **dict.fromkeys(rest)}
    record = line("SD01", "good", labels={"somebody": {"areas": areas}})
    label = agree.read_scored(written(tmp_path, [record]))[0].label(None, RUBRIC)
    weights = [RUBRIC.areas[area].weight for area in (first, second)]
    assert label == pytest.approx((2 * weights[0] + 4 * weights[1]) / sum(weights))


def test_the_first_reader_labels_and_the_second_is_beside(tmp_path: Path) -> None:
    records = every()
    for record in records[:8]:
        score = record["overall"] - 0.25
        other = {"areas": dict.fromkeys(RUBRIC.areas, min(5, score + 0.5)), "points": {}}
        record["labels"] = {"zoe": record["labels"]["first reader"], "adam": other}
    rows = agree.measured(written(tmp_path, records))["scores"]["overall"]
    assert (rows["second reader"]["bias"]["value"], rows["second reader"]["MAE"]["n"]) == (0.5, 8)
    assert rows["machine"]["bias"]["value"] == pytest.approx(0.25)


def test_floors_and_baselines_stand_beside(tmp_path: Path) -> None:
    records = every()
    for record in records[1:]:
        record["baselines"] = {"plain cosine": -record["words"] / 1000}
    rows = agree.measured(written(tmp_path, records))["scores"]["overall"]
    assert list(rows) == ["machine", "always the mean label", "word count", "baseline: plain cosine"]
    assert rows["always the mean label"]["MAE"]["value"] == pytest.approx(1)
    assert rows["always the mean label"]["quadratic kappa"]["value"] == pytest.approx(0)
    assert rows["always the mean label"]["Spearman"]["value"] is None
    assert rows["word count"]["MAE"]["value"] == pytest.approx(0, abs=1e-9)
    assert rows["word count"]["quadratic kappa"] is None
    cosine = rows["baseline: plain cosine"]["Spearman"]
    assert (cosine["value"], cosine["n"]) == (pytest.approx(-1), 11)


def test_points_of_both_are_compared_and_the_rest_counted(tmp_path: Path) -> None:
    records = every()
    records[0]["labels"]["first reader"]["points"][BANK["SD01"].points[1].id] = 2
    points = agree.measured(written(tmp_path, records))["points"]
    assert points["missing"] == 1
    assert sum(map(sum, points["confusion"])) == 12
    # Rungs round(score) - 1 of 1.5, 2.5, 3.5, 4.5: all above 0, so there is no curve; |1 - p| is 0.7, 0.5, 0.3, 0.1.
    assert points["ROC area"]["value"] is None
    assert points["calibration error"]["value"] == pytest.approx(0.4)


def test_the_worst_come_first_with_what_was_heard(tmp_path: Path) -> None:
    area = BANK["SD04"].points[0].area
    records = every()
    silent = next(other for other in RUBRIC.areas if other != area)
    records[9]["areas"] = {area: 5.0, silent: 1.0}
    worst = agree.measured(written(tmp_path, records))["worst"]
    assert len(worst) == agree.WORST
    assert [(w["id"], w["area"], w["machine"], w["label"]) for w in worst[:2]] == [
        ("SD04-fair", area, 5.0, 2.5),
        ("SD04-fair", silent, 1.0, 2.5),
    ]
    assert [q["quote"] for q in worst[0]["quotes"]] == ["said | fair"]
    shown = agree.report(written(tmp_path, records))
    assert f"| SD04-fair | {area} | 5.00 | 2.50 | {BANK['SD04'].points[0].id} (rung 1): said \\| fair |" in shown
    assert f"| SD04-fair | {silent} | 1.00 | 2.50 | no evidence |" in shown


def test_the_report_is_whole_tables_and_the_same_each_time(tmp_path: Path) -> None:
    run = written(tmp_path, every())
    shown = agree.report(run)
    assert shown == agree.report(run, 7)
    width = 0
    for row in shown.replace("\\|", "").splitlines():
        width = 0 if not row.startswith("|") else width or row.count("|")
        assert row.count("|") == width
    assert "nan" not in shown
    assert "-0.00" not in shown
    assert shown.startswith(
        "12 transcripts of 3 questions; 0 without a label. Unscored, in no figure of the machine's: 0."
    )
    assert "| always the mean label | 12 | 0.00 (" in shown


@pytest.mark.parametrize(
    "records",
    [
        [line("SD01", "good")],
        [line("SD01", "good", labels={})],
        [line("SD01", "good", overall=None), line("SD02", "good", areas={})],
    ],
)
def test_what_is_not_defined_is_a_dash(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    shown = agree.report(written(tmp_path, records))
    assert "nan" not in shown
    row = next(row for row in shown.splitlines() if row.startswith("| machine |"))
    assert set(row.replace("|", " ").split()[2:]) == {"-"}


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("{", "Invalid JSON"),
        (json.dumps(line("SD01", "good", overall=5.1)), "overall: Input should be less than or equal to 5"),
        (json.dumps(line("SD01", "good", overall=float("nan"))), "overall: "),
        (json.dumps(line("SD01", "good") | {"question": "XX99"}), "there is no question XX99 in the bank"),
        (json.dumps(line("SD01", "good", areas={"ZZ": 3})), "there is no area ZZ in the rubric"),
        (json.dumps(line("SD01", "good", points={"P99": {"rung": 1}})), "SD01 has no point P99"),
        (json.dumps(line("SD01", "good", labels={"a": {"areas": {"ZZ": 3}}})), "there is no area ZZ in the rubric"),
        (json.dumps(line("SD01", "good", labels={"a": {"areas": {}, "points": {"P1": 5}}})), "labels.a.points.P1: "),
        (json.dumps(line("SD02", "weak")), "the id SD02-weak stands on an earlier line, too"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, bad: str, why: str) -> None:
    run = written(tmp_path, [line("SD02", "weak")])
    run.write_text(f"{run.read_text(encoding='utf-8')}\n{bad}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 3: ") as raised:
        agree.measured(run)
    assert str(raised.value).startswith(f"{run}, line 3: {why}")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no transcript"):
        agree.measured(written(tmp_path, []))


@pytest.mark.parametrize(("name", "start"), [("plot.png", b"\x89PNG"), ("plot.svg", b"<?xml")])
def test_the_plot_is_a_picture(tmp_path: Path, name: str, start: bytes) -> None:
    agree.reliability_plot(written(tmp_path, every()), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)


def test_a_plot_of_nothing_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no point has both"):
        agree.reliability_plot(written(tmp_path, [line("SD01", "good", labels={})]), tmp_path / "plot.png")
    with pytest.raises(ValueError, match="ends in .png or .svg"):
        agree.reliability_plot(written(tmp_path, every()), tmp_path / "plot.pdf")
