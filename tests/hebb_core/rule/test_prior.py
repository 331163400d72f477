"""Priors: every name in every case, and the two coefficients that each comes down to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hebb_core.rule.prior import PRIORS, Prior, canonical_prior, prior_coefficients

ALIASES = {
    "l2": ["l2", "ridge", "gaussian"],
    "l1": ["l1", "lasso", "laplacian"],
    "elastic_net": ["elastic_net", "l1l2"],
    "constant": ["constant", "none"],
}
NAMED = [(kind, alias) for kind, aliases in ALIASES.items() for alias in aliases]


def pull(prior, weights):
    """The prior's pull as ngc-learn's documentation of each kind writes it."""
    kind, parameter = prior
    if kind == "l2":
        return -parameter * weights
    if kind == "l1":
        return -parameter * np.sign(weights)
    if kind == "elastic_net":
        scale, ratio = parameter
        return -scale * (ratio * np.sign(weights) + (1 - ratio) / 2 * weights)
    return 0 * weights


@given(st.sampled_from(NAMED), st.integers(0, 2**12), st.floats(-10, 10), st.floats(0, 1))
def test_every_name_in_every_case_comes_down_to_its_pull(named, upper, strength, ratio):
    kind, alias = named
    cased = "".join(c.upper() if upper >> i & 1 else c for i, c in enumerate(alias))
    parameter = (strength, ratio) if kind == "elastic_net" else strength
    a, c = prior_coefficients((cased, parameter))
    weights = np.array([-2.0, -0.5, 0.0, 0.25, 1.0])
    np.testing.assert_allclose(
        -(a * np.sign(weights) + c * weights), pull((kind, parameter), weights), atol=1e-12
    )
    canonical = canonical_prior((cased, parameter))
    assert canonical.kind == kind
    assert canonical_prior(canonical) == canonical_prior(canonical.pair) == canonical


def test_the_registry_names_what_it_takes():
    assert set(PRIORS) == set(ALIASES)
    for name, kind in PRIORS.items():
        assert {name, *kind.aliases} == set(ALIASES[name])
        assert kind.explanation.endswith(".")
        assert kind.uses_ratio == (name == "elastic_net")
        assert kind.uses_strength == (name != "constant")


@pytest.mark.parametrize("nothing", [None, (None, 0.0), ("none", 5), ("constant", "whatever")])
def test_no_prior(nothing):
    assert canonical_prior(nothing) == Prior()
    assert prior_coefficients(nothing) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("prior", "error", "match"),
    [
        (("l2", None), TypeError, "lambda"),
        (("l2", True), TypeError, "lambda"),
        (("l2", float("inf")), ValueError, "lambda"),
        (("L2 ", 0.1), ValueError, "one of .*'L2 '"),
        ((b"l2", 0.1), TypeError, "prior name"),
        (("l2", 0.1, 0.2), ValueError, "pair"),
        ("l2", ValueError, "pair"),
        (0.1, ValueError, "pair"),
        (("elastic_net", 0.1), ValueError, r"pair \(scale, l1_ratio\).*0.1"),
        (("elastic_net", (0.1, -0.1)), ValueError, "l1_ratio"),
        (("elastic_net", (float("nan"), 0.1)), ValueError, "scale"),
    ],
)
def test_refusals_name_what_is_wrong(prior, error, match):
    with pytest.raises(error, match=match):
        canonical_prior(prior)


class TestRegistration:
    """A prior is described once; everything that is said of it follows."""

    def test_numbers_that_a_prior_takes_follow_from_its_terms(self):
        uses = {name: (kind.uses_strength, kind.uses_ratio) for name, kind in PRIORS.items()}
        assert uses == {
            "constant": (False, False),
            "l2": (True, False),
            "l1": (True, False),
            "elastic_net": (True, True),
        }

    def test_arrays_are_split_like_numbers(self):
        strengths, ratios = np.linspace(-1, 1, 5), np.linspace(0, 1, 5)
        for kind in PRIORS.values():
            a, c = (np.broadcast_to(part, 5) for part in kind.split(strengths, ratios))
            for at, (strength, ratio) in enumerate(zip(strengths, ratios, strict=True)):
                assert kind.split(strength, ratio) == (a[at], c[at])
