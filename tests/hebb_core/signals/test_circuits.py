"""Circuits: where post comes from."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hebb_core.signals.circuits import CIRCUITS, circuit_settings, respond

compiled = jax.jit(respond)
RNG = np.random.default_rng(0)
OUTPUTS = RNG.normal(size=(6, 9)).astype(np.float32)
TARGET = RNG.normal(size=(6, 9)).astype(np.float32)
CHANCE = RNG.random((6, 9)).astype(np.float32)


def post(name, outputs=OUTPUTS, target=TARGET, **values):
    chance = CHANCE if outputs.shape == CHANCE.shape else np.zeros_like(outputs)
    return np.asarray(compiled(circuit_settings(name, **values), outputs, target, chance))


def test_linear_relu_teacher_and_error():
    np.testing.assert_array_equal(post("linear"), OUTPUTS)
    np.testing.assert_array_equal(post("relu"), np.maximum(OUTPUTS, 0))
    np.testing.assert_array_equal(post("teacher"), TARGET)
    np.testing.assert_allclose(post("error"), TARGET - OUTPUTS)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_exactly_k_win_ties_or_not(data):
    winners = data.draw(st.integers(1, 12))
    levels = data.draw(st.integers(1, 4))
    outputs = np.random.default_rng(levels).integers(0, levels, (6, 9)).astype(np.float32)
    fired = post("winner_take_all", outputs, winners=winners)
    assert set(np.unique(fired)) <= {0.0, 1.0}
    np.testing.assert_array_equal(fired.sum(1), min(winners, 9))
    for row, won in zip(outputs, fired.astype(bool), strict=True):
        assert won.all() or row[won].min() >= row[~won].max()


@pytest.mark.parametrize("m", [64, 65, 300])
@pytest.mark.parametrize("winners", [1, 5, 64])
def test_winners_are_the_same_however_many_units(m, winners):
    outputs = np.random.default_rng(m).integers(0, 7, (3, m)).astype(np.float32)
    fired = post("winner_take_all", outputs, target=outputs, winners=winners)
    expected = np.zeros_like(outputs)
    first = np.argsort(-outputs, axis=1, kind="stable")[:, :winners]
    np.put_along_axis(expected, first, 1.0, axis=1)
    np.testing.assert_array_equal(fired, expected)


def test_softmax_survives_any_finite_output():
    outputs = np.full_like(OUTPUTS, -3e38)
    outputs[:, 2] = 3e38
    fired = post("softmax", outputs, temperature=0.01)
    np.testing.assert_array_equal(fired, np.eye(9, dtype=np.float32)[[2] * 6])


def test_softmax_shares_one_and_sharpens_as_it_cools():
    warm, cold = post("softmax", temperature=5.0), post("softmax", temperature=0.01)
    np.testing.assert_allclose(warm.sum(1), 1, rtol=1e-5)
    np.testing.assert_array_equal(cold.argmax(1), OUTPUTS.argmax(1))
    assert cold.max(1).min() > 0.5
    assert warm.max(1).max() < 0.5
    expected = np.exp(OUTPUTS / 5) / np.exp(OUTPUTS / 5).sum(1, keepdims=True)
    np.testing.assert_allclose(warm, expected, rtol=1e-5)


@pytest.mark.parametrize("activity", [0.0, 0.3, 1.0])
def test_independent_fires_by_chance(activity):
    np.testing.assert_array_equal(post("independent", activity=activity), activity > CHANCE)


def test_changing_circuit_or_numbers_compiles_nothing():
    before = compiled._cache_size()
    for name, circuit in CIRCUITS.items():
        post(name)
        post(name, **{p.name: p.high for p in circuit.parameters})
    assert compiled._cache_size() == before
    compiled(circuit_settings(), jnp.ones((1, 2)), jnp.ones((1, 2)), jnp.ones((1, 2)))
    assert compiled._cache_size() == before + 1


@pytest.mark.parametrize("circuit", CIRCUITS.values(), ids=lambda c: c.name)
def test_each_circuit_is_described(circuit):
    for text in (circuit.explanation, *(p.explanation for p in circuit.parameters)):
        assert len(text) > 20
        assert text.endswith(".")
    for parameter in circuit.parameters:
        assert parameter.low <= parameter.default <= parameter.high


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: circuit_settings("loop"), ValueError, "circuit must be one of .*'loop'"),
        (lambda: circuit_settings("softmax", temperature=0), ValueError, "temperature must be"),
        (lambda: circuit_settings("winner_take_all", winners=1.5), ValueError, "whole number"),
        (lambda: circuit_settings("linear", winners=1), TypeError, "takes no parameters"),
    ],
)
def test_bad_settings_are_refused_by_name(call, error, says):
    with pytest.raises(error, match=says):
        call()
