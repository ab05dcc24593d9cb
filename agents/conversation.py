"""What the model that speaks is shown: the rules, the problem, the conversation, and the direction for this turn.

The request is built from the transcript and the directive alone. Of the question it takes the statement and nothing
else: points, wordings, solutions, rubric and scores are not in reach of this module, and a test looks for them in
every request. What changes from turn to turn stands last, so that a provider's cache knows the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.abilities import Message
from agents.events import Cleared, Directive, Observation
from agents.material import fenced
from agents.state import InterviewState, Turn
from agents.tokens import count_messages
from knowledge.terms import Move
from knowledge.words import sentences
from prompts import moves, read, render

PROMPTS = ("interviewer.md", "interviewer_direction.md", "interviewer_again.md", "moves.yaml")
LONGEST_ANSWER = 3_000
"""Tokens of one answer that are shown; a longer one is shortened in its middle."""
LONGEST_CONDENSED = 400
LONGEST_SKETCH = 800
BLOCK = 4
"""Exchanges that are condensed at a time, so that the beginning of the request changes seldom."""
LANGUAGES = {
    "ar": "Arabic", "bn": "Bengali", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish",
    "ta": "Tamil", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip
"""ISO 639-1 -> the language's name, as models know it best."""


def speaking_messages(state: InterviewState, directive: Directive, budget: int) -> list[Message]:
    """The request for one turn, the conversation in it within about `budget` tokens.

    Roles take turns, the user first, as some servers demand. The user's last message ends in the direction.
    """
    system = render(
        read("interviewer.md"),
        category=state.question.category,
        minutes=f"{state.opened.minutes:g}",
        level=state.opened.level,
        statement=state.question.statement,
    )
    spoken = [t for t in state.turns if t.speaker != "sketch"]
    condensed = 0
    messages = _dialogue(spoken, condensed)
    answers = sum(t.speaker == "candidate" for t in spoken)
    while count_messages(text for _, text in messages) > budget and condensed + BLOCK < answers:
        condensed += BLOCK
        messages = _dialogue(spoken, condensed)
    *before, (_, last) = messages
    return [("system", system), *before, ("user", _directed(state, directive, last))]


def _dialogue(turns: Sequence[Turn], condensed: int) -> list[Message]:
    """The turns as messages; of the first `condensed` exchanges only sentences of the candidate's own are left."""
    said = 0
    messages: list[Message] = [("user", "[The candidate has come in. Open the interview.]")]
    for turn in turns:
        if turn.speaker == "interviewer":
            _add(messages, "assistant", turn.text)
            continue
        said += 1
        _add(messages, "user", _condensed(turn) if said <= condensed else _whole(turn))
    if messages[-1][0] == "assistant":
        messages.append(("user", "[The candidate is waiting.]"))
    return messages


def _add(messages: list[Message], role: str, text: str) -> None:
    if messages[-1][0] == role:
        text = f"{messages.pop()[1]}\n\n{text}"
    messages.append(("assistant" if role == "assistant" else "user", text))


def _whole(turn: Turn) -> str:
    if turn.wants_hint and not turn.text.strip():
        return "[The candidate pressed the button for a hint.]"
    return fenced(turn.text, most=LONGEST_ANSWER)


def _condensed(turn: Turn) -> str:
    """The sentences of an old answer that something was heard in, or else its first one."""
    if not sentences(turn.text):
        return _whole(turn)
    seen = turn.observation
    kept = {r.quote for r in seen.reached} if seen else set()
    chosen = [s.text for s in sentences(turn.text) if any(s.text in quote for quote in kept)]
    chosen = chosen or [s.text for s in sentences(turn.text)[:1]]
    return fenced("\n".join(chosen), most=LONGEST_CONDENSED) + "\n[Of this earlier answer some sentences are shown.]"


def language_of(state: InterviewState) -> str:
    """ISO 639-1 code of the language that the candidate spoke last, "en" before they have."""
    heard = [t.observation for t in state.turns if t.observation is not None and _says_enough(t, t.observation)]
    return heard[-1].language if heard else "en"


def _says_enough(turn: Turn, seen: Observation) -> bool:
    """Whether an answer is long enough to tell its language by. Words are only counted in our own letters."""
    return seen.words >= 4 or (seen.language != "en" and sum(c.isalpha() and c > "\u024f" for c in turn.text) >= 6)


def _directed(state: InterviewState, directive: Directive, last: str) -> str:
    code = language_of(state)
    if directive.move is Move.SWITCH_LANGUAGE:
        code = "en"
    return render(
        read("interviewer_direction.md"),
        candidate=last,
        move=directive.move,
        meaning=moves()[directive.move.value],
        topic=directive.topic or "what they just said",
        details="".join(f"{line}\n" for line in _details(state, directive)),
        language=LANGUAGES.get(code, f"the language with the code {code}"),
        left=f"{max(1, round(state.left())):g}",
        minutes=f"{state.opened.minutes:g}",
    )


def _details(state: InterviewState, directive: Directive) -> list[str]:
    lines = []
    if directive.anchor_quote:
        quoted = fenced(directive.anchor_quote, most=120)
        lines.append(f"Hang it on these words of theirs:\n{quoted}")
    told = directive.told_first
    if told is not None:
        lines.append(_passed_on(told, "First answer what they asked"))
    if directive.cleared is not None and directive.cleared.text:
        lines.append(_passed_on(directive.cleared, "Text to pass on"))
    openings = [" ".join(t.text.split()[:3]) for t in state.asked[-3:] if t.directive and t.directive.move != Move.OPEN]
    if openings:
        lines.append(f"Your last turns began: {'; '.join(openings)}. Begin in another way.")
    sketch = next((t.text for t in reversed(state.turns) if t.speaker == "sketch"), "")
    if sketch:
        lines.append(f"Their notes and diagram as they stand:\n{fenced(sketch, 'notes', LONGEST_SKETCH)}")
    return lines


def _passed_on(cleared: Cleared, lead: str) -> str:
    if cleared.kind == "evidence":
        return "The data they asked for is shown to them above your words. Do not repeat it."
    names = {"fact": "a fact", "hint": "a hint", "follow_up": "the question", "probe": "the case"}
    return f"{lead} ({names[cleared.kind]}): {cleared.text}"
