"""Compartments of a synapse: what they hold, what may be set, what is refused."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebb_core import HebbianSynapse

from ..synapses import COMPARTMENTS, active, assert_unchanged, everything, synapse


class TestCompartments:
    @pytest.mark.parametrize("name", COMPARTMENTS)
    def test_set_copies_and_get_returns_it(self, name):
        made = synapse()
        value = np.ones(COMPARTMENTS[name])
        getattr(made, name).set(value)
        value[:] = 7
        np.testing.assert_array_equal(getattr(made, name).get(), np.ones(COMPARTMENTS[name]))

    def test_set_copies_even_what_jax_could_share(self):
        # jax may take a float32 buffer on a 64-byte boundary as it is, without a copy.
        buffer = np.zeros(64 * 64 + 16, np.float32)
        start = -buffer.ctypes.data % 64 // 4
        value = buffer[start : start + 64 * 64].reshape(64, 64)
        assert value.ctypes.data % 64 == 0
        made = HebbianSynapse("W", (64, 64), key=0, batch_size=64)
        for compartment in (made.weights, made.pre):
            value[:] = 0.5
            compartment.set(value)
            value[:] = 7
            assert (np.asarray(compartment.get()) == 0.5).all()

    @pytest.mark.parametrize("name", COMPARTMENTS)
    @pytest.mark.parametrize(
        ("spoil", "error"),
        [
            (lambda shape: np.zeros((*shape, 1)), ValueError),
            (lambda shape: np.zeros((shape[0] + 1, shape[1])), ValueError),
            (lambda shape: np.zeros(()), ValueError),
            (lambda shape: np.full(shape, np.nan), ValueError),
            (lambda shape: np.full(shape, -np.inf), ValueError),
            (lambda shape: np.full(shape, 1e39), ValueError),
            (lambda shape: np.full(shape, "1"), TypeError),
            (lambda shape: np.full(shape, None), TypeError),
            (lambda shape: np.full(shape, 1j), TypeError),
            (lambda shape: [[1.0], [1.0, 2.0]], (TypeError, ValueError)),
            (lambda shape: None, TypeError),
        ],
    )
    def test_a_bad_value_is_refused_and_changes_nothing(self, name, spoil, error):
        made = active()
        before = everything(made)
        with pytest.raises(error, match=name):
            getattr(made, name).set(spoil(COMPARTMENTS[name]))
        assert_unchanged(before, made)

    @pytest.mark.parametrize("name", ["inputs", "pre", "post"])
    def test_another_batch_size_is_refused(self, name):
        with pytest.raises(ValueError, match=name):
            getattr(synapse(), name).set(np.zeros((5, COMPARTMENTS[name][1])))

    @pytest.mark.parametrize("name", [*COMPARTMENTS, "key", "opt_params"])
    def test_assignment_is_refused_with_a_hint(self, name):
        made = synapse()
        with pytest.raises(AttributeError, match=rf"{name}\.set"):
            setattr(made, name, np.zeros((3, 2)))

    @pytest.mark.parametrize("optim_type", ["sgd", "adam", "nag"])
    def test_what_get_returned_outlives_later_steps(self, optim_type):
        made = active(eta=0.1, optim_type=optim_type)
        made.evolve()
        held = [getattr(made, name).get() for name in COMPARTMENTS]
        held += jax.tree.leaves(made.opt_params.get())
        copies = [np.array(x) for x in held]
        for _ in range(5):
            made.advance_state()
            made.evolve()
        for array, copied in zip(held, copies, strict=True):
            np.testing.assert_array_equal(array, copied)

    def test_calc_update_moves_nothing(self):
        made, other = active(eta=0.1, bias_init=("zeros",)), active(eta=0.1, bias_init=("zeros",))
        made.calc_update()
        np.testing.assert_array_equal(made.weights.get(), other.weights.get())
        np.testing.assert_array_equal(made.biases.get(), other.biases.get())
        other.evolve()
        np.testing.assert_allclose(made.dWeights.get(), other.dWeights.get(), rtol=1e-6)
        np.testing.assert_allclose(made.dBiases.get(), other.dBiases.get(), rtol=1e-6)

    def test_reset_forgets_signals_and_keeps_what_was_learned(self):
        made = active(eta=0.1, optim_type="adam", bias_init=("zeros",))
        made.advance_state()
        made.evolve()
        kept = {name: np.array(getattr(made, name).get()) for name in ("weights", "biases", "mask")}
        opt = made.opt_params.get()
        made.reset()
        for name in ("inputs", "outputs", "pre", "post", "dWeights", "dBiases"):
            value = getattr(made, name).get()
            np.testing.assert_array_equal(value, np.zeros(COMPARTMENTS[name]))
        for name, value in kept.items():
            np.testing.assert_array_equal(getattr(made, name).get(), value)
        assert made.opt_params.get() is opt

    def test_a_mask_removes_connections_for_good(self):
        made = active(eta=0.1, sign_value=-1.0)
        made.mask.set([[1, 0], [0, 1], [1, 1]])
        assert made.weights.get()[0, 1] == 0
        made.weights.set(np.full((3, 2), 0.5))
        assert made.weights.get()[0, 1] == 0
        made.evolve()
        np.testing.assert_array_equal(made.weights.get() != 0, [[1, 0], [0, 1], [1, 1]])
        with pytest.raises(ValueError, match="mask"):
            made.mask.set(np.full((3, 2), 0.5))

    @pytest.mark.parametrize("optim_type", ["sgd", "adam", "nag"])
    def test_optimiser_state_can_be_carried_over(self, optim_type):
        made = active(eta=0.1, optim_type=optim_type)
        for _ in range(3):
            made.evolve()
        other = active(eta=0.1, optim_type=optim_type)
        other.weights.set(made.weights.get())
        other.opt_params.set(jax.tree.map(np.asarray, made.opt_params.get()))
        for each in (made, other):
            each.evolve()
        np.testing.assert_array_equal(made.weights.get(), other.weights.get())

    def test_a_foreign_optimiser_state_is_refused(self):
        made = active(optim_type="adam")
        before = everything(made)
        present = made.opt_params.get()
        bad = [
            None,
            (),
            active(optim_type="sgd").opt_params.get(),
            active(n=4, optim_type="adam").opt_params.get(),
            jax.tree.map(lambda x: jnp.full(x.shape, jnp.nan), present),
            jax.tree.map(lambda x: x + 0.5, present),  # a fractional number of steps
            jax.tree.map(lambda x: np.full(x.shape, 2.0**40), present),  # more than int32 counts
        ]
        for value in bad:
            with pytest.raises(ValueError, match="opt_params"):
                made.opt_params.set(value)
        with pytest.raises(TypeError, match="opt_params"):
            made.opt_params.set(jax.tree.map(lambda x: "x", present))
        assert_unchanged(before, made)

    def test_key_takes_seeds_and_keys(self):
        made = synapse()
        made.key.set(3)
        assert jnp.array_equal(jax.random.key_data(made.key.get()), jax.random.PRNGKey(3))
        with pytest.raises(TypeError, match="key"):
            made.key.set(0.5)
