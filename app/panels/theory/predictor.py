"""Theory beside the run: recomputed in the background, some time after a control was moved."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from hebb_core.analysis.theory import NotApplicable, Prediction, predict
from hebb_core.run.engine import build
from hebb_core.run.setup import Setup

from ...controls.controls import Controls
from ...host.loop import visitor_loop
from ...host.threads import give_way
from ...ui.debouncer import Debouncer

__all__ = ["MOST_PRODUCTS", "Predictor"]

_LOG = logging.getLogger(__name__)

# One for all visitors: theory may lag, frames may not.
_POOL = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hebb-theory", initializer=give_way)

#: More products of pre and post to average would keep a core busy for seconds.
MOST_PRODUCTS = 2**22


def _think(setup: Setup) -> Prediction | NotApplicable:
    network, batch = setup.network, setup.batch_size
    shape = (network.n_pre, network.n_post)
    if shape[0] * max(shape) * batch > MOST_PRODUCTS:
        return NotApplicable("So many units and patterns are too many to average while you watch.")
    mask = np.asarray(build(network).synapse.mask) if network.p_conn < 1 else None
    return predict(setup.settings(), shape, batch, network.seed, setup.optim_type, mask=mask)


class Predictor:
    """What theory says of the present settings.

    Args:
        controls: the visitor's controls.
        announce: called on the event loop when ``said`` is another one.
    """

    def __init__(self, controls: Controls, announce: Callable[[], None]) -> None:
        self._said: Prediction | NotApplicable | None = None
        self._controls = controls
        self._announce = announce
        self._task: asyncio.Task[None] | None = None
        self._stale = True
        # Not while a knob is dragged: frames come first.
        self._later = Debouncer(self._begin, delay=0.4, rest=True)
        controls.watch(self._changed)

    @property
    def said(self) -> Prediction | NotApplicable | None:
        """What theory says of the present settings; None until it has been thought out."""
        return None if self._stale or self._task is not None else self._said

    @property
    def eta_limit(self) -> float | None:
        """The stability limit of the present settings; None where theory has none, or not yet.

        That of an average drive is left out: past it single steps may overshoot, and most often the
        run settles all the same.
        """
        said = self.said
        return said.eta_limit if isinstance(said, Prediction) and said.exact else None

    def _changed(self, names: set[str]) -> None:
        names = self._controls.focused(names)
        if Controls.acts(names) or "edits" in names:
            self._stale = True
            self._later.ask()

    def start(self) -> None:
        """Think of the settings that the page opened with."""
        self._later.ask()

    def stop(self) -> None:
        """Let go of whatever is under way."""
        self._later.cancel()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _begin(self) -> None:
        if not self._stale or self._task is not None:
            return
        loop = visitor_loop()
        if loop is None:
            return  # a script, where nobody looks
        self._task = loop.create_task(self._predict(loop))

    async def _predict(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while self._stale:
                self._stale = False
                controls = self._controls
                said = await loop.run_in_executor(_POOL, _think, controls.setup())
                self._said = said
        except Exception:
            # Without theory the run goes on as before.
            _LOG.exception("no prediction")
            self._said = NotApplicable("The prediction could not be computed.")
        self._task = None
        self._announce()
