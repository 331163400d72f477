"""The Recall panel: the output for a stored cue, and accuracy over the number of items."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

import numpy as np
import panel as pn

from hebb_core.analysis.capacity import LoadPoint, load_of, loads_of
from hebb_core.analysis.memory_items import MAX_ITEMS, Items, stored_items
from hebb_core.analysis.not_applicable import NotApplicable
from hebb_core.analysis.recall import accuracy, degrade_each, match, probe, recalled, untaught
from hebb_core.run.steps import run_key
from hebb_core.signals.patterns import PATTERNS, PatternSettings, side_of

from ...session.view import View, ViewContext
from ...ui.form_for import form_for
from ...ui.html_pane import html_pane, write
from ...ui.plot import key_html
from ..context import PanelContext
from ..maps.raster import Raster
from ..panel import Panel, PanelSpec
from .curve import RecallCurve
from .load_plot import LoadPlot

__all__ = ["RecallView"]

# Maximum number of cues × weights of a probe, some 10 ms; with more items, a subset is probed.
_MOST_PRODUCTS = 2**28

_FORM, _PICTURE = 112, 148  # px
_SMALL = """
.compact.number { display: block; padding: 0 0 2px; }
.compact.number .head { min-height: 21px; }
.compact.number label { font-size: 12px; }
.compact.number .entry { width: 46px; height: 20px; padding: 0 4px; font-size: 12px; }
.compact.number .info, .compact.number .again { display: none; }
"""


@dataclass(frozen=True)
class _Asked:
    pattern: PatternSettings
    untaught: NotApplicable | None
    seed: int
    cue: int
    noise: float
    occlusion: float
    grid: bool
    load: int | None
    loads: tuple[int, ...]
    points: tuple[LoadPoint, ...]
    holds: bool


@dataclass(frozen=True)
class _Probed:
    """Result of a probe: one cue in full, and the accuracy over all cues."""

    number: int  # of the cue, from 0
    held: int
    of: int
    cue: np.ndarray
    given: np.ndarray
    output: np.ndarray
    target: np.ndarray
    match: float
    recalled: bool
    accuracy: float


@dataclass(frozen=True)
class _RenderData:
    asked: _Asked
    probed: _Probed | NotApplicable


class RecallView(Panel, View):
    """Panel that presents a stored cue to the synapse, and plots recall accuracy over load.

    The recall controls choose the cue and degrade it; moving one of them pauses the run. Presenting
    a cue does not change W.

    Attributes:
        curve: accuracy over load.
    """

    spec = PanelSpec(
        name="recall",
        label="Recall",
        explanation="Present a stored cue, noisy or partly hidden, and see what is recalled, and how "
        "many items the synapse can hold.",
        share=3.0,
        min_width=430,
        exclusive=True,
        figures={
            "recall cue": "Recall: the cue",
            "recall output": "Recall: the output",
            "recall target": "Recall: the target",
            "recall curve": "Recall: accuracy over load",
        },
    )
    every: ClassVar[int] = 10
    theory: ClassVar[bool] = True

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self._controls = context.controls
        recall = self._recall = context.controls.recall
        self.curve = RecallCurve(
            context.controls, lambda: self.is_open, context.session.refresh_theory
        )
        # Used by the computing thread only: the last items and cues, each with its inputs.
        self._items: tuple[Any, Items | NotApplicable] = (None, NotApplicable(""))
        self._cues: tuple[Any, np.ndarray] = (None, np.zeros((0, 0)))
        recall.param.watch(lambda *_: self._touched(), recall.control_names())
        # Filled when first open, since on each message the server visits all models of the page.
        self.panel = pn.Column(sizing_mode="stretch_both", margin=0)

    def _build(self) -> None:
        self._note, self._told = html_pane("", visible=False), html_pane("")
        self._head = html_pane("")
        self._rasters = {
            "cue": self._raster("recall cue", 74, None),
            "output": self._raster("recall output", 15, "post"),
            "target": self._raster("recall target", 15, "post"),
        }
        self._plot = LoadPlot()
        pictures = [pn.pane.Bokeh(raster.figure, margin=0) for raster in self._rasters.values()]
        self._body = pn.Row(
            pn.Column(
                form_for(
                    self._recall,
                    compact=True,
                    width=_FORM,
                    stylesheets=[_SMALL],
                    styles={"--hebb-group": f"var(--tone-{self._recall.tone})"},
                ),
                self._told,
                width=_FORM,
                margin=0,
            ),
            pn.Column(
                self._head,
                pictures[0],
                html_pane(key_html("output")),
                pictures[1],
                html_pane(key_html("target")),
                pictures[2],
                width=_PICTURE,
                margin=0,
            ),
            self._plot.panel,
            sizing_mode="stretch_both",
            margin=0,
            styles={"gap": "10px"},
        )
        self.panel.extend([self._note, self._body])

    @staticmethod
    def _raster(name: str, height: int, label: str | None) -> Raster:
        raster = Raster("activity", row_label=None, col_label=label, zoom=False, name=name)
        raster.figure.update(width=_PICTURE, height=height, sizing_mode="fixed")
        return raster

    def _touched(self) -> None:
        if self.is_open:
            self.context.session.playing = False

    def start(self) -> None:
        """Compute the curve if the panel is open."""
        self.curve.refresh()

    def stop(self) -> None:
        """Stop computing the curve."""
        self.curve.stop()

    def ask(self) -> _Asked | None:
        """Return the cue to present and the curve so far; None while the panel is closed."""
        if not self.is_open:
            return None
        if not self.panel.objects:
            self._build()
        setup, recall = self._controls.setup(), self._recall
        settings, load = setup.settings(), load_of(setup.pattern)
        return _Asked(
            pattern=settings.pattern,
            untaught=untaught(settings.circuit),
            seed=setup.network.seed,
            cue=int(recall.cue) - 1,
            noise=float(recall.cue_noise),
            occlusion=float(recall.occlusion),
            grid=PATTERNS[setup.pattern].grid,
            load=None if load is None else int(setup.pattern_values.get(load.name, load.default)),
            loads=loads_of(setup.pattern),
            points=self.curve.points,
            holds=self.curve.holds,
        )

    def compute(self, shot: ViewContext, asked: _Asked) -> _RenderData:
        """Present all stored cues to the weights shown."""
        if asked.untaught is not None:
            return _RenderData(asked, asked.untaught)
        frame = shot.frame
        items = self._stored(asked, frame.shape)
        if isinstance(items, NotApplicable):
            return _RenderData(asked, items)
        cues = self._given(asked, items)
        outputs = probe(frame.hyper, frame.weights, frame.biases, cues)
        at = asked.cue % len(items)
        one = slice(at, at + 1)
        return _RenderData(
            asked,
            _Probed(
                at,
                len(items),
                items.of,
                items.cues[at],
                cues[at],
                outputs[at],
                items.targets[at],
                float(match(outputs[one], items.targets[one])[0]),
                bool(recalled(outputs, items.targets)[at]),
                accuracy(outputs, items.targets),
            ),
        )

    def _stored(self, asked: _Asked, shape: tuple[int, int]) -> Items | NotApplicable:
        pattern = asked.pattern
        what = (int(pattern.index), pattern.values.tobytes(), pattern.bank, asked.seed, shape)
        if self._items[0] != what:
            count = min(max(_MOST_PRODUCTS // (shape[0] * shape[1]), 1), MAX_ITEMS)
            self._items = (what, stored_items(pattern, run_key(asked.seed), shape, count))
        return self._items[1]

    def _given(self, asked: _Asked, items: Items) -> np.ndarray:
        what = (self._items[0], asked.noise, asked.occlusion)
        if self._cues[0] != what:
            cues = degrade_each(items.cues, asked.noise, asked.occlusion, run_key(asked.seed))
            self._cues = (what, cues)
        return self._cues[1]

    def draw(self, part: _RenderData) -> None:
        """Show cue, output and curve, or the reason why there are none."""
        asked, probed = part.asked, part.probed
        told = isinstance(probed, _Probed)
        if self._body.visible != told:
            self._body.visible, self._note.visible = told, not told
        if isinstance(probed, NotApplicable):
            write(
                self._note, f'<p class="hebb-note" data-recall="none">{escape(probed.reason)}</p>'
            )
            return
        write(self._told, _told_html(probed))
        spoilt = asked.noise > 0 or asked.occlusion > 0
        write(
            self._head,
            key_html(f"cue {probed.number + 1} of {probed.held}{', as given' if spoilt else ''}"),
        )
        seen = (probed.cue, probed.given) if spoilt else (probed.cue,)
        self._push("cue", _picture(seen, asked.grid))
        self._push("output", probed.output[None])
        self._push("target", probed.target[None])
        self._plot.draw(asked.load, asked.loads, asked.points, probed.accuracy, holds=asked.holds)

    def _push(self, name: str, values: np.ndarray) -> None:
        raster, (rows, cols) = self._rasters[name], values.shape
        # Each has its own scale, since the pattern matters, not its size.
        limit = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
        raster.figure.x_range.update(start=-0.5, end=cols - 0.5)
        raster.figure.y_range.update(start=rows - 0.5, end=-0.5)
        gaps = bool(np.isnan(values).any())
        raster.push(values, limit, rows=(0, 1, rows), cols=(0, 1, cols), gaps=gaps)


def _told_html(probed: _Probed) -> str:
    answer = "recalled" if probed.recalled else "not recalled"
    every = f"all {probed.of}" if probed.held == probed.of else f"{probed.held} out of {probed.of}"
    match = f"{probed.match:.2f}".replace("-", "−")
    return (
        f'<p class="hebb-note"><b data-recall="answer">{answer}</b><br>match '
        f'<b data-recall="match">{match}</b><br>of {every}: '
        f'<b data-recall="accuracy">{probed.accuracy:.0%}</b></p>'
    )


def _picture(seen: tuple[np.ndarray, ...], grid: bool) -> np.ndarray:
    """Return cues as pictures side by side, or as strips, with a gap of NaN between them.

    Args:
        seen: the stored cue and, if it is degraded, the cue as presented; ``(n,)`` each.
        grid: whether to draw pictures even if ``n`` is not a square number.
    """
    n = len(seen[0])
    side = side_of(n)
    if grid or side * side == n:
        tiles = []
        for cue in seen:
            tile = np.full((side * side,), np.nan, np.float32)
            tile[:n] = cue
            tiles.append(tile.reshape(side, side))
        gap = np.full((side, 1), np.nan, np.float32)
        if len(tiles) == 1:
            # Keeps its size when a degraded cue appears beside it.
            tiles.append(np.full((side, side), np.nan, np.float32))
        return np.hstack([tiles[0], gap, tiles[1]])
    if len(seen) == 1:
        return seen[0][None]
    return np.stack([seen[0], np.full(n, np.nan, np.float32), seen[1]])
