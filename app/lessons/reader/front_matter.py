"""Parses the YAML front matter of a lesson, with all scalars as text, and validates its values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from ..lesson import LessonError

__all__ = ["known", "read_front_matter", "settings_at", "text_at", "whole_at"]

_FENCE = "---"


class _Texts(yaml.BaseLoader):
    """Builds only strings, lists and mappings, so that ``0.50`` keeps its written form."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Build a mapping; reject duplicate keys, of which PyYAML would keep the last."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a key must be text; quote a text that begins with {",
                    problem_mark=key.start_mark,
                )
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value} is given twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read_front_matter(text: str) -> tuple[dict[str, Any], str, int]:
    """Parse the YAML between the first two ``---`` lines.

    Args:
        text: content of the whole file.

    Returns:
        The mapping, whose values are strings, lists and mappings; the text after it; and the line
        number, from 1, at which that text begins.

    Raises:
        LessonError: the front matter is missing, or is not a YAML mapping.
    """
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != _FENCE:
        raise LessonError(f"line 1: a lesson begins with a line of {_FENCE}")
    ends = [place for place, line in enumerate(lines) if place and line.rstrip() == _FENCE]
    if not ends:
        raise LessonError(f"the front matter must end with a line of {_FENCE}; there is none")
    try:
        front = yaml.load("\n".join(lines[1 : ends[0]]), Loader=_Texts)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # Marks count from 0, and the YAML begins on the second line of the file.
        where = f"line {mark.line + 2}" if mark else "front matter"
        raise LessonError(
            f"{where}: {error.problem or error.context}. (A text with “: ” in it, or one that begins "
            "with { or [, stands in quotes.)"
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise LessonError(f"front matter: not YAML ({str(error).splitlines()[0]})") from None
    if not isinstance(front, dict):
        raise LessonError("front matter: must be lines of key: value")
    return front, "\n".join(lines[ends[0] + 1 :]), ends[0] + 2


def known(where: str, table: Any, needed: Iterable[str], allowed: Iterable[str] = ()) -> dict:
    """Return ``table`` if it is a mapping with all ``needed`` and, optionally, ``allowed`` keys.

    Raises:
        LessonError: ``table`` is not a mapping, lacks a needed key, or has an unknown key.
    """
    needed = tuple(needed)
    every = (*needed, *allowed)
    if not isinstance(table, dict):
        raise LessonError(f"{where}: must be a mapping of {', '.join(every)}, got {table!r:.60}")
    unknown = [key for key in table if key not in every]
    if unknown:
        raise LessonError(f"{where}: may hold {', '.join(every)}; got {', '.join(unknown)}")
    missing = [key for key in needed if key not in table]
    if missing:
        raise LessonError(f"{where}: lacks {', '.join(missing)}")
    return table


def text_at(where: str, value: Any) -> str:
    """Return ``value``, stripped, if it is text and not blank; LessonError if not."""
    if not isinstance(value, str) or not value.strip():
        raise LessonError(
            f"{where}: must be text (in quotes if it begins with {{ or [), got {value!r:.60}"
        )
    return value.strip()


def whole_at(where: str, value: Any, low: int, high: int) -> int:
    """Parse the text ``value`` as a whole number in ``[low, high]``; LessonError if invalid."""
    text = value.strip() if isinstance(value, str) else ""
    # Only ASCII digits: int() alone would also accept 1_000 and digits of other scripts.
    if not (text.isascii() and text.isdecimal() and len(text) < 10) or not low <= int(text) <= high:
        raise LessonError(
            f"{where}: must be a whole number from {low} to {high}, got {value!r:.60}"
        )
    return int(text)


def settings_at(where: str, value: Any) -> Mapping[str, str]:
    """Return ``value`` if it is a mapping of names to text; LessonError if not."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise LessonError(
            f"{where}: must be a mapping of controls to their values, got {value!r:.60}"
        )
    return value
