"""The sheet on which a visitor draws or uploads patterns."""

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
from ...ui.component import Component, handles, script_of, text_of
from ...ui.palette import DIVERGING
from ..chunked_upload import Upload, UploadRefused, Uploads
from .pattern_files import KINDS, MAX_FILE, UploadError, accepted, read_drawings

__all__ = ["DrawSheet"]

_LOG = logging.getLogger(__name__)


class DrawSheet(Component):
    """A list of the visitor's patterns, and grids to paint one of them on.

    The browser paints immediately and sends the result, to be validated and stored here. Any other
    change of the patterns, or of the number of units, makes a new edition of them, which is sent to
    the browser; messages that refer to an earlier edition are ignored.

    Args:
        controls: the visitor's controls, which hold the patterns.
        notify: shows a message to the visitor while the sheet is closed.
        params: parameters of the component.
    """

    _esm = script_of("sheets/draw/painter.js", "sheets/draw/upload.js", "sheets/draw/draw.js")
    _stylesheets: ClassVar[list[str]] = [text_of("sheets/sheet.css", "sheets/draw/draw.css")]

    def __init__(self, controls: Controls, notify: Callable[[str], None], **params: Any) -> None:
        super().__init__(**params)
        self._controls = controls
        self._notify = notify
        self._edition = 0
        self._open = False
        self._by_hand = False  # True while a change from the browser is applied
        self._uploads = Uploads(MAX_FILE, self.send)
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

    # --- messages to the browser --------------------------------------------------------------

    def _tell(self, **what: Any) -> None:
        if self._open:
            self.send(**what)

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

    # --- messages from the browser ------------------------------------------------------------

    @handles("opened")
    def _opened(self) -> None:
        self._open = True
        self._tell_patterns(
            palette=list(DIVERGING),
            most=MOST,
            longest=LONGEST_NAME,
            largest_file=MAX_FILE,
            endings=list(KINDS),
        )

    @handles("closed")
    def _closed(self) -> None:
        self._open = False

    @handles("show")
    def _show(self) -> None:
        self._controls.pattern.pattern = PATTERN.name

    @handles("shapes")
    def _make_shapes(self) -> None:
        if not self._controls.drawings.all:
            self._keep([*_shapes(*self._shape)], by_hand=False)

    @handles("put", edition=int, at=int, pattern=object)
    def _put_one(self, edition: int, at: int, pattern: Any) -> None:
        if edition == self._edition:
            self._put(at, pattern)

    @handles("all", edition=int, patterns=list)
    def _put_all(self, edition: int, patterns: list[Any]) -> None:
        if edition == self._edition:
            self._take(patterns)

    @handles("upload", number=int, name=str, size=int)
    def _uploading(self, number: int, name: str, size: int) -> None:
        self._receive(lambda: self._uploads.begin(number, name, size))

    @handles("piece", number=int, at=int, piece=bytes)
    def _piece(self, number: int, at: int, piece: bytes) -> None:
        self._receive(lambda: self._uploads.take(number, at, piece))

    @handles("stop")
    def _stopped(self) -> None:
        self._uploads.stop()

    def _put(self, at: int, told: Any) -> None:
        """Replace pattern ``at``, or append it if ``at`` is the number of patterns."""
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
        """Replace all patterns."""
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
        """Parse a pattern from the browser; if its values are unchanged, keep the stored resolution."""
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
        """Store ``drawings``, or refuse too many; if none were stored before, also select them."""
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
        """Show the visitor why the patterns were refused, and send the stored ones to the browser.

        Without this, the browser would still show the refused patterns.
        """
        self._edition += 1
        self._tell_patterns()
        self._say(f"That could not be kept: {error}", bad=True)

    # --- files --------------------------------------------------------------------------------

    def _receive(self, step: Callable[[], Upload | None]) -> None:
        """Run ``step`` of an upload; read the file once it is complete."""
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
        """Report that a file was read; ``at`` is the index of its first pattern, −1 if none."""
        self._say(said, bad=bad)
        # Sent even if the sheet is closed: its script waits for this before it sends another file.
        self.send("read", at=at)


def _packed(rows: list[np.ndarray]) -> bytes:
    return np.concatenate(rows).astype("<f4").tobytes() if rows else b""


def _unpacked(text: str, count: int) -> np.ndarray:
    """Decode ``count`` numbers that the browser packed; ValueError if there are more or fewer."""
    # Check the length before decoding.
    if len(text) != -(-4 * count // 3) * 4:
        raise ValueError(f"it is not for {count} units.")
    data = base64.b64decode(text, validate=True)
    if len(data) != 4 * count:
        raise ValueError(f"it is not for {count} units.")
    return np.frombuffer(data, "<f4")


def _shapes(n: int, m: int) -> list[Drawing]:
    names = ("cross", "frame", "diagonal", "half")
    return [checked_drawing(name, *rows) for name, *rows in zip(names, *shapes(n, m), strict=True)]
