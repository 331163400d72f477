"""Names entered by visitors, made safe to show on the page."""

from __future__ import annotations

__all__ = ["plain_name"]


def plain_name(text: str, longest: int) -> str:
    """Return the start of ``text`` as one printable line, with runs of white space collapsed.

    Args:
        text: any text of any length.
        longest: maximum length of the name, in characters.
    """
    # Bounds the work for a very long text.
    seen = "".join(letter if letter.isprintable() else " " for letter in text[: 8 * longest])
    return " ".join(seen.split())[:longest].rstrip()
