"""Priors over weights: a name and its numbers, reduced to the two coefficients the rule needs.

Every prior pulls each weight by ``−(a·sign(W) + c·W)``. Only ``a`` and ``c`` reach compiled code,
so that switching from one prior to another compiles nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import checks

__all__ = ["PRIORS", "Prior", "PriorKind", "canonical_prior", "prior_coefficients"]


@dataclass(frozen=True)
class PriorKind:
    """A kind of prior: its names, how its numbers become ``(a, c)``, and what it does.

    Attributes:
        name: canonical name.
        label: name for people.
        aliases: other accepted names.
        uses_strength: whether λ means anything to it.
        uses_ratio: whether it takes an L1 ratio too.
        explanation: one sentence for a learner.
        split: ``split(λ, ratio) -> (a, c)``, of numbers or of arrays of them.
    """

    name: str
    label: str
    aliases: tuple[str, ...]
    uses_strength: bool
    uses_ratio: bool
    explanation: str
    split: Callable[[Any, Any], tuple[Any, Any]]


PRIORS: dict[str, PriorKind] = {
    kind.name: kind
    for kind in (
        PriorKind(
            "constant", "none", ("none",), False, False,
            "No pull: weights feel only the Hebbian term.",
            lambda strength, ratio: (0.0, 0.0),
        ),
        PriorKind(
            "l2", "L2 (ridge)", ("ridge", "gaussian"), True, False,
            "Pulls each weight towards zero in proportion to its size: large weights shrink most.",
            lambda strength, ratio: (0.0, strength),
        ),
        PriorKind(
            "l1", "L1 (lasso)", ("lasso", "laplacian"), True, False,
            "Pulls every weight towards zero by the same amount: weak ones die, strong ones stay.",
            lambda strength, ratio: (strength, 0.0),
        ),
        PriorKind(
            "elastic_net", "elastic net", ("l1l2",), True, True,
            "A blend of L1 and L2; the ratio says how much of it is L1.",
            lambda strength, ratio: (strength * ratio, strength * (1.0 - ratio) / 2.0),
        ),
    )
}  # fmt: skip

_BY_ANY_NAME = {alias: kind for kind in PRIORS.values() for alias in (kind.name, *kind.aliases)}


@dataclass(frozen=True)
class Prior:
    """A prior, checked: its canonical ``kind``, ``strength`` λ and ``l1_ratio`` (elastic net)."""

    kind: str = "constant"
    strength: float = 0.0
    l1_ratio: float = 0.0

    @property
    def pair(self) -> tuple[str, Any]:
        """The pair that :func:`canonical_prior` takes: ``(kind, λ)`` or ``(kind, (λ, ratio))``."""
        if self.kind == "elastic_net":
            return self.kind, (self.strength, self.l1_ratio)
        return self.kind, self.strength

    @property
    def coefficients(self) -> tuple[float, float]:
        """The pair ``(a, c)`` of ``reg = −(a·sign(W) + c·W)``."""
        return PRIORS[self.kind].split(self.strength, self.l1_ratio)


def canonical_prior(prior: Any) -> Prior:
    """Check ``prior`` and return it in canonical form.

    Args:
        prior: ``None``, or a pair ``(name, parameter)``. ``name`` is a canonical name or an alias
            of :data:`PRIORS`, in any case, or ``None``; ``parameter`` is λ, or the pair
            ``(scale, l1_ratio)`` with ``l1_ratio`` in [0, 1] for the elastic net.

    Raises:
        TypeError: the name or a parameter is of the wrong type.
        ValueError: the name is unknown, a parameter is not finite, or the elastic net came without
            its pair.
    """
    if prior is None:
        return Prior()
    if isinstance(prior, Prior):
        prior = prior.pair
    if not isinstance(prior, (tuple, list)) or len(prior) != 2:
        raise ValueError(f"prior must be a pair (name, parameter), got {prior!r}")
    name, parameter = prior
    kind = _BY_ANY_NAME[
        "constant" if name is None else checks.choice("prior name", name, _BY_ANY_NAME)
    ]
    if not kind.uses_strength:
        return Prior()
    if kind.uses_ratio:
        if not isinstance(parameter, (tuple, list)) or len(parameter) != 2:
            raise ValueError(
                f"prior {name!r} needs a pair (scale, l1_ratio) as its parameter, got {parameter!r}"
            )
        return Prior(
            kind.name,
            checks.number("prior scale", parameter[0]),
            checks.number("prior l1_ratio", parameter[1], low=0.0, high=1.0),
        )
    return Prior(kind.name, checks.number("prior lambda", parameter))


def prior_coefficients(prior: Any) -> tuple[float, float]:
    """Return ``(a, c)`` of ``reg = −(a·sign(W) + c·W)``; see :func:`canonical_prior`."""
    return canonical_prior(prior).coefficients
