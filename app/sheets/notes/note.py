"""A note: settings that a visitor saved, with a picture of W. Notes are read back from JSON."""

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

#: Maximum number of notes.
MOST = 50
#: Maximum length of a name, in characters.
LONGEST_NAME = 60

_LONGEST_TEXT = 2 * 2**20  # maximum length of the JSON of all notes, in characters
_LONGEST_VALUE = 4000
_MOST_VALUES = 300
_MOST_STEP = 10**15
_MOST_BYTES = 20 * 2**10  # maximum size of a picture
_MOST_PIXELS = 128  # maximum width and height of a picture


@dataclass(frozen=True)
class Note:
    """Saved settings.

    Attributes:
        name: its name, given by the visitor or derived from ``differs``.
        values: the controls that differ from their defaults, name -> text.
        step: step of the run when it was saved.
        thumb: picture of W at that step, as a data URL; empty if there is none.
        differs: the settings that affect the run and are not at their defaults, abbreviated.
    """

    name: str
    values: Mapping[str, str]
    step: int
    thumb: str
    differs: tuple[str, ...]


def noted(name: str, controls: Controls, step: int, thumb: str) -> Note:
    """Return a note of the current settings; an empty ``name`` is replaced by :func:`title_of`."""
    differs = tuple(differences(controls))
    return Note(
        plain_name(name, LONGEST_NAME) or title_of(controls),
        controls.values(),
        step,
        thumb,
        differs,
    )


def title_of(controls: Controls) -> str:
    """Return a name for the current settings, made of their :func:`differences`; may be empty."""
    name = ""
    for one in differences(controls):
        longer = f"{name}, {one}" if name else one
        if len(longer) > LONGEST_NAME - 2:
            return plain_name(f"{name} …" if name else one, LONGEST_NAME)
        name = longer
    return name


def differences(controls: Controls) -> list[str]:
    """Return the settings that affect the run and are not at their defaults, like ``η 0.1``."""
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
    # A label is a symbol and, after two spaces, its meaning.
    label = (described.label or control).split("  ")[0]
    if isinstance(described, Choice):
        return f"{label} {next(entry for name, entry, _ in described.entries if name == value)}"
    if isinstance(value, bool):
        return label if value else f"no {label}"
    return f"{label} {value:.6g}".replace("-", "−")


def read_notes(text: str) -> list[Note]:
    """Parse the notes that a browser has stored; invalid ones are skipped.

    Args:
        text: a JSON list of mappings with ``name``, ``values``, ``step`` and ``thumb``; untrusted.

    Returns:
        At most :data:`MOST` notes, with the controls that :class:`Controls` accepts.
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
    """Return whether ``url`` is a data URL of a small PNG."""
    if not url.startswith(PNG_URL) or len(url) > len(PNG_URL) + 4 * _MOST_BYTES // 3 + 4:
        return False
    try:
        png = base64.b64decode(url.removeprefix(PNG_URL), validate=True)
        # Check the size before decoding: Pillow warns of very large pictures, or raises.
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
