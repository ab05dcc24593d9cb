"""What kind of thing a text is: each kind in several dresses, and next to it what only looks like it."""

from __future__ import annotations

import pytest

from agents import answer_kinds as kinds
from knowledge.embedder import MiniLM
from knowledge.words import words

STATEMENT = (
    "Trove is an online marketplace for second-hand furniture with ten million registered users. Whatever people open, "
    "save, hide or buy, the suggestions on their next pages still reflect yesterday."
)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "  \n\t",
            "I don't know",
            "i dont know",
            "I do not remember the name.",
            "no idea",
            "Sorry, no clue.",
            "dunno",
        ),
        *(
            "I'm stuck.",
            "I'm not sure",
            "not sure",
            "hmm",
            "Help!",
            "pass",
            "Can we skip this?",
            "Could we come back to it?",
        ),
        *("I need a hint.", "Can I have a hint?", "Give me a moment.", "I don't understand the question.", "I give up"),
        "I don't know, I have never worked with streams.",
        "I don't know, but can I get a hint?",
        "I’m not sure.",
    ],
)
def test_stuck(text: str) -> None:
    assert kinds.is_stuck(text)


@pytest.mark.parametrize(
    "text",
    [
        "I don't know how big the peak is, but I'd size for three times the mean.",
        "Not sure, maybe a cache.",
        "I'm not sure the model is to blame, the lookup takes 165 ms.",
        "We do not know the label for ninety days.",
        "Users don't know which pieces are gone.",
        "Next: the database.",
        "Could we skip the cache?",
        "Nothing is learned within that minute.",
        "I'm not sure about this yet:\n```python\ntotal += 1\n```",
        "I don't know the exact figure. " + "The queue holds the actions until the worker has written them. " * 3,
    ],
)
def test_somebody_who_goes_on_is_not_stuck(text: str) -> None:
    assert not kinds.is_stuck(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Is that right?", "Does that make sense?", "Should I go into serving now?", "What would you do?"),
        *("How would you solve it?", "Which one would you prefer?", "Do you agree?", "Am I on the right track?"),
    ],
)
def test_a_decision_is_handed_back(text: str) -> None:
    assert kinds.is_decision_question(text)


@pytest.mark.parametrize(
    "text", ["I should use a queue.", "Whether that is right depends on the load.", "How many users are there?"]
)
def test_no_decision_is_handed_back(text: str) -> None:
    assert not kinds.is_decision_question(text)


@pytest.mark.parametrize(
    "text",
    [
        *("The question is unclear.", "Your number is wrong.", "That's not fair.", "This doesn't make sense."),
        "That requirement is impossible within the budget.",
        "This requirement contradicts the other one.",
        "I disagree with your assumption.",
        "The scenario doesn't make any sense.",
    ],
)
def test_a_dispute(text: str) -> None:
    assert kinds.is_dispute(text)


@pytest.mark.parametrize(
    "text",
    [
        "The problem is not the model, it is the lookup.",
        "The problem is that there is no monitoring.",
        "The question is not latency but freshness.",
        "It doesn't make sense to retrain every minute.",
        "Does that make sense?",
        "The requirement is no duplicates.",
        "I object storage anywhere near the request path.",
        "The question is unclear. " + "Still I would begin with the log and let a worker read it in order. " * 6,
    ],
)
def test_an_analysis_is_no_dispute(text: str) -> None:
    assert not kinds.is_dispute(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Just tell me the answer.", "Show us the solution please.", "What is the correct answer?", "Did I pass?"),
        *("What do you want me to say?", "What are you looking for?", "What's my score?", "How am I doing?"),
        *("Can you solve it for me?", "Could you do this?"),
    ],
)
def test_wanting_the_answer(text: str) -> None:
    assert kinds.wants_answer(text)


@pytest.mark.parametrize(
    "text",
    [
        "What is the best solution for late events? I'd say a watermark.",
        "Can you do it in one pass? Yes.",
        "What do you expect the peak to be?",
        "What are you looking for in the logs?",
        "Could you answer that: how many users are there?",
        "What's the score threshold?",
        "```\n# tell me the answer\n```",
    ],
)
def test_a_question_of_substance_wants_no_answer_of_the_interviewers(text: str) -> None:
    assert not kinds.wants_answer(text)


@pytest.mark.parametrize(
    "text",
    [
        *("How many users are there?", "how many users", "Show me the logs", "Can I see the latency graph"),
        *("Is there a fallback", "when did it start", "who is on call", "what about the budget", "Where does it run?"),
    ],
)
def test_a_question_is_heard_with_and_without_its_mark(text: str) -> None:
    assert [s.text for s in kinds.asking_sentences(text, wants_data=False)] == [text]


@pytest.mark.parametrize(
    "text", ["We show the page.", "What is stored is an id.", "What we do is cache.", "I'd look at the logs."]
)
def test_a_statement_is_no_question(text: str) -> None:
    assert kinds.asking_sentences(text, wants_data=False) == []


