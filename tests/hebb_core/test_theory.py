"""Closed forms against the rule, run: each holds where it claims to, and is silent elsewhere."""

import re
from dataclasses import replace
from functools import partial

import jax
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from hebb_core import rule
from hebb_core import theory as theory_module
from hebb_core.circuits import CIRCUITS, circuit_settings, respond
from hebb_core.drive import IMPOSED, mean_correlation, mean_drive, whole_cycles
from hebb_core.engine import Engine, Network, Settings
from hebb_core.hyper import hyperparameters
from hebb_core.patterns import pattern_settings
from hebb_core.theory import (
    Prediction,
    Silence,
    fixed_point,
    growth_factor,
    predict,
    stability_limit,
)

PRIORS = [None, ("l2", 0.3), ("l1", 0.3), ("elastic_net", (0.5, 0.4))]
# Programs are compiled for one shape and two batch sizes only: compiling is most of the time here.
SHAPE = (12, 16)


def settings_of(pattern="ring", circuit="teacher", pattern_values=None, **hyper):
    hyper = {"eta": 0.05, "sign_value": -1.0, "prior": ("l2", 0.1), **hyper}
    name, values = circuit if isinstance(circuit, tuple) else (circuit, {})
    return Settings(
        hyperparameters(**hyper),
        pattern_settings(pattern, **(pattern_values or {})),
        circuit_settings(name, **values),
    )


@partial(jax.jit, static_argnames="optim_type")
def after(hyper, weights, pre, post, steps, optim_type="sgd"):
    """W after ``steps`` steps of the rule on the same pre and post."""
    state = rule.initial_state(
        weights, np.zeros((1, weights.shape[1]), np.float32), np.ones((1, 1)), optim_type
    )
    state = jax.lax.fori_loop(
        0, steps, lambda _, s: rule.step(hyper, s, pre, post, optim_type).state, state
    )
    return state.weights


def predicted(*args, **kwargs) -> Prediction:
    found = predict(*args, **kwargs)
    assert isinstance(found, Prediction), found
    return found


def signals(seed, batch=3, n=6, m=5):
    rng = np.random.default_rng(seed)
    shapes = ((batch, n), (batch, m), (n, m))
    pre, post = (rng.normal(size=shape).astype(np.float32) for shape in shapes[:2])
    return pre, post, rng.uniform(-0.9, 0.9, shapes[2]).astype(np.float32)


def drive_of(hyper, pre, post):
    return (pre * hyper.pre_wght).T.astype(float) @ (post * hyper.post_wght)


def settles(hyper, pre, post, start, steps=4000):
    """Whether W ends at the closed form: on it where it is not zero, or dithering about zero."""
    drive = drive_of(hyper, pre, post)
    target = fixed_point(hyper, drive)
    rate = abs(float(hyper.eta * hyper.sign_value))
    dither = rate * (hyper.prior_l1 + np.abs(drive) * float(hyper.w_bound))
    slack = np.where((target == 0) & (hyper.prior_l1 > 0), dither, 0.0) + 2e-4 * np.maximum(
        np.abs(target), 0.1
    )
    now = np.asarray(after(hyper, start, pre, post, steps))
    return bool((np.abs(now - target) <= slack).all())


# --- fixed points ---------------------------------------------------------------------------------


@examples(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 999),
    prior=st.sampled_from(PRIORS),
    bound=st.sampled_from([0.7, 1.0, 3.0]),
    nonnegative=st.booleans(),
    gains=st.tuples(st.sampled_from([0.5, 1.0]), st.sampled_from([-1.0, 1.0, 2.0])),
    sign=st.sampled_from([-1.0, -0.4, 1.0]),
)
def test_random_drives_of_either_sign_lead_where_the_formula_says(
    seed, prior, bound, nonnegative, gains, sign
):
    pre, post, start = signals(seed)
    hyper = hyperparameters(
        w_bound=bound, prior=prior, is_nonnegative=nonnegative, pre_wght=gains[0],
        post_wght=gains[1], sign_value=sign,
    )  # fmt: skip
    drive = drive_of(hyper, pre, post)
    # A weak drive takes long to bring a weight to the bound, whose approach it alone paces.
    assume(np.abs(drive).min() > 0.02)
    # A negative η turns the sign +1 around, so that r > 0 throughout.
    limit = min(stability_limit(hyper, drive), 2 / (abs(sign) * np.abs(drive).max()))
    hyper = replace(hyper, eta=np.float32(-np.sign(sign) * 0.45 * limit))
    assert settles(hyper, pre, post, start * np.float32(bound))


