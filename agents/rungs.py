"""Which rung of the evidence ladder a stretch of an answer proves, given the move it answers.

mentioned: the thing is said. explained: it is said how. justified: it is said why, against an alternative, a condition
or a cost. held: it survives a changed constraint or a failure. "Because" alone proves nothing, and neither does a list
of names.
"""

from __future__ import annotations

import re

from knowledge.terms import Move, Rung
from knowledge.words import content_stems, words

REASON_MOVES = (Move.JUSTIFY, Move.COMPARE)
CHANGE_MOVES = (Move.CONSTRAIN, Move.INJECT_FAILURE, Move.CHALLENGE, Move.INJECT_CONSEQUENCE)
EXPLAINED_WORDS = 12
SHARED_WORDS = 4  # fewer shared words, and in the labelled answers the point was mostly only named
SURE = 0.85
HELD_WORDS = 25
A_NAME = 3

_REASON = re.compile(
    r"\b(?:because|since|so that|otherwise|which means|that way|therefore|in order to|the reason|due to|hence|"
    r"to avoid|so (?:we|i|the|it|that|nobody|no|there|a|one|you|they)|as (?:it|this|that|the|we|they)|for that|else)\b",
    re.IGNORECASE,
)
ALTERNATIVE = re.compile(
    r"\b(?:instead of|rather than|instead|compared (?:to|with)|versus|vs|as opposed to|alternatives?|alternatively|"
    r"the other (?:option|way)|i (?:considered|rejected|ruled out|decided against|prefer)|unlike|over (?:a|the|using)|"
    r"not (?:a|the|on|by|with) \w+|would also work|could also)\b",
    re.IGNORECASE,
)
CONDITION = re.compile(
    r"\b(?:unless|only (?:if|when)|if\b.{3,80}?,? (?:then|i['’]d|i would|we['’]d|we would|i['’]ll)|"
    r"i['’]d (?:switch|change|move|reconsider|only)|until|depends on|would change (?:my|the)|as long as|the moment|"
    r"i would (?:switch|change|only))\b",
    re.IGNORECASE,
)
COST = re.compile(
    r"\b(?:trade-?offs?|downsides?|costs?|costing|price|at the expense|gives? up|drawbacks?|the catch|in exchange|"
    r"slower|more expensive|cheaper|complexity|harder|lose|losing|risks?|penalty|overhead|sacrific\w+|"
    r"too (?:slow|expensive|much))\b",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"\b(?:not|never|no|nor|cannot|without|avoid\w*|unless|instead of|rather than|only (?:if|when)|i['’]d (?:do )?only|"
    r"make it worse|even if|myth)\b|n['’]t\b|^\W*(?:and |but |so )?if\b|^\W*suppose\b",
    re.IGNORECASE,
)
_NEGATOR = re.compile(r"\b(?:not|never|no|nor|cannot|without|nobody|nothing|none)\b|n['’]t\b", re.IGNORECASE)
_SET_ASIDE = re.compile(
    r"\b(?:wrong|mistaken?|mistakes|false|fallac\w+|naive\w*|reject\w*|refuse to|doubt\w*|nothing|hides?|mislead\w*|"
    r"danger\w*|bad idea|trap|waste|hardly|myth|disagree|pitfall|anti-?pattern|fail(?:s|ed|ure)?|instead|too late|"
    r"alone|pointless|useless)\b",
    re.IGNORECASE,
)
_CONSEQUENCE = re.compile(
    r"\b(?:then|would|will|falls? back|fallback|first|instead|degrade\w*|until|still|keeps?|drops?|shed|serve|lose|"
    r"stops?|users?|because|so|cuts?|remove|delay|postpone)\b",
    re.IGNORECASE,
)


def has_reason(text: str) -> bool:
    """Whether a reason is given that says something: three content words behind the marker, two of them new."""
    for match in _REASON.finditer(text):
        before, after = set(content_stems(text[: match.start()])), content_stems(text[match.end() :])[:12]
        # "so" and "since" may open a sentence; then the claim follows the reason and nothing stands before it
        if len(after) >= 3 and len(set(after) - before) >= 2:
            return True
    return False


def weighs(text: str) -> bool:
    """Whether an alternative, a condition or a cost is named."""
    return bool(ALTERNATIVE.search(text) or CONDITION.search(text) or COST.search(text))


def hedged(text: str) -> bool:
    """Whether a text negates, limits or sets aside what it speaks of."""
    return bool(_HEDGE.search(text))


def turned_round(text: str, claim: str) -> bool:
    """Whether `text`, which is about the same thing as `claim`, says the opposite of it or sets it aside.

    Vectors hear what a sentence is about but not its "not". So `text` is turned round when it hedges and `claim` does
    not, when one of them negates a word that the other asserts, or when `text` calls something wrong, a waste, a myth.
    """
    if hedged(text) and not hedged(claim):
        return True
    mine, theirs = set(content_stems(text)), set(content_stems(claim))
    no_mine, no_theirs = _negated(text), _negated(claim)
    if no_mine & (theirs - no_theirs) or no_theirs & (mine - no_mine):
        return True
    return bool(_aside(text) - _aside(claim))


def _negated(text: str) -> set[str]:
    """The first content word behind each negation."""
    return {stems[0] for m in _NEGATOR.finditer(text) if (stems := content_stems(text[m.end() :]))}


def _aside(text: str) -> set[str]:
    return {m.group().lower() for m in _SET_ASIDE.finditer(text)}


def is_list_of_names(text: str) -> bool:
    """Whether a text strings terms together instead of saying something about them."""
    spoken = words(text)
    if len(spoken) <= A_NAME:
        return True
    stop = sum(not w.is_content for w in spoken) / len(spoken)
    names = sum(w.text[0].isupper() for w in spoken[1:]) / len(spoken)
    commas = (text.count(",") + text.count("/")) / len(spoken)
    return stop < 0.2 or commas > 0.25 or (names > 0.25 and commas > 0.08)


def rung_of(
    stretch: str,
    context: str,
    overlap: int,
    probability: float,
    move: Move | None,
    on_target: bool,
    code: bool = False,
) -> Rung:
    """The rung that `stretch` proves for a point it seems to reach, UNSEEN when it only strings names together.

    `context` is the stretch with the sentence before and behind it; `overlap` counts the words it shares with the
    point's best wording; `on_target` says that the point is the one the last question was about. Code explains itself.
    """
    if code:
        return Rung.EXPLAINED
    spoken = len(words(context))
    if is_list_of_names(stretch) and is_list_of_names(context):
        # One name may be an answer; terms strung together say nothing about any of them.
        return Rung.UNSEEN if spoken > A_NAME else Rung.MENTIONED
    explained = spoken >= EXPLAINED_WORDS and (
        overlap >= SHARED_WORDS or probability >= SURE or (on_target and overlap > 2)
    )
    if not explained:
        return Rung.MENTIONED
    if on_target and move in CHANGE_MOVES and spoken >= HELD_WORDS and len(_CONSEQUENCE.findall(context)) >= 2:
        return Rung.HELD
    prompted = on_target and move in REASON_MOVES
    if has_reason(context) and (weighs(context) or prompted):
        return Rung.JUSTIFIED
    return Rung.EXPLAINED
