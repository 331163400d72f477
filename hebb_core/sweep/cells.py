"""Many runs in one compiled loop: the engine's step under ``vmap`` over settings and seeds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..run.engine import Network, RunState, Settings, build, take
from ..run.metrics import METRICS
from ..run.reduction import largest_in_blocks
from .axes import THUMB, Plan
from .outcomes import KEPT, Record, measure_outcomes

__all__ = ["Chunk", "cells_at_once", "run_cells"]

# Bytes of weights that stay in a core's cache from step to step.
_CACHE = 2**19
# Range of the number of cells per loop, if memory allows.
_FEWEST, _MOST = 8, 64
# Arrays of the size of W that a step holds: state, optimiser, update, temporaries.
_ARRAYS = 8
# Bytes per number of a record: the float32 measured, and about five float64 copies.
_COPIES = 4 + 5 * 8


@dataclass(frozen=True)
class Chunk:
    """Outcomes of some cells of a sweep.

    Attributes:
        cells: row-major indices of the cells, ``(c,)`` int64.
        outcomes: name -> ``(c, seeds)`` float64.
        thumbs: final W of each cell under the first seed, ``(c, r, s)`` float32. If W has more
            than :data:`THUMB` rows or columns, each block is reduced to its entry of largest
            magnitude. NaN replaces entries that are not finite.
    """

    cells: np.ndarray
    outcomes: dict[str, np.ndarray]
    thumbs: np.ndarray


def cells_at_once(plan: Plan, max_bytes: int) -> int:
    """Return how many cells to run in one loop: a power of two, within ``max_bytes`` of memory.

    The estimate covers weights, signals and records on the device, and the copies of records from
    which outcomes are computed.

    Raises:
        ValueError: a single cell needs more than ``max_bytes``.
    """
    n, m = plan.setup.network.n_pre, plan.setup.network.n_post
    weights = 4 * n * m * len(plan.seeds)
    signals = 4 * plan.setup.batch_size * (n + 4 * m) * len(plan.seeds)
    record = (_capacity(plan.steps) + KEPT * len(METRICS)) * len(plan.seeds)
    one = _ARRAYS * weights + signals + _COPIES * record
    fits = max_bytes // one
    if fits < 1:
        raise ValueError(
            f"a single cell needs {one / 2**20:.1f} MiB, more than the {max_bytes / 2**20:.1f} MiB "
            "of max_bytes; use fewer seeds, steps, patterns per step or units"
        )
    wanted = min(max(_CACHE // weights, _FEWEST), _MOST, fits)
    return 2 ** (int(wanted).bit_length() - 1)


def _capacity(steps: int) -> int:
    """Return the record length for ``steps``: a power of two, so that few programs are compiled."""
    return max(KEPT, 2 ** (steps - 1).bit_length())


def _thumb(weights: jax.Array) -> jax.Array:
    n, m = weights.shape[-2:]
    reduced = largest_in_blocks(weights, -(-n // THUMB), -(-m // THUMB))
    # Result files accept NaN but not infinity.
    return jnp.where(jnp.isfinite(reduced), reduced, jnp.nan)


@partial(jax.jit, static_argnames=("signals", "batch", "optim_type", "capacity", "swept_signals"))
def _run(
    state: RunState,
    settings: Settings,
    steps: jax.Array,
    *,
    signals: tuple[int, int],
    batch: int,
    optim_type: str,
    capacity: int,
    swept_signals: bool,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Run ``c`` settings from each of ``s`` initial states, one per seed.

    ``signals`` holds the indices of the pattern and the circuit. They are static: a sweep uses one
    pattern and one circuit, and a program that can run any of them takes three times as long to
    compile.

    Returns:
        A ring buffer of the metrics of the last steps, ``(KEPT, s, c, k)``; mean |W| after each
        step, ``(capacity, s, c)``; and the reduced final W under the first seed, ``(c, …)``.
    """
    count = settings.hyper.eta.shape[0]
    over = 0 if swept_signals else None
    pattern, circuit = signals

    def one(synapse: Any, key: jax.Array, asked: Settings, now: jax.Array) -> tuple[Any, jax.Array]:
        asked = replace(
            asked,
            pattern=replace(asked.pattern, index=pattern),
            circuit=replace(asked.circuit, index=circuit),
        )
        after, _, row, _ = take(asked, RunState(synapse, key, now), now, batch, optim_type)
        return after, row

    # Patterns that no axis varies are drawn once per step and seed, not once per cell.
    asked = replace(
        settings,
        hyper=0,
        pattern=_axes(settings.pattern, over),
        circuit=_axes(settings.circuit, over),
    )
    over_cells = jax.vmap(one, in_axes=(0, None, asked, None))
    over_seeds = jax.vmap(over_cells, in_axes=(0, 0, None, None))
    synapses = jax.tree.map(
        lambda leaf: jnp.broadcast_to(leaf[:, None], (leaf.shape[0], count, *leaf.shape[1:])),
        state.synapse,
    )
    seeds = synapses.weights.shape[0]

    def step(i: jax.Array, carry: Any) -> Any:
        synapses, record, sizes = carry
        synapses, rows = over_seeds(synapses, state.key, settings, i)
        record = jax.lax.dynamic_update_index_in_dim(record, rows, i % KEPT, 0)
        sizes = jax.lax.dynamic_update_index_in_dim(
            sizes, rows[..., METRICS["mean_abs"].column], i, 0
        )
        return synapses, record, sizes

    record = jnp.zeros((KEPT, seeds, count, len(METRICS)))
    sizes = jnp.zeros((capacity, seeds, count))
    synapses, record, sizes = jax.lax.fori_loop(
        jnp.int32(0), steps, step, (synapses, record, sizes)
    )
    return record, sizes, _thumb(synapses.weights[0])


