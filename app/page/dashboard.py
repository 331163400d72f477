"""The page: what goes where, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import panel as pn

from ..controls.address import Address, read_address
from ..controls.controls import Controls
from ..controls.layout_controls import PANELS
from ..host.private import frozen, serve_own_resources
from ..lessons import Lesson, load_lessons
from ..lessons.panel import LessonList, LessonPanel
from ..panels.cell.view import CellView
from ..panels.distribution.view import DistributionView
from ..panels.equation.equation import equation_html, verdict_html
from ..panels.fields.view import FieldsView
from ..panels.landscape.panel import MapPanel
from ..panels.maps.heatmap import TermHeatmap, WeightHeatmap
from ..panels.maps.scale import Scales
from ..panels.maps.twins import TWIN_PLACES, Twins
from ..panels.maps.viewport import Viewport
from ..panels.recall.view import RecallView
from ..panels.status_line.status_line import SaysView
from ..panels.theory.predictor import Predictor
from ..panels.theory.view import TheoryView
from ..panels.traces.view import TracesView
from ..session.selection import Selection
from ..session.session import Session
from ..session.slow_motion import SlowMotion, StepStage, stages_html
from ..session.stream import FrameClock, Pace
from ..session.view import View
from ..sheets.draw.sheet import DrawSheet

# Imported here, as every component: a page that was loaded before one was would not know it.
from ..sheets.files.files import Files
from ..sheets.notes.notes import Notes
from ..sheets.share.share import Share
from ..sheets.sheets import Sheets
from ..sheets.tools import TOOLS
from ..ui.debouncer import Debouncer
from ..ui.form_for import form_for
from ..ui.html_pane import html_pane, write
from .address_bar import AddressBar
from .dock import Dock
from .notebook import Inline, in_notebook
from .notices import Notices
from .page_state import PageState
from .shortcuts import KeyboardShortcuts, keys_html
from .sidebar import GROUP_NAMES, Sidebar
from .template import page_script, page_style, page_template
from .timeline import Timeline
from .transport import Transport
from .visit import Visit

__all__ = ["Dashboard"]


class _Page(pn.Template):
    def __repr__(self) -> str:
        # Panel writes this into a layout that is not shown, anew for each panel that is added; its
        # own goes through every parameter of every object of the page, a fifth of a second in all.
        return "Hebbscope"


class Dashboard:
    """One visitor's bench.

    Args:
        values: what the address of the page may say, name -> text: controls to set at the start,
            and whatever :class:`app.controls.address.Address` holds.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.controls = Controls()
        lessons, refused = load_lessons()
        self._address, complaints = read_address(
            values or {}, GROUP_NAMES, [lesson.name for lesson in lessons]
        )
        self._notices = Notices([*refused, *complaints])
        self._notify = self._notices.notify
        if not self._address.lesson:
            self._notices.wait(self.controls.apply(self._address.controls))
        self._clock = FrameClock(width=0, height=0, margin=0)
        self.selection = Selection()
        self._viewport = Viewport()
        self._scales = Scales()
        controls, layout = self.controls, self.controls.layout
        self._predictor = Predictor(controls, lambda: self.session.refresh_theory())

        maps = self._maps = {
            "viewport": self._viewport,
            "scales": self._scales,
            "selection": self.selection,
            "layout": layout,
        }
        self.weights = WeightHeatmap("W", control="scale", **maps)
        self.update = TermHeatmap("dW", control="term", **maps)
        self.timeline = Timeline(self._point_at)
        self.says = SaysView(lambda: self._predictor.eta_limit)
        self.traces = TracesView(layout, lambda: self._predictor.said)
        self.distribution = DistributionView(layout)
        self.cell = CellView(
            layout, self.selection, lambda edit: self.session.edit(edit), self._notify
        )
        self.fields = FieldsView(layout, controls.pattern, self._viewport, self.selection)
        self.map = MapPanel(controls, self._load_cell)
        self.theory = TheoryView(layout, self._viewport, lambda: self._predictor.said)
        self.recall = RecallView(
            controls,
            controls.recall,
            lambda: setattr(self.session, "playing", False),
            lambda: self.session.refresh_theory(),
        )
        self.session = Session(
            controls,
            Pace(self._clock),
            views=(
                self.weights,
                self.update,
                self.timeline,
                self.says,
                self.traces,
                self.distribution,
                self.cell,
                self.fields,
                self.theory,
                self.recall,
            ),
            show=self._show,
            report=lambda status: self.transport.report(status),
            notify=self._notify,
        )
        self._visit = Visit(
            self._clock,
            start=self._start,
            stop=self._stop,
            stack=self.session.stack,
            notify=self._notify,
        )
        self.timeline.serve(self.session)
        self.slow_motion = SlowMotion(controls, self.session, self._show_stage)
        self.transport = Transport(self.session, self._step)
        self._stages = html_pane("", visible=False)
        self._stage: StepStage | None = None
        self._lesson_cell: tuple[int, int] | None = None  # that is still to be looked at
        self.sidebar = Sidebar(controls, self._address.hide)
        self._location = AddressBar(self.address, width=0, height=0, margin=0)
        self.lesson = LessonPanel(
            lessons, self.session, self._opened_lesson, sizing_mode="stretch_width", margin=0
        )
        hidden = set(GROUP_NAMES) <= set(self._address.hide)
        self._layout_of_page = PageState(
            controls, embedded=self._address.embed, bare=hidden, width=0, height=0, margin=0
        )
        self.sheets = Sheets(
            {
                "lessons": partial(LessonList, lessons, self.lesson.open),
                "draw": partial(DrawSheet, controls, self._notify),
                "notes": partial(Notes, self.session, self._notify),
                "share": partial(
                    Share,
                    controls,
                    self.address,
                    lambda: self.session.steps_taken,
                    GROUP_NAMES,
                    self._notify,
                ),
                "files": partial(Files, self.session, self._notify),
            }
        )
        if self._address.lesson:
            self._notices.wait(self.lesson.open(self._address.lesson, self._address.controls))
        # What the page opens with has the axes of the run that is about to start.
        shape = (int(controls.network.n_pre), int(controls.network.n_post))
        self._viewport.show(shape)
        self.selection.fit(shape)
        self._dock = Dock(layout, {name: getattr(self, name).panel for name in PANELS})
        self._twins: Twins | None = None
        self._twin_places = {
            name: pn.Column(visible=False, sizing_mode="stretch_both", margin=0)
            for name in TWIN_PLACES
        }
        self._hands = KeyboardShortcuts(
            {
                "toggle": self.transport.toggle,
                "step": self._step,
                "reset": self.session.reset,
                **self.sheets.acts,
            },
            self.selection.move,
            width=0,
            height=0,
            margin=0,
        )
        self._equation = html_pane(equation_html(controls))
        self._verdict = html_pane(verdict_html(controls), sizing_mode=None)
        equation = Debouncer(self._write_equation)
        controls.watch(lambda _: equation.ask())
        controls.watch(lambda _: self._location.ask())
        self._viewport.watch(self.weights.main.figure, self.session.look)
        self.selection.param.watch(lambda *_: self.session.look(), ["row", "col"])
        controls.twin.param.watch(lambda _: self._settle_twins(), "twin")
        self._settle_twins()
        # Who chooses a cell wants to see what becomes of it.
        self.selection.param.watch(lambda _: setattr(layout, "cell", True), "chosen")

    @classmethod
    def from_address(cls) -> Dashboard:
        """Return a dashboard with the controls that the query string of the page sets."""
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
        """Mark the page as what the server serves; in a notebook, return it to be shown inline."""
        document = pn.state.curdoc
        if document is None and in_notebook():
            # The notebook is its frame.
            self._address = replace(self._address, embed=True)
            self._layout_of_page.embedded = True
            return Inline(self.page, self._embedded_copy)
        if document is None:
            return self.page().servable(title="Hebbscope")
        serve_own_resources(document)
        with frozen(document):
            return self.page().servable(title="Hebbscope")

    def _embedded_copy(self) -> pn.Template:
        return Dashboard({**self.controls.values(), "embed": "1"}).page()

    def page(self) -> pn.Template:
        """Return the page of the present session; its run starts once it has loaded."""
        template = _Page(page_template())
        template.add_variable("style", page_style())
        template.add_variable("script", page_script())
        template.add_variable("keys", keys_html())
        template.add_panel("clock", self._clock)
        template.add_panel("hands", self._hands)
        template.add_variable("tools", TOOLS)
        template.add_panel("stage", self._layout_of_page)
        template.add_panel("address", self._location)
        template.add_panel("notices", self._notices.panel)
        template.add_panel("lesson", self.lesson)
        template.add_panel("controls", self.sidebar.panel)
        template.add_panel("equation", self._equation)
        layout = self.controls.layout
        template.add_panel("numbers", form_for(layout, "numbers", compact=True))
        template.add_panel("verdict", self._verdict)
        template.add_panel("says", self.says.panel)
        template.add_panel("stages", self._stages)
        template.add_panel("status", self.transport.status)
        template.add_panel("transport", self.transport.panel)
        template.add_panel("weights", self.weights.panel)
        template.add_panel("update", self.update.panel)
        for name, place in self._twin_places.items():
            template.add_panel(name, place)
        template.add_panel("spoken", self.cell.spoken)
        template.add_panel("timeline", self.timeline.panel)
        template.add_panel("switches", self._dock.switches)
        template.add_panel("dock", self._dock.panel)
        for name, place in self.sheets.places.items():
            template.add_panel(f"sheet_{name}", place)
        self._visit.expect()
        return template

    def _start(self) -> None:
        if self._address.steps is not None:
            self.session.go_on(self._address.steps, afresh=True, hurry=True)
        self.session.start()
        self.slow_motion.start()
        self._predictor.start()
        self.recall.curve.refresh()
        self.map.mapper.restart()

    def _stop(self) -> None:
        self.session.stop()
        self.slow_motion.stop()
        self._predictor.stop()
        self.recall.curve.stop()
        self.lesson.stop()
        self.sheets.stop()
        self.map.mapper.stop()

    def _settle_twins(self) -> None:
        """Show what belongs to twins, or hide it; it is made when it is first wanted."""
        on = self.controls.twin.twin
        if on and self._twins is None:
            self._twins = Twins(self.controls, **self._maps)
            for name, place in self._twin_places.items():
                place.append(self._twins.panels[name])
            self.session.add_views(self._twins.views)
        self.traces.show_twin(on)
        for place in self._twin_places.values():
            place.visible = on
        self.weights.label("A" if on else "")
        self.update.label("A" if on else "")
        if not on:
            for name in ("W B", "dW B", "A−B"):
                self._scales.forget(name)

    def address(self) -> Address:
        """Return what an address has to say for the page to open as it is now."""
        lesson = self.lesson.open_lesson
        return replace(
            self._address,
            controls=self.controls.values(() if lesson is None else lesson.settings),
            lesson="" if lesson is None else lesson.name,
            steps=None,
        )

    def _opened_lesson(self, lesson: Lesson | None) -> None:
        self.sidebar.show_only(None if lesson is None else lesson.knobs)
        self._lesson_cell = None if lesson is None else lesson.cell
        self._location.ask()

    def _step(self) -> None:
        if self.controls.transport.slow:
            self.slow_motion.step()
        else:
            self.session.step()

    def _show_stage(self, stage: StepStage | None) -> None:
        """Show a stage of the step in slow motion, or no stage."""
        self._stage = stage
        self.update.stage(None if stage is None else stage.term)
        self._write_equation()
        with pn.io.hold():
            if stage is not None:
                self._stages.object = stages_html(stage)
            self._stages.visible = stage is not None
            self.says.panel.visible = stage is None
        self.session.look()

    def _load_cell(self) -> None:
        """Start the run of a cell of the map: its two controls are set."""
        self.session.reset()
        self.session.playing = True

    def _point_at(self, step: int | None) -> None:
        self.traces.point_at(step)
        self.cell.point_at(step)

    def _write_equation(self) -> None:
        lit = self._stage.lit if self._stage else ()
        write(self._equation, equation_html(self.controls, lit))
        write(self._verdict, verdict_html(self.controls))

    def _show(
        self, parts: tuple[tuple[View, Any], ...], shape: tuple[int, int], counts: bool
    ) -> None:
        if not self.controls.twin.twin:
            # Twins may have gone while a job that was begun with them was under way.
            parts = tuple(part for part in parts if part[0].whose not in ("b", "pair"))
        with pn.io.hold():
            if shape != self._viewport.shape:
                self._viewport.show(shape)
                self.selection.fit(shape)
            if self._lesson_cell is not None:
                # Of the run that the lesson has just begun, whose size is known only now.
                self.selection.point_at(*self._lesson_cell)
                self._lesson_cell = None
            for view, part in parts:
                view.prepare(part)
            for view, part in parts:
                view.draw(part)
            if counts:
                self.session.pace.mark()
        self._notices.tell_waiting()
