"""HebbianSynapse as an object: what it accepts, what it refuses, and what a change costs."""

from __future__ import annotations

import copy
import gc
import weakref

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebb_core import HebbianSynapse

from ..synapses import COMPARTMENTS, active, assert_unchanged, everything, synapse


class TestConstruction:
    def test_defaults_are_those_of_ngclearn(self):
        made = HebbianSynapse("W", (3, 2))
        assert dict(made.settings) == {
            "eta": 0.0,
            "w_bound": 1.0,
            "is_nonnegative": False,
            "prior": ("constant", 0.0),
            "sign_value": 1.0,
            "pre_wght": 1.0,
            "post_wght": 1.0,
            "resist_scale": 1.0,
        }
        assert (made.name, made.shape, made.batch_size) == ("W", (3, 2), 1)
        assert (made.optim_type, made.p_conn) == ("sgd", 1.0)
        weights = np.asarray(made.weights.get())
        assert weights.min() >= 0.025
        assert weights.max() < 0.8

    @pytest.mark.parametrize("name", COMPARTMENTS)
    def test_compartments_have_their_shapes(self, name):
        value = getattr(synapse(), name).get()
        assert value.shape == COMPARTMENTS[name]
        assert value.dtype == jnp.float32

    def test_the_same_key_gives_the_same_synapse(self):
        for key in (7, jax.random.key(7), jax.random.PRNGKey(7), np.int64(7)):
            assert_unchanged(everything(synapse(key=7, p_conn=0.5)), synapse(key=key, p_conn=0.5))

    def test_without_a_key_every_synapse_is_another(self):
        first, second = synapse(key=None), synapse(key=None)
        assert not np.array_equal(first.weights.get(), second.weights.get())

    @pytest.mark.parametrize(
        ("weight_init", "expected"),
        [
            (("constant", 0.25), np.full((3, 2), 0.25)),
            (("zeros",), np.zeros((3, 2))),
            (("eye",), np.eye(3, 2)),
            (lambda shape, key: jnp.full(shape, 0.5), np.full((3, 2), 0.5)),
        ],
    )
    def test_weight_init(self, weight_init, expected):
        np.testing.assert_array_equal(synapse(weight_init=weight_init).weights.get(), expected)

    def test_bias_learns_only_if_there_is_one(self):
        with_bias = active(eta=0.1, bias_init=("constant", 0.5))
        without = active(eta=0.1)
        assert (np.asarray(with_bias.biases.get()) == 0.5).all()
        for made in (with_bias, without):
            made.evolve()
        assert (np.asarray(with_bias.biases.get()) < 0.5).all()
        assert (np.asarray(without.biases.get()) == 0).all()
        assert (np.asarray(without.dBiases.get()) != 0).all()

    def test_w_decay_warns_and_is_an_l2_prior(self):
        with pytest.warns(DeprecationWarning, match="prior"):
            made = synapse(w_decay=0.125)
        assert made.prior == ("l2", 0.125)

    @pytest.mark.parametrize(
        ("parameter", "value", "error"),
        [
            ("shape", (3,), ValueError),
            ("shape", (0, 2), ValueError),
            ("shape", (3.0, 2), TypeError),
            ("shape", 3, ValueError),
            ("batch_size", 0, ValueError),
            ("batch_size", True, TypeError),
            ("p_conn", 0.0, ValueError),
            ("p_conn", 1.5, ValueError),
            ("p_conn", "half", TypeError),
            ("w_decay", -0.1, ValueError),
            ("optim_type", "rmsprop", ValueError),
            ("optim_type", 3, TypeError),
            ("weight_init", ("unifrom", 0, 1), ValueError),
            ("weight_init", 0.5, TypeError),
            ("weight_init", ("uniform", 1.0), ValueError),
            ("weight_init", ("uniform", 1.0, 0.0), ValueError),
            ("weight_init", ("gaussian", 0.0, -1.0), ValueError),
            ("weight_init", ("constant", float("nan")), ValueError),
            ("weight_init", lambda shape, key: jnp.ones((2, 3)), ValueError),
            ("weight_init", lambda shape, key: jnp.full(shape, jnp.inf), ValueError),
            ("weight_init", lambda shape, key: "weights", TypeError),
            ("bias_init", ("zero",), ValueError),
            ("key", -1, ValueError),
            ("key", 2**32, ValueError),
            ("key", "0", TypeError),
            ("key", True, TypeError),
            ("key", jax.random.split(jax.random.key(0)), ValueError),
            ("key", np.zeros(3, np.uint32), ValueError),
            ("name", "", ValueError),
            ("name", "../W", ValueError),
            ("name", "..", ValueError),
            ("name", 3, TypeError),
            ("name", "a\0b", ValueError),
        ],
    )
    def test_refuses(self, parameter, value, error):
        arguments = {"name": "W", "shape": (3, 2), parameter: value}
        with pytest.raises(error, match=parameter):
            HebbianSynapse(**arguments)


