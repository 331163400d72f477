"""The bench: a page on which a Hebbian synapse learns in front of the visitor.

Installed, this folder is the package ``hebbscope``: ``from hebbscope import Dashboard``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax

if TYPE_CHECKING:
    from .page.dashboard import Dashboard

__all__ = ["Dashboard"]

# Whoever calls the engine waits for it, in a thread of its own: handing the work on to a thread of
# JAX's would only add the time it takes to wake that one up.
jax.config.update("jax_cpu_enable_async_dispatch", False)


def __getattr__(name: str) -> Any:
    # Not at once: the command line and the lessons do without Panel.
    if name == "Dashboard":
        from .page.dashboard import Dashboard

        return Dashboard
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
