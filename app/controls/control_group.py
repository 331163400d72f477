"""Base classes of all groups of controls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import param

__all__ = ["ControlGroup", "Groups"]


class ControlGroup(param.Parameterized):
    """A group of controls: param parameters, a title and a tone (its colour in the style sheet)."""

    title: ClassVar[str] = ""
    tone: ClassVar[str] = ""

    def control_names(self) -> list[str]:
        """Return the names of the controls in the order in which they are shown."""
        return [name for name in self.param if name != "name"]

    def relevant(self, control: str) -> bool:
        """Return whether ``control`` has an effect under the current settings."""
        return True


class Groups:
    """A collection of control groups that can be iterated over and watched as one.

    Attributes:
        groups: the groups, in order.
    """

    groups: tuple[ControlGroup, ...]

    def __iter__(self) -> Iterator[tuple[ControlGroup, str]]:
        """Yield ``(group, control name)`` for every control."""
        for group in self.groups:
            for control in group.control_names():
                yield group, control

    def watch(self, call: Callable[[set[str]], None]) -> None:
        """Call ``call`` after each change, with the names of the controls that changed."""
        for group in self.groups:
            group.param.watch(
                lambda *events: call({event.name for event in events}), group.control_names()
            )
