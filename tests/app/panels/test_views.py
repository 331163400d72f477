"""Colours and scales, without a browser."""

import numpy as np
import pytest
from bokeh.document import Document

from hebb_core.run.engine import Engine, Network, Settings
from hebb_core.run.history import History
from hebbscope.controls.layout_controls import LayoutControls
from hebbscope.panels.maps.heatmap import WeightHeatmap, _part
from hebbscope.panels.maps.raster import EXACT_CELLS, Raster
from hebbscope.panels.maps.scale import AutoScale, Scales, nice_ceiling
from hebbscope.session.selection import Selection
from hebbscope.session.traces import Traces
from hebbscope.session.view import ViewContext
from hebbscope.ui.palette import DIVERGING, LEVELS, css_gradient
from hebbscope.ui.viewport import Viewport


def rgb(colour):
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def test_zero_is_white_and_the_ends_are_blue_and_red():
    assert len(DIVERGING) == LEVELS
    assert DIVERGING[LEVELS // 2] == "#ffffff"
    low, high = rgb(DIVERGING[0]), rgb(DIVERGING[-1])
    assert low[2] > 2 * low[0]
    assert high[0] > 2 * high[2]


def luminance(colours):
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_lightness_falls_on_both_sides_of_zero():
    light = luminance(np.array([rgb(c) for c in DIVERGING]))
    half = LEVELS // 2
    assert (np.diff(light[: half + 1]) >= -1e-3).all()
    assert (np.diff(light[half:]) <= 1e-3).all()


def test_blue_and_red_stay_apart_without_red_or_green_cones():
    # Viénot, Brettel & Mollon 1999: protanopia and deuteranopia in linear RGB.
    colours = np.array([rgb(c) for c in DIVERGING])
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    for first, second in ((0.11238, 0.88762), (0.29275, 0.70725)):
        seen = linear.copy()
        seen[:, 0] = seen[:, 1] = first * linear[:, 0] + second * linear[:, 1]
        for share in (0.3, 0.6, 1.0):
            step = int(share * (LEVELS // 2))
            below, above = seen[LEVELS // 2 - step], seen[LEVELS // 2 + step]
            assert np.abs(np.sqrt(below) - np.sqrt(above)).max() > 0.15


def test_the_gradient_runs_from_end_to_end():
    gradient = css_gradient()
    assert DIVERGING[0] in gradient
    assert DIVERGING[-1] in gradient
    assert "#ffffff" in gradient


@pytest.mark.parametrize(
    ("value", "ceiling"),
    [(0.9, 1), (1, 1), (1.1, 2), (2.5, 5), (5.1, 10), (0.1 + 0.2 - 0.1, 0.2), (3e-7, 5e-7)],
)
def test_nice_ceilings(value, ceiling):
    assert nice_ceiling(value) == pytest.approx(ceiling)


def test_a_scale_grows_at_once_and_shrinks_late():
    scale = AutoScale()
    assert scale.follow(0.8) == 1
    assert scale.follow(7) == 10
    assert [scale.follow(1) for _ in range(20)] == [10] * 20
    assert [scale.follow(9), scale.follow(1)] == [10, 10]
    for _ in range(60):
        last = scale.follow(1)
    assert last == 1


def test_a_scale_does_not_flicker_on_noise():
    noise = np.random.default_rng(0).uniform(0.5, 0.99, 500)
    scale = AutoScale()
    assert len({scale.follow(peak) for peak in noise}) == 1


def test_a_scale_ignores_silence():
    scale = AutoScale()
    scale.follow(3)
    assert {scale.follow(0) for _ in range(100)} == {5}


def pushed(values, limit=1.0):
    raster = Raster("W")
    r, c = values.shape
    raster.push(values, limit, rows=(0, 1, r), cols=(0, 1, c))
    return raster, raster._source.data


def test_small_images_travel_exactly():
    values = np.random.default_rng(0).normal(size=(64, 32)).astype(np.float32)
    raster, data = pushed(values, 3.0)
    assert data["image"][0].dtype == np.float32
    np.testing.assert_array_equal(data["image"][0], values)
    assert (raster._mapper.low, raster._mapper.high) == (-3.0, 3.0)


def test_large_images_travel_as_bytes_within_half_a_colour():
    side = int(EXACT_CELLS**0.5) + 1
    values = np.random.default_rng(0).uniform(-1, 1, (side, side)).astype(np.float32)
    raster, data = pushed(values, 2.0)
    image = data["image"][0]
    assert image.dtype == np.int8
    np.testing.assert_allclose(image * data["unit"][0], values, atol=1.01 / 127)
    assert raster._mapper.high == 127


def test_only_pixels_travel_while_nothing_else_changes():
    raster, _ = pushed(np.zeros((4, 3), np.float32))
    events = []
    document = Document()
    document.add_root(raster.figure)
    document.on_change(lambda event: events.append(event))
    raster.push(np.ones((4, 3), np.float32), 1.0, rows=(0, 1, 4), cols=(0, 1, 3))
    assert [getattr(event, "cols", None) for event in events] == [["image"]]


def shot_of(frame, **changed):
    return ViewContext(
        **{
            "frame": frame,
            "serial": 0,
            "w_bound": 0.0,
            "fresh": True,
            "history": History(),
            "traces": Traces(),
            **changed,
        }
    )


def test_the_heatmap_places_its_cells():
    viewport, layout = Viewport(), LayoutControls()
    heatmap = WeightHeatmap(
        "W",
        viewport=viewport,
        scales=Scales(),
        selection=Selection(),
        layout=layout,
        control="scale",
    )
    viewport.show((40, 20))
    frame = Engine(Network(40, 20)).preview(Settings.default())
    part = heatmap.compute(shot_of(frame), heatmap.ask())
    heatmap.prepare(part)
    heatmap.draw(part)
    data = heatmap.main._source.data
    assert (data["x"], data["y"], data["dw"], data["dh"]) == ([-0.5], [-0.5], [20], [40])
    np.testing.assert_array_equal(data["image"][0], frame.weights)
    assert heatmap.main._mapper.high == 1.0
    assert heatmap.pre._source.data["image"][0].shape == (40, 1)
    assert heatmap.post._source.data["image"][0].shape == (1, 20)


def test_scales_of_two_maps():
    scales = Scales()
    scales.note("W", 1.0)
    scales.note("dW", 0.2)
    assert scales.limit("W", "auto") == 1.0
    assert scales.limit("dW", "auto") == 0.2
    # Both are noted before any is drawn, so that one picture is enough to share a scale.
    scales.note("W", 1.0)
    scales.note("dW", 5.0)
    assert scales.limit("W", "shared") == scales.limit("dW", "shared") == 5.0
    scales.note("W", 0.5)
    assert scales.limit("W", "fixed") == 5.0
    assert scales.limit("W", "auto") == 0.5


def test_strips_keep_the_largest_of_a_block():
    signal = np.zeros((2, 10), np.float32)
    signal[0, 7], signal[1, 2] = -3, 2
    part = _part(signal, 0, 3, 4)
    np.testing.assert_array_equal(part, [[0, -3, 0], [2, 0, 0]])


def test_a_new_shape_is_shown_whole():
    viewport = Viewport()
    viewport.show((100, 50))
    viewport.x_range.start = 20
    look = viewport.look()
    assert look.window((100, 50)).col > 0 or look.window((100, 50)).cols == 50
    other = look.window((30, 60))
    assert (other.row, other.col, other.rows, other.cols) == (0, 0, 30, 60)
