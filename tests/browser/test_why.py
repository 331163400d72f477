"""What the page shows of the rule, as a visitor takes it apart: one page, panel after panel."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

# Every one but the map.
PANELS = ("fields", "theory")


def number(text):
    return float(re.search(r"[-+]?[\d.]+(e[-+]?\d+)?", text.replace("−", "-"))[0])


class TestEquation:
    def test_numbers_take_the_place_of_symbols_and_back(self, fresh):
        rule = fresh.page.locator(".hebb-rule-strip")
        assert "η" in rule.text_content()
        fresh.switch("numbers")
        rule.get_by_text("0.05").first.wait_for()
        assert "η" not in rule.text_content()
        fresh.drag("eta", 0.9)
        fresh.settle()
        expect(rule).to_contain_text(fresh.field("eta").input_value())
        fresh.switch("numbers")
        rule.get_by_text("η").first.wait_for()

    def test_only_the_terms_that_are_on_stand_there(self, fresh):
        rule = fresh.page.locator(".hebb-rule-strip")
        assert "λ" in rule.text_content()
        fresh.choose("prior", "constant")
        rule.get_by_text("λ").wait_for(state="detached")
        fresh.type("w_bound", 0)
        rule.get_by_text("⊙").wait_for(state="detached")

    @pytest.mark.parametrize(
        ("query", "advice"),
        [
            ({"sign_value": 1}, "prior grows weights"),
            ({"w_bound": 0, "is_nonnegative": True}, "non-negative idle"),
            ({"speed": 0, "eta": 1.95, "prior_lambda": 1.0}, "eta past the limit"),
            (
                {"prior": "constant", "circuit": "independent", "activity": 1.0, "eta": 2},
                "stuck at the bound",
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_does_not_go_together_is_said(self, fresh, query, advice):
        fresh.set(**query)
        fresh.page.locator(f'[data-advice="{advice}"]').wait_for()


class TestCell:
    def test_a_click_opens_its_last_step_to_the_last_digit(self, fresh):
        fresh.pause()
        before = fresh.values("W")
        fresh.press("Step")
        fresh.settle()
        after = fresh.values("W")
        row, col = np.unravel_index(np.argmax(np.abs(after - before)), after.shape)
        fresh.click_at("W", row, col)
        fresh.page.get_by_text(f"W[{row}, {col}]").wait_for()
        stages = fresh.waterfall()
        assert list(stages)[-1] == "= ΔW"
        change = float(after[row, col] - before[row, col])
        assert stages["= ΔW"] == pytest.approx(change, rel=1e-3)
        update = fresh.values("dW")[row, col]
        assert stages["× sign −1 = dW"] == pytest.approx(float(update), rel=1e-3)

    def test_a_click_that_takes_its_time_counts(self, fresh):
        fresh.pause()
        fresh.click_at("W", 5, 6, lasting=500)
        fresh.page.get_by_text("W[5, 6]").wait_for()
        fresh.click_at("fields", 4, 4, lasting=500)
        fresh.page.get_by_text("W[5, 0]").wait_for()

    def test_a_click_opens_a_panel_that_was_closed(self, fresh):
        fresh.switch("cell")
        fresh.page.locator(".hebb-waterfall").wait_for(state="hidden")
        fresh.click_at("W", 7, 8)
        fresh.page.get_by_text("W[7, 8]").wait_for()

    def test_the_past_is_not_changed_by_hand(self, fresh):
        fresh.pause()
        now = fresh.values("W")
        fresh.past("one frame back")
        fresh.wait_past(fresh.steps() - 4)
        entry = fresh.page.locator("#field-weight")
        entry.fill("0.5")
        entry.press("Enter")
        fresh.page.locator(".notyf__message", has_text="looking at the past").wait_for()
        fresh.past("back to the newest frame")
        fresh.settle()
        np.testing.assert_array_equal(fresh.values("W"), now)

    def test_arrow_keys_move_the_cell_and_it_is_spoken(self, fresh):
        fresh.pause()
        fresh.click_at("dW", 10, 5)
        fresh.page.get_by_text("W[10, 5]").wait_for()
        steps = fresh.steps()
        fresh.page.locator('[data-map="W"]').focus()
        fresh.page.keyboard.press("ArrowRight")
        fresh.page.keyboard.press("Shift+ArrowDown")
        fresh.page.get_by_text("W[20, 6]").wait_for()
        fresh.page.locator("#spoken").get_by_text("pre 20, post 6").wait_for(state="attached")
        assert fresh.steps() == steps, "an arrow on a map took a step"

    def test_a_weight_is_set_and_the_run_goes_on_from_it(self, fresh):
        fresh.type("eta", 0)
        fresh.pause()
        fresh.click_at("W", 3, 4)
        fresh.page.get_by_text("W[3, 4]").wait_for()
        entry = fresh.page.locator("#field-weight")
        entry.fill("-0.625")
        entry.press("Enter")
        fresh.wait_value("W", 3, 4, -0.625)
        fresh.press("Step")
        fresh.settle()
        assert fresh.values("W")[3, 4] == -0.625
        entry.fill("much")
        entry.press("Enter")
        fresh.page.locator(".notyf__message", has_text="is not a number").wait_for()
        entry.fill("7")
        entry.press("Enter")
        fresh.page.locator(".notyf__message", has_text="That weight was not set").wait_for()
        assert fresh.values("W")[3, 4] == -0.625

    def test_its_life_is_drawn(self, fresh):
        steps = fresh.line("cell trace")["step"]
        fresh.until(lambda: fresh.line("cell trace")["step"][-1] > steps[-1])
        later = fresh.line("cell trace")
        assert later["step"][-1] > steps[-1]
        assert len(later["step"]) == len(later["weight"])


class TestMaps:
    def test_each_term_is_what_it_says(self, fresh):
        fresh.pause()
        before = fresh.values("W")
        fresh.press("Step")
        fresh.settle()
        after = fresh.values("W")
        pre, post = fresh.values("dW pre"), fresh.values("dW post")
        hebbian = pre @ post * (1 - np.abs(before))
        prior = -0.05 * before
        expected = {
            "hebbian": hebbian,
            "bound": 1 - np.abs(before),
            "prior": prior,
            "delta": after - before,
            "d_weights": -(hebbian + prior),
        }
        for term, matrix in expected.items():
            fresh.choose("term", term)
            fresh.settle()
            np.testing.assert_allclose(fresh.values("dW"), matrix, rtol=1e-4, atol=1e-6)

    def test_scales_shared_and_fixed(self, fresh):
        assert fresh.matrix("W")["high"] == 1
        fresh.choose("scale", "shared")
        fresh.settle()
        assert fresh.matrix("W")["high"] == fresh.matrix("dW")["high"]
        fresh.choose("scale", "fixed")
        fresh.settle()
        held = fresh.matrix("W")["high"]
        fresh.type("w_bound", 3)
        fresh.settle()
        fresh.wait_frames(3)
        assert fresh.matrix("W")["high"] == held
        fresh.choose("scale", "auto")
        fresh.settle()
        assert fresh.matrix("W")["high"] == 3


class TestTraces:
    def test_they_stream_and_mark_where_a_control_was_moved(self, fresh):
        first = fresh.line("trace size")
        fresh.type("eta", 0.1)
        fresh.settle()
        fresh.wait_frames(12)
        later = fresh.line("trace size")
        assert later["step"][-1] > first["step"][-1]
        for name in ("mean_abs", "max_abs", "d_norm", "saturated", "near_zero", "match"):
            assert len(later[name]) == len(later["step"])
        marks = fresh.source("trace size", "vspan")
        assert "eta" in marks["what"][-1]
        assert marks["step"][-1] >= first["step"][-1]
        assert fresh.of("trace update", "f => f.y_scale.type") == "LogScale"

    def test_the_bound_is_drawn_where_it_is(self, fresh):
        spans = "f => f.center.concat(f.renderers).filter(r => r.type === 'Span').map(r => [r.location, r.visible])"
        fresh.type("w_bound", 2)
        fresh.settle()
        fresh.wait_frames(12)
        assert [2, True] in fresh.of("trace size", spans)
        bounds = fresh.of("distribution", spans)
        assert [2, True] in bounds
        assert [-2, True] in bounds

    def test_every_weight_is_in_the_histogram(self, fresh):
        fresh.wait_frames(12)
        assert sum(fresh.source("distribution", "quad")["count"]) == 64 * 32

    def test_the_recent_span(self, fresh):
        fresh.type("steps_per_frame", 100)
        fresh.until(lambda: fresh.line("trace size")["step"][-1] > 600)
        assert fresh.line("trace size")["step"][0] < 100
        fresh.choose("span", "recent")
        fresh.settle()
        fresh.wait_frames(12)
        steps = fresh.line("trace size")["step"]
        assert len(steps) == 300
        assert steps[0] > 100
        fresh.choose("span", "whole")


class TestTheory:
    def test_the_prediction_is_reached(self, fresh):
        fresh.set(speed=0, steps_per_frame=50)
        distance = fresh.page.locator('[data-theory="distance"]')
        distance.wait_for()
        fresh.until(lambda: number(distance.inner_text()) < 1)
        fresh.pause()
        assert number(distance.inner_text()) < 1
        predicted = fresh.values("theory")
        np.testing.assert_allclose(fresh.values("W"), predicted, atol=0.02)
        line = fresh.line("trace size", "prediction")
        assert len(set(line["size"])) == 1
        assert line["size"][-1] == pytest.approx(np.abs(predicted).mean(), rel=1e-3)

    def test_growth_is_drawn_and_told(self, fresh):
        fresh.set(
            pattern="correlated",
            circuit="linear",
            prior="constant",
            w_bound=0,
            eta=0.001,
            steps_per_frame=4,
        )
        fresh.page.get_by_text(re.compile(r"× 1\.0\d* a step")).wait_for()
        fresh.wait_frames(12)
        line = fresh.line("trace size", "prediction")
        assert np.all(np.diff(line["size"]) > 0)

    def test_where_none_applies_it_says_so(self, fresh):
        fresh.choose("circuit", "winner_take_all")
        said = fresh.page.locator('[data-theory="silent"]')
        said.wait_for()
        assert "No closed form applies" in said.inner_text()


class TestFields:
    def test_the_gallery_streams_and_a_click_selects_a_column(self, fresh):
        fresh.choose("pattern", "bars")
        fresh.settle()
        fresh.wait_frames(10)
        first = fresh.matrix("fields")["values"]
        fresh.wait_frames(10)
        assert fresh.matrix("fields")["values"] != first
        side = 8
        fresh.pause()
        weights = fresh.values("W")
        mosaic = fresh.values("fields")
        np.testing.assert_allclose(
            mosaic[:side, side + 1 : 2 * side + 1].ravel(), weights[:, 1], atol=1e-6
        )
        fresh.click_at("fields", side / 2, side + 1 + side / 2)
        fresh.page.get_by_text(re.compile(r"W\[\d+, 1\]")).wait_for()


class TestHistory:
    def test_looking_back_holds_still_while_the_run_goes_on(self, fresh):
        fresh.wait_frames(20)
        fresh.past("ten frames back")
        fresh.settle()
        fresh.wait_frames(3)
        held, steps = fresh.values("W"), fresh.steps()
        # The run itself goes on.
        fresh.until(lambda: fresh.steps() > steps + 100)
        np.testing.assert_array_equal(fresh.values("W"), held)
        at = fresh.page.locator("#history-at").inner_text()
        fresh.until(lambda: fresh.steps() > steps + 160)
        assert fresh.page.locator("#history-at").inner_text() == at
        fresh.past("back to the newest frame")
        fresh.settle()
        assert not np.array_equal(fresh.values("W"), held)

    def test_a_frame_that_is_gone_brings_the_slider_back_among_those_that_are_kept(self, fresh):
        fresh.set(n_pre=512, n_post=512, steps_per_frame=1)
        slider = fresh.page.locator("#history")
        fresh.wait_frames(30)
        fresh.past("first frame kept")
        gone = int(slider.get_attribute("max"))
        fresh.page.wait_for_function(
            "gone => [...Bokeh.documents[0]._all_models.values()].some((m) => m.attributes.at !== undefined && m.attributes.first > gone)",
            arg=gone,
        )
        slider.focus()
        fresh.page.keyboard.press("ArrowRight")
        fresh.until(lambda: int(slider.get_attribute("min")) > gone)
        fresh.settle()
        assert int(slider.get_attribute("min")) > gone
        assert int(slider.input_value()) > gone

    def test_frame_by_frame_and_to_the_first(self, fresh):
        fresh.press("Reset")
        fresh.settle()
        fresh.wait_frames(5)
        fresh.pause()
        fresh.past("first frame kept")
        fresh.wait_past(0)
        first = fresh.values("W")
        fresh.past("one frame forward")
        fresh.wait_past(4)
        assert not np.array_equal(fresh.values("W"), first)
        fresh.past("one frame back")
        fresh.wait_past(0)
        np.testing.assert_array_equal(fresh.values("W"), first)

    def test_a_branch_goes_on_to_the_bit(self, fresh):
        fresh.wait_frames(10)
        fresh.pause()
        end, steps = fresh.values("W"), fresh.steps()
        fresh.past("one frame back")
        fresh.wait_past(steps - 4)
        assert not np.array_equal(fresh.values("W"), end)
        fresh.page.get_by_role("button", name=re.compile("continue the run from the frame")).click()
        fresh.settle()
        assert fresh.steps() == steps - 4
        for _ in range(4):
            fresh.press("Step")
            fresh.settle()
        assert fresh.steps() == steps
        np.testing.assert_array_equal(fresh.values("W"), end)


class TestRegime:
    def test_it_says_what_the_run_does(self, fresh):
        says = fresh.page.locator(".hebb-regime")
        fresh.type("steps_per_frame", 30)
        fresh.page.locator(
            '.hebb-regime[data-regime="converging"], [data-regime="steady"]'
        ).wait_for()
        fresh.set(speed=0, eta=2, prior_lambda=1)
        fresh.page.locator('.hebb-regime[data-regime="oscillating"]').wait_for()
        fresh.set(eta=0.05, circuit="independent", activity=0, prior_lambda=0.05)
        fresh.page.locator('.hebb-regime[data-regime="decaying"]').wait_for()
        assert says.count() == 1


def test_a_closed_panel_costs_nothing(fresh):
    fresh.switch("distribution")
    fresh.settle()
    held = fresh.source("distribution", "quad")["count"]
    fresh.wait_frames(25)
    assert fresh.source("distribution", "quad")["count"] == held
    fresh.switch("distribution")
    fresh.settle()
    fresh.wait_frames(12)
    assert fresh.source("distribution", "quad")["count"] != held
