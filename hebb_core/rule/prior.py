"""Priors over weights, given by name and parameters and reduced to two coefficients.

Every prior adds ``−(a·sign(W) + c·W)`` to the update. Only ``a`` and ``c`` reach compiled code, so
switching from one prior to another does not recompile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from .. import checks

__all__ = ["PRIORS", "Prior", "PriorKind", "PriorTerm", "canonical_prior", "prior_coefficients"]


def _whole(ratio: Any) -> float:
    """Return 1: the term gets all of λ, whatever the ratio."""
    return 1.0


@dataclass(frozen=True)
class PriorTerm:
    """One term of a prior: ``λ·share·sign(W)`` or ``λ·share·W``.

    Attributes:
        on: ``"sign"`` if it pulls all weights equally, ``"weight"`` if in proportion to their size.
        share: share of λ as a function of the L1 ratio r (a number or an array).
        numerator: numerator of the share as displayed; ``r`` in it is the L1 ratio.
        denominator: denominator of the share as displayed, at least 1.
    """

    on: Literal["sign", "weight"]
    share: Callable[[Any], Any] = _whole
    numerator: str = "1"
    denominator: int = 1


@dataclass(frozen=True)
class PriorKind:
    """Definition of a kind of prior.

    The rule's coefficients, the displayed equation and the limits of the theory are all derived
    from ``terms``.

    Attributes:
        name: canonical name.
        label: display name.
        aliases: other accepted names.
        explanation: one sentence for a learner.
        terms: the terms of the prior's pull on the weights; empty if the prior does not pull.
        ngclearn: its name in ngc-learn; empty if ngc-learn does not have it.
    """

    name: str
    label: str
    aliases: tuple[str, ...]
    explanation: str
    terms: tuple[PriorTerm, ...]
    ngclearn: str

    @property
    def uses_strength(self) -> bool:
        """True if λ has an effect."""
        return bool(self.terms)

    @property
    def uses_ratio(self) -> bool:
        """True if the prior takes an L1 ratio in addition to λ."""
        return any("r" in term.numerator for term in self.terms)

    def split(self, strength: Any, ratio: Any) -> tuple[Any, Any]:
        """Return the coefficients ``(a, c)`` for λ ``strength``; takes numbers or arrays."""
        a, c = 0.0, 0.0
        for term in self.terms:
            part = strength * term.share(ratio)
            a, c = (a + part, c) if term.on == "sign" else (a, c + part)
        return a, c


PRIORS: dict[str, PriorKind] = checks.by_name(
    (
        PriorKind(
            "constant",
            "none",
            ("none",),
            "No prior: only the Hebbian term changes the weights.",
            (),
            "constant",
        ),
        PriorKind(
            "l2",
            "L2 (ridge)",
            ("ridge", "gaussian"),
            "Pulls each weight towards zero in proportion to its size: large weights shrink most.",
            (PriorTerm("weight"),),
            "l2",
        ),
        PriorKind(
            "l1",
            "L1 (lasso)",
            ("lasso", "laplacian"),
            "Pulls every weight towards zero by the same amount: weak ones die, strong ones stay.",
            (PriorTerm("sign"),),
            "l1",
        ),
        PriorKind(
            "elastic_net",
            "elastic net",
            ("l1l2",),
            "A blend of L1 and L2; the ratio sets the share of L1.",
            (
                PriorTerm("sign", lambda ratio: ratio, "r"),
                PriorTerm("weight", lambda ratio: (1.0 - ratio) / 2.0, "1−r", 2),
            ),
            "elastic_net",
        ),
    )
)

_BY_ANY_NAME = {alias: kind for kind in PRIORS.values() for alias in (kind.name, *kind.aliases)}


@dataclass(frozen=True)
class Prior:
    """A validated prior: canonical ``kind``, ``strength`` λ and ``l1_ratio`` (elastic net only)."""

    kind: str = "constant"
    strength: float = 0.0
    l1_ratio: float = 0.0

    @property
    def pair(self) -> tuple[str, Any]:
        """Argument of :func:`canonical_prior`: ``(kind, λ)`` or ``(kind, (λ, ratio))``."""
        if PRIORS[self.kind].uses_ratio:
            return self.kind, (self.strength, self.l1_ratio)
        return self.kind, self.strength

    @property
    def coefficients(self) -> tuple[float, float]:
        """The pair ``(a, c)`` of ``reg = −(a·sign(W) + c·W)``."""
        return PRIORS[self.kind].split(self.strength, self.l1_ratio)


def canonical_prior(prior: Any) -> Prior:
    """Validate ``prior`` and return it in canonical form.

    Args:
        prior: a :class:`Prior`, ``None`` (no prior), or a pair ``(name, parameter)``. ``name`` is a
            canonical name or alias from :data:`PRIORS`, case-insensitive, or ``None``;
            ``parameter`` is λ, or for the elastic net the pair ``(scale, l1_ratio)`` with
            ``l1_ratio`` in [0, 1].

    Raises:
        TypeError: the name or a parameter is of the wrong type.
        ValueError: ``prior`` is not a pair, the name is unknown, a parameter is not finite or out
            of range, or the parameter of the elastic net is not a pair.
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
