"""Where maps are computed: a process of its own that gives way to frames, or a cluster."""

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

# Enough that frames come first; more, and a map would wait for the browser on a small machine.
_NICE = 3

# Chunks that the process is given at once: what a stopped map still costs.
_AHEAD = 2

_lock = threading.Lock()
_shared: tuple[Executor, int] | None = None
_exits = contextlib.ExitStack()


def _begin() -> None:
    """Set up the process: it computes when nobody else wants to, and ends with the server."""
    # Ctrl+C in a terminal reaches this process too; the server is what it is meant for.
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
    """Return the executor of this server, and how many chunks to hand it at once; from any thread.

    It is started when it is first wanted.

    Raises:
        ImportError: a cluster is asked for, but dask.distributed is not installed.
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
                # Spawned: a fork would inherit JAX's threads without their threads running.
                context = multiprocessing.get_context("spawn")
                workers = ProcessPoolExecutor(1, context, _begin)
                _exits.callback(workers.shutdown, wait=False, cancel_futures=True)
                _shared = workers, _AHEAD
        return _shared


def discard(broken: Executor) -> None:
    """Let go of ``broken``, whose workers are gone; the next map starts another."""
    with _lock:
        if _shared is None or _shared[0] is not broken:
            return
    close()


def close() -> None:
    """Let go of the executor; what it computes now is forgotten."""
    global _shared
    with _lock:
        _shared = None
        _exits.close()