def test_in_a_long_answer_only_the_last_two_sentences_ask() -> None:
    middle = "How would it fail? " + "The worker would stop and the log would keep the actions for it. " * 5
    assert kinds.asking_sentences(middle, wants_data=False) == []
    assert [s.text for s in kinds.asking_sentences(middle + "How large is the log?", wants_data=False)] == [
        "How large is the log?"
    ]


def test_looking_for_data_asks_where_there_is_data() -> None:
    text = "I'd look at the logs of one pod."
    assert kinds.wants_data(text)
    assert [s.text for s in kinds.asking_sentences(text, wants_data=True)] == [text]
    assert not kinds.wants_data("Can I see the logs?")  # asks outright
    assert not kinds.wants_data("The logs show retries.")


def test_experience_is_claimed_and_told() -> None:
    assert kinds.claims_experience("At my last company we had this.")
    assert kinds.claims_experience("I've built such a queue.")
    assert not kinds.claims_experience("I would build such a queue in production.")
    assert kinds.tells_own_case("We migrated 40 models and lost a day.")
    assert not kinds.tells_own_case("We need 3 nodes.")  # "need" only ends like a past tense
    assert not kinds.tells_own_case("We migrated it.")


@pytest.mark.parametrize(
    ("text", "adjective"),
    [
        *(("It must be fast.", "fast"), ("Scalable and very cheap.", "very cheap"), ("We refresh it often.", "often")),
        *(("It is fast, 40 ms.", ""), ("A million is many.", ""), ("As soon as it arrives.", ""), ("How many?", "")),
        *(("The breakfast page.", ""), ("", "")),
    ],
)
def test_the_vague_adjective(text: str, adjective: str) -> None:
    assert kinds.vague_adjective(text) == adjective


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich würde zuerst die Ereignisse in ein dauerhaftes Protokoll schreiben und dann lesen.", "de"),
        ("Was ist der Zielwert? In was für einem Format kommen die Daten an, und wo ist der Store?", "de"),
        ("Je mettrais les événements dans un journal durable, puis je les lirais.", "fr"),
        ("Je ne sais pas", "fr"),
        ("Primero pondría los eventos en un registro duradero y luego los leería.", "es"),
        ("我会先把事件写入持久日志，然后再读取。", "zh"),
        ("我不知道", "zh"),
        ("我会用 Kafka 和 Redis 来做缓存 because latency", "zh"),
        ("Сначала я запишу события в журнал, а потом прочитаю их.", "ru"),
    ],
)
def test_other_languages_are_told(text: str, language: str) -> None:
    assert kinds.language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "When page comes, we read history and calculate new order, this is all the minute.",
        "User hide item instantly filter next page purchase rule stop category",
        "I look if it came suddenly or slowly, and if everybody has it or only some.",
        "Kafka, Redis, Flink, Spark, Cassandra, Kubernetes, Terraform, Airflow",
        "Batch size 128, learning rate 0.001, Adam optimizer, cosine schedule",
        "user_id, item_id, ts, price -> store.put(key, value)",
        "SELECT user_id, count(*) FROM events WHERE ts > now() - interval '1 day' GROUP BY user_id",
        "def process(self, batch):\n    for record in batch:\n        out.append(self.convert(record))\n    return out",
        "I use naïve Bayes at café Müller, it's been the baseline.",
        "```python\nprint('ich und der und das')\n```",
        *("", "ok", "42", "Latenz"),
    ],
)
def test_second_language_english_names_and_code_stay_english(text: str) -> None:
    assert kinds.language_of(text) == "en"


@pytest.mark.parametrize(
    ("text", "noise"),
    [
        *(("asdkjh aksjdh qwoeiu zmxncb", True), ("qwertz", True), ("...", True), ("🙂🙂", True), ("?", True)),
        *(("cache " * 8, True), ("blah " * 9, True), ("Redis", False), ("Kafka, Flink, Debezium", False)),
        *(("35", False), ("12345 67890", False), ("我会", False), ("It is durable.", False), ("", False)),
        ("I'd put Kinesis before Flink and Iceberg behind it.", False),
    ],
)
def test_noise(embedder: MiniLM, text: str, noise: bool) -> None:
    known = [embedder.rank(w.text) < 30_522 for w in words(kinds.prose(text))]
    assert kinds.is_noise(text, known) is noise


def test_the_share_that_was_copied() -> None:
    own = "I'd write every action to a durable log, let one worker keep short histories and score when a page asks."
    assert kinds.copied_share(STATEMENT, [STATEMENT]) == 1.0
    assert kinds.copied_share(own, [STATEMENT]) == 0.0
    assert 0.2 < kinds.copied_share(f"{STATEMENT} {own}", [STATEMENT]) < 0.8
    assert kinds.copied_share(STATEMENT.upper(), ["", STATEMENT]) == 1.0
    assert kinds.copied_share("ten million registered users", [STATEMENT]) == 0.0  # too short to be a copy
    assert kinds.copied_share("", [STATEMENT]) == kinds.copied_share(STATEMENT, []) == 0.0


def test_prose_is_what_is_left_without_fences() -> None:
    assert kinds.prose("Before.\n```python\nx = 1\n```\nAfter.").split() == ["Before.", "After."]
    assert kinds.prose("Open: ```\nx = 1").strip() == "Open:"
