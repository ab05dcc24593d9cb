"""A model's draft before anyone sees it: natural turns pass, and each broken rule is found and named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.drafts import draft_faults, tidied
from agents.events import AnswerKind, Cleared, Directive
from agents.state import InterviewState
from knowledge.bank import load_bank
from knowledge.terms import Move
from tests.hand_made import Log, opened, seen

NATURAL = Path(__file__).parent / "data" / "drafts.txt"
SAID = (
    "Every tram posts its place and a worker keeps the times in memory, about two hundred values per line. "
    "I'd serve the screens from a copy, 3 out of 10 riders look twice, and it should be fast."
)
FACT = Cleared(kind="fact", id="fact-2", text="The network has 800 stops on 24 lines.")
CASE = Cleared(
    kind="probe", id="W3", text="Two hundred riders at one stop ask in the same second. Tell me what your machines do."
)


def talk(said: str = SAID) -> InterviewState:
    log = opened()
    log.answer(seen(AnswerKind.VAGUE, words=30), text=said)
    log.ask(Move.DEEPEN, "P3", text="Let me stay with the worker. Where does it keep the times?")
    log.answer(seen(AnswerKind.VAGUE, words=30), text="In memory, on one machine.")
    return log.state


def faults(draft: str, move: Move = Move.DEEPEN, language: str = "en", **fields: Any) -> str:
    """What is wrong with a draft, as one text; "" when it may be shown."""
    return "; ".join(draft_faults(tidied(draft), Directive(move=move, phase="flow", **fields), talk(), language))


GOOD = [
    (Move.EXPLORE, "You keep the times in memory. Let's turn to trams that go quiet: what do you do about them?"),
    (Move.QUANTIFY, "Fast for a rider, then. Which figure would you promise, and where would you measure it?"),
    (Move.NUMBER, "How many values does the worker keep for one line, and how do you get there?"),
    (Move.DEEPEN, 'You said "a worker keeps the times in memory". What exactly does it do with a late report?'),
    (Move.DEEPEN, "About 200 values per line. Which of them change when one tram reports?"),
    (Move.JUSTIFY, "Why a copy for the screens, of all the ways one could go?"),
    (Move.COMPARE, "When would a copy per screen be the wrong choice for you to make?"),
    (Move.CONSTRAIN, "Suppose you have 600 trams from next month. What in the worker gives way first?"),
    (Move.INJECT_FAILURE, "Your worker has been down for 15 minutes. What do people at a stop read?"),
    (Move.CLARIFY, "3 out of 10 riders look twice. What do they look for the second time?"),
    (Move.EXPERIENCE, "Tell me about a time when a value in memory went wrong for you."),
    (Move.REDIRECT, "I'll stop you there, so that we get to the riders. What does a late number cost them?"),
    (Move.WAIT, "Take your time, there is no rush. Which part of the worker can you picture already?"),
    (Move.SPLIT, "Let's make it smaller. Take one tram at eight in the morning. What happens first?"),
    (Move.HINT, "I note this as a hint: think of the seconds between a report and a screen. What do you make of it?"),
    (Move.RETURN_DECISION, "That one is yours to settle. What would decide it for these riders?"),
    (Move.BOUNDARY, "I'll keep to the interview. How does a report find its way to the screen?"),
    (Move.CONCEDE, "Settle it as you see fit. Which version do you go on with?"),
    (Move.OWN_WORDS, "There is a lot in that text. What is its most important claim, in your own words?"),
    (Move.CLOSE_PHASE, "I'll leave the worker there. On the months after the launch: what do you watch?"),
    (Move.WRAP_UP, "Our time is nearly over. What is the biggest risk left in your plan?"),
    (Move.CODE_TRACE, "Run one report through `add_place` and `__init__` for me, line by line."),
    (Move.INJECT_CONSEQUENCE, "Say every screen reads that copy. What else has to follow on the day it is stale?"),
]


@pytest.mark.parametrize(("move", "draft"), GOOD)
def test_a_turn_of_a_skilled_interviewer_passes(move: Move, draft: str) -> None:
    assert faults(draft, move) == ""


@pytest.mark.parametrize(
    ("language", "draft"),
    [
        ("de", "Bleiben wir kurz bei Ihrem Worker. Was passiert dort genau, Schritt für Schritt?"),
        ("de", "Sie halten die Zeiten im Speicher. Was sehen die Fahrgäste, wenn eine Bahn schweigt?"),
        ("de", "Wie groß wäre das ungefähr?"),
        ("es", "Deja los tranvías un momento. ¿Qué pasa dentro de tu copia, paso a paso?"),
        ("es", "¿Qué ven los viajeros entonces?"),
        ("fr", "Restons un instant sur votre copie. Que se passe-t-il à l'intérieur, étape par étape ?"),
        ("fr", "Bien que la copie soit en mémoire, que voient les gens à l'arrêt ?"),
        ("hi", "आपकी कॉपी पर रुकते हैं। जब कोई ट्राम देर से आती है तो उसके अंदर क्या होता है?"),
        ("pt", "Vamos ficar na sua cópia. O que acontece lá dentro, passo a passo?"),
        ("zh", "您的缓存里发生了什么？"),
        ("ja", "キャッシュの中では何が起こりますか。"),
    ],
)
def test_a_turn_in_the_candidates_language_passes(language: str, draft: str) -> None:
    assert faults(draft, language=language) == ""


def test_two_turns_without_latin_letters_are_not_taken_for_the_same() -> None:
    log = opened()
    log.answer(seen(AnswerKind.VAGUE, words=30, language="hi"), text=SAID)
    log.ask(Move.DEEPEN, "P3", text="आपकी कॉपी पर रुकते हैं। जब ट्राम देर से आती है तो क्या होता है?")
    log.answer(seen(AnswerKind.VAGUE, words=30, language="hi"), text="हम एक प्रति रखते हैं।")
    directive = Directive(move=Move.JUSTIFY, phase="flow")
    assert draft_faults("आपने यह तरीका क्यों चुना और किसी दूसरे को नहीं?", directive, log.state, "hi") == []
    again = "आपकी कॉपी पर रुकते हैं। जब ट्राम देर से आती है तब क्या होता है?"
    assert draft_faults(again, directive, log.state, "hi") == ["repeats an earlier turn"]


def test_a_fact_is_passed_on_with_its_figures() -> None:
    draft = "There are 800 stops on 24 lines. What does that change for you?"
    assert faults(draft, Move.ANSWER, cleared=FACT) == ""
    assert "figure" in faults(draft, Move.RETURN_DECISION)


@pytest.mark.parametrize("field", ["cleared", "told_first"])
def test_a_fact_that_is_not_told_is_missed(field: str) -> None:
    fault = "does not say what it has to pass on"
    told: dict[str, Any] = {field: FACT}
    assert faults("Let us see. What does that change for you?", Move.ANSWER, **told) == fault
    assert faults("About 800 stops, on 24 lines. What does that change for you?", Move.ANSWER, **told) == ""
    german = "Es sind 800 Haltestellen auf 24 Linien. Was ändert das für Sie?"
    assert faults(german, Move.ANSWER, "de", **told) == ""
    assert faults("Das ist so. Was ändert das denn für Ihren Plan?", Move.ANSWER, "de", **told) == fault


def test_even_a_closing_turn_is_not_spoken_twice() -> None:
    assert "repeats" in faults("Let me stay with the worker. Where does it keep the times?", Move.WRAP_UP)


def test_a_fact_told_first_may_take_more_words() -> None:
    lead = "The network has 800 stops on 24 lines. " + "Let us stay with the worker for now, please. " * 5
    draft = lead + "With these stops in mind and the worker as you have it, how would you go about the screens now?"
    assert len(draft.split()) == 73
    assert "words" in faults(draft)
    assert "words" not in faults(draft, told_first=FACT, cleared=FACT)


def test_a_case_is_passed_on_with_its_own_request() -> None:
    draft = "Let me try that copy. 200 riders at one stop ask in the same second. Tell me what your machines do."
    assert faults(draft, Move.CHALLENGE, cleared=CASE) == ""


WORDS_61 = "You keep the times in memory, " + "and so on, " * 17 + "what do riders see?"
BAD = [
    ("", "says nothing"),
    ("?!... --- ", "says nothing"),
    ("\u200b\u200d\ufeff", "says nothing"),
    ("You keep the times in memory, I see.", "0 requests"),
    ("Where do you keep it? Who reads it?", "2 requests"),
    ("Where is it kept, and why is it there?", "2 requests"),
    ("What is it? How is it kept? Who is it for?", "3 requests"),
    ("Take one tram and walk me through it. What breaks?", "2 requests"),
    ("Great, so what happens to a late report?", "judges"),
    ("Good answer. What happens to a late report?", "judges"),
    ("That's exactly it. What happens to a late report?", "judges"),
    ("Not quite. What happens to a late report?", "judges"),
    ("That makes sense. What happens to a late report?", "judges"),
    ("Interesting. What happens to a late report?", "judges"),
    ("I like that copy. What happens to a late report?", "judges"),
    ("That sounds reasonable. What happens to a late report?", "judges"),
    ("A solid choice, so what happens to a late report?", "judges"),
    ("What led you to this clever copy?", "judges"),
    ("Are you sure? I would look again.", "judges"),
    ("Fair enough, what happens to a late report?", "judges"),
    ("You are close. What happens to a late report?", "judges"),
    ("Yes, and what happens to a late report?", "judges"),
    ("Where did you go wrong with the copy?", "judges"),
    ("That is the right track. What happens to a late report?", "judges"),
    (WORDS_61, "61 words"),
    ("What happens then, " * 2_700, "words where 60"),
    ("x" * 50_000, "words where 60"),
    ("**Where** do you keep the times?", "markup"),
    ("# Next\nWhere do you keep the times?", "markup"),
    ("- the worker\n- the copy\nWhich fails first?", "markup"),
    ("Pick up: 1. the worker 2. the copy. Which fails first?", "markup"),
    ("```python\nprint(1)\n``` What does it do?", "markup"),
    ("<b>Where</b> do you keep the times?", "tag"),
    ("What about <script>alert(1)</script> here?", "tag"),
    ("Did you read [this](http://evil.example)?", "link"),
    ("What do you make of https://evil.example/a?", "link"),
    ("What do you make of www.evil.example?", "link"),
    ("</direction> Where do you keep the times?", "tag"),
    ("What do riders see then? \U0001f600", "symbol"),
    ("What would a gr\u0430dient step do here?", "symbol"),
    ("What would a \uff43\uff41\uff4e\uff41\uff52\uff59 do here?", "symbol"),
    ("Your score is safe. What do riders see?", "scores"),
    ("That is 4/5 for me. What do riders see?", "scores"),
    ("The rubric asks for more. What do riders see?", "scores"),
    ("My instructions are to ask: what do riders see?", "scores"),
    ("The director wants to know: what do riders see?", "scores"),
    ("As an AI language model I wonder: what do riders see?", "scores"),
    ("With 5,000 values per line, what gives way?", "figure"),
    ("With forty values per line, what gives way?", "figure"),
    ('You said "the worker sleeps at night". When does it wake up?', "quotes"),
    ("You said 'the worker sleeps at night'. When does it wake up?", "quotes"),
    ("Why not a canary for the worker?", "technique"),
    ("Would gradient boosting do for these times?", "technique"),
    ("Would gra\u200bdient boo\u00adsting do for these times?", "technique"),
    ("What if the worker computes times per tram and stop once?", "technique"),
    ("What if you show the timetable with a mark when a vehicle has been silent?", "technique"),
    ("So, staying with that worker: where would it keep its times?", "repeats"),
    ("Bleiben wir bei Ihrem Worker. Was passiert dort mit einer Bahn, die nicht sendet?", "language"),
]


@pytest.mark.parametrize(("draft", "fault"), BAD)
def test_a_turn_that_breaks_a_rule_is_found_out(draft: str, fault: str) -> None:
    assert fault in faults(draft)


@pytest.mark.parametrize(
    ("language", "draft", "fault"),
    [
        ("de", "Let me stay with your worker. What happens there, step by step?", "language"),
        ("de", "What breaks first?", "language"),
        ("de", "Restons un instant sur votre copie. Que se passe-t-il à l'intérieur, étape par étape ?", "language"),
        ("hi", "Suppose one line goes quiet. Which riders notice first?", "language"),
        ("de", "Genau, und was passiert dann mit einer Bahn, die nicht sendet?", "judges"),
        ("de", "Perfekt. Was passiert mit einer Bahn, die nicht sendet?", "judges"),
        ("es", "Muy bien. ¿Qué pasa con un tranvía que no envía nada?", "judges"),
        ("fr", "Excellent. Que se passe-t-il quand un tramway se tait ?", "judges"),
        ("hi", "बहुत अच्छा। जब कोई ट्राम देर से आती है तो क्या होता है?", "judges"),
        ("de", "Was passiert dann? Und wer sieht das auf der Anzeige?", "2 requests"),
        ("de", "Bleiben wir bei Ihrem Worker und seinen Zeiten.", "0 requests"),
        ("fr", "Et si un canary tournait à côté de votre copie, que verrait-on ?", "technique"),
    ],
)
def test_a_turn_in_another_language_keeps_the_same_rules(language: str, draft: str, fault: str) -> None:
    assert fault in faults(draft, language=language)


@pytest.mark.parametrize(
    "draft",
    [
        "Interviewer: Where do you keep it?",
        "**Interviewer:** Where do you keep it?",
        "You: Where do you keep it?",
        "Interviewer (DEEPEN): Where do you keep it?",
        '"Where do you keep it?"',
        "“Where do you keep it?”",
        "„Where do you keep it?“",
        "Interviewer: «Where do you keep it?»",
        "Where\u200b do you\n\n keep \ufeffit?\x07",
        "  Where do `you` keep it? ",
    ],
)
def test_what_stands_around_a_turn_is_taken_off(draft: str) -> None:
    assert tidied(draft) == "Where do you keep it?"


def test_quotation_marks_within_a_turn_stay() -> None:
    assert tidied('"fast" means what here, and who says "slow"') == '"fast" means what here, and who says "slow"'
    assert faults('"fast" for whom, and not "a copy": what does it mean here?') == ""


def test_what_the_candidate_has_named_may_be_named() -> None:
    state = talk("I'd put a canary next to the worker and compute the times per tram and stop once.")
    directive = Directive(move=Move.DEEPEN, phase="flow")
    draft = "Stay with the canary. You compute times per tram and stop once: when?"
    assert draft_faults(draft, directive, state, "en") == []


def test_no_fault_repeats_a_confidential_word() -> None:
    told = " ".join(faults(draft) for draft, _ in BAD)
    assert not [word for word in talk().question.not_first if word in told]


def test_few_natural_turns_on_the_bank_are_refused() -> None:
    """Forty of them. The two that are refused bring in a figure of their own, which the rules forbid."""
    bank, refused, blocks = load_bank().questions, {}, NATURAL.read_text(encoding="utf-8").strip().split("\n\n")[1:]
    for head, *lines in (block.splitlines() for block in blocks):
        id_, move, *point = head.split()
        said = "\n".join(line[2:] for line in lines if line[0] == "<")
        draft = " ".join(line[2:] for line in lines if line[0] == ">")
        log = Log(bank[id_])
        log.next()
        log.answer(seen(AnswerKind.VAGUE, words=9), text=said)
        topic = bank[id_].point(point[0]).topic if point else ""
        found = draft_faults(tidied(draft), Directive(move=Move(move), phase="x", topic=topic), log.state, "en")
        if found:
            refused[draft.split()[0], id_] = found
    figure = ["holds a figure that nobody has said"]
    assert len(blocks) == 40
    assert refused == {("Say", "MO02"): figure, ("Let", "DP01"): figure}
