"""How many requests a turn makes and which words pass judgement."""

from __future__ import annotations

import pytest

from knowledge.spoken import VERDICTS, requests, verdicts


@pytest.mark.parametrize(
    "text",
    [
        "What breaks first?",
        "What breaks first ?",
        "Could you explain that?",
        "Would you cache it or compute it each time?",
        "Describe what riders read.",
        "Please walk me through it.",
        "Now, then: explain the way back.",
        "Take one case and walk me through it.",
        "Help me see why it holds.",
        "I'd like to hear how it comes back.",
        "I want to know what it costs.",
        "The budget is halved. Which part gives way first?",
        "Two hundred riders ask at once. Tell me what your machines do.",
        "For the way of a report, what is your estimate?",
        "When you say your log, what is that in concrete terms?",
        "When the store is down, what do riders see?",
        "If you had to defend it, what would your argument be?",
        "How does it know when it is done and what it has seen?",
        "What happens to the queue, which is full?",
        "On what two calls have in common: where would you begin?",
        "For how much is in memory, what is your estimate?",
        "How would you handle whose problem this solves and how success would show?",
        "What do you do, when the thing is down?",
        "What do you know about what is going on?",
        "What would you do (and why)?",
        "How would you do it, and why?",
        "With that, how much would it be, and measured where?",
        "What is on the screen (the one they read?)",
        "They say “we are done.” What do you check?",
    ],
)
def test_one_request(text: str) -> None:
    assert len(requests(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "What is the load? Where does it come from?",
        "What is the load, and how would you size it?",
        "Which part goes first and what happens to the riders?",
        "Where is it, and how much does it cost?",
        "Where is it, and how often would that change?",
        "At what point does the balance tip, and how would you see it?",
        "What is it, and can it fail?",
        "Do you keep it, and where do you put it?",
        "Which one did you weigh, and at what point does the balance tip?",
        "Where do you start, what do you measure?",
        "Describe the flow. What goes first?",
        "Describe the flow. Explain the order of it.",
        "I'd like to hear about cost. What is it?",
        "is it up? where is it?",
    ],
)
def test_two_requests(text: str) -> None:
    assert len(requests(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The budget is halved.",
        "Suppose it fails for an hour.",
        "Let's take one case.",
        "Carry on.",
        "You describe it well.",
        "To list them would take long.",
        "I can tell you that.",
        "Think aloud if that helps.",
    ],
)
def test_no_request(text: str) -> None:
    assert requests(text) == []


def test_a_quoted_question_counts_where_a_sentence_ends_in_it() -> None:
    assert requests('A rider asks "is it late?" and leaves.') == []
    assert requests('A rider asks: "Is it late?"') == ['A rider asks: "Is it late?"']
    assert len(requests('A rider asks: "Is it late?" What do you show?')) == 2
    assert len(requests("A rider asks: “Is it late?” What do you show?")) == 2


def test_a_request_is_given_as_it_was_said() -> None:
    text = "The radio is down.  What do riders read?"
    assert requests(text) == ["What do riders read?"]
    double = "What is it, and how would you size it?"
    assert requests(double) == [double, double]


@pytest.mark.parametrize("word", VERDICTS)
def test_a_verdict_is_heard_in_any_case(word: str) -> None:
    assert word in verdicts(f"{word.capitalize()}, and now the cost.")
    assert word in verdicts(f"That was {word.upper()}!")


@pytest.mark.parametrize("text", ["You are mistaken.", "Well, done!", "That is correctly put.", "the right table"])
def test_a_verdict_is_heard_in_other_forms(text: str) -> None:
    assert verdicts(text)


@pytest.mark.parametrize(
    "text",
    [
        "A shop sells goods and keeps the rights.",
        "What happens right after the click?",
        "It is delivered exactly once, on the right-hand side.",
        "All right now.",
        "Copyright, alright, smartphones, greater numbers.",
    ],
)
def test_these_words_judge_nothing(text: str) -> None:
    assert verdicts(text) == []
