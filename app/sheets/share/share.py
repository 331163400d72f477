"""The sheet with a link to the page in its current state, and its QR code."""

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
from ...ui.component import Component, handles, script_of, text_of

__all__ = ["LONGEST_QR", "Options", "Share", "frame_html", "link_to", "qr_svg"]

_LOG = logging.getLogger(__name__)

#: Maximum length of a link in a QR code; more squares would be too small to scan across a room.
LONGEST_QR = 1200

_LONGEST_PLACE = 500  # maximum length of the page's URL without its query


@dataclass(frozen=True)
class Options:
    """Options of a link.

    Attributes:
        stop: whether the linked page runs to the current step and pauses there.
        embed: whether the link is for an iframe.
        lesson: whether it opens the lesson that is open here.
        hide: names of the groups of controls that it hides.
    """

    stop: bool = False
    embed: bool = False
    lesson: bool = True
    hide: tuple[str, ...] = ()

    def address(self, here: Address, step: int) -> Address:
        """Apply these options to the address ``here``; ``step`` is the current step."""
        return replace(
            here,
            hide=self.hide,
            lesson=here.lesson if self.lesson else "",
            embed=self.embed,
            steps=min(step, MOST_STEPS) if self.stop else None,
        )


def _is_place(place: str) -> bool:
    """Return whether ``place`` is an http or https URL without a query."""
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
    """Return the link to ``address``.

    Args:
        place: origin and path of the page, from its browser; untrusted.
        address: state that the link opens.

    Raises:
        ValueError: ``place`` is not an http or https URL without a query.
    """
    if not _is_place(place):
        raise ValueError(
            f"place must be an http or https address without a query; got {place[:40]!r}"
        )
    query = address.query()
    return f"{place}?{query}" if query else place


def frame_html(link: str) -> str:
    """Return the HTML of an iframe that embeds ``link``."""
    return (
        f'<iframe src="{escape(link)}" title="Hebbscope" width="100%" height="720" '
        'style="border: 0" loading="lazy" allow="clipboard-write; fullscreen"></iframe>'
    )


def qr_svg(link: str) -> str:
    """Return the QR code of ``link`` as SVG, with its quiet zone; empty if ``link`` is too long.

    Error correction is at least level M (ISO/IEC 18004): readable with an eighth of it hidden.
    """
    if len(link) > LONGEST_QR:
        return ""
    code = segno.make_qr(link, error="m")
    return code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True)


class Share(Component):
    """The sheet “Share”.

    Args:
        session: the visitor's run.
        state: returns the current address of the page.
        groups: names of the groups of controls that a link may hide.
        notify: shows a message to the visitor.
        params: parameters of the component.
    """

    groups = param.List(default=[], item_type=str, doc="Names of the groups, as used in links.")
    answer = param.String(doc="Content of the sheet, as JSON; empty until it is first shown.")
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

    @handles("link", here=str, options=object)
    def _asked(self, here: str, options: Any) -> None:
        match options:
            case None:
                self._tell(here, None)
            case {
                "stop": bool(stop),
                "embed": bool(embed),
                "lesson": bool(lesson),
                "hide": list(hide),
            }:
                hidden = tuple(name for name in self.groups if name in hide)
                self._tell(here, Options(stop, embed, lesson, hidden))

    def _tell(self, place: str, options: Options | None) -> None:
        """Show the link, then its QR code; ``options`` is None if the visitor chose none."""
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
                "The drawn patterns are too large for a link and are left out of it. “Save run” in "
                "the sheet “Files” saves them in a file."
            )
        if options.stop and step > MOST_STEPS:
            told.append(f"A link can stop at step {MOST_STEPS} at the latest.")
        long = len(link) > LONGEST_QR
        if long:
            told.append(
                f"With {len(link)} characters, the link is too long for a QR code that can be "
                "scanned from a distance. Copy it instead."
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
        # One task at a time: a running one continues with the newest link.
        if fresh and not long and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._encode())

    async def _encode(self) -> None:
        """Draw the QR code of the current link; start over if the link changes in between."""
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
        """Return the QR code of ``link``; empty if the link has changed since it was queued."""
        return qr_svg(link) if link == self._link else ""
