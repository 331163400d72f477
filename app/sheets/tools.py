"""The sheets over the page, opened from its head: each a component of its own."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TOOLS", "Tool"]

_ICONS = {
    "lessons": "M4 5.5C6.5 4 9.5 4 12 5.5V19c-2.5-1.5-5.5-1.5-8 0zM20 5.5C17.5 4 14.5 4 12 5.5V19c2.5-1.5 5.5-1.5 8 0z",
    "notes": "M6 4h12v16l-6-4-6 4z",
    "share": "M12 15V4M8 8l4-4 4 4M5 12v8h14v-8",
    "files": "M12 4v11M8 11l4 4 4-4M5 19h14",
    "draw": "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
}


@dataclass(frozen=True)
class Tool:
    """A sheet and the button that opens it.

    Attributes:
        name: what the page and its address call it.
        label: on the button.
        title: over the sheet.
        explanation: what it is for.
    """

    name: str
    label: str
    title: str
    explanation: str

    @property
    def icon(self) -> str:
        """Its picture, as SVG."""
        return (
            '<svg viewBox="0 0 24 24" width="17" height="17" aria-hidden="true" fill="none" '
            'stroke="currentColor" stroke-width="2" stroke-linecap="round" '
            f'stroke-linejoin="round"><path d="{_ICONS[self.name]}"/></svg>'
        )


#: Every sheet, in the order of the buttons.
TOOLS = (
    Tool("lessons", "Lessons", "Lessons", "Guided experiments: predict, run, understand"),
    Tool("draw", "Draw", "Draw patterns", "Paint your own pre and target patterns, or upload them"),
    Tool("notes", "Notes", "Compare notes", "Keep the present settings, and come back to them"),
    Tool("share", "Share", "Share this bench", "A link that opens exactly this, and its QR code"),
    Tool("files", "Take away", "Take it away", "Save and open runs, code, pictures, data"),
)
