"""Text from people as material in a prompt: fenced so that no text can end its fence, numbered so that it is quoted.

Two locks. Every line of a person's text stands behind a bar or a number, so that a line without one is ours. And what
looks like one of our marks, in whatever characters, loses its angles. Nothing here changes the text that is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from agents.tokens import count
from knowledge.words import Span, sentences

BAR = "| "
MARKS = ("candidate", "direction", "problem", "transcript", "turn", "interviewer", "system", "notes", "material")
"""The names of all marks that our prompts use, and of some that people try."""
_ANGLES = str.maketrans(
    dict.fromkeys("<\u2039\u276e\u2329\u27e8\u3008\ufe3f\ufe64\uff1c\u02c2\u1438\u00ab\u226a\u300a", "<")
    | dict.fromkeys(">\u203a\u276f\u232a\u27e9\u3009\ufe40\ufe65\uff1e\u02c3\u1433\u00bb\u226b\u300b", ">")
)
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_MARK = re.compile(rf"<[\W_]*(?:{'|'.join(MARKS)})|(?:{'|'.join(MARKS)})[\W_]*>", re.IGNORECASE)
# Letters of other alphabets that look like ours; a mark spelled with them reads like one.
_LOOK_ALIKES = str.maketrans("аесіјорѕутнмкԁոԝνιοαρτυсɑɡıⅼ∕⁄／", "aecijopsytnmkdnwvioaptucagil///")
LEFT_OUT = "[... {n} words in the middle are left out here; they were said and are kept ...]"


def fenced(text: str, mark: str = "candidate", most: int | None = None) -> str:
    """`text` between <mark> and </mark>, each of its lines behind a bar; shortened to about `most` tokens if longer."""
    lines = "\n".join(BAR + harmless(line) for line in shortened(text, most).splitlines() or [""])
    return f"<{mark}>\n{lines}\n</{mark}>"


def harmless(line: str) -> str:
    """One line of somebody's text; if anything in it can be read as a mark of ours, its angles become brackets."""
    plain = " ".join(line.splitlines()) if len(line.splitlines()) > 1 else line
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", plain.translate(_ANGLES))).translate(_ANGLES)
    if not _MARK.search(folded.casefold().translate(_LOOK_ALIKES)):
        return plain
    bent = _INVISIBLE.sub("", plain.translate(_ANGLES))
    return unicodedata.normalize("NFKC", bent).translate(_ANGLES).replace("<", "(").replace(">", ")")


def shortened(text: str, most: int | None) -> str:
    """`text`, or its first and last sentences with a note between them, in about `most` tokens."""
    if most is None or count(text) <= most:
        return text
    spans, room = sentences(text), most - count(LEFT_OUT)
    head, tail = _fitting(spans, room * 2 // 3), _fitting(spans[::-1], room // 3)[::-1]
    if not head:  # one endless sentence
        words = text.split()
        keep = max(20, most // 3)
        return f"{' '.join(words[:keep])}\n{LEFT_OUT.format(n=max(0, len(words) - keep))}"[: most * 8]
    end = head[-1].end
    start = max(end, tail[0].start) if tail else len(text)
    gap = text[end:start]
    return f"{text[:end]}\n{LEFT_OUT.format(n=len(gap.split()))}\n{text[start:]}" if gap.strip() else text


def _fitting(spans: Iterable[Span], room: int) -> list[Span]:
    taken = []
    for span in spans:
        room -= count(span.text) + 1
        if room < 0:
            break
        taken.append(span)
    return taken


def numbered(spans: Sequence[Span], first: int = 1, left_out: Iterable[int] = ()) -> str:
    """One line for each sentence, "[n] ...", counted from `first`; those at the places `left_out` are skipped."""
    skipped = set(left_out)
    return "\n".join(f"[{first + i}] {harmless(s.text)}" for i, s in enumerate(spans) if i not in skipped)


def quotes(text: str, spans: Sequence[Span], numbers: Iterable[int], first: int = 1) -> list[str]:
    """Parts of `text` that the sentences with these numbers stand in; neighbours are one part. Others are dropped."""
    places = sorted({n - first for n in numbers if 0 <= n - first < len(spans)})
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return [text[spans[run[0]].start : spans[run[-1]].end] for run in runs]
