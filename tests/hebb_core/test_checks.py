"""Checks: what passes, what is refused, and that a refusal says what is allowed."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hebb_core import checks
from hebb_core.run.keys import prng_key


@given(st.floats(allow_nan=False, allow_infinity=False, width=32) | st.integers(-(10**30), 10**30))
def test_any_finite_number_passes_unchanged(value):
    assert checks.number("eta", value) == float(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e39, -1e39, 10**39])
def test_what_float32_cannot_hold_is_refused(value):
    with pytest.raises(ValueError, match="eta must be finite"):
        checks.number("eta", value)


@pytest.mark.parametrize(
    "value", ["1", None, True, np.True_, jnp.asarray(True), 1j, [1.0], np.ones(1)]
)
def test_what_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match="eta must be a real number"):
        checks.number("eta", value)


def test_huge_integers_are_refused_as_too_large():
    with pytest.raises(ValueError, match="eta"):
        checks.number("eta", 10**400)


@pytest.mark.parametrize(
    ("limits", "value", "allowed"),
    [
        ({"low": 0.0}, -0.5, ">= 0"),
        ({"high": 1.0}, 1.5, "<= 1"),
        ({"low": 0.0, "high": 1.0}, 2.0, r"in \[0, 1\]"),
        ({"low": 0.0, "high": 1.0, "exclusive_low": True}, 0.0, r"in \(0, 1\]"),
        ({"low": 0.0, "exclusive_low": True}, 0, "> 0"),
    ],
)
def test_ranges_are_told(limits, value, allowed):
    with pytest.raises(ValueError, match=f"p must be {allowed}, got {value}"):
        checks.number("p", value, **limits)


def test_integers():
    assert checks.integer("n", np.int64(3), low=1) == 3
    for value in (2.0, True, "2", None):
        with pytest.raises(TypeError, match="n must be an integer"):
            checks.integer("n", value, low=1)
    with pytest.raises(ValueError, match="n must be >= 1, got 0"):
        checks.integer("n", 0, low=1)
    with pytest.raises(ValueError, match=r"n must be in \[1, 5\], got 6"):
        checks.integer("n", 6, low=1, high=5)


def test_choices_ignore_case_and_list_what_there_is():
    assert checks.choice("optim_type", "AdAm", ["sgd", "adam"]) == "adam"
    with pytest.raises(ValueError, match="optim_type must be one of sgd, adam, got 'rmsprop'"):
        checks.choice("optim_type", "rmsprop", ["sgd", "adam"])


def test_booleans_and_shapes():
    assert checks.boolean("b", np.True_) is True
    with pytest.raises(TypeError, match="b must be True or False"):
        checks.boolean("b", 1)
    assert checks.shape_of("shape", [3, np.int32(2)]) == (3, 2)
    with pytest.raises(ValueError, match=r"shape\[1\]"):
        checks.shape_of("shape", (3, 0))


@pytest.mark.parametrize(
    "key", [5, np.uint32(5), jax.random.key(5), jax.random.PRNGKey(5), np.array([0, 5], np.uint32)]
)
def test_keys_of_all_kinds_are_the_same_key(key):
    expected = jax.random.key_data(jax.random.key(5))
    np.testing.assert_array_equal(jax.random.key_data(prng_key("key", key)), expected)


def test_no_key_is_a_random_one():
    first, second = (jax.random.key_data(prng_key("key", None)) for _ in range(2))
    assert not np.array_equal(first, second)
