"""The answer of an analysis that does not apply to a run."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NotApplicable"]


@dataclass(frozen=True)
class NotApplicable:
    """The analysis does not apply to this run.

    Attributes:
        reason: why, in one plain sentence for the visitor.
    """

    reason: str
