"""Changes made during a run (moved controls, edited weights) that its settings do not record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Provenance"]

_MOST_NAMES = 500
_LONGEST_NAME = 64


@dataclass(frozen=True)
class Provenance:
    """Changes during a run that its current settings do not record.

    Attributes:
        moved: names of the controls that were moved after the first step.
        by_hand: step after which weights of synapse A were first set by hand; None if never.
        other_start: whether the run started from imported weights.
        untold: whether the run comes from a file that does not record such changes.
    """

    moved: frozenset[str] = frozenset()
    by_hand: int | None = None
    other_start: bool = False
    untold: bool = False

    def move(self, controls: Collection[str], step: int) -> Provenance:
        """Return a copy that records that ``controls`` were moved after ``step``.

        Moves before the first step are not recorded: no step was taken under the old settings.
        """
        return replace(self, moved=self.moved | frozenset(controls)) if step > 0 else self

    def set_by_hand(self, step: int) -> Provenance:
        """Return a copy that records that a weight was set by hand after ``step``."""
        return self if self.by_hand is not None else replace(self, by_hand=step)

    def back_to(self, step: int) -> Provenance:
        """Return a copy for a run that continues from its past ``step``.

        Moved controls remain recorded unless ``step`` is 0, since earlier steps may have had other
        settings. Weights set by hand are removed from the record if they were set after ``step``.
        """
        by_hand = None if self.by_hand is not None and step < self.by_hand else self.by_hand
        return replace(self, by_hand=by_hand, moved=self.moved if step > 0 else frozenset())

    def only(self, controls: Collection[str], *, by_hand: bool) -> Provenance:
        """Return a copy limited to ``controls``, and to weights set by hand only if ``by_hand``."""
        return replace(
            self,
            moved=self.moved & frozenset(controls),
            by_hand=self.by_hand if by_hand else None,
        )

    def sentence(self) -> str:
        """Return why a script of the settings may not reproduce the run; empty if it does."""
        reasons = []
        if self.moved:
            reasons.append(f"controls were moved during the run ({', '.join(sorted(self.moved))})")
        if self.by_hand is not None:
            reasons.append(f"weights were set by hand after step {self.by_hand}")
        if self.other_start:
            reasons.append("it started from imported weights")
        told = ""
        if reasons:
            *first, last = reasons
            listed = f"{', '.join(first)}, and {last}" if first else last
            told = (
                f"The settings alone do not reproduce this run: {listed}. The script uses the "
                "current settings from its first step on, and gives another result."
            )
        if self.untold:
            told += (
                f"{' ' * bool(told)}The file that this run was opened from does not say what was "
                "changed during the run, so the script may give another result."
            )
        return told

    def noted(self) -> dict[str, Any]:
        """Return the record as JSON values, for :meth:`read`."""
        return {
            "moved": sorted(self.moved),
            "by_hand": self.by_hand,
            "other_start": self.other_start,
            "untold": self.untold,
        }

    @classmethod
    def read(cls, noted: Any) -> Provenance:
        """Return the record that :meth:`noted` has written to a file, which is untrusted.

        Args:
            noted: any value; if it is not a valid record, only ``untold`` is set.
        """
        match noted:
            case {
                "moved": list(moved),
                "by_hand": (int() | None) as by_hand,
                "other_start": bool(other_start),
                "untold": bool(untold),
            } if (
                len(moved) <= _MOST_NAMES
                and all(map(_is_name, moved))
                and (by_hand is None or (not isinstance(by_hand, bool) and 0 <= by_hand < 2**31))
            ):
                return cls(frozenset(moved), by_hand, other_start, untold)
        return cls(untold=True)


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and len(name) <= _LONGEST_NAME and name.isidentifier()
