"""A note: settings that a visitor kept, with a picture of W, and how they are read back."""

from __future__ import annotations

import base64
import binascii
import io
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from hebb_core.signals.patterns.drawn import DRAWN as PATTERN

from ...controls.control_group import ControlGroup
from ...controls.controls import Controls
from ...controls.knobs import Choice
from ...controls.names import plain_name
from ...controls.twin_controls import TWIN_PREFIX
from ...panels.registry import BenchControls
from ...ui.thumb import PNG_URL

__all__ = [
    "LONGEST_NAME",
    "MOST",
    "Note",
    "differences",
    "noted",
    "read_notes",
    "title_of",
]

#: Most notes that are kept.
MOST = 50
#: Most characters of a name.
LONGEST_NAME = 60

_LONGEST_TEXT = 2 * 2**20  # characters of all notes of a browser
_LONGEST_VALUE = 4000
_MOST_VALUES = 300
_MOST_STEP = 10**15
_MOST_BYTES = 20 * 2**10  # of a picture
_MOST_PIXELS = 128  # on a side of it


@dataclass(frozen=True)
class Note:
    """Settings that were kept.

    Attributes:
        name: what the visitor calls it.
        values: the controls that differ from their defaults, name -> text.
        step: the step at which it was kept.
        thumb: W then, as an address for ``<img>``; empty if it could not be drawn.
        differs: what differs from the defaults and bears on the run, in short.
    """

    name: str
    values: Mapping[str, str]
    step: int
    thumb: str
    differs: tuple[str, ...]


def noted(name: str, controls: Controls, step: int, thumb: str) -> Note:
    """Return the note of the present settings; without a name it is called after what differs."""
    differs = tuple(differences(controls))
    return Note(
        plain_name(name, LONGEST_NAME) or title_of(controls),
        controls.values(),
        step,
        thumb,
        differs,
    )


def title_of(controls: Controls) -> str:
    """Return what present settings are called after what differs; empty where nothing does."""
    name = ""
    for one in differences(controls):
        longer = f"{name}, {one}" if name else one
        if len(longer) > LONGEST_NAME - 2:
            return plain_name(f"{name} …" if name else one, LONGEST_NAME)
        name = longer
    return name


def differences(controls: Controls) -> list[str]:
    """Return what bears on the run and is not at its default, in short: ``η 0.1``."""
    told = []
    for name, (group, control) in controls.entries().items():
        of_twin = name.startswith(TWIN_PREFIX)
        if (of_twin and not controls.twin.twin) or not controls.acts({control}):
            continue
        value = getattr(group, control)
        if value != group.param[control].default and group.relevant(control):
            told.append(f"{'B: ' if of_twin else ''}{_in_short(group, control, value)}")
    if controls.drawings.all and controls.pattern.pattern == PATTERN.name:
        count = len(controls.drawings.all)
        told.append(f"{count} drawn pattern{'s' if count > 1 else ''}")
    return told


def _in_short(group: ControlGroup, control: str, value: Any) -> str:
    described = group.param[control]
    # A symbol and, after two spaces, what it stands for.
    label = (described.label or control).split("  ")[0]
    if isinstance(described, Choice):
        return f"{label} {next(entry for name, entry, _ in described.entries if name == value)}"
    if isinstance(value, bool):
        return label if value else f"no {label}"
    return f"{label} {value:.6g}".replace("-", "−")


def read_notes(text: str) -> list[Note]:
    """Read notes that a browser has kept; what is not as it should be is left out.

    Args:
        text: JSON, a list of mappings ``name``, ``values``, ``step``, ``thumb``; may be anything.

    Returns:
        At most :data:`MOST` of them. Their controls are only what :class:`Controls` takes.
    """
    if len(text) > _LONGEST_TEXT:
        return []
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(entries, list):
        return []
    notes = [_read(entry) for entry in entries[:MOST]]
    return [note for note in notes if note is not None]


def _read(entry: Any) -> Note | None:
    match entry:
        case {"name": str(name), "values": dict(values), "step": int(step), "thumb": str(thumb)}:
            pass
        case _:
            return None
    if not (
        0 <= step <= _MOST_STEP and not isinstance(step, bool) and plain_name(name, LONGEST_NAME)
    ):
        return None
    if len(values) > _MOST_VALUES or not all(
        isinstance(text, str) and len(text) <= _LONGEST_VALUE for text in values.values()
    ):
        return None
    controls = BenchControls()
    controls.apply(values)
    return noted(name, controls, step, thumb if _is_thumb(thumb) else "")


def _is_thumb(url: str) -> bool:
    """Whether ``url`` is a small PNG and nothing else."""
    if not url.startswith(PNG_URL) or len(url) > len(PNG_URL) + 4 * _MOST_BYTES // 3 + 4:
        return False
    try:
        png = base64.b64decode(url.removeprefix(PNG_URL), validate=True)
        # The size first: a picture of many pixels would be warned of, or worse.
        rows_and_columns = struct.unpack(">II", png[16:24])
        if len(png) > _MOST_BYTES or not all(
            1 <= size <= _MOST_PIXELS for size in rows_and_columns
        ):
            return False
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            picture.verify()
    except (binascii.Error, struct.error, OSError, ValueError, SyntaxError):
        return False
    return True
