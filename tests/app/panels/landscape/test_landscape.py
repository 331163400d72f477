"""The map: what is swept, how it is drawn, which lines theory draws."""

import json
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pytest

from hebb_core.analysis.closed_forms import fixed_point, stability_limit
from hebb_core.analysis.regime import REGIMES
from hebb_core.run.engine import Network
from hebb_core.run.setup import Setup
from hebb_core.sweep import OUTCOMES, Axis, Plan, coarse_to_fine, sweep
from hebbscope.controls.landscape_controls import AXES
from hebbscope.panels.landscape.boundaries import boundaries
from hebbscope.panels.landscape.mapper import plan_of
from hebbscope.panels.landscape.picture import (
    REGIME_COLOURS,
    filled,
    picture_json,
    place_of,
    shown_values,
    tip_html,
)

from ...maps import small


def test_every_axis_can_be_swept_over_the_range_of_its_slider():
    for name in AXES:
        other = "w_bound" if name != "w_bound" else "eta"
        controls = small(map_y=other, prior="elastic_net")
        controls.map.map_x = name
        plan = plan_of(controls)
        assert plan.axes[0].name == name
        assert plan.shape == (8, 8)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"map_y": "eta"}, "same"),
        ({"x_from": "0.5", "x_to": "0.5"}, "Both ends"),
        ({"x_from": "-1"}, "above 0"),
        ({"n_pre": "1024", "n_post": "1024", "map_steps": "5000"}, "fewer units"),
        ({"map_y": "w_bound", "x_to": "5000"}, "between -1000 and 1000"),
        ({"map_y": "w_bound", "y_from": "-2", "y_log": "false"}, "w_bound"),
    ],
)
def test_what_cannot_be_mapped_is_said(values, says):
    controls = small()
    controls.apply(values)
    with pytest.raises(ValueError, match=says):
        plan_of(controls)


@pytest.mark.parametrize(
    ("axis", "value", "place"),
    [
        (Axis.linear("w_bound", 0.0, 2.0, 5), 1.0, 2.0),
        (Axis.linear("w_bound", 2.0, 0.0, 5), 0.5, 3.0),
        (Axis.log("eta", 1e-3, 1.0, 4), 0.01, 1.0),
        (Axis.log("eta", 1e-3, 1.0, 4), 0.0, None),
    ],
)
def test_where_a_setting_lies(axis, value, place):
    assert place_of(axis, value) == (None if place is None else pytest.approx(place))


