"""The controls: described once, refused in plain words, and all of them reach the core."""

import json
import math

import jax
import numpy as np
import param
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hebb_core.rule.prior import PRIORS
from hebb_core.signals.circuits import CIRCUITS
from hebb_core.signals.patterns import NOISE, PATTERNS
from hebbscope.controls.control_groups import (
    PriorControls,
    RuleControls,
    TransportControls,
)
from hebbscope.controls.controls import GROUPS, Controls
from hebbscope.controls.knobs import Choice, Knob, WholeKnob
from hebbscope.controls.network_controls import NetworkControls
from hebbscope.page.bars.sidebar import Sidebar
from hebbscope.panels.registry import BenchControls
from hebbscope.ui.form_for import form_for

ALL = [(type(group), control) for group, control in Controls()]


def test_names_are_unique():
    names = [control for _, control in ALL]
    assert len(names) == len(set(names))
    reserved = {"theme", "hide", "lesson", "embed", "steps", "drawn"}
    assert not [name for name in names if name in reserved or name.startswith("b_")]


@pytest.mark.parametrize(("group", "control"), ALL, ids=lambda v: getattr(v, "__name__", v))
def test_each_control_explains_itself(group, control):
    described = group.param[control]
    assert described.label
    assert len(described.doc) > 15
    assert described.doc.strip().endswith(".")
    if isinstance(described, Knob):
        low, high = described.bounds
        start, end = described.softbounds or described.bounds
        assert low <= start < end <= high
        assert low <= described.default <= high
        assert not described.log or start > 0
    if isinstance(described, Choice):
        assert all(label and text.endswith(".") for _, label, text in described.entries)


def test_every_pattern_and_circuit_parameter_has_a_control():
    controls = BenchControls()
    for name, pattern in PATTERNS.items():
        controls.pattern.pattern = name
        shown = {c for c in controls.pattern.control_names() if controls.pattern.relevant(c)}
        assert shown == {"pattern", NOISE.name, *(p.name for p in pattern.parameters)}
    for name, circuit in CIRCUITS.items():
        controls.circuit.circuit = name
        shown = {c for c in controls.circuit.control_names() if controls.circuit.relevant(c)}
        assert shown == {"circuit", *(p.name for p in circuit.parameters)}


@pytest.mark.parametrize("prior", PRIORS)
def test_only_the_numbers_of_the_prior_are_shown(prior):
    controls = BenchControls()
    controls.prior.prior = prior
    kind = PRIORS[prior]
    assert controls.prior.relevant("prior_lambda") == kind.uses_strength
    assert controls.prior.relevant("l1_ratio") == kind.uses_ratio


def leaves(controls):
    return [float(x) for leaf in jax.tree.leaves(controls.settings()) for x in np.ravel(leaf)]


REACH = {
    "rule": {"eta": 0.3, "sign_value": 1.0},
    "bound": {"w_bound": 2.5, "is_nonnegative": True},
    "prior": {"prior": "l1", "prior_lambda": 0.7},
    "gain": {"pre_wght": 2.0, "post_wght": 3.0, "resist_scale": 0.5},
    "pattern": {NOISE.name: 0.4},
    "network": {"bias": True},
}


@pytest.mark.parametrize(
    ("group", "control", "value"),
    [(g, c, v) for g, values in REACH.items() for c, v in values.items()],
)
def test_each_control_reaches_the_settings(group, control, value):
    controls = BenchControls()
    before = leaves(controls)
    setattr(getattr(controls, group), control, value)
    assert leaves(controls) != before


@pytest.mark.parametrize("name", PATTERNS)
def test_each_pattern_parameter_reaches_the_settings(name):
    controls = BenchControls()
    controls.pattern.pattern = name
    for parameter in PATTERNS[name].parameters:
        before = leaves(controls)
        other = parameter.low if parameter.default != parameter.low else parameter.high
        setattr(controls.pattern, parameter.name, int(other) if parameter.integer else other)
        assert leaves(controls) != before, parameter.name


def test_settings_have_one_structure_whatever_the_controls():
    controls = BenchControls()
    structure = jax.tree.structure(controls.settings())
    dtypes = [np.asarray(leaf).dtype for leaf in jax.tree.leaves(controls.settings())]
    for pattern in PATTERNS:
        for prior in PRIORS:
            controls.pattern.pattern, controls.prior.prior = pattern, prior
            now = controls.settings()
            assert jax.tree.structure(now) == structure
            assert [np.asarray(leaf).dtype for leaf in jax.tree.leaves(now)] == dtypes


