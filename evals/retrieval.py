"""How well does the search find questions and resources from a person's own words, and does it say when nothing fits?

The queries and their grades are synthetic (evals/datasets/retrieval/README.md). Beside the product's search stand plain
embedding search and plain BM25 over title and statement (of a resource: title and why), each with the threshold that
answers at least 90 % of the unrelated queries of the tuning half with nothing. Everything was chosen on that half; the
other half is reported.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from evals.share import interval
from knowledge.bank import Bank, load_bank
from knowledge.embedder import MiniLM
from knowledge.find import find_questions
from knowledge.index import Index
from knowledge.resource import load_resources, load_topics
from knowledge.words import content_stems

QUERIES = Path(__file__).parent / "datasets" / "retrieval" / "queries.jsonl"
TOP = 10
KINDS = ("question", "resource")
SILENT = 0.9
"""The share of unrelated queries that a plain search must answer with nothing on the tuning half."""
SAMPLES, SEED = 2000, 7

Ranked = list[tuple[str, float]]
"""(id, score), best first, at most TOP of them."""
System = Callable[["Query"], Ranked]


@dataclass(frozen=True)
class Query:
    """`grades`: id -> 2 for what is looked for, 1 for what would help, too; {} when nothing fits."""

    id: str
    kind: str
    text: str
    style: str
    part: str
    grades: Mapping[str, int]


@dataclass(frozen=True)
class Score:
    """Of one query with a target, each 0..1."""

    recall: float
    ndcg: float
    reciprocal: float


def load_queries(known: Mapping[str, set[str]], path: Path = QUERIES) -> list[Query]:
    """The labelled queries, grades cut to the ids in `known[kind]`; without those whose targets are all missing."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        grades = {id_: grade for id_, grade in record["grades"].items() if id_ in known[record["kind"]]}
        if not record["grades"] or 2 in grades.values():
            del record["target"]
            found.append(Query(**{**record, "grades": grades}))
    return found


def score(ranking: Sequence[str], grades: Mapping[str, int]) -> Score:
    """Recall of the targets (grade 2) among the first 5, out of at most 5; nDCG of the first 10 with gains of
    2^grade - 1 (Burges et al. 2005); the reciprocal rank of the first target among the first 10."""
    targets = {id_ for id_, grade in grades.items() if grade == 2}
    recall = len(targets & set(ranking[:5])) / min(5, len(targets))
    gained = sum((2 ** grades.get(id_, 0) - 1) / math.log2(n + 2) for n, id_ in enumerate(ranking[:TOP]))
    best = sorted(grades.values(), reverse=True)[:TOP]
    ideal = sum((2**grade - 1) / math.log2(n + 2) for n, grade in enumerate(best))
    first = next((n for n, id_ in enumerate(ranking[:TOP], start=1) if id_ in targets), 0)
    return Score(recall, gained / ideal, 1 / first if first else 0.0)


def report(part: str = "report", phrases: bool = True) -> str:
    """The measurement as Markdown tables; `part` is "report" or "tune". Without `phrases` the search phrases of
    questions and resources are left out."""
    bank, topics = load_bank(), load_topics()
    resources = load_resources(topics=topics)
    if not phrases:
        bank = replace(bank, questions={i: replace(q, found_by=()) for i, q in bank.questions.items()})
        resources = {i: replace(r, found_by=()) for i, r in resources.items()}
    queries = load_queries({"question": set(bank.questions), "resource": set(resources)})
    texts = {
        "question": {q.id: f"{q.title}. {q.statement}" for q in bank.questions.values()},
        "resource": {r.id: f"{r.title}. {r.why}" for r in resources.values()},
    }
    with TemporaryDirectory() as folder:
        index = Index(Path(folder), MiniLM(threads=2))
        index.open(bank, resources, topics)
        systems: dict[str, System] = {"Greenroom": partial(product, index, bank)}
        systems |= plain(queries, texts)
        answers = {name: {q.id: system(q) for q in queries} for name, system in systems.items()}
        index.close()
    chosen = [q for q in queries if q.part == part]
    lines = [f"{len(bank.questions)} questions, {len(resources)} resources.", *_totals(answers, chosen)]
    return "\n".join([*lines, "", *_styles(answers["Greenroom"], chosen), _overlap(chosen, texts)])


def product(index: Index, bank: Bank, query: Query) -> Ranked:
    """What a user of the pages gets."""
    if query.kind == "question":
        hits = find_questions(index, query.text, bank.questions.values(), TOP).hits
    else:
        hits = tuple(index.search(query.text, "resource", TOP))
    return [(hit.id, hit.score) for hit in hits]


