"""The query string of the page: values of controls as text, and options such as ``lesson``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import param

from .knobs import Choice, WholeKnob

__all__ = ["MOST_STEPS", "Address", "parse", "read_address", "text_of"]

#: Maximum of ``steps`` in a query string.
MOST_STEPS = 1_000_000
_NAME = 40  # maximum length of a visitor's text quoted in a message


def parse(parameter: param.Parameter, text: str) -> Any:
    """Parse ``text`` as a value of ``parameter``; ValueError, worded for visitors, if invalid."""
    text = text.strip()
    if isinstance(parameter, param.Boolean):
        return _switch(text)
    if isinstance(parameter, Choice):
        if text.lower() not in parameter.objects:
            raise ValueError(f"choose one of {', '.join(parameter.objects)}.")
        return text.lower()
    low, high = parameter.bounds or (None, None)
    value = _number(text, low, high)
    if isinstance(parameter, WholeKnob):
        return _whole(value)
    return value


def _switch(text: str) -> bool:
    known = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}
    if text.lower() not in known:
        raise ValueError("say true or false.")
    return known[text.lower()]


def _number(text: str, low: float | None, high: float | None) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError("that is not a number.") from None
    if value != value or (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(f"it must lie between {low:g} and {high:g}.")
    return value


def _whole(value: float) -> int:
    if value != int(value):
        raise ValueError("it must be a whole number.")
    return int(value)


def text_of(value: Any) -> str:
    """Return the value of a control as text that :func:`parse` reads back exactly."""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Address:
    """Contents of the page's query string.

    Attributes:
        controls: control name -> text.
        hide: titles, in lower case, of the groups of controls to hide.
        lesson: name of the open lesson; empty if none is open.
        embed: whether the page is embedded in another one and hides its logo, title and tools.
        steps: number of steps to run before pausing; None to play without end.
    """

    controls: Mapping[str, str] = field(default_factory=dict)
    hide: tuple[str, ...] = ()
    lesson: str = ""
    embed: bool = False
    steps: int | None = None

    def query(self) -> str:
        """Return the query string, without the question mark."""
        said = dict(self.controls)
        if self.hide:
            said["hide"] = ",".join(self.hide)
        if self.lesson:
            said["lesson"] = self.lesson
        if self.embed:
            said["embed"] = "1"
        if self.steps is not None:
            said["steps"] = str(self.steps)
        return urlencode(said, safe=",-")


def read_address(
    arguments: Mapping[str, str], groups: Iterable[str], lessons: Iterable[str]
) -> tuple[Address, list[str]]:
    """Parse the query string of the page.

    Args:
        arguments: name -> text.
        groups: titles, in lower case, of the groups that may be hidden.
        lessons: names of the available lessons.

    Returns:
        The parsed query, and one sentence for each rejected entry. Controls are not validated.
    """
    controls = {name: text for name, text in arguments.items() if name not in _BESIDE}
    groups, lessons, complaints = tuple(groups), tuple(lessons), []
    hide = []
    for name in filter(None, (n.strip().lower() for n in arguments.get("hide", "").split(","))):
        if name not in groups:
            complaints.append(
                f"hide = {name[:_NAME]}: there is no such group of controls; there are "
                f"{', '.join(groups)}."
            )
        elif name not in hide:
            hide.append(name)
    lesson = arguments.get("lesson", "").strip().lower()
    if lesson and lesson not in lessons:
        complaints.append(
            f"lesson = {lesson[:_NAME]}: there is no such lesson; there are {', '.join(lessons)}."
        )
        lesson = ""
    embed, steps = False, None
    try:
        embed = _switch(arguments.get("embed", "0"))
    except ValueError as error:
        complaints.append(f"embed = {arguments['embed'][:_NAME]}: {error}")
    try:
        if "steps" in arguments:
            steps = _whole(_number(arguments["steps"], 0, MOST_STEPS))
    except ValueError as error:
        complaints.append(f"steps = {arguments['steps'][:_NAME]}: {error}")
    return Address(controls, tuple(hide), lesson, embed, steps), complaints


# Query parameters that are not controls.
_BESIDE = {"theme", "hide", "lesson", "embed", "steps"}
