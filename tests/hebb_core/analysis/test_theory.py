"""What theory says of a run: where it claims to hold it does, and it is silent elsewhere."""

import re
from dataclasses import replace

import numpy as np
import pytest

from hebb_core.analysis import theory as theory_module
from hebb_core.analysis.theory import NotApplicable, Prediction, predict
from hebb_core.run.engine import Engine, Network

from ..runs import SHAPE, after, settings_of

PRIORS = [None, ("l2", 0.3), ("l1", 0.3), ("elastic_net", (0.5, 0.4))]


def predicted(*args, **kwargs) -> Prediction:
    found = predict(*args, **kwargs)
    assert isinstance(found, Prediction), found
    return found


# --- growth ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "values"), [("correlated", {}), ("random_binary", {"sparsity": 0.5})]
)
def test_a_linear_run_grows_as_predicted(pattern, values):
    batch, steps = 4, 1000
    chosen = settings_of(pattern, "linear", values, eta=5e-4, w_bound=0.0, prior=None)
    found = predicted(chosen, SHAPE, batch, 0, "sgd")
    assert found.kind == "growth"
    assert not found.exact
    assert found.weights is None
    assert found.eta_limit is None
    engine = Engine(Network(*SHAPE), batch_size=batch)
    along = []
    for _ in range(2):
        frame = engine.run(chosen, steps)
        along.append(np.linalg.norm(found.direction @ np.asarray(frame.weights)))
    start = np.linalg.norm(
        found.direction @ np.asarray(Engine(Network(*SHAPE)).state.synapse.weights)
    )
    # Per step, over the steps that were averaged.
    assert (along[0] / start) ** (1 / steps) == pytest.approx(found.factor, rel=1e-3)
    assert np.log(along[0] / start) / steps == pytest.approx(np.log(found.factor), rel=0.03)


def test_growth_on_a_constant_input_is_exact():
    chosen = settings_of("ring", "linear", {"speed": 0}, eta=0.01, w_bound=0.0)
    found = predicted(chosen, SHAPE, 1, 0, "sgd")
    assert found.exact
    engine = Engine(Network(*SHAPE))
    engine.run(chosen, 400)
    frame = engine.run(chosen, 1)
    ratio = np.linalg.norm(frame.weights) / np.linalg.norm(frame.before)
    assert ratio == pytest.approx(found.factor, rel=1e-5)
    assert found.distance(frame.weights) < 1e-3
    assert np.linalg.norm(found.direction) == pytest.approx(1, rel=1e-5)
    assert found.distance(np.outer(found.direction, [1.0, -2.0])) == pytest.approx(0, abs=1e-6)
    orthogonal = np.eye(12)[:1].T - np.outer(found.direction, found.direction[:1])
    assert found.distance(orthogonal) == pytest.approx(1, abs=1e-6)
    assert found.distance(np.zeros(SHAPE)) == 1.0


# --- predictions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("nonnegative", [False, True])
def test_a_run_on_a_constant_drive_ends_where_predicted(prior, batch, nonnegative):
    chosen = settings_of(
        pattern_values={"speed": 0, "width": 0.3},
        prior=prior,
        pre_wght=1.5,
        post_wght=0.8,
        is_nonnegative=nonnegative,
        eta=0.1,
        w_bound=1.2,
    )
    found = predicted(chosen, SHAPE, batch, 0, "sgd")
    assert found.kind == "fixed point"
    assert found.exact
    assert "Exact" in found.note
    assert found.eta_limit > 0.1
    engine = Engine(Network(*SHAPE), batch_size=batch)
    frame = engine.run(chosen, 1000)
    # L1 leaves those that it kills dithering about zero.
    dead = found.weights == 0
    assert (np.abs(np.asarray(frame.weights)[dead]) <= 0.1 * 2 * 0.5).all()
    assert found.distance(np.where(dead, 0, frame.weights)) < 1e-3


@pytest.mark.parametrize("optim_type", ["adam", "nag"])
def test_every_optimiser_ends_there_but_the_limit_is_sgd_s(optim_type):
    chosen = settings_of(pattern_values={"speed": 0}, eta=0.01)
    found = predicted(chosen, SHAPE, 1, 0, optim_type)
    assert found.eta_limit is None
    frame = Engine(Network(*SHAPE)).run(chosen, 1)
    now = after(chosen.hyper, frame.before, frame.pre, frame.post, 6000, optim_type=optim_type)
    assert found.distance(now) < 5e-3


