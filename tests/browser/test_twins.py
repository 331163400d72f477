"""Twins, as a visitor uses them."""

import numpy as np
import pytest


@pytest.fixture
def twins(fresh):
    fresh.switch("twin")
    fresh.page.locator('[data-twins="largest"]').wait_for()
    fresh.settle()
    fresh.wait_frames(3)
    return fresh


def largest(visitor):
    return float(visitor.page.locator('[data-twins="largest"]').inner_text())


def test_with_equal_settings_they_are_exactly_the_same(twins):
    twins.pause()
    assert largest(twins) == 0
    twins.page.locator('[data-twins="apart"]', has_text="exactly the same").wait_for()
    np.testing.assert_array_equal(twins.values("W B"), twins.values("W"))
    np.testing.assert_array_equal(twins.values("dW B"), twins.values("dW"))
    assert not twins.values("A−B").any()


def test_a_knob_of_b_parts_them_and_a_copy_unites(twins):
    twins.choose("edits", "b")
    twins.type("b_eta", 0.5)
    twins.wait_frames(30)
    twins.pause()
    apart = twins.values("W") - twins.values("W B")
    assert np.abs(apart).max() > 0.01
    np.testing.assert_allclose(twins.values("A−B"), apart, atol=1e-6)
    assert twins.matrix("W")["high"] == twins.matrix("W B")["high"]  # one scale
    row = twins.page.locator(".hebb-twins tr", has_text="learning rate")
    assert row.locator("td").all_inner_texts() == ["0.05", "0.5"]
    assert twins.page.locator(".field.differs").all_inner_texts()[0].startswith("η")
    twins.choose("edits", "a")
    assert twins.field("eta").input_value() == "0.05"
    twins.page.get_by_role("button", name="Copy A to B").click()
    twins.press("Reset")
    twins.play()
    twins.settle()
    twins.wait_frames(10)
    twins.pause()
    assert largest(twins) == 0


def test_panels_and_equation_are_those_of_the_one_in_focus(twins):
    twins.choose("edits", "b")
    twins.choose("b_prior", "l1")
    twins.type("b_prior_lambda", 0.02)
    twins.wait_frames(10)
    twins.page.locator(".hebb-rule-strip", has_text="sign").wait_for()
    twins.pause()
    # The cell on show is B's, whose prior pulls a weight of any size by λ.
    label = next(label for label in twins.waterfall() if "prior" in label)
    assert abs(float(label.split()[-1].replace("−", "-"))) == pytest.approx(0.02)
    twins.choose("edits", "a")
    twins.page.locator(".hebb-rule-strip").get_by_text("sign").wait_for(state="hidden")


def test_traces_are_joint(twins):
    twins.choose("edits", "b")
    twins.type("b_w_bound", 2)
    twins.wait_frames(30)
    twins.pause()
    sizes = twins.page.evaluate("""() => {
      const figure = Bokeh.documents[0].get_model_by_name("trace size")
      return figure.renderers.filter((r) => r.glyph.y?.field === "mean_abs").map((r) => [...r.data_source.data.mean_abs])
    }""")
    assert len(sizes) == 2
    assert len(sizes[0]) == len(sizes[1]) > 10
    assert sizes[0][-1] != sizes[1][-1]


def test_they_go_as_they_came(twins):
    twins.switch("twin")
    twins.page.locator('[data-map="W B"]').wait_for(state="hidden")
    twins.settle()
    assert twins.page.locator('[data-map="W"] .hebb-twin').count() == 0


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)])
def test_both_fit_on_the_screen(twins, size):
    twins.page.set_viewport_size({"width": size[0], "height": size[1]})
    twins.wait_layout()
    for name in ("W", "W B", "dW", "dW B", "A−B"):
        box = twins.page.locator(f'[data-map="{name}"]').bounding_box()
        assert box["width"] > 200
        assert box["height"] > 120
        assert box["x"] + box["width"] <= size[0]
        assert box["y"] + box["height"] <= size[1]
    twins.page.set_viewport_size({"width": 1440, "height": 900})