def test_cells_not_known_yet_show_their_coarser_neighbour():
    values = np.arange(256.0).reshape(16, 16)
    done = np.zeros(256, bool)
    done[coarse_to_fine((16, 16))[:64]] = True
    shown = filled(np.where(done.reshape(16, 16), values, np.nan), done.reshape(16, 16))
    assert np.isfinite(shown).all()
    np.testing.assert_array_equal(shown, values[np.arange(16) // 2 * 2][:, np.arange(16) // 2 * 2])
    np.testing.assert_array_equal(filled(values, np.ones((16, 16), bool)), values)


def test_the_picture_shows_the_outcomes():
    plan = plan_of(small())
    result = sweep(plan)
    known = np.ones(plan.shape, bool)
    for outcome in OUTCOMES:
        picture = json.loads(picture_json(plan, result, known, outcome, ()))
        cells = np.frombuffer(b64decode(picture["cells"]), np.uint8).reshape(8, 8).T
        values = shown_values(outcome, result[outcome])
        np.testing.assert_array_equal(cells == 255, np.isnan(values))
        if outcome == "regime":
            assert [picture["palette"][c] for c in cells.flat] == [
                REGIME_COLOURS[list(REGIMES)[int(v)]] for v in values.flat
            ]
        elif np.isfinite(values).all():
            order = np.argsort(values, axis=None)
            assert (np.diff(cells.flat[order].astype(int)) >= 0).all()
    assert [text for _, text in picture["x_ticks"]] == ["1e−5", "1e−4", "0.001", "0.01", "0.1", "1"]
    assert picture["labels"] == ["η  learning rate", "λ  strength"]


def test_means_over_seeds_and_the_commonest_regime():
    plan = plan_of(small(map_seeds="3"))
    result = sweep(plan)
    assert result["mean_abs"].shape == (8, 8, 3)
    np.testing.assert_allclose(
        shown_values("mean_abs", result["mean_abs"]), result["mean_abs"].mean(-1)
    )
    result["regime"][0, 0] = (8, 3, 3)
    assert shown_values("regime", result["regime"])[0, 0] == 3
    result["settling"][0, 0] = (np.nan, 10, 20)
    assert shown_values("settling", result["settling"])[0, 0] == 15


def test_a_tip_tells_all_of_a_cell():
    plan = plan_of(small())
    result = sweep(plan)
    tip = tip_html(plan, result, (2, 5))
    assert f"{plan.axes[0].values[2]:.3g}" in tip
    assert f"{result['mean_abs'][2, 5, 0]:.3g}" in tip
    assert "data:image/png;base64," in tip
    assert all(outcome.label in tip for outcome in OUTCOMES.values())


def test_boundaries_are_where_theory_says():
    setup = Setup(
        network=Network(4, 4),
        prior="l1",
        prior_lambda=0.1,
        pattern="one_hot",
        w_bound=2.0,
        batch_size=4,
    )
    axes = (Axis.linear("eta", 0.5, 4.0, 40), Axis.linear("prior_lambda", 0.1, 4.0, 40))
    plan = Plan(setup, axes, 10)
    lines = {line.name: line for line in boundaries(plan)}
    assert set(lines) == {"stability", "death"}

    def value(axis, place):
        low, high = axis.values[0], axis.values[-1]
        return low + place / 39 * (high - low)

    # Four one-hot patterns a step: every driven weight has c = 1.
    for _, y in lines["death"].points:
        assert value(axes[1], y) == pytest.approx(2.0, rel=0.03)
        hyper = setup.at("prior_lambda", value(axes[1], y) * 1.05).settings().hyper
        assert (fixed_point(hyper, np.ones(1)) == 0).all()
        hyper = setup.at("prior_lambda", value(axes[1], y) * 0.95).settings().hyper
        assert (fixed_point(hyper, np.ones(1)) > 0).all()
    for x, y in lines["stability"].points:
        hyper = setup.at("prior_lambda", value(axes[1], y)).settings().hyper
        if value(axes[1], y) < 1.9:
            assert value(axes[0], x) == pytest.approx(stability_limit(hyper, np.ones(1)), rel=0.05)


def test_no_line_where_no_balance_is_stable():
    for values in ({"sign_value": "1"}, {"prior_lambda": "0.1", "map_x": "w_bound", "eta": "-0.1"}):
        assert boundaries(plan_of(small(prior="l1", **values))) == ()
    # Of mixed signs, only the half in which weights settle has lines.
    controls = small(prior="l1", map_x="sign_value", eta="0.9")
    lines = boundaries(plan_of(controls))
    assert lines
    assert all((line.points[:, 0] <= 3.01).all() for line in lines)


def test_equal_maps_are_equal_plans_wherever_the_visitor_stands():
    controls = small()
    before = plan_of(controls)
    controls.rule.eta = 0.3
    assert plan_of(controls) == before
    controls.bound.w_bound = 2.0
    assert plan_of(controls) != before


def test_a_range_in_the_address_stands_whatever_the_order():
    controls = small(x_from="0.5", x_to="1.5", map_x="w_bound")
    assert (controls.map.x_from, controls.map.x_to) == (0.5, 1.5)


@pytest.mark.parametrize("change", [{"circuit": "linear"}, {"optim_type": "adam"}])
def test_no_boundary_where_no_formula_applies(change):
    plan = plan_of(small())
    plan = replace(plan, setup=replace(plan.setup, **change))
    assert "stability" not in {line.name for line in boundaries(plan)}
