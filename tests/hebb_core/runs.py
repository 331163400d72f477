"""Runs that tests compare with."""

from functools import partial

import jax
import numpy as np

from hebb_core.rule import rule
from hebb_core.rule.hyper import hyperparameters
from hebb_core.run.engine import Network, Settings
from hebb_core.signals.circuits import circuit_settings
from hebb_core.signals.patterns import pattern_settings
from hebb_core.sweep import OUTCOMES

# Compiling is most of the time here, and a step of the engine takes as long to compile for few units as
# for many. So tests share two networks: one of SHAPE where all units are connected, under SGD with
# batches of 1 and of 4; and SMALL, which lacks some connections, under any optimiser with batches of 2.
SHAPE = (12, 16)
SMALL = Network(6, 4, p_conn=0.7, seed=3)

#: One program for each shape, where :func:`hebb_core.rule.rule.update` by itself is one an operation.
update = jax.jit(rule.update)


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


def same_sweep(one, other):
    """Two results of a sweep are the same to the bit."""
    for name in OUTCOMES:
        np.testing.assert_array_equal(one[name], other[name])
    np.testing.assert_array_equal(one.weights, other.weights)
