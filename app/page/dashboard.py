"""The page of one visitor: creates its services and components and places them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import panel as pn

from ..controls.address import Address, read_address
from ..host.private import frozen, serve_own_resources
from ..lessons import Lesson, load_lessons
from ..lessons.components import LessonList, LessonPanel
from ..panels.cell.view import CellView
from ..panels.context import PanelContext
from ..panels.equation.view import EquationView
from ..panels.maps.maps import Maps
from ..panels.registry import PANELS, BenchControls
from ..panels.status_line.status_line import StatusLine
from ..session.session import Session
from ..session.slow_motion import SlowMotion
from ..session.stream import FrameClock, Pace
from ..sheets.draw.sheet import DrawSheet

# Imported with the page, though created later: a page only knows components that were imported
# before it was loaded.
from ..sheets.files.files import Files
from ..sheets.notes.notes import Notes
from ..sheets.share.share import Share
from ..sheets.sheet_buttons import TOOLS
from ..sheets.sheets import Sheets
from ..ui.form_for import form_for
from ..ui.notices import Notices
from .bars.address_bar import AddressBar
from .bars.dock import Dock
from .bars.sidebar import GROUP_NAMES, Sidebar
from .bars.stage_line import StageLine
from .bars.timeline import Timeline
from .bars.transport import Transport
from .lifecycle import Visit
from .notebook import Inline, in_notebook
from .page_state import PageState
from .screen import PageScreen
from .shortcuts import KeyboardShortcuts, keys_html
from .template import page_script, page_style, page_template

__all__ = ["Dashboard"]

_UNSEEN = {"width": 0, "height": 0, "margin": 0}


class _Page(pn.Template):
    def __repr__(self) -> str:
        # Panel puts the repr into a hidden layout each time a panel is added. Its default visits
        # every parameter of every object on the page and takes 0.2 s in total.
        return "Hebbscope"


class Dashboard:
    """One visitor's page.

    Args:
        values: the query string of the page, name -> text: initial values of controls, and the
            fields of :class:`app.controls.address.Address`.

    Attributes:
        controls: the visitor's controls.
        session: the visitor's run.
        context: the services that panels use, including ``controls`` and ``session``.
        maps: the maps of W and dW.
        panels: name -> panel of every card under the maps.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        lessons, refused = load_lessons()
        self._address, complaints = read_address(
            values or {}, GROUP_NAMES, [lesson.name for lesson in lessons]
        )
        # --- services
        controls = self.controls = BenchControls()
        notices = self._notices = Notices([*refused, *complaints])
        if not self._address.lesson:
            notices.wait(controls.apply(self._address.controls))
        self._clock = FrameClock(**_UNSEEN)
        session = self.session = Session(controls, Pace(self._clock), notify=notices.notify)
        context = self.context = PanelContext.of(controls, session, notices)
        # --- displays of the run
        self.maps = Maps(context)
        self.panels = {name: panel(context) for name, panel in PANELS.items()}
        self._timeline = Timeline(session, context.selection)
        self._status_line = StatusLine(context.theory)
        self._equation = EquationView(controls)
        self._stage_line = StageLine(session, self.maps, self._equation, self._status_line)
        self._slow_motion = SlowMotion(controls, session, self._stage_line.show)
        self._transport = Transport(session, self._slow_motion)
        self._screen = PageScreen(context, self._transport)
        session.attach(self._screen)
        session.add_views((*self.maps.views, self._timeline, self._status_line))
        for panel in self.panels.values():
            session.add_views(panel.views)
        # --- the rest of the page
        self._sidebar = Sidebar(controls, self._address.hide)
        self._dock = Dock(controls, self.panels)
        self._address_bar = AddressBar(self.address, **_UNSEEN)
        controls.watch(lambda _: self._address_bar.ask())
        self._page_state = PageState(
            controls,
            embedded=self._address.embed,
            bare=set(GROUP_NAMES) <= set(self._address.hide),
            **_UNSEEN,
        )
        self.lesson = LessonPanel(
            lessons, session, self._lesson_opened, sizing_mode="stretch_width", margin=0
        )
        self.sheets = Sheets(
            {
                "lessons": partial(LessonList, lessons, self.lesson.open),
                "draw": partial(DrawSheet, controls, notices.notify),
                "notes": partial(Notes, session, notices.notify),
                "share": partial(Share, session, self.address, GROUP_NAMES, notices.notify),
                "files": partial(Files, session, notices.notify),
            }
        )
        self._shortcuts = KeyboardShortcuts(
            {
                "toggle": self._transport.toggle,
                "step": self._transport.step,
                "reset": session.reset,
                **self.sheets.acts,
            },
            context.selection.move,
            **_UNSEEN,
        )
        self._visit = Visit(
            self._clock,
            start=self._start,
            stop=self._stop,
            stack=session.stack,
            notify=notices.notify,
        )
        if self._address.lesson:
            notices.wait(self.lesson.open(self._address.lesson, self._address.controls))
        # Give the maps the axes of the run that is about to start.
        self._screen.resize((int(controls.network.n_pre), int(controls.network.n_post)))

    @classmethod
    def from_address(cls) -> Dashboard:
        """Return a dashboard whose controls are set by the query string of the page."""
        pn.extension(notifications=True)
        arguments = pn.state.session_args or {}
        return cls(
            {
                name: values[-1].decode("utf-8", "replace")
                for name, values in arguments.items()
                if values
            }
        )

    def servable(self) -> pn.Template | Inline:
        """Mark the page as servable; in a notebook, return an object that displays it inline."""
        document = pn.state.curdoc
        if document is None and in_notebook():
            # The notebook shows it in an iframe.
            self._address = replace(self._address, embed=True)
            self._page_state.embedded = True
            return Inline(self.page, self._embedded_copy)
        if document is None:
            return self.page().servable(title="Hebbscope")
        serve_own_resources(document)
        with frozen(document):
            return self.page().servable(title="Hebbscope")

    def _embedded_copy(self) -> pn.Template:
        return Dashboard({**self.controls.values(), "embed": "1"}).page()

    def page(self) -> pn.Template:
        """Return the page of the current session; its run starts once it has loaded."""
        template = _Page(page_template())
        for name, text in (
            ("style", page_style()),
            ("script", page_script()),
            ("keys", keys_html()),
            ("tools", TOOLS),
        ):
            template.add_variable(name, text)
        cell = self.panels["cell"]
        assert isinstance(cell, CellView)
        roots = {
            "clock": self._clock,
            "hands": self._shortcuts,
            "stage": self._page_state,
            "address": self._address_bar,
            "notices": self._notices.panel,
            "lesson": self.lesson,
            "controls": self._sidebar.panel,
            "equation": self._equation.panel,
            "numbers": form_for(self.controls.layout, "numbers", compact=True),
            "verdict": self._equation.verdict,
            "says": self._status_line.panel,
            "stages": self._stage_line.panel,
            "status": self._transport.status,
            "transport": self._transport.panel,
            "weights": self.maps.weights.panel,
            "update": self.maps.update.panel,
            **self.maps.twin_places,
            "spoken": cell.spoken,
            "timeline": self._timeline.panel,
            "switches": self._dock.switches,
            "dock": self._dock.panel,
            **{f"sheet_{name}": place for name, place in self.sheets.places.items()},
        }
        for name, root in roots.items():
            template.add_panel(name, root)
        self._visit.expect()
        return template

    def address(self) -> Address:
        """Return the address that opens the page in its current state."""
        lesson = self.lesson.open_lesson
        return replace(
            self._address,
            controls=self.controls.values(() if lesson is None else lesson.settings),
            lesson="" if lesson is None else lesson.name,
            steps=None,
        )

    def _start(self) -> None:
        if self._address.steps is not None:
            self.session.go_on(self._address.steps, afresh=True, hurry=True)
        self.session.start()
        self._slow_motion.start()
        self.context.theory.start()
        for panel in self.panels.values():
            panel.start()

    def _stop(self) -> None:
        self.session.stop()
        self._slow_motion.stop()
        self.context.theory.stop()
        for panel in self.panels.values():
            panel.stop()
        self.lesson.stop()
        self.sheets.stop()

    def _lesson_opened(self, lesson: Lesson | None) -> None:
        self._sidebar.show_only(None if lesson is None else lesson.knobs)
        self._screen.next_cell = None if lesson is None else lesson.cell
        self._address_bar.ask()
