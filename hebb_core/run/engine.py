"""The engine: pattern → circuit → rule, many steps in one call, and no step past one that breaks."""

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
    """A run in progress: owns its state, takes steps, and never moves on a bad one.

    Not thread-safe: one call at a time.

    Args:
        network: what to build.
        batch_size: patterns per step, at least 1. The rule sums over them.
        optim_type: ``"sgd"``, ``"adam"`` or ``"nag"``.
        twin: the optimiser of a second synapse, which starts from the same weights and meets the
            same patterns; None for none. Its hyperparameters are ``twin`` of the settings.

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
        """Start again: from the same initial weights, or from ``network`` if given.

        Args:
            network: what to build; None for the same.
            twin: the optimiser of its twin; None for none.
        """
        network = network or self.network
        twin = None if twin is None else checks.choice("twin", twin, OPTIMISERS)
        self.state = build(network, self.optim_type, twin)
        self.network, self.twin = network, twin

    def set_batch_size(self, batch_size: int) -> None:
        """Change the batch size from the next step on; TypeError or ValueError if below 1."""
        self.batch_size = checks.integer("batch_size", batch_size, low=1)

    def set_optimiser(self, optim_type: str, twin: str | None = None) -> None:
        """Change the optimiser from the next step on; it starts afresh, the weights stay.

        Args:
            optim_type: the optimiser.
            twin: that of the twin; left as it is if None, or where there is no twin.

        Raises:
            TypeError: not a string.
            ValueError: not the name of an optimiser.
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
                "settings.twin must hold hyperparameters where the engine has a twin, and None where "
                f"it has none; got {'None' if settings.twin is None else 'hyperparameters'}"
            )
        ran = run_steps(
            state, settings, np.int32(steps), batch=self.batch_size, optim_types=self._optim_types
        )
        return ran[0], ran

    def run(self, settings: Settings, steps: int = 1) -> Frame:
        """Take ``steps`` steps, 1 to :data:`MAX_STEPS`, and return where they led.

        If weights stop being finite on the way, the run is put back to where this call began and
        the frame says so (``finite``); its ``record`` then ends with the step that broke.

        Raises:
            TypeError: ``steps`` is not an integer.
            ValueError: ``steps`` is out of range, or there is a twin but no settings for it.
        """
        steps = checks.integer("steps", steps, low=1, high=MAX_STEPS)
        self.state, ran = self._call(self.state, settings, steps)
        return self._frame(settings, ran, moved=True)

    def preview(self, settings: Settings) -> Frame:
        """Show what the last input would do now, under ``settings``; moves nothing.

        ``weights`` of the frame are the present ones, ``before`` too, so that ``d_weights`` is the
        update that the present weights would be asked to make. The frame says that nothing has
        ``moved``.
        """
        # The program of a step itself, on a copy that is then forgotten: nothing more to compile.
        copied = _copy(self.state)
        replayed = replace(copied, step=jnp.maximum(copied.step - 1, 0))
        _, ran = self._call(replayed, settings, 1)
        return self._frame(settings, ran, moved=False)

    def set_weight(self, row: int, col: int, value: float, hyper: Hyper) -> None:
        """Set one weight; the run goes on from it. A twin keeps its own.

        Args:
            row: pre-synaptic unit, 0 to n − 1.
            col: post-synaptic unit, 0 to m − 1.
            value: the weight, finite, within the bound of ``hyper`` if there is one.
            hyper: hyperparameters in force.

        Raises:
            TypeError: ``value`` is not a number.
            ValueError: there is no such cell or no such connection, or the value is not finite or
                beyond the bound.
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
        """Return a copy of the present state, which stays valid whatever the engine does next."""
        return _copy(self.state)

    def resume(
        self, state: RunState, network: Network, optim_type: str, twin: str | None = None
    ) -> None:
        """Go on from a :meth:`snapshot` of a run of ``network``, to the bit.

        The snapshot itself stays valid. ``optim_type`` and ``twin`` are the optimisers it was taken
        under.
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
                # A copy: a view would keep the whole buffer alive wherever the frame is kept.
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
