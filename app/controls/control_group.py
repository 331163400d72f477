"""What all groups of controls have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import param

__all__ = ["ControlGroup", "Groups"]


class ControlGroup(param.Parameterized):
    """A group of controls: a title, a tone (its colour in the style sheet) and parameters."""

    title: ClassVar[str] = ""
    tone: ClassVar[str] = ""

    def control_names(self) -> list[str]:
        """Return the names of its controls, in the order they are shown."""
        return [name for name in self.param if name != "name"]

    def relevant(self, control: str) -> bool:
        """Whether ``control`` means anything under the present settings."""
        return True


class Groups:
    """Some groups of controls, gone through and watched together.

    Attributes:
        groups: the groups, in order.
    """

    groups: tuple[ControlGroup, ...]

    def __iter__(self) -> Iterator[tuple[ControlGroup, str]]:
        """Yield every ``(group, control)``."""
        for group in self.groups:
            for control in group.control_names():
                yield group, control

    def watch(self, call: Callable[[set[str]], None]) -> None:
        """Call ``call`` with the names of the controls that just changed, after each change."""
        for group in self.groups:
            group.param.watch(
                lambda *events: call({event.name for event in events}), group.control_names()
            )
