"""Stored items: the cues and targets that a pattern presents repeatedly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import jax
import numpy as np

from .. import checks
from ..signals import patterns
from ..signals.patterns import PATTERNS, Pattern, PatternSettings
from ..signals.random_streams import item_chance
from .not_applicable import NotApplicable

__all__ = ["MAX_ITEMS", "Items", "stored_items"]

#: Maximum number of items returned by one call.
MAX_ITEMS = 1024

# Batch size for generating items, so that one compiled program serves any number of items.
_ROWS = 32


@dataclass(frozen=True, eq=False)
class Items:
    """Items that a pattern stores.

    Attributes:
        cues: pre-synaptic activity without noise, ``(k, n)`` float32.
        targets: target of each cue, ``(k, m)`` float32.
        of: number of items the pattern stores; more than ``k`` if only a subset was requested.
    """

    cues: np.ndarray
    targets: np.ndarray
    of: int

    def __len__(self) -> int:
        """Return the number of items held."""
        return len(self.cues)


def _pattern(settings: PatternSettings) -> Pattern:
    return list(PATTERNS.values())[int(settings.index)]


def _numbers(settings: PatternSettings, shape: tuple[int, int]) -> np.ndarray | None:
    """Return the item numbers (choices, or positions in a sweep); None if nothing is stored."""
    pattern = _pattern(settings)
    if pattern.stores is not None:
        return pattern.stores(np.asarray(settings.values), settings.bank, *shape)
    return np.arange(int(patterns.items(settings))) if pattern.chooses else None


@partial(jax.jit, static_argnames="shape")
def _shown(
    settings: PatternSettings,
    key: jax.Array,
    numbers: jax.Array,
    at_rest: jax.Array,
    *,
    shape: tuple[int, int],
) -> tuple[jax.Array, jax.Array]:
    """Return the cues ``(k, n)`` and targets ``(k, m)`` of the items with these ``numbers``."""

    def one(number: jax.Array) -> tuple[jax.Array, jax.Array]:
        chance = item_chance(key, number, at_rest, patterns.chance_width(shape))
        # In a batch of one, the position in a sweep equals the step number.
        cue, target = patterns.draw(settings, chance, number, shape, 1)
        return cue[0], target[0]

    return jax.vmap(one)(numbers)


def stored_items(
    settings: PatternSettings,
    key: jax.Array,
    shape: tuple[int, int],
    count: int | None = None,
) -> Items | NotApplicable:
    """Return the items that a pattern presents repeatedly, or why the pattern has none.

    The cues equal the patterns of a run with this ``key``, before noise on pre: prototypes without
    flips, gratings at phase 0, each letter, pair or drawn pattern, each unit that a one-hot sweep
    reaches. A bump on the ring takes many positions; its items are evenly spaced among them, at
    most one per post-synaptic unit.

    Args:
        settings: the pattern and its parameters.
        key: PRNG key of the run, :attr:`hebb_core.run.network.RunState.key`; see
            :func:`hebb_core.run.network.run_key`.
        shape: ``(n, m)``.
        count: maximum number of items, 1 to :data:`MAX_ITEMS` (the default if None). If the pattern
            stores more, an evenly spaced subset is returned.

    Raises:
        TypeError: ``count`` or an entry of ``shape`` is not an integer.
        ValueError: ``shape`` is not a pair of positive integers, or ``count`` is out of range.
    """
    shape = checks.shape_of("shape", shape)
    most = MAX_ITEMS if count is None else checks.integer("count", count, low=1, high=MAX_ITEMS)
    pattern, numbers = _pattern(settings), _numbers(settings, shape)
    if numbers is None:
        return NotApplicable(
            f"“{pattern.label[0].upper()}{pattern.label[1:]}” draws new patterns at every step and "
            "stores none: there is nothing to recall. Choose paired associates, clusters or letters."
        )
    of = len(numbers)
    kept = min(of, most)
    numbers = numbers[np.arange(kept) * of // kept]
    quiet = replace(settings, noise=np.float32(0))
    cues, targets = [], []
    for first in range(0, kept, _ROWS):
        block = np.resize(numbers[first : first + _ROWS], _ROWS).astype(np.int32)
        cue, target = _shown(quiet, key, block, np.float32(pattern.at_rest), shape=shape)
        cues.append(np.asarray(cue))
        targets.append(np.asarray(target))
    return Items(np.concatenate(cues)[:kept], np.concatenate(targets)[:kept], of)