class TestHyperparameters:
    CHANGES = (
        ("eta", 0.02),
        ("eta", -0.02),
        ("w_bound", 0.0),
        ("w_bound", 2.0),
        ("is_nonnegative", True),
        ("sign_value", -1.0),
        ("pre_wght", 0.5),
        ("post_wght", -1.0),
        ("prior", ("l1", 0.1)),
        ("prior", ("ridge", 0.2)),
        ("prior", ("l1l2", (0.2, 0.25))),
    )

    @pytest.mark.parametrize(("name", "value"), CHANGES)
    def test_a_change_acts_on_the_very_next_step(self, name, value):
        # Weights of both signs that steps take past the bound: every hyperparameter shows.
        base = {"eta": 0.5, "weight_init": ("gaussian", 0.0, 0.6)}
        changed, made_so, untouched = (
            active(**base),
            active(**{**base, name: value}),
            active(**base),
        )
        for made in (changed, made_so, untouched):
            made.weights.set(np.array([[0.9, -0.9], [0.5, -0.5], [0.1, -0.1]]))
        setattr(changed, name, value)
        for made in (changed, made_so, untouched):
            made.evolve()
        np.testing.assert_array_equal(changed.weights.get(), made_so.weights.get())
        assert not np.array_equal(changed.weights.get(), untouched.weights.get())

    def test_resist_scale_acts_on_the_next_forward_pass(self):
        made = active(bias_init=("constant", 0.5))
        made.advance_state()
        plain = np.asarray(made.outputs.get())
        made.resist_scale = 3.0
        made.advance_state()
        np.testing.assert_allclose(made.outputs.get(), (plain - 0.5) * 3 + 0.5, rtol=1e-5)

    def test_forward_is_the_matrix_product(self):
        made = active(bias_init=("constant", -0.25), resist_scale=2.0)
        made.advance_state()
        expected = made.inputs.get() @ made.weights.get() * 2.0 - 0.25
        np.testing.assert_allclose(made.outputs.get(), expected, rtol=1e-5)

    @pytest.mark.parametrize(
        ("given", "read"),
        [
            (None, ("constant", 0.0)),
            ((None, 0.3), ("constant", 0.0)),
            (("RIDGE", 0.25), ("l2", 0.25)),
            (["Laplacian", 1], ("l1", 1.0)),
            (("L1L2", [0.5, 0.25]), ("elastic_net", (0.5, 0.25))),
        ],
    )
    def test_prior_reads_back_canonically(self, given, read):
        made = synapse()
        made.prior = given
        assert made.prior == read

    def test_numbers_of_any_kind_are_taken(self):
        made = synapse()
        for eta in (1, np.float32(1), np.int64(1), jnp.asarray(1.0), np.array(1.0)):
            made.eta = eta
            assert made.eta == 1.0
            assert type(made.eta) is float

    @pytest.mark.parametrize(
        ("name", "value", "error"),
        [
            ("eta", "0.1", TypeError),
            ("eta", None, TypeError),
            ("eta", True, TypeError),
            ("eta", float("nan"), ValueError),
            ("eta", float("inf"), ValueError),
            ("eta", 1e39, ValueError),
            ("eta", np.ones(2), TypeError),
            ("eta", 1j, TypeError),
            ("w_bound", -0.1, ValueError),
            ("w_bound", float("inf"), ValueError),
            ("is_nonnegative", 1, TypeError),
            ("is_nonnegative", "yes", TypeError),
            ("sign_value", float("nan"), ValueError),
            ("pre_wght", "big", TypeError),
            ("post_wght", float("-inf"), ValueError),
            ("resist_scale", [], TypeError),
            ("prior", "l2", ValueError),
            ("prior", ("l3", 0.1), ValueError),
            ("prior", ("l2",), ValueError),
            ("prior", (2, 0.1), TypeError),
            ("prior", ("l2", "0.1"), TypeError),
            ("prior", ("l2", float("nan")), ValueError),
            ("prior", ("elastic_net", 0.1), ValueError),
            ("prior", ("elastic_net", (0.1, 1.5)), ValueError),
            ("prior", ("elastic_net", (0.1, 0.5, 0.5)), ValueError),
        ],
    )
    def test_a_bad_value_is_refused_and_changes_nothing(self, name, value, error):
        made = active(eta=0.1, prior=("l1", 0.1))
        before, hyper, arrays = dict(made.settings), made.hyper, everything(made)
        with pytest.raises(error, match=name):
            setattr(made, name, value)
        assert made.settings == before
        assert made.hyper is hyper
        assert_unchanged(arrays, made)
        with pytest.raises(error, match=name):
            synapse(**{name: value})

    def test_several_change_together_or_not_at_all(self):
        made = synapse()
        made.change_settings(eta=0.1, w_bound=2.0)
        with pytest.raises(ValueError, match="w_bound"):
            made.change_settings(eta=0.2, w_bound=-1.0)
        with pytest.raises(TypeError, match="learning_rate"):
            made.change_settings(eta=0.2, learning_rate=0.1)
        assert (made.eta, made.w_bound) == (0.1, 2.0)

    def test_settings_cannot_be_changed_behind_its_back(self):
        with pytest.raises(TypeError, match="assignment"):
            synapse().settings["eta"] = 1.0  # pyright: ignore

    @pytest.mark.parametrize("name", ["name", "shape", "batch_size", "optim_type", "p_conn"])
    def test_what_is_fixed_says_so(self, name):
        made = synapse()
        before = getattr(made, name)
        with pytest.raises(AttributeError, match=f"{name} is fixed at construction"):
            setattr(made, name, before)
        assert getattr(made, name) == before

    def test_a_misspelt_hyperparameter_is_refused(self):
        with pytest.raises(AttributeError, match="etaa"):
            synapse().etaa = 0.1  # pyright: ignore

    def test_a_hundred_changes_compile_nothing(self, compilations):
        made = active(bias_init=("zeros",), optim_type="adam")

        def step() -> None:
            made.advance_state()
            made.calc_update()
            made.evolve()

        step()
        del compilations[:]
        for i in range(100):
            made.eta = 0.001 * i
            made.w_bound = i % 3
            made.is_nonnegative = i % 2 == 0
            made.sign_value = (-1.0, 1.0, 0.5)[i % 3]
            made.pre_wght, made.post_wght, made.resist_scale = 1 + i, 1 - i, 0.1 * i
            made.prior = (
                None,
                ("l1", 0.1),
                ("L2", 0.1),
                ("elastic_net", (0.1, 0.5)),
                ("gaussian", i),
            )[i % 5]
            step()
        assert len(compilations) == 0
        # The counter does count: another shape is another program.
        active(n=5, m=7, optim_type="adam").evolve()
        assert len(compilations) > 0