@examples(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 999),
    prior=st.sampled_from([p for p in PRIORS if p]),
    bound=st.sampled_from([0.0, 0.5, 2.0]),
)
def test_at_the_fixed_point_the_rule_asks_for_nothing(seed, prior, bound):
    pre, post, _ = signals(seed)
    if bound == 0 and prior[0] == "l1":
        prior = ("elastic_net", (0.5, 0.9))
    hyper = hyperparameters(eta=0.1, w_bound=bound, prior=prior, sign_value=-1.0)
    target = fixed_point(hyper, drive_of(hyper, pre, post)).astype(np.float32)
    asked = rule.update(hyper, target, pre, post)
    live = target != 0
    scale = np.abs(asked.hebbian) + 1
    assert (np.abs(asked.d_weights) <= 1e-5 * scale)[live].all()
    # What L1 holds at zero, the drive cannot lift.
    assert (np.abs(asked.hebbian) <= hyper.prior_l1 * (1 + 1e-5))[~live].all()


def test_the_named_cases_are_cases_of_the_one_formula():
    drive = np.array([[2.0, -0.5, 0.1, 0.0]])
    size, sign = np.abs(drive), np.sign(drive)
    common = {"eta": 0.1, "sign_value": -1.0, "w_bound": 2.0}
    ridge = fixed_point(hyperparameters(prior=("l2", 0.4), **common), drive)
    np.testing.assert_allclose(ridge, drive * 2 / (size + 0.4))
    lasso = fixed_point(hyperparameters(prior=("l1", 0.4), **common), drive)
    np.testing.assert_allclose(lasso, [[2 - 0.4 / 2, -(2 - 0.4 / 0.5), 0.0, 0.0]], rtol=1e-6)
    net = fixed_point(hyperparameters(prior=("elastic_net", (0.8, 0.25)), **common), drive)
    np.testing.assert_allclose(net, sign * np.maximum(size * 2 - 0.2, 0) / (size + 0.3), rtol=1e-6)
    free = fixed_point(hyperparameters(**common), drive)
    np.testing.assert_allclose(free, [[2.0, -2.0, 2.0, np.nan]])
    clipped = fixed_point(hyperparameters(is_nonnegative=True, **common), drive)
    np.testing.assert_allclose(clipped, [[2.0, 0.0, 2.0, np.nan]])
    anti = fixed_point(hyperparameters(**{**common, "sign_value": 1.0}), drive)
    np.testing.assert_allclose(anti, [[-2.0, 2.0, -2.0, np.nan]])
    assert np.isnan(fixed_point(hyperparameters(**{**common, "eta": 0.0}), drive)).all()


def test_without_a_bound_l2_alone_stops_a_weight():
    drive = np.array([[2.0, -0.5]])
    hyper = hyperparameters(eta=0.1, sign_value=-1.0, w_bound=0.0, prior=("l2", 0.5))
    np.testing.assert_allclose(fixed_point(hyper, drive), drive / 0.5)
    free = replace(hyper, prior_l2=np.float32(0), prior_l1=np.float32(1))
    np.testing.assert_allclose(fixed_point(free, drive), [[np.inf, 0.0]])


@pytest.mark.parametrize(("sign", "strength"), [(1.0, 0.1), (-1.0, -0.1)])
def test_where_no_fixed_point_attracts_there_is_none(sign, strength):
    hyper = hyperparameters(eta=0.1, sign_value=sign, prior=("l2", strength))
    with pytest.raises(ValueError, match="stable"):
        fixed_point(hyper, [[1.0]])


# --- stability ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [-1.0, -2.5])
@pytest.mark.parametrize(
    ("prior", "bound"),
    [
        (prior, bound)
        for prior in PRIORS
        for bound in (1.0, 2.0, 0.0)
        if prior and (bound or prior[0] != "l1")  # L1 alone stops no weight
    ],
)
def test_the_limit_from_both_sides(prior, bound, sign):
    # The last unit's drive is too weak for L1 to let it live, and pulls W to zero at any η.
    pre, post = np.ones((1, 1), np.float32), np.array([[1.2, -0.6, 0.05]], np.float32)
    hyper = hyperparameters(w_bound=bound, prior=prior, sign_value=sign)
    drive = drive_of(hyper, pre, post)
    limit = stability_limit(hyper, drive)
    target = fixed_point(replace(hyper, eta=np.float32(1)), drive)
    live = target != 0
    start = (target * (1 + 1e-2)).astype(np.float32)
    for share, stays in ((0.98, True), (1.02, False)):
        now = after(replace(hyper, eta=np.float32(share * limit)), start, pre, post, 2000)
        gone = np.abs(np.asarray(now) - target)[live]
        assert bool(gone.max() < 1e-4) is stays, (share, gone)


