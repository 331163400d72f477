"""The science of Hebbscope: one Hebbian synapse, exactly, with every hyperparameter live."""

from __future__ import annotations

from .checkpoint import CheckpointError
from .circuits import CIRCUITS, CircuitSettings, circuit_settings
from .engine import Engine, Network, Settings
from .frame import Frame
from .hyper import Hyper, hyperparameters
from .metrics import METRICS
from .patterns import PATTERNS, PatternSettings, pattern_settings
from .prior import PRIORS
from .synapse import HebbianSynapse

__all__ = [
    "CIRCUITS",
    "METRICS",
    "PATTERNS",
    "PRIORS",
    "CheckpointError",
    "CircuitSettings",
    "Engine",
    "Frame",
    "HebbianSynapse",
    "Hyper",
    "Network",
    "PatternSettings",
    "Settings",
    "circuit_settings",
    "hyperparameters",
    "pattern_settings",
]
