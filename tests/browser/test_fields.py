"""Fields: typed values, keys, tooltips, and what is refused before it is sent."""

import pytest


def test_a_typed_value_moves_the_slider(fresh):
    before = float(fresh.slider("eta").input_value())
    fresh.type("eta", "1e-4")
    assert fresh.field("eta").input_value() == "1e-4"
    assert float(fresh.slider("eta").input_value()) < before


def test_the_logarithmic_slider_spans_decades(fresh):
    fresh.slider("eta").focus()
    fresh.page.keyboard.press("Home")
    assert float(fresh.field("eta").input_value()) == 1e-5
    fresh.page.keyboard.press("End")
    assert float(fresh.field("eta").input_value()) == 2


def test_arrow_keys_move_a_slider(fresh):
    fresh.slider("w_bound").focus()
    fresh.page.keyboard.press("ArrowRight")
    assert fresh.field("w_bound").input_value() == "1.05"
    fresh.settle()
    assert fresh.matrix("W")["high"] == pytest.approx(1.05)


@pytest.mark.parametrize(
    ("control", "typed", "says"),
    [
        ("eta", "abc", "a number, please"),
        ("w_bound", "-1", "at least 0"),
        ("n_pre", "5000", "at most 4096"),
        ("n_pre", "3.5", "a whole number, please"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(fresh, control, typed, says):
    kept = fresh.matrix("W")["rows"]
    fresh.type(control, typed)
    fresh.page.get_by_text(says).wait_for()
    fresh.field(control).press("Escape")
    assert fresh.field(control).input_value() != typed
    fresh.settle()
    assert fresh.matrix("W")["rows"] == kept


def test_back_to_the_default(fresh):
    fresh.set(w_bound=3)
    fresh.page.get_by_role("button", name="w_bound: back to the default").click()
    assert fresh.field("w_bound").input_value() == "1"
    fresh.settle()
    assert fresh.matrix("W")["high"] == 1


def test_each_control_has_a_tooltip(fresh):
    fresh.page.get_by_role("button", name="About w_bound").hover()
    tip = fresh.page.get_by_role("tooltip")
    assert "Largest size a weight may have" in tip.inner_text()
    fresh.page.mouse.move(700, 500)
    tip.wait_for(state="detached")


def test_size_acts_on_release(fresh):
    fresh.type("n_post", 48)
    fresh.page.wait_for_function(
        "() => Bokeh.documents[0].get_model_by_name('W').renderers[0].data_source.data.image[0].shape[1] === 48"
    )
    assert fresh.matrix("W")["rows"] == 64
