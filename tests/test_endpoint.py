"""Endpoints: which addresses and keys will do, what is told of them, and what a call costs."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr

from agents.endpoint import NO_KEY, OPENAI, Endpoint, EndpointError, Price, checked_url, endpoint, read_prices
from agents.settings import Settings, SettingsError, load_settings

KEY = "sk-proj-Very-Secret-0123456789"


def here(url: str) -> Endpoint:
    return endpoint(url, None, "small")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", OPENAI),
        ("  ", OPENAI),
        ("/", OPENAI),
        (OPENAI, OPENAI),
        (f" {OPENAI}/ \n", OPENAI),
        (f"{OPENAI}//", OPENAI),
        (f"{OPENAI}/chat/completions", OPENAI),
        (f"{OPENAI}/chat/completions/", OPENAI),
        ("https://models.example.org//chat/completions", "https://models.example.org"),
        ("http://10.0.0.7:8000/v1", "http://10.0.0.7:8000/v1"),
        ("http://[::1]:8080/v1/", "http://[::1]:8080/v1"),
        ("https://mine.openai.azure.com/", "https://mine.openai.azure.com"),
        ("HTTPS://Models.Example.org/v1", "HTTPS://Models.Example.org/v1"),
    ],
)
def test_addresses_as_people_write_them(written: str, meant: str) -> None:
    assert checked_url(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "api.openai.com/v1",
        "localhost:11434",
        "ftp://models.example.org",
        "file:///etc/passwd",
        "https://",
        "https:///v1",
        "http://models.example.org:0/v1",
        "http://models.example.org:65536/v1",
        "http://models.example.org:port/v1",
        "http://[::1/v1",
        "https://my host/v1",
        "https://models.example.org/v1 or so",
        "https://models.\nexample.org/v1",
        "https://models.\texample.org/v1",
        "https://models.example.org/\x00v1",
    ],
)
def test_what_is_no_web_address(written: str) -> None:
    with pytest.raises(EndpointError, match="write it like https://api.openai.com/v1"):
        checked_url(written)


@pytest.mark.parametrize(
    "written",
    [
        f"https://user:{KEY}@models.example.org/v1",
        f"https://{KEY}@models.example.org/v1",
        f"https://:{KEY}@models.example.org/v1",
        "https://@models.example.org/v1",
        f"https://models.example.org/v1?key={KEY}",
        "https://models.example.org/v1?",
        f"https://models.example.org/v1#{KEY}",
        r"http://127.0.0.1\@models.example.org/v1",
    ],
)
def test_a_key_has_no_place_in_an_address(written: str) -> None:
    with pytest.raises(EndpointError, match="the key has its own place") as raised:
        checked_url(written)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "host", "is_here"),
    [
        ("", "api.openai.com", False),
        ("http://localhost:11434/v1", "localhost:11434", True),
        ("http://LOCALHOST/v1", "localhost", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://127.5.6.7/v1", "127.5.6.7", True),
        ("http://[::1]:8080/v1", "[::1]:8080", True),
        ("http://[::1]/v1", "[::1]", True),
        ("http://[2001:db8::1]:8080/v1", "[2001:db8::1]:8080", False),
        ("http://10.0.0.7:8000/v1", "10.0.0.7:8000", False),
        ("https://localhost.example.org/v1", "localhost.example.org", False),
        ("https://127.0.0.1.example.org/v1", "127.0.0.1.example.org", False),
        ("https://models.example.org/localhost", "models.example.org", False),
        ("https://notlocalhost/v1", "notlocalhost", False),
        ("http://1270.0.0.1/v1", "1270.0.0.1", False),
    ],
)
def test_what_people_are_told_of_where_their_words_go(url: str, host: str, is_here: bool) -> None:
    found = endpoint(url, SecretStr(KEY), "small")
    assert (found.host, found.is_here) == (host, is_here)


def test_one_model_does_all_that_no_other_is_named_for() -> None:
    alone = endpoint("http://localhost:1/v1", None, " small ", " ", "")
    assert {alone.model(r) for r in ("interviewer", "observer", "assessor")} == {"small"}
    assert alone.name == "model small"
    three = endpoint("http://localhost:1/v1", None, "a", "b ", " c", " 2024-10-21 ")
    assert [three.model(r) for r in ("interviewer", "observer", "assessor")] == ["a", "b", "c"]
    assert (three.name, three.api_version) == ("model a, b, c", "2024-10-21")
    with pytest.raises(EndpointError, match="name a model"):
        endpoint("", SecretStr(KEY), " \t")


@pytest.mark.parametrize("key", [None, SecretStr(""), SecretStr(" \n")])
def test_openai_wants_a_key_and_others_may_not(key: SecretStr | None) -> None:
    with pytest.raises(EndpointError, match="OpenAI wants a key"):
        endpoint("", key, "small")
    assert endpoint("http://localhost:1/v1", key, "small").key == NO_KEY


def test_space_around_a_key_is_cut_off() -> None:
    assert endpoint("", SecretStr(f" {KEY}\r\n"), "small").key.get_secret_value() == KEY


@pytest.mark.parametrize("inside", [" ", "\n", "\r\n", "\t", "\x00", "\u200b", "\u2026", "\u00e9", "\u00a0"])
def test_a_key_with_what_no_key_has_is_refused_and_not_told(inside: str) -> None:
    with pytest.raises(EndpointError, match="copy it once more") as raised:
        endpoint("", SecretStr(KEY[:12] + inside + KEY[12:]), "small")
    assert KEY[:12] not in str(raised.value)


def test_the_key_is_never_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    found, settings = endpoint("", SecretStr(KEY), "small"), Settings(llm_key=SecretStr(KEY), llm_model="small")
    from_settings = settings.endpoint()
    for thing in (found, settings, from_settings, [found], {"at": found}):
        assert KEY not in repr(thing)
        assert KEY not in str(thing)
        assert KEY not in f"{thing!s} {thing!r} {thing}"
    assert KEY not in settings.model_dump_json()
    assert from_settings is not None
    assert from_settings.key.get_secret_value() == KEY


@pytest.mark.parametrize(
    ("name", "value"),
    [("LLM_URL", f"https://:{KEY}@models.example.org/v1"), ("LLM_URL", f"nowhere?key={KEY}"), ("LLM_KEY", KEY + " 1")],
)
def test_a_setting_that_is_refused_does_not_show_a_key(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GREENROOM_LLM_MODEL", "small")
    monkeypatch.setenv(f"GREENROOM_{name}", value)
    with pytest.raises(SettingsError) as raised:
        load_settings().endpoint()
    shown = "".join(traceback.format_exception(raised.value))
    assert KEY not in shown.replace(f'"{value}"', "")


def test_the_environments_key_goes_to_openai_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for url, sent in (
        ("", KEY),
        (f"{OPENAI}/", KEY),
        ("http://localhost:1/v1", "none"),
        ("https://api.openai.com.example.org/v1", "none"),
        ("http://api.openai.com/v1", "none"),
    ):
        found = Settings(llm_url=url, llm_model="small").endpoint(KEY)
        assert found is not None
        assert found.key.get_secret_value() == sent


def test_prices_as_people_write_them() -> None:
    assert read_prices("") == read_prices(" ; ") == {}
    found = read_prices("gpt-5-mini = 0.25 / 2; gpt-5=1.25/0.125/10 ;3 / 4;")
    assert found == {"gpt-5-mini": Price(0.25, 0.25, 2), "gpt-5": Price(1.25, 0.125, 10), "": Price(3, 3, 4)}
    assert read_prices("org/a:7b = 1 / 2") == {"org/a:7b": Price(1, 1, 2)}
    known = endpoint("http://localhost:1/v1", None, "gpt-5", prices=found)
    assert (known.price("gpt-5"), known.price("any other")) == (found["gpt-5"], found[""])
    assert here("http://localhost:1/v1").price("small") is None


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "a = 1",
        "= 1 / 2",
        " = 1 / 2",
        "a = 1 / 2 / 3 / 4",
        "a = one / two",
        "a = -1 / 2",
        "a = 1 / nan",
        "a = inf / 1",
    ]
    + ["a = 1 / 2, b = 1 / 2", "a: 1 / 2", "a = $1 / $2", "a = 1e6 / 1", "a = / 1", "a = 1 / 2; b"],
)
def test_prices_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="write prices per million tokens like"):
        read_prices(text)


def test_what_a_call_costs() -> None:
    price = Price(read=2.0, cached=0.5, written=8.0)
    assert price.cost(0, 0, 0) == 0
    assert price.cost(1_000_000, 0, 0) == pytest.approx(2.0)
    assert price.cost(1_000_000, 1_000_000, 0) == pytest.approx(0.5)
    assert price.cost(1_000, 600, 100) == pytest.approx((400 * 2 + 600 * 0.5 + 100 * 8) / 1e6)
