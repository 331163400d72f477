"""The Traces panel: sizes of W and dW and shares of the weights over the steps of the run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, HoverTool, Span

from hebb_core.analysis.theory import Prediction
from hebb_core.run.metrics import METRICS

from ...session.predictor import Said
from ...session.view import View, ViewContext
from ...ui.form_for import form_for
from ...ui.html_pane import html_pane
from ...ui.plot import COLOURS, key_html, lean_glyph, pane, small_figure
from ..context import PanelContext
from ..panel import Panel, PanelSpec
from ..theory.view import predicted_size

__all__ = ["TracesView"]

#: Number of steps shown in the recent span.
RECENT_STEPS = 300

_HEAD = 36  # px
_FIELD = 20  # px
_SMALL = f".compact.choice select {{ height: {_FIELD}px; padding: 0 2px; font-size: 11px; }}"


@dataclass(frozen=True)
class _Line:
    metric: str
    colour: str
    label: str


_SIZE = (_Line("mean_abs", "blue", "mean"), _Line("max_abs", "purple", "max |W|"))
_UPDATE = (_Line("d_norm", "purple", "‖dW‖"),)
_SHARES = (
    _Line("saturated", "orange", "saturated"),
    _Line("near_zero", "grey", "near 0"),
    _Line("match", "green", "match"),
)


@dataclass(frozen=True)
class _RenderData:
    columns: dict[str, np.ndarray]
    marks: dict[str, Any]
    bound: float
    predicted: dict[str, np.ndarray]
    twin: dict[str, np.ndarray] | None


class TracesView(Panel, View):
    """Panel with three small plots over one axis of steps."""

    spec = PanelSpec(
        name="traces",
        label="Traces",
        explanation="Sizes of the weights, of the update, and shares of the weights, over the steps.",
        share=3.0,
        min_width=320,
        opened=True,
        figures={"traces": "Traces"},
    )
    every: ClassVar[int] = 8
    live: ClassVar[bool] = True
    theory: ClassVar[bool] = True
    whose = "both"

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self._layout = context.controls.layout
        self._source: Any = ColumnDataSource(data={name: [] for name in ("step", *METRICS)})
        self._marks = ColumnDataSource(data={"step": [], "what": []})
        self._theory: Any = ColumnDataSource(data={"step": [], "size": []})
        self._twin: Any = None  # created with the first twin
        self._plots: list[tuple[Any, tuple[_Line, ...]]] = []
        self._cursors: list[Span] = []

        self._size = self._figure("trace size", _SIZE)
        self._bound = Span(
            dimension="width",
            location=1.0,
            line_color=COLOURS["orange"],
            line_dash="dashed",
            line_width=1.5,
            line_alpha=0.8,
        )
        self._size.add_layout(self._bound)
        prediction = self._size.line(
            "step",
            "size",
            source=self._theory,
            line_color=COLOURS["green"],
            line_dash="dotted",
            line_width=2.5,
            name="prediction",
        )
        lean_glyph(prediction)
        self._size.y_range.start = 0
        update = self._figure("trace update", _UPDATE, y_axis_type="log")
        shares = self._figure("trace shares", _SHARES)
        for plot in (update, shares):
            plot.x_range = self._size.x_range
        self._key = html_pane(self._key_html(), height=_HEAD)
        self.panel = pn.Row(
            self._column(self._key, self._size),
            self._column(
                html_pane(key_html("", ("purple", "solid", "‖dW‖ (log)")), height=_HEAD - _FIELD),
                update,
                form_for(self._layout, "span", compact=True, width=92, stylesheets=[_SMALL]),
            ),
            self._column(
                html_pane(
                    key_html("", *((line.colour, "solid", line.label) for line in _SHARES)),
                    height=_HEAD,
                ),
                shares,
            ),
            sizing_mode="stretch_both",
            margin=0,
            styles={"gap": "8px"},
        )
        context.selection.param.watch(lambda event: self._point_at(event.new), "past_step")
        context.controls.twin.param.watch(lambda event: self._show_twin(event.new), "twin")
        self._show_twin(context.controls.twin.twin)

    @staticmethod
    def _column(head: Any, plot: Any, *under: Any) -> pn.Column:
        return pn.Column(
            head,
            *under,
            pane(plot),
            sizing_mode="stretch_both",
            margin=0,
            styles={"min-width": "90px"},
        )

    @staticmethod
    def _key_html(*more: tuple[str, str, str]) -> str:
        return key_html(
            "",
            *more,
            *((line.colour, "solid", line.label) for line in _SIZE),
            ("orange", "dashed", "bound"),
            ("green", "dotted", "theory"),
        )

    def _figure(self, name: str, lines: tuple[_Line, ...], **params: Any) -> Any:
        plot = small_figure(name, x_label="step", **params)
        plot.x_range.range_padding = 0.0
        plot.y_range.range_padding = 0.12
        spans = plot.vspan(
            "step", source=self._marks, line_color=COLOURS["pink"], line_width=1, line_alpha=0.55
        )
        plot.add_tools(
            HoverTool(renderers=[spans], tooltips=[("moved", "@what"), ("step", "@step")])
        )
        lean_glyph(spans)
        drawn = [
            lean_glyph(
                plot.line(
                    "step",
                    line.metric,
                    source=self._source,
                    line_color=COLOURS[line.colour],
                    line_width=1.8,
                )
            )
            for line in lines
        ]
        plot.x_range.renderers = drawn[:1]
        plot.y_range.renderers = drawn
        tooltips = [("step", "@step")]
        tooltips += [(line.label, f"@{line.metric}{{0.000}}") for line in lines]
        plot.add_tools(
            HoverTool(renderers=drawn[:1], tooltips=tooltips, mode="vline", attachment="left")
        )
        cursor = Span(dimension="height", location=0, visible=False, line_color=COLOURS["blue"])
        plot.add_layout(cursor)
        self._cursors.append(cursor)
        self._plots.append((plot, lines))
        return plot

    def _show_twin(self, on: bool) -> None:
        """Show the twin in the key if ``on``; when first shown, add its dashed lines to the plots."""
        self._key.object = self._key_html(*[("grey", "dashed", "twin B")] * on)
        if not on or self._twin is not None:
            return
        self._twin = ColumnDataSource(data={name: [] for name in ("step", *METRICS)})
        for plot, lines in self._plots:
            for line in lines:
                drawn = lean_glyph(
                    plot.line(
                        "step",
                        line.metric,
                        source=self._twin,
                        line_color=COLOURS[line.colour],
                        line_width=1.8,
                        line_dash=[3, 3],
                        name=f"twin {line.metric}",
                    )
                )
                plot.y_range.renderers = [*plot.y_range.renderers, drawn]

    def ask(self) -> tuple[str, Said] | None:
        """Return the span of steps and the prediction; None while the panel is closed."""
        return (self._layout.span, self.context.theory.said) if self.is_open else None

    def compute(self, shot: ViewContext, asked: tuple[str, Said]) -> _RenderData:
        """Collect the columns of synapse A and, if there is a twin, the columns of the twin."""
        span, said = asked
        columns = _columns(shot, span)
        twin = None if shot.twin is None else _columns(shot.twin, span)
        first, last = (int(columns["step"][end]) for end in (0, -1))
        marks = [mark for mark in shot.traces.marks if mark.step >= first]
        focus = shot.focus
        theory_steps, sizes = self._predicted(focus, said, first, last)
        return _RenderData(
            columns,
            {
                "step": [mark.step for mark in marks],
                "what": [", ".join(sorted(mark.controls)) for mark in marks],
            },
            focus.w_bound,
            {"step": theory_steps, "size": sizes},
            twin,
        )

    @staticmethod
    def _predicted(shot: ViewContext, said: Said, first: int, last: int) -> tuple[Any, Any]:
        if not isinstance(said, Prediction):
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        exist = math.prod(shot.frame.shape) * float(np.asarray(shot.frame.previous.mask).mean())
        weights = np.asarray(shot.frame.weights)
        return predicted_size(said, weights, shot.traces, first, last, exist)

    def draw(self, part: _RenderData) -> None:
        """Update the lines, the marks and the bound."""
        self._source.data = part.columns
        if self._twin is not None and (part.twin is not None or len(self._twin.data["step"])):
            self._twin.data = part.twin or {name: [] for name in part.columns}
        if part.marks != self._marks.data:
            self._marks.data = part.marks
        self._theory.data = part.predicted
        if part.bound > 0:
            self._bound.update(location=part.bound, visible=True)
        elif self._bound.visible:
            self._bound.visible = False

    def _point_at(self, step: int | None) -> None:
        """Mark the step of the past frame shown with a vertical line; remove the line if None."""
        for cursor in self._cursors:
            if step is None:
                cursor.visible = False
            else:
                cursor.update(location=step, visible=True)


def _columns(shot: ViewContext, span: str) -> dict[str, np.ndarray]:
    """Return the columns of one run; a ‖dW‖ of zero becomes NaN, a gap on the log axis."""
    traces = shot.traces
    steps, values = traces.whole() if span == "whole" else traces.recent(RECENT_STEPS)
    if not len(steps):
        # Before the first step, show the preview.
        steps, values = np.array([shot.frame.step]), shot.frame.record[:1]
    columns = {name: values[:, metric.column] for name, metric in METRICS.items()}
    columns["d_norm"] = np.where(columns["d_norm"] > 0, columns["d_norm"], np.nan)
    return {"step": steps.astype(np.int32), **columns}
