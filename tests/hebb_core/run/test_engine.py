"""The engine: the same run however it is cut, never past a step that breaks."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hebb_core.rule.hyper import hyperparameters
from hebb_core.rule.optimisers import OPTIMISERS
from hebb_core.run import steps
from hebb_core.run.engine import MAX_STEPS, Engine, Network, Settings, build
from hebb_core.run.metrics import METRICS
from hebb_core.signals.circuits import CIRCUITS, circuit_settings
from hebb_core.signals.patterns import PATTERNS, pattern_settings

from ..runs import SHAPE, SMALL, update


def settings_of(pattern="clusters", circuit="linear", noise=0.1, **hyper):
    hyper = {"eta": 0.02, "sign_value": -1.0, "prior": ("l2", 0.02), **hyper}
    return Settings(
        hyperparameters(**hyper), pattern_settings(pattern, noise=noise), circuit_settings(circuit)
    )


def arrays(state):
    return [np.asarray(leaf) for leaf in jax.tree.leaves((state.synapse, state.step))]


@pytest.mark.parametrize("optim_type", OPTIMISERS)
@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_a_run_is_the_same_to_the_bit_however_it_is_cut(optim_type, cuts):
    whole = Engine(SMALL, batch_size=2, optim_type=optim_type)
    pieces = Engine(SMALL, batch_size=2, optim_type=optim_type)
    chosen = settings_of(learn_bias=True)
    last = whole.run(chosen, sum(cuts))
    for cut in cuts:
        piece = pieces.run(chosen, cut)
    for ours, theirs in zip(arrays(pieces.state), arrays(whole.state), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(piece.record[-1], last.record[-1])
    np.testing.assert_array_equal(piece.before, last.before)
    np.testing.assert_array_equal(piece.pre, last.pre)
    assert piece.step == last.step == sum(cuts)


@pytest.mark.parametrize("circuit", CIRCUITS)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_runs_with_every_circuit(pattern, circuit):
    frame = Engine(Network(*SHAPE), batch_size=4).run(settings_of(pattern, circuit), 20)
    assert frame.finite
    assert frame.step == 20
    assert frame.record.shape == (20, len(METRICS))
    assert np.isfinite(frame.record).all()
    assert np.isfinite(frame.weights).all()
    assert frame.pre.shape == (4, 12)
    assert frame.post.shape == frame.outputs.shape == frame.target.shape == (4, 16)


def test_nothing_but_shape_batch_and_optimiser_compiles():
    engine = Engine(Network(*SHAPE))
    compiled = steps.run_steps._cache_size
    engine.run(settings_of(), 3)
    before = compiled()
    for step, pattern in enumerate(PATTERNS):
        for circuit in CIRCUITS:
            engine.run(settings_of(pattern, circuit, noise=step / 10), step + 1)
    for prior in (None, ("l1", 0.1), ("elastic_net", (0.1, 0.5))):
        engine.run(settings_of(prior=prior, w_bound=0.5, is_nonnegative=True, sign_value=1.0), 1)
    assert compiled() == before
    # A size of batch that no other test of this shape has.
    engine.set_batch_size(3)
    engine.run(settings_of(), 3)
    assert compiled() == before + 1


@pytest.mark.parametrize("optim_type", OPTIMISERS)
def test_a_bias_that_is_switched_off_rests_and_has_no_say(optim_type):
    engine = Engine(SMALL, batch_size=2, optim_type=optim_type)
    engine.run(settings_of("random_binary", "teacher", learn_bias=True), 50)
    held = np.array(engine.state.synapse.biases)
    assert np.abs(held).max() > 0
    frame = engine.run(settings_of("random_binary", "teacher", learn_bias=False), 50)
    np.testing.assert_array_equal(frame.biases, held)
    np.testing.assert_allclose(frame.outputs, frame.pre @ np.asarray(frame.before), rtol=1e-5)


def test_shares_are_counted_in_tall_matrices():
    frame = Engine(Network(2**15 + 9, 2, weight_init=("constant", 1.0))).run(
        settings_of(eta=0.0), 1
    )
    assert frame.metric("saturated")[-1] == 1.0
    assert frame.metric("near_zero")[-1] == 0.0


def test_the_last_step_is_the_rule():
    engine = Engine(Network(*SHAPE), batch_size=4)
    chosen = settings_of("random_binary", "linear", eta=0.05)
    engine.run(chosen, 6)
    frame = engine.run(chosen, 1)
    asked = update(chosen.hyper, frame.before, frame.pre, frame.post)
    np.testing.assert_allclose(frame.d_weights, asked.d_weights, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(frame.delta, np.asarray(frame.weights) - frame.before, atol=0)
    np.testing.assert_allclose(frame.delta, -0.05 * asked.d_weights, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(frame.outputs, frame.pre @ np.asarray(frame.before), rtol=1e-5)


def test_metrics_say_what_the_frame_shows():
    engine = Engine(replace(SMALL, p_conn=0.5), batch_size=2)
    frame = engine.run(settings_of("paired_associates", "teacher", eta=0.5, prior=None), 50)
    weights = np.abs(np.asarray(frame.weights))
    exists = np.asarray(engine.state.synapse.mask) > 0
    last = {name: float(frame.metric(name)[-1]) for name in METRICS}
    assert last["mean_abs"] == pytest.approx(weights[exists].mean(), rel=1e-5)
    assert last["max_abs"] == pytest.approx(weights.max())
    assert last["d_norm"] == pytest.approx(np.linalg.norm(frame.d_weights), rel=1e-4, abs=1e-6)
    assert last["saturated"] == pytest.approx((weights[exists] >= 0.99).mean())
    assert last["near_zero"] == pytest.approx((weights[exists] <= 0.01).mean())
    assert last["post"] == pytest.approx(frame.post.mean(), rel=1e-5, abs=1e-7)
    cosine = (frame.outputs * frame.target).sum(1) / (
        np.linalg.norm(frame.outputs, axis=1) * np.linalg.norm(frame.target, axis=1)
    )
    assert last["match"] == pytest.approx(cosine.mean(), rel=1e-4)


def test_a_run_that_breaks_stands_where_the_call_began():
    engine = Engine(Network(*SHAPE))
    runaway = settings_of("random_binary", "linear", eta=5.0, w_bound=0.0, prior=None)
    engine.run(runaway, 2)
    stands = arrays(engine.state)
    frame = engine.run(runaway, MAX_STEPS)
    assert not frame.finite
    assert 1 < len(frame.record) < MAX_STEPS
    assert not np.isfinite(frame.record[-1]).all()
    assert np.isfinite(frame.record[:-1, METRICS["max_abs"].column]).all()
    for now, then in zip(arrays(engine.state), stands, strict=True):
        np.testing.assert_array_equal(now, then)
    # It goes on once the cause is removed.
    calm = engine.run(settings_of(eta=0.001), 5)
    assert calm.finite
    assert calm.step == 7


def test_preview_moves_nothing_and_shows_the_new_setting():
    engine = Engine(Network(*SHAPE))
    frame = engine.run(settings_of(), 4)
    pre = frame.pre.copy()
    stands = arrays(engine.state)
    seen = engine.preview(settings_of(sign_value=2.0))
    for now, then in zip(arrays(engine.state), stands, strict=True):
        np.testing.assert_array_equal(now, then)
    assert seen.step == 4
    np.testing.assert_array_equal(seen.pre, pre)
    expected = update(
        hyperparameters(eta=0.02, sign_value=2.0, prior=("l2", 0.02)),
        seen.weights,
        seen.pre,
        seen.post,
    )
    np.testing.assert_allclose(seen.d_weights, expected.d_weights, rtol=1e-5, atol=1e-7)


def test_same_seed_same_weights_other_seed_others():
    first, again, other = (build(Network(seed=s)).synapse.weights for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_absent_connections_stay_absent():
    engine = Engine(replace(SMALL, p_conn=0.3), batch_size=2, optim_type="adam")
    mask = np.asarray(engine.state.synapse.mask)
    assert 0.15 < mask.mean() < 0.45
    frame = engine.run(settings_of(eta=0.1), 50)
    assert (np.asarray(frame.weights)[mask == 0] == 0).all()
    assert (np.asarray(frame.weights)[mask == 1] != 0).mean() > 0.9


def test_changing_the_optimiser_keeps_the_weights():
    engine = Engine(SMALL, batch_size=2)
    engine.run(settings_of(), 4)
    weights = np.asarray(engine.state.synapse.weights).copy()
    engine.set_optimiser("adam")
    np.testing.assert_array_equal(engine.state.synapse.weights, weights)
    assert engine.run(settings_of(), 2).step == 6


def test_reset_starts_again_from_the_same_weights():
    engine = Engine(Network(*SHAPE, seed=4))
    weights = np.asarray(engine.state.synapse.weights).copy()
    first = engine.run(settings_of(), 9).record.copy()
    engine.reset()
    np.testing.assert_array_equal(engine.state.synapse.weights, weights)
    np.testing.assert_array_equal(engine.run(settings_of(), 9).record, first)


@pytest.mark.parametrize("steps", [0, -1, MAX_STEPS + 1, 1.5, True, "3"])
def test_bad_step_counts_are_refused(steps):
    engine = Engine(Network(4, 3))
    with pytest.raises((ValueError, TypeError), match="steps must be"):
        engine.run(settings_of(), steps)
    assert int(engine.state.step) == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"n_pre": 0}, "n_pre"),
        ({"n_post": 2.5}, "n_post"),
        ({"p_conn": 0.0}, "p_conn"),
        ({"p_conn": 1.1}, "p_conn"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_networks_are_refused_by_name(change, named):
    with pytest.raises((ValueError, TypeError), match=named):
        replace(Network(), **change)


def test_bad_initialiser_leaves_the_run_as_it_was():
    engine = Engine(Network(4, 3))
    state = engine.state
    with pytest.raises(ValueError, match="weight_init"):
        engine.reset(Network(4, 3, weight_init=("nonsense",)))
    assert engine.state is state
    with pytest.raises(ValueError, match="optim_type"):
        engine.set_optimiser("rmsprop")
    assert engine.optim_type == "sgd"
