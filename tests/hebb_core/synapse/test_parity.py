"""HebbianSynapse against ngc-learn's own, step by step, under drawn settings."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hebb_core import HebbianSynapse

from ..conftest import Oracle

OPTIMISERS = ("sgd", "adam", "nag")
NAMES = (
    None,
    "constant",
    "l1",
    "lasso",
    "laplacian",
    "l2",
    "ridge",
    "gaussian",
    "elastic_net",
    "l1l2",
)
COMPARED = ("weights", "biases", "dWeights", "dBiases", "outputs")

# Both sides compute in float32, but add the prior's terms in another order, so that they differ by
# rounding, about 1e-7. The absolute tolerance is for entries that cancel to near zero, where a
# relative one means nothing. Nothing in the drawn ranges amplifies rounding by more than the
# hundredfold that remains: η·|preᵀpost| stays well below 1, and signals and weights are generic
# reals, so that neither sign(W) of L1 nor Adam's m/√v meets a value within rounding of zero.
TOLERANCE = {"rtol": 1e-4, "atol": 2e-6}


def recased(name: str, upper: int) -> str:
    return "".join(c.upper() if upper >> i & 1 else c for i, c in enumerate(name))


def compare(
    oracle: Oracle,
    *,
    shape: tuple[int, int],
    batch_size: int,
    prior: Any,
    biased: bool,
    steps: int,
    seed: int,
    their_prior: Any = None,
    **hyper: Any,
) -> None:
    """Drive both synapses with the same signals from the same weights and compare every step."""
    random = np.random.default_rng(seed)
    bound = hyper.get("w_bound", 1.0) or 1.0
    weights = random.uniform(-0.9 * bound, 0.9 * bound, shape).astype(np.float32)
    biases = random.uniform(-1, 1, (1, shape[1])).astype(np.float32)
    common = {"batch_size": batch_size, **hyper}
    ours = HebbianSynapse(
        "W", shape, prior=prior, bias_init=("zeros",) if biased else None, key=0, **common
    )
    scale = common.pop("resist_scale", 1.0)
    theirs, run = oracle.build(
        "W",
        shape,
        prior=prior if their_prior is None else their_prior,
        g_conduct_factor=scale,
        weight_init=lambda shape, key: jnp.asarray(weights),
        bias_init=(lambda shape, key: jnp.asarray(biases)) if biased else None,
        key=jax.random.PRNGKey(0),
        runs=("advance_state", "evolve"),
        **common,
    )
    ours.weights.set(weights)
    if biased:
        ours.biases.set(biases)
    for step in range(steps):
        signals = {
            "inputs": random.uniform(-1, 1, (batch_size, shape[0])),
            "pre": random.uniform(-1, 1, (batch_size, shape[0])),
            "post": random.uniform(-1, 1, (batch_size, shape[1])),
        }
        for name, signal in signals.items():
            getattr(ours, name).set(signal)
            getattr(theirs, name).set(jnp.asarray(signal, jnp.float32))
        ours.advance_state()
        ours.evolve()
        run(dt=1.0)
        for name in COMPARED:
            mine = np.asarray(getattr(ours, name).get())
            reference = np.broadcast_to(np.asarray(getattr(theirs, name).get()), mine.shape)
            np.testing.assert_allclose(
                mine, reference, err_msg=f"{name}, step {step + 1}", **TOLERANCE
            )
    assert not np.array_equal(ours.weights.get(), weights), "nothing was learned"


def magnitudes(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers of either sign whose size lies in ``[low, high]``."""
    return st.builds(
        lambda size, sign: sign * size,
        st.floats(low, high, width=32).map(float),
        st.sampled_from((-1.0, 1.0)),
    )


@st.composite
def priors(draw: st.DrawFn) -> tuple[Any, Any]:
    """A prior as we take it, and the same prior as ngc-learn does, which knows one case only."""
    name = draw(st.sampled_from(NAMES))
    strength = draw(st.floats(0, 0.25, width=32))
    parameter: Any = strength
    if name in ("elastic_net", "l1l2"):
        parameter = (strength, draw(st.floats(0, 1, width=32)))
    cased = None if name is None else recased(name, draw(st.integers(0, 2**12)))
    return (cased, parameter), (name, parameter)


