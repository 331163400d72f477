"""The Hebbian synapse as an object: compartments and hyperparameters over the pure rule.

The interface matches ``HebbianSynapse`` in ngc-learn 3.2 (Ororbia et al.,
https://github.com/NACLab/ngc-learn). Unlike in ngc-learn, a change of any hyperparameter
acts on the next step.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from .. import checks
from ..rule.hyper import Hyper, hyperparameters
from ..rule.optimisers import OPTIMISERS
from ..rule.prior import canonical_prior
from ..rule.rule import SynapseState
from ..run.initialisers import DEFAULT_WEIGHTS, Initialiser
from ..run.keys import prng_key
from . import compartment_values, compiled, describe, synapse_file
from .attributes import FixedAttribute, Hyperparameter
from .compartment import CompartmentField

__all__ = ["HebbianSynapse"]


class HebbianSynapse:
    """A dense synapse that learns by the two-factor Hebbian rule.

    The forward pass is ``outputs = (inputs @ W)·resist_scale + b``. Learning has a soft bound
    ``w_bound``, a prior term ``reg`` and an optimiser that *descends* (shown for SGD)::

        dW = sign_value·[ (pre·pre_wght)ᵀ @ (post·post_wght) ⊙ (w_bound − |W|) + reg ]
        W ← W − eta·dW, clipped to ±w_bound

    So ``sign_value = −1`` makes co-active weights grow (Hebbian), and +1, the default, makes them
    shrink (anti-Hebbian).

    Args:
        name: name of the synapse and of its file; no path separators.
        shape: ``(n, m)``: pre-synaptic and post-synaptic units, each at least 1.
        eta: learning rate; any finite number, including 0 and negative values.
        weight_init: callable ``(shape, key) -> array`` or a tuple, see
            :func:`hebb_core.run.initialisers.initialiser`; None for uniform on [0.025, 0.8).
        bias_init: the same for the bias, ``(1, m)``; None for a zero bias that never learns.
        w_bound: bound on ``|W|``, at least 0; 0 switches off soft bound, clip and
            ``is_nonnegative``.
        is_nonnegative: keep weights at or above zero; no effect if ``w_bound`` is 0.
        prior: ``(name, parameter)``, see :func:`hebb_core.rule.prior.canonical_prior`.
        w_decay: deprecated; a positive λ means ``prior=("l2", λ)``.
        sign_value: factor on the whole update; any finite number.
        optim_type: ``"sgd"``, ``"adam"`` or ``"nag"``.
        pre_wght: gain on ``pre``.
        post_wght: gain on ``post``.
        p_conn: probability that a connection exists, in (0, 1]; absent connections stay absent.
        resist_scale: gain on ``inputs @ W``.
        batch_size: rows of ``inputs``, ``pre`` and ``post``, at least 1; the rule sums over them.
        key: PRNG key or int seed for weights, bias and mask; None for a random one.

    Raises:
        TypeError: a value has the wrong type.
        ValueError: a value is out of range, not finite, unknown, or has the wrong shape.
    """

    __slots__ = (
        "__weakref__",
        "_batch_size",
        "_has_bias",
        "_hyper",
        "_name",
        "_optim_type",
        "_p_conn",
        "_packed",
        "_settings",
        "_shape",
        "_values",
    )

    name = FixedAttribute[str]("Name of the synapse and of its file.")
    shape = FixedAttribute[tuple[int, int]]("(n, m): pre-synaptic by post-synaptic units.")
    batch_size = FixedAttribute[int]("Patterns per step; the update sums over them.")
    optim_type = FixedAttribute[str]("Optimiser: sgd, adam or nag; it descends along dW.")
    p_conn = FixedAttribute[float]("Probability that a connection exists; absent ones stay absent.")

    eta = Hyperparameter[float]("Learning rate; 0 stops learning, a negative value reverses it.")
    w_bound = Hyperparameter[float](
        "Bound on |W|, as a soft bound on the Hebbian term and as a clip; 0 switches off both."
    )
    is_nonnegative = Hyperparameter[bool](
        "Keep weights at or above zero; no effect if w_bound is 0."
    )
    prior = Hyperparameter[tuple[str, Any]](
        "Prior on the weights, a pair (name, parameter): constant (none), l2, l1, elastic_net; "
        "the name reads back in canonical form. It shrinks weights if sign_value·eta < 0, and "
        "grows them if > 0."
    )
    sign_value = Hyperparameter[float](
        "Factor on the whole update. The optimiser descends, so −1 makes co-active weights "
        "grow (Hebbian) and +1, the default, makes them shrink (anti-Hebbian)."
    )
    pre_wght = Hyperparameter[float]("Gain on pre.")
    post_wght = Hyperparameter[float]("Gain on post.")
    resist_scale = Hyperparameter[float]("Gain on inputs @ W.")

    inputs = CompartmentField("inputs", "Input of the forward pass, (B, n).")
    pre = CompartmentField("inputs", "Pre-synaptic factor of the update, (B, n).")
    post = CompartmentField("inputs", "Post-synaptic factor of the update, (B, m).")
    weights = CompartmentField("states", "W, (n, m); zero where there is no connection.")
    biases = CompartmentField("states", "b, (1, m); learns only if bias_init was given.")
    mask = CompartmentField("states", "1 where a connection exists, (n, m); (1, 1) if all exist.")
    key = CompartmentField("states", "PRNG key.")
    opt_params = CompartmentField("states", "Optimiser state, a pytree.")
    dWeights = CompartmentField(
        "analytics", "dW of the last update, (n, m): before eta, optimiser, clip and mask."
    )
    dBiases = CompartmentField("analytics", "db of the last update, (1, m).")
    outputs = CompartmentField("outputs", "(inputs @ W)·resist_scale + b, (B, m).")

    def __init__(
        self,
        name: str,
        shape: tuple[int, int],
        eta: float = 0.0,
        weight_init: Initialiser | tuple[Any, ...] | None = None,
        bias_init: Initialiser | tuple[Any, ...] | None = None,
        w_bound: float = 1.0,
        is_nonnegative: bool = False,
        prior: Any = ("constant", 0.0),
        w_decay: float = 0.0,
        sign_value: float = 1.0,
        optim_type: str = "sgd",
        pre_wght: float = 1.0,
        post_wght: float = 1.0,
        p_conn: float = 1.0,
        resist_scale: float = 1.0,
        batch_size: int = 1,
        key: Any = None,
    ) -> None:
        if checks.number("w_decay", w_decay, low=0.0) > 0:
            warnings.warn(
                'w_decay is deprecated and replaces prior; use prior=("l2", w_decay)',
                DeprecationWarning,
                stacklevel=2,
            )
            prior = ("l2", w_decay)
        self._name = synapse_file.checked_name(name)
        self._shape = checks.shape_of("shape", shape)
        self._batch_size = checks.integer("batch_size", batch_size, low=1)
        self._optim_type = checks.choice("optim_type", optim_type, OPTIMISERS)
        self._p_conn = checks.number("p_conn", p_conn, low=0.0, high=1.0, exclusive_low=True)
        self._has_bias = bias_init is not None
        self._settings: dict[str, Any] = {}
        self.change_settings(
            eta=eta,
            w_bound=w_bound,
            is_nonnegative=is_nonnegative,
            prior=prior,
            sign_value=sign_value,
            pre_wght=pre_wght,
            post_wght=post_wght,
            resist_scale=resist_scale,
        )
        self._values = compartment_values.initial_values(
            self._shape,
            self._batch_size,
            weight_init=DEFAULT_WEIGHTS if weight_init is None else weight_init,
            bias_init=("zeros",) if bias_init is None else bias_init,
            p_conn=self._p_conn,
            optim_type=self._optim_type,
            key=prng_key("key", key),
        )

    @property
    def settings(self) -> Mapping[str, Any]:
        """Hyperparameters by name, read-only."""
        return MappingProxyType(self._settings)

    @property
    def hyper(self) -> Hyper:
        """Hyperparameters as the :class:`Hyper` that the rule takes."""
        return self._hyper

    @property
    def state(self) -> SynapseState:
        """Weights, bias, mask and optimiser state; copy its arrays before donating them."""
        v = self._values
        return SynapseState(v["weights"], v["biases"], v["mask"], v["opt_params"])

    def change_settings(self, **changes: Any) -> None:
        """Change several hyperparameters in one call, from the next step on.

        Raises:
            TypeError: a value has the wrong type, or a name is unknown; nothing is changed.
            ValueError: a value is not finite or out of range; nothing is changed.
        """
        proposed = {**self._settings, **changes}
        hyper = hyperparameters(**proposed, learn_bias=self._has_bias)
        for name, value in changes.items():
            if name == "prior":
                proposed[name] = canonical_prior(value).pair
            else:
                proposed[name] = bool(value) if name == "is_nonnegative" else float(value)
        self._settings, self._hyper = proposed, hyper
        self._packed = compiled.pack(hyper)

    def advance_state(self) -> None:
        """Compute ``outputs`` from ``inputs``."""
        v = self._values
        v["outputs"] = compiled.forward(self._packed, v["weights"], v["biases"], v["inputs"])

    def calc_update(self) -> None:
        """Compute ``dWeights`` and ``dBiases`` from ``pre`` and ``post``; W does not change."""
        v = self._values
        v["dWeights"], v["dBiases"] = compiled.update(
            self._packed, v["weights"], v["pre"], v["post"]
        )

    def evolve(self, dt: float = 1.0) -> None:
        """Take one learning step: compute ``dWeights`` and ``dBiases``, update weights and bias.

        Args:
            dt: ignored; accepted for compatibility with ngc-learn, which ignores it too.
        """
        v = self._values
        weights, biases, opt, d_weights, d_biases = compiled.evolve(
            self._packed,
            v["weights"],
            v["biases"],
            v["mask"],
            v["opt_params"],
            v["pre"],
            v["post"],
            optim_type=self._optim_type,
        )
        v.update(
            weights=weights, biases=biases, opt_params=opt, dWeights=d_weights, dBiases=d_biases
        )

    def reset(self) -> None:
        """Zero inputs, outputs, pre, post, dWeights and dBiases; keep all other compartments."""
        self._values.update(compartment_values.silence(self._shape, self._batch_size))

    def save(self, directory: str | os.PathLike[str]) -> Path:
        """Write the synapse to ``<directory>/<name>.npz``, atomically, and return that path.

        Raises:
            CheckpointError: a compartment is not finite; nothing was written.
            OSError: the file system refused.
        """
        return synapse_file.write_synapse(directory, self._identity(), self._settings, self._values)

    def load(self, directory: str | os.PathLike[str]) -> None:
        """Load compartments and hyperparameters from ``<directory>/<name>.npz``.

        The file must come from a synapse of the same shape, batch size and optimiser, with a bias
        if and only if this synapse has a bias. On any error the synapse is unchanged.

        Raises:
            CheckpointError: the file does not fit this synapse; the message says why.
            OSError: the file cannot be read, FileNotFoundError among others.
        """
        loaded = synapse_file.read_synapse(
            directory, self._identity(), self._settings, self._values
        )
        self.change_settings(**loaded.settings)
        self._p_conn = loaded.p_conn
        self._values = loaded.values

    def _identity(self) -> synapse_file.Identity:
        return synapse_file.Identity(
            self._name,
            self._shape,
            self._batch_size,
            self._optim_type,
            self._has_bias,
            self._p_conn,
        )

    def read_compartment(self, name: str) -> Any:
        """Return the value of compartment ``name``; KeyError if there is no such compartment."""
        return self._values[name]

    def write_compartment(self, name: str, value: Any) -> None:
        """Check ``value`` and copy it into compartment ``name``, or raise and change nothing."""
        self._values.update(compartment_values.admitted(name, value, self._values, self._shape))

    @classmethod
    def help(cls) -> dict[str, Any]:
        """Return a dict that explains dynamics, sign, compartments and hyperparameters."""
        return describe.synapse_help(cls)

    def __repr__(self) -> str:
        n, m = self.shape
        settings = ", ".join(f"{name}={value!r}" for name, value in self.settings.items())
        lines = [
            f"HebbianSynapse {self.name!r}: {n} pre × {m} post, batch_size={self.batch_size}, "
            f"optim_type={self.optim_type!r}, p_conn={self.p_conn:g}",
            f"  {settings}",
            f"  {self._direction()}",
        ]
        for name, field in vars(type(self)).items():
            if not isinstance(field, CompartmentField) or name in ("key", "opt_params"):
                continue
            array = np.asarray(getattr(self, name).get())
            lines.append(
                f"  {name:<9} {array.shape!s:<12} min {array.min():.4g}, mean {array.mean():.4g}, "
                f"max {array.max():.4g}"
            )
        return "\n".join(lines)

    def _direction(self) -> str:
        drive = -self.eta * self.sign_value * self.pre_wght * self.post_wght
        if drive == 0:
            return "no learning: the product of eta, sign_value and both gains is 0"
        verb = "grow" if drive > 0 else "shrink"
        return f"co-active weights {verb}: the optimiser descends, W moves along −eta·dW"