def test_the_opening_setting_ends_near_its_average():
    chosen = settings_of(pattern_values={"width": 0.06, "speed": 15}, eta=0.02, prior=("l2", 0.02))
    found = predicted(chosen, SHAPE, 1, 0, "sgd")
    assert not found.exact
    assert "average" in found.note
    assert found.eta_limit == pytest.approx(2 / 1.02, rel=1e-4)
    engine = Engine(Network(*SHAPE))
    for _ in range(20):
        frame = engine.run(chosen, 1000)
    first = found.distance(frame.weights)
    assert first < 0.05
    # First order in η: a tenth of η leaves less.
    for _ in range(20):
        slower = engine.run(
            replace(chosen, hyper=replace(chosen.hyper, eta=np.float32(0.002))), 1000
        )
    assert found.distance(slower.weights) < first / 3


def test_independent_post_ends_near_its_average_too():
    chosen = settings_of(
        "random_binary", ("independent", {"activity": 0.5}), eta=0.002, prior=("l1", 0.05)
    )
    found = predicted(chosen, SHAPE, 4, 0, "sgd")
    engine = Engine(Network(*SHAPE), batch_size=4)
    for _ in range(8):
        frame = engine.run(chosen, 1000)
    assert found.distance(frame.weights) < 0.05


def test_what_never_moves_is_part_of_the_prediction():
    chosen = settings_of("one_hot", prior=None, w_bound=1.0)
    # Post units 12 to 15 are never active; nor is any pair but that of the same number.
    assert np.isnan(predicted(chosen, SHAPE, 1, 0, "sgd").weights[:, 12:]).all()
    start = np.full(SHAPE, 0.25, np.float32)
    start[1, 1] = -1.0
    start[2, 13] = 1.5
    found = predicted(chosen, SHAPE, 1, 0, "sgd", weights=start)
    network = Network(*SHAPE, weight_init=lambda shape, key: start)
    engine = Engine(network)
    for _ in range(3):
        frame = engine.run(chosen, 1000)
    np.testing.assert_allclose(frame.weights, found.weights, atol=1e-3)
    assert found.weights[1, 1] == -1.0
    assert found.weights[2, 13] == 1.0


def test_missing_connections_are_predicted_at_zero():
    chosen = settings_of(pattern_values={"speed": 0}, eta=0.2)
    engine = Engine(Network(*SHAPE, p_conn=0.5))
    found = predicted(chosen, SHAPE, 1, 0, "sgd", mask=engine.state.synapse.mask)
    frame = engine.run(chosen, 1000)
    assert found.distance(frame.weights) < 1e-3


def test_past_the_limit_the_note_says_so():
    slow = predicted(settings_of(pattern_values={"speed": 0}), SHAPE, 1, 0, "sgd")
    fast = predicted(settings_of(pattern_values={"speed": 0}, eta=1.9), SHAPE, 1, 0, "sgd")
    assert fast.eta_limit == slow.eta_limit == pytest.approx(2 / 1.1)
    assert "past its limit" in fast.note
    assert "past" not in slow.note
    sweeping = predicted(settings_of(eta=1.9), SHAPE, 1, 0, "sgd")
    assert "overshoot" in sweeping.note


@pytest.mark.parametrize(
    ("chosen", "formula"),
    [
        ({}, "W* = c·B / (|c| + λ)"),
        ({"prior": ("l1", 0.1)}, "W* = sign(c)·max(B − λ/|c|, 0)"),
        ({"prior": ("elastic_net", (0.1, 0.5))}, "W* = sign(c)·max(|c|·B − λ₁, 0) / (|c| + λ₂)"),
        ({"prior": None}, "W* = sign(c)·B"),
        ({"prior": None, "sign_value": 1.0}, "W* = −sign(c)·B"),
        ({"is_nonnegative": True}, "W* = max(c·B / (|c| + λ), 0)"),
        ({"w_bound": 0.0}, "W* = c / λ"),
        ({"w_bound": 0.0, "prior": ("l1", 3.0)}, "W* = 0 where |c| ≤ λ"),
    ],
)
def test_formulas_in_words(chosen, formula):
    assert predicted(settings_of(**chosen), SHAPE, 1, 0, "sgd").formula == formula


