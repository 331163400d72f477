"""Stored items: the very cues and targets of a run, known before it."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from hebb_core.analysis.memory_items import MAX_ITEMS, Items, stored_items
from hebb_core.analysis.not_applicable import NotApplicable
from hebb_core.run.engine import Engine, Network, build
from hebb_core.run.steps import run_key
from hebb_core.signals.patterns import PATTERNS, pattern_bank, pattern_settings

from ..runs import SHAPE, settings_of

STORES = {
    "ring": {"speed": 250},
    "one_hot": {"stride": 8},
    "paired_associates": {"pairs": 7},
    "clusters": {"prototypes": 5, "flip": 0.0},
    "letters": {"letters": 6},
    "drawn": {},
}
COUNTS = {
    "ring": 4,
    "one_hot": 3,
    "paired_associates": 7,
    "clusters": 5,
    "letters": 6,
    "drawn": 4,
}


def items_of(pattern, seed=3, shape=SHAPE, count=None, **values):
    return stored_items(pattern_settings(pattern, **values), run_key(seed), shape, count)


def shown(chosen, steps=60, seed=3):
    """Every cue that a run shows, and its target."""
    engine = Engine(Network(*SHAPE, seed=seed), batch_size=4)
    frames = [engine.run(chosen, 1) for _ in range(steps)]
    return (
        np.concatenate([frame.pre for frame in frames]),
        np.concatenate([frame.target for frame in frames]),
    )


def place_of(row, rows):
    found = np.flatnonzero((rows == row).all(axis=1))
    return int(found[0]) if len(found) else None


def test_the_key_is_that_of_the_run():
    for seed in (0, 11):
        theirs = build(Network(*SHAPE, seed=seed)).key
        np.testing.assert_array_equal(
            jax.random.key_data(run_key(seed)), jax.random.key_data(theirs)
        )


@pytest.mark.parametrize("pattern", STORES)
def test_they_are_the_very_cues_of_the_run(pattern):
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


def test_drawn_ones_are_those_of_the_bank():
    rng = np.random.default_rng(0)
    pre, target = rng.normal(size=(5, 12)), rng.normal(size=(5, 16))
    items = items_of("drawn", bank=pattern_bank(pre, target))
    np.testing.assert_array_equal(items.cues, pre.astype(np.float32))
    np.testing.assert_array_equal(items.targets, target.astype(np.float32))


def test_clusters_are_stored_without_flips_and_noise():
    quiet, noisy = (
        items_of("clusters", prototypes=5, flip=flip, noise=noise)
        for flip, noise in ((0.0, 0.0), (0.5, 0.7))
    )
    np.testing.assert_array_equal(quiet.cues, noisy.cues)


def test_gratings_stand_at_phase_zero():
    items = items_of("gratings", orientations=3)
    assert len(items) == 3
    np.testing.assert_allclose(items.cues[:, 0], 1.0)


def test_a_fast_bump_has_few_places_and_a_slow_one_as_many_as_there_are_post_units():
    assert [len(items_of("ring", speed=speed)) for speed in (0, 500, 300, 15, 1)] == [
        1,
        2,
        10,
        16,
        16,
    ]
    centres = items_of("ring", speed=15, width=0.05).targets.argmax(axis=1)
    assert (np.diff(centres) >= 0).all()
    assert len(set(centres)) >= 15


def test_another_seed_stores_others():
    one, other = items_of("paired_associates"), items_of("paired_associates", seed=4)
    assert not np.array_equal(one.cues, other.cues)


def test_more_of_them_begin_with_the_same():
    few, many = (items_of("paired_associates", pairs=pairs, sparsity=0.5) for pairs in (3, 70))
    np.testing.assert_array_equal(few.cues, many.cues[:3])
    assert len(np.unique(many.cues, axis=0)) > 60


def test_a_part_of_them_is_spread_over_all():
    every, part = items_of("letters", letters=12), items_of("letters", letters=12, count=4)
    assert (len(part), part.of) == (4, 12)
    np.testing.assert_array_equal(part.cues, every.cues[::3])


@pytest.mark.parametrize(
    "pattern", [name for name in PATTERNS if name not in (*STORES, "gratings")]
)
def test_a_pattern_without_items_says_so(pattern):
    said = items_of(pattern)
    assert isinstance(said, NotApplicable)
    assert PATTERNS[pattern].label[1:] in said.reason


def test_their_number_compiles_nothing(compilations):
    items_of("paired_associates", pairs=5)
    compilations.clear()
    for pattern, values in STORES.items():
        items_of(pattern, **values)
    items_of("paired_associates", pairs=256, sparsity=0.6)
    assert compilations == []


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="count must be in"):
        items_of("letters", count=0)
    with pytest.raises(ValueError, match="shape"):
        items_of("letters", shape=(3,))


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
