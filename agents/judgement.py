"""Hears praise and blame in what an interviewer is about to say, the disguised kinds included.

knowledge/spoken.py has the words that a stock of wordings must not use at all. A model words freely, and "what exactly
happens" or "what goes wrong first" judges nobody; "that makes sense" does. So here it counts where a word stands.
"""

from __future__ import annotations

import re

from knowledge.spoken import requests, verdicts
from knowledge.words import sentences

ASKING = re.compile(
    r"\b(?:what|where|when|which|who|whom|whose|why|how|walk|tell|describe|trace|show|explain)\b", re.IGNORECASE
)
_THING = (
    r"(?!(?:answers?|approach|call|choices?|decision|direction|ideas?|instinct|plan|point|question|start|thing|thought|"
    r"track|way)\b)"
)
_NEUTRAL = re.compile(
    r"\b(?:what|where|when|which|who|why|how) exactly\b|\bgood enough\b|\bby mistake\b|"
    r"\b(?:something|anything|nothing) (?:is|was|looks|seems) wrong\b|"
    r"(?<!you )\b(?:go|goes|going|gone|went) (?:badly |most )?wrong\b|"
    rf"(?<!such )\b(?:an?|any|the|every|some) (?:wrong|right|good|correct|incorrect) {_THING}\w|"
    r"\b(?:an?|any|every) mistake\b|"
    r"\b(?:would|could|might) (?:\S+ ){0,5}?be (?:an?|the) (?:wrong|right|good)\b",
    re.IGNORECASE,
)
"""Words of judgement in a question that judge nothing said: "what exactly", "goes wrong", "a wrong figure"."""
_TERMS = re.compile(r"\b(?:corrections?|correctness|self-correct\w*|rightmost|goodness of fit)\b", re.IGNORECASE)
"""Terms of the trade that only look like verdicts."""
_ADJECTIVE = (
    r"(?:clever|elegant|impressive|insightful|lovely|neat|reasonable|sensible|sharp|solid|strong|thoughtful|valid|wise)"
)
_PRAISE = re.compile(
    r"\bnot (?:quite|bad)\b|\bmak(?:es|ing) (?:\w+ |a lot of )?sense\b|\binteresting(?:ly)?\b|"
    r"\bare you (?:really )?sure\b|"
    r"\b(?:i|we) (?:do |quite |really )?(?:like|love|agree|disagree|doubt|appreciate)\b|\bfair (?:enough|point)\b|"
    r"\bwell (?:put|said|spotted|reasoned|thought|observed)\b|\bnailed\b|\bon (?:the right|to something)\b|"
    r"\b(?:that|this|it)(?:['’]s| is| was| sounds| seems| looks) (?:\w+ )?"
    rf"(?:{_ADJECTIVE}|convincing|fair|fine|helpful|important|naive|optimistic|plausible|true|useful|weak|thin)\b|"
    rf"\b{_ADJECTIVE} (?:answer|approach|call|choice|idea|instinct|move|observation|plan|point|question|reasoning|"
    r"start|thinking|thought)\b|\b(?:absolutely|definitely|certainly|precisely|bravo|wow|kudos|congratulations|lovely)\b|"
    r"\byou(?:['’]re| are) (?:close|nearly|almost|onto)\b|\b(?:almost|close|nearly),? but\b|\bafraid (?:not|that)\b|"
    r"^(?:yes|yep|no|nope)[,.!]",
    re.IGNORECASE,
)
_PRAISED = re.compile(rf"\b(?:this|that|your|such an?) (?:\w+ )?{_ADJECTIVE} [a-z]+\b", re.IGNORECASE)
_VERDICTS = {
    "de": "super toll genau richtig falsch perfekt prima ausgezeichnet leider stimmt sehr-gut",
    "es": "excelente perfecto correcto incorrecto exacto exactamente genial muy-bien",
    "fr": "excellent parfait exact exactement correct malheureusement bravo très-bien",
    "hi": "सही गलत बढ़िया शानदार बहुत-अच्छा",
    "it": "bravo ottimo esatto esattamente corretto sbagliato perfetto purtroppo molto-bene",
    "nl": "prima juist precies fout perfect helaas uitstekend heel-goed",
    "pt": "ótimo excelente perfeito correto errado exatamente infelizmente muito-bem",
}
"""Words of judgement in the languages that are met most; in others the model's rules have to do."""
_NODS = frozenset("gut genau richtig bien bueno mal bon bonne faux bene goed bom boa certo अच्छा हाँ".split())
"""Words that judge where a sentence begins with them and pauses, and else may mean nothing."""


def judges(text: str, passed_on: str, language: str) -> bool:
    """Whether a draft lets on what an answer is worth. `passed_on` is text that the turn has to hold as it is."""
    asked = set(requests(text))
    leads, judged = [], []
    for sentence in (s.text for s in sentences(text)):
        asking = ASKING.search(sentence) if sentence in asked else None
        lead, question = (sentence[: asking.start()], sentence[asking.start() :]) if asking else (sentence, "")
        leads.append(lead)
        judged += [lead, _NEUTRAL.sub(" ", question)]
    found = {v.lower() for v in verdicts(_TERMS.sub(" ", ". ".join(judged)))}
    found |= {m.group().lower() for m in _PRAISED.finditer(text)}
    found |= {m.group().lower() for lead in leads for m in _PRAISE.finditer(lead)}
    return any(v not in passed_on.lower() for v in found) or _judged_in(text, language)


def _judged_in(text: str, language: str) -> bool:
    """As `judges`, in another language: by words that stand before the question, or that a sentence begins with."""
    listed = [v.replace("-", " ") for v in _VERDICTS.get(language, "").split()]
    # In a question such a word may ask ("is that good enough for you?"); in what leads to it, it judges.
    lead = f" {' '.join(tokens(re.split(r'[^.!।]*[?？]', text)[0]))} "
    if any(f" {word} " in lead for word in listed):
        return True
    begins = re.findall(r"(?:^|[.!?।¡¿]\s*)([^\s.,!?;:।]+(?: [^\s.,!?;:।]+)?)\s?[.,!;:–—।]", text.lower())
    return language != "en" and any(b in _NODS or b in listed or b.split()[0] in listed for b in begins)


def tokens(text: str) -> list[str]:
    """The words of a text in any language that has spaces, in small letters, without what stands around them."""
    return [token for token in (t.strip("\"'“”«»„.,!?;:¿¡।？。،؟") for t in text.lower().split()) if token]
