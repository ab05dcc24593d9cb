"""Wishes in somebody's own words: what is understood, what is left to search for, and what must not be understood."""

from __future__ import annotations

import time

import pytest

from knowledge.index import Filters
from knowledge.wish import Wish, parse_wish

COMPANIES = ("Apple", "Meta", "Netflix", "Uber")


@pytest.mark.parametrize(
    ("text", "rest", "filters"),
    [
        (
            "something on stopping card thieves, senior, 45 min",
            "stopping card thieves",
            Filters(difficulty="Advanced", max_minutes=45),
        ),
        (
            "Give me a senior system design question of 45 minutes!",
            "",
            Filters(category="System Design", difficulty="Advanced", max_minutes=45),
        ),
        ("a coding question", "", Filters(category="Coding")),
        ("mid-level coding, 20 mins", "", Filters(category="Coding", difficulty="Intermediate", max_minutes=20)),
        ("I'd like to practice a behavioural interview", "", Filters(category="Behavioral")),
        ("half an hour of kubernetes debugging", "kubernetes", Filters(category="Debugging", max_minutes=30)),
        ("shell script, mid", "", Filters(category="Shell", difficulty="Intermediate")),
        ("code review for a principal engineer", "", Filters(category="Code Review", difficulty="Expert")),
        ("1 hour 30 minutes case study about pricing", "pricing", Filters(category="Case Study", max_minutes=90)),
        ("a data pipeline question", "", Filters(category="Data Pipeline")),
        ("expert system design question", "", Filters(category="System Design", difficulty="Expert")),
        ("a staff-level question on feature stores", "feature stores", Filters(difficulty="Expert")),
        ("one hour, staff, fraud", "fraud", Filters(difficulty="Expert", max_minutes=60)),
        ("Senior ML engineer, recommender systems, 1h", "recommender systems", Filters(None, "Advanced", (), 60)),
        ("30-45 minutes on caching", "caching", Filters(max_minutes=45)),
        ("three quarters of an hour, drift", "drift", Filters(max_minutes=45)),
        ("an hour and a half", "", Filters(max_minutes=90)),
        ("recommendations like netflix", "recommendations", Filters(company="Netflix")),
        ("Uber's eta prediction", "eta prediction", Filters(company="Uber")),
        ("asked at Meta: image moderation", "image moderation", Filters(company="Meta")),
        ("thread safe python records", "thread safe python records", Filters()),
        ("  ", "", Filters()),
    ],
)
def test_wish_is_taken_apart(text: str, rest: str, filters: Filters) -> None:
    assert parse_wish(text, COMPANIES) == Wish(rest, filters)


@pytest.mark.parametrize(
    "text",
    [
        "recommendations that react in a minute",
        "features refreshed every 30 minutes",
        "events that arrive 30 minutes late",
        "five million events an hour",
        "1200 requests per minute",
        "p99 of 45 ms",
        "10000 minutes of video",
        "expert labels, cheap",
        "hospital staff planning",
        "principal component analysis",
        "data pipelines with late events",
        "designing for failure",
        "junior or senior",
        "meta learning",
        "recipe for apple pie",
        "not coding",
        "non-coding",
    ],
)
def test_subject_matter_stays_text(text: str) -> None:
    assert parse_wish(text, COMPANIES) == Wish(text, Filters())


def test_companies_are_those_that_are_named() -> None:
    assert parse_wish("caching at Netflix") == Wish("caching at Netflix", Filters())


@pytest.mark.parametrize(
    "text", ["for " * 5000 + "x", "1" * 20_000, "in about " * 3000, "question " * 3000, " " * 20_000]
)
def test_long_input_takes_no_time(text: str) -> None:
    started = time.monotonic()
    parse_wish(text, COMPANIES)
    assert time.monotonic() - started < 1