@given(
    prior=priors(),
    # Few sizes, so that of our own programs few are compiled.
    shape=st.sampled_from([(1, 1), (1, 5), (6, 1), (4, 3)]),
    batch_size=st.sampled_from([1, 3]),
    eta=magnitudes(2**-10, 2**-5),
    w_bound=st.one_of(st.just(0.0), st.floats(0.5, 2.0, width=32)),
    is_nonnegative=st.booleans(),
    sign_value=magnitudes(0.5, 1.0),
    pre_wght=magnitudes(0.25, 1.5),
    post_wght=magnitudes(0.25, 1.5),
    resist_scale=magnitudes(0.25, 2.0),
    optim_type=st.sampled_from(OPTIMISERS),
    biased=st.booleans(),
    steps=st.integers(1, 30),
    seed=st.integers(0, 2**32 - 1),
)
@settings(
    max_examples=40,
    deadline=None,  # every example makes ngc-learn compile
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_learns_as_ngclearn_does(oracle, prior, **drawn):
    ours, theirs = prior
    compare(oracle, prior=ours, their_prior=theirs, **drawn)


@pytest.mark.parametrize("name", [name for name in NAMES if name])
def test_every_prior_under_every_name(oracle, name):
    parameter = (0.2, 0.3) if name in ("elastic_net", "l1l2") else 0.2
    compare(
        oracle,
        shape=(3, 2),
        batch_size=2,
        prior=(name.upper(), parameter),
        their_prior=(name, parameter),
        biased=False,
        steps=10,
        seed=3,
        eta=0.02,
        sign_value=-1.0,
    )


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("optim_type", OPTIMISERS)
def test_every_optimiser_over_many_steps(oracle, optim_type, biased):
    compare(
        oracle,
        shape=(4, 3),
        batch_size=3,
        prior=("l2", 0.1),
        biased=biased,
        steps=100,
        seed=5,
        eta=0.02,
        sign_value=-1.0,
        optim_type=optim_type,
    )


def test_update_and_reset_as_ngclearn_does(oracle):
    shape, random = (3, 2), np.random.default_rng(0)
    weights = random.uniform(0, 1, shape).astype(np.float32)
    theirs, run = oracle.build(
        "W",
        shape,
        eta=0.1,
        batch_size=2,
        prior=("l1", 0.1),
        key=jax.random.PRNGKey(0),
        weight_init=lambda shape, key: jnp.asarray(weights),
        runs=("calc_update",),
    )
    ours = HebbianSynapse("W", shape, eta=0.1, batch_size=2, prior=("l1", 0.1))
    ours.weights.set(weights)
    for name, width in (("pre", 3), ("post", 2)):
        signal = random.uniform(-1, 1, (2, width)).astype(np.float32)
        getattr(ours, name).set(signal)
        getattr(theirs, name).set(jnp.asarray(signal))
    ours.calc_update()
    run()
    for name in ("weights", "dWeights", "dBiases"):
        np.testing.assert_allclose(
            getattr(ours, name).get(), getattr(theirs, name).get(), **TOLERANCE
        )
    ours.reset()
    theirs.reset()
    for name in ("inputs", "outputs", "pre", "post", "dWeights", "dBiases", "weights"):
        mine = np.asarray(getattr(ours, name).get())
        reference = np.asarray(getattr(theirs, name).get())
        np.testing.assert_array_equal(mine, np.broadcast_to(reference, mine.shape))


def test_default_weights_come_from_the_same_distribution(oracle):
    theirs, _ = oracle.build("W", (60, 60), key=jax.random.PRNGKey(0), runs=("advance_state",))
    ours = np.asarray(HebbianSynapse("W", (60, 60), key=0).weights.get())
    reference = np.asarray(theirs.weights.get())
    for sample in (ours, reference):
        assert sample.min() >= 0.025
        assert sample.max() < 0.8
    quantiles = np.linspace(0, 1, 11)
    np.testing.assert_allclose(
        np.quantile(ours, quantiles), np.quantile(reference, quantiles), atol=0.04
    )
