"""A run as a Python script: with ngc-learn's own synapse, or with this package's engine."""

from __future__ import annotations

from .engine_script import hebb_core_script
from .ngclearn_script import ngclearn_limits, ngclearn_script
from .script_parts import MAX_DRAWN_NUMBERS

__all__ = ["MAX_DRAWN_NUMBERS", "hebb_core_script", "ngclearn_limits", "ngclearn_script"]
