"""The ear on real vectors: what a text says of statements, how surely and in which of its own words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from agents.ear import Ear, Heard, Statement, lead
from agents.fences import code_blocks, in_fence
from knowledge.embedder import MiniLM
from knowledge.words import content_stems

LOG = Statement("log", ("Every action is appended to a durable log.", "I write each click to a queue that keeps it."))
SOLD = Statement("sold", ("A piece that was sold must not be suggested again.", "Reserved items are filtered last."))
COST = Statement(
    "cost", ("The monthly bill is added up from its parts.", "What it costs decides how quick it must be.")
)
ALL = (LOG, SOLD, COST)
TEXT = (
    "Let me begin with the collector. Each action goes to a durable log and a worker reads it in order.\n\n"
    "Nothing else matters on that path. A sold piece is taken out just before the page leaves."
)
CODE = """Here it is:

```python
import queue

@dataclass
class Log:
    def append(self, action):
        self.items.append(action)

    def read(self):
        return list(self.items)
```

and that is all.
"""


@pytest.fixture(scope="module")
def ear(embedder: MiniLM) -> Ear:
    return Ear(embedder)


def heard(ear: Ear, text: str, echo: str = "") -> dict[str, Heard]:
    return {h.id: h for h in ear.listen(ALL, ear.stretches(text), content_stems(echo))}


def every(ear: Ear) -> Iterator[tuple[str, Heard]]:
    for text in (TEXT, CODE, "x", "Ja. Nein.", "🙂 ok", "a " * 300, "```\nnever closed", "1. one\n- two\n\tthree"):
        for found in ear.listen(ALL, ear.stretches(text)):
            yield text, found


def test_what_is_said_is_surer_than_what_is_not(ear: Ear) -> None:
    found = heard(ear, TEXT)
    assert min(found["log"].probability, found["sold"].probability) > 0.5 > 0.2 > found["cost"].probability
    assert "durable log" in found["log"].quote
    assert "sold piece" in found["sold"].quote


def test_answers_come_in_the_order_of_the_statements(ear: Ear) -> None:
    stretches = ear.stretches(TEXT)
    assert [h.id for h in ear.listen(ALL, stretches)] == ["log", "sold", "cost"]
    assert [h.id for h in ear.listen(ALL[::-1], stretches)] == ["cost", "sold", "log"]


def test_probabilities_are_probabilities_and_quotes_are_literal(ear: Ear) -> None:
    seen = 0
    for text, found in every(ear):
        assert 0.0 <= found.probability <= 1.0
        assert text[found.start : found.end] == found.quote != ""
        assert found.overlap >= 0
        seen += 1
    assert seen > 15


@pytest.mark.parametrize("text", ["", "   \n", "?!", "---"])
def test_nothing_said_is_nothing_heard(ear: Ear, text: str) -> None:
    assert ear.stretches(text) == []
    assert ear.listen(ALL, []) == []


def test_no_statements_nothing_heard(ear: Ear) -> None:
    assert ear.listen((), ear.stretches(TEXT)) == []


def test_one_statement_alone_has_no_lead_and_is_still_heard(ear: Ear) -> None:
    alone = ear.listen([LOG], ear.stretches(TEXT))[0]
    other = ear.listen([LOG], ear.stretches("My grandmother bakes bread on Sundays."))[0]
    assert alone.probability > other.probability + 0.3


def test_length_is_no_evidence(ear: Ear) -> None:
    padding = " The weather was fine and everybody went home early that day." * 12
    assert abs(heard(ear, TEXT + padding)["log"].probability - heard(ear, TEXT)["log"].probability) < 0.05
    assert heard(ear, padding)["log"].probability < 0.2


def test_repeating_the_question_counts_little(ear: Ear) -> None:
    question = "What happens to a sold piece before the page leaves?"
    answer = "A sold piece is taken out just before the page leaves."
    assert heard(ear, answer, echo=question)["sold"].probability < heard(ear, answer)["sold"].probability - 0.1
    assert heard(ear, answer, echo=question)["sold"].overlap < heard(ear, answer)["sold"].overlap


def test_skipped_sentences_are_not_heard(ear: Ear) -> None:
    whole = ear.stretches(TEXT)
    skipped = [s.span for s in whole if "durable" in s.span.text and s.span.text.count(".") == 1]
    rest = ear.stretches(TEXT, skip=skipped)
    assert skipped
    assert not any("durable" in s.span.text for s in rest)
    assert len(rest) < len(whole)


def test_the_same_text_is_heard_the_same_alone_and_after_others(ear: Ear, embedder: MiniLM) -> None:
    first = heard(ear, TEXT)
    heard(ear, CODE)
    fresh = heard(Ear(embedder), TEXT)
    assert first == heard(ear, TEXT) == fresh


def test_two_neighbours_are_read_together_and_paragraphs_stay_in_reach(ear: Ear) -> None:
    spans = [s.span.text for s in ear.stretches(TEXT)]
    assert "Let me begin with the collector." in spans
    assert "Let me begin with the collector. Each action goes to a durable log and a worker reads it in order." in spans
    assert len(spans) == 7  # four sentences, three pairs


def test_similarity_is_a_cosine_per_text_and_stretch(ear: Ear) -> None:
    stretches = ear.stretches(TEXT)
    cosines = ear.similarity(["Let me begin with the collector.", "bread"], stretches)
    assert cosines.shape == (2, len(stretches))
    assert abs(float(cosines[0, 0]) - 1.0) < 1e-3
    assert np.abs(cosines).max() <= 1.0 + 1e-5


def test_rarity_grows_with_rareness(ear: Ear) -> None:
    assert 0.0 <= ear.rarity("the") < ear.rarity("queue") <= ear.rarity("idempotency") == 1.0


@pytest.mark.parametrize(("p", "by"), [(0.5, 0.6), (0.0, 0.6), (1.0, 0.6), (0.3, -0.6), (0.9, 50.0)])
def test_a_shift_stays_within_bounds_and_keeps_its_direction(p: float, by: float) -> None:
    shifted = Ear.shift(p, by)
    assert 0.0 <= shifted <= 1.0
    assert shifted == pytest.approx(p, abs=1e-6) or (shifted > p) == (by > 0)
    assert Ear.shift(0.42, 0.0) == pytest.approx(0.42)


def test_the_lead_is_over_the_best_other_row() -> None:
    values = np.array([[3.0, 1.0], [1.0, 1.0], [2.0, 0.0]], dtype=np.float32)
    assert lead(values).tolist() == [[1.0, 0.0], [-2.0, 0.0], [-1.0, -1.0]]
    assert lead(values[:1]).tolist() == [[0.0, 0.0]]


def test_code_is_cut_at_definitions_and_empty_lines() -> None:
    blocks = code_blocks(CODE)
    assert all(CODE[b.start : b.end] == b.text for b in blocks)
    assert [b.text.split("\n")[0].strip() for b in blocks if not b.text.startswith("@")] == [
        "import queue",
        "class Log:",
        "def append(self, action):",
        "def read(self):",
    ]
    assert not any("```" in b.text for b in blocks)


@pytest.mark.parametrize("opening", ["```python", "```", "```c++", "``` python ", "```py  "])
def test_every_way_to_open_a_fence(opening: str) -> None:
    assert [b.text for b in code_blocks(f"So:\n{opening}\nx = 1\n```\n")] == ["x = 1"]


def test_long_code_is_cut_and_an_open_fence_lasts_to_the_end() -> None:
    long = "```\n" + "\n".join(f"line_{n} = {n}" for n in range(30))
    assert [b.text.count("\n") + 1 for b in code_blocks(long)] == [12, 12, 6]
    assert code_blocks("No code here, only `inline` words.") == []
    assert code_blocks("```\n\n```") == []


def test_places_in_and_out_of_a_fence() -> None:
    assert not in_fence(CODE, CODE.index("Here"))
    assert in_fence(CODE, CODE.index("import"))
    assert not in_fence(CODE, CODE.index("and that"))
