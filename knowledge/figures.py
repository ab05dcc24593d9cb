"""Recomputes the derived figures of a question, with their units, and finds numbers that come from nowhere.

A line of the section "Figures" says `EXPRESSION = RESULT` (right to the digits shown) or `EXPRESSION ~ RESULT`
(rounded), and may end with `; assumes ...`, which names numbers that the question itself does not give. `[Name]` stands
for the value of an earlier line. Any word that is no unit is a countable thing with a dimension of its own: users,
requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from knowledge.question import Figure, Question

if TYPE_CHECKING:
    from pint import UnitRegistry

EXACT, ROUNDED = 0.005, 0.05
"""The relative difference that `=` and `~` allow; `=` also allows half a unit of the last digit shown."""
_FREE = (1.0, 100.0)
"""Numbers that need no source: 1 - p and 100 %."""

_UNITS = """
second = [time]; us = 1e-6 second; ms = 1e-3 second; minute = 60 second; hour = 60 minute; day = 24 hour; week = 7 day
month = 30 day; year = 365 day
bit = [information]; byte = 8 bit; B = byte
KB = 1e3 byte; MB = 1e6 byte; GB = 1e9 byte; TB = 1e12 byte; PB = 1e15 byte
KiB = 1024 byte; MiB = 1024 KiB; GiB = 1024 MiB; TiB = 1024 GiB
Kbit = 1e3 bit; Mbit = 1e6 bit; Gbit = 1e9 bit; Tbit = 1e12 bit
W = [power]; mW = 1e-3 W; kW = 1e3 W; MW = 1e6 W; Wh = W * hour; kWh = kW * hour; MWh = MW * hour; mWh = mW * hour
J = W * second
km = [distance]; m = 1e-3 km
TFLOP = [calculation]; GFLOP = 1e-3 TFLOP; PFLOP = 1e3 TFLOP
mAh = [charge]
"""
_PLURAL = re.compile(r"ies$|(?<=ch|sh|ss)es$|(?<=x)es$|(?<!s)s$")
_THING = "thing_"
"""Before the name of a countable thing, which might be one of pint's own words."""
_SCALES = {"k": 1e3, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NAMED = {
    **{word: float(i) for i, word in enumerate(_SMALL)},
    **{word: 10.0 * i for i, word in enumerate(_TENS, start=2)},
}
_NAMED |= {"once": 1, "twice": 2, "both": 2, "double": 2, "half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "tenth": 0.1}
_NAMED |= {"dozen": 12, "hundred": 100, "thousand": 1e3, "million": 1e6}
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e\d+)?"
_WRITTEN = re.compile(
    rf"(?P<number>{_NUMBER})(?:[\s-]*(?P<scale>k|thousand|million|billion|trillion)\b)?(?:\s*(?P<percent>%|percent\b))?"
)
_NAME = re.compile(rf"\b(?:(?P<tens>{'|'.join(_TENS)})[\s-]?(?P<ones>{'|'.join(_SMALL[1:10])})|(?P<word>[a-z]+))\b")
_TOKEN = re.compile(
    rf"\s*(?:(?P<quantity>{_WRITTEN.pattern}(?:\s*(?P<unit>[A-Za-z][A-Za-z_-]*))?)"
    r"|(?P<word>[A-Za-z][A-Za-z_-]*)|\[(?P<figure>[^\]]+)\]|(?P<operator>\*\*|[-+*/()]))"
)


class FigureError(ValueError):
    """A figure that cannot be read or is wrong. The message says what to write instead."""


def figure_faults(question: Question) -> Iterator[tuple[str, str]]:
    """(name of the figure, what is wrong with it) for each figure that is wrong or uses a number from nowhere."""
    known = given_numbers(question)
    values: dict[str, Any] = {}
    for figure in question.figures:
        try:
            sides = _sides(figure)
            strangers = [text for text, value in _numbers_in(sides[0]) if not _is_known(value, known, figure.assumes)]
            values[figure.name] = _value(sides[0], values)
            _compare(values[figure.name], *sides[1:])
        except FigureError as error:
            yield figure.name, str(error)
            continue
        if strangers:
            yield (
                figure.name,
                f"{', '.join(strangers)} stands neither in the question nor behind '; assumes': where is it from?",
            )


def given_numbers(question: Question) -> set[float]:
    """Every number that the candidate can learn: from statement, requirements, facts, evidence and follow-ups."""
    texts = [question.statement, *question.requirements.values(), *(f.text for f in question.follow_ups)]
    texts += [f"{f.title} {f.text}" for f in (*question.facts, *question.evidence)]
    return {value for text in texts for value in _numbers(text)}


def _numbers(text: str) -> Iterator[float]:
    """The numbers in a running text, in figures and in words; of 12 % both 12 and 0.12."""
    for match in _WRITTEN.finditer(text):
        yield _number(match)
        if match["percent"]:
            yield _number(match) * 100
    for match in _NAME.finditer(text.lower()):
        if match["tens"]:
            yield _NAMED[match["tens"]] + _NAMED[match["ones"]]
        elif match["word"] in _NAMED:
            yield _NAMED[match["word"]]


def _number(match: re.Match[str]) -> float:
    value = float(match["number"].replace(",", "")) * _SCALES.get(match["scale"] or "", 1.0)
    return value / 100 if match["percent"] else value


def _numbers_in(expression: str) -> list[tuple[str, float]]:
    """(as written, value) of every number of an expression except powers."""
    found = []
    behind_power = False
    for token in _TOKEN.finditer(expression):
        if token["quantity"] and not behind_power:
            found.append((token["quantity"].strip(), _number(token)))
        behind_power = token["operator"] == "**"
    return found


def _is_known(value: float, known: set[float], assumes: str) -> bool:
    there = (*known, *_FREE, *_numbers(assumes))
    return any(abs(value - other) <= 1e-9 * max(abs(value), abs(other)) for other in there)


def _sides(figure: Figure) -> tuple[str, str, float]:
    """(expression, result, relative tolerance)"""
    parts = re.split(r"([=~])", figure.text)
    if len(parts) != 3 or not parts[0].strip() or not parts[2].strip():
        raise FigureError('write it as "EXPRESSION = RESULT" or "EXPRESSION ~ RESULT", with one of the two signs')
    return parts[0].strip(), parts[2].strip(), EXACT if parts[1] == "=" else ROUNDED


def _value(expression: str, earlier: Mapping[str, Any]) -> Any:
    """The value of an expression as a quantity of pint. FigureError when it cannot be read."""
    from pint import DimensionalityError
    from pint.errors import DefinitionSyntaxError, UndefinedUnitError

    built: list[str] = []
    names: dict[str, Any] = {}
    at = 0
    while at < len(expression):
        token = _TOKEN.match(expression, at)
        if token is None:
            raise FigureError(f'"{expression[at:].strip()}" cannot be read; see "Figures" in docs/questions.md')
        at = token.end()
        if token["quantity"]:
            unit = f" * {_unit(token['unit'])}" if token["unit"] else ""
            built.append(f"({_number(token)!r}{unit})")
        elif token["figure"]:
            if token["figure"] not in earlier:
                raise FigureError(f"there is no figure [{token['figure']}] above that could be computed")
            names[f"figure{len(names)}"] = earlier[token["figure"]]
            built.append(f"figure{len(names) - 1}")
        else:
            built.append(_unit(token["word"]) if token["word"] else token["operator"])
    try:
        return _registry().Quantity(1.0) * _registry().parse_expression(" ".join(built), **names)
    except DimensionalityError as error:
        raise FigureError(f"{error}: both sides of + and - need the same units".replace(_THING, "")) from None
    except (DefinitionSyntaxError, UndefinedUnitError, ArithmeticError, TypeError, ValueError) as error:
        raise FigureError(f"it cannot be computed ({error})") from None


def _compare(computed: Any, result: str, tolerance: float) -> None:
    stated = _value(result, {})
    if computed.dimensionality != stated.dimensionality:
        computed_units = f"{computed.to_base_units():.6g}".replace(_THING, "")
        raise FigureError(f"the units differ: {computed_units} is computed, {result} is written")
    exact, written = computed.to(stated.units).magnitude, stated.magnitude
    shown = _WRITTEN.search(result)
    last_digit = _last_digit(shown) if shown and tolerance == EXACT else 0.0
    if abs(exact - written) > max(tolerance * abs(exact), last_digit / 2 * (1 + 1e-9)):
        raise FigureError(f"{result} is written, {exact:.6g} is computed")


def _last_digit(match: re.Match[str]) -> float:
    """What one unit of the last digit shown is worth: of 13.4 million 100,000,
    of 13 million a million."""
    decimals = len(match["number"].partition(".")[2])
    return float(10**-decimals * _SCALES.get(match["scale"] or "", 1.0) / (100 if match["percent"] else 1))


def _unit(word: str) -> str:
    """The word as the registry knows it: a unit, or a countable thing in the singular, which is defined on the way."""
    registry, word = _registry(), word.replace("-", "_")
    for name in (word, word.removesuffix("s")):
        if name in registry:
            return name
    name = _THING + _PLURAL.sub(lambda match: "y" if match.group() == "ies" else "", word.lower())
    if name not in registry:
        registry.define(f"{name} = [{name}]")
    return name


@lru_cache(maxsize=1)
def _registry() -> UnitRegistry[Any]:
    """Only the units above: among pint's own are words such as "point", "hand" and "link"."""
    import pint

    registry: UnitRegistry[Any] = pint.UnitRegistry(None)
    for line in re.split(r"[;\n]", _UNITS.strip()):
        registry.define(line.strip())
    return registry