def _axes(settings: Any, over: int | None) -> Any:
    # All cells share the pattern's or circuit's index and the bank of drawn patterns.
    shared = ("index", "bank")
    return replace(settings, **{name: None if name in shared else over for name in vars(settings)})


def run_cells(plan: Plan, cells: np.ndarray, at_once: int) -> Chunk:
    """Run ``cells`` of ``plan`` in one compiled loop and return their outcomes.

    Args:
        plan: the sweep.
        cells: row-major indices, 1 to ``at_once`` of them.
        at_once: batch size of the compiled loop. If ``cells`` is shorter, it is padded with its
            last entry, so that one program serves the whole sweep.
    """
    state = _first_state(plan.setup.network, plan.setup.optim_type, plan.seeds)
    count, seeds = len(cells), len(plan.seeds)
    settings = plan.at(np.concatenate([cells, np.full(at_once - count, cells[-1])]))
    ran = _run(
        state,
        settings,
        np.int32(plan.steps),
        signals=(int(settings.pattern.index), int(settings.circuit.index)),
        batch=plan.setup.batch_size,
        optim_type=plan.setup.optim_type,
        capacity=_capacity(plan.steps),
        swept_signals=plan.swept_signals,
    )
    record, sizes, thumbs = (np.asarray(array) for array in ran)
    # Unroll the ring buffer, oldest row first.
    record = np.roll(record, -(plan.steps % KEPT), axis=0) if plan.steps > KEPT else record
    record = record[: min(plan.steps, KEPT), :, :count]
    sizes = sizes[: plan.steps, :, :count]
    told = measure_outcomes(
        Record(
            np.moveaxis(record, 0, 2).reshape(seeds * count, -1, len(METRICS)),
            np.moveaxis(sizes, 0, 2).reshape(seeds * count, -1),
            np.tile(settings.hyper.w_bound[:count], seeds),
        )
    )
    outcomes = {name: values.reshape(seeds, count).T for name, values in told.items()}
    return Chunk(np.asarray(cells, np.int64), outcomes, thumbs[:count])


# Cached, since all chunks of a sweep start from the same states.
@lru_cache(maxsize=1)
def _first_state(network: Network, optim_type: str, seeds: tuple[int, ...]) -> RunState:
    """Return the initial states of runs of ``network`` with each of ``seeds``, stacked."""
    first = [build(replace(network, seed=seed), optim_type) for seed in seeds]
    state = jax.tree.map(lambda *leaves: jnp.stack(leaves), *first)
    return RunState(state.synapse, state.key, jnp.zeros((), jnp.int32))
