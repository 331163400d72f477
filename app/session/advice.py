"""Advice on settings that contradict each other, have no effect, or make weights diverge."""

from __future__ import annotations

from dataclasses import dataclass

from hebb_core.rule.hyper import Hyper
from hebb_core.run.steps import Settings

__all__ = ["STUCK", "Advice", "advise", "broken"]

#: Minimum share of saturated weights for which they are called stuck.
STUCK = 0.3


@dataclass(frozen=True)
class Advice:
    """A piece of advice: its name, for tests and links, and its text for the visitor."""

    name: str
    text: str


def advise(hyper: Hyper, eta_limit: float | None, saturated: float) -> tuple[Advice, ...]:
    """Return the advice on settings.

    Args:
        hyper: the settings.
        eta_limit: smallest magnitude of the learning rate at which theory predicts instability;
            None if unknown.
        saturated: share of the weights now at the bound, 0 to 1.
    """
    eta, sign = float(hyper.eta), float(hyper.sign_value)
    bound = float(hyper.w_bound)
    pull = float(hyper.prior_l1) + float(hyper.prior_l2)
    found = []
    if eta * sign * pull > 0:
        why = f"Under sign {sign:+g} the prior is reversed as well: it grows weights."
        if pull < 0:
            why = "λ is below zero: the prior grows weights."
        elif eta < 0:
            why = "η is below zero, which reverses the prior: it grows weights."
        found.append(Advice("prior grows weights", why))
    if hyper.is_nonnegative and bound == 0:
        found.append(Advice("non-negative idle", "“Non-negative” does nothing while w_bound is 0."))
    if eta_limit is not None and abs(eta) >= eta_limit:
        found.append(
            Advice(
                "eta past the limit",
                f"η is past the stability limit {eta_limit:.3g}: weights overshoot and oscillate.",
            )
        )
    if bound > 0 and pull == 0 and eta != 0 and saturated >= STUCK:
        found.append(
            Advice(
                "stuck at the bound",
                f"{saturated:.0%} of the weights are stuck at the bound, where the Hebbian term is "
                "zero. Only a prior can free them.",
            )
        )
    return tuple(found)


def broken(step: int, settings: Settings) -> str:
    """Return the message for weights that became non-finite at ``step``; it says which knobs to turn."""
    what = f"stopped being finite at step {step}. The last finite frame is kept."
    if settings.twin is not None:
        return (
            f"Weights of one of the twins {what} Turn down its η or set a bound, then press Reset."
        )
    hyper = settings.hyper
    knobs = [f"η (now {float(hyper.eta):g})"]
    if hyper.w_bound == 0:
        knobs.append("or set a bound (w_bound is 0, so nothing holds weights back)")
    if hyper.eta * hyper.sign_value * (hyper.prior_l1 + hyper.prior_l2) > 0:
        knobs.append("or the prior, which grows weights under this sign")
    return (
        f"Weights {what} Turn down {', '.join(knobs)}, then press Reset: from weights of this size, "
        "Play would break again."
    )
