"""A synapse in words: what ``help`` returns and what ``repr`` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .attributes import FixedAttribute, Hyperparameter
from .compartment import CompartmentField

if TYPE_CHECKING:
    from .synapse import HebbianSynapse

__all__ = ["synapse_help", "synapse_repr"]

_DYNAMICS = (
    "outputs = (inputs @ W)·resist_scale + b ; "
    "dW = sign_value·[ (pre·pre_wght)ᵀ @ (post·post_wght) ⊙ (w_bound − |W|) + reg ] ; "
    "db = sign_value·Σ_batch(post·post_wght) ; "
    "the optimiser descends, W ← W − eta·dW with SGD, and W is then clipped to ±w_bound"
)
_SIGN = (
    "Optimisers descend along dW. sign_value = −1 therefore makes co-active weights grow "
    "(Hebbian, ascent); sign_value = +1, the default, makes them shrink (anti-Hebbian). A negative "
    "eta turns either around."
)


def synapse_help(synapse: type[HebbianSynapse]) -> dict[str, Any]:
    """Return the dynamics, the sign convention, the compartments by role, the hyperparameters.

    Args:
        synapse: the class; its declarations say what each compartment and hyperparameter is.
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


def synapse_repr(synapse: HebbianSynapse) -> str:
    """Return a few lines: the synapse, its hyperparameters, the range of each compartment."""
    n, m = synapse.shape
    settings = ", ".join(f"{name}={value!r}" for name, value in synapse.settings.items())
    lines = [
        f"HebbianSynapse {synapse.name!r}: {n} pre × {m} post, batch_size={synapse.batch_size}, "
        f"optim_type={synapse.optim_type!r}, p_conn={synapse.p_conn:g}",
        f"  {settings}",
        f"  {_direction(synapse)}",
    ]
    for name, field in vars(type(synapse)).items():
        if not isinstance(field, CompartmentField) or name in ("key", "opt_params"):
            continue
        array = np.asarray(getattr(synapse, name).get())
        lines.append(
            f"  {name:<9} {array.shape!s:<12} min {array.min():.4g}, mean {array.mean():.4g}, "
            f"max {array.max():.4g}"
        )
    return "\n".join(lines)


def _direction(synapse: HebbianSynapse) -> str:
    drive = -synapse.eta * synapse.sign_value * synapse.pre_wght * synapse.post_wght
    if drive == 0:
        return "no learning: the product of eta, sign_value and both gains is 0"
    verb = "grow" if drive > 0 else "shrink"
    return f"co-active weights {verb}: the optimiser descends, W moves along −eta·dW"
