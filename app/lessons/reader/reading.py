"""Reads and validates a lesson, a Markdown file with front matter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ...controls.controls import GROUPS, Controls
from ...controls.twin_controls import TwinControls
from ...panels.registry import BenchControls
from ..lesson import Lesson, LessonError, Step
from .body import inline_html, read_body
from .front_matter import known, read_front_matter, settings_at, text_at, whole_at
from .numbers import filled, named_in, read_numbers

__all__ = ["KNOBS", "MAX_BYTES", "read_lesson"]

#: Allowed names in ``knobs``: titles of groups of controls, in lower case.
KNOBS = tuple(group.title.lower() for group in (*GROUPS, TwinControls))
#: Maximum size of a lesson's file, in bytes.
MAX_BYTES = 2**17

_KEYS = ("title", "minutes", "knobs", "settings", "watch", "claim", "numbers")
# Leading digits of a file name only sort the lessons; they are not part of a lesson's name.
_FILE = re.compile(r"(?:\d+[-_ ]+)?([a-z0-9]+(?:[-_][a-z0-9]+)*)")


def read_lesson(path: Path) -> Lesson:
    """Read and validate a lesson.

    Args:
        path: a Markdown file in UTF-8. Its name without leading digits is the lesson's name.

    Raises:
        LessonError: the file cannot be read or is invalid; the message names the file, the line or
            key, what was given and what is allowed.
    """
    try:
        return _read(path)
    except LessonError as error:
        raise LessonError(f"{path.name}: {error}") from None
    except OSError as error:
        raise LessonError(f"{path.name}: it cannot be read ({error.strerror})") from None


def _read(path: Path) -> Lesson:
    name = _FILE.fullmatch(path.stem)
    if name is None:
        raise LessonError(
            "a lesson's file name consists of a to z, 0 to 9, - and _, with digits in front if wanted"
        )
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise LessonError(f"it is larger than {MAX_BYTES} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LessonError(f"it is not UTF-8 (byte {error.start})") from None
    front, body, first_line = read_front_matter(text)
    known("front matter", front, _KEYS)
    numbers = read_numbers(front["numbers"])
    claim = text_at("claim", front["claim"])
    if not named_in(claim):
        raise LessonError("claim: must state a number from those under numbers, written as {name}")
    read = read_body(body, first_line, lambda where, part: filled(where, part, numbers))
    lesson = Lesson(
        name=name[1],
        title=text_at("title", front["title"]),
        minutes=whole_at("minutes", front["minutes"], 1, 120),
        knobs=_knobs(front["knobs"]),
        settings=settings_at("settings", front["settings"]),
        watch_html=inline_html(filled("watch", text_at("watch", front["watch"]), numbers)),
        claim_html=inline_html(filled("claim", claim, numbers)),
        intro_html=read.intro_html,
        steps=read.steps,
        numbers=numbers,
    )
    _check_controls(lesson)
    return lesson


def _knobs(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(name in KNOBS for name in value):
        raise LessonError(f"knobs: must be a list of {', '.join(KNOBS)}, got {value!r:.60}")
    return tuple(dict.fromkeys(value))


def _check_controls(lesson: Lesson) -> None:
    """Check every control that the lesson sets, and every ``after``; LessonError if invalid."""
    played = _set("settings", BenchControls(), lesson.settings)
    for step in lesson.steps:
        if step.run is not None:
            _set(f"step “{step.heading}”, set", played, step.run.set)
    for name, number in lesson.numbers.items():
        own = _set("settings", BenchControls(), lesson.settings)
        _set(f"numbers.{name}.set", own, number.set)
        if number.after is not None:
            _check_after(f"numbers.{name}.after", lesson.steps, number.after)


def _set(where: str, controls: Controls, values: Mapping[str, str]) -> Controls:
    if complaints := controls.apply(values):
        raise LessonError(f"{where}: {' '.join(complaints)}")
    return controls


def _check_after(where: str, steps: tuple[Step, ...], after: int) -> None:
    if after > len(steps):
        raise LessonError(f"{where}: there are {len(steps)} steps, got {after}")
    runs = [step.run for step in steps[:after] if step.run is not None]
    if not runs or any(run.steps is None for run in runs):
        raise LessonError(f"{where}: every run up to step {after} must say how many steps it takes")
