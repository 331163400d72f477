"""The map of many runs, as a visitor uses it."""

import re

import numpy as np
import pytest

from hebb_core.analysis.regime import REGIMES
from hebb_core.sweep import sweep
from hebbscope.controls.controls import Controls
from hebbscope.panels.landscape.mapper import plan_of
from hebbscope.panels.landscape.picture import shown_values

SMALL = {"grid": "8", "map_steps": 60}


def told(visitor):
    return visitor.page.locator(".told[data-of]")


def wait_done(visitor, cells=64):
    visitor.page.locator(f'.told[data-done="{cells}"]', has_text=f"{cells} runs").wait_for(
        timeout=60_000
    )


def at(visitor, x, y, size=8):
    """Pixels of the middle of a cell, in the page."""
    box = visitor.page.locator("#landscape").bounding_box()
    left, below, above, right = 58, 34, 4, 10
    return (
        box["x"] + left + (x + 0.5) / size * (box["width"] - left - right),
        box["y"] + above + (size - y - 0.5) / size * (box["height"] - above - below),
    )


def tip(visitor, x, y):
    """What is told of a cell, by its labels."""
    visitor.page.mouse.move(5, 5)
    visitor.page.mouse.move(*at(visitor, x, y))
    shown = visitor.page.locator(f'.tip dl[data-cell="{x},{y}"]')
    shown.wait_for()
    names = shown.locator("dt").all_inner_texts()
    values = [text.replace("−", "-") for text in shown.locator("dd").all_inner_texts()]
    return dict(zip(names, values, strict=True))


def same_plan(**values):
    controls = Controls()
    assert controls.apply({name: str(value) for name, value in {**SMALL, **values}.items()}) == []
    return plan_of(controls)


@pytest.fixture
def mapped(fresh):
    fresh.switch("map")
    fresh.set(**SMALL)
    wait_done(fresh)
    return fresh


def test_each_cell_tells_what_became_of_its_run(mapped):
    plan = same_plan()
    result = sweep(plan)
    for cell in ((0, 0), (5, 2), (7, 7)):
        said = tip(mapped, *cell)
        assert said["η learning rate"] == f"{plan.axes[0].values[cell[0]]:.3g}"
        assert said["λ strength"] == f"{plan.axes[1].values[cell[1]]:.3g}"
        size = float(shown_values("mean_abs", result["mean_abs"])[cell])
        assert float(said["final mean |W|"]) == pytest.approx(size, rel=0.006)
        regime = list(REGIMES)[int(shown_values("regime", result["regime"])[cell])]
        assert said["regime"] == REGIMES[regime].label
    picture = mapped.page.locator(".tip img")
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 16


def test_a_click_loads_the_cell_into_the_live_synapse(mapped):
    plan = same_plan()
    mapped.wait_frames(25)
    before = mapped.steps()
    mapped.page.mouse.click(*at(mapped, 6, 3))
    eta, strength = plan.axes[0].values[6], plan.axes[1].values[3]
    mapped.wait_number("prior_lambda", strength)
    assert float(mapped.field("eta").input_value()) == pytest.approx(eta, rel=1e-3)
    assert float(mapped.field("prior_lambda").input_value()) == pytest.approx(strength, rel=1e-3)
    # A new run from the same initial weights, so that it becomes what the map says.
    mapped.until(lambda: mapped.steps() < before)
    mapped.wait_frames(5)


def test_it_is_computed_anew_when_another_control_moves(mapped):
    before = tip(mapped, 5, 2)["final mean |W|"]
    mapped.type("w_bound", 3)
    mapped.until(lambda: tip(mapped, 5, 2)["final mean |W|"] != before)
    wait_done(mapped)
    after = tip(mapped, 5, 2)["final mean |W|"]
    expected = sweep(same_plan(w_bound=3))["mean_abs"][5, 2, 0]
    assert float(after) == pytest.approx(float(expected), rel=0.006)
    assert after != before


def test_keys_look_at_cells_and_enter_loads_one(mapped):
    mapped.page.locator("#landscape").focus()
    mapped.page.keyboard.press("ArrowUp")
    shown = mapped.page.locator(".tip dl")
    shown.wait_for()
    x, y = map(int, shown.get_attribute("data-cell").split(","))
    mapped.page.keyboard.press("ArrowRight")
    mapped.page.locator(f'.tip dl[data-cell="{x + 1},{y}"]').wait_for()
    mapped.page.keyboard.press("Enter")
    value = same_plan().axes[0].values[x + 1]
    mapped.wait_number("eta", value)
    assert float(mapped.field("eta").input_value()) == pytest.approx(value, rel=1e-3)
    mapped.page.keyboard.press("Escape")
    shown.wait_for(state="hidden")


def test_outcomes_axes_and_regimes(mapped):
    mapped.choose("outcome", "regime")
    key = mapped.page.locator(".key")
    key.get_by_text("growing").wait_for()
    mapped.choose("map_y", "w_bound")
    # The axis takes the range of its slider.
    mapped.wait_number("y_to", 4)
    assert float(mapped.field("y_to").input_value()) == 4
    wait_done(mapped)
    mapped.until(lambda: "w_bound" in tip(mapped, 2, 2))
    mapped.choose("map_y", "eta")
    told(mapped).filter(has_text="same").wait_for()


def test_a_long_map_shows_progress_refines_and_stops(mapped):
    mapped.type("map_steps", 2000)
    mapped.settle()
    mapped.choose("grid", "64")
    stop = mapped.page.get_by_role("button", name="stop", exact=True)
    told(mapped).filter(has_text=re.compile(r"[1-9]\d* of 4096")).wait_for(timeout=60_000)
    first = int(told(mapped).get_attribute("data-done"))
    mapped.wait_frames(10)  # the run goes on meanwhile
    stop.click()
    told(mapped).filter(has_text="stopped").wait_for()
    stopped = int(told(mapped).get_attribute("data-done"))
    assert first <= stopped < 4096
    mapped.page.wait_for_timeout(700)
    assert int(told(mapped).get_attribute("data-done")) == stopped
    mapped.page.get_by_role("button", name="start again").wait_for()


def test_the_canvas_is_painted_in_both_themes(mapped):
    for theme in ("light", "dark"):
        mapped.theme(theme)
        x, y = at(mapped, 4, 4)
        box = mapped.page.locator("#landscape").bounding_box()
        colours = mapped.page.locator("#landscape").evaluate(
            """(canvas, [x, y]) => {
              const context = canvas.getContext("2d"), r = devicePixelRatio
              return [[x, y], [x, y - 40]].map(([u, v]) => [...context.getImageData(u * r, v * r, 1, 1).data])
            }""",
            [x - box["x"], y - box["y"]],
        )
        assert all(colour[3] == 255 for colour in colours)
        assert not np.array_equal(*colours)
