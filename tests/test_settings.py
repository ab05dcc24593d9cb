"""Settings come from the environment or a .env file; what cannot be used is refused by its variable's name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from agents.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a .env, and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GREENROOM_DATA")
    return tmp_path


def test_without_any_setting_everything_has_a_default() -> None:
    settings = load_settings()
    assert settings.data.name == "greenroom"
    assert settings.data.is_absolute()
    assert (settings.database, settings.weights, settings.rubric, settings.questions) == ("", None, None, None)
    assert (settings.threads, settings.pace, settings.speech_delay) == (2, "typed", 0.02)


GOOD: dict[str, tuple[str, object]] = {
    "data": ("/somewhere/data", Path("/somewhere/data")),
    "database": ("sqlite:////somewhere/log.db", "sqlite:////somewhere/log.db"),
    "weights": ("/somewhere/weights", Path("/somewhere/weights")),
    "rubric": ("ours.yaml", Path("ours.yaml")),
    "questions": ("ours", Path("ours")),
    "private_questions": ("private", Path("private")),
    "threads": ("8", 8),
    "pace": ("spoken", "spoken"),
    "speech_delay": ("0", 0.0),
    "llm_model": ("gpt-5-mini", "gpt-5-mini"),
    "llm_url": ("http://127.0.0.1:11434/v1/", "http://127.0.0.1:11434/v1"),
    "llm_key": ("sk-test", SecretStr("sk-test")),
    "llm_observer": ("small", "small"),
    "llm_assessor": ("large", "large"),
    "llm_api_version": ("2024-10-21", "2024-10-21"),
    "llm_prices": ("gpt-5-mini = 0.25 / 2", "gpt-5-mini = 0.25 / 2"),
    "llm_limit": ("0.5", 0.5),
    "llm_context": ("8000", 8000),
    "llm_observer_seconds": ("3", 3.0),
    "llm_interviewer_seconds": ("9.5", 9.5),
    "llm_assessor_seconds": ("60", 60.0),
    "llm_samples": ("3", 3),
    "llm_per_area": ("true", True),
}


def test_every_setting_is_tested_here() -> None:
    assert GOOD.keys() == Settings.model_fields.keys()


@pytest.mark.parametrize("name", GOOD)
def test_the_environment_sets_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written, read = GOOD[name]
    monkeypatch.setenv(f"GREENROOM_{name.upper()}", written)
    assert getattr(load_settings(), name) == read


@pytest.mark.parametrize("name", GOOD)
def test_a_file_sets_it(name: str, elsewhere: Path) -> None:
    written, read = GOOD[name]
    (elsewhere / ".env").write_text(f"# ours\nGREENROOM_{name.upper()}={written}\nOPENAI_API_KEY=x\n")
    assert getattr(load_settings(), name) == read


def test_the_environment_comes_before_the_file(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / ".env").write_text("GREENROOM_THREADS=3\nGREENROOM_PACE=spoken\n")
    monkeypatch.setenv("GREENROOM_THREADS", "4")
    assert (load_settings().threads, load_settings().pace) == (4, "spoken")


@pytest.mark.parametrize("name", GOOD)
def test_empty_means_the_default(name: str, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    default = getattr(load_settings(), name)
    (elsewhere / ".env").write_text(f"GREENROOM_{name.upper()}=\n")
    assert getattr(load_settings(), name) == default
    (elsewhere / ".env").unlink()
    monkeypatch.setenv(f"GREENROOM_{name.upper()}", "")
    assert getattr(load_settings(), name) == default


@pytest.mark.parametrize("name", ["data", "weights", "rubric", "questions", "private_questions"])
def test_a_tilde_is_the_home_folder(name: str, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(elsewhere))
    (elsewhere / ".env").write_text(f"GREENROOM_{name.upper()}=~/mine\n")
    assert getattr(load_settings(), name) == elsewhere / "mine"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GREENROOM_THREADS", "0"),
        ("GREENROOM_THREADS", "65"),
        ("GREENROOM_THREADS", "many"),
        ("GREENROOM_PACE", "slow"),
        ("GREENROOM_SPEECH_DELAY", "-0.1"),
        ("GREENROOM_SPEECH_DELAY", "2"),
        ("GREENROOM_SPEECH_DELAY", "nan"),
        ("GREENROOM_DATABASE", "greenroom.db"),
        ("GREENROOM_DATABASE", "sqlite://"),
        ("GREENROOM_DATABASE", "sqlite:///:memory:"),
        ("GREENROOM_LLM_PRICES", "cheap"),
        ("GREENROOM_LLM_PRICES", "gpt = 1 / -2"),
        ("GREENROOM_LLM_LIMIT", "-1"),
        ("GREENROOM_LLM_CONTEXT", "10"),
        ("GREENROOM_LLM_SAMPLES", "0"),
        ("GREENROOM_LLM_OBSERVER_SECONDS", "0"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    lines = str(refused.value).splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"{name}: ")
    assert lines[1].endswith(f"(it is {value!r})")


def test_every_fault_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_THREADS", "0")
    monkeypatch.setenv("GREENROOM_PACE", "slow")
    with pytest.raises(SettingsError, match=r"(?s)GREENROOM_THREADS: .*GREENROOM_PACE: .*'typed' or 'spoken'"):
        load_settings()


def test_a_file_that_is_no_text_is_named(elsewhere: Path) -> None:
    (elsewhere / ".env").write_bytes(b"GREENROOM_PACE=\xff\xfe\n")
    with pytest.raises(SettingsError, match=r"\.env cannot be read .*UTF-8"):
        load_settings()


def test_settings_do_not_change_while_they_are_used() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.threads = 3
    assert settings.threads == 2


@pytest.mark.parametrize("url", ["api.openai.com", "http://me:sk-secret@host/v1", "https://host/v1?api-key=sk-secret"])
def test_an_address_that_cannot_be_used_is_refused_without_showing_it(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENROOM_LLM_URL", url)
    with pytest.raises(SettingsError, match="GREENROOM_LLM_URL: ") as refused:
        load_settings()
    assert "sk-secret" not in str(refused.value)


def test_without_a_model_there_is_no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_LLM_URL", "http://127.0.0.1:11434/v1")
    assert load_settings().endpoint("sk-of-openai") is None


def test_one_model_does_everything_and_others_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_LLM_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("GREENROOM_LLM_MODEL", "big")
    found = load_settings().endpoint()
    assert found is not None
    assert (found.interviewer, found.observer, found.assessor) == ("big", "big", "big")
    monkeypatch.setenv("GREENROOM_LLM_OBSERVER", "small")
    found = load_settings().endpoint()
    assert found is not None
    assert (found.interviewer, found.observer, found.assessor) == ("big", "small", "big")


def test_the_environments_key_goes_to_openai_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_LLM_MODEL", "m")
    found = load_settings().endpoint("sk-of-openai")
    assert found is not None
    assert found.key.get_secret_value() == "sk-of-openai"
    monkeypatch.setenv("GREENROOM_LLM_URL", "https://elsewhere.example/v1")
    found = load_settings().endpoint("sk-of-openai")
    assert found is not None
    assert found.key.get_secret_value() == "none"
    assert "sk-of-openai" not in repr(found)


def test_openai_without_a_key_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_LLM_MODEL", "m")
    with pytest.raises(SettingsError, match="GREENROOM_LLM_KEY or OPENAI_API_KEY"):
        load_settings().endpoint()


def test_a_limit_needs_a_price_for_every_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_LLM_MODEL", "big")
    monkeypatch.setenv("GREENROOM_LLM_OBSERVER", "small")
    monkeypatch.setenv("GREENROOM_LLM_LIMIT", "1")
    monkeypatch.setenv("GREENROOM_LLM_PRICES", "big = 1 / 2")
    with pytest.raises(SettingsError, match="add small to GREENROOM_LLM_PRICES"):
        load_settings().endpoint("sk")
    monkeypatch.setenv("GREENROOM_LLM_PRICES", "big = 1 / 2; 3 / 0.3 / 4")
    found = load_settings().endpoint("sk")
    assert found is not None
    small = found.price("small")
    assert small is not None
    assert small.cost(1_000_000, 500_000, 0) == pytest.approx(1.65)
