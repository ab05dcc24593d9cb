"""How many tokens a text has, counted offline with the encoding that lies beside this file.

The encoding is OpenAI's o200k_base. For models with another one the count is a guess, as a rule within a fifth.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

FILE = Path(__file__).parent / "encoding" / "o200k_base.tiktoken"
SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
"""The value that tiktoken itself checks when it downloads this file."""
PER_MESSAGE = 4
"""Tokens that a chat format puts around each message (OpenAI's cookbook: three, and one for the role)."""
# tiktoken_ext/openai_public.py; there it comes only together with a download of the file.
_PATTERN = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)


class EncodingDamaged(RuntimeError):  # noqa: N818 - reads as what it is
    """The encoding's file is missing or is not the one that was shipped."""


@lru_cache(maxsize=1)
def encoding() -> Encoding:
    """The encoding; takes a third of a second when it is first asked for. Raises EncodingDamaged."""
    return read_encoding(FILE)


def read_encoding(file: Path) -> Encoding:
    """The encoding in `file`. Raises EncodingDamaged when that is not the one that was shipped."""
    from tiktoken import Encoding

    try:
        data = file.read_bytes()
    except OSError as error:
        raise EncodingDamaged(f"{file} cannot be read ({error}); check Greenroom out again") from None
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise EncodingDamaged(f"{file} is not the file that was shipped; check Greenroom out again")
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in data.splitlines())}
    return Encoding("o200k_base", pat_str=_PATTERN, mergeable_ranks=ranks, special_tokens={})


@lru_cache(maxsize=4_096)
def count(text: str) -> int:
    """Tokens of `text`."""
    return len(encoding().encode_ordinary(text))


def beginnings(text: str) -> list[int]:
    """Where in `text` each of its tokens begins; a token may hold a part of a character."""
    return encoding().decode_with_offsets(encoding().encode_ordinary(text))[1]


def count_messages(texts: Iterable[str]) -> int:
    """Tokens of a request whose messages hold `texts`, with what the chat format adds."""
    return sum(count(text) + PER_MESSAGE for text in texts)
