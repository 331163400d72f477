"""The prediction of theory for the current settings, recomputed in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from hebb_core.analysis.not_applicable import NotApplicable
from hebb_core.analysis.theory import Prediction, predict
from hebb_core.run.engine import build
from hebb_core.run.setup import Setup

from ..controls.controls import Controls
from ..host.background import Background
from ..host.pools import THEORY

__all__ = ["MOST_PRODUCTS", "Predictor", "Said"]

#: A prediction, the reason why there is none, or None while it is being computed.
Said = Prediction | NotApplicable | None

#: Maximum number of products of pre and post to average; more would keep a core busy for seconds.
MOST_PRODUCTS = 2**22


@dataclass(frozen=True, eq=False)
class _Request:
    """Settings to predict for. No two requests are equal, so each one is computed."""

    setup: Setup


def _predict(request: _Request, cancelled: Callable[[], bool]) -> Iterator[Said]:
    setup = request.setup
    network, batch = setup.network, setup.batch_size
    shape = (network.n_pre, network.n_post)
    if shape[0] * max(shape) * batch > MOST_PRODUCTS:
        yield NotApplicable("There are too many units and patterns to average in real time.")
        return
    mask = np.asarray(build(network).synapse.mask) if network.p_conn < 1 else None
    yield predict(setup.settings(), shape, batch, network.seed, setup.optim_type, mask=mask)


class Predictor:
    """Keeps the prediction up to date with the controls.

    Args:
        controls: the visitor's controls.
        announce: called on the event loop when :attr:`said` has changed.
    """

    def __init__(self, controls: Controls, announce: Callable[[], None]) -> None:
        self._said: Said = None
        self._controls = controls
        self._announce = announce
        self._background = Background[_Request, Said](
            wanted=self._wanted,
            compute=_predict,
            deliver=self._deliver,
            finish=self._finish,
            pool=THEORY,
            # Not while a knob is dragged, since frames come first.
            delay=0.4,
            rest=True,
        )
        controls.watch(self._changed)

    @property
    def said(self) -> Said:
        """The prediction for the current settings; None until it has been computed."""
        return self._said

    @property
    def eta_limit(self) -> float | None:
        """The stability limit of η under the current settings; None if it is unknown.

        Also None if the drive varies over the steps: its limit is only sufficient, and the run
        usually settles above it as well, although single steps may overshoot.
        """
        said = self.said
        return said.eta_limit if isinstance(said, Prediction) and said.exact else None

    def _wanted(self) -> _Request | None:
        try:
            return _Request(self._controls.setup())
        except (ValueError, TypeError) as error:
            self._said = NotApplicable(f"There is no prediction for these settings: {error}")
            self._announce()
            return None

    def _changed(self, names: set[str]) -> None:
        names = self._controls.focused(names)
        if self._controls.acts(names) or "edits" in names:
            self._said = None
            self._background.cancel()
            self._background.ask()

    def start(self) -> None:
        """Predict for the settings that the page opened with."""
        self._background.ask()

    def stop(self) -> None:
        """Discard pending work."""
        self._background.stop()

    def _deliver(self, _: _Request, said: Said) -> None:
        self._said = said

    def _finish(self, _: _Request, failure: Exception | None) -> None:
        if failure is not None:
            # The run does not depend on theory.
            self._said = NotApplicable("The prediction could not be computed.")
        self._announce()
