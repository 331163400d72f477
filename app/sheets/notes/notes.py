"""The sheet of notes: saved settings, to be compared, renamed, loaded and deleted."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, ClassVar

import param

from ...controls.controls import DRAWN
from ...controls.names import plain_name
from ...host.pools import SMALL
from ...session.run.run import Run
from ...session.session import Session
from ...ui.component import Component, handles, script_of, text_of
from ...ui.thumb import thumb_url
from .note import LONGEST_NAME, MOST, Note, noted, read_notes, title_of

__all__ = ["Notes"]

_LOG = logging.getLogger(__name__)

_PATIENCE = 30.0  # s to wait for the weights from the run
_MOST_WAITING = 8  # maximum number of requests in progress


class Notes(Component):
    """The sheet “Notes”.

    The browser stores a copy of the notes if it can, and offers it when the sheet opens.

    Args:
        session: the visitor's session.
        notify: shows a message to the visitor.
        params: parameters of the component.

    Attributes:
        kept: number -> note, in the order in which they were saved.
    """

    cards = param.String("[]", doc="The notes, as JSON.")
    suggested = param.String(doc="Default name for a note of the current settings.")
    longest = param.Integer(LONGEST_NAME, constant=True, doc="Maximum length of a name.")

    _esm = script_of("sheets/notes/notes.js")
    _stylesheets: ClassVar[list[str]] = [text_of("sheets/sheet.css", "sheets/notes/notes.css")]

    def __init__(self, session: Session, notify: Callable[[str], None], **params: Any) -> None:
        self._session = session
        self._notify = notify
        self._next = 1
        self._tasks: set[asyncio.Task[None]] = set()
        self._offered: str | None = None  # notes from the browser that are still to be read
        # Restoring notes and saving one must not interleave.
        self._turn = asyncio.Lock()
        self.kept: dict[int, Note] = {}
        super().__init__(**params)

    # --- what the browser sends ---------------------------------------------------------------

    @handles("offer", stored=str)
    def _offered_by_browser(self, stored: str) -> None:
        self._offer(stored)

    @handles("opened")
    def _opened(self) -> None:
        self._suggest()

    @handles("keep", name=str)
    def _keep_asked(self, name: str) -> None:
        self._start(self._keep(name))

    @handles("rename", note=int, name=str)
    def _rename_asked(self, note: int, name: str) -> None:
        if note in self.kept:
            self._name(note, name)

    @handles("delete", note=int)
    def _delete_asked(self, note: int) -> None:
        if note in self.kept:
            self._delete(note)

    @handles("load", note=int)
    def _load_asked(self, note: int) -> None:
        if note in self.kept:
            self._load(self.kept[note])

    def _offer(self, text: str) -> None:
        """Read the notes that the browser offers; a new offer replaces a pending one."""
        if self._offered is not None or self._start(self._restore()):
            self._offered = text

    def _start(self, work: Coroutine[Any, Any, None]) -> bool:
        """Queue ``work``; if too much is queued, tell the visitor and return False."""
        if len(self._tasks) >= _MOST_WAITING:
            work.close()
            self._tell("Too many requests. Try again.")
            return False
        task = asyncio.get_running_loop().create_task(self._do(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _do(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            async with self._turn:
                await work
        except Exception:
            _LOG.exception("a request about notes failed")
            self._tell("That did not work. Try again, or reload the page.")

    # --- what the visitor asks for ------------------------------------------------------------

    async def _restore(self) -> None:
        """Replace the notes by those that the browser offers."""
        text, self._offered = self._offered, None
        if text is None:
            return
        loop = asyncio.get_running_loop()
        notes = await loop.run_in_executor(SMALL, read_notes, text)
        self.kept = {self._next + place: note for place, note in enumerate(notes)}
        self._next += len(notes)
        self._show()

    async def _keep(self, name: str) -> None:
        if len(self.kept) >= MOST:
            self._tell(f"At most {MOST} notes are kept. Delete one first.")
            return
        controls, at = self._session.controls, self._session.at

        def look(run: Run) -> tuple[int, Any]:
            # Kept frames never change, while the engine reuses the arrays of its current weights.
            found = run.history.find(run.history.last if at is None else max(at, run.history.first))
            return (0, None) if found is None else (found.frame.step, found.frame.weights)

        note = noted(name, controls, 0, "")
        step, weights = await asyncio.wait_for(self._session.consult(look), _PATIENCE)
        thumb = ""
        if weights is not None:
            loop = asyncio.get_running_loop()
            thumb = await loop.run_in_executor(SMALL, thumb_url, weights)
        number = self._next
        note = replace(note, name=note.name or f"Note {number}", step=step, thumb=thumb)
        self.kept[number] = note
        self._next += 1
        self._show()
        told = f"“{note.name}” is saved."
        if controls.drawings.all and DRAWN not in note.values:
            told += " The drawn patterns are too large for a note and are not part of it."
        self._tell(told)

    def _name(self, number: int, name: str) -> None:
        note = self.kept[number]
        self.kept[number] = replace(note, name=plain_name(name, LONGEST_NAME) or note.name)
        self._show()

    def _delete(self, number: int) -> None:
        note = self.kept.pop(number)
        self._show()
        self._tell(f"“{note.name}” is deleted.")

    def _load(self, note: Note) -> None:
        controls = self._session.controls
        drawings = controls.drawings.all
        complaints = controls.load(note.values)
        if drawings and DRAWN not in note.values:
            # Drawings took work: do not delete them for a note that does not include any.
            controls.drawings.replace(drawings)
        for complaint in complaints:
            self._notify(complaint)
        self._session.reset()
        self._session.playing = True

    # --- what is shown --------------------------------------------------------------------------

    def _suggest(self) -> None:
        self.suggested = title_of(self._session.controls) or f"Note {self._next}"

    def _show(self) -> None:
        cards = [
            {
                "note": number,
                "name": note.name,
                "values": dict(note.values),
                "step": note.step,
                "thumb": note.thumb,
                "differs": note.differs,
            }
            for number, note in self.kept.items()
        ]
        self.cards = json.dumps(cards)
        self._suggest()

    def _tell(self, sentence: str) -> None:
        self.send("said", sentence=sentence)
