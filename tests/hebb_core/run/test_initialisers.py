"""Initialisers: what each draws, and what is refused."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebb_core.run.initialisers import INITIALISERS, initial_array, initialiser
from hebb_core.run.network import Network, build
from hebb_core.synapse import HebbianSynapse

KEY = jax.random.key(0)
SHAPE = (40, 50)


def draw(spec, shape=SHAPE, key=KEY) -> np.ndarray:
    return np.asarray(initial_array("weight_init", spec, shape, key))


def test_uniform():
    drawn = draw(("uniform", -0.5, 1.5))
    assert drawn.min() >= -0.5
    assert drawn.max() < 1.5
    assert drawn.mean() == pytest.approx(0.5, abs=0.05)


def test_gaussian():
    drawn = draw(("gaussian", 2.0, 0.5))
    assert drawn.mean() == pytest.approx(2.0, abs=0.05)
    assert drawn.std() == pytest.approx(0.5, abs=0.05)


def test_what_is_not_random():
    np.testing.assert_array_equal(draw(("constant", -0.5)), np.full(SHAPE, -0.5))
    np.testing.assert_array_equal(draw(("zeros",)), np.zeros(SHAPE))
    np.testing.assert_array_equal(draw(("eye",)), np.eye(*SHAPE))
    assert (draw(("gaussian", 0.5, 0.0)) == 0.5).all()


@pytest.mark.parametrize("spec", [("uniform", 0, 1), ("GAUSSIAN", 0, 1), ["uniform", 0, 1]])
def test_the_key_decides(spec):
    np.testing.assert_array_equal(draw(spec), draw(spec))
    assert not np.array_equal(draw(spec), draw(spec, key=jax.random.key(1)))


def test_all_draw_float32_of_the_shape():
    for name, (arguments, _) in INITIALISERS.items():
        array = initial_array("weight_init", (name, *(0.5 for _ in arguments)), (3, 2), KEY)
        assert array.shape == (3, 2)
        assert array.dtype == jnp.float32
        assert not array.weak_type, name  # it would make the second step another program


def test_a_callable_gets_shape_and_key():
    def ours(shape, key):
        assert jax.dtypes.issubdtype(key.dtype, jax.dtypes.prng_key)
        return np.ones(shape)

    np.testing.assert_array_equal(draw(ours), np.ones(SHAPE))


@pytest.mark.parametrize(
    ("spec", "error", "match"),
    [
        (None, TypeError, "weight_init must be a callable"),
        ("uniform", TypeError, "weight_init must be a callable"),
        ((), TypeError, "weight_init must be a callable"),
        (("normal", 0, 1), ValueError, "weight_init name"),
        ((0.025, 0.8), TypeError, "weight_init name"),
        (("uniform", 0.1), ValueError, "low, high"),
        (("zeros", 0.0), ValueError, "zeros"),
        (("uniform", 1.0, 0.5), ValueError, "low must be <= high"),
        (("uniform", 0.0, "1"), TypeError, "weight_init high"),
        (("gaussian", 0.0, -0.1), ValueError, "std must be >= 0"),
        (("constant", float("inf")), ValueError, "weight_init value"),
    ],
)
def test_refusals_name_what_is_wrong(spec, error, match):
    with pytest.raises(error, match=match):
        initialiser("weight_init", spec)


def test_synapse_and_network_draw_the_same_weights_and_connections():
    synapse = HebbianSynapse("W", (24, 16), p_conn=0.5, key=3)
    state = build(Network(24, 16, p_conn=0.5, seed=3)).synapse
    np.testing.assert_array_equal(synapse.mask.get(), state.mask)
    np.testing.assert_array_equal(synapse.weights.get(), state.weights)
    assert 0.3 < float(np.mean(state.mask)) < 0.7
