"""Hebbscope: a web page on which a Hebbian synapse learns live.

When installed, this folder is the package ``hebbscope``: ``from hebbscope import Dashboard``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax

if TYPE_CHECKING:
    from .page.dashboard import Dashboard

__all__ = ["Dashboard"]

# Callers of the engine wait for its result, in threads of their own: dispatching the work to a
# thread of JAX would only add the time to wake that thread.
jax.config.update("jax_cpu_enable_async_dispatch", False)


def __getattr__(name: str) -> Any:
    # Imported lazily: Panel takes a second to import, which `hebbscope --help` need not wait for.
    if name == "Dashboard":
        from .page.dashboard import Dashboard

        return Dashboard
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
