"""The sheet on which a visitor draws patterns, or uploads them."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from hebb_core.signals.circuits import CIRCUITS
from hebb_core.signals.patterns import side_of
from hebb_core.signals.patterns.drawn import DRAWN as PATTERN
from hebb_core.signals.patterns.drawn import shapes

from ...controls.controls import DRAWN, Controls
from ...controls.drawings import LONGEST_NAME, MOST, Drawing, checked_drawing
from ...host.pools import UPLOADS
from ...ui.component import Component, script_of, text_of
from ...ui.palette import DIVERGING
from ..chunked_upload import Upload, UploadRefused, Uploads
from .pattern_files import KINDS, MAX_FILE, UploadError, accepted, read_drawings

__all__ = ["DrawSheet"]

_LOG = logging.getLogger(__name__)


class DrawSheet(Component):
    """A list of the visitor's patterns, and grids to paint one of them on.

    The browser paints at once and tells what it painted; here it is checked and kept. Whatever
    else changes the patterns, or the units they are for, makes another edition of them, which the
    browser is sent; what it tells of an earlier edition is too late, and not heard.

    Args:
        controls: the visitor's controls, among them the patterns.
        notify: takes a sentence for the visitor, while the sheet is closed.
    """

    _esm = script_of("sheets/draw/painter.js", "sheets/draw/upload.js", "sheets/draw/draw.js")
    _stylesheets: ClassVar[list[str]] = [text_of("sheets/sheet.css", "sheets/draw/draw.css")]

    def __init__(self, controls: Controls, notify: Callable[[str], None], **params: Any) -> None:
        super().__init__(**params)
        self._controls = controls
        self._notify = notify
        self._edition = 0
        self._open = False
        self._by_hand = False  # the change under way is the browser's own
        self._uploads = Uploads(MAX_FILE, lambda message: self._send_msg(message))
        self._reading: asyncio.Task[None] | None = None
        controls.watch(self._changed)

    @property
    def _shape(self) -> tuple[int, int]:
        network = self._controls.network
        return int(network.n_pre), int(network.n_post)

    def _changed(self, names: set[str]) -> None:
        if (DRAWN in names and not self._by_hand) or names & {"n_pre", "n_post"}:
            self._edition += 1
            self._tell_patterns()
        elif names & {"pattern", "circuit"}:
            self._tell(kind="run", **self._run())

    # --- what the browser is told -------------------------------------------------------------

    def _tell(self, **what: Any) -> None:
        if self._open:
            self._send_msg(what)

    def _tell_patterns(self, **more: Any) -> None:
        if not self._open:
            return
        n, m = self._shape
        fitted = self._fitted()
        self._tell(
            kind="patterns",
            edition=self._edition,
            n=n,
            m=m,
            columns=side_of(n),
            names=[drawing.name for drawing in fitted],
            pre=_packed([drawing.pre for drawing in fitted]),
            target=_packed([drawing.target for drawing in fitted]),
            accepted=accepted(n, m),
            **self._run(),
            **more,
        )

    def _run(self) -> dict[str, Any]:
        circuit = CIRCUITS[self._controls.circuit.circuit]
        return {
            "shown": self._controls.pattern.pattern == PATTERN.name,
            "idle": "" if circuit.uses_target else circuit.label,
        }

    def _say(self, sentence: str, *, bad: bool = False) -> None:
        if self._open:
            self._tell(kind="said", said=sentence, bad=bad)
        elif bad:
            self._notify(sentence)

    # --- what the browser tells ---------------------------------------------------------------

    def received(self, message: Any) -> None:
        """Act on what the browser tells."""
        match message:
            case {"kind": "opened"}:
                self._open = True
                self._tell_patterns(
                    palette=list(DIVERGING),
                    most=MOST,
                    longest=LONGEST_NAME,
                    largest_file=MAX_FILE,
                    endings=list(KINDS),
                )
            case {"kind": "closed"}:
                self._open = False
            case {"kind": "show"}:
                self._controls.pattern.pattern = PATTERN.name
            case {"kind": "shapes"} if not self._controls.drawings.all:
                self._keep([*_shapes(*self._shape)], by_hand=False)
            case {"kind": "put", "edition": int(edition), "at": int(at), "pattern": told}:
                if edition == self._edition:
                    self._put(at, told)
            case {"kind": "all", "edition": int(edition), "patterns": list(told)}:
                if edition == self._edition:
                    self._take(told)
            case {"kind": "upload", "number": int(number), "name": str(name), "size": int(size)}:
                self._receive(lambda: self._uploads.begin(number, name, size))
            case {"kind": "data", "number": int(number), "at": int(at), "piece": bytes(piece)}:
                self._receive(lambda: self._uploads.take(number, at, piece))
            case {"kind": "stop"}:
                self._uploads.stop()

    def _put(self, at: int, told: Any) -> None:
        """Take one pattern in place of another, or as one more."""
        kept = list(self._controls.drawings.all)
        try:
            drawing = self._told(told, self._fitted())
            if not 0 <= at <= len(kept):
                raise ValueError("there is no such pattern.")
            kept[at : at + 1] = [drawing]
        except ValueError as error:
            self._refuse(error)
        else:
            self._keep(kept)

    def _take(self, told: list[Any]) -> None:
        """Take these patterns in place of all."""
        try:
            if len(told) > MOST:
                raise ValueError(f"at most {MOST} can be kept.")
            fitted = self._fitted()
            drawings = [self._told(one, fitted) for one in told]
        except ValueError as error:
            self._refuse(error)
        else:
            self._keep(drawings)

    def _fitted(self) -> list[Drawing]:
        return [drawing.fitted(*self._shape) for drawing in self._controls.drawings.all]

    def _told(self, told: Any, fitted: Sequence[Drawing]) -> Drawing:
        """Return a pattern as the browser describes it; one that is the same keeps its resolution."""
        n, m = self._shape
        match told:
            case {"name": str(name), "pre": str(pre), "target": str(target)}:
                made = checked_drawing(name, _unpacked(pre, n), _unpacked(target, m))
            case _:
                raise ValueError("that is no pattern.")
        for old, seen in zip(self._controls.drawings.all, fitted, strict=True):
            if np.array_equal(seen.pre, made.pre) and np.array_equal(seen.target, made.target):
                return Drawing(made.name, old.pre, old.target)
        return made

    def _keep(self, drawings: Sequence[Drawing], *, by_hand: bool = True) -> None:
        """Have these patterns; the first of one's own are shown at once.

        Raises:
            ValueError: there are too many.
        """
        first = not self._controls.drawings.all
        self._by_hand = by_hand
        try:
            self._controls.drawings.replace(drawings)
        except ValueError as error:
            self._refuse(error)
            return
        finally:
            self._by_hand = False
        if first and drawings:
            self._controls.pattern.pattern = PATTERN.name

    def _refuse(self, error: ValueError) -> None:
        """Say why, and show what there is: the browser has painted what is not kept."""
        self._edition += 1
        self._tell_patterns()
        self._say(f"That could not be kept: {error}", bad=True)

    # --- files --------------------------------------------------------------------------------

    def _receive(self, step: Callable[[], Upload | None]) -> None:
        """Take a step of an upload; read the file when it is whole."""
        if self._reading is not None:
            return
        try:
            file = step()
        except UploadRefused as refusal:
            self._finish(str(refusal), bad=True)
            return
        if file is not None:
            self._reading = asyncio.get_running_loop().create_task(self._read(file))

    async def _read(self, file: Upload) -> None:
        n, m = self._shape
        first = len(self._controls.drawings.all)
        try:
            found = await asyncio.get_running_loop().run_in_executor(
                UPLOADS, read_drawings, file.name, bytes(file.content), n, m, first
            )
        except UploadError as error:
            self._finish(str(error), bad=True)
        except Exception:
            _LOG.exception("a file could not be read")
            self._finish("The file could not be read.", bad=True)
        else:
            self._add(found)
        finally:
            self._reading = None

    def _add(self, found: list[Drawing]) -> None:
        kept = [*self._controls.drawings.all, *found]
        if len(kept) > MOST:
            self._finish(f"At most {MOST} patterns can be kept.", bad=True)
            return
        self._keep(kept, by_hand=False)
        largest = max(float(np.abs(drawing.pre).max()) for drawing in found)
        beyond = f" Values up to {largest:g} are taken as they are." if largest > 1 else ""
        count = "1 pattern" if len(found) == 1 else f"{len(found)} patterns"
        self._finish(f"{count} added.{beyond}", at=len(kept) - len(found))

    def _finish(self, said: str, *, bad: bool = False, at: int = -1) -> None:
        """Tell what became of a file; ``at`` is the first of its patterns."""
        self._say(said, bad=bad)
        # Also of a sheet that was closed meanwhile: it waits for this before it takes another file.
        self._send_msg({"kind": "read", "at": at})


def _packed(rows: list[np.ndarray]) -> bytes:
    return np.concatenate(rows).astype("<f4").tobytes() if rows else b""


def _unpacked(text: str, count: int) -> np.ndarray:
    """Return ``count`` numbers out of what the browser packed; ValueError if they are not there."""
    # Measured before it is decoded.
    if len(text) != -(-4 * count // 3) * 4:
        raise ValueError(f"it is not for {count} units.")
    data = base64.b64decode(text, validate=True)
    if len(data) != 4 * count:
        raise ValueError(f"it is not for {count} units.")
    return np.frombuffer(data, "<f4")


def _shapes(n: int, m: int) -> list[Drawing]:
    names = ("cross", "frame", "diagonal", "half")
    return [checked_drawing(name, *rows) for name, *rows in zip(names, *shapes(n, m), strict=True)]
