"""Core of Hebbscope: a Hebbian synapse in JAX whose hyperparameters change without a recompile."""

from __future__ import annotations

from .analysis.regime import REGIMES, Regime, classify
from .analysis.theory import NotApplicable, Prediction, predict
from .rule.explain import CellStep, explain_cell
from .rule.hyper import Hyper, hyperparameters
from .rule.prior import PRIORS
from .rule.terms import TERMS
from .run.engine import Engine, Network, Settings
from .run.frame import Frame
from .run.history import History
from .run.metrics import METRICS
from .signals.circuits import CIRCUITS, CircuitSettings, circuit_settings
from .signals.patterns import PATTERNS, PatternSettings, pattern_settings
from .storage.checkpoint import CheckpointError
from .synapse.synapse import HebbianSynapse

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
    "NotApplicable",
    "PatternSettings",
    "Prediction",
    "Regime",
    "Settings",
    "circuit_settings",
    "classify",
    "explain_cell",
    "hyperparameters",
    "pattern_settings",
    "predict",
]
