"""Priors over weights: a name and its numbers, reduced to the two coefficients the rule needs.

Every prior pulls each weight by ``−(a·sign(W) + c·W)``. Only ``a`` and ``c`` reach compiled code,
so that switching from one prior to another compiles nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from .. import checks

__all__ = ["PRIORS", "Prior", "PriorKind", "PriorTerm", "canonical_prior", "prior_coefficients"]


def _whole(ratio: Any) -> float:
    """All of λ, whatever the ratio."""
    return 1.0


@dataclass(frozen=True)
class PriorTerm:
    """One part of a prior's pull: ``λ·share·sign(W)`` or ``λ·share·W``.

    Attributes:
        on: ``"sign"`` if it pulls all weights alike, ``"weight"`` if in proportion to their size.
        share: its share of λ, of the L1 ratio r (a number, or an array of them).
        numerator: how the share is written, over ``denominator``; empty for a share of 1.
        denominator: at least 1.
    """

    on: Literal["sign", "weight"]
    share: Callable[[Any], Any] = _whole
    numerator: str = ""
    denominator: int = 1


@dataclass(frozen=True)
class PriorKind:
    """A kind of prior: everything that is said of it anywhere is said here.

    The coefficients of the rule, the equation on the page and the limits of theory follow from
    ``terms``.

    Attributes:
        name: canonical name.
        label: name for people.
        aliases: other accepted names.
        explanation: one sentence for a learner.
        terms: the parts of its pull; none for no pull.
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
        """Whether λ has an effect."""
        return bool(self.terms)

    @property
    def uses_ratio(self) -> bool:
        """Whether it takes an L1 ratio beside λ."""
        return any(term.numerator for term in self.terms)

    def split(self, strength: Any, ratio: Any) -> tuple[Any, Any]:
        """Return the coefficients ``(a, c)`` for λ ``strength``, of numbers or of arrays of them."""
        a, c = 0.0, 0.0
        for term in self.terms:
            part = strength * term.share(ratio)
            a, c = (a + part, c) if term.on == "sign" else (a, c + part)
        return a, c


PRIORS: dict[str, PriorKind] = {
    kind.name: kind
    for kind in (
        PriorKind(
            "constant",
            "none",
            ("none",),
            "No pull: weights feel only the Hebbian term.",
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
            "A blend of L1 and L2; the ratio says how much of it is L1.",
            (
                PriorTerm("sign", lambda ratio: ratio, "r"),
                PriorTerm("weight", lambda ratio: (1.0 - ratio) / 2.0, "1−r", 2),
            ),
            "elastic_net",
        ),
    )
}

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
        if PRIORS[self.kind].uses_ratio:
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