def plain(queries: Sequence[Query], texts: Mapping[str, Mapping[str, str]]) -> dict[str, System]:
    """The two plain searches, with thresholds set on the tuning half."""
    import bm25s

    embedder = MiniLM(threads=2)
    ids = {kind: list(texts[kind]) for kind in KINDS}
    vectors = {kind: embedder.encode(list(texts[kind].values())) for kind in KINDS}
    indexed = {}
    for kind in KINDS:
        indexed[kind] = bm25s.BM25()
        indexed[kind].index([content_stems(text) for text in texts[kind].values()], show_progress=False)

    def by_meaning(query: Query) -> Ranked:
        return _best(ids[query.kind], vectors[query.kind] @ embedder.encode([query.text])[0])

    def by_words(query: Query) -> Ranked:
        return _best(ids[query.kind], np.asarray(indexed[query.kind].get_scores(content_stems(query.text) or ["-"])))

    return {
        name: partial(_above, search, _thresholds(search, queries))
        for name, search in (("embedding alone", by_meaning), ("BM25 alone", by_words))
    }


def _best(ids: Sequence[str], scores: NDArray[np.float32]) -> Ranked:
    order = np.argsort(-scores, kind="stable")[:TOP]
    return [(ids[n], float(scores[n])) for n in order]


def _above(search: System, thresholds: Mapping[str, float], query: Query) -> Ranked:
    return [(id_, value) for id_, value in search(query) if value > thresholds[query.kind]]


def _thresholds(search: System, queries: Sequence[Query]) -> dict[str, float]:
    """Kind -> the score that SILENT of its unrelated queries of the tuning half do not exceed."""
    found = {}
    for kind in KINDS:
        tops = [search(q)[0][1] for q in queries if q.kind == kind and q.part == "tune" and not q.grades]
        found[kind] = float(np.quantile(tops, SILENT, method="higher")) if tops else 0.0
    return found


def _totals(answers: Mapping[str, Mapping[str, Ranked]], queries: Sequence[Query]) -> list[str]:
    head = "| search for | by | n | recall@5 | nDCG@10 | reciprocal rank | unrelated: nothing | related: nothing |"
    lines = ["", head, "| --- " * 8 + "|"]
    for kinds in (("question",), ("resource",), KINDS):
        among = [q for q in queries if q.kind in kinds]
        for name, ranked in answers.items():
            lines.append(_row(" and ".join(kinds), name, ranked, among))
    return lines


def _styles(ranked: Mapping[str, Ranked], queries: Sequence[Query]) -> list[str]:
    lines = ["| search for | style | n | recall@5 | nDCG@10 | reciprocal rank | nothing |", "| --- " * 7 + "|"]
    for kind in KINDS:
        for style in dict.fromkeys(q.style for q in queries if q.kind == kind and q.grades):
            among = [q for q in queries if q.kind == kind and q.style == style and q.grades]
            cells = _row(kind, style, ranked, among).split("|")
            lines.append("|".join([*cells[:7], cells[8], ""]))
    return [*lines, ""]


def _row(kind: str, name: str, ranked: Mapping[str, Ranked], queries: Sequence[Query]) -> str:
    related, unrelated = [q for q in queries if q.grades], [q for q in queries if not q.grades]
    scores = [score([id_ for id_, _ in ranked[q.id]], q.grades) for q in related]
    cells = [_mean([getattr(s, field) for s in scores]) for field in ("recall", "ndcg", "reciprocal")]
    cells += [_share([not ranked[q.id] for q in among]) for among in (unrelated, related)]
    return f"| {kind} | {name} | {len(related)} | {' | '.join(cells)} |"


def _mean(values: Sequence[float]) -> str:
    """The mean with its 95 % interval from resampling the queries."""
    if not values:
        return "-"
    drawn = np.random.default_rng(SEED).choice(values, (SAMPLES, len(values))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return f"{np.mean(values):.2f} ({low:.2f}-{high:.2f})"


def _share(flags: Sequence[bool]) -> str:
    if not flags:
        return "-"
    low, high = interval(sum(flags), len(flags))
    return f"{sum(flags) / len(flags):.0%} ({low:.0%}-{high:.0%}, n = {len(flags)})"


def _overlap(queries: Sequence[Query], texts: Mapping[str, Mapping[str, str]]) -> str:
    """How much of the queries' words stands in what is looked for."""
    shares = []
    for query in queries:
        said = set(content_stems(query.text))
        for id_ in (id_ for id_, grade in query.grades.items() if grade == 2 and said):
            shares.append(len(said & set(content_stems(texts[query.kind][id_]))) / len(said))
    return f"Content words of a query that stand in its target's title and text: {np.mean(shares):.0%} on average."
