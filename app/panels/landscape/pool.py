"""Executor for maps: one process of lower priority than the server, or a cluster."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from concurrent.futures import Executor, ProcessPoolExecutor

__all__ = ["SCHEDULER", "close", "executor"]

#: Environment variable with the address of a dask.distributed scheduler to compute maps on.
SCHEDULER = "HEBB_SCHEDULER"

# Niceness of the process. Frames come first; on a small machine, a higher value would make maps
# wait for the browser.
_NICE = 3

# Maximum number of chunks submitted; they are computed even if the map is stopped.
_AHEAD = 2

_lock = threading.Lock()
_shared: tuple[Executor, int] | None = None
_exits = contextlib.ExitStack()


def _begin() -> None:
    """Initialise the process: lower its priority, and end it when the server ends."""
    # Ctrl+C in a terminal reaches this process too, but only the server should react to it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    server = multiprocessing.parent_process()
    assert server is not None

    def end() -> None:
        server.join()
        os._exit(0)

    threading.Thread(target=end, daemon=True, name="hebb-watch").start()


def executor() -> tuple[Executor, int]:
    """Return the executor of this server, and the number of chunks to submit at a time.

    The executor is started by the first call. Calls are thread-safe.

    Raises:
        ImportError: :data:`SCHEDULER` is set, but dask.distributed is not installed.
        OSError: no scheduler answers at its address.
    """
    global _shared
    with _lock:
        if _shared is None:
            address = os.environ.get(SCHEDULER)
            if address:
                from hebb_core.sweep.cluster import cluster_executor

                _shared = _exits.enter_context(cluster_executor(address))
            else:
                # Spawned, since a fork would inherit locks of JAX's threads without the threads.
                context = multiprocessing.get_context("spawn")
                workers = ProcessPoolExecutor(1, context, _begin)
                _exits.callback(workers.shutdown, wait=False, cancel_futures=True)
                _shared = workers, _AHEAD
        return _shared


def discard(broken: Executor) -> None:
    """Discard ``broken``, whose workers have died; the next map starts a new executor."""
    with _lock:
        if _shared is None or _shared[0] is not broken:
            return
    close()


def close() -> None:
    """Shut down the executor without waiting for running chunks."""
    global _shared
    with _lock:
        _shared = None
        _exits.close()
