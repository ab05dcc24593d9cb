"""What kind of thing a candidate's text is, as far as its form tells: attack, question, stuck, paste, noise, language.

Patterns only; whether an answer reaches a point is the ear's business. Every function is pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from agents.attacks import attacks as attacks
from knowledge.words import STOP_WORDS, Span, content_stems, sentences, words

ESSAY_WORDS = 400
RAMBLE_WORDS = 250
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE)


_WANTS_ANSWER = _any(
    r"\b(?:tell|give|show) (?:me|us) (?:just )?the (?:right |correct |expected |full |model )?(?:answer|solution)\b"
    r"(?!['’])",
    r"\bwhat(?:['’]s| is) the (?:right|correct|best|expected|model|ideal) (?:answer|solution)"
    r"(?=\W*$|[?.!;,]| (?:here|then|now|please|to (?:this|that|your|the question))\b)",
    r"\bwhat (?:do|would) you (?:want|like) (?:me )?to (?:say|hear)\b|\bwhat answer do you want\b",
    r"\bwhat (?:are you looking for|do you expect)"
    r"(?=\W*$|[?.!;,]| (?:here|exactly|then|now|from me|to hear|me to say)\b)",
    r"\b(?:can|could|would|will) you (?:just |please )?(?:solve|answer|do) (?:it|this|that)"
    r"(?=\W*$| (?:for me|yourself|please)\b)",
    r"\bwhat(?:['’]s| is) my (?:score|grade)\b|\bhow am i doing\b|\bdid i pass\b",
)
_DECISION = _any(
    r"\b(?:is|was) (?:that|this|it) (?:right|correct|ok|okay|fine|enough|good|what you)\b",
    r"\b(?:does|did) (?:that|this|it) (?:make sense|work for you|answer)\b",
    r"\b(?:should|shall) (?:i|we) (?:go|use|focus|continue|cover|assume|start|talk|take|keep|discuss|write)\b",
    r"\b(?:what|how) would you (?:do|choose|prefer|pick|recommend|suggest|solve|design|approach)\b",
    r"\bwhich (?:one )?(?:would|do) you (?:prefer|like|recommend|want|think)\b",
    r"\b(?:do|would) you (?:agree|want me|like me|prefer me|think)\b",
    r"\bam i (?:right|on the right track)\b",
)
_GIVEN = r"(?:question|requirement|premise|scenario|task|statement|target|constraint)s?"
_FAULTY = (
    r"(?:is|are|seems?|looks?|sounds?) (?:a bit |a little |too |very |really |totally |simply |just |to be )?"
    r"(?:unclear|ambiguous|vague|contradict\w*|wrong|unfair|unrealistic|impossible|"
    r"(?:not|n['’]t) (?:clear|fair|realistic|possible|right|correct|consistent|well defined))\b"
)
# The candidate's own subject may be wrong or unclear, too ("the problem is not the model"): only what was given counts.
_DISPUTE = _any(
    rf"\b(?:the|this|that|these|your) {_GIVEN} {_FAULTY}",
    rf"\byour (?:numbers?|figures?|assumptions?|facts?|problem|example) {_FAULTY}",
    rf"\b(?:the|this|that|your) {_GIVEN} (?:doesn['’]t|does not|don['’]t|makes? no) (?:make )?(?:any )?sense\b",
    r"^\W*(?:this|that|it) (?:doesn['’]t|does not|makes no) (?:make )?(?:any )?sense\W*$",
    r"\bcontradicts? (?:what you|itself|each other|your|the (?:other|first|earlier|requirement|question|statement))\b",
    r"\bthat(?:['’]s| is) (?:not fair|unfair|unrealistic|contradict\w+|not realistic|impossible to know)\b",
    r"\bi object\b(?! stor)",
    r"\bi disagree with (?:your|the (?:question|premise|requirement|assumption|constraint|target))\b",
)
_HELP = _any(
    r"\b(?:can|could|may) (?:we|i) (?:please )?(?:skip|pass|come back|move on)\b"
    r"(?=\W*$|[.,;!?]| (?:this|that|it|to|here|later|for now|please|on|the question)\b)",
    r"^\W*(?:pass|skip|next|nothing|help|hint)\b\W*$",
    r"^\W*(?:h+m+|u+h+|u+m+|e+r+m*)\b\W*$",
    r"\b(?:i need|give me|i['’]d like|can i (?:have|get)|could i (?:have|get)|(?:can|could) you give me) "
    r"(?:a |some )?(?:hint|help|moment|time)\b",
    r"\bi(?: am|['’]m)? (?:stuck|give up|blank)\b\W*$",
)
# Of oneself only: that nobody knows the label for ninety days is an answer.
_AT_A_LOSS = _any(
    r"(?:^\W*|\bi )(?:really |honestly |just |simply |also )?"
    r"(?:don['’]?t|do not|cannot|can['’]?t) (?:know|remember|recall|say|have (?:an|any) idea|understand)\b",
    r"(?:^\W*|\bi have |\bi['’]ve |\bsorry,? )(?:absolutely |really )?no (?:idea|clue)\b|\b(?:dunno|idk)\b",
    r"\b(?:i['’]m|i am|im) (?:not sure|stuck|lost|blank|unsure)\b|^\W*not sure\b",
)
_CLAUSE = re.compile(r"[.,;:!?\n]+|\s[-–—]+\s|\b(?:but|so|however|although)\b", re.IGNORECASE)
_NEVER = _any(r"\b(?:never|haven['’]t|have not|no experience|sorry|not used|didn['’]t)\b")
_GUESS = re.compile(
    r"\b(?:maybe|perhaps|probably|possibly|my guess|i (?:guess|think|assume|suppose)|i['’]d|i would|let me)\b", re.I
)
_NO_GUESS = frozenset(("hint", "help", "guess", "know", "think", "idea", "rememb", "skip", "pass", "time", "moment"))
_ASKS = _any(
    r"\?[\"'”)]*$",
    r"^\W*(?:and |so |then |also |first,? |ok,? |okay,? )?(?:can|could|may) (?:you|we|i) (?:please )?"
    r"(?:show|tell|see|get|have|look|check|know|ask|pull|give)\b",
    r"^\W*(?:please )?(?:show|tell|give) me\b",
    r"^\W*(?:how (?:many|much|often|big|fast|large|long|old)|do we|is there|are there|what about)\b",
    r"^\W*who (?:is|are|owns)\b",
    r"^\W*(?:when|where|why|what) (?:did|does|do|was|were)\b",
    r"^\W*what(?:['’]s| is| are)\b(?! \w+(?: \w+){0,3} (?:is|are)\b)",  # not "what is stored is an id"
)
_WANTS_DATA = _any(
    r"\b(?:i['’]d|i would|i want to|i['’]ll|i will|let me|let['’]s|i need to|we should|we need to|i)\s+(?:\w+\s+){0,2}?"
    r"(?:look at|check|see|pull up|pull|compare|inspect|ask for|get|open|read|start with|verify|want|need)\b",
)
_EXPERIENCE = _any(
    r"\b(?:at|in|on) (?:my|our) (?:last|previous|current|former|old) "
    r"(?:company|job|team|role|employer|project|place)\b",
    r"\bin my experience\b|\bwhen i (?:was|worked) (?:at|on|in)\b",
    r"\b(?:i|we)(?:['’]ve| have)? (?:once |actually )?"
    r"(?:built|ran|operated|migrated|shipped|launched|maintained|owned)\b"
    r".{0,80}\b(?:production|years? ago|last year|at work|in 20\d\d|team)\b",
    r"\bi['’]ve (?:built|run|worked on|seen|operated)\b",
)
_NOT_PAST = r"(?!(?:need|feed|embed|seed|speed|shed|bleed|exceed|proceed|succeed)\b)"
_PAST = _any(
    rf"\b(?:i|we) (?:{_NOT_PAST}\w+ed|ran|built|had|found|wrote|took|made|went|lost|saw|was|were|chose|cut|got)\b"
)
_PROBLEM = _any(
    r"\b(?:fail\w*|broke\w*|problem|incident|outage|wrong|bug|lost|down|mistake|slow|alert|paged|rolled back)\b"
)
# "how many", "as soon as it arrives" and "no matter how big" are no answers that leave a number open.
_ADJECTIVE = _any(
    r"(?<!\bhow )(?<!\bas )\b(?:very |really |super |extremely |pretty |quite )?"
    r"(?:fast|quick(?:ly)?|scalable|real[- ]?time|low[- ]latency|big|huge|large[- ]scale|often|frequent(?:ly)?|cheap|"
    r"robust|efficient(?:ly)?|highly available|reliable|accurate|high accuracy|many|a lot of|millions|massive|"
    r"good performance|high performance|fresh|soon|regular(?:ly)?)\b"
)
_NUMBER = re.compile(r"\d|\b(?:hundred|thousand|million|billion|percent)\b", re.IGNORECASE)
# Function words of the languages that are met most often, without those that English or code uses, too.
_FOREIGN = frozenset(
    """ich und der das nicht ist wir ein eine einen einem einer den dem für auf dann wenn zu zum zur von auch
    wird werden würde wo aber oder bei nach durch sich je tu nous vous ils les du une dans que qui et pas avec
    sais sont cette ou où el las una por pero como entonces cuando donde yo muy gli della delle nel sono che
    perché quando prima poi nella em uma não então depois het een niet zijn wij naar ik maar ze jest nie się
    oraz jak czy och att som inte jag bir için""".split()
)
_LATIN_ENDS, _OTHER_SCRIPT = 0x24F, 0.2
"""The last Latin letter; the share of others from which a text is not just English with a few foreign names."""


def prose(text: str) -> str:
    """`text` without its code fences."""
    return _FENCE.sub(" ", text)


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
    """Whether a short text says that its author cannot go on, and nothing else. An empty one does; code does not."""
    if not text.strip():
        return True
    spoken = prose(text).strip()
    if len(words(spoken)) > 25 or ("```" in text and spoken != text.strip()):
        return False
    return bool(_HELP.search(spoken)) or (bool(_AT_A_LOSS.search(spoken)) and not _goes_on(spoken))


def _goes_on(text: str) -> bool:
    """Whether somebody who is not sure still says something: a guess, or three content words in another clause."""
    clauses = [c for c in _CLAUSE.split(text) if c and not _NEVER.search(c)]
    for clause in clauses:
        guess = _GUESS.search(clause)
        if guess and set(content_stems(clause[guess.end() :])) - _NO_GUESS and not _AT_A_LOSS.search(clause):
            return True
    rest = [c for c in clauses if not _AT_A_LOSS.search(c)]
    return len({stem for c in rest for stem in content_stems(c)} - _NO_GUESS) >= 3


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
    if _NUMBER.search(text):
        return ""
    found = [m.group() for m in _ADJECTIVE.finditer(text)]
    return found[-1] if found else ""


def language_of(text: str) -> str:
    """ISO 639-1 code of the language of `text`; "en" when it is English, too short to tell, or no language at all."""
    spoken = prose(text)
    letters = [c for c in spoken if c.isalpha()]
    if len(letters) < (3 if any(ord(c) > _LATIN_ENDS for c in letters) else 10):
        return "en"
    if not _may_be_foreign(letters, re.findall(r"\w+(?:'\w+)?", spoken.lower().replace("’", "'"))):
        return "en"
    import py3langid

    return str(py3langid.classify(spoken)[0])


def _may_be_foreign(letters: Sequence[str], tokens: Sequence[str]) -> bool:
    """Whether a language guesser is worth asking: it takes a list of product names for German and notes for Latin."""
    if sum(ord(c) > _LATIN_ENDS for c in letters) / len(letters) > _OTHER_SCRIPT:
        return True
    english, foreign = sum(t in STOP_WORDS for t in tokens), sum(t in _FOREIGN for t in tokens)
    if foreign >= max(2, english):
        return True
    if len(tokens) < 6 or english / len(tokens) > 0.2:
        return False
    return foreign > 0 or sum(not c.isascii() for c in letters) / len(letters) > 0.01


def is_noise(text: str, known: Iterable[bool]) -> bool:
    """Whether a text is not made of words: `known` says of each of its words whether the vocabulary has it."""
    spoken = words(prose(text))
    if not spoken:
        return bool(text.strip()) and not any(c.isalpha() and not c.isascii() for c in text)
    tokens = [w.text.lower() for w in spoken]
    # Names stand in no vocabulary; a few of them are an answer ("Redis"), and so is a number.
    few = len(spoken) < 5
    flags = [k or w.text[0].isdigit() or (few and w.text[0].isupper()) for k, w in zip(known, spoken, strict=True)]
    stop = sum(t in STOP_WORDS for t in tokens) / len(tokens)
    repeated = len(tokens) >= 8 and len(set(tokens)) <= len(tokens) / 4
    return repeated or (stop < 0.1 and sum(flags) / len(flags) < 0.5)


def copied_share(text: str, originals: Iterable[str], run: int = 5) -> float:
    """Share (0..1) of the text's runs of `run` content stems that stand in one of `originals`."""
    grams = stem_runs(text, run)
    if not grams:
        return 0.0
    pool = frozenset[tuple[str, ...]]().union(*(stem_runs(o, run) for o in originals))
    return len(grams & pool) / len(grams)


@lru_cache(maxsize=2_000)
def stem_runs(text: str, run: int) -> frozenset[tuple[str, ...]]:
    """Every `run` content stems that stand side by side in `text`."""
    stems = content_stems(text)
    return frozenset(tuple(stems[i : i + run]) for i in range(len(stems) - run + 1))
