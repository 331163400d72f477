"""The page: what goes where, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import panel as pn
from panel.io.notifications import NotificationArea
from panel.io.resources import get_dist_path, patch_model_css

from app.controls import Controls
from app.later import Later
from app.page import html_pane, page_script, page_style, page_template
from app.session import Picture, Session
from app.sidebar import sidebar
from app.stream import FrameClock, Pace, send_at_once
from app.transport import Transport
from app.views.equation import equation_html
from app.views.heatmap import Heatmap, View

__all__ = ["Dashboard"]

# Names in the address that are not controls.
_NOT_CONTROLS = {"theme"}


class Dashboard:
    """One visitor's bench.

    Args:
        values: controls to set at the start, name -> text, as in the address of the page.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.controls = Controls()
        self._complaints = self.controls.apply(values or {})
        self._notices = NotificationArea(
            # Panel's own amber leaves white letters illegible.
            types=[{"type": "warning", "background": "#8a4600", "icon": False}],
            js_events={
                "connection_lost": {
                    "type": "error",
                    "message": "The connection to the server is lost. Reload the page to start again.",
                    "duration": 0,
                }
            },
        )
        self._clock = FrameClock(width=0, height=0, margin=0)
        self._view = View()
        self.weights = Heatmap("W", "weights", self._view)
        self.update = Heatmap("dW", "update asked for, before η", self._view)
        self.session = Session(
            self.controls,
            Pace(self._clock),
            window=self._view.window,
            show=self._show,
            report=lambda status: self.transport.report(status),
            complain=self._complain,
        )
        self.transport = Transport(self.session)
        self._equation = html_pane(equation_html(self.controls))
        equation = Later(self._write_equation)
        self.controls.watch(lambda _: equation.ask())
        self._view.watch(self.weights.main.figure, self.session.look)

    @classmethod
    def from_address(cls) -> Dashboard:
        """Return a dashboard with the controls that the query string of the page sets."""
        pn.extension(notifications=True)
        arguments = pn.state.session_args or {}
        return cls(
            {
                name: values[-1].decode("utf-8", "replace")
                for name, values in arguments.items()
                if name not in _NOT_CONTROLS and values
            }
        )

    def servable(self) -> pn.Template:
        """Mark the page as what the server serves."""
        page = self.page().servable(title="Hebbscope")
        if pn.state.curdoc is not None:
            # Panel points style sheets at the server when it renders the page. With several
            # processes another one may come to serve the session, which renders nothing, and the
            # browser would be sent to a host on the internet.
            for root in pn.state.curdoc.roots:
                patch_model_css(root, dist_url=get_dist_path(cdn=False))
        return page

    def page(self) -> pn.Template:
        """Return the page of the present session; its run starts once it has loaded."""
        template = pn.Template(page_template())
        template.add_variable("style", page_style())
        template.add_variable("script", page_script())
        template.add_panel("clock", self._clock)
        template.add_panel("notices", self._notices)
        template.add_panel("controls", sidebar(self.controls))
        template.add_panel("equation", self._equation)
        template.add_panel("transport", self.transport.panel)
        template.add_panel("weights", self.weights.panel)
        template.add_panel("update", self.update.panel)
        pn.state.onload(self._loaded)
        pn.state.on_session_destroyed(lambda _: self.session.stop())
        return template

    def _loaded(self) -> None:
        for complaint in self._complaints:
            self._complain(complaint)
        if pn.state.curdoc is not None:
            send_at_once(pn.state.curdoc)
        self.session.start()

    def _write_equation(self) -> None:
        self._equation.object = equation_html(self.controls)

    def _complain(self, sentence: str) -> None:
        # The notice is shown as HTML, and may quote what stood in an address.
        self._notices.warning(escape(sentence, quote=False), duration=12_000)

    def _show(self, picture: Picture) -> None:
        with pn.io.hold():
            if picture.shape != self._view.shape:
                self._view.show(picture.shape)
            if picture.fresh:
                self.update.scale.reset()
                self.weights.scale.reset()
            bound: Any = picture.w_bound or None
            self.weights.push(
                picture.weights, picture.window, picture.pre, picture.post, limit=bound
            )
            self.update.push(picture.d_weights, picture.window, picture.pre, picture.post)
            self.session.pace.mark()
