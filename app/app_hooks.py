"""Hooks that Bokeh calls by name when ``panel serve app`` starts and stops."""

from __future__ import annotations

import gc
from typing import Any


def on_server_loaded(server_context: Any) -> None:
    """Import and compile what the first visitor would otherwise wait for."""
    # Dashboard is imported for its side effect: its first import loads the whole page.
    from hebbscope import Dashboard, warmup  # noqa: F401
    from hebbscope.host import versions

    versions.warn()
    warmup.start()
    # About a million objects of imported libraries live as long as the server. Frozen, they are
    # skipped by the garbage collector; a collection of them all would delay a frame by 0.1 s.
    gc.collect()
    gc.freeze()


def on_server_unloaded(server_context: Any) -> None:
    """Stop the warm-up and the process that computes maps."""
    from hebbscope import warmup
    from hebbscope.panels.landscape import pool

    warmup.stop()
    pool.close()