@examples(max_examples=60, deadline=None)
@given(seed=st.integers(0, 999), strength=st.sampled_from([0.01, 0.5, 3.0, 30.0]))
def test_below_the_limit_l2_settles_from_anywhere(seed, strength):
    pre, post, start = signals(seed)
    hyper = hyperparameters(prior=("l2", strength), sign_value=-1.0)
    drive = drive_of(hyper, pre, post)
    assume(np.abs(drive).min() + strength > 0.05)
    hyper = replace(hyper, eta=np.float32(0.97 * stability_limit(hyper, drive)))
    assert settles(hyper, pre, post, start)


def test_a_weight_that_l1_kills_sets_no_limit():
    hyper = hyperparameters(prior=("l1", 1.0), sign_value=-1.0)
    assert stability_limit(hyper, [[0.5, 2.0]]) == pytest.approx(1.0)
    assert stability_limit(hyper, [[0.5]]) == np.inf
    assert stability_limit(replace(hyper, sign_value=np.float32(0)), [[2.0]]) == np.inf


def test_a_weight_that_the_clip_holds_at_zero_sets_no_limit():
    hyper = hyperparameters(prior=("l2", 0.5), sign_value=-1.0, is_nonnegative=True)
    assert stability_limit(hyper, [[-3.0, 0.5]]) == pytest.approx(2.0)
    free = replace(hyper, is_nonnegative=np.float32(0))
    assert stability_limit(free, [[-3.0, 0.5]]) == pytest.approx(2 / 3.5)
    # Nothing drives it: L2 alone brings it down.
    assert stability_limit(free, [[0.0]]) == pytest.approx(4.0)


@pytest.mark.parametrize("eta", [0.5, 3.0, 50.0])
def test_without_a_prior_no_step_is_too_large(eta):
    pre, post, start = signals(7)
    hyper = hyperparameters(eta=eta, sign_value=-1.0)
    assert stability_limit(hyper, drive_of(hyper, pre, post)) == np.inf
    assert settles(hyper, pre, post, start)


# --- growth ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("strength", [0.0, 0.3])
def test_growth_factor_with_every_gain(strength):
    random = np.random.default_rng(0)
    rotation, _ = np.linalg.qr(random.normal(size=(4, 4)))
    spectrum = np.array([1.0, 0.5, 0.2, 0.1])
    pre = (np.sqrt(spectrum)[:, None] * rotation.T).astype(np.float32)
    hyper = hyperparameters(
        eta=0.1, w_bound=0.0, sign_value=-0.8, prior=("l2", strength), pre_wght=0.5,
        post_wght=3.0, resist_scale=1.5,
    )  # fmt: skip
    factor = growth_factor(hyper, 1.0)
    assert factor == pytest.approx(1 + 0.08 * (0.5 * 3 * 1.5 - strength))
    weights = rotation[:, :2].astype(np.float32)  # one column along each of two eigenvectors
    state = rule.initial_state(weights, np.zeros((1, 2), np.float32), np.ones((1, 1)), "sgd")
    outputs = rule.forward(hyper, state.weights, state.biases, pre)
    now = rule.step(hyper, state, pre, outputs, "sgd").state.weights
    expected = weights * [factor, growth_factor(hyper, 0.5)]
    np.testing.assert_allclose(now, expected, rtol=1e-5, atol=1e-6)


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


# --- averages of a run's own patterns -------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["ring", "clusters", "correlated"])
@pytest.mark.parametrize("circuit", ["teacher", "independent"])
def test_the_run_s_own_signals_are_averaged(pattern, circuit):
    steps, batch = 7, 4
    chosen = settings_of(pattern, circuit, {"noise": 0.1}, pre_wght=0.5, post_wght=3.0)
    engine = Engine(Network(*SHAPE, seed=5), batch_size=batch)
    frames = [engine.run(chosen, 1) for _ in range(steps)]
    drives = [1.5 * f.pre.T @ f.post for f in frames]
    drive = mean_drive(chosen, SHAPE, batch, 5, steps)
    np.testing.assert_allclose(drive.mean, np.mean(drives, 0), rtol=1e-4, atol=1e-5)
    assert not drive.is_constant
    assert drive.peak >= np.abs(drives).max() * (1 - 1e-5)
    correlation = mean_correlation(chosen, SHAPE, batch, 5, steps)
    expected = np.mean([f.pre.T @ f.pre for f in frames], 0)
    np.testing.assert_allclose(correlation.mean, expected, rtol=1e-4, atol=1e-5)


