"""Run every measurement, or those named: ``python -m tests.bench [core] [change] [frames] [everything] [start]
[early] [latency]
[sweep] [map] [cluster]``."""

from __future__ import annotations

import sys

from . import core, page, start, sweeps
from .table import Row, machine, markdown

PARTS = {
    "core": core.step_rows,
    "change": lambda: [core.change_row()],
    "frames": page.frame_rows,
    "everything": lambda: [page.everything_row()],
    "start": start.start_rows,
    "early": lambda: [start.early_row()],
    "latency": lambda: [page.latency_row()],
    "sweep": sweeps.sweep_rows,
    "map": sweeps.map_rows,
    "cluster": sweeps.cluster_rows,
}


def main(names: list[str]) -> int:
    """Print the table; 1 if a row missed what was wanted of it."""
    unknown = sorted(set(names) - set(PARTS))
    if unknown:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in names or PARTS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += PARTS[name]()
    print(markdown(rows))
    print()
    print(machine())
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
