"""Parameter sweeps: run every combination of parameter values and record the outcomes.

>>> plan = Plan(Setup(), (Axis.log("eta", 1e-3, 1.0, 8), Axis.linear("w_bound", 0.5, 2.0, 8)), 50)
>>> sweep(plan)["mean_abs"].shape
(8, 8, 1)

``python -m hebb_core.sweep CONFIG.toml --out result.npz`` does the same from a shell.
"""

from __future__ import annotations

from ..run.setup import Setup, sweepable
from .axes import Axis, Plan
from .cells import Chunk, run_cells
from .outcomes import OUTCOMES, Outcome
from .result import SweepResult
from .running import SweepCancelled, chunked, coarse_to_fine, stream, sweep

__all__ = [
    "OUTCOMES",
    "Axis",
    "Chunk",
    "Outcome",
    "Plan",
    "Setup",
    "SweepCancelled",
    "SweepResult",
    "chunked",
    "coarse_to_fine",
    "run_cells",
    "stream",
    "sweep",
    "sweepable",
]
