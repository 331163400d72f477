"""``HebbianSynapse``: the synapse as an object for scripts, with ngc-learn's interface.

It has compartments, checkpoints, and hyperparameters that can change between steps. May import
``checks``, ``rule``, ``run`` and ``storage``.
"""

from __future__ import annotations

from .synapse import HebbianSynapse

__all__ = ["HebbianSynapse"]
