"""Parses the numbers in a lesson's front matter, and inserts them into its text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from hebb_core.analysis.regime import REGIMES

from ..lesson import LessonError, Number
from ..quantities import MEASURES
from .front_matter import known, settings_at, text_at, whole_at

__all__ = ["MAX_STEPS", "filled", "named_in", "read_numbers"]

#: Maximum number of steps of one run of a lesson.
MAX_STEPS = 20_000

#: Upper limit of a number's tolerance: LOOSEST as a share of its size, or SMALLEST if that is more.
LOOSEST = 0.05
SMALLEST = 0.01

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLACE = re.compile(r"\{([A-Za-z0-9_]+)\}")
_OPTIONAL = ("within", "after", "set", "steps", "of", "cell")


def read_numbers(table: Any) -> dict[str, Number]:
    """Parse ``table``, the value of the key ``numbers``: name -> number.

    Raises:
        LessonError: a name or a number is invalid.
    """
    if not isinstance(table, dict):
        raise LessonError(f"numbers: must be a mapping of names to numbers, got {table!r:.60}")
    for name in table:
        if not _NAME.fullmatch(name):
            raise LessonError(
                f"numbers: a name is made of a to z, 0 to 9 and _, and begins with a letter; "
                f"got {name!r:.60}"
            )
    return {name: _number(f"numbers.{name}", entry) for name, entry in table.items()}


def _number(where: str, entry: Any) -> Number:
    known(where, entry, ("measure", "value"), _OPTIONAL)
    measure = text_at(f"{where}.measure", entry["measure"])
    if measure not in MEASURES:
        raise LessonError(
            f"{where}.measure: must be one of {', '.join(MEASURES)}, got {measure!r:.60}"
        )
    text = text_at(f"{where}.value", entry["value"])
    value, within = _value(where, measure, text, entry.get("within"))
    if ("after" in entry) == ("steps" in entry) or ("after" in entry and "set" in entry):
        raise LessonError(
            f"{where}: must be measured either after a step of the lesson (after) or on a separate run "
            "(steps, with set if wanted)"
        )
    of = entry.get("of", "a")
    if of not in ("a", "b"):
        raise LessonError(f"{where}.of: must be a or b, got {of!r:.60}")
    after = entry.get("after")
    return Number(
        measure=measure,
        text=text.replace("-", "−") if isinstance(value, float) else text,
        value=value,
        within=within,
        after=None if after is None else whole_at(f"{where}.after", after, 1, 100),
        set=settings_at(f"{where}.set", entry.get("set", {})),
        steps=0 if after is not None else whole_at(f"{where}.steps", entry["steps"], 1, MAX_STEPS),
        twin=of == "b",
        cell=_cell(f"{where}.cell", entry.get("cell", ["0", "0"])),
    )


def _value(where: str, measure: str, text: str, within: Any) -> tuple[float | str, float]:
    if measure == "regime":
        if text not in REGIMES:
            raise LessonError(
                f"{where}.value: must be one of {', '.join(REGIMES)}, got {text!r:.60}"
            )
        if within is not None:
            raise LessonError(f"{where}.within: means nothing for a regime; leave it out")
        return text, 0.0
    value = _amount(f"{where}.value", text)
    allowed = _amount(f"{where}.within", within)
    most = max(LOOSEST * abs(value), SMALLEST)
    # Allow for rounding errors of the product.
    if not 0 <= allowed <= most * (1 + 1e-9):
        raise LessonError(
            f"{where}.within: must lie between 0 and {most:.3g} ({LOOSEST:.0%} of the value, or "
            f"{SMALLEST:g} if that is more), got {within!r:.60}"
        )
    return value, allowed


def _amount(where: str, text: Any) -> float:
    """Parse a number or a percentage as a float; ``50 %`` is 0.5."""
    plain = text.replace("−", "-").strip() if isinstance(text, str) else ""
    share = plain.endswith("%")
    try:
        value = float(plain.removesuffix("%"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise LessonError(f"{where}: must be a number, with or without %, got {text!r:.60}")
    return value / 100 if share else value


def _cell(where: str, pair: Any) -> tuple[int, int]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise LessonError(f"{where}: must be a pair [row, column], got {pair!r:.60}")
    row, col = (whole_at(where, part, 0, 4095) for part in pair)
    return row, col


def named_in(text: str) -> list[str]:
    """Return the names in braces in ``text``, such as ``{name}``."""
    return _PLACE.findall(text)


def filled(where: str, text: str, numbers: Mapping[str, Number]) -> str:
    """Return ``text`` with each ``{name}`` replaced by the text of that number.

    Args:
        where: place in the lesson, for the error message.
        text: text with names in braces.
        numbers: the numbers, by name.

    Raises:
        LessonError: a name in braces is not in ``numbers``.
    """
    for name in named_in(text):
        if name not in numbers:
            raise LessonError(
                f"{where}: {{{name}}} is not one of the numbers ({', '.join(numbers) or 'none stated'})"
            )
    return _PLACE.sub(lambda found: numbers[found[1]].text, text)
