"""Description of a panel, and base class of its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..session.view import View
from .context import PanelContext

__all__ = ["Panel", "PanelSpec"]


@dataclass(frozen=True)
class PanelSpec:
    """Description of a panel, the source of its switch, card, URL name, documentation and tests.

    Attributes:
        name: its name in the URL and in the code.
        label: text on its switch.
        explanation: what it shows, in one sentence.
        share: width of its card relative to the others.
        min_width: narrowest width of its card, in pixels.
        opened: whether it is open when the page opens.
        figures: the plots that it exports as pictures: their names in the browser -> label.
        exclusive: whether opening it closes the other exclusive panels, since two exclusive panels
            do not fit side by side.
    """

    name: str
    label: str
    explanation: str
    share: float
    min_width: int
    opened: bool = False
    exclusive: bool = False
    figures: Mapping[str, str] = field(default_factory=dict)


class Panel:
    """The content of a card under the maps.

    A panel that draws frames is a :class:`app.session.view.View` as well.

    Args:
        context: the services of the page.

    Attributes:
        spec: its description.
        panel: what Panel places in the card; set by the subclass.
    """

    spec: ClassVar[PanelSpec]
    panel: Any

    def __init__(self, context: PanelContext) -> None:
        self.context = context

    @property
    def is_open(self) -> bool:
        """True if the panel is shown."""
        return getattr(self.context.controls.panels, self.spec.name)

    def open(self) -> None:
        """Show the panel."""
        setattr(self.context.controls.panels, self.spec.name, True)

    @property
    def views(self) -> tuple[View, ...]:
        """The views that the session draws for this panel."""
        return (self,) if isinstance(self, View) else ()

    def start(self) -> None:
        """Start background work; called on the event loop once the page has loaded."""

    def stop(self) -> None:
        """Discard pending work; called when the visitor has left."""
