"""A ``dask.distributed`` cluster as the executor of a sweep."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any

__all__ = ["cluster_executor"]

_PATIENCE = 10  # seconds to wait for a scheduler


@contextlib.contextmanager
def cluster_executor(address: str) -> Iterator[tuple[Executor, int]]:
    """Connect to a cluster; yield its executor and the number of chunks to submit at a time.

    A chunk whose worker dies is run again by another worker. The workers need this package.

    Args:
        address: address of the scheduler, such as ``tcp://127.0.0.1:8786``.

    Raises:
        ImportError: dask.distributed is not installed.
        OSError: no scheduler answers at ``address``.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ImportError(
            "a cluster needs dask.distributed: pip install 'hebbscope[cluster]'"
        ) from error
    # Not used as context managers: those must exit in the thread that entered them.
    client: Any = Client(address, timeout=_PATIENCE, set_as_default=False)
    executor = client.get_executor()
    try:
        # Typed as Any, since nthreads() returns a coroutine if called from one.
        threads: Any = client.nthreads()
        yield executor, 2 * max(1, sum(threads.values()))
    finally:
        executor.shutdown(wait=False)
        client.close()
