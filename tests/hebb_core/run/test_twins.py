"""Twins: two synapses in lockstep, the same weights at the start, the same patterns all along."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from hebb_core.rule.hyper import hyperparameters
from hebb_core.rule.optimisers import OPTIMISERS
from hebb_core.run.engine import Engine, Settings
from hebb_core.run.history import History
from hebb_core.signals.circuits import CIRCUITS, circuit_settings
from hebb_core.signals.patterns import pattern_settings

from ..runs import SMALL

A = hyperparameters(eta=0.02, sign_value=-1.0, prior=("l2", 0.02), learn_bias=True)
B = hyperparameters(eta=0.3, sign_value=-1.0, w_bound=0.5, prior=("l1", 0.01), pre_wght=0.7)


def engine_of(optim_type="sgd", twin=None):
    return Engine(SMALL, batch_size=2, optim_type=optim_type, twin=twin)


def settings_of(circuit="linear", twin=B):
    return Settings(
        A, pattern_settings("clusters", noise=0.2), circuit_settings(circuit), twin=twin
    )


def same(one, other):
    for ours, theirs in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))


@pytest.mark.parametrize("circuit", CIRCUITS)
@pytest.mark.parametrize("optim_type", OPTIMISERS)
def test_twins_with_equal_settings_never_differ(circuit, optim_type):
    engine = engine_of(optim_type, twin=optim_type)
    frame = engine.run(settings_of(circuit, twin=A), 200)
    same(engine.state.synapse, engine.state.twin)
    np.testing.assert_array_equal(frame.weights, frame.twin.weights)
    np.testing.assert_array_equal(frame.record, frame.twin.record)
    np.testing.assert_array_equal(frame.d_weights, frame.twin.d_weights)


@pytest.mark.parametrize("optim_type", OPTIMISERS)
def test_each_twin_is_the_run_of_its_settings_alone(optim_type):
    engine = engine_of(twin=optim_type)
    chosen = settings_of("winner_take_all")
    frame = engine.run(chosen, 150)
    one = engine_of().run(replace(chosen, twin=None), 150)
    other = engine_of(optim_type).run(chosen.of_twin(), 150)
    for ours, alone in ((frame, one), (frame.twin, other)):
        np.testing.assert_allclose(ours.weights, alone.weights, rtol=2e-4, atol=2e-6)
        np.testing.assert_allclose(ours.record, alone.record, rtol=2e-3, atol=2e-5)
        np.testing.assert_array_equal(ours.pre, alone.pre)
    assert frame.twin.optim_type == optim_type
    assert not np.array_equal(frame.weights, frame.twin.weights)


def test_however_it_is_cut_and_wherever_it_branches():
    whole = engine_of(twin="adam")
    cut = engine_of(twin="adam")
    history, chosen = History(), settings_of("relu")
    last = whole.run(chosen, 60)
    for steps in (7, 1, 30, 22):
        history.add(cut, cut.run(chosen, steps))
    same((cut.state.synapse, cut.state.twin), (whole.state.synapse, whole.state.twin))
    kept = history.find(1)
    kept.branch(cut)
    assert cut.twin == "adam"
    again = cut.run(chosen, 52)
    np.testing.assert_array_equal(again.twin.weights, last.twin.weights)
    np.testing.assert_array_equal(again.weights, last.weights)
    assert kept.frame.twin.step == 8
    single = History().add(engine_of(), engine_of().run(replace(chosen, twin=None), 1))
    assert kept.nbytes > 1.5 * single.nbytes


def test_if_one_breaks_both_stand_where_the_call_began():
    engine = engine_of(twin="sgd")
    wild = settings_of("linear", hyperparameters(eta=1e3, sign_value=-1.0, w_bound=0.0))
    before = engine.snapshot()
    frame = engine.run(wild, 200)
    assert not frame.finite
    assert not frame.twin.finite
    assert len(frame.record) == len(frame.twin.record) < 200
    same(engine.state.synapse, before.synapse)
    same(engine.state.twin, before.twin)


def test_the_optimiser_of_one_can_be_changed():
    engine = engine_of(twin="sgd")
    engine.run(settings_of(), 5)
    kept = np.asarray(engine.state.twin.weights)
    engine.set_optimiser("sgd", "nag")
    np.testing.assert_array_equal(engine.state.twin.weights, kept)
    assert (engine.optim_type, engine.twin) == ("sgd", "nag")
    assert engine.run(settings_of(), 5).twin.optim_type == "nag"


def test_an_edit_is_that_of_the_first():
    engine = engine_of(twin="sgd")
    chosen = settings_of("teacher", twin=A)
    engine.run(chosen, 5)
    row, col = np.argwhere(np.asarray(engine.state.synapse.mask))[0]
    engine.set_weight(int(row), int(col), 0.5, A)
    other = np.asarray(engine.state.twin.weights)
    assert engine.state.synapse.weights[row, col] == 0.5
    assert other[row, col] != 0.5


def test_settings_and_engine_must_agree_on_the_twin():
    with pytest.raises(ValueError, match="twin"):
        engine_of().run(settings_of(), 1)
    with pytest.raises(ValueError, match="twin"):
        engine_of(twin="sgd").run(settings_of(twin=None), 1)
    with pytest.raises(ValueError, match="twin"):
        settings_of(twin=None).of_twin()
    with pytest.raises(ValueError, match="twin"):
        engine_of(twin="rmsprop")
