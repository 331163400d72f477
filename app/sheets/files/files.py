"""The sheet “Files”: saves and opens runs, exports code, pictures, animations and data."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, TypeVar

import param

from hebb_core.run.metrics import METRICS

from ...controls.names import plain_name
from ...host.pools import FILES
from ...panels.maps.maps import MAP_FIGURES
from ...panels.registry import PANELS
from ...session.session import Session
from ...ui.component import Component, handles, script_of, text_of
from ..chunked_upload import PIECE, Upload, UploadRefused, Uploads
from .exports import EXPORTS, SECTIONS, Delivery, Export, deliver
from .opening import MOST_BYTES, Present, open_file
from .run_snapshot import RunSnapshot, moment_of

__all__ = ["FIGURES", "LINES", "Files"]

_LOG = logging.getLogger(__name__)

_Made = TypeVar("_Made")

#: Labels of the plots, by their names in the browser.
FIGURES = MAP_FIGURES | {
    name: label for panel in PANELS.values() for name, label in panel.spec.figures.items()
}

#: Labels of the lines in the plots, by their names.
LINES = {name: metric.label for name, metric in METRICS.items()} | {"prediction": "theory"}

_PATIENCE = 15.0  # s to wait for the run to take up the current controls
_AGAIN = 0.05  # s between two attempts
_LOOK = 0.1  # s between two updates of the progress
_WRONG = "Something went wrong on the server; nothing was changed. Try again."


class _GivenUp(Exception):
    """The visitor has cancelled the work."""


class Files(Component):
    """The sheet “Files”: exports from the run, and opens files.

    Only one file at a time is made or opened; the visitor can cancel it.

    Args:
        session: the visitor's run.
        notify: shows a message to the visitor even if the sheet is closed.
        params: parameters of the component.
    """

    sections = param.List(default=[], constant=True, doc="The sections and their buttons.")
    figures = param.Dict(default=FIGURES, constant=True, doc="Name of a plot -> label.")
    lines = param.Dict(default=LINES, constant=True, doc="Name of a line -> label.")
    largest = param.Integer(default=MOST_BYTES, constant=True, doc="Maximum bytes of a file.")
    work = param.List(
        default=["", 0.0], doc="What is being made, and the fraction done; −1 if unknown."
    )

    _esm = script_of("sheets/files/pictures.js", "sheets/files/files.js")
    _stylesheets: ClassVar[list[str]] = [text_of("sheets/sheet.css", "sheets/files/files.css")]

    def __init__(self, session: Session, notify: Callable[[str], None], **params: Any) -> None:
        super().__init__(sections=_sections(), **params)
        self._session = session
        self._notify = notify
        self._task: asyncio.Task[None] | None = None
        self._stop = threading.Event()
        self._what = ""  # what is being made
        self._share = -1.0  # fraction of it that is done; −1 if unknown
        self._uploads = Uploads(MOST_BYTES, self.send)
        self._delivery: Delivery | None = None
        self._count = 0  # number of deliveries so far

    def stop(self) -> None:
        """Cancel the current work, and discard the last delivery."""
        self._stop.set()
        self._uploads.stop()
        self._delivery = None

    # --- messages from the browser ------------------------------------------------------------

    @handles("take", name=str, whole=bool)
    def _asked(self, name: str, whole: bool) -> None:
        for export in EXPORTS:
            if export.name == name:
                self._start(f"{export.label}…", self._take(export, whole))

    @handles("more", number=int, at=int)
    def _more(self, number: int, at: int) -> None:
        self._send_piece(number, at)

    @handles("upload", number=int, name=str, size=int)
    def _uploading(self, number: int, name: str, size: int) -> None:
        self._begin(number, name, size)

    @handles("piece", number=int, at=int, piece=bytes)
    def _piece(self, number: int, at: int, piece: bytes) -> None:
        self._receive(number, at, piece)

    @handles("stop")
    def _stopped(self) -> None:
        self.stop()

    def _tell(self, sentence: str, kind: str = "") -> None:
        self.send("said", sentence=sentence, tone=kind)

    def _start(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        """Start ``work``, unless other work is in progress."""
        if self._task is not None:
            work.close()
            self._tell("One thing at a time: wait for what is being made, or cancel it.", "bad")
            return
        self._stop = threading.Event()
        self._what, self._share = what, -1.0
        self.work = [what, -1.0]
        self._tell("")
        self._task = asyncio.get_running_loop().create_task(self._do(work))

    async def _do(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except _GivenUp:
            self._tell("Cancelled.")
        except ValueError as error:
            self._tell(_sentence(str(error)), "bad")
        except Exception:
            _LOG.exception("a file could not be made or opened")
            self._tell(_WRONG, "bad")
            self._notify(_WRONG)
        finally:
            self._task = None
            self.work = ["", 0.0]

    async def _in_thread(self, call: Callable[..., _Made], *arguments: Any) -> _Made:
        """Run ``call`` in a thread, show its progress, and return its result."""
        loop, stop = asyncio.get_running_loop(), self._stop
        made = loop.run_in_executor(FILES, call, *arguments)
        # Polled here: updates from the thread itself could reach the browser out of order.
        while not (await asyncio.wait({made}, timeout=_LOOK))[0]:
            if not stop.is_set() and self._share >= 0:
                self.work = [self._what, self._share]
        result = await made
        if stop.is_set():
            raise _GivenUp
        return result

    # --- from the run to the visitor ----------------------------------------------------------

    async def _moment(self) -> RunSnapshot:
        """Return a snapshot of the run, once the run has taken up the current controls."""
        controls, late = self._session.controls, asyncio.get_running_loop().time() + _PATIENCE
        while (left := late - asyncio.get_running_loop().time()) > 0:
            try:
                moment = await asyncio.wait_for(self._session.consult(moment_of(controls)), left)
            except TimeoutError:
                break
            if self._stop.is_set():
                raise _GivenUp
            if moment is not None:
                return moment
            await asyncio.sleep(_AGAIN)
        raise ValueError("the run has not taken up the last change of the controls yet; try again")

    async def _take(self, export: Export, all_of_it: bool) -> None:
        moment = await self._moment()
        if export.option and not all_of_it:
            moment = moment.without_past()
        stop = self._stop

        def progress(share: float) -> None:
            if stop.is_set():
                raise _GivenUp
            self._share = round(share, 2)

        delivery = await self._in_thread(deliver, export, moment, progress)
        self._delivery = delivery
        self._count += 1
        self._tell(delivery.told)
        self.send(
            "delivery",
            number=self._count,
            name=delivery.name,
            media=delivery.media,
            code=delivery.code,
            size=len(delivery.content),
        )

    def _send_piece(self, number: int, at: int) -> None:
        """Send the piece that begins at ``at``; after the last one, discard the file."""
        if self._delivery is None or number != self._count or at < 0:
            return
        content = self._delivery.content
        data = content[at : at + PIECE]
        if at + len(data) >= len(content):
            self._delivery = None
        self.send("piece", number=number, at=at, data=data)

    # --- from the visitor to the run ----------------------------------------------------------

    def _begin(self, number: int, name: str, size: int) -> None:
        if self._task is not None:
            self._tell("One thing at a time: wait for what is being made, or cancel it.", "bad")
            return
        try:
            self._uploads.begin(number, name, size)
        except UploadRefused as refusal:
            self._tell(str(refusal), "bad")

    def _receive(self, number: int, at: int, piece: bytes) -> None:
        try:
            upload = self._uploads.take(number, at, piece)
        except UploadRefused as refusal:
            self._tell(str(refusal), "bad")
            return
        if upload is not None:
            self._start("Opening…", self._open(upload))

    async def _open(self, upload: Upload) -> None:
        controls = self._session.controls
        try:
            opened = await self._in_thread(open_file, upload.content, Present.of(controls))
        except ValueError as error:
            raise ValueError(f"“{plain_name(upload.name, 80)}” was not opened: {error}") from error
        self._session.open(opened.saved, opened.values)
        if opened.drawings or controls.drawings.all:
            # The controls as text lack the drawings' names, and drawings too large for a URL.
            controls.drawings.replace(opened.drawings)
        self._tell(f"Opened “{plain_name(upload.name, 80)}”. " + " ".join(opened.told), "good")


def _sentence(text: str) -> str:
    """Return an error message as a sentence, with a capital letter and a full stop."""
    text = text.strip()[:400]
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def _sections() -> list[dict[str, Any]]:
    """Return the sections of the sheet, with their :data:`~app.sheets.files.exports.EXPORTS`."""
    return [
        {
            "name": name,
            "title": title,
            "explanation": explanation,
            "exports": [
                {"name": e.name, "label": e.label, "explanation": e.explanation, "option": e.option}
                for e in EXPORTS
                if e.section == name
            ],
        }
        for name, (title, explanation) in SECTIONS.items()
    ]
