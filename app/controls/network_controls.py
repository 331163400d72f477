"""The controls of the network: sizes, batch, bias, connections, initial weights and seed."""

from __future__ import annotations

from typing import Any

import param

from hebb_core.run.initialisers import DEFAULT_WEIGHTS, INITIALISERS

from .control_group import ControlGroup
from .knobs import Choice, Knob, WholeKnob

__all__ = ["NetworkControls"]


class NetworkControls(ControlGroup):
    """The network of a run. Changing anything but the batch size or bias starts a new run."""

    title = "Network"
    tone = "network"

    n_pre = WholeKnob(
        64,
        bounds=(2, 4096),
        softbounds=(2, 4096),
        log=True,
        live=False,
        label="pre units",
        doc="Rows of W. More of them make richer patterns, and slower steps. Starts a new run.",
    )
    n_post = WholeKnob(
        32,
        bounds=(2, 4096),
        softbounds=(2, 4096),
        log=True,
        live=False,
        label="post units",
        doc="Columns of W. More of them give patterns more units to claim. Starts a new run.",
    )
    batch_size = WholeKnob(
        1,
        bounds=(1, 256),
        softbounds=(1, 256),
        log=True,
        live=False,
        label="batch size",
        doc="Patterns per step. The rule sums over them, so doubling it doubles the Hebbian term. "
        "At 1, dW is exactly the outer product of the two strips.",
    )
    p_conn = Knob(
        1.0,
        bounds=(0.01, 1.0),
        softbounds=(0.01, 1.0),
        step=0.01,
        live=False,
        label="connectivity",
        doc="Share of connections that exist. Those that do not stay absent. Starts a new run.",
    )
    bias = param.Boolean(
        False,
        label="bias",
        doc="Give each post unit a bias that learns by the same optimiser: no bound, no prior.",
    )
    weight_init = Choice(
        "uniform",
        entries=(
            ("uniform", "uniform", "Weights drawn uniformly between two ends."),
            ("gaussian", "Gaussian", "Weights drawn from a normal distribution."),
            ("constant", "constant", "Every weight the same."),
            (
                "zeros",
                "zeros",
                "Every weight zero: the synapse has no output until it has learned.",
            ),
            ("eye", "identity", "One on the diagonal, zero elsewhere."),
        ),
        label="initial weights",
        doc="Where weights start. Starts a new run.",
    )
    init_low = Knob(
        DEFAULT_WEIGHTS[1],
        bounds=(-1e3, 1e3),
        softbounds=(-1.0, 1.0),
        step=0.025,
        live=False,
        label="from",
        doc="Lower end of the initial weights. Starts a new run.",
    )
    init_high = Knob(
        DEFAULT_WEIGHTS[2],
        bounds=(-1e3, 1e3),
        softbounds=(-1.0, 1.0),
        step=0.025,
        live=False,
        label="to",
        doc="Upper end of the initial weights. Starts a new run.",
    )
    init_mean = Knob(
        0.0,
        bounds=(-1e3, 1e3),
        softbounds=(-1.0, 1.0),
        step=0.05,
        live=False,
        label="mean",
        doc="Middle of the bell of initial weights. Starts a new run.",
    )
    init_std = Knob(
        0.1,
        bounds=(0.0, 1e3),
        softbounds=(0.0, 1.0),
        step=0.01,
        live=False,
        label="spread",
        doc="Standard deviation of the initial weights. Starts a new run.",
    )
    init_value = Knob(
        0.5,
        bounds=(-1e3, 1e3),
        softbounds=(-1.0, 1.0),
        step=0.05,
        live=False,
        label="value",
        doc="The value every weight starts from. Starts a new run.",
    )
    seed = WholeKnob(
        0,
        bounds=(0, 2**31 - 1),
        softbounds=(0, 99),
        live=False,
        step=1,
        label="seed",
        doc="Chooses initial weights, connections, patterns and noise. The same seed and the same "
        "settings give the same run, to the bit. Starts a new run.",
    )

    def relevant(self, control: str) -> bool:
        """Return False only if ``control`` is a parameter that the selected initialiser does not use."""
        if control.startswith("init_"):
            return control.removeprefix("init_") in INITIALISERS[self.weight_init][0]
        return True

    def initialiser(self) -> tuple[Any, ...]:
        """Return the initialiser as a tuple for the core; the ends of ``uniform`` are sorted."""
        values = [getattr(self, f"init_{name}") for name in INITIALISERS[self.weight_init][0]]
        if self.weight_init == "uniform":
            values.sort()
        return (self.weight_init, *values)
