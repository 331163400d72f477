"""Names and texts of the sheets, and the icons of the buttons that open them."""

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
        name: its name in the code and in the HTML of the page.
        label: label of the button.
        title: heading of the sheet.
        explanation: tooltip of the button.
    """

    name: str
    label: str
    title: str
    explanation: str

    @property
    def icon(self) -> str:
        """The icon of the button, as SVG."""
        return (
            '<svg viewBox="0 0 24 24" width="17" height="17" aria-hidden="true" fill="none" '
            'stroke="currentColor" stroke-width="2" stroke-linecap="round" '
            f'stroke-linejoin="round"><path d="{_ICONS[self.name]}"/></svg>'
        )


#: All sheets, in the order of their buttons.
TOOLS = (
    Tool("lessons", "Lessons", "Lessons", "Guided experiments: predict, run, understand"),
    Tool("draw", "Draw", "Draw patterns", "Paint your own pre and target patterns, or upload them"),
    Tool("notes", "Notes", "Notes", "Save the current settings, and return to them later"),
    Tool("share", "Share", "Share this page", "A link to this page with its settings; QR code"),
    Tool("files", "Files", "Files", "Save and open runs; export code, pictures and data"),
)
