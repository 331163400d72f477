"""The main loop as a visitor uses it."""

import numpy as np
import pytest

from .bench_page import BenchPage


def test_opens_running_and_streams(bench):
    bench.open()
    first, steps = bench.matrix("W")["values"], bench.steps()
    painted = bench.picture("W")
    bench.wait_frames(30)
    bench.page.wait_for_timeout(300)
    assert bench.matrix("W")["values"] != first
    assert bench.picture("W") != painted
    assert bench.steps() > steps
    assert bench.number("frames/s") > 5
    assert bench.number("steps/s") > 5


def test_structure_forms_within_ten_seconds(bench):
    bench.open(frames=1)
    bench.page.wait_for_timeout(10_000)
    shown = bench.matrix("W")
    weights = np.array(shown["values"]).reshape(shown["rows"], shown["cols"])
    rows, cols = np.indices(weights.shape)
    gap = np.abs(rows / weights.shape[0] - cols / weights.shape[1])
    near = np.minimum(gap, 1 - gap) < 0.06
    far = np.minimum(gap, 1 - gap) > 0.3
    assert weights[near].mean() > 0.3
    assert weights[near].mean() > 5 * abs(weights[far].mean())


@pytest.mark.parametrize("share", [0.05, 0.6])
def test_dragging_w_bound_changes_scale_and_weights(bench, share):
    bench.open()
    bench.drag("w_bound", share)
    bench.wait_frames(20)
    shown = bench.matrix("W")
    bound = float(bench.field("w_bound").input_value())
    assert bound == pytest.approx(4 * share, abs=0.15)
    assert shown["high"] == pytest.approx(bound)
    assert shown["low"] == -shown["high"]
    assert max(map(abs, shown["values"])) <= bound * (1 + 1e-6)


def test_a_slider_acts_while_it_is_dragged(bench):
    bench.open()
    slider = bench.slider("w_bound")
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    bench.page.mouse.move(box["x"] + box["width"] / 4, middle)
    bench.page.mouse.down()
    bench.page.mouse.move(box["x"] + box["width"] * 0.75, middle, steps=5)
    bench.wait_frames(10)
    assert bench.matrix("W")["high"] == pytest.approx(3, abs=0.2)
    bench.page.mouse.up()


def test_eta_zero_freezes_weights_and_eta_moves_them(bench):
    bench.open()
    bench.type("eta", 0)
    bench.wait_frames(10)
    held = bench.matrix("W")["values"]
    bench.wait_frames(10)
    assert bench.matrix("W")["values"] == held
    bench.drag("eta", 0.8)
    bench.wait_frames(10)
    assert bench.matrix("W")["values"] != held


def test_prior_pulls_weights_down(bench):
    bench.open("?circuit=independent&activity=0.1")
    before = np.abs(bench.matrix("W")["values"]).mean()
    bench.choose("prior", "l1")
    bench.type("prior_lambda", 0.5)
    bench.wait_frames(40)
    assert np.abs(bench.matrix("W")["values"]).mean() < 0.5 * before


def test_only_the_knobs_that_apply_are_shown(bench):
    bench.open("?prior=constant")
    assert not bench.field("prior_lambda").is_visible()
    bench.choose("prior", "elastic_net")
    bench.field("l1_ratio").wait_for()
    assert bench.field("prior_lambda").is_visible()
    bench.choose("prior", "l2")
    bench.field("l1_ratio").wait_for(state="hidden")
    assert bench.field("prior_lambda").is_visible()


def test_sign_turns_growth_into_shrinking(bench):
    bench.open("?prior=constant")
    assert "co-active weights grow" in bench.verdict()
    bench.wait_frames(60)
    grown = bench.matrix("W")["values"]
    bench.page.get_by_role("button", name="+1 anti-Hebbian").click()
    bench.wait_frames(60)
    assert "co-active weights shrink" in bench.verdict()
    assert np.mean(bench.matrix("W")["values"]) < np.mean(grown) - 0.05


def test_pause_ends_all_traffic(bench):
    bench.open()
    bench.pause()
    steps, received = bench.steps(), bench.received
    bench.page.wait_for_timeout(2000)
    assert bench.received == received
    assert bench.steps() == steps


def test_one_preview_while_paused(bench):
    bench.open()
    bench.pause()
    frames, weights, update = bench.frames(), bench.matrix("W")["values"], bench.matrix("dW")
    bench.type("prior_lambda", 0.9)
    bench.settle()
    assert bench.frames() == frames + 1
    assert bench.matrix("W")["values"] == weights
    assert bench.matrix("dW")["values"] != update["values"]


def test_step_steps_once(bench):
    bench.open()
    bench.pause()
    steps, weights = bench.steps(), bench.matrix("W")["values"]
    bench.press("Step")
    bench.settle()
    assert bench.steps() == steps + 1
    assert bench.matrix("W")["values"] != weights


def test_dw_is_the_outer_product_of_the_strips(bench):
    bench.open("?w_bound=0&prior=constant&sign_value=-1&eta=0.001")
    bench.pause()
    shown = bench.matrix("dW")
    update = np.array(shown["values"]).reshape(shown["rows"], shown["cols"])
    pre = np.array(bench.matrix("dW pre")["values"])
    post = np.array(bench.matrix("dW post")["values"])
    np.testing.assert_allclose(update, -np.outer(pre, post), rtol=1e-5, atol=1e-6)


def test_reset_brings_the_same_weights_back_and_new_seed_others(bench):
    bench.open("?eta=0")
    first = bench.matrix("W")["values"]
    bench.type("eta", 0.2)
    bench.wait_frames(10)
    bench.pause()
    assert bench.matrix("W")["values"] != first
    bench.press("Reset")
    bench.settle()
    assert bench.matrix("W")["values"] == first
    assert bench.steps() == 0
    bench.press("New seed")
    bench.settle()
    assert bench.matrix("W")["values"] != first
    assert bench.field("seed").input_value() != "0"


def test_steps_per_frame_makes_time_pass_faster(bench):
    bench.open("?steps_per_frame=1")
    bench.wait_frames(40)
    slow = bench.number("steps/s") / bench.number("frames/s")
    bench.type("steps_per_frame", 50)
    bench.wait_frames(80)
    assert bench.number("steps/s") / bench.number("frames/s") > 10 * slow


def test_two_visitors_have_two_synapses(bench, browser, server):
    bench.open()
    context = browser.new_context()
    try:
        other = BenchPage(context.new_page(), server).open("?seed=7&n_pre=20&n_post=10")
        other.pause()
        held, steps = other.matrix("W")["values"], other.steps()
        moving = bench.matrix("W")["values"]
        bench.wait_frames(20)
        assert bench.matrix("W")["values"] != moving
        assert other.matrix("W")["values"] == held
        assert other.steps() == steps
        assert (other.matrix("W")["rows"], other.matrix("W")["cols"]) == (20, 10)
        other.healthy()
    finally:
        context.close()
