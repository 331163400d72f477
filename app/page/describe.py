"""Builds the READMEs' tables of controls and panels from their definitions in the code.

``python -m hebbscope.page.describe`` writes the tables into the READMEs of a checkout.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import param

from ..controls.knobs import Choice, Knob
from ..panels.registry import PANELS, BenchControls

__all__ = ["controls_table", "panels_table", "write_tables"]


def _range(described: param.Parameter) -> str:
    if isinstance(described, Choice):
        return ", ".join(described.objects)
    if isinstance(described, Knob):
        low, high = described.bounds or (-math.inf, math.inf)
        return f"{low:g} … {high:g}"
    return "false, true"


def controls_table() -> str:
    """Return a Markdown table of all controls: URL name, default, range and explanation."""
    lines = [
        "| control | in the address | default | range | what it does |",
        "|---|---|---|---|---|",
    ]
    for group, control in BenchControls():
        described = group.param[control]
        default = described.default
        shown = str(default).lower() if isinstance(default, bool) else f"{default}"
        lines.append(
            f"| {group.title}: {described.label} | `{control}` | {shown} | {_range(described)} | "
            f"{' '.join((described.doc or '').split())} |"
        )
    return "\n".join(lines)


def panels_table() -> str:
    """Return a Markdown table of every panel: its label and what it shows."""
    lines = ["| panel | what it shows |", "|---|---|"]
    lines += [f"| {panel.spec.label} | {panel.spec.explanation} |" for panel in PANELS.values()]
    return "\n".join(lines)


def write_tables(root: Path) -> None:
    """Replace both tables in the READMEs of a checkout.

    Args:
        root: the folder of the checkout.

    Raises:
        ValueError: a README lacks its table, or contains it more than once.
    """
    for file, table in (
        ("README.md", panels_table()),
        ("app/controls/README.md", controls_table()),
    ):
        text = (root / file).read_text(encoding="utf-8")
        head = re.escape(table.splitlines()[0])
        written, tables = re.subn(
            rf"^{head}\n(\|.*\n)+", lambda _, table=table: table + "\n", text, flags=re.M
        )
        if tables != 1:
            raise ValueError(f"{file} must hold one table that begins with {table.splitlines()[0]}")
        (root / file).write_text(written, encoding="utf-8")


if __name__ == "__main__":
    write_tables(Path(__file__).parents[2])
