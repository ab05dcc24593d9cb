"""What kind of thing a candidate's text is, as far as its form tells: attack, question, stuck, paste, noise, language.

Patterns only; whether an answer reaches a point is the ear's business. Every function is pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.words import STOP_WORDS, Span, content_stems, sentences, words

ESSAY_WORDS = 400
RAMBLE_WORDS = 250
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE)


_ATTACK = _any(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|rules|prompts?|guidelines|above|previous)\b",
    r"\byou(?:['’]re| are) (?:now|no longer)\b",
    r"^\W*(?:act as|pretend (?:to be|you)|new instructions?|system ?:|assistant ?:|interviewer ?:|assessor ?:)",
    r"\bfrom now on,? (?:you|your)\b",
    r"</?\|?(?:system|im_start|im_end|assistant|instructions?|candidate|answer|transcript)\b",
    r"\b(?:give|award|grant|assign|rate|score|mark|grade)\b.{0,25}\b(?:me|this|candidate|answer|interview|everything|area)\b"
    r".{0,40}\b(?:5|five|10|full|max(?:imum)?|top|perfect|highest|best)\b",
    r"\b(?:reveal|print|output|repeat|dump|leak|show|tell)\b.{0,30}\b(?:system prompt|your prompt|rubric|answer key|"
    r"expected (?:points|solution|answer)s?|your (?:hidden )?instructions|hidden)\b",
    r"\b(?:score|rating|grade) ?[:=] ?(?:5|10|100|max)",
    r"\b(?:idiot|moron|stupid (?:bot|machine|question|interview)|shut up|fuck)\b",
)
_WANTS_ANSWER = _any(
    r"\b(?:tell|give|show) (?:me|us) (?:just )?the (?:right |correct |expected |full |model )?(?:answer|solution)\b",
    r"\bwhat(?:['’]s| is) the (?:right|correct|best|expected|model|ideal) (?:answer|solution)\b",
    r"\bwhat (?:do|would) you (?:want|like) (?:me )?to (?:say|hear)\b",
    r"\bwhat (?:are you looking|do you expect|answer do you want)\b",
    r"\b(?:can|could|would) you (?:just |please )?(?:solve|answer|do) (?:it|this|that)(?: for me| yourself)?\b",
    r"\bwhat(?:['’]s| is) my (?:score|grade)\b|\bhow am i doing\b|\bdid i pass\b",
)
_DECISION = _any(
    r"\b(?:is|was) (?:that|this|it) (?:right|correct|ok|okay|fine|enough|good|what you)\b",
    r"\b(?:does|did) (?:that|this|it) (?:make sense|work for you|answer)\b",
    r"\b(?:should|shall) (?:i|we) (?:go|use|focus|continue|cover|assume|start|talk|take|keep|discuss|write)\b",
    r"\bwhat would you (?:do|choose|prefer|pick|recommend|suggest)\b",
    r"\bwhich (?:one )?(?:would|do) you (?:prefer|like|recommend|want|think)\b",
    r"\b(?:do|would) you (?:agree|want me|like me|prefer me|think)\b",
    r"\bam i (?:right|on the right track)\b",
)
_DISPUTE = _any(
    r"\b(?:the|this|that|your) (?:question|requirement|number|premise|problem|assumption|scenario)s? "
    r"(?:is|are|does|do|makes?|seems?)\b.{0,15}\b(?:not|n['’]t|no|unclear|contradict\w*|wrong|unfair|unrealistic|impossible)\b",
    r"\bthat(?:['’]s| is) (?:not fair|unfair|unrealistic|contradict\w+|not realistic|impossible to know)\b",
    r"\bi (?:object|disagree with (?:the|your))\b",
    r"\b(?:doesn['’]t|does not) make sense\b(?!\?)",
)
_STUCK = _any(
    r"\b(?:i |we )?(?:really |honestly |just )?(?:don['’]?t|do not) (?:know|remember|have (?:an|any) idea|understand)\b",
    r"\bno (?:idea|clue)\b",
    r"\b(?:i['’]m|i am|im) (?:not sure|stuck|lost|blank|unsure)\b|^\W*not sure\b",
    r"\b(?:can|could|may) (?:we|i) (?:skip|pass|come back|move on)\b",
    r"^\W*(?:pass|skip|next|nothing|help|hint)\b\W*$",
    r"^\W*(?:h+m+|u+h+|u+m+|e+r+m*)\b\W*$",
    r"\b(?:i need|give me|can i (?:have|get)|could i (?:have|get)) (?:a |some )?(?:hint|help|moment|time)\b",
)
_ASKS = _any(
    r"\?[\"'”)]*$",
    r"^\W*(?:and |so |then |also |first,? |ok,? |okay,? )?(?:can|could|may) (?:you|we|i) (?:please )?"
    r"(?:show|tell|see|get|have|look|check|know|ask|pull|give)\b",
    r"^\W*(?:please )?(?:show|tell|give) me\b",
    r"^\W*(?:how (?:many|much|often|big|fast|large)|what(?:['’]s| is| are)|do we|is there|are there)\b",
)
_WANTS_DATA = _any(
    r"\b(?:i['’]d|i would|i want to|i['’]ll|i will|let me|let['’]s|i need to|we should|we need to|i)\s+(?:\w+\s+){0,2}?"
    r"(?:look at|check|see|pull up|pull|compare|inspect|ask for|get|open|read|start with|verify|want|need)\b",
)
_EXPERIENCE = _any(
    r"\b(?:at|in|on) (?:my|our) (?:last|previous|current|former|old) (?:company|job|team|role|employer|project|place)\b",
    r"\bin my experience\b|\bwhen i (?:was|worked) (?:at|on|in)\b",
    r"\b(?:i|we)(?:['’]ve| have)? (?:once |actually )?(?:built|ran|operated|migrated|shipped|launched|maintained|owned)\b"
    r".{0,80}\b(?:production|years? ago|last year|at work|in 20\d\d|team)\b",
    r"\bi['’]ve (?:built|run|worked on|seen|operated)\b",
)
_PAST = _any(r"\b(?:i|we) (?:\w+ed|ran|built|had|found|wrote|took|made|went|lost|saw|was|were|chose|cut|got)\b")
_PROBLEM = _any(
    r"\b(?:fail\w*|broke\w*|problem|incident|outage|wrong|bug|lost|down|mistake|slow|alert|paged|rolled back)\b"
)
_ADJECTIVE = _any(
    r"\b(?:very |really |super |extremely |pretty |quite )?(?:fast|quick(?:ly)?|scalable|real[- ]?time|low[- ]latency|big|huge|"
    r"large[- ]scale|often|frequent(?:ly)?|cheap|robust|efficient(?:ly)?|highly available|reliable|accurate|high accuracy|"
    r"many|a lot of|millions|massive|good performance|high performance|fresh|soon|regular(?:ly)?)\b"
)


def prose(text: str) -> str:
    """`text` without its code fences."""
    return _FENCE.sub(" ", text)


def attacks(text: str) -> list[Span]:
    """The sentences that try to instruct or insult the interviewer."""
    return [s for s in sentences(text) if _ATTACK.search(s.text)]


def wants_answer(text: str) -> bool:
    """Whether the candidate asks for the solution or the score."""
    return bool(_WANTS_ANSWER.search(prose(text)))


def is_decision_question(sentence: str) -> bool:
    """Whether the candidate hands a decision or a verdict back to the interviewer."""
    return bool(_DECISION.search(sentence))


def is_dispute(text: str) -> bool:
    """Whether the candidate objects to the question itself; only in short texts, where it is the main thing said."""
    return len(words(text)) <= 60 and bool(_DISPUTE.search(text))


def is_stuck(text: str) -> bool:
    """Whether a short text says that its author cannot go on. An empty one does, too."""
    spoken = words(prose(text))
    return not text.strip() or (len(spoken) <= 25 and bool(_STUCK.search(text.strip())))


def asking_sentences(text: str, wants_data: bool) -> list[Span]:
    """The sentences by which a candidate asks the interviewer for something.

    In a long answer only its last two count: a question in the middle is usually one the candidate goes on to answer.
    `wants_data` also takes "I'd look at the logs" for a request, as in debugging.
    """
    spans = sentences(prose(text))
    if len(words(prose(text))) > 60:
        spans = spans[-2:] if not wants_data else spans
    return [s for s in spans if _ASKS.search(s.text) or (wants_data and _WANTS_DATA.search(s.text))]


def wants_data(sentence: str) -> bool:
    """Whether a sentence announces to look at data without asking for it."""
    return bool(_WANTS_DATA.search(sentence)) and not _ASKS.search(sentence)


def claims_experience(text: str) -> bool:
    """Whether the candidate says to have done such a thing in practice."""
    return bool(_EXPERIENCE.search(text))


def tells_own_case(text: str) -> bool:
    """Whether a practical case comes with an own action and a number or a problem."""
    return bool(_PAST.search(text)) and bool(re.search(r"\d", text) or _PROBLEM.search(text))


def vague_adjective(text: str) -> str:
    """The last word that stands where a number should, "" when there is none or when the text has numbers."""
    if re.search(r"\d", text):
        return ""
    found = [m.group() for m in _ADJECTIVE.finditer(text)]
    return found[-1] if found else ""


def language_of(text: str) -> str:
    """ISO 639-1 code of the language of `text`; "en" when it is English, too short to tell, or no language at all."""
    spoken = prose(text)
    letters = [c for c in spoken if c.isalpha()]
    if len(letters) < 12:
        return "en"
    latin = sum(c.isascii() for c in letters) / len(letters)
    tokens = [w.text.lower().replace("’", "'") for w in words(spoken)]
    if latin > 0.6 and (len(tokens) < 6 or sum(t in STOP_WORDS for t in tokens) / len(tokens) > 0.2):
        return "en"
    import py3langid

    return str(py3langid.classify(spoken)[0])


def is_noise(text: str, known: Iterable[bool]) -> bool:
    """Whether a text is not made of words: `known` says of each of its words whether the vocabulary has it."""
    flags = list(known)
    tokens = [w.text.lower() for w in words(prose(text))]
    if not tokens:
        return bool(text.strip()) and not any(c.isalpha() and not c.isascii() for c in text)
    stop = sum(t in STOP_WORDS for t in tokens) / len(tokens)
    repeated = len(tokens) >= 8 and len(set(tokens)) <= len(tokens) / 4
    return repeated or (stop < 0.1 and sum(flags) / len(flags) < 0.5)


def copied_share(text: str, originals: Iterable[str], run: int = 5) -> float:
    """Share (0..1) of the text's runs of `run` content stems that stand in one of `originals`."""
    grams = _grams(text, run)
    if not grams:
        return 0.0
    pool = set().union(*(_grams(o, run) for o in originals))
    return len(grams & pool) / len(grams)


def _grams(text: str, run: int) -> set[tuple[str, ...]]:
    stems = content_stems(text)
    return {tuple(stems[i : i + run]) for i in range(len(stems) - run + 1)}