def test_the_address_sets_any_control():
    controls = BenchControls()
    complaints = controls.apply(
        {"eta": "0.25", "n_pre": "256", "prior": "L1", "is_nonnegative": "true", "pattern": "bars"}
    )
    assert complaints == []
    assert controls.rule.eta == 0.25
    assert controls.network.n_pre == 256
    assert controls.prior.prior == "l1"
    assert controls.bound.is_nonnegative is True
    assert controls.pattern.pattern == "bars"
    assert controls.build().n_pre == 256


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("eta", "fast", "not a number"),
        ("eta", "nan", "between"),
        ("eta", "inf", "between"),
        ("n_pre", "1", "between 2 and 4096"),
        ("n_pre", "12.5", "whole number"),
        ("prior", "l3", "choose one of constant"),
        ("bias", "perhaps", "true or false"),
        ("w_bound", "-1", "between"),
        ("nonsense", "1", "no control called"),
    ],
)
def test_bad_values_are_told_and_change_nothing(name, text, says):
    controls = BenchControls()
    before = {(type(g), c): getattr(g, c) for g, c in controls}
    complaints = controls.apply({name: text, "seed": "5"})
    assert len(complaints) == 1
    assert says in complaints[0]
    after = {(type(g), c): getattr(g, c) for g, c in controls}
    assert {k: v for k, v in after.items() if k[1] != "seed"} == {
        k: v for k, v in before.items() if k[1] != "seed"
    }
    # One bad value does not take the others with it.
    assert controls.network.seed == 5


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from([c for _, c in ALL]), text=st.text(max_size=12))
def test_no_text_in_the_address_breaks_a_control(name, text):
    controls = BenchControls()
    controls.apply({name: text})
    controls.settings()
    controls.build()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_knobs_refuse_what_is_not_finite(value):
    controls = BenchControls()
    with pytest.raises(ValueError, match="η"):
        controls.rule.eta = value
    assert controls.rule.eta == type(controls.rule).param["eta"].default


def test_whole_knobs_refuse_fractions():
    with pytest.raises(ValueError, match="whole"):
        Controls().network.n_pre = 3.5


def test_which_controls_start_a_new_run():
    assert Controls.restarts({"n_pre"})
    assert Controls.restarts({"seed", "eta"})
    assert not Controls.restarts({"eta", "w_bound", "prior", "batch_size", "bias", "pattern"})


def test_changes_are_told_by_name():
    controls, told = BenchControls(), []
    controls.watch(told.append)
    controls.rule.eta = 0.5
    controls.prior.param.update(prior="l1", prior_lambda=0.3)
    assert told == [{"eta"}, {"prior", "prior_lambda"}]


def test_two_visitors_share_no_control():
    one, other = BenchControls(), BenchControls()
    one.rule.eta = 0.9
    assert other.rule.eta != 0.9


@pytest.mark.parametrize(("group", "control"), ALL, ids=lambda v: getattr(v, "__name__", v))
def test_fields_follow_controls_and_controls_fields(group, control):
    owner = group()
    form = form_for(owner, control)
    described = group.param[control]
    assert form[control] == getattr(owner, control)
    [field] = json.loads(form.described)
    assert field["control"] == control
    assert field["caption"] == described.label
    if isinstance(described, param.Boolean):
        other, again = not owner.param[control].default, owner.param[control].default
    elif isinstance(described, Choice):
        other, again = described.objects[-1], described.objects[0]
    else:
        start, end = described.softbounds or described.bounds
        other, again = (int(end), int(start)) if isinstance(described, WholeKnob) else (end, start)
    form.set(control, other)
    assert getattr(owner, control) == other
    setattr(owner, control, again)
    assert form[control] == again


def test_a_field_puts_a_hostile_value_right():
    owner = TransportControls()
    form = form_for(owner)
    form.set("steps_per_frame", 10**9)
    assert owner.steps_per_frame == form["steps_per_frame"] == 4


@pytest.mark.parametrize(
    "fields",
    [
        {"number": 1, "place": 0},
        {"number": 1, "place": 9, "value": 0.5},
        {"number": 1, "place": -1, "value": 0.5},
        {"number": 1, "place": 0, "value": True},
        {"number": 1, "place": 0, "value": "x"},
        {"number": 1, "place": 0, "value": 10**400},
        {"number": 1, "place": 0, "value": math.nan},
        {"number": "1", "place": 0, "value": 0.5},
        {"number": 1, "place": True, "value": 0.5},
        {"number": 1, "place": 0, "value": [0.5]},
        {"number": 1, "place": 0, "value": 0.5, "more": 1},
    ],
)
def test_hostile_messages_change_nothing(fields):
    owner = RuleControls()
    form = form_for(owner)
    form.received({"kind": "set", **fields})
    assert owner.eta == form["eta"] == 0.05
    form.set("eta", 0.25)
    assert owner.eta == 0.25


def test_a_message_that_crossed_another_change_undoes_nothing():
    owner = NetworkControls()
    form = form_for(owner)
    owner.seed = 4046  # by the button, while the browser was about to say this:
    form.set("n_pre", 16)
    assert (owner.seed, owner.n_pre) == (4046, 16)
    assert form["seed"] == 4046


def test_each_message_is_heard_and_acknowledged():
    owner = NetworkControls()
    form, heard = form_for(owner), []
    owner.param.watch(lambda event: heard.append(event.new), ["seed", "n_pre"])
    for number, place, value in ((1, 0, 16), (2, form._places["seed"], 3), (3, 0, 32)):
        form.received({"kind": "set", "number": number, "place": place, "value": value})
        assert form.values[-1] == number
    assert heard == [16, 3, 32]


def test_a_form_shows_what_means_something():
    owner = PriorControls()
    form = form_for(owner)
    assert form.shown == ["prior", "prior_lambda"]
    form.set("prior", "elastic_net")
    assert form.shown == ["prior", "prior_lambda", "l1_ratio"]


def test_the_side_bar_shows_every_group():
    bar = Sidebar(BenchControls()).panel
    titles = [form.title for form in (*bar[1], *bar[2:])]
    assert titles == [group.title for group in GROUPS]
