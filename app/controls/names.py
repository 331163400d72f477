"""Names that visitors give, as they may stand on the page."""

from __future__ import annotations

__all__ = ["plain_name"]


def plain_name(text: str, longest: int) -> str:
    """Return ``text`` as a name: printable, on one line, without blanks around it.

    Args:
        text: may be anything, of any length.
        longest: most characters of the name.
    """
    # What is longer than that is no name, and not worth going through.
    seen = "".join(letter if letter.isprintable() else " " for letter in text[: 8 * longest])
    return " ".join(seen.split())[:longest].rstrip()
