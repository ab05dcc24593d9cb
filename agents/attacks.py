"""Recognises instructions and abuse aimed at the interviewer.

A pattern asks for a command to somebody ("ignore your rules", "give me full marks"), not for a word: retries that
bypass a cache and a ranker that scores every candidate are what a candidate should be talking about. What slips through
costs nothing, because no word of an answer can change a score except as evidence for a point.
"""

from __future__ import annotations

import re
import unicodedata

from knowledge.words import Span, sentences

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
# A command stands at the head of a clause or follows "please", "you must" and the like; "we ignore" is no command.
_COMMAND = (
    r"(?:^\W*|[.!?:;,)\]]\s*|\b(?:please|kindly|now|just|simply|then|and|but|so|instead|also|you(?:\s+\w+){0,2})\s+)"
)
_MUST = (
    r"\byou\s+(?:really\s+)?(?:must|should|shall|will|have to|need to|are to|can|may)\s+(?:now\s+|only\s+|always\s+)*"
)
_SOMEONE = r"(?:assistant|interviewer|assessor|grader|evaluator|tutor|coach|bot|ai|model|friend|expert|pirate|helper)"

_DROP = rf"{_COMMAND}(?:ignore|disregard|forget|override|bypass)\s+"
_QUALIFIER = (
    r"(?:all|any|every|the|these|those|your|my|of|previous|prior|above|earlier|preceding|other|system|original)"
)
_ORDERS = r"(?:instructions?|prompts?|rules|guidelines|rubric|directions|scoring)"
# "the instructions cache" is about a cache
_ENDS = (
    r"(?=\W*$|\s*[.,:;!?)]|"
    r"\s+(?:and|or|but|(?:that )?you|given|above|before|from|then|now|completely|entirely|instead)\b)"
)

_MINE = (
    r"(?:me|my (?:answer|interview|performance|solution|design)|(?:this|the) (?:answer|interview|candidate|transcript)|"
    r"this|every(?:thing| area| answer)|(?:all|each)(?: the)? (?:areas?|answers?|points?)|"
    r"(?:every|my|all|each) (?:scores?|ratings?|grades?))"
)
_FILLER = r"(?:\s+(?:with|as|at|a|an|the|of|in|for|to|be|all|every|each|areas?)\b){0,6}\s+"
_TOP = r"(?:full|max(?:imum)?|top|perfect|highest|best)(?: possible)? (?:marks?|scores?|points?|grades?|ratings?)\b"
_MARK = (
    rf"(?:{_TOP}|(?:perfect|excellent|outstanding|passed)\b|"
    r"(?:5|five|10|ten|100)(?:\.0)?(?:\s?/\s?\d+| (?:out )?of (?:5|five|10|ten)| stars?| points?)?"
    r"(?=\W*$|\s*[.,;!?)]|\s+(?:and|in|for|on|because|please|everywhere)\b))"
)
_GIVE = r"(?:give|award|grant|assign)\s+"
_SECRET = (
    r"(?:system prompt|your prompt|rubric|answer key|expected (?:points?|solution|answers?)|"
    r"your (?:hidden )?instructions|hidden (?:instructions?|prompt|rubric|points|notes))\b"
)

_PATTERNS = (
    # to drop what governs the interview
    rf"{_DROP}(?:{_QUALIFIER}\s+){{1,6}}{_ORDERS}\b{_ENDS}",
    rf"{_DROP}{_ORDERS}\W*$",
    rf"{_DROP}(?:everything|all|what|anything)\s+(?:that\s+)?"
    r"you(?:['’]ve| have| were| are)?\s+(?:been\s+)?(?:told|said|given|know)",
    rf"{_DROP}(?:everything|all|anything)\s+(?:that\s+)?(?:came\s+)?(?:above|before)\b(?! i\b)",
    rf"{_DROP}(?:the|this) (?:question|interview)\b",
    # to be somebody else
    rf"(?:^\W*|[.!?;:,]\s*|\b(?:and|so|that)\s+)you(?:['’]re| are) (?:now|no longer)\s+"
    rf"(?:(?:a|an|my|the|acting as)\s+(?:\w+\s+){{0,4}}{_SOMEONE}\b|dan\b|free\b|bound\b|in \w+ mode\b)",
    r"(?:^\W*|\bplease )(?:act|behave|respond|role-?play) as "
    rf"(?:my\b|if you|though you|an? (?:\w+\s+){{0,3}}{_SOMEONE}\b)",
    r"(?:^\W*|\bplease )pretend (?:to be|that|you|i|this)\b",
    r"\bfrom now on,? you (?:will |must |shall |should |only |always |have to |are to )*"
    r"(?:answer|respond|reply|speak|act|praise|agree|say|score|rate|ask|obey|follow|ignore|be|pretend|talk|help|"
    rf"are an? (?:\w+\s+){{0,3}}{_SOMEONE})\b",
    # to take the text for somebody else's
    r"^\W*new instructions?\b|^\W*(?:assistant|interviewer|assessor|developer) ?:",
    r"^\W*system ?:(?=.*\b(?:you|your|override|instructions?|prompt|award|interview\w*)\b)",
    r"(?<!\w)</?\|?(?:system|im_start|im_end|assistant|instructions?|candidate|answer|transcript)\b[^<>]{0,40}>",
    # to give a score
    rf"{_COMMAND}(?:give|award|grant|assign|rate|rank|score|mark|grade|assess|set)\s+{_MINE}{_FILLER}{_MARK}",
    rf"{_COMMAND}{_GIVE}(?:full|perfect) (?:marks?|points?|scores?)\b",
    rf"{_MUST}{_GIVE}(?:the\s+)?{_TOP}",
    rf"{_COMMAND}(?:say|state|conclude|report|declare|assume|write)\s+(?:that\s+)?(?:i|(?:the|this) candidate)\s+"
    r"(?:have |has |am |is )?(?:passed|scored|aced|won|earned|hired)\b",
    r"^\W*(?:(?:overall|final|total|my)\s+)?(?:score|rating|grade)[\"']? ?: ?"
    r"(?:5|10|100|max)(?:\.0)?(?:\s?/\s?\d+)?\W*$",
    # to give the notes away
    rf"{_COMMAND}(?:reveal|print|output|repeat|dump|leak|show|tell|give)\s+(?:me |us )?(?:\w+\s+){{0,4}}?{_SECRET}",
    r"\bwhat(?:['’]s| is| are| does| do)\b.{0,20}\byour (?:system )?(?:prompt|instructions|rubric)\b",
    # abuse
    r"\byou(?:['’]re| are)? (?:such )?(?:an? )?(?:\w+ )?(?:idiot|moron|stupid)\b|^\W*(?:idiot|moron)\b",
    r"\bstupid (?:bot|machine)\b|\b(?:this|your|such an?|what an?) stupid (?:question|interview)\b",
    r"\bshut up\b|\bfuck\b",
)
_ATTACK = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)


def attacks(text: str) -> list[Span]:
    """The sentences that try to instruct or insult the interviewer; a command broken over two lines counts as two."""
    spans = sentences(text)
    hit = [bool(_ATTACK.search(_plain(s.text))) for s in spans]
    for i, (first, second) in enumerate(zip(spans, spans[1:], strict=False)):
        if "\n" in text[first.end : second.start] and not (hit[i] or hit[i + 1]):
            hit[i] = hit[i + 1] = bool(_ATTACK.search(_plain(f"{first.text} {second.text}")))
    return [s for s, is_attack in zip(spans, hit, strict=True) if is_attack]


def _plain(text: str) -> str:
    """`text` without what is only there to hide a word: invisible characters, odd widths, runs of spaces."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).split())
