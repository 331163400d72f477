"""Conversion of a map to the JSON and HTML that its chart shows: cells, ticks, key, lines."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from html import escape

import numpy as np
from bokeh.palettes import Cividis256

from hebb_core.analysis.regime import REGIMES
from hebb_core.sweep import OUTCOMES, Axis, Plan, SweepResult

from ...controls.landscape_controls import AXES
from ...ui.thumb import thumb_url
from .boundaries import Boundary

__all__ = ["REGIME_COLOURS", "filled", "picture_json", "place_of", "shown_values", "tip_html"]

#: Colour of each regime; they differ in lightness as well (after Okabe & Ito 2008).
REGIME_COLOURS: dict[str, str] = {
    "starting": "#b8bec9",
    "diverging": "#3a0d0d",
    "oscillating": "#cc3d1f",
    "saturated": "#f0a33a",
    "unlearning": "#cc79a7",
    "decaying": "#8fc9f2",
    "growing": "#f2e26b",
    "converging": "#2a9d78",
    "steady": "#1b4f9c",
}

_BLANK = 255
_FRACTIONS = {"saturated", "near_zero"}
_RAMP = tuple(Cividis256[round(i * 255 / 254)] for i in range(255))


def shown_values(outcome: str, values: np.ndarray) -> np.ndarray:
    """Return one number per cell: the mean over seeds, or the index of the commonest regime.

    Args:
        outcome: key of :data:`hebb_core.sweep.OUTCOMES`.
        values: its values, ``(…, seeds)``; NaN where undefined.

    Returns:
        ``(…)`` float64; NaN if all seeds are NaN.
    """
    if OUTCOMES[outcome].categories:
        counts = [(values == place).sum(axis=-1) for place in range(len(REGIMES))]
        return np.where(np.isnan(values).all(axis=-1), np.nan, np.argmax(counts, axis=0))
    told = np.isfinite(values)
    total = np.where(told, values, 0.0).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / told.sum(axis=-1)


def filled(values: np.ndarray, done: np.ndarray) -> np.ndarray:
    """Return ``values`` with each cell that is not ``done`` filled from a coarser neighbour."""
    shape = values.shape
    shown = np.full(shape, np.nan)
    stride = 1
    while stride < max(shape):
        stride *= 2
    while stride >= 1:
        places = np.ix_(*(np.arange(size) // stride * stride for size in shape))
        shown = np.where(done[places], values[places], shown)
        stride //= 2
    return shown


def place_of(axis: Axis, value: float) -> float | None:
    """Return the position of ``value`` on ``axis``, in cells from the first.

    None if the axis is logarithmic and ``value`` is not positive.
    """
    values = np.array(axis.values)
    if len(values) < 2 or values[0] == values[-1]:
        return 0.0
    scale = np.log if _is_log(axis) else np.asarray
    if _is_log(axis) and value <= 0:
        return None
    low, high = scale(values[0]), scale(values[-1])
    return float((scale(value) - low) / (high - low) * (len(values) - 1))


def _is_log(axis: Axis) -> bool:
    values = np.array(axis.values)
    if len(values) < 3 or (values <= 0).any():
        return False
    return bool(np.isclose(values[1] / values[0], values[-1] / values[-2]))


def _ticks(axis: Axis, most: int) -> list[tuple[float, str]]:
    low, high = sorted((axis.values[0], axis.values[-1]))
    if low == high:
        return [(0.0, _short(low))]
    if _is_log(axis):
        decades = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
        every = max(1, round(len(decades) / most))
        wanted = [
            m * 10.0**d for d in decades[::every] for m in ((1,) if len(decades) > 2 else (1, 2, 5))
        ]
    else:
        rough = (high - low) / most
        size = 10.0 ** np.floor(np.log10(rough))
        step = next(m * size for m in (1, 2, 5, 10) if m * size >= rough * 0.999)
        wanted = list(
            np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
        )
    edge = 1e-9 * (high - low)
    return [
        (place, _short(value))
        for value in wanted
        if low - edge <= value <= high + edge and (place := place_of(axis, value)) is not None
    ]


def _short(value: float) -> str:
    value += 0.0  # no −0
    text = f"{value:.3g}" if value == 0 or 1e-3 <= abs(value) < 1e4 else f"{value:.0e}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("-", "−")


def _label(name: str) -> str:
    return AXES[name].param[name].label or name


def picture_json(
    plan: Plan, result: SweepResult, done: np.ndarray, outcome: str, lines: Sequence[Boundary]
) -> str:
    """Return the picture of a map as JSON, for ``chart.js``.

    Args:
        plan: a sweep of two axes: across, up.
        result: its outcomes so far.
        done: ``(nx, ny)`` bool, True for each computed cell.
        outcome: outcome to show, key of :data:`hebb_core.sweep.OUTCOMES`.
        lines: lines to draw over the cells; if several lines have the same name, only the first is
            labelled.
    """
    values = filled(shown_values(outcome, result[outcome]), done)
    told = np.isfinite(values)
    if OUTCOMES[outcome].categories:
        palette = [REGIME_COLOURS[name] for name in REGIMES]
        levels = np.where(told, values, 0)
        present = [name for place, name in enumerate(REGIMES) if (values[told] == place).any()]
        key = "".join(
            f'<span><i style="background:{REGIME_COLOURS[name]}"></i>{escape(REGIMES[name].label)}</span>'
            for name in present
        )
    else:
        palette = list(_RAMP)
        low, high = _span(values[told], outcome)
        levels = np.clip(np.rint((np.where(told, values, low) - low) / (high - low) * 254), 0, 254)
        stops = ", ".join(_RAMP[i] for i in range(0, 255, 32))
        key = (
            f"<b>{escape(OUTCOMES[outcome].label)}</b><span>{_short(low)}<i class='ramp' "
            f'style="background:linear-gradient(to right, {stops})"></i>{_short(high)}</span>'
        )
    cells = np.where(told, levels, _BLANK).astype(np.uint8)
    across, up = plan.axes
    labelled: set[str] = set()

    def label(line: Boundary) -> str:
        first = line.name not in labelled
        labelled.add(line.name)
        return line.label if first else ""

    return json.dumps(
        {
            "size": list(plan.shape),
            "cells": base64.b64encode(np.ascontiguousarray(cells.T).tobytes()).decode(),
            "palette": palette,
            "key": key,
            "labels": [_label(across.name), _label(up.name)],
            "x_ticks": _ticks(across, 6),
            "y_ticks": _ticks(up, 5),
            "lines": [
                {
                    "name": line.name,
                    "label": label(line),
                    "dash": line.dash,
                    "points": np.round(line.points, 3).tolist(),
                }
                for line in lines
            ],
        }
    )


def _span(values: np.ndarray, outcome: str) -> tuple[float, float]:
    if outcome in _FRACTIONS or values.size == 0:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if outcome == "mean_abs":
        low = 0.0
    return (low, high) if high > low else (low, low + 1.0)


def tip_html(plan: Plan, result: SweepResult, cell: tuple[int, int]) -> str:
    """Return the tooltip of one cell: its settings, its outcomes and a thumbnail of its W."""
    rows = [
        (_label(axis.name), f"{axis.values[place]:.3g}")
        for axis, place in zip(plan.axes, cell, strict=True)
    ]
    for name, outcome in OUTCOMES.items():
        value = float(shown_values(name, result[name][cell]))
        if outcome.categories:
            text = REGIMES[outcome.categories[int(value)]].label if np.isfinite(value) else "–"
        else:
            text = f"{value:.3g}" if np.isfinite(value) else "–"
        rows.append((outcome.label, text))
    listed = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text).replace('-', '−')}</dd>" for name, text in rows
    )
    picture = thumb_url(result.weights[cell])
    shown = f'<img alt="W at the end of this run" src="{picture}">' if picture else ""
    return f'{shown}<dl data-cell="{cell[0]},{cell[1]}">{listed}</dl>'
