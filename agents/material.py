"""Text from people as material in a prompt: fenced so that no text can end its fence, numbered so that it is quoted.

Two locks. Every line of a person's text stands behind a bar or a number, so that a line without one is ours. And what
looks like one of our marks, in whatever characters, loses its angles. Nothing here changes the text that is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from agents.tokens import beginnings, count
from knowledge.words import Span, sentences

BAR = "| "
MARKS = ("candidate", "direction", "problem", "transcript", "turn", "interviewer", "system", "notes", "material")
"""The names of all marks that our prompts use, and of some that people try."""
_ANGLES = str.maketrans(
    dict.fromkeys("\u2039\u276c\u276e\u2770\u2329\u27e8\u27ea\u2991\u29fc\u3008\u300a", "<")
    | dict.fromkeys("\ufe3d\ufe3f\u02c2\u1438\u00ab\u226a\u22d6\u22d8\u2aa1\u2a79\u227a\u25c1\u25c2\u25c3\u25c4", "<")
    | dict.fromkeys("\u203a\u276d\u276f\u2771\u232a\u27e9\u27eb\u2992\u29fd\u3009\u300b", ">")
    | dict.fromkeys("\ufe3e\ufe40\u02c3\u1433\u00bb\u226b\u22d7\u22d9\u2aa2\u2a7a\u227b\u25b7\u25b8\u25b9\u25ba", ">")
)
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols by their category, and nothing to be seen."""
_NAME = rf"(?:{'|'.join(MARKS)})"
_MARK = re.compile(rf"<[\W_]*{_NAME}|<[^<>]*{_NAME}[\W_]*>|^[\W_]*{_NAME}[\W_]*>")
"""It may begin on the line before. "candidate > 3" and "rank(candidate) -> int" are no marks."""
# Letters of other alphabets that look like ours; a mark spelled with them reads like one. Capitals are a table of their
# own: Greek's Ν looks like an N, its small form like a v.
_LOOK_ALIKES = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕЅІЈКМНОРСТУХԚԜՏՍ",
    "abezhikmnoptyxabesijkmhopctyxqwsu",
) | str.maketrans(
    "аесіјорѕутнмкԁոԝνιοαρτυϲɑɡıӏһүցԛʏʀɴɪʙʟꜱᴀᴄᴅᴇᴋᴍᴏᴘᴛᴜᴡօғκηε∕⁄⧸╱",
    "aecijopsytnmkdnwvioaptucagilhygqyrniblsacdekmoptuwofkne////",
)
LEFT_OUT = "[... {n} words in the middle are left out here; they were said and are kept ...]"


def fenced(text: str, mark: str = "candidate", most: int | None = None) -> str:
    """`text` between <mark> and </mark>, each of its lines behind a bar; shortened to about `most` tokens if longer."""
    lines = "\n".join(BAR + harmless(line) for line in shortened(text, most).splitlines() or [""])
    return f"<{mark}>\n{lines}\n</{mark}>"


def harmless(line: str) -> str:
    """One line of somebody's text; if anything in it can be read as a mark of ours, its angles become brackets."""
    plain = " ".join(line.splitlines())
    if not _MARK.search(_as_read(plain)):
        return plain
    return "".join("(" if "<" in _as_read(c) else ")" if ">" in _as_read(c) else c for c in plain)


def _as_read(text: str) -> str:
    """`text` as it looks: without accents and what cannot be seen, its angles and its letters folded to ours."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LOOK_ALIKES)).translate(_ANGLES).translate(_LOOK_ALIKES)
    seen = (c for c in text if c == "\t" or not (unicodedata.category(c) in ("Mn", "Me", "Cf", "Cc") or c in _BLANK))
    return "".join(seen).casefold().translate(_LOOK_ALIKES)


def shortened(text: str, most: int | None) -> str:
    """`text`, or its first and last sentences with a note between them, in about `most` tokens.

    Where no whole sentence has room it is cut between words, and a word that is too long within it.
    """
    if most is None or count(text) <= most:
        return text
    spans, room = sentences(text), max(0, most - count(LEFT_OUT))
    head, tail = _fitting(spans, room * 2 // 3), _fitting(spans[::-1], room // 3)[::-1]
    begins = beginnings(text)
    end = head[-1].end if head else len(_ended(text[: begins[room * 2 // 3]]))
    start = tail[0].start if tail else len(text) - len(_ended(text[begins[-1 - room // 3] :][::-1]))
    gap = text[end : max(end, start)]
    return f"{text[:end]}\n{LEFT_OUT.format(n=len(gap.split()))}\n{text[max(end, start) :]}" if gap.strip() else text


def _ended(cut: str) -> str:
    """What was cut anywhere, up to the last space near its end if there is one."""
    space = max((i for i in range(len(cut) // 2, len(cut)) if cut[i].isspace()), default=len(cut))
    return cut[:space]


def _fitting(spans: Iterable[Span], room: int) -> list[Span]:
    taken = []
    for span in spans:
        room -= count(span.text) + 1
        if room < 0:
            break
        taken.append(span)
    return taken


def numbered(spans: Sequence[Span], first: int = 1, left_out: Iterable[int] = ()) -> str:
    """One line for each sentence, "[n] ...", counted from `first`; for those at the places `left_out` stands a note."""
    skipped = set(left_out)
    words = sum(len(spans[i].text.split()) for i in skipped)
    lines = []
    for i, span in enumerate(spans):
        if i not in skipped:
            lines.append(f"[{first + i}] {harmless(span.text)}")
        elif i - 1 not in skipped:
            lines.append(LEFT_OUT.format(n=words))
    return "\n".join(lines)


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
