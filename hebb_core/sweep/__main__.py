"""Command line of sweeps: ``python -m hebb_core.sweep CONFIG.toml --out result.npz``."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from .axes import Plan
from .cluster import cluster_executor
from .config import EXAMPLE, read_config
from .finished_chunks import Parts
from .result import SweepResult
from .running import MAX_BYTES, chunked, stream

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m hebb_core.sweep",
        description="Run every combination of some hyperparameters and write the outcomes of each.",
        epilog=f"Example CONFIG.toml that uses every table:\n\n{EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("config", type=Path, metavar="CONFIG.toml", help="the sweep to run")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="RESULT.npz",
        help="output file; if the command is killed, run it again to resume the sweep",
    )
    parser.add_argument(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="address of a dask.distributed scheduler to run on (needs the extra [cluster])",
    )
    parser.add_argument(
        "--max-mib",
        type=int,
        default=MAX_BYTES // 2**20,
        metavar="N",
        help="memory limit for the cells that run together (default %(default)s MiB)",
    )
    return parser


@contextlib.contextmanager
def _where(scheduler: str | None) -> Iterator[tuple[Executor | None, int]]:
    if scheduler is None:
        yield None, 1
        return
    with cluster_executor(scheduler) as where:
        yield where


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if the result was written, 2 if an input or output is unusable."""
    asked = _parser().parse_args(arguments)
    try:
        plan = read_config(asked.config.read_text(encoding="utf-8"))
        chunks, at_once = chunked(plan, asked.max_mib * 2**20)
    except (OSError, ValueError, TypeError) as error:
        return _refuse(asked.config, error)
    try:
        if asked.out.is_dir():
            raise IsADirectoryError("is a directory; name a file")
        parts = Parts(asked.out, plan, at_once)
    except (OSError, ValueError) as error:
        return _refuse(asked.out, error)
    with contextlib.ExitStack() as stack:
        try:
            executor, ahead = stack.enter_context(_where(asked.scheduler))
        except (ImportError, OSError) as error:
            return _refuse(asked.scheduler, error)
        try:
            result = _run(plan, chunks, at_once, parts, executor, ahead)
            result.save(asked.out)
            parts.drop()
        except OSError as error:
            return _refuse(asked.out, error)
    return 0


def _refuse(what: object, why: Exception) -> int:
    print(f"{what}: {why}", file=sys.stderr)
    return 2


def _run(
    plan: Plan,
    chunks: list[np.ndarray],
    at_once: int,
    parts: Parts,
    executor: Executor | None,
    ahead: int,
) -> SweepResult:
    result, left = SweepResult.empty(plan), []
    with tqdm(total=plan.cells, unit="cell", smoothing=0.1) as bar:
        for cells in chunks:
            kept = parts.find(cells)
            if kept is None:
                left.append(cells)
                continue
            result.fill(kept)
            bar.update(len(cells))
        # Chunks found on disk took no time: keep them out of the estimated rate.
        bar.unpause()
        for chunk in stream(plan, left, at_once, executor=executor, ahead=ahead):
            parts.keep(chunk)
            result.fill(chunk)
            bar.update(len(chunk.cells))
    return result


if __name__ == "__main__":
    sys.exit(main())
