"""Python source as text, laid out so that ``ruff format`` does not change it."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import numpy as np

__all__ = ["call", "docstring", "import_lines", "literal", "rows_literal"]

_WIDTH = 100


def docstring(title: str, *paragraphs: str) -> str:
    """Return a docstring with a title and wrapped paragraphs."""
    filled = (textwrap.fill(text, _WIDTH, break_on_hyphens=False) for text in paragraphs)
    return '"""' + "\n\n".join([title, *filled]) + '\n"""'


def import_lines(*imports: tuple[str, ...]) -> str:
    """Return one sorted ``from … import`` line for each ``(module, name, …)``."""
    lines = []
    for module, *names in sorted(imports):
        # Ruff's order: constants, then classes, then functions.
        names.sort(key=lambda name: (not name.isupper(), name[0].islower(), name))
        lines.append(f"from {module} import {', '.join(names)}")
    return "\n".join(lines)


def call(name: str, *arguments: str) -> str:
    """Return the source of a call; if it has several arguments, each is on a line of its own."""
    if len(arguments) <= 1:
        return f"{name}({', '.join(arguments)})"
    lines = (textwrap.indent(argument, "    ") + ",\n" for argument in arguments)
    return f"{name}(\n{''.join(lines)})"


def literal(value: Any) -> str:
    """Return a literal equal to ``value``: a string, bool, number, or a tuple of them."""
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, (bool, np.bool_)):
        return repr(bool(value))
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    return repr(int(value) if isinstance(value, (int, np.integer)) else float(value))


def rows_literal(rows: np.ndarray) -> str:
    """Return a list of lists equal to float32 ``rows`` ``(k, n)``; needs ``# fmt: off``."""
    lines = (
        textwrap.fill(
            f"[{', '.join(map(_shortest, row))}],",
            _WIDTH,
            initial_indent="    ",
            subsequent_indent="     ",
            break_on_hyphens=False,
        )
        for row in rows
    )
    return "\n".join(["[", *lines, "]"])


def _shortest(value: np.float32) -> str:
    whole = value == int(value) and abs(value) < 1000
    # An integer cannot be −0.
    return str(value) if not whole or (value == 0 and np.signbit(value)) else str(int(value))
