"""Fields: typed values, keys, tooltips, and what is refused before it is sent."""

import pytest


def test_a_typed_value_moves_the_slider(bench):
    bench.open()
    before = float(bench.slider("eta").input_value())
    bench.type("eta", "1e-4")
    assert bench.field("eta").input_value() == "1e-4"
    assert float(bench.slider("eta").input_value()) < before


def test_the_logarithmic_slider_spans_decades(bench):
    bench.open()
    bench.slider("eta").focus()
    bench.page.keyboard.press("Home")
    assert float(bench.field("eta").input_value()) == 1e-5
    bench.page.keyboard.press("End")
    assert float(bench.field("eta").input_value()) == 2


def test_arrow_keys_move_a_slider(bench):
    bench.open()
    bench.slider("w_bound").focus()
    bench.page.keyboard.press("ArrowRight")
    assert bench.field("w_bound").input_value() == "1.05"
    bench.wait_frames(10)
    assert bench.matrix("W")["high"] == pytest.approx(1.05)


@pytest.mark.parametrize(
    ("control", "typed", "says"),
    [
        ("eta", "abc", "a number, please"),
        ("w_bound", "-1", "at least 0"),
        ("n_pre", "5000", "at most 4096"),
        ("n_pre", "3.5", "a whole number, please"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(bench, control, typed, says):
    bench.open()
    kept = bench.matrix("W")["rows"]
    bench.type(control, typed)
    bench.page.get_by_text(says).wait_for()
    bench.field(control).press("Escape")
    assert bench.field(control).input_value() != typed
    bench.wait_frames(10)
    assert bench.matrix("W")["rows"] == kept


def test_back_to_the_default(bench):
    bench.open("?w_bound=3")
    bench.page.get_by_role("button", name="w_bound: back to the default").click()
    assert bench.field("w_bound").input_value() == "1"
    bench.wait_frames(10)
    assert bench.matrix("W")["high"] == 1


def test_each_control_has_a_tooltip(bench):
    bench.open()
    bench.page.get_by_role("button", name="About w_bound").hover()
    tip = bench.page.get_by_role("tooltip")
    assert "Largest size a weight may have" in tip.inner_text()
    bench.page.mouse.move(700, 500)
    tip.wait_for(state="detached")


def test_size_acts_on_release(bench):
    bench.open()
    bench.type("n_post", 48)
    bench.page.wait_for_function(
        "() => Bokeh.documents[0].get_model_by_name('W').renderers[0].data_source.data.image[0].shape[1] === 48"
    )
    assert bench.matrix("W")["rows"] == 64
