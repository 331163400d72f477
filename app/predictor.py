"""Theory beside the run: recomputed in the background, some time after a control was moved."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from app.controls import Controls
from app.later import Later
from hebb_core.engine import Network, Settings, build
from hebb_core.theory import Prediction, Silence, predict

__all__ = ["Predictor"]

_LOG = logging.getLogger(__name__)

# One for all visitors: theory may lag, frames may not.
_POOL = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hebb-theory")

# A larger matrix would keep a core busy for seconds after each move of a slider.
_MOST_CELLS = 2**21


def _think(
    settings: Settings, network: Network, batch: int, optim_type: str
) -> Prediction | Silence:
    shape = (network.n_pre, network.n_post)
    if shape[0] * shape[1] > _MOST_CELLS:
        return Silence("The matrix is too large to average its drive while you watch.")
    mask = np.asarray(build(network).synapse.mask) if network.p_conn < 1 else None
    return predict(settings, shape, batch, network.seed, optim_type, mask=mask)


class Predictor:
    """What theory says of the present settings.

    Attributes:
        said: the newest prediction, or why there is none; None until the first is there.

    Args:
        controls: the visitor's controls.
        announce: called on the event loop when ``said`` is another one.
    """

    def __init__(self, controls: Controls, announce: Callable[[], None]) -> None:
        self.said: Prediction | Silence | None = None
        self._controls = controls
        self._announce = announce
        self._task: asyncio.Task[None] | None = None
        self._stale = True
        self._later = Later(self._begin)
        controls.watch(self._changed)

    @property
    def eta_limit(self) -> float | None:
        """The stability limit of the present settings; None where theory has none, or not yet."""
        if self._stale or self._task is not None or not isinstance(self.said, Prediction):
            return None
        return self.said.eta_limit

    def _changed(self, names: set[str]) -> None:
        if Controls.acts(names):
            self._stale = True
            self._later.ask()

    def start(self) -> None:
        """Think of the settings that the page opened with."""
        self._later.ask()

    def stop(self) -> None:
        """Let go of whatever is under way."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _begin(self) -> None:
        if not self._stale or self._task is not None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._task = loop.create_task(self._predict(loop))

    async def _predict(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while self._stale:
                self._stale = False
                controls = self._controls
                settings, network = controls.settings(), controls.build()
                batch = int(controls.network.batch_size)
                optim_type = controls.optimiser.optim_type

                said = await loop.run_in_executor(
                    _POOL, _think, settings, network, batch, optim_type
                )
                if not self._stale:
                    self.said = said
                    self._announce()
        except asyncio.CancelledError:
            raise
        except Exception:
            # Without theory the run goes on as before.
            _LOG.exception("no prediction")
            self.said = Silence("The prediction could not be computed.")
            self._announce()
        finally:
            self._task = None