def test_many_steps_at_once_or_few_make_the_same_average():
    chosen = settings_of("clusters", pattern_values={"noise": 0.2})
    engine = Engine(Network(*SHAPE), batch_size=4)
    products = []
    for _ in range(300):
        frame = engine.run(chosen, 1)
        products.append(frame.pre.T @ frame.post)
    drive = mean_drive(chosen, SHAPE, 4, 0, 300)
    np.testing.assert_allclose(drive.mean, np.mean(products, 0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("pattern", "values", "batch", "constant"),
    [
        ("ring", {"speed": 0}, 1, True),
        ("ring", {"speed": 0}, 4, True),
        ("ring", {"speed": 1}, 1, False),
        ("ring", {"speed": 0, "noise": 0.01}, 1, False),
        ("ring", {"speed": 250}, 4, True),  # each step goes once around
        ("one_hot", {}, 4, False),
        ("clusters", {"prototypes": 1, "flip": 0.0}, 4, True),
        ("clusters", {"prototypes": 1, "flip": 0.01}, 4, False),
        ("paired_associates", {"pairs": 1}, 4, True),
        ("random_binary", {"sparsity": 1.0}, 1, True),
    ],
)
def test_a_constant_drive_is_told_from_an_average(pattern, values, batch, constant):
    drive = mean_drive(settings_of(pattern, pattern_values=values), SHAPE, batch, 0)
    assert drive.is_constant is constant


def test_batch_of_one_has_its_peak_exactly():
    drive = mean_drive(settings_of(pattern_values={"speed": 5}), SHAPE, 1, 0)
    assert drive.peak == pytest.approx(1.0, abs=1e-5)


def test_a_sweep_is_averaged_over_whole_cycles():
    chosen = settings_of("one_hot", pattern_values={"stride": 5})
    steps = whole_cycles(chosen, 12)
    assert steps % 12 == 0
    drive = mean_drive(chosen, SHAPE, 1, 0, steps)
    np.testing.assert_allclose(drive.mean, np.eye(12, 16) / 12, rtol=1e-5, atol=1e-8)


def test_no_setting_compiles_anything(compilations):
    mean_drive(settings_of(), SHAPE, 4, 0)
    # Keys and their like are compiled once, whatever they are for.
    before = len(compilations)
    for pattern in ("letters", "gratings"):
        mean_drive(settings_of(pattern, "independent", w_bound=0.0), SHAPE, 4, 3, 50)
    assert len(compilations) == before


def test_imposed_are_the_circuits_whose_post_does_not_depend_on_w():
    answer = jax.jit(respond)
    rng = np.random.default_rng(0)
    one, other, target, lot = rng.random((4, 3, 5)).astype(np.float32)
    for name in CIRCUITS:
        chosen = circuit_settings(name)
        same = np.array_equal(
            answer(chosen, one, target, lot), answer(chosen, other - 0.5, target, lot)
        )
        assert same is (name in IMPOSED)
        if not same:
            with pytest.raises(ValueError, match="does not depend on W"):
                mean_drive(settings_of(circuit=name), SHAPE, 1, 0)


# --- predictions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("nonnegative", [False, True])
def test_a_run_on_a_constant_drive_ends_where_predicted(prior, batch, nonnegative):
    chosen = settings_of(
        pattern_values={"speed": 0, "width": 0.3}, prior=prior, pre_wght=1.5, post_wght=0.8,
        is_nonnegative=nonnegative, eta=0.1, w_bound=1.2,
    )  # fmt: skip
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
        ({"circuit": "linear"}, "sgd", "bound bends"),
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
    assert isinstance(found, Silence), found
    assert re.search(reason, found.reason), found.reason
    assert found.reason.endswith(".")


def test_silence_of_missing_connections_silent_input_and_size(monkeypatch):
    linear = settings_of(**LINEAR)
    mask = np.ones(SHAPE)
    mask[0, 0] = 0
    missing = predict(linear, SHAPE, 1, 0, "sgd", mask=mask)
    assert isinstance(missing, Silence)
    assert "missing" in missing.reason
    large = predict(linear, (1025, 2), 1, 0, "sgd")
    assert isinstance(large, Silence)
    assert "too large" in large.reason
    nothing = theory_module.Average(np.zeros((12, 12), np.float32), True, 0.0, 1)
    monkeypatch.setattr(theory_module, "mean_correlation", lambda *_: nothing)
    silent = predict(linear, SHAPE, 1, 0, "sgd")
    assert isinstance(silent, Silence)
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
