"""A cluster of ``dask.distributed``, as the executor that a sweep takes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any

__all__ = ["cluster_executor"]

_PATIENCE = 10  # s to wait for a scheduler


@contextlib.contextmanager
def cluster_executor(address: str) -> Iterator[tuple[Executor, int]]:
    """Give the executor of the cluster whose scheduler listens at ``address``.

    With it comes the number of chunks to hand it at once.

    A chunk whose worker dies is run again by another. The workers need this package.

    Args:
        address: such as ``tcp://127.0.0.1:8786``.

    Raises:
        ImportError: dask.distributed is not installed.
        OSError: no scheduler answers there.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ImportError(
            "a cluster needs dask.distributed: pip install 'hebbscope[cluster]'"
        ) from error
    # Not as context managers: theirs must be left in the thread that entered them.
    client: Any = Client(address, timeout=_PATIENCE, set_as_default=False)
    executor = client.get_executor()
    try:
        # A coroutine only to callers that are coroutines themselves.
        threads: Any = client.nthreads()
        yield executor, 2 * max(1, sum(threads.values()))
    finally:
        executor.shutdown(wait=False)
        client.close()
