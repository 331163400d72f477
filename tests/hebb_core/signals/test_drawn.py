"""Patterns from a bank: shown in turn, checked, and for any other pattern no burden."""

from dataclasses import replace
from functools import partial

import jax
import numpy as np
import pytest

from hebb_core import Engine, Network, circuit_settings, hyperparameters
from hebb_core.analysis.drive import whole_cycles
from hebb_core.run.engine import Settings
from hebb_core.run.setup import Setup
from hebb_core.signals.patterns import PATTERNS, draw, pattern_bank, pattern_settings, side_of
from hebb_core.signals.patterns.drawn import MAX_DRAWN, SHAPES, shapes
from hebb_core.signals.random_streams import Chance, Stream
from hebb_core.sweep import Axis, Plan, sweep

from ..runs import SHAPE

# A bank is part of the program: all that run one share it, in batches of 4.
NETWORK = Network(*SHAPE, seed=1)


def bank_of(count, seed=0):
    random = np.random.default_rng(seed)
    return pattern_bank(
        random.normal(size=(count, SHAPE[0])), random.normal(size=(count, SHAPE[1]))
    )


def settings_of(bank=None, pattern="drawn"):
    hyper = hyperparameters(eta=0.01, sign_value=-1.0)
    return Settings(hyper, pattern_settings(pattern, bank=bank), circuit_settings("teacher"))


@partial(jax.jit, static_argnames="batch")
def shown_alone(settings, step, batch):
    """What the drawn pattern shows, without compiling any other."""
    chance = Chance(np.zeros((len(Stream), batch, 1), np.float32), np.zeros(batch, np.int32))
    alone = replace(settings, index=list(PATTERNS).index("drawn"))
    return draw(alone, chance, step, SHAPE, batch)


class TestBank:
    def test_rows_come_back(self):
        bank = bank_of(5)
        pre, target = bank.rows()
        assert (pre.shape, target.shape) == ((5, SHAPE[0]), (5, SHAPE[1]))
        assert bank.shape == SHAPE
        assert not bank.pre[5:].any()

    def test_equal_patterns_make_equal_banks_and_setups(self):
        assert bank_of(3) == bank_of(3)
        assert hash(bank_of(3)) == hash(bank_of(3))
        assert bank_of(3) != bank_of(3, seed=1)
        assert bank_of(3) != bank_of(4)
        assert Setup(network=NETWORK, bank=bank_of(3)) == Setup(network=NETWORK, bank=bank_of(3))

    @pytest.mark.parametrize("counts", [(1, 16), (17, 32)])
    def test_few_sizes_so_that_drawing_one_more_compiles_nothing(self, counts):
        assert len({bank_of(count).pre.shape for count in counts}) == 1

    @pytest.mark.parametrize(
        ("pre", "target", "error", "says"),
        [
            (np.zeros((0, 4)), np.zeros((0, 3)), ValueError, "got"),
            (np.zeros((2, 4)), np.zeros((3, 3)), ValueError, r"\(2, 4\), \(3, 3\)"),
            (np.zeros(4), np.zeros((1, 3)), ValueError, r"\(4,\)"),
            (np.full((1, 4), np.nan), np.zeros((1, 3)), ValueError, "pre must have finite"),
            (np.zeros((1, 4)), np.full((1, 3), np.inf), ValueError, "target must have finite"),
            (np.full((1, 4), "x"), np.zeros((1, 3)), TypeError, "pre must be a numeric"),
            (np.zeros((MAX_DRAWN + 1, 4)), np.zeros((MAX_DRAWN + 1, 3)), ValueError, "256"),
        ],
    )
    def test_what_is_no_bank_is_refused(self, pre, target, error, says):
        with pytest.raises(error, match=says):
            pattern_bank(pre, target)

    @pytest.mark.parametrize("shape", [(2, 2), (64, 32), (12, 3), (7, 1), (400, 5)])
    def test_shapes_differ_from_each_other(self, shape):
        pre, target = shapes(*shape)
        assert pre.shape == (SHAPES, shape[0])
        assert target.sum(axis=1).tolist() == [1.0] * SHAPES
        if side_of(shape[0]) > 3:
            assert len({row.tobytes() for row in pre}) == SHAPES


