"""The table of results, as text and as Markdown for the README beside this file."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass

__all__ = ["Row", "machine", "markdown"]


@dataclass(frozen=True)
class Row:
    """One measurement: what it is, ours, theirs, and what was asked of the ratio."""

    what: str
    ours: str
    theirs: str
    ratio: float | None
    wanted: float | None
    met: bool

    @classmethod
    def faster(cls, what: str, ours: float, theirs: float, unit: str, wanted: float | None) -> Row:
        """A row in which less is better."""
        ratio = theirs / ours
        return cls(
            what,
            f"{ours:.3g} {unit}",
            f"{theirs:.3g} {unit}",
            ratio,
            wanted,
            wanted is None or ratio >= wanted,
        )

    @classmethod
    def more(cls, what: str, ours: float, theirs: float, unit: str, wanted: float | None) -> Row:
        """A row in which more is better."""
        ratio = ours / theirs
        return cls(
            what,
            f"{ours:.3g} {unit}",
            f"{theirs:.3g} {unit}",
            ratio,
            wanted,
            wanted is None or ratio >= wanted,
        )


def markdown(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| measured | Hebbscope | compared to | ratio | wanted | |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:,.3g}×"
        wanted = "" if row.wanted is None else f"≥ {row.wanted:g}×"
        lines.append(
            f"| {row.what} | {row.ours} | {row.theirs} | {ratio} | {wanted} | "
            f"{'' if row.wanted is None else 'met' if row.met else 'missed'} |"
        )
    return "\n".join(lines)


def machine() -> str:
    """Say in a line what machine this is."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            model = next(line.split(":")[1].strip() for line in info if "model name" in line)
    except (OSError, StopIteration):
        pass
    import bokeh
    import holoviews
    import jax
    import panel

    return (
        f"{os.cpu_count()} cores ({model}), no GPU, {platform.system()}, Python "
        f"{platform.python_version()}, jax {jax.__version__}, panel {panel.__version__}, bokeh "
        f"{bokeh.__version__}, holoviews {holoviews.__version__}"
    )
