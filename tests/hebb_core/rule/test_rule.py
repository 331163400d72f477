"""What follows from the rule: directions, fixed points, growth rates, limits of stability."""

from __future__ import annotations

import numpy as np
import pytest

from hebb_core import HebbianSynapse
from hebb_core.rule.rule import SynapseState, constrain, initial_state, step, update


def driven(drive: float, weight: float, **hyper) -> HebbianSynapse:
    """A synapse of one weight under the constant drive ``c = pre·post``."""
    synapse = HebbianSynapse("W", (1, 1), weight_init=("constant", weight), key=0, **hyper)
    synapse.pre.set([[drive]])
    synapse.post.set([[1.0]])
    return synapse


def weight_after(steps: int, *args, **hyper) -> float:
    synapse = driven(*args, **hyper)
    for _ in range(steps):
        synapse.evolve()
    return float(synapse.weights.get()[0, 0])


@pytest.mark.parametrize(("sign_value", "expected"), [(-1.0, 0.6), (1.0, 0.4)])
def test_minus_one_grows_and_plus_one_shrinks(sign_value, expected):
    assert weight_after(1, 1.0, 0.5, eta=0.2, sign_value=sign_value) == pytest.approx(expected)


def test_plus_one_is_the_default():
    assert weight_after(1, 1.0, 0.5, eta=0.2) == pytest.approx(0.4)


def test_negative_eta_turns_the_direction_around():
    assert weight_after(1, 1.0, 0.5, eta=-0.2) == pytest.approx(0.6)


@pytest.mark.parametrize("prior", [("l1", 0.1), ("l2", 0.1), ("elastic_net", (0.1, 0.5))])
@pytest.mark.parametrize("weight", [0.5, -0.5])
def test_the_prior_shrinks_under_minus_one_and_grows_under_plus_one(prior, weight):
    undriven = {"eta": 0.1, "prior": prior}
    assert abs(weight_after(1, 0.0, weight, sign_value=-1.0, **undriven)) < abs(weight)
    assert abs(weight_after(1, 0.0, weight, sign_value=1.0, **undriven)) > abs(weight)


def test_dw_is_not_the_change_of_w():
    synapse = driven(2.0, 0.5, eta=0.05, w_bound=0.0, sign_value=-1.0)
    synapse.evolve()
    assert float(synapse.dWeights.get()[0, 0]) == pytest.approx(-2.0)
    assert float(synapse.weights.get()[0, 0]) == pytest.approx(0.6)


@pytest.mark.parametrize("drive", [0.7, -1.5])
@pytest.mark.parametrize("bound", [1.0, 2.5])
@pytest.mark.parametrize("strength", [0.1, 0.6])
def test_l2_fixed_point(drive, bound, strength):
    weight = weight_after(
        800, drive, 0.1, eta=0.05, w_bound=bound, prior=("l2", strength), sign_value=-1.0
    )
    assert weight == pytest.approx(drive * bound / (abs(drive) + strength), rel=1e-4)


@pytest.mark.parametrize("drive", [0.7, -1.5])
@pytest.mark.parametrize("bound", [1.0, 2.5])
def test_l1_fixed_point(drive, bound):
    weight = weight_after(
        800, drive, 0.1, eta=0.05, w_bound=bound, prior=("l1", 0.3), sign_value=-1.0
    )
    assert weight == pytest.approx(np.sign(drive) * (bound - 0.3 / abs(drive)), rel=1e-4)


@pytest.mark.parametrize("drive", [0.7, -1.5])
def test_elastic_net_fixed_point(drive):
    # The two coefficients of the pull: c·(B − |W|) = a + d·|W| at rest.
    a, d = 0.4 * 0.25, 0.4 * 0.75 / 2
    weight = weight_after(
        800, drive, 0.1, eta=0.05, prior=("elastic_net", (0.4, 0.25)), sign_value=-1.0
    )
    expected = np.sign(drive) * (abs(drive) - a) / (abs(drive) + d)
    assert weight == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("drive", [0.7, -1.5])
def test_without_a_prior_weights_end_at_the_bound(drive):
    weight = weight_after(800, drive, 0.1, eta=0.05, w_bound=1.5, sign_value=-1.0)
    assert weight == pytest.approx(np.sign(drive) * 1.5, rel=1e-4)


