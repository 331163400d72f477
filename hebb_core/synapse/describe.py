"""Content of ``HebbianSynapse.help``: dynamics, sign convention, compartments, hyperparameters."""

from __future__ import annotations

from typing import Any

from .attributes import FixedAttribute, Hyperparameter
from .compartment import CompartmentField

__all__ = ["synapse_help"]

_DYNAMICS = (
    "outputs = (inputs @ W)·resist_scale + b ; "
    "dW = sign_value·[ (pre·pre_wght)ᵀ @ (post·post_wght) ⊙ (w_bound − |W|) + reg ] ; "
    "db = sign_value·Σ_batch(post·post_wght) ; "
    "the optimiser descends, W ← W − eta·dW with SGD, and W is then clipped to ±w_bound"
)
_SIGN = (
    "Optimisers descend along dW. sign_value = −1 therefore makes co-active weights grow "
    "(Hebbian, ascent); sign_value = +1, the default, makes them shrink (anti-Hebbian). A negative "
    "eta reverses both."
)


def synapse_help(synapse: type) -> dict[str, Any]:
    """Return the dynamics, sign convention, compartments by role, and hyperparameters of a class.

    Args:
        synapse: the class, whose declarations explain its compartments and hyperparameters.
    """
    fields = vars(synapse)
    compartments: dict[str, dict[str, str]] = {}
    for name, field in fields.items():
        if isinstance(field, CompartmentField):
            compartments.setdefault(field.role, {})[name] = field.explanation
    return {
        synapse.__name__: {"synapse_type": (synapse.__doc__ or "").splitlines()[0]},
        "dynamics": _DYNAMICS,
        "sign_convention": _SIGN,
        "compartments": compartments,
        "hyperparameters": {
            name: field.explanation
            for name, field in fields.items()
            if isinstance(field, (Hyperparameter, FixedAttribute))
        },
    }
