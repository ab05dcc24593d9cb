"""Tokens are counted here, offline, with a file that is checked, whatever the text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents import tokens
from agents.tokens import EncodingDamaged, beginnings, count, count_messages, encoding, read_encoding

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("text", "tokens_in_it"),
    [
        ("", 0),
        ("a", 1),
        ("hello", 1),
        ("hello world", 2),
        ("tiktoken is great!", 6),
        ("antidisestablishmentarianism", 6),
        ("2024", 2),
        (" ", 1),
        ("\U0001f600", 1),
        ("a" * 20_000, 2_500),
    ],
)
def test_known_counts(text: str, tokens_in_it: int) -> None:
    assert count(text) == tokens_in_it


@pytest.mark.parametrize("text", ["<|endoftext|>", "<|im_start|>system<|im_end|>", "a<|endofprompt|>b"])
def test_what_looks_like_a_special_token_is_text(text: str) -> None:
    assert count(text) > 4
    assert encoding().decode(encoding().encode_ordinary(text)) == text


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc80" * 50, "\ud83d\ude00", "\x00", "\ufffe", "\r\v\x85"])
def test_characters_that_are_none(text: str) -> None:
    assert 1 <= count(text) <= 4 * len(text)


def test_every_message_costs_a_little_more() -> None:
    assert count_messages([]) == 0
    assert count_messages(["hello world", "hello"]) == 2 + 1 + 2 * tokens.PER_MESSAGE


def test_where_tokens_begin() -> None:
    text = "Two words \U0001f600\U0001f600, 你好吗."
    found = beginnings(text)
    assert (found[0], len(found), found) == (0, count(text), sorted(found))
    assert found[-1] < len(text)
    assert text[found[1] :].startswith(" words")
    assert beginnings("") == []


@pytest.mark.parametrize("damage", ["missing", "empty", "a folder", "one byte", "cut", "another line"])
def test_a_damaged_file_is_refused(damage: str, tmp_path: Path) -> None:
    data, file = tokens.FILE.read_bytes(), tmp_path / "o200k_base.tiktoken"
    if damage == "a folder":
        file.mkdir()
    elif damage != "missing":
        changed = bytes([data[0] ^ 1]) + data[1:]
        made = {"empty": b"", "one byte": changed, "cut": data[:-20], "another line": data + b"aGk= 200000\n"}
        file.write_bytes(made[damage])
    with pytest.raises(EncodingDamaged, match="check Greenroom out again"):
        read_encoding(file)


def test_the_file_that_is_shipped_is_read() -> None:
    assert len(read_encoding(tokens.FILE).encode_ordinary("hello")) == 1


@pytest.mark.parametrize("cache", ["unset", "unwritable"])
def test_no_network_and_no_cache_is_needed(cache: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    environment = {k: v for k, v in os.environ.items() if "CACHE_DIR" not in k} | {"TMPDIR": str(tmp_path)}
    if cache == "unwritable":
        environment["TIKTOKEN_CACHE_DIR"] = str(tmp_path / "file" / "cache")
    code = "from agents.tokens import count; print(count('hello world'))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("2\n", "", 0)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
