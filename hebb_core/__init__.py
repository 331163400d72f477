"""The science of Hebbscope: one Hebbian synapse, exactly, with every hyperparameter live."""

from __future__ import annotations

from .checkpoint import CheckpointError
from .circuits import CIRCUITS, CircuitSettings, circuit_settings
from .engine import Engine, Network, Settings
from .explain import CellStep, explain_cell
from .frame import Frame
from .history import History
from .hyper import Hyper, hyperparameters
from .metrics import METRICS
from .patterns import PATTERNS, PatternSettings, pattern_settings
from .prior import PRIORS
from .regime import REGIMES, Regime, classify
from .synapse import HebbianSynapse
from .terms import TERMS
from .theory import Prediction, Silence, predict

__all__ = [
    "CIRCUITS",
    "METRICS",
    "PATTERNS",
    "PRIORS",
    "REGIMES",
    "TERMS",
    "CellStep",
    "CheckpointError",
    "CircuitSettings",
    "Engine",
    "Frame",
    "HebbianSynapse",
    "History",
    "Hyper",
    "Network",
    "PatternSettings",
    "Prediction",
    "Regime",
    "Settings",
    "Silence",
    "circuit_settings",
    "classify",
    "explain_cell",
    "hyperparameters",
    "pattern_settings",
    "predict",
]
