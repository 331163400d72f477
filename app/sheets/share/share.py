"""The sheet that gives away a link to this very bench, and its QR code."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, ClassVar
from urllib.parse import urlsplit

import param
import segno

from ...controls.address import MOST_STEPS, Address
from ...controls.controls import DRAWN
from ...host.pools import SMALL
from ...session.session import Session
from ...ui.component import Component, script_of, text_of

__all__ = ["LONGEST_QR", "Options", "Share", "frame_html", "link_to", "qr_svg"]

_LOG = logging.getLogger(__name__)

#: Longest link in a QR code: beyond it, its squares are too small to be read across a room.
LONGEST_QR = 1200

_LONGEST_PLACE = 500  # characters of where the page stands


@dataclass(frozen=True)
class Options:
    """What the visitor wants of a link.

    Attributes:
        stop: whether the page that it opens runs to the present step and pauses there.
        embed: whether it is for an iframe.
        lesson: whether the lesson that is open here opens there too.
        hide: the groups of controls that are not shown there.
    """

    stop: bool = False
    embed: bool = False
    lesson: bool = True
    hide: tuple[str, ...] = ()

    def address(self, here: Address, step: int) -> Address:
        """Return the address that says all that ``here`` does, in this way."""
        return replace(
            here,
            hide=self.hide,
            lesson=here.lesson if self.lesson else "",
            embed=self.embed,
            steps=min(step, MOST_STEPS) if self.stop else None,
        )


def _is_place(place: str) -> bool:
    """Whether ``place`` is where a page may stand: an http address without a query."""
    if len(place) > _LONGEST_PLACE or not place.isascii() or not place.isprintable():
        return False
    if any(mark in place for mark in " ?#\"'<>\\"):
        return False
    try:
        parts = urlsplit(place)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def link_to(place: str, address: Address) -> str:
    """Return the link that says ``address``.

    Args:
        place: origin and path of the page, as its browser gives them.
        address: what it says.

    Raises:
        ValueError: ``place`` is not where a page may stand.
    """
    if not _is_place(place):
        raise ValueError(
            f"place must be an http or https address without a query; got {place[:40]!r}"
        )
    query = address.query()
    return f"{place}?{query}" if query else place


def frame_html(link: str) -> str:
    """Return the HTML that puts the page behind ``link`` into another one."""
    return (
        f'<iframe src="{escape(link)}" title="Hebbscope" width="100%" height="720" '
        'style="border: 0" loading="lazy" allow="clipboard-write; fullscreen"></iframe>'
    )


def qr_svg(link: str) -> str:
    """Return the QR code of ``link`` as SVG, with its quiet zone; empty if ``link`` is too long.

    A code is readable with an eighth of it hidden (error level M of ISO/IEC 18004), or more.
    """
    if len(link) > LONGEST_QR:
        return ""
    code = segno.make_qr(link, error="m")
    return code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True)


class Share(Component):
    """The sheet “share”.

    Args:
        session: the visitor's run.
        state: returns the present address of the page.
        groups: the groups of controls that a link may hide.
        notify: takes a sentence for the visitor.
        params: for Panel.
    """

    groups = param.List(default=[], item_type=str, doc="The groups of controls, as named in links.")
    answer = param.String(doc="What the sheet shows, as JSON; empty before it was first opened.")
    qr = param.String(doc="The QR code, as SVG; empty while there is none.")

    _esm = script_of("sheets/share/share.js")
    _stylesheets: ClassVar[list[str]] = [text_of("sheets/sheet.css", "sheets/share/share.css")]

    def __init__(
        self,
        session: Session,
        state: Callable[[], Address],
        groups: Sequence[str],
        notify: Callable[[str], None],
        **params: Any,
    ) -> None:
        self._session = session
        self._state = state
        self._notify = notify
        self._link = ""
        self._task: asyncio.Task[None] | None = None
        super().__init__(groups=list(groups), **params)

    def received(self, message: Any) -> None:
        """Act on what the browser tells."""
        match message:
            case {"here": str(place), "options": None}:
                self._tell(place, None)
            case {
                "here": str(place),
                "options": {
                    "stop": bool(stop),
                    "embed": bool(embed),
                    "lesson": bool(lesson),
                    "hide": list(hide),
                },
            }:
                hidden = tuple(name for name in self.groups if name in hide)
                self._tell(place, Options(stop, embed, lesson, hidden))

    def _tell(self, place: str, options: Options | None) -> None:
        """Show the link; its code follows. ``options`` are None if the visitor has chosen none."""
        here, step = self._state(), self._session.steps_taken
        if options is None:
            options = Options(embed=here.embed, hide=here.hide)
        try:
            link = link_to(place, options.address(here, step))
        except ValueError:
            self._notify("The address of this page could not be read, so there is no link to it.")
            return
        told = []
        if self._session.controls.drawings.all and DRAWN not in here.controls:
            told.append(
                "The drawn patterns are too large for a link and are left out of it. “Take away” "
                "keeps them in a file."
            )
        if options.stop and step > MOST_STEPS:
            told.append(f"A link can stop at step {MOST_STEPS} at the latest.")
        long = len(link) > LONGEST_QR
        if long:
            told.append(
                f"At {len(link)} characters the link is too long for a QR code that a camera reads "
                "from afar. Copy it instead."
            )
        answer = {
            "link": link,
            "frame": frame_html(link) if options.embed else "",
            "step": step,
            "lesson": here.lesson,
            "told": told,
            "coded": not long,
            "embed": options.embed,
            "hide": options.hide,
        }
        fresh = link != self._link
        self._link = link
        self.param.update(answer=json.dumps(answer), **({"qr": ""} if fresh else {}))
        # One at a time: the task that there is goes on to the newest link.
        if fresh and not long and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._encode())

    async def _encode(self) -> None:
        """Draw the code of the link on show, and of any that takes its place meanwhile."""
        loop = asyncio.get_running_loop()
        try:
            while len(self._link) <= LONGEST_QR:
                link = self._link
                code = await loop.run_in_executor(SMALL, self._code, link)
                if code and link == self._link:
                    self.qr = code
                    return
        except Exception:
            _LOG.exception("a QR code could not be made")
            self._notify("The QR code could not be made. Copy the link instead.")
        finally:
            self._task = None

    def _code(self, link: str) -> str:
        """Return the code of ``link``, unless it is outdated by the turn of the pool."""
        return qr_svg(link) if link == self._link else ""
