"""Recall: the items of a run, cues spoilt on purpose, what is recalled, and how much can be."""

import itertools
from dataclasses import replace

import jax
import numpy as np
import pytest

from hebb_core import rule
from hebb_core.capacity import capacity, load_of, loads_of
from hebb_core.circuits import CIRCUITS, circuit_settings
from hebb_core.engine import Engine, Network, build
from hebb_core.hyper import hyperparameters
from hebb_core.patterns import PATTERNS, pattern_bank, pattern_settings
from hebb_core.recall import accuracy, degrade, degrade_each, match, probe, recalled, untaught
from hebb_core.steps import run_key
from hebb_core.stored import MAX_ITEMS, Items, Unstored, stored_items
from hebb_core.sweep import Setup

from .runs import SHAPE, settings_of

STORES = {
    "ring": {"speed": 250}, "one_hot": {"stride": 8}, "paired_associates": {"pairs": 7},
    "clusters": {"prototypes": 5, "flip": 0.0}, "letters": {"letters": 6}, "drawn": {},
}  # fmt: skip
COUNTS = {
    "ring": 4, "one_hot": 3, "paired_associates": 7, "clusters": 5, "letters": 6, "drawn": 4,
}  # fmt: skip


def items_of(pattern, seed=3, shape=SHAPE, count=None, **values):
    return stored_items(pattern_settings(pattern, **values), run_key(seed), shape, count)


def shown(chosen, steps=60, seed=3):
    """Every cue that a run shows, and its target."""
    engine = Engine(Network(*SHAPE, seed=seed), batch_size=2)
    frames = [engine.run(chosen, 1) for _ in range(steps)]
    return (
        np.concatenate([frame.pre for frame in frames]),
        np.concatenate([frame.target for frame in frames]),
    )


def place_of(row, rows):
    found = np.flatnonzero((rows == row).all(axis=1))
    return int(found[0]) if len(found) else None


class TestItems:
    def test_the_key_is_that_of_the_run(self):
        for seed in (0, 11):
            theirs = build(Network(*SHAPE, seed=seed)).key
            np.testing.assert_array_equal(
                jax.random.key_data(run_key(seed)), jax.random.key_data(theirs)
            )

    @pytest.mark.parametrize("pattern", STORES)
    def test_they_are_the_very_cues_of_the_run(self, pattern):
        chosen = settings_of(pattern, pattern_values=STORES[pattern])
        items = stored_items(chosen.pattern, run_key(3), SHAPE)
        assert items.cues.dtype == items.targets.dtype == np.float32
        assert len(items) == items.of == COUNTS[pattern]
        cues, targets = shown(chosen)
        seen = set()
        # Some letters look alike on so small a grid: they are told apart by their targets.
        pairs = np.hstack([items.cues, items.targets])
        for pair in np.hstack([cues, targets]):
            place = place_of(pair, pairs)
            assert place is not None
            seen.add(place)
        # None too many either.
        assert seen == set(range(len(items)))

    def test_drawn_ones_are_those_of_the_bank(self):
        rng = np.random.default_rng(0)
        pre, target = rng.normal(size=(5, 12)), rng.normal(size=(5, 16))
        items = items_of("drawn", bank=pattern_bank(pre, target))
        np.testing.assert_array_equal(items.cues, pre.astype(np.float32))
        np.testing.assert_array_equal(items.targets, target.astype(np.float32))

    def test_clusters_are_stored_without_flips_and_noise(self):
        quiet, noisy = (
            items_of("clusters", prototypes=5, flip=flip, noise=noise)
            for flip, noise in ((0.0, 0.0), (0.5, 0.7))
        )
        np.testing.assert_array_equal(quiet.cues, noisy.cues)

    def test_gratings_stand_at_phase_zero(self):
        items = items_of("gratings", orientations=3)
        assert len(items) == 3
        np.testing.assert_allclose(items.cues[:, 0], 1.0)

    def test_a_fast_bump_has_few_places_and_a_slow_one_as_many_as_there_are_post_units(self):
        assert [len(items_of("ring", speed=speed)) for speed in (0, 500, 300, 15, 1)] == [
            1, 2, 10, 16, 16,
        ]  # fmt: skip
        centres = items_of("ring", speed=15, width=0.05).targets.argmax(axis=1)
        assert (np.diff(centres) >= 0).all()
        assert len(set(centres)) >= 15

    def test_another_seed_stores_others(self):
        one, other = items_of("paired_associates"), items_of("paired_associates", seed=4)
        assert not np.array_equal(one.cues, other.cues)

    def test_more_of_them_begin_with_the_same(self):
        few, many = (items_of("paired_associates", pairs=pairs, sparsity=0.5) for pairs in (3, 70))
        np.testing.assert_array_equal(few.cues, many.cues[:3])
        assert len(np.unique(many.cues, axis=0)) > 60

    def test_a_part_of_them_is_spread_over_all(self):
        every, part = items_of("letters", letters=12), items_of("letters", letters=12, count=4)
        assert (len(part), part.of) == (4, 12)
        np.testing.assert_array_equal(part.cues, every.cues[::3])

    @pytest.mark.parametrize(
        "pattern", [name for name in PATTERNS if name not in (*STORES, "gratings")]
    )
    def test_a_pattern_without_items_says_so(self, pattern):
        said = items_of(pattern)
        assert isinstance(said, Unstored)
        assert PATTERNS[pattern].label[1:] in said.reason

    def test_their_number_compiles_nothing(self, compilations):
        items_of("paired_associates", pairs=5)
        compilations.clear()
        for pattern, values in STORES.items():
            items_of(pattern, **values)
        items_of("paired_associates", pairs=256, sparsity=0.6)
        assert compilations == []

    def test_what_cannot_be_is_refused(self):
        with pytest.raises(ValueError, match="count must be in"):
            items_of("letters", count=0)
        with pytest.raises(ValueError, match="shape"):
            items_of("letters", shape=(3,))

    def test_a_circuit_must_heed_targets(self):
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
        probed, alone = (Engine(Network(*SHAPE, seed=3), batch_size=2) for _ in range(2))
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