def test_l1_kills_a_weight_whose_drive_is_too_weak():
    eta, strength = 0.01, 0.5
    synapse = driven(0.4, 0.8, eta=eta, prior=("l1", strength), sign_value=-1.0)
    for _ in range(1000):
        synapse.evolve()
    # It dithers about zero rather than rest there: sign(W) knows no small pull.
    trail = []
    for _ in range(50):
        synapse.evolve()
        trail.append(abs(float(synapse.weights.get()[0, 0])))
    assert max(trail) <= eta * (strength + 0.4) * 1.01
    assert max(trail) > 0


@pytest.mark.parametrize(("rate", "settles"), [(1.9, True), (2.1, False)])
def test_l2_is_stable_up_to_two(rate, settles):
    drive, strength = 1.0, 0.25
    eta = rate / (drive + strength)
    synapse = driven(drive, 0.5, eta=eta, w_bound=1.0, prior=("l2", strength), sign_value=-1.0)
    for _ in range(400):
        synapse.evolve()
    before = float(synapse.weights.get()[0, 0])
    synapse.evolve()
    after = float(synapse.weights.get()[0, 0])
    assert (abs(after - before) < 1e-4) is settles


def test_past_the_limit_it_cycles_between_the_bound_and_a_quarter():
    # η(|c|+λ) = 2.25 with λ/|c| = 1/2: from the bound, W = 1 − η·λ = 1/4, and back past the clip.
    drive, strength, eta = 1.0, 0.5, 1.5
    synapse = driven(drive, 0.5, eta=eta, prior=("l2", strength), sign_value=-1.0)
    for _ in range(400):
        synapse.evolve()
    cycle = []
    for _ in range(4):
        synapse.evolve()
        cycle.append(float(synapse.weights.get()[0, 0]))
    assert sorted(cycle) == pytest.approx([0.25, 0.25, 1.0, 1.0], abs=1e-5)
    assert cycle[0] == pytest.approx(cycle[2], abs=1e-5)
    assert cycle[0] != pytest.approx(cycle[1], abs=0.1)


def test_plain_hebb_grows_along_the_first_eigenvector():
    random = np.random.default_rng(0)
    rotation, _ = np.linalg.qr(random.normal(size=(4, 4)))
    spectrum = np.array([1.0, 0.5, 0.2, 0.1])
    pre = np.sqrt(spectrum)[:, None] * rotation.T  # pre.T @ pre has this spectrum, summed
    eta = 0.1
    synapse = HebbianSynapse(
        "W", (4, 1), eta=eta, w_bound=0.0, sign_value=-1.0, batch_size=4, key=0
    )
    synapse.inputs.set(pre)
    synapse.pre.set(pre)
    norms = []
    for _ in range(200):
        synapse.advance_state()
        synapse.post.set(synapse.outputs.get())
        synapse.evolve()
        norms.append(np.linalg.norm(synapse.weights.get()))
    direction = np.asarray(synapse.weights.get())[:, 0] / norms[-1]
    assert norms[-1] / norms[-2] == pytest.approx(1 + eta * spectrum[0], rel=1e-5)
    assert abs(direction @ rotation[:, 0]) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("drive", [2.0, -2.0])
@pytest.mark.parametrize("sign_value", [-1.0, 1.0])
def test_a_weight_at_the_bound_is_stuck(drive, sign_value):
    assert weight_after(20, drive, 1.0, eta=0.3, sign_value=sign_value) == 1.0


def test_a_prior_frees_a_weight_at_the_bound():
    assert weight_after(1, 2.0, 1.0, eta=0.3, sign_value=-1.0, prior=("l2", 0.1)) < 1.0


def test_no_bound_means_no_soft_bound_no_clip_and_no_nonnegativity():
    free = {"eta": 1.0, "w_bound": 0.0, "is_nonnegative": True, "sign_value": -1.0}
    assert weight_after(1, 5.0, 0.5, **free) == pytest.approx(5.5)
    assert weight_after(1, -5.0, 0.5, **free) == pytest.approx(-4.5)


def test_under_a_bound_nonnegative_weights_stop_at_zero():
    bounded = {"eta": 1.0, "w_bound": 2.0, "sign_value": -1.0}
    assert weight_after(1, -5.0, 0.5, is_nonnegative=True, **bounded) == 0.0
    assert weight_after(1, -5.0, 0.5, is_nonnegative=False, **bounded) == -2.0


