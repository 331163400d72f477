"""Stored items: the cues and targets that a pattern shows over and over."""

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

#: Most items that are asked for at once.
MAX_ITEMS = 1024

# Items are made so many at a time: one program serves any number of them.
_ROWS = 32


@dataclass(frozen=True, eq=False)
class Items:
    """What a pattern stores.

    Attributes:
        cues: as pre shows them without noise, ``(k, n)`` float32.
        targets: what each is paired with, ``(k, m)`` float32.
        of: how many the pattern stores; more than ``k`` where only some were asked for.
    """

    cues: np.ndarray
    targets: np.ndarray
    of: int

    def __len__(self) -> int:
        """Return how many items are held."""
        return len(self.cues)


def _pattern(settings: PatternSettings) -> Pattern:
    return list(PATTERNS.values())[int(settings.index)]


def _numbers(settings: PatternSettings, shape: tuple[int, int]) -> np.ndarray | None:
    """Return the numbers of the items, of a choice or in a sweep; None where there are none."""
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
    """Return the items with these ``numbers``, as the pattern itself would show them."""

    def one(number: jax.Array) -> tuple[jax.Array, jax.Array]:
        chance = item_chance(key, number, at_rest, patterns.chance_width(shape))
        # Alone in its batch, an item's place in a sweep is the number of the step.
        cue, target = patterns.draw(settings, chance, number, shape, 1)
        return cue[0], target[0]

    return jax.vmap(one)(numbers)


def stored_items(
    settings: PatternSettings,
    key: jax.Array,
    shape: tuple[int, int],
    count: int | None = None,
) -> Items | NotApplicable:
    """Return the items that a pattern shows over and over, or why it has none.

    They are the very cues of a run with this ``key``, before noise on pre: prototypes without
    flips, gratings at phase 0, each letter, pair or drawn pattern, each unit that a one-hot sweep
    reaches. A bump on the ring stands at any of many places; items are those of them that are evenly
    spaced, as many as post units at most.

    Args:
        settings: which pattern, and its numbers.
        key: key of the run, :attr:`hebb_core.run.network.RunState.key`; see
            :func:`hebb_core.run.network.run_key`.
        shape: ``(n, m)``.
        count: most items wanted, at least 1, :data:`MAX_ITEMS` if None; spread evenly over them all
            where there are more.

    Raises:
        TypeError: ``count`` is not an integer.
        ValueError: ``shape`` is no shape, or ``count`` is out of range.
    """
    shape = checks.shape_of("shape", shape)
    most = MAX_ITEMS if count is None else checks.integer("count", count, low=1, high=MAX_ITEMS)
    pattern, numbers = _pattern(settings), _numbers(settings, shape)
    if numbers is None:
        return NotApplicable(
            f"“{pattern.label[0].upper()}{pattern.label[1:]}” makes new patterns all the time and "
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
