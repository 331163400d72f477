"""Memory capacity: recall as a function of the load, the number of stored items."""

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

#: Average number of times each item is presented before recall is probed.
PRESENTATIONS = 20.0
#: Maximum number of pre·post products (steps × batch × n × m) per load of :func:`capacity`.
MAX_WORK = 2**30

# Pre·post products between two checks for cancellation, about a tenth of a second.
_PATIENCE = 2**25
_LADDER = (1, 2, 5, 10, 20, 50, 100, 200)


def load_of(pattern: str) -> Parameter | None:
    """Return the parameter that sets how many items ``pattern`` stores; None if that is fixed.

    Args:
        pattern: key of :data:`hebb_core.signals.patterns.PATTERNS`.
    """
    described = PATTERNS[checks.choice("pattern", pattern, PATTERNS)]
    return described.parameters[0] if described.chooses else None


def loads_of(pattern: str) -> tuple[int, ...]:
    """Return loads for :func:`capacity`: 1, 2, 5, 10 … to the maximum; empty if load is fixed."""
    described = load_of(pattern)
    if described is None:
        return ()
    most = int(described.high)
    return (*(load for load in _LADDER if described.low <= load < most), most)


@dataclass(frozen=True)
class LoadPoint:
    """Recall performance at one load.

    Attributes:
        load: number of items stored.
        accuracy: share of items recalled, 0 to 1; NaN if the weights became non-finite.
        match: mean cosine of output to target, −1 to 1; NaN if the weights became non-finite.
        presentations: average number of times each item was presented.
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
    """Return an iterator over recall performance, one fresh run per load.

    Each run presents its items ``presentations`` times on average, then probes all of them. The
    steps use the engine's program, which is already compiled if the shape, the batch size and the
    optimiser have been run before. Arguments are validated before the iterator is returned.

    Args:
        setup: settings shared by all runs.
        loads: numbers of items to store, one run each; the loads of :func:`loads_of` if None.
        presentations: average number of presentations per item, > 0.
        noise: standard deviation of noise on the cues, see :func:`hebb_core.analysis.recall.degrade`.
        occlusion: share of each cue that is hidden, in [0, 1].
        max_work: maximum number of pre·post products per load. Larger loads get fewer
            presentations; a load that cannot present each item once is skipped.
        cancelled: polled between blocks of steps; True ends the iteration.

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
