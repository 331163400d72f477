"""Closed forms against the rule, run: each holds where it claims to."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from hebb_core.analysis.closed_forms import (
    fixed_point,
    growth_factor,
    stability_limit,
    stiffness,
)
from hebb_core.rule import rule
from hebb_core.rule.hyper import hyperparameters

from ..runs import after, update

PRIORS = [None, ("l2", 0.3), ("l1", 0.3), ("elastic_net", (0.5, 0.4))]


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
        w_bound=bound,
        prior=prior,
        is_nonnegative=nonnegative,
        pre_wght=gains[0],
        post_wght=gains[1],
        sign_value=sign,
    )
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
    asked = update(hyper, target, pre, post)
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
        eta=0.1,
        w_bound=0.0,
        sign_value=-0.8,
        prior=("l2", strength),
        pre_wght=0.5,
        post_wght=3.0,
        resist_scale=1.5,
    )
    factor = growth_factor(hyper, 1.0)
    assert factor == pytest.approx(1 + 0.08 * (0.5 * 3 * 1.5 - strength))
    weights = rotation[:, :2].astype(np.float32)  # one column along each of two eigenvectors
    state = rule.initial_state(weights, np.zeros((1, 2), np.float32), np.ones((1, 1)), "sgd")
    outputs = rule.forward(hyper, state.weights, state.biases, pre)
    now = rule.step(hyper, state, pre, outputs, "sgd").state.weights
    expected = weights * [factor, growth_factor(hyper, 0.5)]
    np.testing.assert_allclose(now, expected, rtol=1e-5, atol=1e-6)


def test_many_settings_are_told_as_each_alone():
    rng = np.random.default_rng(3)
    alone = [
        hyperparameters(
            eta=0.1, sign_value=-1.0, w_bound=bound, prior=prior, is_nonnegative=nonnegative
        )
        for bound in (0.0, 0.7, 2.0)
        for prior in PRIORS
        for nonnegative in (False, True)
    ]
    together = jax.tree.map(lambda *values: np.array(values), *alone)
    drive = rng.normal(size=len(alone))
    for formula in (fixed_point, stiffness):
        expected = [float(formula(hyper, c)) for hyper, c in zip(alone, drive, strict=True)]
        np.testing.assert_array_equal(formula(together, drive), expected)