class TestRuns:
    def test_patterns_are_shown_in_turn(self):
        bank = bank_of(3)
        engine = Engine(NETWORK, batch_size=4)
        pre, target = bank.rows()
        for step in range(5):
            frame = engine.run(settings_of(bank))
            which = [(step * 4 + i) % 3 for i in range(4)]
            np.testing.assert_array_equal(frame.pre, pre[which])
            np.testing.assert_array_equal(frame.target, target[which])

    @pytest.mark.parametrize("batch", [1, 4])
    def test_in_turn_in_batches_of_any_size(self, batch):
        bank = bank_of(3)
        pre, target = bank.rows()
        for step in range(5):
            shown = shown_alone(pattern_settings("drawn", bank=bank), np.int32(step), batch=batch)
            which = [(step * batch + i) % 3 for i in range(batch)]
            for ours, theirs in zip(shown, (pre[which], target[which]), strict=True):
                np.testing.assert_array_equal(ours, theirs)

    def test_shapes_stand_in_for_a_bank(self):
        frame = Engine(NETWORK).run(settings_of())
        np.testing.assert_array_equal(frame.pre, shapes(*SHAPE)[0][:1])

    def test_another_pattern_carries_a_bank_along_unread(self):
        plain, carried = (Engine(NETWORK, batch_size=4) for _ in range(2))
        ring = plain.run(settings_of(pattern="ring"), 7)
        other = carried.run(settings_of(bank_of(3), pattern="ring"), 7)
        np.testing.assert_array_equal(ring.weights, other.weights)

    def test_drawing_and_choosing_compile_nothing(self, compilations):
        engine = Engine(NETWORK, batch_size=4)
        engine.run(settings_of(bank_of(2), pattern="ring"))
        before = len(compilations)
        engine.run(settings_of(bank_of(2)))
        engine.run(settings_of(bank_of(9, seed=5)))
        assert len(compilations) == before

    def test_a_bank_of_another_size_is_refused(self):
        bank = pattern_bank(np.zeros((1, 3)), np.zeros((1, 2)))
        with pytest.raises(ValueError, match=r"\(3, 2\)"):
            Engine(NETWORK).run(settings_of(bank))
        with pytest.raises(ValueError, match=r"bank must hold patterns for \(12, 16\) units"):
            Setup(network=NETWORK, bank=bank)

    @pytest.mark.parametrize("count", [3, 5])
    def test_a_mean_is_taken_over_whole_cycles(self, count):
        assert whole_cycles(settings_of(bank_of(count)), SHAPE[0]) % count == 0


@pytest.mark.parametrize("bank", [3, np.eye(3), "drawn", bank_of(2).rows()])
@pytest.mark.parametrize("make", [pattern_settings, Setup])
def test_what_is_not_made_by_pattern_bank_is_refused(make, bank):
    with pytest.raises(TypeError, match=f"^bank must be a .*, got {type(bank).__name__}$"):
        make(bank=bank)


def test_a_sweep_shows_the_bank():
    setup = Setup(pattern="drawn", bank=bank_of(3), network=NETWORK, eta=0.01, batch_size=4)
    plan = Plan(setup, (Axis("eta", (0.01, 0.02)), Axis("noise", (0.0, 0.1))), 6, (1,))
    found = sweep(plan)["mean_abs"]
    frame = Engine(NETWORK, batch_size=4).run(setup.settings(), 6)
    np.testing.assert_allclose(found[0, 0, 0], frame.metric("mean_abs")[-1], rtol=1e-6)
    assert len(np.unique(found)) == 4


def test_a_bank_is_a_pytree():
    assert len(jax.tree.leaves(bank_of(2))) == 3
