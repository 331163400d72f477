"""Recall: cues spoilt on purpose, what a synapse answers to them, and when it is right."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from hebb_core.analysis.memory_items import stored_items
from hebb_core.analysis.recall import (
    accuracy,
    degrade,
    degrade_each,
    match,
    probe,
    recalled,
    untaught,
)
from hebb_core.rule import rule
from hebb_core.rule.hyper import hyperparameters
from hebb_core.run.engine import Engine, Network
from hebb_core.run.steps import run_key
from hebb_core.signals.circuits import CIRCUITS, circuit_settings

from ..runs import SHAPE, settings_of


def test_a_circuit_must_heed_targets():
    for name, circuit in CIRCUITS.items():
        said = untaught(circuit_settings(name))
        assert (said is None) == circuit.uses_target
        assert said is None or circuit.label in said.reason


class TestDegrade:
    CUE = np.linspace(1, 2, 40, dtype=np.float32)

    def test_nothing_asked_nothing_done(self):
        np.testing.assert_array_equal(degrade(self.CUE, 0.0, 0.0, jax.random.key(0)), self.CUE)
        cues = np.stack([self.CUE] * 3)
        np.testing.assert_array_equal(degrade_each(cues, 0.0, 0.0, run_key(0)), cues)

    @pytest.mark.parametrize(("share", "hidden"), [(0.1, 4), (0.5, 20), (0.26, 10), (1.0, 40)])
    def test_so_many_neighbours_are_hidden_under_noise_too(self, share, hidden):
        cues = degrade_each(np.stack([self.CUE] * 50), 0.2, share, run_key(1))
        gone = cues == 0
        assert (gone.sum(axis=1) == hidden).all()
        # One run of them, around the end: it begins once.
        begins = gone & ~np.roll(gone, 1, axis=1)
        assert (begins.sum(axis=1) == (hidden < 40)).all()
        if hidden < 40:
            assert len(set(begins.argmax(axis=1))) > 20

    def test_noise_has_its_size(self):
        cues = degrade_each(np.zeros((200, 40), np.float32), 0.3, 0.0, run_key(1))
        assert cues.std() == pytest.approx(0.3, rel=0.03)
        assert abs(cues.mean()) < 0.01

    def test_a_cue_is_spoilt_alike_whatever_else_is(self):
        cues = np.stack([self.CUE] * 70)
        every = degrade_each(cues, 0.1, 0.2, run_key(1))
        np.testing.assert_array_equal(degrade_each(cues[:3], 0.1, 0.2, run_key(1)), every[:3])
        assert len(np.unique(every, axis=0)) == 70
        assert not np.array_equal(degrade_each(cues, 0.1, 0.2, run_key(2)), every)

    def test_how_much_compiles_nothing(self, compilations):
        cues = np.stack([self.CUE] * 3)
        degrade_each(cues, 0.1, 0.2, run_key(1))
        compilations.clear()
        degrade_each(np.stack([self.CUE] * 90), 0.7, 0.9, run_key(1))
        assert compilations == []

    @pytest.mark.parametrize(
        ("noise", "occlusion", "named"),
        [(-0.1, 0, "noise"), (0, 1.1, "occlusion"), (0, -1, "occlusion")],
    )
    def test_what_cannot_be_is_refused(self, noise, occlusion, named):
        with pytest.raises(ValueError, match=named):
            degrade_each(np.ones((1, 4)), noise, occlusion, run_key(0))


class TestProbe:
    def test_it_is_the_forward_pass_and_leaves_the_synapse_alone(self):
        chosen = settings_of("paired_associates", learn_bias=True, resist_scale=1.7)
        probed, alone = (Engine(Network(*SHAPE, seed=3), batch_size=4) for _ in range(2))
        items = stored_items(chosen.pattern, probed.state.key, SHAPE)
        for _ in range(5):
            probed.run(chosen, 9)
            alone.run(chosen, 9)
            synapse = probed.state.synapse
            before = np.array(synapse.weights)
            for noise in (0.0, 0.5):
                cues = degrade_each(items.cues, noise, 0.3, probed.state.key)
                outputs = probe(chosen.hyper, synapse.weights, synapse.biases, cues)
                theirs = rule.forward(chosen.hyper, synapse.weights, synapse.biases, cues)
                np.testing.assert_allclose(outputs, theirs, rtol=1e-5, atol=1e-6)
            np.testing.assert_array_equal(probed.state.synapse.weights, before)
        for ours, theirs in zip(
            jax.tree.leaves(probed.state.synapse), jax.tree.leaves(alone.state.synapse), strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)

    def test_a_bias_that_is_switched_off_has_no_say(self):
        outputs = probe(hyperparameters(), np.zeros((3, 2)), np.ones((1, 2)), np.ones((1, 3)))
        np.testing.assert_array_equal(outputs, [[0, 0]])

    def test_match_is_the_cosine(self):
        outputs = [[2.0, 0.0], [1.0, 1.0], [-3.0, 0.0], [0.0, 0.0]]
        found = match(outputs, [[1.0, 0.0]] * 4)
        np.testing.assert_allclose(found, [1, np.sqrt(0.5), -1, 0], atol=1e-12)

    def test_nearest_by_angle_not_by_size(self):
        targets = [[1.0, 0.0], [0.0, 9.0]]
        assert recalled([[0.2, 0.1], [0.1, 0.2]], targets).tolist() == [True, True]
        assert recalled([[0.1, 0.2], [0.1, 0.2]], targets).tolist() == [False, True]
        assert accuracy([[0.1, 0.2], [0.1, 0.2]], targets) == 0.5

    def test_twins_among_targets_are_no_mistake_but_ties_of_others_are(self):
        targets = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
        assert recalled([[1.0, 0.2]] * 3, targets).tolist() == [True, True, False]
        assert not recalled([[1.0, 1.0]] * 3, targets).any()

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_half_one_target_and_half_another_is_a_tie_whatever_the_rounding(self, dtype):
        rng = np.random.default_rng(0)
        targets = (rng.random((40, 64)).argsort(axis=1) < 9).astype(dtype)
        halves = dtype(0.1) * (targets + np.roll(targets, -1, axis=0))
        assert not recalled(halves, targets).any()
        # A little more of its own is enough.
        assert recalled(halves + dtype(1e-4) * targets, targets).all()

    def test_silence_recalls_nothing_and_one_item_is_never_mistaken(self):
        assert accuracy([[0.0, 0.0]], [[1.0, 0.0]]) == 0
        assert accuracy([[0.1, 0.9]], [[1.0, 0.0]]) == 1

    def test_outputs_beyond_all_bounds_are_told_as_wrong(self):
        outputs = probe(
            hyperparameters(), np.full((2, 2), 3e38, np.float32), np.zeros((1, 2)), np.ones((1, 2))
        )
        assert not np.isfinite(outputs).all()
        assert match(outputs, [[1.0, 0.0]]).tolist() == [0]
        assert accuracy(outputs, [[1.0, 0.0]]) == 0
