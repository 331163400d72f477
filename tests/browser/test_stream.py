"""Streaming: paced by the browser, no more pixels than are shown, live under the pointer."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect


def test_a_browser_that_stops_painting_stops_the_traffic(bench):
    bench.open()
    # What a hidden tab does: it goes on running, but is never given an animation frame.
    bench.page.evaluate(
        "window.kept = window.requestAnimationFrame; window.requestAnimationFrame = () => 0"
    )
    bench.wait_quiet(0.5)
    received, frames = bench.received, bench.frames()
    bench.page.wait_for_timeout(1500)
    assert bench.received == received
    assert bench.frames() == frames


def test_a_slow_client_sees_fewer_frames_and_no_lag(fresh):
    def rate(frames):
        start = fresh.page.evaluate("performance.now()")
        fresh.wait_frames(frames)
        return frames / (fresh.page.evaluate("performance.now()") - start)

    session = fresh.page.context.new_cdp_session(fresh.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 8})
    try:
        fresh.wait_frames(4)
        slow = rate(6)
        fresh.type("w_bound", 3)
        # By now dozens would have piled up, if they did.
        before = fresh.frames()
        shown = fresh.page.wait_for_function(
            """() => Bokeh.documents[0].get_model_by_name("W").renderers[0].glyph.color_mapper.high === 3
              && window.hebbscope.frames"""
        )
        assert shown.json_value() - before <= 6
    finally:
        session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        session.detach()
    fresh.wait_frames(5)
    assert rate(15) > 1.3 * slow


def test_a_large_matrix_is_reduced_and_zooming_shows_it_in_full(fresh):
    fresh.set(n_pre=1024, n_post=1024, steps_per_frame=1, eta=0)
    fresh.pause()
    box = fresh.page.locator('[data-map="W"]').bounding_box()
    whole = fresh.matrix("W")
    assert whole["row_units"][2] == whole["col_units"][2] == 1024
    assert whole["row_units"][1] > 1
    assert whole["rows"] <= box["height"]
    assert whole["cols"] <= box["width"]
    fresh.page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"])
    for _ in range(12):
        fresh.page.mouse.wheel(0, -400)
        fresh.settle()
    fresh.until(lambda: fresh.matrix("W")["row_units"][1] == 1)
    fresh.until(lambda: fresh.matrix("W")["col_units"][1] == 1)
    fresh.settle()
    close = fresh.matrix("W")
    assert close["row_units"][1] == close["col_units"][1] == 1
    assert close["type"] == "float32"
    assert close["row_units"][0] > 0
    # Both maps moved together, and a double click brings the whole back.
    assert fresh.matrix("dW")["row_units"] == close["row_units"]
    fresh.page.mouse.dblclick(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"])
    fresh.until(lambda: fresh.matrix("W")["row_units"] == whole["row_units"])
    fresh.settle()
    assert fresh.matrix("W")["row_units"] == whole["row_units"]


def test_a_large_matrix_shows_what_is_in_it(fresh):
    fresh.set(n_pre=1000, n_post=600, eta=0, weight_init="eye")
    fresh.pause()
    shown = fresh.matrix("W")
    weights = np.array(shown["values"]).reshape(shown["rows"], shown["cols"])
    rows, cols = np.nonzero(weights)
    assert len(rows) > 100
    first_row = rows * shown["row_units"][1]
    first_col = cols * shown["col_units"][1]
    assert (np.abs(first_row - first_col) < max(shown["row_units"][1], shown["col_units"][1])).all()
    assert weights[rows, cols] == pytest.approx(1.0)


def hover_text(bench):
    tip = bench.page.locator(".bk-tooltip-content").first
    tip.wait_for()
    return tip.inner_text()


def test_hover_tells_pre_post_and_value_live(fresh):
    bench = fresh
    bench.set(n_pre=8, n_post=4, pattern="one_hot", circuit="teacher", steps_per_frame=1)
    bench.settle()
    box = bench.page.locator('[data-map="W"]').bounding_box()
    bench.page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"])
    bench.page.mouse.move(box["x"] + 0.6 * box["width"] + 3, box["y"] + 0.6 * box["height"] + 3)
    text = hover_text(bench)
    assert re.search(r"pre\W+\d", text)
    assert re.search(r"post\W+\d", text)
    assert re.search(r"W\W+−?\d", text)
    seen = {text}
    for _ in range(20):
        bench.wait_frames(3)
        seen.add(hover_text(bench))
        if len(seen) > 3:
            break
    assert len(seen) > 3, "the value under a resting pointer does not move"


def test_hover_tells_the_value_that_is_there(fresh):
    bench, text = fresh, ""
    bench.set(n_pre=8, n_post=4, eta=0)
    bench.pause()
    shown = bench.matrix("W")
    weights = np.array(shown["values"]).reshape(8, 4)
    box = bench.page.locator('[data-map="W"]').bounding_box()
    for x, y in ((0.4, 0.4), (0.7, 0.8)):
        bench.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        tip = bench.page.locator(".bk-tooltip-content").first
        expect(tip).not_to_have_text(text or " ")
        text = hover_text(bench)
        pre = int(re.search(r"pre\W+(\d+)", text)[1])
        post = int(re.search(r"post\W+(\d+)", text)[1])
        value = float(re.search(r"W\W+([\d.]+)", text)[1])
        assert value == pytest.approx(weights[pre, post], rel=1e-3)


def test_without_a_bound_the_scale_follows_the_weights(fresh):
    fresh.set(w_bound=0, prior="constant", eta=0.5, steps_per_frame=1)
    first = fresh.matrix("W")["high"]
    fresh.until(lambda: fresh.matrix("W")["high"] > first)
    shown = fresh.matrix("W")
    assert shown["high"] > first
    assert shown["high"] >= max(map(abs, shown["values"]))


def test_weights_that_break_are_told_in_plain_words(bench):
    bench.open("?w_bound=0&prior=constant&eta=5&circuit=linear&pattern=random_binary", frames=1)
    told = bench.page.locator(".notyf__message", has_text="Weights stopped being finite")
    told.wait_for()
    assert "Turn down η (now 5)" in told.inner_text()
    bench.page.get_by_role("button", name="Play").wait_for()
    assert np.isfinite(bench.matrix("W")["values"]).all()
    # Turned down and reset, as the notice says, the run goes on.
    bench.type("eta", 0.001)
    bench.press("Reset")
    bench.settle()
    assert bench.steps() == 0
    bench.press("Play")
    bench.wait_frames(10)
    bench.until(lambda: bench.steps() > 0)


def test_resizing_the_window_changes_what_is_sent(bench):
    bench.open("?n_pre=700&n_post=700&eta=0")
    bench.pause()
    wide = bench.matrix("W")
    bench.page.set_viewport_size({"width": 1000, "height": 420})
    bench.page.wait_for_function(
        "rows => Bokeh.documents[0].get_model_by_name('W').renderers[0].data_source.data.image[0].shape[0] < rows",
        arg=wide["rows"],
        polling=50,
    )
    bench.page.set_viewport_size({"width": 1440, "height": 900})
