"""The engine: runs pattern → circuit → rule, many steps per call, undoing calls that diverge."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import checks
from ..rule.hyper import Hyper
from ..rule.optimisers import OPTIMISERS
from ..rule.rule import SynapseState
from .frame import Frame
from .network import Network, RunState, build
from .steps import MAX_STEPS, Ran, Settings, run_steps, synapses_of, take

__all__ = ["MAX_STEPS", "Engine", "Network", "RunState", "Settings", "build", "take"]


@jax.jit
def _copy(state: RunState) -> RunState:
    return jax.tree.map(jnp.copy, state)


@partial(jax.jit, static_argnames="optim_type")
def _with_weight(
    synapse: SynapseState, row: Any, col: Any, value: Any, *, optim_type: str
) -> SynapseState:
    opt = OPTIMISERS[optim_type].place(synapse.opt, row, col, value)
    return replace(synapse, weights=synapse.weights.at[row, col].set(value), opt=opt)


def _with_optimiser(synapse: SynapseState, name: str) -> SynapseState:
    opt = OPTIMISERS[name].init((synapse.weights, synapse.biases))
    return replace(synapse, opt=opt)


class Engine:
    """A run in progress: owns the run's state and advances it.

    Not thread-safe. A call that produces non-finite weights or biases leaves the state unchanged.

    Args:
        network: network to build; the default :class:`Network` if None.
        batch_size: patterns per step, at least 1. The rule sums over them.
        optim_type: ``"sgd"``, ``"adam"`` or ``"nag"``.
        twin: optimiser of a second synapse, the twin, which starts from the same weights and
            receives the same patterns; None if there is no twin. Its hyperparameters are
            :attr:`Settings.twin`.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value is out of range or unknown.
    """

    def __init__(
        self,
        network: Network | None = None,
        *,
        batch_size: int = 1,
        optim_type: str = "sgd",
        twin: str | None = None,
    ) -> None:
        self.network = network or Network()
        self.batch_size = checks.integer("batch_size", batch_size, low=1)
        self.optim_type = checks.choice("optim_type", optim_type, OPTIMISERS)
        self.twin = None if twin is None else checks.choice("twin", twin, OPTIMISERS)
        self.state = build(self.network, self.optim_type, self.twin)

    def reset(self, network: Network | None = None, *, twin: str | None = None) -> None:
        """Restart the run from initial weights, with another network if ``network`` is given.

        Args:
            network: network to build; the current one if None.
            twin: optimiser of the twin; None if there is no twin.
        """
        network = network or self.network
        twin = None if twin is None else checks.choice("twin", twin, OPTIMISERS)
        self.state = build(network, self.optim_type, twin)
        self.network, self.twin = network, twin

    def set_batch_size(self, batch_size: int) -> None:
        """Set the batch size from the next step on; raise TypeError or ValueError if invalid."""
        self.batch_size = checks.integer("batch_size", batch_size, low=1)

    def set_optimiser(self, optim_type: str, twin: str | None = None) -> None:
        """Set the optimiser from the next step on; a different optimiser starts with a new state.

        Weights and biases are kept.

        Args:
            optim_type: the optimiser.
            twin: optimiser of the twin; unchanged if None. Ignored if there is no twin.

        Raises:
            TypeError: a name is not a string.
            ValueError: a name is unknown.
        """
        name = checks.choice("optim_type", optim_type, OPTIMISERS)
        if name != self.optim_type:
            synapse = _with_optimiser(self.state.synapse, name)
            self.state, self.optim_type = replace(self.state, synapse=synapse), name
        if twin is None or self.state.twin is None:
            return
        name = checks.choice("twin", twin, OPTIMISERS)
        if name != self.twin:
            second = _with_optimiser(self.state.twin, name)
            self.state, self.twin = replace(self.state, twin=second), name

    @property
    def _optim_types(self) -> tuple[str, ...]:
        return (self.optim_type,) if self.twin is None else (self.optim_type, self.twin)

    def _call(self, state: RunState, settings: Settings, steps: int) -> tuple[RunState, Ran]:
        if (settings.twin is None) != (self.twin is None):
            raise ValueError(
                "settings.twin must hold hyperparameters if the engine has a twin, and be None if "
                f"it has none; got {'None' if settings.twin is None else 'hyperparameters'}"
            )
        ran = run_steps(
            state, settings, np.int32(steps), batch=self.batch_size, optim_types=self._optim_types
        )
        return ran[0], ran

    def run(self, settings: Settings, steps: int = 1) -> Frame:
        """Take ``steps`` steps, 1 to :data:`MAX_STEPS`, and return the resulting frame.

        If weights or biases become non-finite, the run is restored to its state before this call,
        the frame's ``finite`` is False, and its ``record`` ends with the step that diverged.

        Raises:
            TypeError: ``steps`` is not an integer.
            ValueError: ``steps`` is out of range, or ``settings.twin`` does not match the engine.
        """
        steps = checks.integer("steps", steps, low=1, high=MAX_STEPS)
        self.state, ran = self._call(self.state, settings, steps)
        return self._frame(settings, ran, moved=True)

    def preview(self, settings: Settings) -> Frame:
        """Return a frame of the last input under ``settings``, without changing the run.

        The frame's ``weights`` and ``before`` are both the current weights, so ``d_weights`` is the
        update that these weights would receive. The frame's ``moved`` is False.
        """
        # Replays the last step on a discarded copy: the step's compiled program serves this too.
        copied = _copy(self.state)
        replayed = replace(copied, step=jnp.maximum(copied.step - 1, 0))
        _, ran = self._call(replayed, settings, 1)
        return self._frame(settings, ran, moved=False)

    def set_weight(self, row: int, col: int, value: float, hyper: Hyper) -> None:
        """Set one weight; the next step starts from it. The twin is not changed.

        Args:
            row: pre-synaptic unit, 0 to n − 1.
            col: post-synaptic unit, 0 to m − 1.
            value: the weight, finite and within the bound of ``hyper`` if there is one.
            hyper: current hyperparameters.

        Raises:
            TypeError: ``value`` is not a number, or ``row`` or ``col`` is not an integer.
            ValueError: the cell or its connection does not exist, or ``value`` is not finite or
                exceeds the bound.
        """
        synapse = self.state.synapse
        n, m = synapse.weights.shape
        row = checks.integer("row", row, low=0, high=n - 1)
        col = checks.integer("col", col, low=0, high=m - 1)
        bound = float(hyper.w_bound)
        high = bound if bound > 0 else math.inf
        low = 0.0 if bound > 0 and hyper.is_nonnegative else -high
        value = checks.number("weight", value, low=low, high=high)
        if synapse.mask.shape != (1, 1) and not synapse.mask[row, col]:
            raise ValueError(f"there is no connection from pre {row} to post {col}: it stays at 0")
        synapse = _with_weight(
            synapse, np.int32(row), np.int32(col), np.float32(value), optim_type=self.optim_type
        )
        self.state = replace(self.state, synapse=synapse)

    def snapshot(self) -> RunState:
        """Return a copy of the current state, which later calls do not invalidate."""
        return _copy(self.state)

    def resume(
        self, state: RunState, network: Network, optim_type: str, twin: str | None = None
    ) -> None:
        """Resume from ``state``, a :meth:`snapshot` of a run of ``network``, bit for bit.

        The snapshot stays valid. ``optim_type`` and ``twin`` are the optimisers that were in use
        when it was taken; ``twin`` is None if there was no twin.
        """
        optim_type = checks.choice("optim_type", optim_type, OPTIMISERS)
        twin = None if twin is None else checks.choice("twin", twin, OPTIMISERS)
        self.state = _copy(state)
        self.network, self.optim_type, self.twin = network, optim_type, twin

    def _frame(self, settings: Settings, ran: Ran, *, moved: bool) -> Frame:
        _, previous, signals, records, taken, finite = ran
        parts = zip(
            synapses_of(self.state),
            previous,
            signals,
            records,
            self._optim_types,
            (settings.hyper, settings.twin),
            strict=False,
        )
        frames = [
            Frame(
                weights=synapse.weights,
                previous=before,
                biases=synapse.biases,
                pre=np.asarray(signal.pre),
                post=np.asarray(signal.post),
                outputs=np.asarray(signal.outputs),
                target=np.asarray(signal.target),
                step=int(self.state.step),
                # A copy: a view would keep the whole MAX_STEPS buffer alive with the frame.
                record=np.asarray(record)[: int(taken)].copy(),
                finite=bool(finite),
                moved=moved,
                hyper=hyper,
                optim_type=optim_type,
            )
            for synapse, before, signal, record, optim_type, hyper in parts
            if hyper is not None
        ]
        return frames[0] if len(frames) == 1 else replace(frames[0], twin=frames[1])