def test_gains_multiply_the_drive_and_dt_does_nothing():
    plain = weight_after(1, 0.4 * 2.0 * -0.5, 0.5, eta=0.2)
    assert weight_after(1, 0.4, 0.5, eta=0.2, pre_wght=2.0, post_wght=-0.5) == pytest.approx(plain)
    slow, fast = driven(1.0, 0.5, eta=0.2), driven(1.0, 0.5, eta=0.2)
    slow.evolve(dt=0.01)
    fast.evolve(dt=100.0)
    assert slow.weights.get() == fast.weights.get()


def test_the_update_sums_over_the_batch():
    synapse = HebbianSynapse("W", (1, 1), w_bound=0.0, sign_value=-1.0, batch_size=3, key=0)
    synapse.pre.set([[1.0], [2.0], [3.0]])
    synapse.post.set([[1.0], [1.0], [0.5]])
    synapse.calc_update()
    assert float(synapse.dWeights.get()[0, 0]) == -4.5
    assert float(synapse.dBiases.get()[0, 0]) == -2.5


@pytest.mark.parametrize("optim_type", ["sgd", "adam", "nag"])
def test_absent_connections_never_grow(optim_type):
    synapse = HebbianSynapse(
        "W", (8, 8), eta=0.1, sign_value=-1.0, p_conn=0.5, optim_type=optim_type, key=0
    )
    absent = np.asarray(synapse.mask.get()) == 0
    assert 0 < absent.sum() < 64
    before = np.asarray(synapse.weights.get())
    synapse.pre.set(np.ones((1, 8)))
    synapse.post.set(np.ones((1, 8)))
    for _ in range(20):
        synapse.evolve()
    after = np.asarray(synapse.weights.get())
    assert (after[absent] == 0).all()
    assert (after[~absent] > before[~absent]).all()


def test_update_taken_apart_adds_up():
    synapse = HebbianSynapse("W", (3, 2), prior=("elastic_net", (0.2, 0.5)), key=1, batch_size=4)
    random = np.random.default_rng(1)
    pre, post = random.normal(size=(4, 3)), random.normal(size=(4, 2))
    weights = synapse.weights.get()
    parts = update(synapse.hyper, weights, pre, post)
    np.testing.assert_allclose(parts.correlation, pre.T @ post, rtol=1e-5)
    np.testing.assert_allclose(parts.hebbian, parts.correlation * parts.bound)
    np.testing.assert_allclose(parts.bound, 1 - np.abs(weights))
    np.testing.assert_allclose(parts.d_weights, parts.hebbian + parts.prior, rtol=1e-5)
    assert parts.d_biases.shape == (1, 2)


def test_pure_functions_leave_their_arguments_alone():
    synapse = HebbianSynapse("W", (2, 2), eta=0.1, key=0)
    state = initial_state(synapse.weights.get(), synapse.biases.get(), np.ones((1, 1)), "sgd")
    before = np.array(state.weights)
    after = step(synapse.hyper, state, np.ones((1, 2)), np.ones((1, 2)), "sgd").state
    assert isinstance(after, SynapseState)
    np.testing.assert_array_equal(state.weights, before)
    assert not np.array_equal(after.weights, before)
    clipped = constrain(synapse.hyper, np.array([[2.0, -2.0]], np.float32))
    np.testing.assert_array_equal(clipped, [[1.0, -1.0]])


def trail(optim_type: str, steps: int) -> list[float]:
    """Weights under a constant dW = −2, from 0, with η = 0.1."""
    synapse = driven(2.0, 0.0, eta=0.1, w_bound=0.0, sign_value=-1.0, optim_type=optim_type)
    weights = []
    for _ in range(steps):
        synapse.evolve()
        weights.append(float(synapse.weights.get()[0, 0]))
    return weights


def test_sgd_moves_by_eta_dw():
    assert trail("sgd", 3) == pytest.approx([0.2, 0.4, 0.6])


def test_adam_moves_by_eta_whatever_the_size_of_dw():
    assert trail("adam", 3) == pytest.approx([0.1, 0.2, 0.3], rel=1e-4)


def test_nag_starts_without_momentum_and_then_carries_its_run_on():
    # φ: 0.2, 0.4, 0.4 + 0.18 + 0.2; W = φ + 0.9·(φ − φ_prev) from the second step on.
    assert trail("nag", 3) == pytest.approx([0.2, 0.4 + 0.9 * 0.2, 0.78 + 0.9 * 0.38])
