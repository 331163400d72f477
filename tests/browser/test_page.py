"""The main loop as a visitor uses it."""

import re

import numpy as np
import pytest

from .bench_page import BenchPage


def test_opens_running_and_streams(bench):
    bench.open()
    first, steps = bench.matrix("W")["values"], bench.steps()
    painted = bench.picture("W")
    bench.wait_frames(10)
    bench.until(lambda: bench.number("frames/s") > 5 and bench.steps() > steps)
    assert bench.matrix("W")["values"] != first
    assert bench.picture("W") != painted
    assert bench.steps() > steps
    assert bench.number("frames/s") > 5
    assert bench.number("steps/s") > 5


def test_structure_forms_within_ten_seconds(bench):
    bench.open(frames=1)

    def formed():
        weights = bench.values("W")
        rows, cols = np.indices(weights.shape)
        gap = np.abs(rows / weights.shape[0] - cols / weights.shape[1])
        near = np.minimum(gap, 1 - gap) < 0.06
        far = np.minimum(gap, 1 - gap) > 0.3
        size = weights[near].mean()
        return size > 0.3 and size > 5 * abs(weights[far].mean())

    bench.until(formed)
    # Ten seconds at the pace of a busy machine.
    assert bench.frames() < 150


@pytest.mark.parametrize("share", [0.05, 0.6])
def test_dragging_w_bound_changes_scale_and_weights(fresh, share):
    fresh.drag("w_bound", share)
    fresh.settle()
    fresh.wait_frames(3)
    shown = fresh.matrix("W")
    bound = float(fresh.field("w_bound").input_value())
    assert bound == pytest.approx(4 * share, abs=0.15)
    assert shown["high"] == pytest.approx(bound)
    assert shown["low"] == -shown["high"]
    assert max(map(abs, shown["values"])) <= bound * (1 + 1e-6)


def test_a_slider_acts_while_it_is_dragged(fresh):
    slider = fresh.slider("w_bound")
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    fresh.page.mouse.move(box["x"] + box["width"] / 4, middle)
    fresh.page.mouse.down()
    fresh.page.mouse.move(box["x"] + box["width"] * 0.75, middle, steps=5)
    fresh.settle()
    assert fresh.matrix("W")["high"] == pytest.approx(3, abs=0.2)
    fresh.page.mouse.up()


def test_eta_zero_freezes_weights_and_eta_moves_them(fresh):
    fresh.type("eta", 0)
    fresh.settle()
    held = fresh.matrix("W")["values"]
    fresh.wait_frames(10)
    assert fresh.matrix("W")["values"] == held
    fresh.drag("eta", 0.8)
    fresh.settle()
    fresh.wait_frames(3)
    assert fresh.matrix("W")["values"] != held


def test_prior_pulls_weights_down(fresh):
    fresh.set(circuit="independent", activity=0.1)
    fresh.settle()
    before = np.abs(fresh.matrix("W")["values"]).mean()
    fresh.choose("prior", "l1")
    fresh.type("prior_lambda", 0.5)
    fresh.until(lambda: np.abs(fresh.values("W")).mean() < 0.5 * before)


def test_only_the_knobs_that_apply_are_shown(fresh):
    fresh.set(prior="constant")
    fresh.field("prior_lambda").wait_for(state="hidden")
    fresh.choose("prior", "elastic_net")
    fresh.field("l1_ratio").wait_for()
    assert fresh.field("prior_lambda").is_visible()
    fresh.choose("prior", "l2")
    fresh.field("l1_ratio").wait_for(state="hidden")
    assert fresh.field("prior_lambda").is_visible()


def test_sign_turns_growth_into_shrinking(fresh):
    fresh.set(prior="constant", steps_per_frame=20)
    fresh.says_verdict("co-active weights grow")
    fresh.until(lambda: fresh.steps() > 240)
    grown = fresh.values("W").mean()
    fresh.page.get_by_role("button", name="+1 anti-Hebbian").click()
    fresh.says_verdict("co-active weights shrink")
    fresh.until(lambda: fresh.values("W").mean() < grown - 0.05)


def test_pause_ends_all_traffic(fresh):
    fresh.pause()
    fresh.wait_quiet()
    steps, received = fresh.steps(), fresh.received
    fresh.page.wait_for_timeout(2000)
    assert fresh.received == received
    assert fresh.steps() == steps


def test_one_preview_while_paused(fresh):
    fresh.pause()
    frames, weights, update = fresh.frames(), fresh.matrix("W")["values"], fresh.matrix("dW")
    fresh.type("prior_lambda", 0.9)
    fresh.settle()
    assert fresh.frames() == frames + 1
    assert fresh.matrix("W")["values"] == weights
    assert fresh.matrix("dW")["values"] != update["values"]


def test_step_steps_once(fresh):
    fresh.pause()
    steps, weights = fresh.steps(), fresh.matrix("W")["values"]
    fresh.press("Step")
    fresh.settle()
    assert fresh.steps() == steps + 1
    assert fresh.matrix("W")["values"] != weights


def test_dw_is_the_outer_product_of_the_strips(fresh):
    fresh.set(w_bound=0, prior="constant", sign_value=-1, eta=0.001)
    fresh.pause()
    shown = fresh.matrix("dW")
    update = np.array(shown["values"]).reshape(shown["rows"], shown["cols"])
    pre = np.array(fresh.matrix("dW pre")["values"])
    post = np.array(fresh.matrix("dW post")["values"])
    np.testing.assert_allclose(update, -np.outer(pre, post), rtol=1e-5, atol=1e-6)


def test_reset_brings_the_same_weights_back_and_new_seed_others(fresh):
    fresh.set(eta=0)
    fresh.press("Reset")
    fresh.settle()
    first = fresh.matrix("W")["values"]
    fresh.type("eta", 0.2)
    fresh.settle()
    fresh.wait_frames(3)
    fresh.pause()
    assert fresh.matrix("W")["values"] != first
    fresh.press("Reset")
    fresh.settle()
    assert fresh.matrix("W")["values"] == first
    assert fresh.steps() == 0
    fresh.press("New seed")
    fresh.settle()
    assert fresh.matrix("W")["values"] != first
    assert fresh.field("seed").input_value() != "0"


def test_steps_per_frame_makes_time_pass_faster(fresh):
    def pace():
        """Steps a frame, as the status line tells: 0 before it tells any."""
        told = fresh.page.locator("[data-status]").all_inner_texts()
        if len(told) != 3:
            return 0
        _, steps, frames = (float(re.sub(r"\s", "", text)) for text in told)
        return steps / frames if frames else 0

    fresh.set(steps_per_frame=1)
    fresh.until(lambda: 0 < pace() < 2)
    slow = pace()
    fresh.type("steps_per_frame", 50)
    fresh.until(lambda: pace() > 10 * slow)


def test_two_visitors_have_two_synapses(fresh, browser, server):
    context = browser.new_context()
    try:
        other = BenchPage(context.new_page(), server).open("?seed=7&n_pre=20&n_post=10")
        other.pause()
        held, steps = other.matrix("W")["values"], other.steps()
        moving = fresh.matrix("W")["values"]
        fresh.wait_frames(5)
        assert fresh.matrix("W")["values"] != moving
        assert other.matrix("W")["values"] == held
        assert other.steps() == steps
        assert (other.matrix("W")["rows"], other.matrix("W")["cols"]) == (20, 10)
        other.healthy()
    finally:
        context.close()
