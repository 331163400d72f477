"""Result of an analysis that does not apply to a run."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NotApplicable"]


@dataclass(frozen=True)
class NotApplicable:
    """Returned in place of a result by an analysis that does not apply to the run.

    Attributes:
        reason: why, in plain words for the visitor.
    """

    reason: str