LEARNS = Setup(
    eta=0.05, w_bound=1.0, pattern="paired_associates", circuit="error",
    network=Network(*SHAPE, seed=3), batch_size=2,
)  # fmt: skip


class TestCapacity:
    def test_memory_fills_up(self):
        points = list(capacity(LEARNS))
        assert [point.load for point in points] == [1, 2, 5, 10, 20, 50, 100, 200, 256]
        assert [point.load for point in points] == list(loads_of("paired_associates"))
        by_load = {point.load: point for point in points}
        assert by_load[1].accuracy == by_load[2].accuracy == 1
        assert by_load[256].accuracy < 0.3 < by_load[10].accuracy
        assert by_load[256].match < by_load[2].match
        assert all(point.presentations == pytest.approx(20, abs=1) for point in points)

    def test_a_point_is_the_run_that_the_page_would_show(self):
        [point] = capacity(LEARNS, [7], 10, noise=0.2, occlusion=0.25)
        chosen = LEARNS.at("pairs", 7).settings()
        engine = Engine(LEARNS.network, batch_size=2)
        engine.run(chosen, 35)
        items = stored_items(chosen.pattern, engine.state.key, SHAPE)
        cues = degrade_each(items.cues, 0.2, 0.25, engine.state.key)
        outputs = probe(
            chosen.hyper, engine.state.synapse.weights, engine.state.synapse.biases, cues
        )
        assert point.accuracy == accuracy(outputs, items.targets)
        assert point.match == match(outputs, items.targets).mean()
        assert point.presentations == 10

    def test_spoilt_cues_are_recalled_worse(self):
        [whole] = capacity(LEARNS, [5])
        [spoilt] = capacity(LEARNS, [5], noise=1.0, occlusion=0.5)
        assert spoilt.accuracy < whole.accuracy
        assert spoilt.match < whole.match

    def test_it_compiles_nothing_that_a_run_has_not(self, compilations):
        engine = Engine(LEARNS.network, batch_size=2)
        engine.run(LEARNS.settings(), 3)
        items = items_of("paired_associates")
        degrade_each(items.cues, 0.1, 0.1, run_key(3))
        compilations.clear()
        assert len(list(capacity(LEARNS, noise=0.1))) == 9
        assert len(list(capacity(replace(LEARNS, pattern="letters", pattern_values={})))) == 6
        assert compilations == []

    def test_points_come_one_by_one_and_cancelling_ends_them(self):
        asked = itertools.count()
        points = capacity(LEARNS, cancelled=lambda: next(asked) >= 3)
        assert [point.load for point in points] == [1, 2, 5]

    def test_work_is_limited(self):
        # A step costs 12·16·2 products: 64 of them are two presentations of 64 items each.
        points = list(capacity(LEARNS, [1, 64, 128, 129], max_work=64 * 384))
        assert [(point.load, point.presentations) for point in points] == [
            (1, 20), (64, 2), (128, 1),
        ]  # fmt: skip

    def test_a_run_that_breaks_leaves_a_gap(self):
        points = list(capacity(replace(LEARNS, w_bound=0.0, eta=1e30), [1, 2]))
        assert [point.load for point in points] == [1, 2]
        assert all(np.isnan(point.accuracy) and np.isnan(point.match) for point in points)

    def test_loads_are_those_that_the_pattern_can_store(self):
        assert loads_of("letters") == (1, 2, 5, 10, 20, 26)
        assert load_of("clusters").name == "prototypes"
        for pattern in ("ring", "one_hot", "drawn", "bars"):
            assert load_of(pattern) is None
            assert loads_of(pattern) == ()
            with pytest.raises(ValueError, match=f"can be set, got '{pattern}'"):
                capacity(replace(LEARNS, pattern=pattern))

    @pytest.mark.parametrize(
        ("asked", "named"),
        [
            ({"loads": [0]}, "pairs"), ({"loads": [257]}, "pairs"), ({"presentations": 0}, "presentations"),
            ({"noise": -1}, "noise"), ({"occlusion": 2}, "occlusion"), ({"max_work": 0}, "max_work"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused_before_anything_is_run(self, asked, named):
        with pytest.raises(ValueError, match=named):
            capacity(LEARNS, **asked)


def test_every_pattern_that_stores_has_items_of_every_size():
    for name, pattern in PATTERNS.items():
        if pattern.stores is None and not pattern.chooses:
            continue
        for bound in ("low", "high"):
            values = {p.name: getattr(p, bound) for p in pattern.parameters}
            items = items_of(name, shape=SHAPE, **values)
            assert isinstance(items, Items), name
            assert items.cues.shape == (len(items), 12)
            assert items.targets.shape == (len(items), 16)
            assert np.isfinite(items.cues).all()
            assert 1 <= len(items) <= MAX_ITEMS