def test_where_nothing_remains_the_distance_is_the_size_of_what_is_there():
    found = predicted(settings_of(prior=("l1", 3.0)), SHAPE, 1, 0, "sgd")
    assert not found.weights.any()
    assert found.distance(np.zeros(SHAPE)) == 0
    assert found.distance(np.eye(*SHAPE) * 5 / np.sqrt(12)) == pytest.approx(5)


LINEAR = {"circuit": "linear", "w_bound": 0.0, "prior": None}


@pytest.mark.parametrize(
    ("chosen", "optim_type", "reason"),
    [
        ({"eta": 0.0}, "sgd", "does not move"),
        ({"sign_value": 0.0}, "sgd", "does not move"),
        ({"circuit": "winner_take_all"}, "sgd", "winner take all.*depends on W"),
        ({"circuit": "relu"}, "sgd", "depends on W"),
        ({"circuit": "softmax"}, "sgd", "depends on W"),
        ({"circuit": "error"}, "sgd", "depends on W"),
        ({"sign_value": 1.0}, "sgd", "turns the prior around"),
        ({"prior": ("l1", -0.1)}, "sgd", "negative strength"),
        ({"w_bound": 0.0, "prior": None}, "sgd", "without end"),
        ({"w_bound": 0.0, "prior": ("l1", 0.01)}, "sgd", "without end"),
        ({"prior": None, "circuit": ("independent", {"activity": 0.0})}, "sgd", "Nothing drives"),
        ({"circuit": "linear"}, "sgd", "bound makes"),
        ({**LINEAR, "prior": ("l1", 0.1)}, "sgd", "L1 pulls"),
        ({**LINEAR, "learn_bias": True}, "sgd", "bias"),
        (LINEAR, "adam", "SGD's alone"),
        (LINEAR, "nag", "SGD's alone"),
        ({**LINEAR, "sign_value": 1.0}, "sgd", "takes away"),
        ({**LINEAR, "post_wght": -1.0}, "sgd", "takes away"),
        ({**LINEAR, "pattern": "one_hot"}, "sgd", "no single direction"),
        ({**LINEAR, "prior": ("l2", 60.0)}, "sgd", "overshoots"),
    ],
)
def test_silence_says_why(chosen, optim_type, reason):
    found = predict(settings_of(**chosen), SHAPE, 1, 0, optim_type)
    assert isinstance(found, NotApplicable), found
    assert re.search(reason, found.reason), found.reason
    assert found.reason.endswith(".")


def test_silence_of_missing_connections_silent_input_and_size(monkeypatch):
    linear = settings_of(**LINEAR)
    mask = np.ones(SHAPE)
    mask[0, 0] = 0
    missing = predict(linear, SHAPE, 1, 0, "sgd", mask=mask)
    assert isinstance(missing, NotApplicable)
    assert "missing" in missing.reason
    large = predict(linear, (1025, 2), 1, 0, "sgd")
    assert isinstance(large, NotApplicable)
    assert "too large" in large.reason
    nothing = theory_module.Average(np.zeros((12, 12), np.float32), True, 0.0, 1)
    monkeypatch.setattr(theory_module, "mean_correlation", lambda *_: nothing)
    silent = predict(linear, SHAPE, 1, 0, "sgd")
    assert isinstance(silent, NotApplicable)
    assert "silent" in silent.reason


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"network_shape": (0, 3)}, "network_shape"),
        ({"batch": 0}, "batch"),
        ({"seed": -1}, "seed"),
        ({"optim_type": "rmsprop"}, "optim_type"),
        ({"weights": np.zeros((2, 2))}, "weights"),
        ({"mask": np.full(SHAPE, 0.5)}, "mask"),
    ],
)
def test_bad_arguments_are_refused_by_name(change, named):
    good = {"network_shape": SHAPE, "batch": 1, "seed": 0, "optim_type": "sgd"}
    with pytest.raises(ValueError, match=named):
        predict(settings_of(), **{**good, **change})