class TestDescriptions:
    def test_help_tells_the_sign_convention_right(self):
        told = HebbianSynapse.help()
        assert set(told) == {
            "HebbianSynapse",
            "dynamics",
            "sign_convention",
            "compartments",
            "hyperparameters",
        }
        for text in (told["sign_convention"], told["hyperparameters"]["sign_value"]):
            minus, plus = text.index("−1"), text.index("+1")
            assert minus < text.index("grow") < plus < text.index("shrink")
        listed = {name for role in told["compartments"].values() for name in role}
        assert listed == {*COMPARTMENTS, "key", "opt_params"}
        fixed = {"name", "shape", "batch_size", "optim_type", "p_conn"}
        assert set(told["hyperparameters"]) == fixed | set(synapse().settings)

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"eta": 0.1, "sign_value": -1.0}, "co-active weights grow"),
            ({"eta": 0.1}, "co-active weights shrink"),
            ({"eta": -0.1}, "co-active weights grow"),
            ({"eta": 0.1, "pre_wght": -1.0}, "co-active weights grow"),
            ({}, "no learning"),
        ],
    )
    def test_repr_says_where_weights_go(self, changes, expected):
        shown = repr(synapse(**changes))
        assert expected in shown
        assert "3 pre × 2 post" in shown

    def test_what_repr_says_is_what_happens(self):
        for eta in (0.1, -0.1):
            for sign_value in (1.0, -1.0):
                made = active(eta=eta, sign_value=sign_value)
                before = np.asarray(made.weights.get())
                grow = "co-active weights grow" in repr(made)
                made.evolve()
                assert (np.asarray(made.weights.get()) > before).all() == grow

    def test_compartment_repr_names_shape(self):
        assert repr(synapse().weights) == "Compartment('weights': float32[3, 2])"
        assert synapse().weights.name == "weights"


def test_state_and_hyper_are_what_the_rule_takes():
    from hebb_core.rule import rule

    made = active(eta=0.1, optim_type="nag")
    after = rule.step(made.hyper, made.state, made.pre.get(), made.post.get(), "nag").state
    made.evolve()
    np.testing.assert_allclose(after.weights, made.weights.get(), rtol=1e-6)


def test_a_copy_learns_on_its_own():
    made = active(eta=0.1)
    twin = copy.deepcopy(made)
    before = np.array(made.weights.get())
    twin.eta = 0.2
    twin.evolve()
    assert made.eta == 0.1
    np.testing.assert_array_equal(made.weights.get(), before)
    assert not np.array_equal(twin.weights.get(), before)


def test_memory_is_freed_with_the_last_reference():
    made = active()
    made.evolve()
    repr(made)
    gone = weakref.ref(made)
    gc.disable()
    try:
        del made
        assert gone() is None
    finally:
        gc.enable()
