"""Capacity: how well a memory recalls, load by load."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .. import checks
from ..run.engine import Engine
from ..run.setup import Setup
from ..run.steps import MAX_STEPS
from ..signals.parameters import Parameter
from ..signals.patterns import PATTERNS
from .memory_items import Items, stored_items
from .recall import accuracy, degrade_each, match, probe

__all__ = ["MAX_WORK", "PRESENTATIONS", "LoadPoint", "capacity", "load_of", "loads_of"]

#: How often each item of a load is shown, on average, before it is probed.
PRESENTATIONS = 20.0
#: Most products of pre and post that one load of :func:`capacity` may cost.
MAX_WORK = 2**30

# Products of pre and post between two looks at whether to go on, some tenth of a second.
_PATIENCE = 2**25
_LADDER = (1, 2, 5, 10, 20, 50, 100, 200)


def load_of(pattern: str) -> Parameter | None:
    """Return the number that says how many items ``pattern`` stores; None where none does.

    Args:
        pattern: key of :data:`hebb_core.signals.patterns.PATTERNS`.
    """
    described = PATTERNS[checks.choice("pattern", pattern, PATTERNS)]
    return described.parameters[0] if described.chooses else None


def loads_of(pattern: str) -> tuple[int, ...]:
    """Return the loads that :func:`capacity` tries of ``pattern``: 1, 2, 5, 10 … and the most."""
    described = load_of(pattern)
    if described is None:
        return ()
    most = int(described.high)
    return (*(load for load in _LADDER if described.low <= load < most), most)


@dataclass(frozen=True)
class LoadPoint:
    """How well a memory of one load recalls.

    Attributes:
        load: items stored.
        accuracy: share of them that are recalled; NaN if weights stopped being finite.
        match: mean cosine of output to target, −1 to 1; likewise.
        presentations: how often each was shown, on average.
    """

    load: int
    accuracy: float
    match: float
    presentations: float


def capacity(
    setup: Setup,
    loads: Sequence[int] | None = None,
    presentations: float = PRESENTATIONS,
    *,
    noise: float = 0.0,
    occlusion: float = 0.0,
    max_work: int = MAX_WORK,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[LoadPoint]:
    """Return how well a fresh run recalls, load by load, each as soon as it is known.

    A run under ``setup`` with so many items is shown each of them so many times on average; then
    all of them are probed. It goes through the engine's own program: where the shape, the batch
    size and the optimiser have been run before, nothing is compiled.

    Args:
        setup: what the runs have in common.
        loads: how many items to store, one run each; those of :func:`loads_of` if None.
        presentations: how often each item is shown, on average, > 0.
        noise: standard deviation of noise on the cues, see :func:`hebb_core.analysis.recall.degrade`.
        occlusion: share of a cue that is hidden.
        max_work: most products of pre and post that a load may cost: larger loads are shown less
            often, and those that could not be shown once are left out.
        cancelled: asked now and then; True ends it.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value is out of range, or the pattern has no load to vary.
    """
    described = load_of(setup.pattern)
    if described is None:
        raise ValueError(
            f"pattern must store a number of items that can be set, got {setup.pattern!r}"
        )
    wanted = loads_of(setup.pattern) if loads is None else tuple(loads)
    for load in wanted:
        checks.integer(described.name, load, low=int(described.low), high=int(described.high))
    presentations = checks.number("presentations", presentations, low=0.0, exclusive_low=True)
    max_work = checks.integer("max_work", max_work, low=1)
    checks.number("noise", noise, low=0.0)
    checks.number("occlusion", occlusion, low=0.0, high=1.0)
    setup.settings()
    return _points(
        setup, described.name, wanted, presentations, (noise, occlusion), max_work, cancelled
    )


def _points(
    setup: Setup,
    name: str,
    loads: tuple[int, ...],
    presentations: float,
    degrading: tuple[float, float],
    max_work: int,
    cancelled: Callable[[], bool],
) -> Iterator[LoadPoint]:
    network, batch = setup.network, setup.batch_size
    shape = (network.n_pre, network.n_post)
    cost = math.prod(shape) * batch
    at_once = min(max(_PATIENCE // cost, 1), MAX_STEPS)
    engine: Engine | None = None
    for load in loads:
        steps = min(math.ceil(presentations * load / batch), max_work // cost)
        if steps * batch < load:
            continue
        settings = setup.at(name, load).settings()
        if engine is None:
            engine = Engine(network, batch_size=batch, optim_type=setup.optim_type)
        else:
            engine.reset()
        left, finite = steps, True
        while left > 0 and finite:
            if cancelled():
                return
            finite = engine.run(settings, min(left, at_once)).finite
            left -= at_once
        shown = steps * batch / load
        if not finite:
            yield LoadPoint(load, math.nan, math.nan, shown)
            continue
        state = engine.state
        items = stored_items(settings.pattern, state.key, shape)
        assert isinstance(items, Items)
        cues = degrade_each(items.cues, *degrading, state.key)
        outputs = probe(settings.hyper, state.synapse.weights, state.synapse.biases, cues)
        yield LoadPoint(
            load,
            accuracy(outputs, items.targets),
            float(match(outputs, items.targets).mean()),
            shown,
        )
